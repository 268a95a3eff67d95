import Foundation
import PupilBase

/// The report of an import, as a person reads it.
enum BaseImportText {
    /// So many schools are shown of each register.
    private static let mostSchools = 40

    private static let kinds = [
        ("schools", "schools"), ("classes", "classes"), ("pupils", "pupils"), ("responsibles", "responsibles"),
        ("staff", "staff"), ("mobiles", "mobile numbers"), ("places", "places in classes"), ("functions", "functions"),
        ("links", "links"),
    ]

    /// - Parameter left: exports that a dry run could not compare.
    /// - Parameter again: the command that applies what a dry run told.
    static func text(_ reports: [ImportReport], left: Int, again: String) -> String {
        var lines: [String] = []
        for report in reports {
            lines.append(report.number.map { "import \($0) was applied" } ?? "dry run: nothing was changed")
            for register in report.registers {
                lines.append("")
                lines += Self.lines(register)
            }
            lines += [""] + people(report)
        }
        if left > 0 {
            lines.append("\(left) exports that follow were not compared: they build on this one")
        }
        if reports.contains(where: { $0.isDryRun }) {
            lines.append("to apply it: \(again)")
        } else if reports.allSatisfy(\.isEmpty) {
            lines.append("nothing is different from before")
        } else {
            lines.append("to see it record by record: loge base diff; to undo it: loge base rollback")
        }
        return lines.joined(separator: "\n")
    }

    private static func people(_ report: ImportReport) -> [String] {
        var lines: [String] = []
        if report.joined > 0 {
            lines.append("\(report.joined) records are one person with a record of another register")
        }
        if !report.probableDoubles.isEmpty {
            let total = report.probableDoubles.values.reduce(0, +)
            lines.append("\(total) probable doubles (\(listed(report.probableDoubles))): loge base doubles")
        }
        if let accounts = report.accounts, accounts != AccountChanges() {
            lines.append(
                "accounts: \(accounts.created) made, \(accounts.changed) changed, \(accounts.locked) locked, "
                    + "\(accounts.unlocked) opened again")
        }
        return lines
    }

    private static func lines(_ register: RegisterReport) -> [String] {
        let files = register.files.count == 1 ? "1 file" : "\(register.files.count) files"
        var lines = ["\(register.exportText) (\(files))"]
        var rows = [["", "stated", "held", "new", "changed", "back", "gone"]]
        for (kind, words) in kinds {
            guard let counts = register.changes[kind], counts.stated > 0 || counts.held > 0 || !counts.isEmpty else {
                continue
            }
            rows.append([words] + [counts.stated, counts.held].map(String.init) + cells(counts))
        }
        lines += TextTable.lines(rows, indent: "  ")
        lines += schools(register)
        let notes = self.notes(register)
        if !notes.isEmpty { lines += ["  worth knowing:"] + notes.map { "    " + $0 } }
        if !register.firstWarnings.isEmpty {
            lines += ["  the first odd places:"] + register.firstWarnings.map { "    " + $0 }
        }
        return lines
    }

    private static func cells(_ counts: ChangeCounts) -> [String] {
        [counts.new, counts.changed, counts.back, counts.gone].map { $0 == 0 ? "" : String($0) }
    }

    private static func schools(_ register: RegisterReport) -> [String] {
        let changed = register.schools.filter { !($0.pupils.isEmpty && $0.responsibles.isEmpty && $0.staff.isEmpty) }
        guard !changed.isEmpty else { return [] }
        var rows: [[String]] = []
        for school in changed.prefix(mostSchools) {
            rows.append(
                [
                    school.school.replacing("\n", with: "+"), school.name, short("pupils", school.pupils),
                    short("responsibles", school.responsibles), short("staff", school.staff),
                ])
        }
        var lines = ["  by school (+ new, ~ changed, < back, - gone):"] + TextTable.lines(rows, indent: "    ")
        if changed.count > mostSchools { lines.append("    … and \(changed.count - mostSchools) more (--report FILE)") }
        return lines
    }

