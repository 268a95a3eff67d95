internal import Clocks
internal import School
internal import SchoolFiles
internal import Stores
internal import StoresSQL

/// Writes the differences into the base, within the transaction that its caller began.
struct Application {
    let workbench: any SQLWorkbench
    let number: Int64
    let at: Instant

    /// Adds and closes rows.
    ///
    /// - Parameter isEmptyBase: nobody reads the base yet, so that its indexes may be made anew, all at once.
    /// - Throws: `StoreError`.
    func perform(_ units: [Staging.Unit], isFresh: [Int64: Bool], isEmptyBase: Bool) throws {
        if isEmptyBase { try workbench.define(Migration.droppedBaseIndexes + "\n") }
        for unit in units {
            let register: SQLValue = .number(unit.register)
            for table in Difference.tables(of: unit.export.register.format) {
                if isFresh[unit.register] == true {
                    try workbench.change(table.addAll, ["import": .number(number), "register": register])
                    continue
                }
                try workbench.change(table.close, ["import": .number(number), "register": register])
                if table.hasGrace {
                    try workbench.change(
                        table.keepGone, ["at": .instant(at), "import": .number(number), "register": register])
                }
                try workbench.change(table.addDifferent, ["import": .number(number), "register": register])
            }
        }
        if isEmptyBase {
            try workbench.define(Migration.baseIndexes + "\n")
            for table in BaseTable.filled { try workbench.define("ANALYZE \(table.live);\n") }
        }
    }

    /// Closes people who left so long ago that nobody needs them, with all that is theirs.
    ///
    /// - Returns: how many people.
    /// - Throws: `StoreError`.
    @discardableResult
    func removeDeparted(before: Instant) throws -> Int {
        let arguments: KeyValuePairs<String, SQLValue> = ["import": .number(number), "before": .instant(before)]
        try workbench.change(.closeDepartedLinks, arguments)
        let closed = try workbench.change(.closeDeparted, arguments)
        guard closed > 0 else { return 0 }
        let mine: KeyValuePairs<String, SQLValue> = ["import": .number(number)]
        // What this import added for them holds for nobody; it was not there before, or was closed already.
        for (table, column, kind) in SQLStatement.owned {
            try workbench.change(.withdraw(table, column, kind), mine)
        }
        for statement in [
            SQLStatement.closeMobiles, .closePlaces, .closeFunctions, .closeLinksOfPupils, .closeLinksOfResponsibles,
            .closeJoins, .closeDoubles, .closeOtherDoubles,
        ] {
            try workbench.change(statement, mine)
        }
        return closed
    }

    /// Deletes what was closed by imports that can no longer be undone.
    ///
    /// - Throws: `StoreError`.
    func forget(before: Instant) throws {
        let last = try workbench.row(.lastImport, ["before": .instant(before)])?.optionalNumber("last") ?? nil
        guard let last else { return }
        for table in BaseTable.filled { try workbench.change(table.forget, ["import": .number(last)]) }
        try workbench.change(.markForgotten, ["import": .number(last)])
        for table in ["base_joins", "base_doubles"] {
            try workbench.change(
                SQLStatement("DELETE FROM \(table) WHERE ended > 0 AND ended <= :import"), ["import": .number(last)])
        }
    }
}

extension SQLStatement {
    fileprivate static let closeDeparted = SQLStatement(
        "UPDATE base_people SET ended = :import WHERE ended = 0 AND leaving > 0 AND leaving < :before")
    fileprivate static let closeDepartedLinks = SQLStatement(
        "UPDATE base_links SET ended = :import WHERE ended = 0 AND leaving > 0 AND leaving < :before")

    /// The tables of what people have, with the column that names them, and what they are.
    fileprivate static let owned = [
        ("base_mobiles", "person", "responsible"), ("base_places", "pupil", "pupil"),
        ("base_functions", "person", "staff"), ("base_links", "pupil", "pupil"),
        ("base_links", "responsible", "responsible"),
    ]

    /// Somebody whom this import has closed, and nobody has stated again.
    private static let departed = """
        person.ended = :import AND person.leaving > 0 AND NOT EXISTS (
            SELECT 1 FROM base_people AS again WHERE again.register = person.register
                AND again.kind = person.kind AND again.key = person.key AND again.ended = 0)
        """

    fileprivate static func withdraw(_ table: String, _ column: String, _ kind: String) -> SQLStatement {
        SQLStatement(
            """
            DELETE FROM \(table) WHERE started = :import AND ended = 0 AND EXISTS (
                SELECT 1 FROM base_people AS person WHERE person.register = \(table).register
                    AND person.kind = '\(kind)' AND person.key = \(table).\(column) AND \(departed))
            """)
    }

    private static func close(_ table: String, _ column: String, _ kind: String) -> SQLStatement {
        SQLStatement(
            """
            UPDATE \(table) SET ended = :import
            FROM base_people AS person
            WHERE person.kind = '\(kind)' AND \(table).register = person.register
                AND \(table).\(column) = person.key AND \(table).ended = 0 AND \(departed)
            """)
    }

    private static func closeRecords(_ table: String, _ prefix: String) -> SQLStatement {
        SQLStatement(
            """
            UPDATE \(table) SET ended = :import
            FROM base_people AS person
            WHERE \(table).kind = person.kind AND \(table).\(prefix)register = person.register
                AND \(table).\(prefix)key = person.key AND \(table).ended = 0 AND \(departed)
            """)
    }

    fileprivate static let closeJoins = closeRecords("base_joins", "")
    fileprivate static let closeDoubles = closeRecords("base_doubles", "")
    fileprivate static let closeOtherDoubles = closeRecords("base_doubles", "other_")

    fileprivate static let closeMobiles = close("base_mobiles", "person", "responsible")
    fileprivate static let closePlaces = close("base_places", "pupil", "pupil")
    fileprivate static let closeFunctions = close("base_functions", "person", "staff")
    fileprivate static let closeLinksOfPupils = close("base_links", "pupil", "pupil")
    fileprivate static let closeLinksOfResponsibles = close("base_links", "responsible", "responsible")
    fileprivate static let markForgotten = SQLStatement(
        "UPDATE base_imports SET forgotten = 1 WHERE id <= :import AND forgotten = 0")
    /// The newest import that was applied before.
    fileprivate static let lastImport = SQLStatement(
        "SELECT MAX(id) AS last FROM base_imports WHERE applied_at < :before")
}
