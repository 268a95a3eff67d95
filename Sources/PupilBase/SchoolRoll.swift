public import School
internal import Stores
internal import StoresSQL

/// One line of a school's roll.
public struct RollEntry: Sendable, Hashable, Codable {
    /// `pupil`, `responsible` or `staff`.
    public var kind: String
    /// `register:key`.
    public var record: String
    /// Nom de famille.
    public var birthName: String
    /// Nom d'usage.
    public var usageName: String
    /// Prénom.
    public var givenName: String
    /// `yyyy-MM-dd`; empty when not stated.
    public var birthDate: String
    /// Classes of a pupil, functions of staff.
    public var places: [String]
    /// Responsibles of a pupil, or pupils of a responsible, as `NOM Prénom (mère)`.
    public var links: [String]
    /// Whether a code can be sent; `nil` for whoever is no responsible.
    public var hasMobile: Bool?
}

extension BaseReading {
    /// The current people of a school, each of them once however many registers hold them: pupils, then their
    /// responsibles, then staff, in the order of their names.
    ///
    /// - Parameter kinds: whom to list.
    /// - Throws: ``BaseQuestionProblem`` `.unknownSchool`; `StoreError`.
    public func roll(of uai: UAI, kinds: [PersonKind] = PersonKind.allCases) async throws -> [RollEntry] {
        try await engine.atWorkbench { db in
            let schools = try db.rows(.currentSchools, ["uai": .text(uai.description)]).map {
                RecordKey(register: try $0.number("register"), key: try $0.text("key"))
            }
            guard !schools.isEmpty else {
                throw BaseQuestionProblem(.unknownSchool, "the base holds no school \(uai): see `loge base search`")
            }
            let registers = try RegisterNames(db)
            var roll: [RollEntry] = []
            for kind in [PersonKind.pupil, .responsible, .staff] where kinds.contains(kind) {
                var persons: [RecordKey: RollEntry] = [:]
                for school in schools {
                    try RollReading(db: db, registers: registers, school: school, kind: kind).add(to: &persons)
                }
                roll += persons.values.sorted { $0.order < $1.order }
            }
            return roll
        }
    }
}

extension RollEntry {
    fileprivate var order: String {
        [FoldedName.folded(usageName.isEmpty ? birthName : usageName), FoldedName.folded(givenName), birthDate, record]
            .joined(separator: "\n")
    }
}

/// The people of one kind whom one register has in one school.
private struct RollReading {
    let db: any SQLSession
    let registers: RegisterNames
    let school: RecordKey
    let kind: PersonKind

    /// Adds those who are not there yet, by the person that each record is of.
    func add(to persons: inout [RecordKey: RollEntry]) throws {
        let arguments: KeyValuePairs<String, SQLValue> = [
            "register": .number(school.register), "key": .text(school.key),
        ]
        // A record of this register that is in another school is none of ours.
        var mine: [RecordKey: RecordKey] = [:]
        for row in try db.rows(kind == .responsible ? .responsiblesOfSchool : .membersOfSchool(kind), arguments) {
            guard ListText.items(try row.text("schools")).contains(school.key) else { continue }
            let record = RecordKey(register: school.register, key: try row.text("key"))
            let person = RecordKey(
                register: try row.optionalNumber("person_register") ?? record.register,
                key: try row.optionalText("person_key") ?? record.key)
            guard mine[record] == nil, persons[person] == nil else { continue }
            mine[record] = person
            persons[person] = try entry(row, record)
        }
        guard !mine.isEmpty else { return }
        if kind != .responsible {
            for row in try db.rows(kind == .pupil ? .placesOfSchool : .functionsOfSchool, arguments) {
                try add(row, "place", to: \.places, of: &persons, mine)
            }
        }
        guard kind != .staff else { return }
        for row in try db.rows(.linksOfSchool, arguments) {
            try addLink(row, to: &persons, mine)
        }
    }

    private func entry(_ row: SQLRow, _ record: RecordKey) throws -> RollEntry {
        RollEntry(
            kind: kind.rawValue, record: record.description, birthName: try row.text("birth_name"),
            usageName: try row.text("usage_name"), givenName: try row.text("given_name"),
            birthDate: try row.text("birth_date"), places: [], links: [],
            hasMobile: kind == .responsible ? try row.flag("has_mobile") : nil)
    }

    private func add(
        _ row: SQLRow, _ column: String, to part: WritableKeyPath<RollEntry, [String]>,
        of persons: inout [RecordKey: RollEntry], _ mine: [RecordKey: RecordKey]
    ) throws {
        let record = RecordKey(register: school.register, key: try row.text("key"))
        guard let person = mine[record] else { return }
        persons[person]?[keyPath: part].append(try row.text(column))
    }

