public import Clocks
public import Phones
public import School
internal import Stores
package import StoresSQL

/// What is looked for in the base.
public enum BaseQuery: Sendable, Hashable {
    /// People of that name: the beginning of family name and given name, in any order of the words.
    case name(FoldedName)
    /// Who holds that mobile.
    case mobile(PhoneKey)
    /// The pupil of that national number (INE).
    case ine(String)
    /// The school of that number.
    case school(UAI)
    /// One record.
    case record(RecordKey)

    /// What an operator wrote, by its form: `register:key`, a UAI, a national number, a telephone number, or else a name.
    ///
    /// - Throws: ``BaseQuestionProblem`` `.unreadable` for what looks like a telephone number and is none, and for a name
    ///   without letters.
    public init(_ text: String, phones: PhoneRules = PhoneRules()) throws(BaseQuestionProblem) {
        if let record = RecordKey(text), !record.key.isEmpty {
            self = .record(record)
        } else if let uai = UAI(text) {
            self = .school(uai)
        } else if Self.isINE(text) {
            self = .ine(text.uppercased().filter { $0 != " " })
        } else if text.contains(where: \.isNumber), !text.contains(where: \.isLetter) {
            self = .mobile(try Self.mobile(text, phones))
        } else {
            let name = FoldedName(text)
            guard !name.isEmpty, name.words.count <= 8 else {
                throw BaseQuestionProblem(
                    .unreadable, "this is no name: give the beginning of a name, a number, a UAI or register:key")
            }
            self = .name(name)
        }
    }

    private static func mobile(_ text: String, _ phones: PhoneRules) throws(BaseQuestionProblem) -> PhoneKey {
        do throws(PhoneRefusal) {
            return try PhoneNumber(text, under: phones).key
        } catch {
            throw BaseQuestionProblem(
                .unreadable,
                "this is nobody's telephone number (\(error.rawValue)): write it as 06 12 34 56 78 or +33 …")
        }
    }

    /// Eleven characters, mostly digits, at least one letter: the forms of the national number, old and new.
    private static func isINE(_ text: String) -> Bool {
        let bytes = text.uppercased().filter { $0 != " " }.utf8
        let digits = bytes.count { (0x30...0x39).contains($0) }
        let letters = bytes.count { (0x41...0x5A).contains($0) }
        return bytes.count == 11 && digits + letters == 11 && letters >= 1 && digits >= 6
    }
}

/// A record that was found.
public struct FoundRecord: Sendable, Hashable, Codable {
    /// Its name in the base: `register:key`.
    public var record: String
    /// `pupil`, `responsible` or `staff`.
    public var kind: String
    /// Nom de famille.
    public var birthName: String
    /// Nom d'usage.
    public var usageName: String
    /// Prénom.
    public var givenName: String
    /// `yyyy-MM-dd`; `nil` when the register does not state it.
    public var birthDate: String?
    /// The schools, by UAI.
    public var schools: [String]
    /// Whether the register still states it.
    public var presence: BasePresence
}

/// A school that was found.
public struct FoundSchool: Sendable, Hashable, Codable {
    /// Its name in the base: `register:key`.
    public var record: String
    /// The UAI.
    public var uai: String
    /// Its name.
    public var name: String
    /// Its town.
    public var town: String
    /// Whether the register still states it.
    public var presence: BasePresence
}

/// What was found.
public struct FoundRecords: Sendable, Hashable, Codable {
    /// People.
    public var records: [FoundRecord] = []
    /// Schools.
    public var schools: [FoundSchool] = []
    /// Whether there are more than were asked for.
    public var hasMore = false
}

extension BaseReading {
    /// Looks for people or schools; every way goes by an index.
    ///
    /// - Parameter limit: how many records at most.
    /// - Throws: `StoreError`.
    public func search(_ query: BaseQuery, limit: Int = 50, now: Instant) async throws -> FoundRecords {
        try await engine.read { [grace] db in
            if case .school(let uai) = query {
                let rows = try db.rows(
                    .schoolsByUAI, ["uai": .text(uai.description), "limit": .number(Int64(limit + 1))])
                return FoundRecords(
                    schools: try rows.prefix(limit).map { try FoundSchool($0, grace, now) }.sorted {
                        $0.record < $1.record
                    },
                    hasMore: rows.count > limit)
            }
            var seen: Set<String> = []
            var rows: [SQLRow] = []
            for (statement, argument) in Self.lookups(query) {
                var arguments = argument
                arguments["limit"] = .number(Int64(limit + 1))
                let values = statement.parameters.map { arguments[$0] ?? .null }
                for row in try db.rows(statement, ordered: values) where rows.count <= limit {
                    let name = "\(try row.number("register")) \(try row.text("kind")) \(try row.text("key"))"
                    if seen.insert(name).inserted { rows.append(row) }
                }
            }
            let schools = SchoolNames(db)
            var records = try rows.prefix(limit).map { try FoundRecord($0, schools, grace, now) }
            // Names come in their own order; sorting the others in the engine would cost it its index.
            if case .name = query {} else { records.sort { ($0.record, $0.kind) < ($1.record, $1.kind) } }
            return FoundRecords(records: records, hasMore: rows.count > limit)
        }
    }

