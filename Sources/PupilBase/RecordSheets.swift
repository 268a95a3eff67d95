public import Clocks
internal import Phones
internal import School
internal import Stores
internal import StoresSQL

extension BaseReading {
    /// All that the base says of a record: of the people of that key, one of each kind at most.
    ///
    /// - Parameter reveal: whether national numbers, telephone numbers and mail addresses are shown whole.
    /// - Throws: `StoreError`.
    public func sheets(of record: RecordKey, reveal: Bool = false, now: Instant) async throws -> [RecordSheet] {
        try await engine.read { [grace] db in
            let reading = SheetReading(
                db: db, registers: try RegisterNames(db), schools: SchoolNames(db), grace: grace, reveal: reveal,
                now: now)
            return try db.rows(.peopleOfRecord, record.arguments).map { try reading.sheet($0, of: record) }
        }
    }

    /// All that the base says of the school of that key, when it is one.
    ///
    /// - Throws: `StoreError`.
    public func schoolSheet(of record: RecordKey, now: Instant) async throws -> SchoolSheet? {
        try await engine.read { [grace] db in
            guard let row = try db.row(.schoolOfRecord, record.arguments) else { return nil }
            var classes: [String: Int] = [:]
            for row in try db.rows(.classesOfSchool, record.arguments) {
                classes[try row.text("code")] = Int(try row.number("total"))
            }
            let uai = try row.text("uai")
            return SchoolSheet(
                record: record.description, register: try RegisterNames(db).words(record.register), uai: uai,
                hasValidUAI: UAI(uai)?.hasValidCheckLetter == true, name: try row.text("name"),
                type: try row.text("type"), town: try row.text("town"), classes: classes,
                presence: try row.presence("leaving", grace: grace, now: now), since: try row.number("started"))
        }
    }
}

extension RecordKey {
    fileprivate var arguments: KeyValuePairs<String, SQLValue> { ["register": .number(register), "key": .text(key)] }
}

extension RegisterNames {
    /// A register as a reader knows it.
    func words(_ number: Int64) -> String {
        byNumber[number].map { "\($0.format.rawValue) \($0.scopeText)" } ?? String(number)
    }
}

/// Puts the sheet of one record together.
private struct SheetReading {
    let db: any SQLSession
    let registers: RegisterNames
    let schools: SchoolNames
    let grace: Duration
    let reveal: Bool
    let now: Instant

    func sheet(_ row: SQLRow, of record: RecordKey) throws -> RecordSheet {
        let kind = try row.text("kind")
        let birthDate = try row.text("birth_date")
        let ine = try row.text("ine")
        let mail = try row.text("mail")
        return RecordSheet(
            record: record.description, register: registers.words(record.register), kind: kind,
            civility: try row.text("civility"), birthName: try row.text("birth_name"),
            usageName: try row.text("usage_name"), givenName: try row.text("given_name"),
            otherGivenNames: ListText.items(try row.text("other_names")),
            birthDate: birthDate.isEmpty ? nil : birthDate,
            ine: ine.isEmpty ? nil : reveal ? ine : "•••••••••" + ine.suffix(2),
            mail: reveal && !mail.isEmpty ? mail : nil,
            places: try places(record, kind, ListText.items(try row.text("schools"))),
            functions: try kind == "staff" ? functions(record) : [],
            links: try links(record, kind), mobiles: try kind == "responsible" ? mobiles(record) : [],
            presence: try row.presence("leaving", grace: grace, now: now),
            leavingSince: try row.leavingSince("leaving"), since: try row.number("started"),
            samePerson: try samePerson(record, kind), probableDoubles: try doubles(record, kind))
    }

    private func places(_ record: RecordKey, _ kind: String, _ keys: [String]) throws -> [RecordSheet.Place] {
        var places: [RecordSheet.Place] = []
        var named: Set<String> = []
        if kind == "pupil" {
            for row in try db.rows(.placesOfPupil, record.arguments) {
                let school = try row.text("school")
                named.insert(school)
                places.append(try place(school, record.register, try row.text("class")))
            }
        }
        for key in keys where !named.contains(key) { places.append(try place(key, record.register, "")) }
        return places
    }

    private func place(_ key: String, _ register: Int64, _ code: String) throws -> RecordSheet.Place {
        let school = try schools.name(RecordKey(register: register, key: key))
        return RecordSheet.Place(school: school.label, name: school.name, classCode: code)
    }

    private func functions(_ record: RecordKey) throws -> [RecordSheet.Function] {
        try db.rows(.functionsOfStaff, record.arguments).map { row in
            RecordSheet.Function(
                school: try schools.name(RecordKey(register: record.register, key: try row.text("school"))).label,
                code: try row.text("code"), label: try row.text("label"), discipline: try row.text("discipline"))
        }
    }

    private func mobiles(_ record: RecordKey) throws -> [RecordSheet.Mobile] {
        try db.rows(.mobilesOfPerson, record.arguments).map { row in
            guard let key = PhoneKey(rawValue: try row.number("number")) else { throw row.corrupted("number") }
            let fields = MobileFields(rawValue: try row.number("fields"))
            return RecordSheet.Mobile(
                number: reveal ? key.display : key.masked,
                fields: [(MobileFields.mobile, "mobile"), (.sms, "sms")].filter { fields.contains($0.0) }.map(\.1))
        }
    }

    private func links(_ record: RecordKey, _ kind: String) throws -> [RecordSheet.Link] {
        guard kind != "staff", let register = registers.byNumber[record.register] else { return [] }
        return try db.rows(kind == "pupil" ? .linksOfPupil : .linksOfResponsible, record.arguments).map { row in
            let stated = LinkWords(
                register: register, kindCode: try row.text("kind_code"),
                level: StatedLevel(form: try row.text("level_form"), code: try row.text("level_code")),
                version: try row.number("aaf_version"))
            return RecordSheet.Link(
                record: RecordKey(register: record.register, key: try row.text("other")).description,
                name: try row.listedName(), kind: stated.kind, level: stated.level,
                presence: try row.presence("leaving", grace: grace, now: now))
        }
    }

