internal import School

/// What one request of an AAF file says, as it is read; either the person or the school of it is the record.
struct AAFRecord {
    /// The register's format: the first degree writes links and places otherwise.
    let format: Register.Format
    /// The identifier of the request.
    var key = ""
    var category: AAFCategory?
    /// Whether the request says what it is about.
    var hasCategory = false
    /// What a `modifyRequest` states.
    var fields: RecordFields = []
    /// Which attributes have a value in a form nobody understands.
    var oddities: [AAFAttribute] = []
    private(set) var person = PersonRecord(.pupil, key: "")
    private(set) var school = SchoolRecord(key: "")
    private var formation = ""
    private var otherUAI: UAI?

    init(_ format: Register.Format) { self.format = format }

    /// Takes one value of an attribute; an empty one is none.
    mutating func take(_ value: ByteText, of attribute: AAFAttribute) {
        guard !value.isEmpty else { return }
        switch attribute {
        case .categoriePersonne, .categorieStructure, .categorieMef, .categorieMatiere:
            hasCategory = true
            category = AAFCategory(rawValue: value.string)
        case .birthName: Self.first(value, &person.birthName)
        case .usageName, .usageName1D: Self.first(value, &person.usageName)
        case .givenName, .givenName1D: Self.first(value, &person.givenName)
        case .otherGivenNames: person.otherGivenNames.append(value.string)
        case .civility, .civility1D: Self.first(value, &person.civility)
        case .birthDate: Self.first(value, &person.birthDate)
        case .mail, .mail1D: Self.first(value, &person.mail)
        case .postalCode: Self.first(value, &person.postalCode)
        case .ine: Self.first(value, &person.ine)
        case .fileNumber: Self.first(value, &person.fileNumber)
        case .mef, .level1D: Self.first(value, &person.level)
        case .formation: if formation.isEmpty { formation = value.string }
        case .mobile, .mobile1D: person.mobiles.append(value.string)
        case .smsMobile: person.smsMobiles.append(value.string)
        case .schools: person.schools.append(value.string)
        case .classes, .classes1D: if let place = place(value, of: attribute) { person.classes.append(place) }
        case .groups, .groups1D: if let place = place(value, of: attribute) { person.groups.append(place) }
        case .functions: takeFunction(value)
        case .responsibles: takeResponsible(value)
        case .responsibles1D, .pupils1D: takeLink1D(value, of: attribute)
        default: takeOfSchool(value, of: attribute)
        }
    }

    /// The person, once the whole request is read.
    func person(_ kind: PersonKind) -> PersonRecord {
        var person = person
        person.kind = kind
        person.key = key
        if person.level.isEmpty { person.level = formation }
        for index in person.links.indices {
            if kind == .pupil { person.links[index].pupil = key } else { person.links[index].responsible = key }
        }
        return person
    }

    /// The school, once the whole request is read.
    func finishedSchool() -> SchoolRecord {
        var school = school
        school.key = key
        school.uai = school.uai ?? otherUAI
        return school
    }

    // A field of one value keeps the first that says something.
    private static func first(_ value: ByteText, _ field: inout String) {
        if field.isEmpty { field = value.string }
    }
}

extension AAFRecord {
    private mutating func takeOfSchool(_ value: ByteText, of attribute: AAFAttribute) {
        switch attribute {
        case .uai, .otherUAI:
            guard let uai = UAI(value.string) else { return oddities.append(attribute) }
            if attribute == .uai { school.uai = uai } else { otherUAI = uai }
        case .name: if school.name.isEmpty { school.name = value.string }
        case .type: if school.type.isEmpty { school.type = value.string }
        case .schoolPostalCode, .schoolPostalCode1D: if school.postalCode.isEmpty { school.postalCode = value.string }
        case .town, .town1D: if school.town.isEmpty { school.town = value.string }
        case .schoolClasses: if let record = classRecord(value, of: attribute) { school.classes.append(record) }
        case .schoolGroups: if let record = classRecord(value, of: attribute) { school.groups.append(record) }
        default: break
        }
    }

    /// `code$label$MEF…`. In the first degree a value of five parts is taken as those of the pupils are (a guess: no file
    /// of the first degree with classes of schools has been seen).
    private mutating func classRecord(_ value: ByteText, of attribute: AAFAttribute) -> ClassRecord? {
        let parts = value.parts(limit: 6)
        if format == .aaf1D, parts.count == 5, !parts[4].isEmpty {
            return ClassRecord(code: parts[4].string, label: parts[4].string)
        }
        guard !parts[0].isEmpty else {
            oddities.append(attribute)
            return nil
        }
        return ClassRecord(code: parts[0].string, label: parts.count > 1 ? parts[1].string : "")
    }

    /// `struct$code`; in the first degree five parts, of which the fifth is the label, which is the code here.
    private mutating func place(_ value: ByteText, of attribute: AAFAttribute) -> ClassPlace? {
        let parts = value.parts(limit: 6)
        let code = attribute == .classes1D || attribute == .groups1D ? 4 : 1
        guard parts.count == code + 1, !parts[0].isEmpty, !parts[code].isEmpty else {
            oddities.append(attribute)
            return nil
        }
        return ClassPlace(school: parts[0].string, code: parts[code].string)
    }

    /// `struct$code$label$discipline code$discipline label`; all but the first two may be missing.
    private mutating func takeFunction(_ value: ByteText) {
        let parts = value.parts(limit: 8)
        guard parts.count >= 2, !parts[0].isEmpty, !parts[1].isEmpty else { return oddities.append(.functions) }
        person.functions.append(
            StaffFunction(
                school: parts[0].string, code: parts[1].string, label: parts.count > 2 ? parts[2].string : "",
                discipline: parts.count > 4 ? parts[4].string : ""))
    }

    /// `idPersonne$lien$respFinancier$respLegal$contact$paiement`. Another number of parts says nothing of the legal
    /// level that could be believed: the link stands, without a level.
    private mutating func takeResponsible(_ value: ByteText) {
        guard format == .aaf2D else { return }
        let parts = value.parts(limit: 8)
        if parts.count != 6 || parts[0].isEmpty { oddities.append(.responsibles) }
        guard !parts[0].isEmpty else { return }
        let isWhole = parts.count == 6
        person.links.append(
            LinkRecord(
                pupil: "", responsible: parts[0].string, kindCode: isWhole ? parts[1].string : "",
                level: isWhole && !parts[3].isEmpty ? .respLegal(parts[3].string) : .absent))
    }

    /// The links of the first degree. Certain: `ENTEleveAutoriteParentale` of a pupil names those who have parental
    /// authority, `ENTPersRelEleveEleve` of a responsible names children and no level. Guessed: what stands before the
    /// first `$`, or the whole value, is the key. In the second degree the former is given up, and not read.
    private mutating func takeLink1D(_ value: ByteText, of attribute: AAFAttribute) {
        guard format == .aaf1D else { return }
        let key = value.parts(limit: 2)[0]
        guard !key.isEmpty else { return oddities.append(attribute) }
        person.links.append(
            attribute == .responsibles1D
                ? LinkRecord(pupil: "", responsible: key.string, level: .autoriteParentale)
                : LinkRecord(pupil: key.string, responsible: "", level: .absent))
    }
}
