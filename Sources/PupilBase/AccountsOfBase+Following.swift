internal import Clocks
internal import School
internal import Stores
internal import StoresSQL

extension AccountsOfBase {
    /// A page of accounts, and what is to be done to them.
    private struct FollowingPage: Sendable {
        var last: FoundingRecord?
        var count = 0
        var steps: [AccountStep] = []

        init(_ rows: [SQLRow], _ people: PeopleOfBase) throws {
            let held = try rows.map { try HeldAccount($0) }
            last = held.last?.founder
            count = held.count
            var rest = held[...]
            while let group = rest.first?.founder.group {
                let accounts = rest.prefix { $0.founder.group == group }
                rest = rest.dropFirst(accounts.count)
                guard let kind = PersonKind(rawValue: group.kind) else { continue }
                let found = try people.people(kind, register: group.register, keys: accounts.map(\.founder.key))
                steps += accounts.flatMap { $0.steps(found[$0.founder.key] ?? .vanished(kind)) }
            }
        }
    }

    /// Compares every account with the base, in the order of the founding records.
    func followAll(
        _ changes: inout AccountChanges, _ sight: inout Sight, _ now: Instant, _ progress: (Progress) -> Void
    ) async throws {
        var after = FoundingRecord(register: 0, kind: "", key: "")
        var followed = 0
        while true {
            let page = try await follow(&changes, &sight, now) { [after] db in
                try db.rows(
                    .accountsOfBase,
                    [
                        "register": .number(after.register), "kind": .text(after.kind), "key": .text(after.key),
                        "limit": .number(Int64(KeyPage.size)),
                    ])
            }
            guard let last = page.last else { return }
            after = last
            followed += page.count
            progress(.followed(followed))
        }
    }

    /// Compares these accounts with the base.
    ///
    /// - Parameter touched: in order.
    func follow(
        _ touched: [FoundingRecord], _ changes: inout AccountChanges, _ sight: inout Sight, _ now: Instant,
        _ progress: (Progress) -> Void
    ) async throws {
        var rest = touched[...]
        while let group = rest.first?.group {
            let keys = rest.prefix(KeyPage.size).prefix { $0.group == group }.map(\.key)
            rest = rest.dropFirst(keys.count)
            _ = try await follow(&changes, &sight, now) { db in
                try db.rows(
                    .accountsOfPage, of: keys, ["register": .number(group.register), "kind": .text(group.kind)])
            }
            progress(.followed(touched.count - rest.count))
        }
    }

    private func follow(
        _ changes: inout AccountChanges, _ sight: inout Sight, _ now: Instant,
        _ rows: @escaping @Sendable (any SQLSession) throws -> [SQLRow]
    ) async throws -> FollowingPage {
        let (page, done) = try await again(&sight) { sight in
            let page = try await read(&sight, now) { people in try FollowingPage(try rows(people.db), people) }
            guard !options.isDryRun, !page.steps.isEmpty else {
                return (page, page.steps.reduce(into: AccountChanges()) { $1.count(in: &$0) })
            }
            let done = try await write(sight) { db in
                var told: [StoreChange] = []
                var done = AccountChanges()
                for step in page.steps {
                    let changes = try step.perform(db, now: now)
                    if !changes.isEmpty { step.count(in: &done) }
                    told += changes
                }
                return Written(done, told)
            }
            return (page, done)
        }
        changes.add(done)
        return page
    }

    /// More touched accounts than that, and all are compared.
    private static let mostTouched: Int64 = 100_000

    /// The founding records of the accounts of those whom an import touched, and of those whose grace is over and who are
    /// not locked yet; in order. `nil` when all may be: a school changed, or too many people.
    func touched(by number: Int64, now: Instant) async throws -> [FoundingRecord]? {
        try await engine.read { [options] db in
            let mine: KeyValuePairs<String, SQLValue> = ["import": .number(number)]
            // A school that is new has no pupils with accounts but those who are touched themselves.
            guard try db.row(.touchedSchool, mine) == nil else { return nil }
            let rows = try db.rows(
                .touched,
                [
                    "import": .number(number), "left": .instant(now - options.grace),
                    "limit": .number(Self.mostTouched),
                ])
            guard rows.count < Self.mostTouched else { return nil }
            return try rows.map { row in
                FoundingRecord(
                    register: try row.number("register"), kind: try row.text("kind"), key: try row.text("key"))
            }
        }
    }
}

