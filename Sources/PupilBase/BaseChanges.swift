public import Clocks
internal import Phones
internal import School
internal import Stores
internal import StoresSQL

/// What an import changed in one record. The values of national numbers and addresses are never in it.
public struct BaseChange: Sendable, Hashable, Codable {
    /// `school`, `class`, `pupil`, `responsible`, `staff`, `mobile`, `place`, `function` or `link`.
    public var kind: String
    /// `new`, `changed`, `gone` (the grace begins), `back`, or `removed` (gone for long, no longer kept).
    public var what: String
    /// `register:key` of the person or school that it is about.
    public var record: String
    /// `NOM Prénom`, or the school's name; empty when the base no longer holds them.
    public var name: String
    /// The UAI, or the school's key when it has none; empty when not told.
    public var school: String
    /// A class, a function, the other end of a link, a number (masked, unless it was asked for).
    public var detail: String
    /// The columns that are otherwise than before.
    public var fields: [String]
}

extension BaseReading {
    /// How many rows are looked at at a time.
    private static let page: Int64 = 2000

    /// Tells what an import changed, record by record, in constant memory.
    ///
    /// - Parameter import: its number; `nil` for the last one that counts.
    /// - Parameter keptFor: how long changes are kept, ``BaseImport/Options/undoable``.
    /// - Parameter take: called for each change, on some thread.
    /// - Returns: the number of the import.
    /// - Throws: ``BaseQuestionProblem``, `StoreError`, or what `take` throws.
    public func changes(
        of wanted: Int64? = nil, keptFor: Duration = .days(30), reveal: Bool = false,
        _ take: @escaping @Sendable (BaseChange) throws -> Void
    ) async throws -> Int64 {
        try await engine.atWorkbench { db in
            let number = try Self.number(of: wanted, keptFor, db)
            let schools = SchoolNames(db)
            for table in BaseTable.filled {
                let listing = ChangeListing(table: table, number: number)
                try db.define(listing.list)
                var place: Int64 = 0
                while true {
                    let rows = try db.rows(
                        listing.page,
                        ["import": .number(number), "place": .number(place), "limit": .number(Self.page)])
                    for row in rows {
                        place = try row.number("place")
                        if let change = try listing.change(row, schools, reveal: reveal) { try take(change) }
                    }
                    if rows.count < Self.page { break }
                }
            }
            return number
        }
    }

    private static func number(
        of wanted: Int64?, _ keptFor: Duration, _ db: any SQLSession
    ) throws -> Int64 {
        guard let last = try db.row(.lastThatCounts) else {
            throw BaseQuestionProblem(.unknownImport, "nothing was imported yet: there is nothing to compare")
        }
        guard let wanted else { return try last.number("id") }
        guard let row = try db.row(.importOfNumber, ["import": .number(wanted)]) else {
            throw BaseQuestionProblem(.unknownImport, "there is no import \(wanted): see `loge base status`")
        }
        guard try row.optionalInstant("undone_at") == nil else {
            throw BaseQuestionProblem(.undone, "import \(wanted) was undone: nothing of it is left")
        }
        guard try row.instant("applied_at") >= last.instant("applied_at") - keptFor else {
            throw BaseQuestionProblem(
                .forgotten, "what import \(wanted) changed is forgotten: an older export tells how it was")
        }
        return wanted
    }
}

/// The changes of one table.
private struct ChangeListing {
    let table: BaseTable
    let number: Int64

    private var keys: [String] { table.keys.map(\.name) }
    private var values: [String] { table.values.map(\.name) }
    private var name: String { "touched_\(table.name)" }

    /// Makes the list of the rows that the import added or closed: one look at the whole table, however many there are.
    var list: String {
        let columns = keys.joined(separator: ", ")
        return """
            CREATE TEMP TABLE \(name) AS
                SELECT ROW_NUMBER() OVER (ORDER BY \(columns)) AS place, \(columns) FROM (
                    SELECT \(columns) FROM \(table.live) WHERE started = \(number)
                    UNION SELECT \(columns) FROM \(table.live) WHERE ended = \(number)) AS touched;
            CREATE UNIQUE INDEX \(name)_place ON \(name) (place);
            ANALYZE \(name);

            """
    }

    /// Who a row is about.
    private var person: (kind: String, column: String)? {
        switch table.name {
        case "mobiles": ("responsible", "person")
        case "functions": ("staff", "person")
        case "places", "links": ("pupil", "pupil")
        default: nil
        }
    }

