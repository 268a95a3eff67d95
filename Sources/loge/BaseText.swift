import Clocks
import PupilBase

/// What the base answers, as a person reads it.
enum BaseText {
    /// `2 mobiles are shared`, `1 mobile is shared`: words that begin with a plural.
    static func counted(_ count: Int, _ words: String) -> String {
        guard count == 1 else { return "\(count) \(words)" }
        var parts = words.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[0].hasSuffix("s") else { return "\(count) \(words)" }
        parts[0] = parts[0] == "entries" ? "entry" : String(parts[0].dropLast())
        let verbs = ["are": "is", "have": "has", "name": "names", "stand": "stands"]
        parts[1] = verbs[parts[1]] ?? parts[1]
        return "1 " + parts.joined(separator: " ")
    }

    static func status(_ status: BaseStatus) -> String {
        guard !status.registers.isEmpty else { return "the base is empty: fill it with `loge base import`" }
        var lines: [String] = []
        for register in status.registers {
            let last = register.lastImport.map { number in
                "last export \([register.extent ?? "", register.exportDate ?? "of an unknown day"].joined(separator: " "))"
                    + ", import \(number)"
            }
            lines.append(
                "register \(register.number): \(register.format) \(register.scope); \(last ?? "nothing of it counts")")
            var rows = [["", "current", "leaving"]]
            for kind in ["schools", "pupils", "responsibles", "staff", "links", "mobiles"] {
                guard let count = register.counts[kind] else { continue }
                rows.append([kind, "\(count.current)", count.leaving == 0 ? "" : "\(count.leaving)"])
            }
            lines += TextTable.lines(rows, indent: "  ")
            lines.append("  " + counted(register.withoutUsableMobile, "responsibles have no usable mobile"))
            lines.append("  " + counted(register.sharedMobiles, "mobiles are shared by several responsibles"))
        }
        lines.append("")
        for (kind, count) in status.joinedRecords.sorted(by: { $0.key < $1.key }) {
            lines.append("\(count) \(kind) records are one person with a record of another register")
        }
        for (reason, count) in status.probableDoubles.sorted(by: { $0.key < $1.key }) {
            lines.append("\(count) probable doubles: \(reason) (`loge base doubles`)")
        }
        lines.append("imports, newest first:")
        let rows = status.imports.map { one in
            [
                "\(one.number)", one.appliedAt.rfc3339, one.exports.joined(separator: ", "),
                "people +\(one.people.new) ~\(one.people.changed) <\(one.people.back) -\(one.people.gone)",
                one.undoneAt.map { "undone \($0.rfc3339)" } ?? "",
            ]
        }
        return (lines + TextTable.lines(rows, indent: "  ")).joined(separator: "\n")
    }

    static func found(_ found: FoundRecords) -> String {
        guard !found.records.isEmpty || !found.schools.isEmpty else { return "nobody and nothing was found" }
        var rows = found.records.map { record in
            [
                record.record, record.kind, name(record.birthName, record.usageName, record.givenName),
                record.birthDate ?? "", record.schools.joined(separator: " "),
                record.presence == .current ? "" : record.presence.rawValue,
            ]
        }
        rows += found.schools.map { school in
            [
                school.record, "school", school.name, school.uai, school.town,
                school.presence == .current ? "" : school.presence.rawValue,
            ]
        }
        var lines = TextTable.lines(rows)
        if found.hasMore { lines.append("… and more: write more of the name") }
        return lines.joined(separator: "\n")
    }

    static func sheet(_ sheet: RecordSheet) -> String {
        var rows = [
            ["record", "\(sheet.record) (\(sheet.kind), \(sheet.register))"],
            ["name", name(sheet.birthName, sheet.usageName, sheet.givenName)],
        ]
        func row(_ title: String, _ text: String?) { if let text, !text.isEmpty { rows.append([title, text]) } }
        row("other names", sheet.otherGivenNames.joined(separator: ", "))
        row("born", sheet.birthDate)
        row("INE", sheet.ine)
        row("mail", sheet.mail)
        for place in sheet.places {
            row("school", [place.school, place.name, place.classCode].filter { !$0.isEmpty }.joined(separator: "  "))
        }
        for function in sheet.functions {
            row("function", "\(function.code) \(function.label) \(function.discipline)  \(function.school)")
        }
        for mobile in sheet.mobiles { row("mobile", "\(mobile.number)  (\(mobile.fields.joined(separator: ", ")))") }
        for link in sheet.links {
            row(
                "link",
                "\(link.record)  \(link.name)  \(link.kind), \(link.level)"
                    + (link.presence == .current ? "" : "  \(link.presence.rawValue)"))
        }
        for other in sheet.samePerson { row("same person", "\(other.record)  \(other.name)  (\(other.reason))") }
        for other in sheet.probableDoubles { row("perhaps", "\(other.record)  \(other.name)  (\(other.reason))") }
        if let since = sheet.leavingSince { row("leaving", "since \(since.rfc3339): \(sheet.presence.rawValue)") }
        row("since", "import \(sheet.since)")
        return TextTable.lines(rows).joined(separator: "\n")
    }

    static func sheet(_ school: SchoolSheet) -> String {
        var rows = [
            ["record", "\(school.record) (school, \(school.register))"], ["name", school.name],
            ["UAI", school.uai + (school.hasValidUAI ? "" : " (its letter is wrong)")], ["type", school.type],
            ["town", school.town],
        ]
        for (code, pupils) in school.classes.sorted(by: { $0.key < $1.key }) {
            rows.append(["class", "\(code)  \(pupils) pupils"])
        }
        if school.presence != .current { rows.append(["presence", school.presence.rawValue]) }
        rows.append(["since", "import \(school.since)"])
        return TextTable.lines(rows).joined(separator: "\n")
    }

    private static func name(_ birth: String, _ usage: String, _ given: String) -> String {
        let family = usage.isEmpty || usage == birth ? birth : birth.isEmpty ? usage : "\(usage) (\(birth))"
        return [family, given].filter { !$0.isEmpty }.joined(separator: " ")
    }
}
