internal import Phones
internal import School

/// Reads the words of a record: dates, civilities, numbers, codes. What cannot be read is counted, never guessed.
struct RecordReading: Sendable {
    let phones: PhoneRules
    let version: AAFVersion?
    /// What could not be read so far.
    var findings = ReadFindings()

    init(phones: PhoneRules, version: AAFVersion?) {
        self.phones = phones
        self.version = version
    }

    /// The record as the base keeps it.
    ///
    /// - Parameter given: the fields that are stated; others are not looked at.
    mutating func read(_ record: PersonRecord, given: RecordFields) -> StagedPerson {
        let civility = Civility(written: record.civility)
        if civility == nil, !record.civility.isEmpty { findings.note(.civility, record.civility) }
        var birthDate = ""
        if !record.birthDate.isEmpty {
            let date = BirthDate(dayMonthYear: record.birthDate) ?? BirthDate(iso: record.birthDate)
            if date == nil { findings.unreadableBirthDates += 1 }
            birthDate = date?.description ?? ""
        }
        var person = StagedPerson(
            kind: record.kind, key: record.key,
            values: [
                record.birthName, record.usageName, record.givenName, ListText.joined(record.otherGivenNames),
                civility?.rawValue ?? "", birthDate, record.mail, record.postalCode,
                record.ine.uppercased(), record.fileNumber, record.level, ListText.joined(record.schools),
                ListText.joined(record.groups.map { "\($0.school)$\($0.code)" }), "", "",
            ])
        person.fold()
        person.mobiles = mobiles(record)
        var places: Set<ClassPlace> = []
        person.places = record.classes.filter { !$0.code.isEmpty && places.insert($0).inserted }
        person.functions = functions(record)
        person.links = links(record)
        return person
    }

    /// The numbers that may receive a code.
    private mutating func mobiles(_ record: PersonRecord) -> [(number: Int64, fields: MobileFields)] {
        var numbers: [(number: Int64, fields: MobileFields)] = []
        for (texts, field) in [(record.mobiles, MobileFields.mobile), (record.smsMobiles, .sms)] {
            for text in texts where !text.isEmpty {
                do throws(PhoneRefusal) {
                    let number = try PhoneNumber(text, under: phones)
                    guard number.mayReceiveCode else {
                        findings.landlines += 1
                        continue
                    }
                    if let known = numbers.firstIndex(where: { $0.number == number.key.rawValue }) {
                        numbers[known].fields.formUnion(field)
                    } else {
                        numbers.append((number.key.rawValue, field))
                    }
                } catch {
                    findings.refusedNumbers[error.rawValue, default: 0] += 1
                }
            }
        }
        return numbers
    }

    private mutating func functions(_ record: PersonRecord) -> [StaffFunction] {
        var known: Set<[String]> = []
        return record.functions.filter { function in
            if function.profile == nil { findings.note(.function, function.code) }
            return known.insert([function.school, function.code, function.discipline]).inserted
        }
    }

    private mutating func links(_ record: PersonRecord) -> [StagedLink] {
        var links: [StagedLink] = []
        for link in record.links where !link.pupil.isEmpty && !link.responsible.isEmpty {
            if !link.kindCode.isEmpty, !Self.kinds.contains(link.kindCode) { findings.note(.linkKind, link.kindCode) }
            if !link.level.code.isEmpty, !Self.levels.contains(link.level.code) {
                findings.note(.legalLevel, link.level.code)
            }
            let staged = StagedLink(link, version: version)
            guard let known = links.firstIndex(where: { $0.pupil == link.pupil && $0.responsible == link.responsible })
            else {
                links.append(staged)
                continue
            }
            // One responsible stated twice for one pupil, with two levels: what is stated cannot be known.
            if links[known] != staged {
                findings.contradictoryLinks += 1
                links[known] = StagedLink(
                    LinkRecord(
                        pupil: link.pupil, responsible: link.responsible, kindCode: link.kindCode,
                        level: .respLegal("?")), version: nil)
            }
        }
        return links
    }

    /// SIECLE `CODE_PARENTE`, and the codes of older AAF.
    private static let kinds: Set<String> = [
        "1", "2", "3", "4", "5", "6", "7", "10", "20", "37", "38", "39", "41", "42", "50", "51", "70", "90",
    ]
    private static let levels: Set<String> = ["0", "1", "2", "3"]
}

/// What the words of the files left open. Codes are kept, values of people never.
struct ReadFindings: Sendable, Hashable {
    /// Where a code stands.
    enum CodeField: String, Sendable, Hashable, CaseIterable {
        case civility, function
        case linkKind = "link-kind"
        case legalLevel = "legal-level"
    }

    /// Beyond, further codes of a field are counted together: a file full of rubbish fills no memory.
    private static let mostCodes = 40

    var unknownCodes: [CodeField: [String: Int]] = [:]
    var refusedNumbers: [String: Int] = [:]
    var landlines = 0
    var unreadableBirthDates = 0
    var contradictoryLinks = 0

    mutating func note(_ field: CodeField, _ code: String) {
        let known = unknownCodes[field, default: [:]]
        // Codes are short; whatever else stands in their place may be somebody's name.
        let isCode =
            code.utf8.count <= 6
            && code.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || byte == 0x2E
            }
        let name = isCode && (known[code] != nil || known.count < Self.mostCodes) ? code : "…"
        unknownCodes[field, default: [:]][name, default: 0] += 1
    }

    mutating func add(_ other: ReadFindings) {
        for (field, codes) in other.unknownCodes {
            for (code, count) in codes { unknownCodes[field, default: [:]][code, default: 0] += count }
        }
        for (reason, count) in other.refusedNumbers { refusedNumbers[reason, default: 0] += count }
        landlines += other.landlines
        unreadableBirthDates += other.unreadableBirthDates
        contradictoryLinks += other.contradictoryLinks
    }
}
