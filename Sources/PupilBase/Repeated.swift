internal import Stores
internal import StoresSQL

/// Keys that stand several times among the staged rows.
struct Repeated {
    let table: BaseTable
    let workbench: any SQLWorkbench

    private var keys: String { table.keys.map(\.name).joined(separator: ", ") }

    /// Drops what is repeated in the same words.
    ///
    /// - Returns: how many rows were dropped, by register.
    /// - Throws: ``ImportRefusal`` `.contradiction` when a key is stated in two ways; `StoreError`.
    func dropped() throws -> [Int64: Int] {
        try workbench.define(table.findingIndex)
        try preferStatedLevels()
        // What somebody has is part of what is stated of them: two numbers are two statements.
        let all = (table.keys + table.values).map(\.name) + (table.owner == nil ? ["owned"] : [])
        try workbench.define(
            """
            CREATE TEMP TABLE repeated_\(table.name) AS
                SELECT \(keys) FROM \(table.staged) GROUP BY \(keys) HAVING COUNT(*) > 1;

            """)
        let rows = try workbench.rows(SQLStatement("SELECT * FROM repeated_\(table.name) ORDER BY \(keys)"))
        var dropped: [Int64: Int] = [:]
        for row in rows {
            let register = try row.number("register")
            let found = try workbench.rows(matching, ordered: row.values)
            guard let first = found.first else { continue }
            let values = try all.map { try first.any($0) }
            for other in found.dropFirst() where try all.map({ try other.any($0) }) != values {
                throw ImportRefusal(.contradiction, try sentence(first, other))
            }
            _ = try workbench.change(deletion, ordered: row.values)
            let again = RowBatch(table.stagedColumns.map(\.type))
            try workbench.load(
                again.with(try table.stagedColumns.map { try first.any($0.name) }), into: table.staged,
                columns: table.stagedColumns.map(\.name))
            dropped[register, default: 0] += found.count - 1
        }
        return dropped
    }

    /// AAF 1D states a link with the pupil, who tells the authority, and with the responsible, who does not.
    private func preferStatedLevels() throws {
        guard table.name == "links" else { return }
        _ = try workbench.change(
            SQLStatement(
                """
                DELETE FROM stage_links WHERE level_form = '' AND EXISTS (
                    SELECT 1 FROM stage_links AS better WHERE better.register = stage_links.register
                        AND better.pupil = stage_links.pupil AND better.responsible = stage_links.responsible
                        AND better.level_form <> '')
                """))
    }

    private var condition: String { table.keys.map { "\($0.name) = :\($0.name)" }.joined(separator: " AND ") }
    private var matching: SQLStatement { SQLStatement("SELECT * FROM \(table.staged) WHERE \(condition)") }
    private var deletion: SQLStatement { SQLStatement("DELETE FROM \(table.staged) WHERE \(condition)") }

    private func sentence(_ one: SQLRow, _ other: SQLRow) throws -> String {
        // Keys of people and schools; never a number that can be called.
        let key = try table.keys.dropFirst().filter { $0.type == .text }.map { try one.text($0.name) }
            .joined(separator: " ")
        var places = ""
        if table.owner == nil {
            places = " (lines \(try one.number("line")) and \(try other.number("line")))"
        }
        return "the files state \(table.name) \(key) in two ways\(places): export them again together, of one moment"
    }
}

extension RowBatch {
    /// With one more row.
    fileprivate func with(_ values: [SQLValue]) -> RowBatch {
        var rows = self
        for value in values {
            switch value {
            case .text(let text): rows.append(text)
            case .number(let number): rows.append(number)
            case .null, .bytes: break
            }
        }
        return rows
    }
}
