internal import Clocks
internal import Matching
internal import School
internal import Stores
internal import StoresSQL

/// Looks up the responsibles who hold a mobile, as the matching policy wants them: the records that hold it, and those of
/// other registers that share a child with them.
struct Responsibles {
    let db: any SQLSession
    let names: RegisterNames
    let grace: Duration
    let now: Instant

    /// More people than that on one number are no family: nobody is found by it.
    static let most = 50

    /// Everybody whom the policy must see.
    ///
    /// - Throws: `StoreError`.
    func candidates(holding number: Int64) throws -> [Responsible] {
        let arguments: KeyValuePairs<String, SQLValue> = ["number": .number(number)]
        var people = People()
        let rows = try db.rows(.holders, arguments)
        for row in rows { try people.add(person: row, self) }
        // Some of them may be missing: whoever is not seen could be the one.
        guard !people.isEmpty, people.count <= Self.most, rows.count < 400 else { return [] }
        var shared: Set<RecordKey> = []
        for row in try db.rows(.holdersLinks, arguments) {
            if let pupil = try people.add(link: row, self) { shared.insert(pupil) }
        }
        for pupil in shared.sorted() {
            for record in try responsibles(of: pupil) where !people.holds(record) {
                try add(record, to: &people)
            }
        }
        return people.all
    }

    /// One record, as the policy wants it; `nil` when there is none.
    ///
    /// - Throws: `StoreError`.
    func responsible(_ record: RecordKey) throws -> Responsible? {
        var people = People()
        try add(record, to: &people)
        return people.all.first
    }

    private func add(_ record: RecordKey, to people: inout People) throws {
        let arguments: KeyValuePairs<String, SQLValue> = [
            "register": .number(record.register), "key": .text(record.key),
        ]
        for row in try db.rows(.responsible, arguments) { try people.add(person: row, self) }
        for row in try db.rows(.responsibleLinks, arguments) { _ = try people.add(link: row, self) }
    }

    /// The responsibles that all records of a pupil name.
    private func responsibles(of pupil: RecordKey) throws -> [RecordKey] {
        try db.rows(.responsiblesOfPerson, ["register": .number(pupil.register), "key": .text(pupil.key)]).map {
            RecordKey(register: try $0.number("register"), key: try $0.text("responsible"))
        }
    }

    /// Whether something that left then still holds.
    func presence(_ leaving: Int64) -> Presence {
        guard leaving > 0 else { return .current }
        return now < Instant(millisecondsSinceEpoch: leaving) + grace ? .leaving : .gone
    }
}

/// The people of a look-up, while their rows come in.
private struct People {
    private var byKey: [RecordKey: Responsible] = [:]
    private var presence: [RecordKey: Presence] = [:]

    var isEmpty: Bool { byKey.isEmpty }
    var count: Int { byKey.count }
    var all: [Responsible] { byKey.values.sorted { $0.id < $1.id } }
    func holds(_ record: RecordKey) -> Bool { byKey[record] != nil }

    mutating func add(person row: SQLRow, _ reading: Responsibles) throws {
        let record = RecordKey(register: try row.number("register"), key: try row.text("key"))
        if byKey[record] == nil {
            guard let register = reading.names.byNumber[record.register] else { throw row.corrupted("register") }
            byKey[record] = Responsible(
                id: ResponsibleID(record.description), registers: [register], name: try CivilName(row),
                civility: Civility(rawValue: try row.text("civility")), mobiles: [], links: [])
            presence[record] = reading.presence(try row.number("leaving"))
        }
        if let number = try row.optionalNumber("mobile") {
            byKey[record]?.mobiles.insert(MobileKey(String(number)))
        }
    }

    /// - Returns: the person of the pupil, when several registers hold them.
    mutating func add(link row: SQLRow, _ reading: Responsibles) throws -> RecordKey? {
        let record = RecordKey(register: try row.number("register"), key: try row.text("responsible"))
        guard let register = reading.names.byNumber[record.register] else { throw row.corrupted("register") }
        let pupil = RecordKey(
            register: try row.optionalNumber("person_register") ?? record.register,
            key: try row.optionalText("person_key") ?? row.text("pupil"))
        let version = try row.number("aaf_version")
        let stays = [
            presence[record] ?? .current, reading.presence(try row.number("link_leaving")),
            reading.presence(try row.number("leaving")),
        ]
        let link = PupilLink(
            to: Pupil(
                id: PupilID(pupil.description), birthDate: BirthDate(iso: try row.text("birth_date")),
                name: try CivilName(row)),
            register: register, version: version == 0 ? nil : AAFVersion(number: Int(version)),
            kindCode: try row.text("kind_code"),
            level: StatedLevel(form: try row.text("level_form"), code: try row.text("level_code")),
            presence: stays.contains(.gone) ? .gone : stays.contains(.leaving) ? .leaving : .current)
        byKey[record]?.links.append(link)
        let isJoined = try row.optionalNumber("person_register") != nil || row.flag("is_person")
        return isJoined ? pupil : nil
    }
}

