internal import Matching
internal import Phones
internal import School
internal import StoresSQL

/// Rows for the tables that an import fills, gathered until there are enough of them.
struct StagingRows: Sendable {
    private(set) var schools = RowBatch(BaseTable.schools.stagedColumns.map(\.type))
    private(set) var classes = RowBatch(BaseTable.classes.stagedColumns.map(\.type))
    private(set) var people = RowBatch(BaseTable.people.stagedColumns.map(\.type))
    private(set) var mobiles = RowBatch(BaseTable.mobiles.stagedColumns.map(\.type))
    private(set) var places = RowBatch(BaseTable.places.stagedColumns.map(\.type))
    private(set) var functions = RowBatch(BaseTable.functions.stagedColumns.map(\.type))
    private(set) var links = RowBatch(BaseTable.links.stagedColumns.map(\.type))

    /// Entries in it.
    var count: Int { schools.count + people.count }

    /// Bytes of their texts and numbers.
    var size: Int {
        [schools, classes, people, mobiles, places, functions, links]
            .reduce(0) { $0 + $1.bytes.count + $1.cells.count * 8 }
    }

    /// Gives the rows to the engine.
    ///
    /// - Throws: `StoreError`.
    func load(into workbench: any SQLWorkbench) throws {
        let batches = [schools, classes, people, mobiles, places, functions, links]
        for (table, rows) in zip(BaseTable.filled, batches) where !rows.isEmpty {
            try workbench.load(rows, into: table.staged, columns: table.stagedColumns.map(\.name))
        }
    }

    /// How an entry is stated: what stands behind the values of its row.
    struct Statement {
        let given: RecordFields
        let isDeletion: Bool
        let file: Int
        let line: Int
    }

    mutating func add(_ school: SchoolRecord, _ register: Int64, _ statement: Statement) {
        schools.append(register)
        schools.append(school.key)
        schools.append(school.uai?.description ?? "")
        schools.append(school.name)
        schools.append(school.type)
        schools.append(school.postalCode)
        schools.append(school.town)
        schools.append(Self.digest([school.classes, school.groups]))
        Self.append(statement, to: &schools)
        for (kind, list) in [("class", school.classes), ("group", school.groups)] {
            var seen: Set<String> = []
            for one in list where !one.code.isEmpty && seen.insert(one.code).inserted {
                classes.append(register)
                classes.append(school.key)
                classes.append(kind)
                classes.append(one.code)
                classes.append(one.label)
            }
        }
    }

    mutating func add(_ person: StagedPerson, _ register: Int64, _ statement: Statement) {
        people.append(register)
        people.append(person.kind.rawValue)
        people.append(person.key)
        for value in person.values { people.append(value) }
        people.append(person.owned)
        Self.append(statement, to: &people)
        for (number, fields) in person.mobiles {
            mobiles.append(register)
            mobiles.append(person.key)
            mobiles.append(number)
            mobiles.append(fields.rawValue)
        }
        for place in person.places {
            places.append(register)
            places.append(person.key)
            places.append(place.school)
            places.append(place.code)
        }
        for function in person.functions {
            functions.append(register)
            functions.append(person.key)
            functions.append(function.school)
            functions.append(function.code)
            functions.append(function.discipline)
            functions.append(function.label)
        }
        for link in person.links { add(link, register) }
    }

    private mutating func add(_ link: StagedLink, _ register: Int64) {
        links.append(register)
        links.append(link.pupil)
        links.append(link.responsible)
        links.append(link.kindCode)
        links.append(link.levelForm)
        links.append(link.levelCode)
        links.append(link.version)
    }

    /// Equal for equal things, in this process.
    static func digest(_ things: some Hashable) -> Int64 {
        var hasher = Hasher()
        hasher.combine(things)
        return Int64(hasher.finalize())
    }

    private static func append(_ statement: Statement, to rows: inout RowBatch) {
        rows.append(statement.given.rawValue)
        rows.append(statement.isDeletion ? 2 : 0)
        rows.append(Int64(statement.file))
        rows.append(Int64(statement.line))
    }
}