    /// What a search may ask: none of them looks at a whole table.
    package static let searches: [SQLStatement] = [.byUsage, .byBirth, .byMobile, .byINE, .byRecord, .schoolsByUAI]

    /// The queries that together answer; each one gives rows of people.
    private static func lookups(_ query: BaseQuery) -> [(SQLStatement, [String: SQLValue])] {
        switch query {
        case .name(let name):
            return rotations(name.words).flatMap { words -> [(SQLStatement, [String: SQLValue])] in
                let start = words.joined(separator: " ")
                // The last scalar of all is behind everything that begins so: texts are in the order of their bytes.
                let arguments: [String: SQLValue] = ["start": .text(start), "end": .text(start + "\u{10FFFF}")]
                return [(.byUsage, arguments), (.byBirth, arguments)]
            }
        case .mobile(let key): return [(.byMobile, ["number": .number(key.rawValue)])]
        case .ine(let ine): return [(.byINE, ["ine": .text(ine)])]
        case .record(let record):
            return [(.byRecord, ["register": .number(record.register), "key": .text(record.key)])]
        case .school: return []
        }
    }

    /// The words as written, and with each of the others first: who writes the given name first is understood.
    private static func rotations(_ words: [String]) -> [[String]] {
        words.indices.map { Array(words[$0...] + words[..<$0]) }
    }
}

extension FoundRecord {
    fileprivate init(_ row: SQLRow, _ names: SchoolNames, _ grace: Duration, _ now: Instant) throws {
        let register = try row.number("register")
        let birthDate = try row.text("birth_date")
        self.init(
            record: RecordKey(register: register, key: try row.text("key")).description, kind: try row.text("kind"),
            birthName: try row.text("birth_name"), usageName: try row.text("usage_name"),
            givenName: try row.text("given_name"), birthDate: birthDate.isEmpty ? nil : birthDate,
            schools: try ListText.items(try row.text("schools")).map { key in
                try names.name(RecordKey(register: register, key: key)).label
            },
            presence: try row.presence("leaving", grace: grace, now: now))
    }
}

extension FoundSchool {
    fileprivate init(_ row: SQLRow, _ grace: Duration, _ now: Instant) throws {
        self.init(
            record: RecordKey(register: try row.number("register"), key: try row.text("key")).description,
            uai: try row.text("uai"), name: try row.text("name"), town: try row.text("town"),
            presence: try row.presence("leaving", grace: grace, now: now))
    }
}

extension SQLStatement {
    private static let people = """
        person.register AS register, person.kind AS kind, person.key AS key, person.birth_name AS birth_name,
            person.usage_name AS usage_name, person.given_name AS given_name, person.birth_date AS birth_date,
            person.schools AS schools, person.leaving AS leaving
        """

    fileprivate static let byUsage = SQLStatement(
        """
        SELECT \(people) FROM base_people AS person
        WHERE person.folded_usage >= :start AND person.folded_usage < :end AND person.ended = 0
        ORDER BY person.folded_usage, person.birth_date LIMIT :limit
        """)
    fileprivate static let byBirth = SQLStatement(
        """
        SELECT \(people) FROM base_people AS person
        WHERE person.folded_birth >= :start AND person.folded_birth < :end AND person.ended = 0
            AND person.folded_birth <> ''
        ORDER BY person.folded_birth LIMIT :limit
        """)
    fileprivate static let byMobile = SQLStatement(
        """
        SELECT \(people)
        FROM base_mobiles AS held JOIN base_people AS person ON person.register = held.register
            AND person.kind = 'responsible' AND person.key = held.person AND person.ended = 0
        WHERE held.number = :number AND held.ended = 0 LIMIT :limit
        """)
    fileprivate static let byINE = SQLStatement(
        """
        SELECT \(people) FROM base_people AS person
        WHERE person.ine = :ine AND person.ended = 0 AND person.ine <> '' LIMIT :limit
        """)
    fileprivate static let byRecord = SQLStatement(
        """
        SELECT \(people) FROM base_people AS person
        WHERE person.register = :register AND person.kind IN ('pupil', 'responsible', 'staff') AND person.key = :key
            AND person.ended = 0 LIMIT :limit
        """)
    fileprivate static let schoolsByUAI = SQLStatement(
        """
        SELECT register, key, uai, name, town, leaving FROM base_schools
        WHERE uai = :uai AND ended = 0 LIMIT :limit
        """)
}