extension CivilName {
    /// The names of a row of people.
    init(_ row: SQLRow) throws {
        self.init(
            birth: try row.text("birth_name"), usage: try row.text("usage_name"), given: try row.text("given_name"),
            otherGiven: ListText.items(try row.text("other_names")))
    }
}

extension SQLStatement {
    private static let person = """
        person.register AS register, person.key AS key, person.birth_name AS birth_name,
            person.usage_name AS usage_name, person.given_name AS given_name, person.other_names AS other_names,
            person.civility AS civility, person.leaving AS leaving, mine.number AS mobile
        """
    private static let link = """
        link.register AS register, link.responsible AS responsible, link.pupil AS pupil,
            link.kind_code AS kind_code, link.level_form AS level_form, link.level_code AS level_code,
            link.aaf_version AS aaf_version, link.leaving AS link_leaving, pupil.birth_date AS birth_date,
            pupil.birth_name AS birth_name, pupil.usage_name AS usage_name, pupil.given_name AS given_name,
            pupil.other_names AS other_names, pupil.leaving AS leaving, joined.person_register AS person_register,
            joined.person_key AS person_key,
            CASE WHEN EXISTS (SELECT 1 FROM base_joins AS others WHERE others.person_register = pupil.register
                AND others.kind = 'pupil' AND others.person_key = pupil.key AND others.ended = 0)
                THEN 1 ELSE 0 END AS is_person
        """
    private static let pupilOfLink = """
        JOIN base_people AS pupil ON pupil.register = link.register AND pupil.kind = 'pupil'
                AND pupil.key = link.pupil AND pupil.ended = 0
            LEFT JOIN base_joins AS joined ON joined.register = link.register AND joined.kind = 'pupil'
                AND joined.key = link.pupil AND joined.ended = 0
        """

    fileprivate static let holders = SQLStatement(
        """
        SELECT \(person)
        FROM base_mobiles AS held
            JOIN base_people AS person ON person.register = held.register AND person.kind = 'responsible'
                AND person.key = held.person AND person.ended = 0
            JOIN base_mobiles AS mine ON mine.register = held.register AND mine.person = held.person AND mine.ended = 0
        WHERE held.number = :number AND held.ended = 0
        ORDER BY person.register, person.key
        LIMIT 400
        """)

    fileprivate static let holdersLinks = SQLStatement(
        """
        SELECT \(link)
        FROM base_mobiles AS held
            JOIN base_links AS link ON link.register = held.register AND link.responsible = held.person
                AND link.ended = 0
            \(pupilOfLink)
        WHERE held.number = :number AND held.ended = 0
        """)

    fileprivate static let responsible = SQLStatement(
        """
        SELECT \(person)
        FROM base_people AS person
            LEFT JOIN base_mobiles AS mine ON mine.register = person.register AND mine.person = person.key
                AND mine.ended = 0
        WHERE person.register = :register AND person.kind = 'responsible' AND person.key = :key AND person.ended = 0
        """)

    fileprivate static let responsibleLinks = SQLStatement(
        """
        SELECT \(link)
        FROM base_links AS link
            \(pupilOfLink)
        WHERE link.register = :register AND link.responsible = :key AND link.ended = 0
        """)

    fileprivate static let responsiblesOfPerson = SQLStatement(
        """
        SELECT link.register AS register, link.responsible AS responsible
        FROM base_links AS link
        WHERE link.register = :register AND link.pupil = :key AND link.ended = 0
        UNION
        SELECT link.register AS register, link.responsible AS responsible
        FROM base_joins AS joined
            JOIN base_links AS link ON link.register = joined.register AND link.pupil = joined.key AND link.ended = 0
        WHERE joined.person_register = :register AND joined.kind = 'pupil' AND joined.person_key = :key
            AND joined.ended = 0
        """)
}
