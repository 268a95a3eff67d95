public import Clocks
internal import Foundation
internal import School
internal import Stores
internal import StoresSQL

/// How the base stands.
public struct BaseStatus: Sendable, Hashable, Codable {
    /// How many of something there are.
    public struct Count: Sendable, Hashable, Codable {
        /// Whom or what the register states.
        public var current = 0
        /// Whom or what it no longer states, and that is still kept.
        public var leaving = 0
    }

    /// One register.
    public struct RegisterStatus: Sendable, Hashable, Codable {
        /// Its number, the first part of a record's name.
        public var number: Int64
        /// The format, such as `AAF 2D`.
        public var format: String
        /// The academy's code, or the school's UAI.
        public var scope: String
        /// The day of the last export that counts; `nil` when its files did not tell it.
        public var exportDate: String?
        /// `complete`, `changes` or `unstated`; `nil` when every import of the register was undone.
        public var extent: String?
        /// The number of the last import that counts.
        public var lastImport: Int64?
        /// By kind: `schools`, `pupils`, `responsibles`, `staff`, `links`, `mobiles`.
        public var counts: [String: Count] = [:]
        /// Current responsibles to whom no code can be sent.
        public var withoutUsableMobile = 0
        /// Mobiles that several responsibles of the register have.
        public var sharedMobiles = 0
    }

    /// One import.
    public struct ImportStatus: Sendable, Hashable, Codable {
        /// Its number.
        public var number: Int64
        /// When it was applied.
        public var appliedAt: Instant
        /// When it was undone; `nil` when it counts.
        public var undoneAt: Instant?
        /// What was read, such as `AAF 2D 09 complete 2025-09-15`.
        public var exports: [String]
        /// People of all kinds: what became of them.
        public var people: ChangeCounts
    }

    /// The registers, by number.
    public var registers: [RegisterStatus]
    /// The last imports, newest first.
    public var imports: [ImportStatus]
    /// Records that are one person with a record of another register, by kind.
    public var joinedRecords: [String: Int]
    /// Probable doubles by reason.
    public var probableDoubles: [String: Int]
}

extension BaseReading {
    /// How the base stands. It counts everything: seconds for a large base.
    ///
    /// - Parameter imports: how many imports to list.
    /// - Throws: `StoreError`.
    public func status(imports: Int = 20) async throws -> BaseStatus {
        try await engine.atWorkbench { db in
            BaseStatus(
                registers: try Self.registers(db), imports: try Self.imports(db, limit: imports),
                joinedRecords: try Self.counts(db, .joinedRecords, by: "kind"),
                probableDoubles: try Self.counts(db, .doublesByReason, by: "reason"))
        }
    }

    private static func registers(_ db: any SQLSession) throws -> [BaseStatus.RegisterStatus] {
        var registers: [Int64: BaseStatus.RegisterStatus] = [:]
        for row in try db.rows(.registers) {
            let number = try row.number("id")
            registers[number] = BaseStatus.RegisterStatus(
                number: number, format: try row.text("format"), scope: try row.text("scope"))
        }
        // The last one of each register wins.
        for row in try db.rows(.exports) {
            let number = try row.number("register")
            let date = try row.text("export_date")
            registers[number]?.exportDate = date.isEmpty ? nil : date
            registers[number]?.extent = try row.text("extent")
            registers[number]?.lastImport = try row.number("import")
        }
        for row in try db.rows(.presenceCounts) {
            let total = Int(try row.number("total"))
            let isLeaving = try row.flag("leaves")
            let part = isLeaving ? \BaseStatus.Count.leaving : \.current
            registers[try row.number("register")]?
                .counts[try row.text("kind"), default: BaseStatus.Count()][keyPath: part] += total
        }
        for row in try db.rows(.withoutMobile) {
            registers[try row.number("register")]?.withoutUsableMobile = Int(try row.number("total"))
        }
        for row in try db.rows(.sharedMobiles) {
            registers[try row.number("register")]?.sharedMobiles = Int(try row.number("total"))
        }
        return registers.values.sorted { $0.number < $1.number }
    }

