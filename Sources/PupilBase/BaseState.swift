internal import School
internal import SchoolFiles
internal import Stores
internal import StoresSQL

/// Where the base stands before an import.
struct BaseState: Sendable {
    /// The number of the last import, undone ones too; 0 before the first.
    let lastImport: Int64
    /// How many imports were undone.
    let undone: Int64
    /// Whether nothing was ever imported.
    let isEmpty: Bool
    /// The last export of each register that counts: its day, and whether any was complete.
    private let last: [Int64: (date: String, hasComplete: Bool)]

    init(_ db: any SQLSession) throws {
        let mark = try db.row(.newest)
        lastImport = try mark?.number("newest") ?? 0
        undone = try mark?.number("undone") ?? 0
        isEmpty = try db.row(.anything) == nil
        var last: [Int64: (date: String, hasComplete: Bool)] = [:]
        for row in try db.rows(.lastExports) {
            last[try row.number("register")] = (try row.text("newest"), try row.number("wholes") > 0)
        }
        self.last = last
    }

    /// Whether an export follows what the base holds.
    ///
    /// - Throws: ``ImportRefusal`` `.outOfOrder`.
    func check(_ export: RegisterExport, register: Int64) throws {
        let name = "\(export.register.format.rawValue) \(export.register.scopeText)"
        let known = last[register]
        let date = export.date ?? ""
        if export.extent == .changes {
            guard let known, known.hasComplete else {
                throw ImportRefusal(
                    .outOfOrder,
                    "these are changes (Delta) of \(name), of which the base holds nothing: import a complete export first"
                )
            }
            guard !date.isEmpty, date > known.date else {
                throw ImportRefusal(
                    .outOfOrder,
                    "these changes of \(name) are of \(date.isEmpty ? "an unknown day" : date), and the base is of "
                        + "\(known.date): they were imported already, or come too late. Import the next ones, or a "
                        + "complete export")
            }
        } else if let known, !date.isEmpty, date < known.date {
            throw ImportRefusal(
                .outOfOrder,
                "this export of \(name) is of \(date), and the base is of \(known.date) already: import a newer one; "
                    + "to go back, use `loge base rollback`")
        }
    }
}

extension SQLStatement {
    fileprivate static let newest = SQLStatement(
        "SELECT COALESCE(MAX(id), 0) AS newest, COUNT(undone_at) AS undone FROM base_imports")
    fileprivate static let anything = SQLStatement(
        "SELECT 1 AS found FROM base_people UNION ALL SELECT 1 AS found FROM base_schools LIMIT 1")
    fileprivate static let lastExports = SQLStatement(
        """
        SELECT export.register AS register, MAX(export.export_date) AS newest,
            CAST(SUM(CASE WHEN export.extent = 'changes' THEN 0 ELSE 1 END) AS BIGINT) AS wholes
        FROM base_exports AS export JOIN base_imports AS done ON done.id = export.import AND done.undone_at IS NULL
        GROUP BY export.register
        """)
}
