internal import School

/// What a SIECLE file says of its one school, put together when all of it is read.
struct SIECLESchool {
    typealias Fields = SIECLEHandler.Fields
    typealias Limits = SIECLEHandler.Limits

    /// The pupils that a file of pupils holds, by their keys.
    struct Pupils: Sendable {
        var present: Set<String> = []
        /// Those whose `DATE_SORTIE` has passed.
        var gone: Set<String> = []
    }

    /// The pupils of this file, or of the one that was read before.
    private(set) var pupils: Pupils
    private let file: RegisterFile
    private let uai: UAI?
    private let knowsPupils: Bool
    private var exportDate: BirthDate?
    private(set) var hasSameSchool = false
    private var records: [(fields: Fields, key: String)] = []
    private var persons: [(fields: Fields, key: String)] = []
    private var links: [(fields: Fields, link: LinkRecord)] = []
    private var postalCodes: [String: String] = [:]
    /// By `ELEVE_ID` or, where there is none, by ``key(ofNumber:)``.
    private var places: [String: (classes: [String], groups: [String])] = [:]
    private var placeCount = 0
    private var warnings: [ReadEvent] = []

    init(_ file: RegisterFile, known: Pupils?) {
        self.file = file
        pupils = known ?? Pupils()
        knowsPupils = known != nil
        if case .school(let uai) = file.register.scope { self.uai = uai } else { uai = nil }
    }

    var isTooLarge: Bool {
        records.count > Limits.pupils || persons.count > Limits.persons || links.count > Limits.links
            || postalCodes.count > Limits.addresses || placeCount > Limits.places
    }

    mutating func take(parameters fields: Fields) {
        hasSameSchool = uai != nil && UAI(fields[.uaj]) == uai
        exportDate = BirthDate(dayMonthYear: fields[.dateExport])
    }

    mutating func take(pupil fields: Fields) {
        let key = fields[.eleveID]
        if key.isEmpty { return warn(.malformedValue, fields, "ELEVE_ID") }
        records.append((fields, key))
    }

    mutating func take(person fields: Fields) {
        let key = fields[.personneID]
        if key.isEmpty { return warn(.malformedValue, fields, "PERSONNE_ID") }
        persons.append((fields, key))
    }

    mutating func take(address fields: Fields) {
        let postalCode = fields[.codePostal]
        if !postalCode.isEmpty { postalCodes[fields[.adresseID]] = postalCode }
    }

    mutating func take(structure code: String, type: String, _ fields: Fields) {
        let pupil = fields[.eleveID].isEmpty ? Self.key(ofNumber: fields[.elenoet]) : fields[.eleveID]
        guard !fields[.eleveID, .elenoet].isEmpty, !code.isEmpty else {
            return warn(.malformedValue, fields, "CODE_STRUCTURE")
        }
        placeCount += 1
        switch type {
        case "D": places[pupil, default: ([], [])].classes.append(code)
        case "G": places[pupil, default: ([], [])].groups.append(code)
        default: warn(.malformedValue, fields, "TYPE_STRUCTURE")
        }
    }

    /// `NIVEAU_RESPONSABILITE` tells the legal level; older files have `RESP_LEGAL` instead.
    mutating func take(link fields: Fields) {
        let (pupil, person) = (fields[.eleveID], fields[.personneID])
        guard !pupil.isEmpty, !person.isEmpty else { return warn(.malformedValue, fields, "RESPONSABLE_ELEVE") }
        let level: StatedLevel =
            if !fields[.niveauResponsabilite].isEmpty {
                .niveauResponsabilite(fields[.niveauResponsabilite])
            } else if !fields[.respLegal].isEmpty {
                .respLegal(fields[.respLegal])
            } else {
                .absent
            }
        links.append(
            (fields, LinkRecord(pupil: pupil, responsible: person, kindCode: fields[.codeParente], level: level)))
    }

    /// All that the file says.
    mutating func events() -> [ReadEvent] {
        let entries = file.content == .pupils ? pupilEntries() : responsibleEntries()
        return warnings + entries
    }

    private mutating func warn(_ kind: FileWarning.Kind, _ fields: Fields, _ field: String) {
        warnings.append(.warning(FileWarning(kind, at: place(of: fields), field: field)))
    }