    private static func short(_ words: String, _ counts: ChangeCounts) -> String {
        let parts = zip(["+", "~", "<", "-"], [counts.new, counts.changed, counts.back, counts.gone])
            .filter { $0.1 > 0 }.map { "\($0.0)\($0.1)" }
        return parts.isEmpty ? "" : words + " " + parts.joined(separator: " ")
    }

    /// What an operator should know, in words.
    private static func notes(_ register: RegisterReport) -> [String] {
        var notes: [String] = []
        func note(_ count: Int, _ words: String) { if count > 0 { notes.append(BaseText.counted(count, words)) } }
        note(register.withoutUsableMobile, "responsibles have no usable mobile: no code can be sent to them")
        note(register.sharedMobiles, "mobiles are shared by several responsibles")
        for (reason, count) in register.refusedNumbers.sorted(by: { $0.key < $1.key }) {
            note(count, "numbers are refused: \(refusals[reason] ?? reason)")
        }
        note(register.landlines, "numbers in the mobile fields are landlines, or cannot be told: no code goes there")
        note(register.danglingLinks, "links name somebody whom neither the files nor the base hold")
        note(register.unknownSchools, "schools of pupils are in neither the files nor the base")
        note(register.doubtfulUAI, "schools have no UAI, or one with a wrong letter")
        note(register.unknownTargets, "changes are of something that the base does not hold: passed over")
        note(register.repeated, "entries stand several times in the same words: counted once")
        note(register.contradictoryLinks, "links are stated twice, differently: they open nothing")
        note(register.unreadableBirthDates, "birth dates cannot be read: left empty")
        for (field, codes) in register.unknownCodes.sorted(by: { $0.key < $1.key }) {
            let total = codes.values.reduce(0, +)
            note(total, "codes are unknown, of \(fields[field] ?? field) (\(listed(codes)))")
        }
        for (kind, count) in register.warnings.sorted(by: { $0.key < $1.key }) {
            note(count, oddities[kind] ?? "odd places: \(kind)")
        }
        return notes
    }

    private static func listed(_ counts: [String: Int]) -> String {
        let ordered = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let shown = ordered.prefix(8).map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return ordered.count > 8 ? shown + ", …" : shown
    }

    private static let fields = [
        "civility": "civility", "function": "staff functions", "link-kind": "kinds of links",
        "legal-level": "legal levels",
    ]

    private static let oddities = [
        "malformed-value": "values have another form than the format asks for: left out",
        "unresolved-link": "links name nobody, or several people, of the files: left out",
        "unknown-section": "sections are unknown: passed over", "skipped-line": "lines are no records: passed over",
        "departed": "pupils left before the day of the export: not taken",
    ]

    private static let refusals = [
        "empty": "no digit", "too-long": "too long for a number", "unexpected-character": "letters or signs in it",
        "short-number": "a short number", "no-country-code": "neither 0 nor a country code in front",
        "unknown-country": "an unknown country code", "wrong-length": "too many or too few digits",
        "wrong-territory": "the code of another territory", "unassigned": "given to nobody",
        "service": "a service, nobody's own", "machine": "a range of machines",
        "placeholder": "digits that only fill the field", "fiction": "kept for films", "unreadable": "unreadable",
    ]

    /// Writes what became of every school for a spreadsheet.
    static func write(_ reports: [ImportReport], to path: String) throws {
        let file = try SpreadsheetFile(path)
        try file.write(["register", "scope", "school", "name", "kind", "new", "changed", "back", "gone"])
        for register in reports.flatMap(\.registers) {
            for (kind, _) in kinds {
                guard let counts = register.changes[kind] else { continue }
                try file.write(
                    [register.format, register.scope, "", "", kind]
                        + [counts.new, counts.changed, counts.back, counts.gone].map(String.init))
            }
            for school in register.schools {
                for (kind, counts) in [
                    ("pupils", school.pupils), ("responsibles", school.responsibles), ("staff", school.staff),
                ] where !counts.isEmpty {
                    try file.write(
                        [register.format, register.scope, school.school, school.name, kind]
                            + [counts.new, counts.changed, counts.back, counts.gone].map(String.init))
                }
            }
        }
        try file.finish()
    }
}
