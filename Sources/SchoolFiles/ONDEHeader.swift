internal import DelimitedText
internal import School

/// Where the columns of a file are.
struct ONDEHeader<Column: ONDEColumn> {
    private let places: [Column: Int]
    /// The fields that a record has at least.
    let needed: Int

    /// Finds the columns in the header; those in `others` are not looked at.
    ///
    /// - Throws: `.missingColumn`; `.malformed` when one is there twice.
    init(_ table: ONDETable, without others: Set<Int> = []) throws(FileProblem) {
        var places: [Column: Int] = [:]
        for (place, name) in table.header.fields.enumerated() where !others.contains(place) {
            guard let column = Column(folded: FoldedName(name).letters) else { continue }
            guard places[column] == nil else {
                throw FileProblem(
                    .malformed, in: table.file, line: table.header.line,
                    "The column « \(column.rawValue) » is there twice.")
            }
            places[column] = place
        }
        let missing = Column.allCases.filter { $0.isNeeded && places[$0] == nil }
        guard missing.isEmpty else {
            throw FileProblem(missingColumns: missing.map(\.rawValue), in: table)
        }
        self.places = places
        needed = (Column.allCases.filter(\.isNeeded).compactMap { places[$0] }.max() ?? 0) + 1
    }

    /// The place of a column, when the file has it.
    subscript(column: Column) -> Int? { places[column] }
}

/// The columns of the children, which have the same names for each child: places tell them apart, not names. Where the
/// names are numbered (« Prénom élève 2 »), the numbers tell.
struct ONDEChildren {
    typealias Child = [ONDEChildColumn: Int]

    let children: [Child]
    /// All places that are columns of a child.
    let places: Set<Int>

    /// Finds the columns in the header.
    ///
    /// - Throws: `.missingColumn`; `.malformed` when one is there twice under one number.
    init(_ table: ONDETable) throws(FileProblem) {
        var children: [Child] = []
        var numbers: [Int: Int] = [:]
        var places: Set<Int> = []
        for (place, name) in table.header.fields.enumerated() {
            guard let (column, number) = Self.column(FoldedName(name).letters) else { continue }
            places.insert(place)
            let isNext = children.last.map { $0[column] != nil } ?? true
            let child = number.map { numbers[$0, default: children.count] } ?? children.count - (isNext ? 0 : 1)
            if child == children.count { children.append([:]) }
            if let number { numbers[number] = child }
            guard children[child].updateValue(place, forKey: column) == nil else {
                throw FileProblem(
                    .malformed, in: table.file, line: table.header.line,
                    "The column « \(column.rawValue) » is there twice under one number.")
            }
        }
        let missing = ONDEChildColumn.allCases.filter { column in
            column.isNeeded && (children.isEmpty || children.contains { $0[column] == nil })
        }
        guard missing.isEmpty else { throw FileProblem(missingColumns: missing.map(\.rawValue), in: table) }
        self.children = children
        self.places = places
    }

    private static func column(_ letters: String) -> (ONDEChildColumn, Int?)? {
        let name = letters.prefix { !$0.isNumber }
        guard let column = ONDEChildColumn(folded: String(name)) else { return nil }
        if name.count == letters.count { return (column, nil) }
        guard let number = Int(letters.dropFirst(name.count)), number < 100 else { return nil }
        return (column, number)
    }
}

extension FileProblem {
    fileprivate init(missingColumns names: [String], in table: ONDETable) {
        let list = names.map { "« \($0) »" }.joined(separator: ", ")
        self.init(
            .missingColumn, in: table.file, line: table.header.line,
            "It has no column \(list): export it again with all its columns.")
    }
}

extension ONDETable {
    /// One warning for each column of which Loge knows nothing. What is told are the letters of its name.
    func unknownColumns(_ isKnown: (String) -> Bool) -> [ReadEvent] {
        header.fields.map { FoldedName($0).letters }.filter { !$0.isEmpty && !isKnown($0) }.map { name in
            .warning(
                FileWarning(.unknownSection, at: place(of: header), field: "column " + String(name.prefix(64))))
        }
    }
}

extension RegisterFile {
    /// What a file of ONDE holds that begins like this; `nil` when it is none. The teachers are known by the name of the
    /// file or of a column: nothing of them is read.
    static func contentOfONDE(beginning: [UInt8], name: String) -> Content? {
        let limits = ONDETable.Limits.csv
        guard let header = try? CSV.firstRecord(of: beginning, separator: CSV.semicolon, limits: limits),
            header.fields.count > 1
        else {
            return nil
        }
        let names = header.fields.map { FoldedName($0).letters }
        if names.contains(where: { $0.hasSuffix("RESPONSABLE") && ONDEResponsibleColumn(folded: $0) != nil }) {
            return .responsibles
        }
        if names.contains(where: { $0.hasSuffix("ELEVE") && ONDEPupilColumn(folded: $0) != nil }) { return .pupils }
        let isOfTeachers = names.contains { $0.contains("ENSEIGNANT") } || name.lowercased().contains("enseignant")
        return isOfTeachers && names.contains { $0.hasPrefix("PRENOM") } ? .other : nil
    }
}
