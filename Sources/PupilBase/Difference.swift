internal import School
internal import SchoolFiles
internal import Stores
internal import StoresSQL

/// Finds what is different between the staged rows and the base, register by register. Nothing of the base is changed.
struct Difference {
    let workbench: any SQLWorkbench
    let options: BaseImport.Options

    /// Whether everything that is staged is new, so that no difference needs to be looked for.
    private(set) var isFresh: [Int64: Bool] = [:]

    init(workbench: any SQLWorkbench, options: BaseImport.Options) {
        self.workbench = workbench
        self.options = options
    }

    /// The tables with the owner of the links that this format has.
    static func tables(of format: Register.Format) -> [BaseTable] {
        let isAAF = format == .aaf2D || format == .aaf1D
        return BaseTable.filled.dropLast() + [BaseTable.links(statedBy: isAAF ? .pupil : .responsible)]
    }

    /// Fills the tables of differences and counts them.
    ///
    /// - Throws: ``ImportRefusal`` `.tooManyGone`; `StoreError`.
    mutating func find(_ unit: inout Staging.Unit) throws {
        let tables = Self.tables(of: unit.export.register.format)
        let register: KeyValuePairs<String, SQLValue> = ["register": .number(unit.register)]
        if unit.export.register.format == .aaf1D { try workbench.change(.keepStatedLevels, register) }
        let isFresh = try tables.allSatisfy { try workbench.row($0.isHeld, register) == nil }
        self.isFresh[unit.register] = isFresh
        for table in tables {
            if !isFresh { try find(table, unit) }
            try count(table, &unit, isFresh: isFresh)
        }
        if !isFresh {
            for table in tables { try workbench.define("ANALYZE \(table.different);\n") }
            try check(unit)
        }
    }

    private func find(_ table: BaseTable, _ unit: Staging.Unit) throws {
        let register: KeyValuePairs<String, SQLValue> = ["register": .number(unit.register)]
        try workbench.change(table.findDifferent, register)
        if let owner = table.owner {
            var arguments: [(String, SQLValue)] = [
                ("register", .number(unit.register)), ("field", .number(owner.field.rawValue)),
            ]
            if let kind = owner.kind { arguments.append(("kind", .text(kind.rawValue))) }
            let statement = table.findGone(with: owner)
            _ = try workbench.change(
                statement, ordered: statement.parameters.map { name in arguments.first { $0.0 == name }?.1 ?? .null })
        } else if unit.export.extent == .changes {
            try workbench.change(table.findDeleted, register)
        } else if unit.export.extent == .complete {
            try findGone(table, unit)
        }
    }

    private func findGone(_ table: BaseTable, _ unit: Staging.Unit) throws {
        let contents = unit.export.contents
        if table.name == "schools" {
            guard contents.contains(.schools) else { return }
            try workbench.change(table.findGoneOfAll, ["register": .number(unit.register)])
        } else {
            for (content, kind) in [
                (RegisterFile.Content.pupils, PersonKind.pupil), (.responsibles, .responsible), (.staff, .staff),
            ] where contents.contains(content) {
                try workbench.change(
                    table.findGoneOfAll, ["register": .number(unit.register), "kind": .text(kind.rawValue)])
            }
        }
    }

    private func count(_ table: BaseTable, _ unit: inout Staging.Unit, isFresh: Bool) throws {
        guard table.name == "people" else {
            var counts = ChangeCounts()
            counts.stated = try number(
                "SELECT COUNT(*) AS total FROM \(table.staged) WHERE register = :register", unit.register)
            if isFresh {
                counts.new = counts.stated
            } else {
                for row in try workbench.rows(table.countDifferent, ["register": .number(unit.register)]) {
                    counts.count(try row.text("what"), Int(try row.number("total")))
                }
                if mustCount(unit, gone: counts.gone) {
                    let held = try workbench.row(table.liveCount, ["register": .number(unit.register)])
                    counts.held = Int(try held?.number("total") ?? 0)
                }
            }
            unit.report.changes[table.name] = counts
            return
        }
        var counts: [String: ChangeCounts] = [:]
        for kind in PersonKind.allCases { counts[kind.rawValue] = ChangeCounts() }
        let register: KeyValuePairs<String, SQLValue> = ["register": .number(unit.register)]
        for row in try workbench.rows(.stagedKinds, register) {
            counts[try row.text("kind")]?.stated = Int(try row.number("total"))
        }
        if isFresh {
            for (kind, of) in counts { counts[kind]?.new = of.stated }
        } else {
            for row in try workbench.rows(.differentKinds, register) {
                counts[try row.text("kind")]?.count(try row.text("what"), Int(try row.number("total")))
            }
            if counts.values.contains(where: { mustCount(unit, gone: $0.gone) }) {
                for row in try workbench.rows(.heldKinds, register) {
                    counts[try row.text("kind")]?.held = Int(try row.number("total"))
                }
            }
        }
        unit.report.changes["pupils"] = counts[PersonKind.pupil.rawValue]
        unit.report.changes["responsibles"] = counts[PersonKind.responsible.rawValue]
        unit.report.changes["staff"] = counts[PersonKind.staff.rawValue]
    }

    /// Counting millions of rows takes longer than a small delta: only where the share of what goes is asked for.
    private func mustCount(_ unit: Staging.Unit, gone: Int) -> Bool {
        unit.export.extent != .changes || gone > options.smallestShare
    }

    private func number(_ query: String, _ register: Int64) throws -> Int {
        Int(try workbench.row(SQLStatement(query), ["register": .number(register)])?.number("total") ?? 0)
    }

