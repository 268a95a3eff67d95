internal import School
internal import StoresSQL

/// A table of the pupil base, with the two that an import puts beside it: what the files state (`stage_…`) and what is
/// different (`diff_…`). All SQL that goes over whole tables is made here, once for all of them.
struct BaseTable: Sendable {
    struct Column: Sendable {
        let name: String
        let type: RowBatch.Column

        static func text(_ name: String) -> Column { Column(name: name, type: .text) }
        static func number(_ name: String) -> Column { Column(name: name, type: .number) }
    }

    /// Whose part a row is: the rows of an owner are replaced when the file states them.
    struct Owner: Sendable {
        let table: String
        /// The column of the row that names the owner.
        let column: String
        let kind: PersonKind?
        /// What an entry must state of the owner, so that rows that it does not state have gone.
        let field: RecordFields
    }

    /// Without `base_`.
    let name: String
    let keys: [Column]
    let values: [Column]
    /// Whether what a register no longer states holds for a while.
    let hasGrace: Bool
    /// `nil` for what stands in a file by itself, and carries how it is stated.
    let owner: Owner?

    var live: String { "base_\(name)" }
    var staged: String { "stage_\(name)" }
    var different: String { "diff_\(name)" }

    /// The columns of a staged row.
    var stagedColumns: [Column] {
        keys + values
            + (owner == nil
                ? [.number("owned"), .number("given"), .number("change"), .number("file"), .number("line")] : [])
    }

    private var keyNames: [String] { keys.map(\.name) }
    private var valueNames: [String] { values.map(\.name) }

    private func list(_ names: [String], of table: String) -> String {
        names.map { "\(table).\($0)" }.joined(separator: ", ")
    }

    /// `a.register = b.register AND …`
    private func same(_ one: String, _ other: String) -> String {
        keyNames.map { "\(one).\($0) = \(other).\($0)" }.joined(separator: " AND ")
    }
}

extension BaseTable {
    static let schools = BaseTable(
        name: "schools", keys: [.number("register"), .text("key")],
        values: [.text("uai"), .text("name"), .text("type"), .text("postal_code"), .text("town")], hasGrace: true,
        owner: nil)

    static let classes = BaseTable(
        name: "classes", keys: [.number("register"), .text("school"), .text("kind"), .text("code")],
        values: [.text("label")], hasGrace: false,
        owner: Owner(table: "schools", column: "school", kind: nil, field: .classes))

    static let people = BaseTable(
        name: "people", keys: [.number("register"), .text("kind"), .text("key")],
        values: [
            .text("birth_name"), .text("usage_name"), .text("given_name"), .text("other_names"), .text("civility"),
            .text("birth_date"), .text("mail"), .text("postal_code"), .text("ine"), .text("file_number"),
            .text("level"), .text("schools"), .text("group_codes"), .text("folded_usage"), .text("folded_birth"),
        ], hasGrace: true, owner: nil)

    static let mobiles = BaseTable(
        name: "mobiles", keys: [.number("register"), .text("person"), .number("number")], values: [.number("fields")],
        hasGrace: false, owner: Owner(table: "people", column: "person", kind: .responsible, field: .mobiles))

    static let places = BaseTable(
        name: "places", keys: [.number("register"), .text("pupil"), .text("school"), .text("class")], values: [],
        hasGrace: false, owner: Owner(table: "people", column: "pupil", kind: .pupil, field: .classes))

    static let functions = BaseTable(
        name: "functions",
        keys: [.number("register"), .text("person"), .text("school"), .text("code"), .text("discipline")],
        values: [.text("label")], hasGrace: false,
        owner: Owner(table: "people", column: "person", kind: .staff, field: .functions))

    /// Links have two ends; see ``links(statedBy:)``.
    static let links = links(statedBy: .pupil)

