internal import DelimitedText
internal import School

/// The responsibles of a school's file, with links to the pupils of the same export.
///
/// ONDE numbers nobody. What tells a responsible is the birth name, the given name and the civility, folded. Lines that
/// agree in it and share a child, a mobile or a mail are one person. Lines that agree in it and share none of these are
/// several people: for each it is followed by what is the least of those that tell their pupils or, without any, by mobile
/// and mail; where that is the same too, all of them are left out, with a warning. The key is its digest, and thus changes
/// when a homonym comes to the school.
struct ONDEResponsibles {
    /// One line.
    struct Line {
        /// What tells the responsible; the key is made of it once all lines are read.
        var identity: String
        var record: PersonRecord
        let place: FilePlace
        /// ``ONDEPupils/Pupil/identity`` of each.
        var children: Set<String>
        /// What tells that two lines of one name are one person.
        let contacts: Set<String>
    }

    /// What the file says.
    private(set) var events: [ReadEvent]

    private let table: ONDETable
    private let header: ONDEHeader<ONDEResponsibleColumn>
    private let children: ONDEChildren
    /// By birth name and given name, and by usage name and given name.
    private let pupils: [[FoldedName]: [ONDEPupils.Pupil]]
    private let pupilsByUsage: [[FoldedName]: [ONDEPupils.Pupil]]

    /// Reads the table.
    ///
    /// - Throws: ``FileProblem``.
    init(_ table: ONDETable, pupils: [ONDEPupils.Pupil]) throws(FileProblem) {
        self.table = table
        children = try ONDEChildren(table)
        header = try ONDEHeader(table, without: children.places)
        self.pupils = Dictionary(grouping: pupils) { [$0.birthName, $0.givenName] }
        pupilsByUsage = Dictionary(grouping: pupils) { [$0.usageName, $0.givenName] }
        let names = children.places.map { FoldedName(table.header.fields[$0]).letters }
        events = table.unknownColumns {
            ONDEResponsibleColumn(folded: $0) != nil || ONDEResponsibleColumn.ignored.contains($0) || names.contains($0)
        }
        var lines: [Line] = []
        for row in table.rows {
            if table.isFooter(row) {
                warn(.skippedLine, table.place(of: row), "line")
                continue
            }
            try table.check(row, needed: header.needed)
            if let line = try line(row) { lines.append(line) }
        }
        emit(lines)
    }

    private mutating func warn(_ kind: FileWarning.Kind, _ place: FilePlace, _ field: String) {
        events.append(.warning(FileWarning(kind, at: place, field: field)))
    }

    private mutating func line(_ row: CSV.Record) throws(FileProblem) -> Line? {
        func field(_ column: ONDEResponsibleColumn) -> String { table.field(header[column], of: row) }
        let place = table.place(of: row)
        let birthName = FoldedName(field(.birthName))
        let name = birthName.isEmpty ? FoldedName(field(.usageName)) : birthName
        let givenName = FoldedName(field(.givenName))
        guard !name.isEmpty, !givenName.isEmpty else {
            let column = name.isEmpty ? ONDEResponsibleColumn.birthName : .givenName
            warn(.skippedLine, place, column.rawValue)
            return nil
        }
        let civility = field(.civility)
        let known = Civility(written: civility)
        if known == nil, !civility.isEmpty { warn(.malformedValue, place, ONDEResponsibleColumn.civility.rawValue) }
        let identity = "\(name)|\(givenName)|\(known?.rawValue ?? "")"
        var record = PersonRecord(.responsible, key: "")
        record.birthName = field(.birthName)
        record.usageName = field(.usageName)
        record.givenName = field(.givenName)
        record.civility = civility
        record.postalCode = field(.postalCode)
        record.mail = field(.mail)
        record.mobiles = [field(.mobile)].filter { !$0.isEmpty }
        var linked: Set<String> = []
        for child in children.children {
            if let pupil = try pupil(child, of: row) { linked.insert(pupil) }
        }
        var contacts = Set(record.mobiles.compactMap(Self.line))
        if !record.mail.isEmpty { contacts.insert(record.mail.lowercased()) }
        return Line(identity: identity, record: record, place: place, children: linked, contacts: contacts)
    }

    /// The last nine digits of a number; `nil` for one that is none (`0000000000`).
    private static func line(_ number: String) -> String? {
        let digits = number.utf8.filter { (0x30...0x39).contains($0) }.suffix(9)
        return digits.count == 9 && Set(digits).count > 2 ? String(decoding: digits, as: UTF8.self) : nil
    }