extension SQLStatement {
    private static let account = """
        SELECT held.register AS base_register, held.kind AS base_kind, held.key AS base_key,
            held.locked AS base_locked, accounts.*
        FROM base_accounts AS held JOIN accounts ON accounts.id = held.account
        """

    fileprivate static let accountsOfBase = SQLStatement(
        """
        \(account)
        WHERE (held.register, held.kind, held.key) > (:register, :kind, :key)
        ORDER BY held.register, held.kind, held.key
        LIMIT :limit
        """)

    fileprivate static let accountsOfPage = SQLStatement(
        """
        \(account)
        WHERE held.register = :register AND held.kind = :kind AND held.key IN (\(KeyPage.marks))
        ORDER BY held.register, held.kind, held.key
        """)

    fileprivate static let touchedSchool = SQLStatement(
        "SELECT 1 AS found FROM base_schools WHERE ended = :import LIMIT 1")

    /// Whoever has a row that the import added or closed; the responsibles of such pupils; the persons whose records those
    /// are, or were. Then those of whom something has left for longer than the grace.
    fileprivate static let touched = SQLStatement(
        """
        WITH touched AS (
            SELECT register, kind, key FROM base_people WHERE started = :import OR ended = :import
            UNION SELECT register, 'pupil', pupil FROM base_places WHERE started = :import OR ended = :import
            UNION SELECT register, 'staff', person FROM base_functions WHERE started = :import OR ended = :import
            UNION SELECT register, 'responsible', responsible FROM base_links
                WHERE started = :import OR ended = :import
            UNION SELECT register, kind, key FROM base_joins WHERE started = :import OR ended = :import
            UNION SELECT person_register, kind, person_key FROM base_joins
                WHERE started = :import OR ended = :import),
        family AS (
            SELECT register, kind, key FROM touched
            UNION SELECT link.register, 'responsible', link.responsible
            FROM touched JOIN base_links AS link ON link.register = touched.register AND link.pupil = touched.key
                AND link.ended = 0
            WHERE touched.kind = 'pupil'),
        founder AS (
            SELECT register, kind, key FROM family
            UNION SELECT joined.person_register, joined.kind, joined.person_key
            FROM family JOIN base_joins AS joined ON joined.register = family.register
                AND joined.kind = family.kind AND joined.key = family.key AND joined.ended = 0),
        leaver AS (
            SELECT register, kind, key FROM base_people WHERE ended = 0 AND leaving > 0 AND leaving <= :left
            UNION SELECT register, 'responsible', responsible FROM base_links
                WHERE ended = 0 AND leaving > 0 AND leaving <= :left
            UNION SELECT link.register, 'responsible', link.responsible
            FROM base_people AS pupil JOIN base_links AS link ON link.register = pupil.register
                AND link.pupil = pupil.key AND link.ended = 0
            WHERE pupil.kind = 'pupil' AND pupil.ended = 0 AND pupil.leaving > 0 AND pupil.leaving <= :left),
        gone AS (
            SELECT register, kind, key FROM leaver
            UNION SELECT joined.person_register, joined.kind, joined.person_key
            FROM leaver JOIN base_joins AS joined ON joined.register = leaver.register
                AND joined.kind = leaver.kind AND joined.key = leaver.key AND joined.ended = 0)
        SELECT held.register AS register, held.kind AS kind, held.key AS key
        FROM founder JOIN base_accounts AS held ON held.register = founder.register AND held.kind = founder.kind
            AND held.key = founder.key
        UNION
        SELECT held.register, held.kind, held.key
        FROM gone JOIN base_accounts AS held ON held.register = gone.register AND held.kind = gone.kind
            AND held.key = gone.key AND held.locked = 0
        ORDER BY 1, 2, 3
        LIMIT :limit
        """)
}