    /// An `ELENOET` in the place of an `ELEVE_ID`, which is another number.
    private static func key(ofNumber elenoet: String) -> String { "ELENOET " + elenoet }

    private func place(of fields: Fields) -> FilePlace { FilePlace(file: file.name, line: fields.line) }
}

extension SIECLESchool {
    /// The school with the classes and groups that somebody is in, then the pupils who have not left.
    private mutating func pupilEntries() -> [ReadEvent] {
        let school = uai?.description ?? ""
        var found = SchoolRecord(key: school, uai: uai)
        var entries: [ReadEvent] = []
        var classes: Set<String> = []
        var groups: Set<String> = []
        for (fields, key) in records {
            if hasLeft(fields) {
                pupils.gone.insert(key)
                warn(.departed, fields, "DATE_SORTIE")
                continue
            }
            pupils.present.insert(key)
            var pupil = person(.pupil, key, fields, school: school)
            pupil.civility = fields[.lcCivilite, .llCivilite, .codeSexe]
            pupil.birthDate = fields[.dateNaiss]
            pupil.ine = fields[.idNational, .ineBEA, .ineRNIE]
            pupil.fileNumber = fields[.idEleveEtab, .elenoet]
            pupil.level = fields[.codeMEF]
            let their = places[key] ?? places[Self.key(ofNumber: fields[.elenoet])] ?? ([], [])
            pupil.classes = their.classes.map { ClassPlace(school: school, code: $0) }
            pupil.groups = their.groups.map { ClassPlace(school: school, code: $0) }
            classes.formUnion(their.classes)
            groups.formUnion(their.groups)
            entries.append(.entry(.person(pupil, .whole), place(of: fields)))
        }
        found.classes = classes.sorted().map { ClassRecord(code: $0) }
        found.groups = groups.sorted().map { ClassRecord(code: $0) }
        return [.entry(.school(found, .whole), FilePlace(file: file.name, line: 1))] + entries
    }

    /// Whether the pupil left before the day of the export; without that day, whether there is a `DATE_SORTIE` at all.
    private mutating func hasLeft(_ fields: Fields) -> Bool {
        let written = fields[.dateSortie]
        guard !written.isEmpty else { return false }
        guard let left = BirthDate(dayMonthYear: String(written.prefix(10))) else {
            warn(.malformedValue, fields, "DATE_SORTIE")
            return false
        }
        guard let exportDate else { return true }
        return left.description < exportDate.description
    }

    private mutating func responsibleEntries() -> [ReadEvent] {
        let school = uai?.description ?? ""
        let known = Set(persons.map(\.key))
        var linksOf: [String: [LinkRecord]] = [:]
        for (fields, link) in links {
            // Whoever was a responsible of a pupil who has left is one no more.
            if pupils.gone.contains(link.pupil), !pupils.present.contains(link.pupil) { continue }
            guard known.contains(link.responsible) else {
                warn(.unresolvedLink, fields, "PERSONNE_ID")
                continue
            }
            guard !knowsPupils || pupils.present.contains(link.pupil) else {
                warn(.unresolvedLink, fields, "ELEVE_ID")
                continue
            }
            linksOf[link.responsible, default: []].append(link)
        }
        return persons.map { fields, key in
            var responsible = person(.responsible, key, fields, school: school)
            responsible.civility = fields[.lcCivilite, .llCivilite]
            responsible.links = linksOf[key] ?? []
            return .entry(.person(responsible, .whole), place(of: fields))
        }
    }

    private func person(_ kind: PersonKind, _ key: String, _ fields: Fields, school: String) -> PersonRecord {
        var person = PersonRecord(kind, key: key)
        person.birthName = fields[.nomDeFamille]
        person.usageName = fields[.nomUsage, .nom]
        person.givenName = fields[.prenom]
        person.otherGivenNames = [fields[.prenom2], fields[.prenom3]].filter { !$0.isEmpty }
        person.mail = fields[.mel]
        person.postalCode = postalCodes[fields[.adresseID]] ?? ""
        person.mobiles = [fields[.telPortable]].filter { !$0.isEmpty }
        person.schools = [school]
        return person
    }
}