    /// What tells the pupil whom the columns of a child name; `nil` when they are empty, or name nobody or several.
    private mutating func pupil(_ child: ONDEChildren.Child, of row: CSV.Record) throws(FileProblem) -> String? {
        let last = child.values.max() ?? 0
        // Spreadsheets leave the columns of children out who are not there; half a child is a line that was cut.
        guard row.fields.count > child.values.min() ?? 0 else { return nil }
        try table.check(row, needed: last + 1)
        func field(_ column: ONDEChildColumn) -> String { table.field(child[column], of: row) }
        guard ONDEChildColumn.allCases.contains(where: { !field($0).isEmpty }) else { return nil }
        let found = named(field(.birthName), usage: field(.usageName), given: field(.givenName))
            .filter { Self.isIn(field(.classes), $0) && Self.isBorn(field(.birthDate), $0) }
        guard found.count == 1, let pupil = found.first else {
            warn(.unresolvedLink, table.place(of: row), ONDEChildColumn.givenName.rawValue)
            return nil
        }
        return pupil.identity
    }

    private func named(_ birth: String, usage: String, given: String) -> [ONDEPupils.Pupil] {
        let (birth, usage, given) = (FoldedName(birth), FoldedName(usage), FoldedName(given))
        let isByUsage = birth.isEmpty
        guard !given.isEmpty, !isByUsage || !usage.isEmpty else { return [] }
        let found = isByUsage ? pupilsByUsage[[usage, given]] : pupils[[birth, given]]
        // No school has as many homonyms: such a file is not compared line by line with itself.
        guard let found, found.count <= Self.mostHomonyms else { return [] }
        return found.filter { isByUsage || usage.isEmpty || $0.usageName.isEmpty || $0.usageName == usage }
    }

    private static let mostHomonyms = 50

    /// Whether a pupil is in one of the classes that a field names; nothing is compared where one of the two is empty.
    private static func isIn(_ text: String, _ pupil: ONDEPupils.Pupil) -> Bool {
        let classes = pupil.record.classes.map { FoldedName($0.code) }
        guard !text.isEmpty, !classes.isEmpty else { return true }
        let named = [text] + text.split(separator: ",").map(String.init)
        return named.contains { classes.contains(FoldedName($0)) }
    }

    private static func isBorn(_ text: String, _ pupil: ONDEPupils.Pupil) -> Bool {
        guard !text.isEmpty else { return true }
        return pupil.birthDate != nil && BirthDate(onde: text) == pupil.birthDate
    }
}

extension ONDEResponsibles {
    /// Makes people of the lines, in the order of their first lines.
    private mutating func emit(_ lines: [Line]) {
        var people: [Line] = []
        for (_, homonyms) in Dictionary(grouping: lines, by: \.identity) { people += named(Self.joined(homonyms)) }
        let counts = Dictionary(grouping: people, by: \.identity).mapValues(\.count)
        for person in people.sorted(by: { $0.place.line < $1.place.line }) {
            var record = person.record
            guard counts[person.identity] == 1 else {
                warn(.malformedValue, person.place, ONDEResponsibleColumn.birthName.rawValue)
                continue
            }
            let key = ONDEKey.responsible(person.identity)
            record.key = key
            record.links = person.children.sorted().map { LinkRecord(pupil: ONDEKey.pupil($0), responsible: key) }
            events.append(.entry(.person(record, .whole), person.place))
        }
    }

    /// The lines of one text, those of one person made one.
    private static func joined(_ lines: [Line]) -> [Line] {
        // Each line points to an earlier one of the same person, the first one to itself.
        var earlier = Array(lines.indices)
        func first(_ line: Int) -> Int {
            var line = line
            while earlier[line] != line {
                earlier[line] = earlier[earlier[line]]
                line = earlier[line]
            }
            return line
        }
        var holders: [String: Int] = [:]
        for (index, line) in lines.enumerated() {
            for evidence in line.children.map({ "pupil " + $0 }) + line.contacts {
                let (one, other) = (first(holders[evidence, default: index]), first(index))
                earlier[max(one, other)] = min(one, other)
                holders[evidence] = index
            }
        }
        return Dictionary(grouping: lines.indices, by: first).values.map { merged($0.sorted().map { lines[$0] }) }
    }

    /// The lines of one person: what the first one leaves empty is that of the next one.
    private static func merged(_ lines: [Line]) -> Line {
        var person = lines[0]
        var mobiles: Set<String> = Set(person.record.mobiles)
        for line in lines.dropFirst() {
            person.children.formUnion(line.children)
            for mobile in line.record.mobiles where mobiles.insert(mobile).inserted {
                person.record.mobiles.append(mobile)
            }
            if person.record.mail.isEmpty { person.record.mail = line.record.mail }
            if person.record.usageName.isEmpty { person.record.usageName = line.record.usageName }
            if person.record.postalCode.isEmpty { person.record.postalCode = line.record.postalCode }
        }
        return person
    }

    /// Several people whom the same text tells get texts of their own.
    private func named(_ people: [Line]) -> [Line] {
        guard people.count > 1 else { return people }
        return people.map { person in
            var person = person
            let contacts = (person.record.mobiles + [person.record.mail]).filter { !$0.isEmpty }
            let other = person.children.min() ?? contacts.joined(separator: "|")
            person.identity += "|" + other
            return person
        }
    }
}
