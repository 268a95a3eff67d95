internal import School
internal import SchoolFiles
internal import Stores
internal import StoresSQL

/// Counts what an operator wants to know of an import before it is applied.
struct Counting {
    let workbench: any SQLWorkbench

    /// - Throws: `StoreError`.
    func perform(_ unit: inout Staging.Unit, isFresh: [Int64: Bool]) throws {
        let register = unit.register
        unit.report.withoutUsableMobile = try number(.withoutMobile, register)
        unit.report.sharedMobiles = try number(.shared, register)
        unit.report.doubtfulUAI = try doubtful(register)
        unit.report.danglingLinks = try number(.danglingPupils, register) + number(.danglingResponsibles, register)
        unit.report.unknownSchools = try number(.unknownSchools, register)
        unit.report.schools = try schools(register, isFresh: isFresh[register] == true)
    }

    private func number(_ statement: SQLStatement, _ register: Int64) throws -> Int {
        Int(try workbench.row(statement, ["register": .number(register)])?.number("total") ?? 0)
    }

    private func doubtful(_ register: Int64) throws -> Int {
        try workbench.rows(.stagedUAI, ["register": .number(register)]).count { row in
            UAI(try row.text("uai"))?.hasValidCheckLetter != true
        }
    }

    private func schools(_ register: Int64, isFresh: Bool) throws -> [SchoolChanges] {
        let arguments: KeyValuePairs<String, SQLValue> = ["register": .number(register)]
        var bySchool: [String: SchoolChanges] = [:]
        var names: [String: (uai: String, name: String)] = [:]
        for row in try workbench.rows(.schoolNames, arguments) {
            names[try row.text("key")] = (try row.text("uai"), try row.text("name"))
        }
        func note(_ rows: [SQLRow], _ part: WritableKeyPath<SchoolChanges, ChangeCounts>) throws {
            for row in rows {
                let (what, total) = (try row.text("what"), Int(try row.number("total")))
                // Whoever is in two schools counts in both.
                for key in ListText.items(try row.text("school")) {
                    let name = names[key]
                    let school = name.map { $0.uai.isEmpty ? key : $0.uai } ?? key
                    bySchool[key, default: SchoolChanges(school: school, name: name?.name ?? "")][keyPath: part]
                        .count(what, total)
                }
            }
        }
        if isFresh {
            try note(try workbench.rows(.freshPupils, arguments), \.pupils)
            try note(try workbench.rows(.freshStaff, arguments), \.staff)
            try note(try workbench.rows(.freshResponsibles, arguments), \.responsibles)
        } else {
            try note(try workbench.rows(.differentPupils, arguments), \.pupils)
            try note(try workbench.rows(.differentStaff, arguments), \.staff)
            try note(try workbench.rows(.differentResponsibles, arguments), \.responsibles)
        }
        return bySchool.values.sorted { ($0.school, $0.name) < ($1.school, $1.name) }
    }
}

extension SQLStatement {
    fileprivate static let withoutMobile = SQLStatement(
        """
        SELECT COUNT(*) AS total FROM stage_people AS person
        WHERE person.register = :register AND person.kind = 'responsible' AND person.change <> 2
            AND NOT EXISTS (SELECT 1 FROM stage_mobiles AS held
                WHERE held.register = person.register AND held.person = person.key)
        """)

    fileprivate static let shared = SQLStatement(
        """
        SELECT COUNT(*) AS total FROM (
            SELECT number FROM stage_mobiles WHERE register = :register GROUP BY number HAVING COUNT(*) > 1) AS numbers
        """)

    fileprivate static let stagedUAI = SQLStatement(
        "SELECT uai FROM stage_schools WHERE register = :register AND change <> 2")

    private static func dangling(_ column: String, _ kind: String) -> SQLStatement {
        SQLStatement(
            """
            SELECT COUNT(*) AS total FROM stage_links AS link
            WHERE link.register = :register
                AND NOT EXISTS (SELECT 1 FROM stage_people AS said WHERE said.register = link.register
                    AND said.kind = '\(kind)' AND said.key = link.\(column))
                AND NOT EXISTS (SELECT 1 FROM base_people AS held WHERE held.register = link.register
                    AND held.kind = '\(kind)' AND held.key = link.\(column) AND held.ended = 0)
            """)
    }