    private func addLink(
        _ row: SQLRow, to persons: inout [RecordKey: RollEntry], _ mine: [RecordKey: RecordKey]
    ) throws {
        guard let register = registers.byNumber[school.register] else { return }
        let here = kind == .pupil ? "pupil" : "responsible"
        let record = RecordKey(register: school.register, key: try row.text(here))
        guard let person = mine[record] else { return }
        let words = LinkWords(
            register: register, kindCode: try row.text("kind_code"),
            level: StatedLevel(form: try row.text("level_form"), code: try row.text("level_code")),
            version: try row.number("aaf_version"))
        let name = try row.listedName(kind == .pupil ? "responsible_" : "pupil_")
        persons[person]?.links.append("\(name) (\(words.plainKind), \(words.plainLevel))")
    }
}

extension SQLStatement {
    fileprivate static let currentSchools = SQLStatement(
        "SELECT register, key FROM base_schools WHERE uai = :uai AND ended = 0 ORDER BY register, key")

    private static let names = """
        person.key AS key, person.birth_name AS birth_name, person.usage_name AS usage_name,
            person.given_name AS given_name, person.birth_date AS birth_date,
            joined.person_register AS person_register, joined.person_key AS person_key
        """

    private static func joined(_ kind: String) -> String {
        """
        LEFT JOIN base_joins AS joined ON joined.register = person.register AND joined.kind = '\(kind)'
                AND joined.key = person.key AND joined.ended = 0
        """
    }

    /// More than asked for where one key is a part of another: the caller looks again.
    private static func isIn(_ alias: String) -> String {
        "(\(alias).schools = :key OR \(alias).schools LIKE '%' || :key || '%')"
    }

    private static func members(_ kind: PersonKind) -> SQLStatement {
        SQLStatement(
            """
            SELECT \(names), person.schools AS schools
            FROM base_people AS person \(joined(kind.rawValue))
            WHERE person.register = :register AND person.kind = '\(kind.rawValue)' AND person.ended = 0
                AND person.leaving = 0 AND \(isIn("person"))
            """)
    }

    private static let pupilsOfSchool = members(.pupil)
    private static let staffOfSchool = members(.staff)

    fileprivate static func membersOfSchool(_ kind: PersonKind) -> SQLStatement {
        kind == .staff ? staffOfSchool : pupilsOfSchool
    }

    private static let family = """
        FROM base_people AS pupil
            JOIN base_links AS link ON link.register = pupil.register AND link.pupil = pupil.key AND link.ended = 0
                AND link.leaving = 0
            JOIN base_people AS person ON person.register = link.register AND person.kind = 'responsible'
                AND person.key = link.responsible AND person.ended = 0 AND person.leaving = 0
        """
    private static let pupilsHere = """
        WHERE pupil.register = :register AND pupil.kind = 'pupil' AND pupil.ended = 0 AND pupil.leaving = 0
            AND \(isIn("pupil"))
        """

    fileprivate static let responsiblesOfSchool = SQLStatement(
        """
        SELECT \(names), pupil.schools AS schools,
            CASE WHEN EXISTS (SELECT 1 FROM base_mobiles AS held WHERE held.register = person.register
                AND held.person = person.key AND held.ended = 0) THEN 1 ELSE 0 END AS has_mobile
        \(family) \(joined("responsible"))
        \(pupilsHere)
        """)

    fileprivate static let linksOfSchool = SQLStatement(
        """
        SELECT pupil.key AS pupil, person.key AS responsible, link.kind_code AS kind_code,
            link.level_form AS level_form, link.level_code AS level_code, link.aaf_version AS aaf_version,
            pupil.birth_name AS pupil_birth_name, pupil.usage_name AS pupil_usage_name,
            pupil.given_name AS pupil_given_name, person.birth_name AS responsible_birth_name,
            person.usage_name AS responsible_usage_name, person.given_name AS responsible_given_name
        \(family)
        \(pupilsHere)
        ORDER BY pupil.key, person.key
        """)

    fileprivate static let placesOfSchool = SQLStatement(
        """
        SELECT pupil AS key, class AS place FROM base_places
        WHERE register = :register AND school = :key AND ended = 0 ORDER BY class
        """)
    fileprivate static let functionsOfSchool = SQLStatement(
        """
        SELECT person AS key, CASE WHEN discipline = '' THEN code ELSE code || ' ' || discipline END AS place
        FROM base_functions WHERE register = :register AND school = :key AND ended = 0 ORDER BY code, discipline
        """)
}
