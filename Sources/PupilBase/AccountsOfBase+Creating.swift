internal import Accounts
internal import Clocks
internal import Cryptography
internal import School
internal import Stores
internal import StoresSQL

extension AccountsOfBase {
    /// A page of people without an account.
    private struct CreatingPage: Sendable {
        var last: String?
        var people: [(key: String, person: PersonOfBase, base: String)] = []
        var unspellable = 0
        var taken: [String: Set<Int>] = [:]
    }

    /// Makes the accounts that are missing, register by register, in the order of the keys: homonyms are numbered in the
    /// same order whenever it is done.
    func create(
        _ kind: PersonKind, _ school: UAI?, _ changes: inout AccountChanges, _ sight: inout Sight, _ now: Instant,
        _ progress: (Progress) -> Void
    ) async throws {
        let registers = try await engine.read { try RegisterNames($0).byNumber.keys.sorted() }
        var created = 0
        for register in registers {
            var after: String? = ""
            while let start = after {
                let page = try await again(&sight) { sight in
                    let page = try await read(&sight, now) { [logins = sight.logins] people in
                        try Self.page(kind, register, after: start, school, logins, people)
                    }
                    let accounts = accounts(of: page, &sight.logins, now)
                    if !options.isDryRun, !accounts.isEmpty {
                        try await add(accounts, kind, register, sight)
                    }
                    return page
                }
                changes.created += page.people.count
                changes.unspellable += page.unspellable
                created += page.people.count
                after = page.last
                if page.last != nil { progress(.created(kind, created)) }
            }
        }
    }

    private static func page(
        _ kind: PersonKind, _ register: Int64, after: String, _ school: UAI?, _ logins: LoginSupply,
        _ people: PeopleOfBase
    ) throws -> CreatingPage {
        var page = CreatingPage()
        let keys = try people.db.rows(
            .withoutAccount,
            [
                "register": .number(register), "kind": .text(kind.rawValue), "after": .text(after),
                "limit": .number(Int64(KeyPage.size)),
            ]
        ).map { try $0.text("key") }
        page.last = keys.last
        let found = try people.people(kind, register: register, keys: keys)
        for key in keys {
            guard let person = found[key], person.absence == nil, person.isCurrent else { continue }
            if let school, !person.schools.contains(school) { continue }
            let (given, family) = (person.person.givenName, person.person.familyName)
            guard let base = LoginMaker.base(givenName: given, familyName: family) else {
                page.unspellable += 1
                continue
            }
            page.people.append((key, person, base))
        }
        page.taken = try people.db.takenNumbers(logins.unknown(page.people.map(\.base)))
        return page
    }

    private func accounts(
        of page: CreatingPage, _ logins: inout LoginSupply, _ now: Instant
    ) -> [(key: String, account: Account, code: SecretHash)] {
        logins.begin(found: page.taken)
        let accounts = page.people.map { key, person, base in
            // It has expired when it is made, and nobody knows what it is the hash of.
            let account = Account(
                id: AccountID(random: random), login: logins.take(base), person: person.person,
                stage: .awaitingActivation(expires: now), mail: person.mail, createdAt: now)
            return (key: key, account: account, code: SecretHash(bytes: random.bytes(32)))
        }
        logins.end()
        return accounts
    }

    private func add(
        _ accounts: [(key: String, account: Account, code: SecretHash)], _ kind: PersonKind, _ register: Int64,
        _ sight: Sight
    ) async throws {
        try await write(sight) { db in
            for (key, account, code) in accounts {
                try db.addWaiting(account, code: code)
                // Whoever does the same at the same time is refused here: one account a person.
                try db.change(
                    .foundAccount,
                    [
                        "account": .text(account.id.description), "register": .number(register),
                        "kind": .text(kind.rawValue), "key": .text(key),
                    ])
            }
            return Written((), accounts.map { .account($0.account.id) })
        }
    }
}

extension SQLStatement {
    /// Founding records without an account: those that were not joined to others, and those that others were joined to and
    /// that are gone themselves.
    fileprivate static let withoutAccount = SQLStatement(
        """
        SELECT key FROM (
            SELECT person.key AS key FROM base_people AS person
            WHERE person.register = :register AND person.kind = :kind AND person.ended = 0 AND person.leaving = 0
                AND person.key > :after
                AND NOT EXISTS (SELECT 1 FROM base_accounts AS held WHERE held.register = person.register
                    AND held.kind = person.kind AND held.key = person.key)
                AND NOT EXISTS (SELECT 1 FROM base_joins AS joined WHERE joined.register = person.register
                    AND joined.kind = person.kind AND joined.key = person.key AND joined.ended = 0)
            ORDER BY person.key LIMIT :limit) AS alone
        UNION
        SELECT key FROM (
            SELECT DISTINCT joined.person_key AS key FROM base_joins AS joined
            WHERE joined.person_register = :register AND joined.kind = :kind AND joined.ended = 0
                AND joined.person_key > :after
                AND NOT EXISTS (SELECT 1 FROM base_accounts AS held WHERE held.register = joined.person_register
                    AND held.kind = joined.kind AND held.key = joined.person_key)
            ORDER BY joined.person_key LIMIT :limit) AS joined
        ORDER BY key LIMIT :limit
        """)

    fileprivate static let foundAccount = SQLStatement(
        """
        INSERT INTO base_accounts (account, register, kind, key, locked)
        VALUES (:account, :register, :kind, :key, 0)
        """)
}