    fileprivate static let danglingPupils = dangling("pupil", "pupil")
    fileprivate static let danglingResponsibles = dangling("responsible", "responsible")

    fileprivate static let unknownSchools = SQLStatement(
        """
        SELECT COUNT(*) AS total FROM (
            SELECT DISTINCT place.school AS school FROM stage_places AS place WHERE place.register = :register) AS places
        WHERE NOT EXISTS (SELECT 1 FROM stage_schools AS said WHERE said.register = :register
                AND said.key = places.school)
            AND NOT EXISTS (SELECT 1 FROM base_schools AS held WHERE held.register = :register
                AND held.key = places.school AND held.ended = 0)
        """)

    fileprivate static let schoolNames = SQLStatement(
        """
        SELECT key, uai, name FROM stage_schools WHERE register = :register
        UNION ALL
        SELECT held.key AS key, held.uai AS uai, held.name AS name FROM base_schools AS held
        WHERE held.register = :register AND held.ended = 0 AND NOT EXISTS (
            SELECT 1 FROM stage_schools AS said WHERE said.register = held.register AND said.key = held.key)
        """)

    private static func fresh(_ kind: String) -> SQLStatement {
        SQLStatement(
            """
            SELECT schools AS school, 'new' AS what, COUNT(*) AS total FROM stage_people
            WHERE register = :register AND kind = '\(kind)' AND schools <> '' AND change <> 2
            GROUP BY schools
            """)
    }

    fileprivate static let freshPupils = fresh("pupil")
    fileprivate static let freshStaff = fresh("staff")
    fileprivate static let freshResponsibles = SQLStatement(
        """
        SELECT families.school AS school, 'new' AS what, COUNT(*) AS total FROM (
            SELECT DISTINCT pupil.schools AS school, link.responsible AS responsible
            FROM stage_links AS link JOIN stage_people AS pupil ON pupil.register = link.register
                AND pupil.kind = 'pupil' AND pupil.key = link.pupil
            WHERE link.register = :register AND pupil.schools <> '') AS families
        GROUP BY families.school
        """)

    /// Those that are gone are found in the base, the others where they are stated.
    private static func different(_ kind: String) -> SQLStatement {
        SQLStatement(
            """
            SELECT COALESCE(said.schools, held.schools) AS school, diff.what AS what, COUNT(*) AS total
            FROM diff_people AS diff
                LEFT JOIN stage_people AS said ON said.register = diff.register AND said.kind = diff.kind
                    AND said.key = diff.key AND diff.what <> 'gone'
                LEFT JOIN base_people AS held ON held.register = diff.register AND held.kind = diff.kind
                    AND held.key = diff.key AND held.ended = 0
            WHERE diff.register = :register AND diff.kind = '\(kind)' AND COALESCE(said.schools, held.schools) <> ''
            GROUP BY COALESCE(said.schools, held.schools), diff.what
            """)
    }

    fileprivate static let differentPupils = different("pupil")
    fileprivate static let differentStaff = different("staff")
    fileprivate static let differentResponsibles = SQLStatement(
        """
        SELECT families.school AS school, families.what AS what, COUNT(*) AS total FROM (
            SELECT DISTINCT pupil.schools AS school, diff.key AS responsible, diff.what AS what
            FROM diff_people AS diff
                JOIN base_links AS link ON link.register = diff.register AND link.responsible = diff.key
                    AND link.ended = 0
                JOIN base_people AS pupil ON pupil.register = link.register AND pupil.kind = 'pupil'
                    AND pupil.key = link.pupil AND pupil.ended = 0
            WHERE diff.register = :register AND diff.kind = 'responsible' AND pupil.schools <> ''
            UNION
            SELECT DISTINCT pupil.schools AS school, diff.key AS responsible, diff.what AS what
            FROM diff_people AS diff
                JOIN stage_links AS link ON link.register = diff.register AND link.responsible = diff.key
                JOIN stage_people AS pupil ON pupil.register = link.register AND pupil.kind = 'pupil'
                    AND pupil.key = link.pupil
            WHERE diff.register = :register AND diff.kind = 'responsible' AND pupil.schools <> '') AS families
        GROUP BY families.school, families.what
        """)
}
