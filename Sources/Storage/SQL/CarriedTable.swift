internal import Stores

/// A table as one database gives it to another: whole, by the names of its columns.
public struct CarriedTable: Sendable, Hashable {
    /// Its name.
    public let name: String
    /// The columns of its key, by which it is read a piece at a time.
    let key: [String]

    private init(_ name: String, by key: String...) {
        self.name = name
        self.key = key
    }

    /// Every table of the present schema but the list of its steps; none comes before those that it names rows of.
    public static let all: [CarriedTable] = [
        CarriedTable("accounts", by: "id"), CarriedTable("sessions", by: "id"),
        CarriedTable("code_redemptions", by: "code"), CarriedTable("attempts", by: "key", "place"),
        CarriedTable("mailed_links", by: "account", "purpose"), CarriedTable("outbox", by: "id"),
        CarriedTable("keyring", by: "name"), CarriedTable("key_files", by: "name"),
        CarriedTable("relying_parties", by: "name"), CarriedTable("revisions", by: "subject"),
        CarriedTable("key_set_readers", by: "reader", "client"), CarriedTable("single_uses", by: "kind", "hash"),
        CarriedTable("logout_notices", by: "id"), CarriedTable("base_registers", by: "id"),
        CarriedTable("base_imports", by: "id"), CarriedTable("base_exports", by: "import", "register"),
        CarriedTable("base_schools", by: "register", "key", "ended"),
        CarriedTable("base_classes", by: "register", "school", "kind", "code", "ended"),
        CarriedTable("base_people", by: "register", "kind", "key", "ended"),
        CarriedTable("base_mobiles", by: "register", "person", "number", "ended"),
        CarriedTable("base_places", by: "register", "pupil", "school", "class", "ended"),
        CarriedTable("base_functions", by: "register", "person", "school", "code", "discipline", "ended"),
        CarriedTable("base_links", by: "register", "pupil", "responsible", "ended"),
        CarriedTable("base_joins", by: "register", "kind", "key", "ended"),
        CarriedTable("base_doubles", by: "register", "kind", "key", "other_register", "other_key", "ended"),
        CarriedTable("base_accounts", by: "account"),
    ]

    /// How many rows each table holds.
    ///
    /// - Throws: ``StoreError``.
    public static func counts(in database: any SQLSession) throws -> [TableCount] {
        try all.map { TableCount(table: $0.name, rows: try $0.count(in: database)) }
    }

    /// How many rows it holds.
    func count(in database: any SQLSession) throws -> Int64 {
        try database.row(SQLStatement("SELECT COUNT(*) AS total FROM \(name)"))?.number("total") ?? 0
    }

    /// Reads the first rows, or those behind a row.
    func pages(of size: Int) -> (first: SQLStatement, next: SQLStatement) {
        let names = key.joined(separator: ", ")
        let values = key.map { ":" + $0 }.joined(separator: ", ")
        let behind = key.count == 1 ? "\(names) > \(values)" : "(\(names)) > (\(values))"
        return (
            SQLStatement("SELECT * FROM \(name) ORDER BY \(names) LIMIT \(size)"),
            SQLStatement("SELECT * FROM \(name) WHERE \(behind) ORDER BY \(names) LIMIT \(size)")
        )
    }

    /// Adds `count` rows at once.
    func insertion(of count: Int, columns: [String]) throws -> SQLStatement {
        // What comes from a file becomes a part of a statement: nothing but names as ours are.
        guard columns.allSatisfy({ $0.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F } }) else {
            throw StoreError(.corrupted, "the table \(name) has a column that Loge never made")
        }
        let rows = (0..<count).map { row in
            "(" + columns.indices.map { ":" + Self.parameter(row * columns.count + $0) }.joined(separator: ", ") + ")"
        }
        return SQLStatement(
            "INSERT INTO \(name) (\(columns.joined(separator: ", "))) VALUES \(rows.joined(separator: ", "))")
    }

    /// The name of a parameter: letters for its number, since digits end a name.
    private static func parameter(_ number: Int) -> String {
        String(decoding: String(number).utf8.map { digit in digit - 0x30 + 0x61 }, as: UTF8.self)
    }
}

/// How many rows a table holds.
public struct TableCount: Sendable, Hashable {
    /// The name of the table.
    public let table: String
    /// Its rows.
    public let rows: Int64

    /// A table and its rows.
    public init(table: String, rows: Int64) {
        self.table = table
        self.rows = rows
    }
}