    /// The links of a register whose files state them with the pupils (AAF), or with the responsibles (SIECLE, ONDE).
    static func links(statedBy kind: PersonKind) -> BaseTable {
        BaseTable(
            name: "links", keys: [.number("register"), .text("pupil"), .text("responsible")],
            values: [.text("kind_code"), .text("level_form"), .text("level_code"), .number("aaf_version")],
            hasGrace: true,
            owner: Owner(
                table: "people", column: kind == .pupil ? "pupil" : "responsible", kind: kind, field: .links))
    }

    /// Every table that the files fill, owners first.
    static let filled = [schools, classes, people, mobiles, places, functions, links]
}

extension BaseTable {
    /// Makes the two tables beside it.
    var definition: String {
        func columns(_ columns: [Column]) -> String {
            columns.map { "\($0.name) \($0.type == .text ? "TEXT" : "BIGINT") NOT NULL" }.joined(separator: ", ")
        }
        return """
            CREATE TEMP TABLE \(staged) (\(columns(stagedColumns)));
            CREATE TEMP TABLE \(different) (\(columns(keys)), what TEXT NOT NULL);

            """
    }

    /// Makes each key of the staged rows stand once; fails when one does not.
    var stagedIndex: String {
        "CREATE UNIQUE INDEX \(staged)_key ON \(staged) (\(keyNames.joined(separator: ", ")));\n"
    }

    /// Makes repeated keys findable, where the index of ``stagedIndex`` cannot be.
    var findingIndex: String {
        "CREATE INDEX \(staged)_find ON \(staged) (\(keyNames.joined(separator: ", ")));\nANALYZE \(staged);\n"
    }

    /// Makes the differences findable.
    var differentIndex: String {
        "CREATE INDEX \(different)_key ON \(different) (\(keyNames.joined(separator: ", ")));\n"
    }

    /// Whether the base holds anything of the register.
    var isHeld: SQLStatement { SQLStatement("SELECT 1 AS held FROM \(live) WHERE register = :register LIMIT 1") }

    /// How many rows the base states of the register.
    var liveCount: SQLStatement {
        SQLStatement(
            "SELECT COUNT(*) AS total FROM \(live) WHERE register = :register AND ended = 0"
                + (hasGrace ? " AND leaving = 0" : ""))
    }

    /// What is stated and not held so.
    var findDifferent: SQLStatement {
        let changed = valueNames.map { "held.\($0) <> said.\($0)" }
        let isBack = hasGrace ? " WHEN held.leaving > 0 THEN 'back'" : ""
        let differs = (["held.register IS NULL"] + (hasGrace ? ["held.leaving > 0"] : []) + changed)
            .joined(separator: " OR ")
        return SQLStatement(
            """
            INSERT INTO \(different) (\(keyNames.joined(separator: ", ")), what)
            SELECT \(list(keyNames, of: "said")),
                CASE WHEN held.register IS NULL THEN 'new'\(isBack) ELSE 'changed' END
            FROM \(staged) AS said
                LEFT JOIN \(live) AS held ON \(same("held", "said")) AND held.ended = 0
            WHERE said.register = :register\(owner == nil ? " AND said.change <> 2" : "") AND (\(differs))
            """)
    }

    /// What is held and no longer stated, of everything that the register holds.
    var findGoneOfAll: SQLStatement {
        let kind = name == "people" ? " AND held.kind = :kind" : ""
        return SQLStatement(
            """
            INSERT INTO \(different) (\(keyNames.joined(separator: ", ")), what)
            SELECT \(list(keyNames, of: "held")), 'gone'
            FROM \(live) AS held
            WHERE held.register = :register\(kind) AND held.ended = 0 AND held.leaving = 0
                AND NOT EXISTS (SELECT 1 FROM \(staged) AS said WHERE \(same("said", "held")))
            """)
    }