    private static func imports(_ db: any SQLSession, limit: Int) throws -> [BaseStatus.ImportStatus] {
        try db.rows(.imports, ["limit": .number(Int64(limit))]).map { row in
            let report = try row.value("report") { text in
                try? JSONDecoder().decode(ImportReport.self, from: Data(text.utf8))
            }
            var people = ChangeCounts()
            for register in report.registers {
                for kind in ["pupils", "responsibles", "staff"] {
                    guard let counts = register.changes[kind] else { continue }
                    people.add(counts)
                }
            }
            return BaseStatus.ImportStatus(
                number: try row.number("id"), appliedAt: try row.instant("applied_at"),
                undoneAt: try row.optionalInstant("undone_at"), exports: report.registers.map(\.exportText),
                people: people)
        }
    }

    private static func counts(
        _ db: any SQLSession, _ statement: SQLStatement, by column: String
    ) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for row in try db.rows(statement) { counts[try row.text(column)] = Int(try row.number("total")) }
        return counts
    }
}

extension RegisterReport {
    /// The export in words: `AAF 2D 09 complete 2025-09-15`.
    public var exportText: String { [format, scope, extent, date ?? ""].filter { !$0.isEmpty }.joined(separator: " ") }
}

extension ChangeCounts {
    /// Adds those of another kind.
    fileprivate mutating func add(_ other: ChangeCounts) {
        stated += other.stated
        held += other.held
        new += other.new
        changed += other.changed
        back += other.back
        gone += other.gone
    }
}

extension SQLStatement {
    fileprivate static let exports = SQLStatement(
        """
        SELECT export.import AS import, export.register AS register, export.extent AS extent,
            export.export_date AS export_date
        FROM base_exports AS export JOIN base_imports AS done ON done.id = export.import AND done.undone_at IS NULL
        ORDER BY export.import
        """)

    fileprivate static let presenceCounts = SQLStatement(
        """
        SELECT register, CASE kind WHEN 'pupil' THEN 'pupils' WHEN 'responsible' THEN 'responsibles' ELSE kind END
            AS kind, CASE WHEN leaving > 0 THEN 1 ELSE 0 END AS leaves, COUNT(*) AS total
        FROM base_people WHERE ended = 0 GROUP BY register, kind, CASE WHEN leaving > 0 THEN 1 ELSE 0 END
        UNION ALL
        SELECT register, 'schools' AS kind, CASE WHEN leaving > 0 THEN 1 ELSE 0 END AS leaves, COUNT(*) AS total
        FROM base_schools WHERE ended = 0 GROUP BY register, CASE WHEN leaving > 0 THEN 1 ELSE 0 END
        UNION ALL
        SELECT register, 'links' AS kind, CASE WHEN leaving > 0 THEN 1 ELSE 0 END AS leaves, COUNT(*) AS total
        FROM base_links WHERE ended = 0 GROUP BY register, CASE WHEN leaving > 0 THEN 1 ELSE 0 END
        UNION ALL
        SELECT register, 'mobiles' AS kind, 0 AS leaves, COUNT(*) AS total
        FROM base_mobiles WHERE ended = 0 GROUP BY register
        """)

    fileprivate static let withoutMobile = SQLStatement(
        """
        SELECT person.register AS register, COUNT(*) AS total FROM base_people AS person
        WHERE person.kind = 'responsible' AND person.ended = 0 AND person.leaving = 0
            AND NOT EXISTS (SELECT 1 FROM base_mobiles AS held WHERE held.register = person.register
                AND held.person = person.key AND held.ended = 0)
        GROUP BY person.register
        """)

    fileprivate static let sharedMobiles = SQLStatement(
        """
        SELECT shared.register AS register, COUNT(*) AS total FROM (
            SELECT register, number FROM base_mobiles WHERE ended = 0
            GROUP BY number, register HAVING COUNT(*) > 1) AS shared
        GROUP BY shared.register
        """)

    fileprivate static let imports = SQLStatement(
        "SELECT id, applied_at, undone_at, report FROM base_imports ORDER BY id DESC LIMIT :limit")
    fileprivate static let joinedRecords = SQLStatement(
        "SELECT kind, COUNT(*) AS total FROM base_joins WHERE ended = 0 GROUP BY kind")
    fileprivate static let doublesByReason = SQLStatement(
        "SELECT reason, COUNT(*) AS total FROM base_doubles WHERE ended = 0 GROUP BY reason")
}
