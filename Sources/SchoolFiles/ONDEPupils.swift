internal import DelimitedText
internal import School

/// The pupils of a school's file.
///
/// The key of a pupil is the digest of the INE or, in the old layout that has none, of the birth name, the given name and
/// the birth date, folded. Lines that are the same are one pupil; two pupils of one key are both left out, with a warning.
struct ONDEPupils {
    /// What a responsible's line is compared with.
    struct Pupil {
        let record: PersonRecord
        /// What the key is the digest of.
        let identity: String
        let place: FilePlace
        let birthName: FoldedName
        let usageName: FoldedName
        let givenName: FoldedName
        let birthDate: BirthDate?
    }

    /// What the file says, but for the school.
    private(set) var events: [ReadEvent]
    /// The pupils that are taken.
    private(set) var pupils: [Pupil] = []

    private let table: ONDETable
    private let header: ONDEHeader<ONDEPupilColumn>
    private let school: UAI

    /// Reads the table.
    ///
    /// - Throws: ``FileProblem``.
    init(_ table: ONDETable, school: UAI) throws(FileProblem) {
        self.table = table
        self.school = school
        header = try ONDEHeader(table)
        events = table.unknownColumns { ONDEPupilColumn(folded: $0) != nil || ONDEPupilColumn.ignored.contains($0) }
        var lines: [[String]: Int] = [:]
        var keys: [String: Int] = [:]
        var read: [Pupil] = []
        for row in table.rows {
            if table.isFooter(row) {
                warn(.skippedLine, row, "line")
                continue
            }
            try table.check(row, needed: header.needed)
            guard lines.updateValue(row.line, forKey: row.fields) == nil, let pupil = pupil(row) else { continue }
            keys[pupil.record.key, default: 0] += 1
            read.append(pupil)
        }
        for pupil in read {
            guard keys[pupil.record.key] == 1 else {
                let field = pupil.identity == pupil.record.ine ? ONDEPupilColumn.ine : .birthName
                events.append(.warning(FileWarning(.malformedValue, at: pupil.place, field: field.rawValue)))
                continue
            }
            events.append(.entry(.person(pupil.record, .whole), pupil.place))
            pupils.append(pupil)
        }
    }

    /// The classes and groups in which the pupils are.
    var schoolRecord: SchoolRecord {
        func records(_ places: (PersonRecord) -> [ClassPlace]) -> [ClassRecord] {
            Set(pupils.flatMap { places($0.record).map(\.code) }).sorted().map { ClassRecord(code: $0) }
        }
        var record = SchoolRecord(key: school.description, uai: school)
        record.classes = records(\.classes)
        record.groups = records(\.groups)
        return record
    }

    private mutating func warn(_ kind: FileWarning.Kind, _ row: CSV.Record, _ field: String) {
        events.append(.warning(FileWarning(kind, at: table.place(of: row), field: field)))
    }

    private mutating func pupil(_ row: CSV.Record) -> Pupil? {
        func field(_ column: ONDEPupilColumn) -> String { table.field(header[column], of: row) }
        let birthName = FoldedName(field(.birthName))
        let givenName = FoldedName(field(.givenName))
        guard !birthName.isEmpty, !givenName.isEmpty else {
            let column = birthName.isEmpty ? ONDEPupilColumn.birthName : .givenName
            warn(.skippedLine, row, column.rawValue)
            return nil
        }
        let birthDate = BirthDate(onde: field(.birthDate))
        if birthDate == nil { warn(.malformedValue, row, ONDEPupilColumn.birthDate.rawValue) }
        let ine = field(.ine)
        let hasINE = ine.utf8.count == 11 && ine.utf8.allSatisfy(Self.isOfINE)
        if !hasINE, !ine.isEmpty { warn(.malformedValue, row, ONDEPupilColumn.ine.rawValue) }
        let derived = "\(birthName)|\(givenName)|\(birthDate?.description ?? "")"
        let identity = hasINE ? ine : derived
        var record = PersonRecord(.pupil, key: ONDEKey.pupil(identity))
        record.birthName = field(.birthName)
        record.usageName = field(.usageName)
        record.givenName = field(.givenName)
        record.otherGivenNames = [field(.secondName), field(.thirdName)].filter { !$0.isEmpty }
        record.civility = field(.sex)
        record.birthDate = field(.birthDate)
        record.postalCode = field(.postalCode)
        record.ine = ine
        record.level = field(.level)
        record.schools = [school.description]
        record.classes = places([field(.classroom)])
        record.groups = places(field(.groups).split(separator: ",").map { String($0).trimmed })
        return Pupil(
            record: record, identity: identity, place: table.place(of: row), birthName: birthName,
            usageName: FoldedName(record.usageName), givenName: givenName, birthDate: birthDate)
    }

    private func places(_ codes: [String]) -> [ClassPlace] {
        codes.filter { !$0.isEmpty }.map { ClassPlace(school: school.description, code: $0) }
    }

    private static func isOfINE(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || byte == 0x5F
    }
}

extension BirthDate {
    /// The date in either form that ONDE has written.
    init?(onde text: String) {
        guard let date = BirthDate(iso: text) ?? BirthDate(dayMonthYear: text) else { return nil }
        self = date
    }
}