    /// Stops an import that would take more away than it may, or change what opens and what finds people.
    private func check(_ unit: Staging.Unit) throws {
        guard !options.mayRemoveMany else { return }
        for (statement, held, words) in [
            (SQLStatement.changedLevels, "links", "legal levels"),
            (.changedNames, "pupils", "names or birth dates of pupils"),
            (.changedNames, "responsibles", "names of responsibles"),
        ] {
            let kind = held == "pupils" ? PersonKind.pupil : .responsible
            let changed = Int(
                try workbench.row(
                    statement,
                    held == "links"
                        ? ["register": .number(unit.register)]
                        : ["register": .number(unit.register), "kind": .text(kind.rawValue)])?.number("total") ?? 0)
            let all = unit.report.changes[held]?.held ?? 0
            let isMany = changed > options.smallestShare && changed * 100 > max(all, 1) * options.largestShare
            guard isMany, all > 0 || unit.export.extent != .changes else { continue }
            throw ImportRefusal(
                .tooManyChanged,
                "\(changed) \(words) of \(unit.report.format) \(unit.report.scope) would change, of \(all), more than "
                    + "\(options.largestShare) %: nothing was changed. Check that the files are of this register and whole; "
                    + "if it is right, import them again with --allow-departures")
        }
        for row in try workbench.rows(.emptiedSchools, ["register": .number(unit.register)]) {
            let (gone, held) = (try row.number("gone"), try row.number("held"))
            guard gone > Int64(options.smallestShare), gone * 2 > held else { continue }
            throw ImportRefusal(
                .tooManyGone,
                "\(gone) of \(held) pupils of the school \(try row.text("school")) of \(unit.report.format) "
                    + "\(unit.report.scope) would go, more than half: nothing was changed. Check that its files are there; "
                    + "if it is right, import them again with --allow-departures")
        }
        for (name, words) in [
            ("schools", "schools"), ("pupils", "pupils"), ("responsibles", "responsibles"), ("staff", "staff"),
            ("links", "links between pupils and responsibles"), ("mobiles", "mobile numbers"),
        ] {
            guard let counts = unit.report.changes[name] else { continue }
            let isMany =
                counts.gone > options.smallestShare
                && counts.gone * 100 > counts.held * options.largestShare
            guard isMany else { continue }
            throw ImportRefusal(
                .tooManyGone,
                "\(counts.gone) of \(counts.held) \(words) of \(unit.report.format) \(unit.report.scope) would go, "
                    + "more than \(options.largestShare) %: nothing was changed. Check that the files are whole; if it is "
                    + "right (the end of a school year), import them again with --allow-departures")
        }
    }
}

extension SQLStatement {
    /// Responsibles of AAF 1D name their pupils without a level: where the pupils are not stated beside them, what they
    /// told before stands.
    fileprivate static let keepStatedLevels = SQLStatement(
        """
        DELETE FROM stage_links WHERE register = :register AND level_form = ''
            AND NOT EXISTS (SELECT 1 FROM stage_people AS pupil WHERE pupil.register = stage_links.register
                AND pupil.kind = 'pupil' AND pupil.key = stage_links.pupil)
            AND EXISTS (SELECT 1 FROM base_links AS held WHERE held.register = stage_links.register
                AND held.pupil = stage_links.pupil AND held.responsible = stage_links.responsible
                AND held.level_form <> '' AND held.ended = 0)
        """)
    fileprivate static let changedLevels = SQLStatement(
        """
        SELECT COUNT(*) AS total FROM diff_links AS diff
            JOIN stage_links AS said ON said.register = diff.register AND said.pupil = diff.pupil
                AND said.responsible = diff.responsible
            JOIN base_links AS held ON held.register = diff.register AND held.pupil = diff.pupil
                AND held.responsible = diff.responsible AND held.ended = 0
        WHERE diff.register = :register AND diff.what = 'changed'
            AND (said.level_form <> held.level_form OR said.level_code <> held.level_code)
        """)
    fileprivate static let changedNames = SQLStatement(
        """
        SELECT COUNT(*) AS total FROM diff_people AS diff
            JOIN stage_people AS said ON said.register = diff.register AND said.kind = diff.kind
                AND said.key = diff.key
            JOIN base_people AS held ON held.register = diff.register AND held.kind = diff.kind
                AND held.key = diff.key AND held.ended = 0
        WHERE diff.register = :register AND diff.kind = :kind AND diff.what = 'changed'
            AND (said.folded_usage <> held.folded_usage OR said.birth_date <> held.birth_date)
        """)
    fileprivate static let emptiedSchools = SQLStatement(
        """
        SELECT gone.school AS school, gone.gone AS gone, (
                SELECT COUNT(*) FROM base_places AS place
                WHERE place.register = :register AND place.school = gone.school AND place.ended = 0) AS held
        FROM (
            SELECT place.school AS school, COUNT(*) AS gone
            FROM diff_people AS diff JOIN base_places AS place ON place.register = diff.register
                AND place.pupil = diff.key AND place.ended = 0
            WHERE diff.register = :register AND diff.kind = 'pupil' AND diff.what = 'gone'
            GROUP BY place.school) AS gone
        ORDER BY gone.school
        """)
    fileprivate static let stagedKinds = SQLStatement(
        "SELECT kind, COUNT(*) AS total FROM stage_people WHERE register = :register AND change <> 2 GROUP BY kind")
    fileprivate static let heldKinds = SQLStatement(
        """
        SELECT kind, COUNT(*) AS total FROM base_people WHERE register = :register AND ended = 0 AND leaving = 0
        GROUP BY kind
        """)
    fileprivate static let differentKinds = SQLStatement(
        "SELECT kind, what, COUNT(*) AS total FROM diff_people WHERE register = :register GROUP BY kind, what")
}