    /// Every record that points to the same person, and the person's own record.
    private func samePerson(_ record: RecordKey, _ kind: String) throws -> [RecordSheet.Other] {
        let mine: KeyValuePairs<String, SQLValue> = [
            "register": .number(record.register), "kind": .text(kind), "key": .text(record.key),
        ]
        let own = try db.row(.joinOfRecord, mine)
        let person = try own.map {
            RecordKey(register: try $0.number("person_register"), key: try $0.text("person_key"))
        }
        var others: [RecordSheet.Other] = []
        if let person {
            others.append(try other(person, kind, try own?.text("evidence") ?? ""))
        }
        let of = person ?? record
        let rows = try db.rows(
            .joinsOfPerson, ["register": .number(of.register), "kind": .text(kind), "key": .text(of.key)])
        for row in rows {
            let found = RecordKey(register: try row.number("register"), key: try row.text("key"))
            if found != record { others.append(try other(found, kind, try row.text("evidence"))) }
        }
        return others
    }

    private func doubles(_ record: RecordKey, _ kind: String) throws -> [RecordSheet.Other] {
        let rows = try db.rows(
            .doublesOfRecord,
            ["register": .number(record.register), "kind": .text(kind), "key": .text(record.key)])
        return try rows.map { row in
            try other(
                RecordKey(register: try row.number("register"), key: try row.text("key")), kind,
                try row.text("reason"))
        }
    }

    private func other(_ record: RecordKey, _ kind: String, _ reason: String) throws -> RecordSheet.Other {
        let row = try db.row(
            .nameOfRecord, ["register": .number(record.register), "kind": .text(kind), "key": .text(record.key)])
        return RecordSheet.Other(
            record: record.description, name: try row?.listedName() ?? "", reason: reason)
    }
}

extension SQLStatement {
    fileprivate static let peopleOfRecord = SQLStatement(
        """
        SELECT * FROM base_people
        WHERE register = :register AND kind IN ('pupil', 'responsible', 'staff') AND key = :key AND ended = 0
        ORDER BY kind
        """)
    fileprivate static let schoolOfRecord = SQLStatement(
        "SELECT * FROM base_schools WHERE register = :register AND key = :key AND ended = 0")
    fileprivate static let classesOfSchool = SQLStatement(
        """
        SELECT class.code AS code, COUNT(person.key) AS total
        FROM base_classes AS class
            LEFT JOIN base_places AS place ON place.register = class.register AND place.school = class.school
                AND place.class = class.code AND place.ended = 0
            LEFT JOIN base_people AS person ON person.register = place.register AND person.kind = 'pupil'
                AND person.key = place.pupil AND person.ended = 0 AND person.leaving = 0
        WHERE class.register = :register AND class.school = :key AND class.kind = 'class' AND class.ended = 0
        GROUP BY class.code
        """)
    fileprivate static let placesOfPupil = SQLStatement(
        """
        SELECT school, class FROM base_places WHERE register = :register AND pupil = :key AND ended = 0
        ORDER BY school, class
        """)
    fileprivate static let functionsOfStaff = SQLStatement(
        """
        SELECT school, code, label, discipline FROM base_functions
        WHERE register = :register AND person = :key AND ended = 0 ORDER BY school, code, discipline
        """)
    fileprivate static let mobilesOfPerson = SQLStatement(
        """
        SELECT number, fields FROM base_mobiles
        WHERE register = :register AND person = :key AND ended = 0 ORDER BY number
        """)

    private static func links(_ mine: String, _ other: String) -> SQLStatement {
        SQLStatement(
            """
            SELECT link.\(other) AS other, link.kind_code AS kind_code, link.level_form AS level_form,
                link.level_code AS level_code, link.aaf_version AS aaf_version, link.leaving AS leaving,
                person.birth_name AS birth_name, person.usage_name AS usage_name, person.given_name AS given_name
            FROM base_links AS link
                LEFT JOIN base_people AS person ON person.register = link.register AND person.kind = '\(other)'
                    AND person.key = link.\(other) AND person.ended = 0
            WHERE link.register = :register AND link.\(mine) = :key AND link.ended = 0
            ORDER BY link.\(other)
            """)
    }

    fileprivate static let linksOfPupil = links("pupil", "responsible")
    fileprivate static let linksOfResponsible = links("responsible", "pupil")

    fileprivate static let joinOfRecord = SQLStatement(
        """
        SELECT person_register, person_key, evidence FROM base_joins
        WHERE register = :register AND kind = :kind AND key = :key AND ended = 0
        """)
    fileprivate static let joinsOfPerson = SQLStatement(
        """
        SELECT register, key, evidence FROM base_joins
        WHERE person_register = :register AND kind = :kind AND person_key = :key AND ended = 0
        ORDER BY register, key
        """)
    fileprivate static let doublesOfRecord = SQLStatement(
        """
        SELECT other_register AS register, other_key AS key, reason FROM base_doubles
        WHERE register = :register AND kind = :kind AND key = :key AND ended = 0
        UNION
        SELECT register, key, reason FROM base_doubles
        WHERE other_register = :register AND kind = :kind AND other_key = :key AND ended = 0
        """)
    fileprivate static let nameOfRecord = SQLStatement(
        """
        SELECT birth_name, usage_name, given_name FROM base_people
        WHERE register = :register AND kind = :kind AND key = :key AND ended = 0
        """)
}