    /// What the register has deleted by name.
    var findDeleted: SQLStatement {
        SQLStatement(
            """
            INSERT INTO \(different) (\(keyNames.joined(separator: ", ")), what)
            SELECT \(list(keyNames, of: "held")), 'gone'
            FROM \(staged) AS said JOIN \(live) AS held ON \(same("held", "said")) AND held.ended = 0
            WHERE said.register = :register AND said.change = 2 AND held.leaving = 0
            """)
    }

    /// What is held of an owner that is stated, and is not stated with it.
    func findGone(with owner: Owner) -> SQLStatement {
        let kind = owner.kind == nil ? "" : " AND owner.kind = :kind"
        return SQLStatement(
            """
            INSERT INTO \(different) (\(keyNames.joined(separator: ", ")), what)
            SELECT \(list(keyNames, of: "held")), 'gone'
            FROM stage_\(owner.table) AS owner
                JOIN \(live) AS held ON held.register = owner.register AND held.\(owner.column) = owner.key
                    AND held.ended = 0\(hasGrace ? " AND held.leaving = 0" : "")
            WHERE owner.register = :register\(kind) AND owner.change <> 2 AND owner.given & :field <> 0
                AND NOT EXISTS (SELECT 1 FROM \(staged) AS said WHERE \(same("said", "held")))
            """)
    }

    /// Closes what is no longer so.
    var close: SQLStatement {
        SQLStatement(
            """
            UPDATE \(live) SET ended = :import
            FROM \(different) AS said
            WHERE \(same(live, "said")) AND said.register = :register AND said.what <> 'new' AND \(live).ended = 0
            """)
    }

    /// Keeps what has gone for as long as the grace lasts.
    var keepGone: SQLStatement {
        let all = keyNames + valueNames
        return SQLStatement(
            """
            INSERT INTO \(live) (\(all.joined(separator: ", ")), leaving, started, ended)
            SELECT \(list(all, of: "held")), CAST(:at AS BIGINT), CAST(:import AS BIGINT), 0
            FROM \(different) AS said JOIN \(live) AS held ON \(same("held", "said")) AND held.ended = :import
            WHERE said.register = :register AND said.what = 'gone'
            """)
    }

    /// Adds what is new or otherwise than before.
    var addDifferent: SQLStatement {
        let all = keyNames + valueNames
        return SQLStatement(
            """
            INSERT INTO \(live) (\(all.joined(separator: ", "))\(hasGrace ? ", leaving" : ""), started, ended)
            SELECT \(list(all, of: "stated"))\(hasGrace ? ", 0" : ""), CAST(:import AS BIGINT), 0
            FROM \(different) AS said JOIN \(staged) AS stated ON \(same("stated", "said"))
            WHERE said.register = :register AND said.what <> 'gone'
            """)
    }

    /// Adds everything that is stated: the base holds nothing of the register yet.
    var addAll: SQLStatement {
        let all = keyNames + valueNames
        return SQLStatement(
            """
            INSERT INTO \(live) (\(all.joined(separator: ", "))\(hasGrace ? ", leaving" : ""), started, ended)
            SELECT \(list(all, of: "stated"))\(hasGrace ? ", 0" : ""), CAST(:import AS BIGINT), 0
            FROM \(staged) AS stated
            WHERE stated.register = :register\(owner == nil ? " AND stated.change <> 2" : "")
            """)
    }

    /// How many rows are different, and how.
    var countDifferent: SQLStatement {
        SQLStatement("SELECT what, COUNT(*) AS total FROM \(different) WHERE register = :register GROUP BY what")
    }

    /// Takes back what an import added.
    var undoAdded: SQLStatement { SQLStatement("DELETE FROM \(live) WHERE started = :import") }
    /// Opens again what an import closed.
    var undoClosed: SQLStatement { SQLStatement("UPDATE \(live) SET ended = 0 WHERE ended = :import") }
    /// Forgets what was closed so long ago that nobody can want it back.
    var forget: SQLStatement { SQLStatement("DELETE FROM \(live) WHERE ended > 0 AND ended <= :import") }
}
