internal import Accounts
internal import Clocks
internal import Foundation
internal import Matching
internal import School
internal import Stores
internal import StoresSQL

/// What the base says of a page of people, all records of each together.
struct PeopleOfBase {
    let db: any SQLSession
    let names: RegisterNames
    let schools: SchoolsOfBase
    let rules: LegalRules
    let grace: Duration
    let now: Instant

    /// A record of somebody.
    struct Record {
        let key: RecordKey
        let row: SQLRow
        let presence: Presence
        let schools: [SchoolsOfBase.School]

        /// The school of the record stands first.
        var school: SchoolsOfBase.School? { schools.first }
    }

    /// The people of these founding records. Of whom the base holds nothing, nothing is said.
    ///
    /// - Throws: `StoreError`.
    func people(_ kind: PersonKind, register: Int64, keys: [String]) throws -> [String: PersonOfBase] {
        let arguments: KeyValuePairs<String, SQLValue> = ["register": .number(register), "kind": .text(kind.rawValue)]
        var records: [String: [Record]] = [:]
        for row in try db.rows(.recordsOfPeople, of: keys, arguments) {
            records[try row.text("person"), default: []].append(try record(row))
        }
        let parts: [String: [SQLRow]] =
            switch kind {
            case .pupil: Dictionary(grouping: try db.rows(.placesOfPeople, of: keys, arguments), by: Self.owner)
            case .responsible: Dictionary(grouping: try db.rows(.linksOfPeople, of: keys, arguments), by: Self.owner)
            case .staff: Dictionary(grouping: try db.rows(.functionsOfPeople, of: keys, arguments), by: Self.owner)
            }
        var people: [String: PersonOfBase] = [:]
        for (founding, records) in records {
            let founder = RecordKey(register: register, key: founding)
            let ordered = try records.sorted { try Self.isBefore($0, $1, kind, founder) }
            guard let main = ordered.first else { continue }
            people[founding] = try person(kind, main, ordered, parts[founding] ?? [])
        }
        return people
    }

    private static func owner(_ row: SQLRow) -> String { (try? row.text("person")) ?? "" }

    private func record(_ row: SQLRow) throws -> Record {
        let key = RecordKey(register: try row.number("register"), key: try row.text("key"))
        return Record(
            key: key, row: row, presence: presence(try row.number("leaving")),
            schools: ListText.items(try row.text("schools")).compactMap { schools[key.register, $0] })
    }

    func presence(_ leaving: Int64) -> Presence {
        guard leaving > 0 else { return .current }
        return now < Instant(millisecondsSinceEpoch: leaving) + grace ? .leaving : .gone
    }

    /// Which record speaks for the person: one that a register still states; of a pupil the one who is further on, since a
    /// register is late in forgetting whom it has passed on; the founding one.
    private static func isBefore(
        _ one: Record, _ other: Record, _ kind: PersonKind, _ founder: RecordKey
    ) throws -> Bool {
        func rank(_ record: Record) -> (Int, Int, Int, RecordKey) {
            let order: [Presence] = [.current, .leaving, .gone]
            let level = kind == .pupil ? record.school?.level : nil
            let levels: [Level?] = [.upperSecondary, .lowerSecondary, .primary, nil]
            return (
                order.firstIndex(of: record.presence) ?? 0, levels.firstIndex(of: level) ?? 0,
                record.key == founder ? 0 : 1, record.key
            )
        }
        return rank(one) < rank(other)
    }

    private func person(
        _ kind: PersonKind, _ main: Record, _ records: [Record], _ parts: [SQLRow]
    ) throws -> PersonOfBase {
        let usage = try main.row.text("usage_name")
        var found = PersonOfBase(
            absence: main.presence == .gone ? .left : nil, isCurrent: main.presence == .current,
            person: Person(
                givenName: Self.line(try main.row.text("given_name")),
                familyName: Self.line(usage.isEmpty ? try main.row.text("birth_name") : usage),
                profile: kind.profiles.last ?? .schoolStaff, level: main.school?.level, school: main.school?.uai),
            mail: try records.filter { $0.presence == main.presence }
                .compactMap { MailAddress(try $0.row.text("mail"))?.description }.first,
            schools: Set(records.filter { $0.presence != .gone }.flatMap(\.schools).map(\.uai)))
        switch kind {
        case .pupil: try fill(&found, pupil: main, records, places: parts)
        case .responsible: try fill(&found, responsible: records, links: parts)
        case .staff: try fill(&found, staff: main, functions: parts)
        }
        return found
    }