/// From which fields of the file a mobile comes.
struct MobileFields: OptionSet, Sendable, Hashable {
    let rawValue: Int64
    /// AAF `mobile`, SIECLE `TEL_PORTABLE`, ONDE « Téléphone portable ».
    static let mobile = MobileFields(rawValue: 1)
    /// AAF `ENTPersonMobileSMS`.
    static let sms = MobileFields(rawValue: 2)
}

/// A link as the base keeps it.
struct StagedLink: Sendable, Hashable {
    let pupil: String
    let responsible: String
    let kindCode: String
    let levelForm: String
    let levelCode: String
    let version: Int64

    /// - Parameter version: of the AAF that states it.
    init(_ link: LinkRecord, version: AAFVersion?) {
        pupil = link.pupil
        responsible = link.responsible
        kindCode = link.kindCode
        levelForm = link.level.form
        levelCode = link.level.code
        // The version decides what a code means, but for those that mean the same in all of them: a new version does not
        // change every link of the region.
        let depends = levelForm == "respLegal" && levelCode != "1" && levelCode != "0"
        self.version = depends ? Int64(version?.number ?? 0) : 0
    }
}

extension StatedLevel {
    /// The name of the field that states it; empty when nothing does.
    var form: String {
        switch self {
        case .respLegal: "respLegal"
        case .niveauResponsabilite: "niveauResponsabilite"
        case .autoriteParentale: "autoriteParentale"
        case .absent: ""
        }
    }

    /// The code in that field.
    var code: String {
        switch self {
        case .respLegal(let code), .niveauResponsabilite(let code): code
        case .autoriteParentale, .absent: ""
        }
    }

    /// The level of a stored link.
    init(form: String, code: String) {
        switch form {
        case "respLegal": self = .respLegal(code)
        case "niveauResponsabilite": self = .niveauResponsabilite(code)
        case "autoriteParentale": self = .autoriteParentale
        default: self = .absent
        }
    }
}

/// A person as the base keeps them: the record of a file, read and folded.
struct StagedPerson: Sendable {
    var kind: PersonKind
    var key: String
    /// In the order of ``BaseTable/people``'s values.
    var values: [String]
    var mobiles: [(number: Int64, fields: MobileFields)] = []
    var places: [ClassPlace] = []
    var functions: [StaffFunction] = []
    var links: [StagedLink] = []

    /// A digest of what they have: numbers, places, functions, links.
    var owned: Int64 {
        StagingRows.digest([
            StagingRows.digest(mobiles.map { [$0.number, $0.fields.rawValue] }.sorted { $0[0] < $1[0] }),
            StagingRows.digest(Set(places)), StagingRows.digest(Set(functions)), StagingRows.digest(Set(links)),
        ])
    }

    /// What each value is.
    enum Value: Int, CaseIterable {
        case birthName, usageName, givenName, otherNames, civility, birthDate, mail, postalCode, ine, fileNumber, level,
            schools, groups, foldedUsage, foldedBirth

        /// The field of the entry that states it; folded names are made of others.
        var field: RecordFields? {
            switch self {
            case .birthName: .birthName
            case .usageName: .usageName
            case .givenName: .givenName
            case .otherNames: .otherGivenNames
            case .civility: .civility
            case .birthDate: .birthDate
            case .mail: .mail
            case .postalCode: .postalCode
            case .ine: .ine
            case .fileNumber: .fileNumber
            case .level: .level
            case .schools: .schools
            case .groups: .groups
            case .foldedUsage, .foldedBirth: nil
            }
        }
    }

    subscript(_ value: Value) -> String {
        get { values[value.rawValue] }
        set { values[value.rawValue] = newValue }
    }

    /// Folds the names: by the usage name with the given name, and by the birth name where that is another one.
    mutating func fold() {
        let given = FoldedName.folded(self[.givenName])
        let usage = FoldedName.folded(self[.usageName])
        let birth = FoldedName.folded(self[.birthName])
        self[.foldedUsage] = (usage.isEmpty ? birth : usage) + " " + given
        self[.foldedBirth] = usage.isEmpty || birth.isEmpty || birth == usage ? "" : birth + " " + given
    }
}

/// Lists in one column, one item a line.
enum ListText {
    static func joined(_ items: [String]) -> String { items.filter { !$0.isEmpty }.joined(separator: "\n") }
    static func items(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }
}