    /// Some of the list, each row as it was and as it is.
    var page: SQLStatement {
        func same(_ alias: String) -> String {
            keys.map { "\(alias).\($0) = touched.\($0)" }.joined(separator: " AND ")
        }
        var columns = keys.map { "touched.\($0) AS \($0)" }
        columns += ["now.started AS now_started", "was.started AS was_started"]
        for value in values + (table.hasGrace ? ["leaving"] : []) {
            columns += ["now.\(value) AS now_\(value)", "was.\(value) AS was_\(value)"]
        }
        var joins = """
            LEFT JOIN \(table.live) AS now ON \(same("now")) AND now.started = :import
                LEFT JOIN \(table.live) AS was ON \(same("was")) AND was.ended = :import
            """
        if let person {
            columns += ["birth_name", "usage_name", "given_name", "schools"].map { "who.\($0) AS \($0)" }
            joins += "\n" + Self.held("who", person.kind, "touched.\(person.column)")
        }
        if table.name == "links" {
            columns += ["birth_name", "usage_name", "given_name"].map { "other.\($0) AS other_\($0)" }
            joins += "\n" + Self.held("other", "responsible", "touched.responsible")
        }
        return SQLStatement(
            """
            SELECT touched.place AS place, \(columns.joined(separator: ", "))
            FROM \(name) AS touched
                \(joins)
            WHERE touched.place > :place ORDER BY touched.place LIMIT :limit
            """)
    }

    /// The person as the import left them.
    private static func held(_ alias: String, _ kind: String, _ key: String) -> String {
        """
            LEFT JOIN base_people AS \(alias) ON \(alias).register = touched.register AND \(alias).kind = '\(kind)'
                AND \(alias).key = \(key) AND \(alias).started <= :import
                AND (\(alias).ended = 0 OR \(alias).ended > :import)
        """
    }

    /// - Returns: `nil` for a row that is as it was.
    func change(_ row: SQLRow, _ schools: SchoolNames, reveal: Bool) throws -> BaseChange? {
        let isHeld = try row.optionalNumber("now_started") != nil
        let wasHeld = try row.optionalNumber("was_started") != nil
        guard isHeld || wasHeld else { return nil }
        let side = isHeld ? "now_" : "was_"
        let fields =
            isHeld && wasHeld
            ? try values.filter { try !$0.hasPrefix("folded_") && row.any("now_" + $0) != row.any("was_" + $0) } : []
        let register = try row.number("register")
        func label(_ key: String) throws -> String {
            key.isEmpty ? "" : try schools.name(RecordKey(register: register, key: key)).label
        }
        func first(_ column: String) throws -> String {
            try label(ListText.items(try row.optionalText(column) ?? "").first ?? "")
        }
        var change = BaseChange(
            kind: table.kind, what: try what(row, isHeld: isHeld, wasHeld: wasHeld), record: "", name: "", school: "",
            detail: "", fields: fields)
        var key = ""
        switch table.name {
        case "schools":
            key = try row.text("key")
            change.name = try row.text(side + "name")
            let uai = try row.text(side + "uai")
            change.school = uai.isEmpty ? key : uai
        case "classes":
            key = try row.text("school")
            change.name = try schools.name(RecordKey(register: register, key: key)).name
            change.school = try label(key)
            change.detail = try "\(row.text("kind")) \(row.text("code"))"
        case "people":
            key = try row.text("key")
            change.kind = try row.text("kind")
            change.name = try row.listedName(side)
            change.school = try first(side + "schools")
        default:
            key = try row.text(person?.column ?? "person")
            change.name = try row.listedName()
            let isOfPerson = table.name == "links" || table.name == "mobiles"
            change.school = try isOfPerson ? first("schools") : label(row.text("school"))
            change.detail = try detail(row, register, reveal: reveal)
        }
        change.record = RecordKey(register: register, key: key).description
        return change
    }

    private func what(_ row: SQLRow, isHeld: Bool, wasHeld: Bool) throws -> String {
        guard wasHeld else { return "new" }
        guard isHeld else { return table.hasGrace ? "removed" : "gone" }
        guard table.hasGrace else { return "changed" }
        let (leaves, left) = (try row.flag("now_leaving"), try row.flag("was_leaving"))
        return leaves && !left ? "gone" : left && !leaves ? "back" : "changed"
    }

    private func detail(_ row: SQLRow, _ register: Int64, reveal: Bool) throws -> String {
        switch table.name {
        case "mobiles":
            guard let key = PhoneKey(rawValue: try row.number("number")) else { throw row.corrupted("number") }
            return reveal ? key.display : key.masked
        case "places": return try row.text("class")
        case "functions": return try "\(row.text("code")) \(row.text("discipline"))"
        default:
            let other = RecordKey(register: register, key: try row.text("responsible")).description
            return try "\(other) \(row.listedName("other_"))"
        }
    }
}

extension BaseTable {
    /// One of its rows, in the singular.
    fileprivate var kind: String {
        switch name {
        case "classes": "class"
        case "people": "person"
        default: String(name.dropLast())
        }
    }
}

extension SQLStatement {
    fileprivate static let lastThatCounts = SQLStatement(
        "SELECT id, applied_at FROM base_imports WHERE undone_at IS NULL ORDER BY id DESC LIMIT 1")
    fileprivate static let importOfNumber = SQLStatement(
        "SELECT id, applied_at, undone_at FROM base_imports WHERE id = :import")
}