    private func fill(
        _ found: inout PersonOfBase, pupil main: Record, _ records: [Record], places: [SQLRow]
    ) throws {
        let mine = try places.filter { try main.key == RecordKey($0) }
        var known: [(school: UAI?, code: String)] = []
        for row in mine {
            let school = schools[main.key.register, try row.text("school")]
            known.append((school?.uai, Self.line(try row.text("class"))))
            if let school { found.schools.insert(school.uai) }
            // A pupil whose file names a class and no school.
            if found.person.school == nil { (found.person.school, found.person.level) = (school?.uai, school?.level) }
        }
        let here = known.filter { $0.school == found.person.school }
        found.person.className = (here.isEmpty ? known : here).map(\.code).min()
        let dates = try records.map { try $0.row.text("birth_date") }
        // Presumed births have no day: an account has a date or none.
        found.person.birthDate = dates.compactMap { BirthDate(iso: $0) }.first(where: \.isWhole)?.description
    }

    private func fill(_ found: inout PersonOfBase, staff main: Record, functions: [SQLRow]) throws {
        var best = found.person.profile
        var order = PersonKind.staff.profiles.count
        for row in try functions.filter({ try main.key == RecordKey($0) }) {
            let school = schools[main.key.register, try row.text("school")]
            if let school { found.schools.insert(school.uai) }
            let profile = StaffFunction(school: "", code: try row.text("code")).profile ?? best
            let place = PersonKind.staff.profiles.firstIndex(of: profile) ?? order
            guard place < order else { continue }
            (order, best) = (place, profile)
            if let school { (found.person.school, found.person.level) = (school.uai, school.level) }
        }
        found.person.profile = best
    }

    /// A name or class as an account holds it: one line, of at most 64 characters.
    private static func line(_ text: String) -> String {
        let kept = text.precomposedStringWithCanonicalMapping.unicodeScalars.filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
        return String(String(String.UnicodeScalarView(kept)).prefix(64))
    }
}

extension RecordKey {
    /// The record that a row is part of.
    init(_ row: SQLRow) throws {
        self.init(register: try row.number("register"), key: try row.text("key"))
    }
}

extension SQLStatement {
    fileprivate static let recordsOfPeople = SQLStatement(
        """
        \(SQLText.recordsOfPage)
        SELECT record.person AS person, held.register AS register, held.key AS key, held.birth_name AS birth_name,
            held.usage_name AS usage_name, held.given_name AS given_name, held.other_names AS other_names,
            held.birth_date AS birth_date, held.mail AS mail, held.schools AS schools, held.leaving AS leaving
        FROM record
            JOIN base_people AS held ON held.register = record.register AND held.kind = :kind
                AND held.key = record.key AND held.ended = 0
        """)

    fileprivate static let placesOfPeople = SQLStatement(
        """
        \(SQLText.recordsOfPage)
        SELECT record.person AS person, record.register AS register, record.key AS key, place.school AS school,
            place.class AS class
        FROM record
            JOIN base_places AS place ON place.register = record.register AND place.pupil = record.key
                AND place.ended = 0
        ORDER BY record.register, record.key, place.school, place.class
        """)

    fileprivate static let functionsOfPeople = SQLStatement(
        """
        \(SQLText.recordsOfPage)
        SELECT record.person AS person, record.register AS register, record.key AS key, held.school AS school,
            held.code AS code
        FROM record
            JOIN base_functions AS held ON held.register = record.register AND held.person = record.key
                AND held.ended = 0
        ORDER BY record.register, record.key, held.school, held.code, held.discipline
        """)
}

/// Parts of statements.
enum SQLText {
    /// The records of the people of a page: the founding ones, and those that were joined to them.
    static let recordsOfPage = """
        WITH record AS (
            SELECT register, key, key AS person FROM base_people
            WHERE register = :register AND kind = :kind AND ended = 0 AND key IN (\(KeyPage.marks))
            UNION
            SELECT register, key, person_key AS person FROM base_joins
            WHERE person_register = :register AND kind = :kind AND ended = 0 AND person_key IN (\(KeyPage.marks)))
        """
}
