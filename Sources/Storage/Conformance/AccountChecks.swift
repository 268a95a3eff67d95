import Clocks
import School
import Stores

extension ConformanceCheck {
    static let accountChecks: [ConformanceCheck] = [
        ConformanceCheck("an account comes back as it was added, with everything and with nothing") { stores in
            var full = Sample.active("full", mail: "Full@Exemple.fr", lock: AccountLock(since: start, reason: "départ"))
            full.mailVerified = true
            full.mobile = "+33612345678"
            full.charter = CharterAcceptance(version: 3, at: start + .seconds(5))
            full.stage = .active(PasswordRecord(hash: "$argon2id$x", changedAt: start, mustChange: true))
            let bare = Account(
                id: AccountID("bare"), login: Login(canonical: "bare"),
                person: Person(givenName: "Zoë", familyName: "Œuvrard", profile: .guest),
                stage: .awaitingActivation(expires: start + .milliseconds(1)), createdAt: start)
            try await stores.one.accounts.add([(full, nil), (bare, Sample.hash("code"))])
            try expect(await stores.one.accounts.account(id: full.id), is: full, "by key")
            try expect(await stores.other.accounts.account(login: full.login), is: full, "by login, other door")
            try expect(await stores.one.accounts.account(id: bare.id), is: bare, "the bare one")
            try expect(await stores.one.accounts.account(id: AccountID("nobody")), is: nil, "an unknown key")
            try expect(await stores.one.accounts.account(login: Login(canonical: "FULL")), is: nil, "another spelling")
        },
        ConformanceCheck("accounts are added all or none, and a taken login is a conflict") { stores in
            try await stores.one.add(Sample.active("taken"))
            let twin = Account(
                id: AccountID("twin"), login: Login(canonical: "taken"), person: Sample.person(),
                stage: .active(PasswordRecord(hash: "x", changedAt: start)), createdAt: start)
            try await expectError(.conflict, "a taken login") {
                try await stores.one.accounts.add([(Sample.active("fresh"), nil), (twin, nil)])
            }
            try expect(await stores.one.accounts.account(login: Login(canonical: "fresh")), is: nil, "none was added")
            try expect(
                await stores.one.accounts.account(login: Login(canonical: "taken"))?.id, is: AccountID("id-taken"),
                "the first stays")
        },
        ConformanceCheck("an account that awaits activation cannot be added without its code") { stores in
            do {
                try await stores.one.accounts.add([(Sample.awaiting("codeless"), nil)])
            } catch is StoreError {
                return try expect(
                    await stores.one.accounts.account(login: Login(canonical: "codeless")), is: nil, "nothing was added"
                )
            }
            try expect(false, "an account without its code was added")
        },
        ConformanceCheck("accounts are found by mail whatever its letter case, oldest first") { stores in
            let older = Account(
                id: AccountID("older"), login: Login(canonical: "z.older"), person: Sample.person(),
                stage: .active(PasswordRecord(hash: "x", changedAt: start)), mail: "Famille@Exemple.fr",
                createdAt: start - .days(1))
            try await stores.one.add(
                Sample.active("a.younger", mail: "famille@exemple.fr"), older, Sample.active("none"))
            let found = try await stores.one.accounts.accounts(mail: "FAMILLE@exemple.FR")
            try expect(found.map(\.login.description), is: ["z.older", "a.younger"], "both of the family")
            try expect(await stores.one.accounts.accounts(mail: ""), is: [], "an empty address is nobody's")
        },
        ConformanceCheck("a list goes on after a login, is bounded, and is narrowed by school and words") { stores in
            var elsewhere = Sample.active("d")
            elsewhere.person.school = UAI("0750001A")
            elsewhere.person.familyName = "100%_\\"
            try await stores.one.add(Sample.active("c"), Sample.active("a"), Sample.active("b"), elsewhere)
            func logins(
                after: String? = nil, limit: Int = 10, school: UAI? = nil, query: String? = nil
            ) async throws -> [String] {
                try await stores.one.accounts.accounts(
                    after: after.map { Login(canonical: $0) }, limit: limit, school: school, query: query
                ).map(\.login.description)
            }
            try expect(await logins(), is: ["a", "b", "c", "d"], "all")
            try expect(await logins(after: "b", limit: 1), is: ["c"], "a page")
            try expect(await logins(school: UAI("0750001A")), is: ["d"], "one school")
            try expect(await logins(query: "ÉTIENNE-d"), is: ["a", "b", "c"], "part of a family name, other case")
            try expect(await logins(query: "CAMI"), is: ["a", "b", "c", "d"], "part of a given name")
            try expect(await logins(query: "%_"), is: ["d"], "signs with a meaning for LIKE are themselves")
            try expect(await logins(query: "0%"), is: ["d"], "a percent sign is itself")
            try expect(await logins(query: "\\"), is: ["d"], "a backslash is itself")
            try expect(await logins(query: "_"), is: ["d"], "an underscore is no joker")
            try expect(await logins(school: UAI("0750001A"), query: "étienne"), is: [], "both narrow")
        },
        ConformanceCheck("a password changes only from the hash it has, and links die with it") { stores in
            let account = Sample.active("a", mail: "a@exemple.fr")
            try await stores.one.add(account)
            try await stores.one.links.issue(
                Sample.link("token", of: account), message: Sample.message("m"), now: start)
            let later = start + .seconds(9)
            try expect(
                await !stores.one.accounts.changePassword(of: account.id, from: "other", to: "new", now: later),
                "another hash")
            try expect(
                await stores.one.links.link(Sample.hash("token"), purpose: .resetPassword, now: later) != nil,
                "a refused change kills nothing")
            try expect(
                await stores.one.accounts.changePassword(of: account.id, from: "hash-a", to: "new", now: later),
                "the hash it has")
            let changed = try require(await stores.one.accounts.account(id: account.id), "the account")
            try expect(changed.stage, is: .active(PasswordRecord(hash: "new", changedAt: later)), "the new password")
            try expect(changed.revision, is: account.revision + 1, "one change, one revision")
            try expect(
                await stores.one.links.link(Sample.hash("token"), purpose: .resetPassword, now: later), is: nil,
                "the link is dead")
            _ = try await stores.one.accounts.lock(account.id, reason: "x", now: later)
            try expect(
                await !stores.one.accounts.changePassword(of: account.id, from: "new", to: "newer", now: later),
                "a locked account")
        },
        ConformanceCheck("a rehash changes nothing but the hash, and only the hash it was made from") { stores in
            var account = Sample.active("a")
            account.stage = .active(PasswordRecord(hash: "old", changedAt: start, mustChange: true))
            try await stores.one.add(account)
            try await stores.one.accounts.rehash(account.id, from: "other", to: "never")
            try expect(await stores.one.accounts.account(id: account.id), is: account, "another hash changes nothing")
            try await stores.one.accounts.rehash(account.id, from: "old", to: "costlier")
            try expect(
                await stores.one.accounts.account(id: account.id)?.stage,
                is: .active(PasswordRecord(hash: "costlier", changedAt: start, mustChange: true)), "the rest stays")
        },
        ConformanceCheck("charter and contact are written down; a changed mail is unproved and kills its links") {
            stores in
            var account = Sample.active("a", mail: "old@exemple.fr")
            account.mailVerified = true
            try await stores.one.add(account)
            try await stores.one.accounts.acceptCharter(account.id, version: 2, now: start + .seconds(1))
            try await stores.one.links.issue(
                Sample.link("token", of: account), message: Sample.message("m"), now: start)
            try await stores.one.accounts.setContact(account.id, mail: "OLD@exemple.fr", mobile: "0612345678")
            var seen = try require(await stores.one.accounts.account(id: account.id), "the account")
            try expect(seen.charter, is: CharterAcceptance(version: 2, at: start + .seconds(1)), "the charter")
            try expect(seen.mobile, is: "0612345678", "the mobile")
            try expect(seen.mailVerified, "the same mailbox in another spelling stays proved")
            try expect(
                await stores.one.links.link(Sample.hash("token"), purpose: .resetPassword, now: start) != nil,
                "and its links live")
            try await stores.one.accounts.setContact(account.id, mail: "new@exemple.fr", mobile: nil)
            seen = try require(await stores.one.accounts.account(id: account.id), "the account")
            try expect(seen.mail, is: "new@exemple.fr", "the mail")
            try expect(seen.mobile, is: nil, "the mobile is gone")
            try expect(!seen.mailVerified, "a new mailbox is unproved")
            try expect(
                await stores.one.links.link(Sample.hash("token"), purpose: .resetPassword, now: start), is: nil,
                "BR-01: the link to the old mailbox is dead")
            try expect(seen.revision, is: account.revision + 3, "three changes, three revisions")
            try await stores.one.accounts.setContact(account.id, mail: nil, mobile: nil)
            seen = try require(await stores.one.accounts.account(id: account.id), "the account")
            try expect(seen.mail == nil && !seen.mailVerified, "no mail is no proved mail")
        },
        ConformanceCheck("a lock ends the sessions, survives nothing but its removal, and is told from no account") {
            stores in
            let (account, session) = try await stores.one.signedIn("a")
            try expect(await stores.one.accounts.lock(account.id, reason: "vol", now: start + .seconds(1)), "locked")
            let locked = try await stores.other.accounts.account(id: account.id)
            try expect(locked?.lock, is: AccountLock(since: start + .seconds(1), reason: "vol"), "date and reason")
            try expect(
                await stores.one.sessions.session(session.id, now: start + .seconds(1)), is: nil, "session ended")
            try expect(
                await !stores.one.sessions.begin(Sample.session("late", of: account, at: start + .seconds(2))),
                "no session begins on a locked account")
            try expect(await stores.one.accounts.unlock(account.id), "unlocked")
            try expect(await stores.one.accounts.account(id: account.id)?.lock, is: nil, "no lock")
            try expect(
                await stores.one.sessions.session(session.id, now: start + .seconds(3)), is: nil,
                "an ended session does not come back")
            try expect(await !stores.one.accounts.lock(AccountID("nobody"), reason: "x", now: start), "nobody to lock")
            try expect(await !stores.one.accounts.unlock(AccountID("nobody")), "nobody to unlock")
        },
        ConformanceCheck("BR-01: a reset forgets the password, ends sessions, kills links, wants the new code") {
            stores in
            let (account, session) = try await stores.one.signedIn("a", mail: "a@exemple.fr")
            for purpose in LinkPurpose.allCases {
                try await stores.one.links.issue(
                    Sample.link(purpose.rawValue, of: account, purpose: purpose),
                    message: Sample.message(purpose.rawValue), now: start)
            }
            let later = start + .seconds(1)
            try expect(
                await stores.one.accounts.reset(
                    account.id, activationCode: Sample.hash("new"), expires: later + .days(1), now: later), "reset")
            try expect(
                await stores.one.accounts.account(id: account.id)?.stage,
                is: .awaitingActivation(expires: later + .days(1)),
                "awaiting")
            try expect(await stores.one.sessions.session(session.id, now: later), is: nil, "the session is dead")
            for purpose in LinkPurpose.allCases {
                try expect(
                    await stores.one.links.link(Sample.hash(purpose.rawValue), purpose: purpose, now: later), is: nil,
                    "the link is dead")
            }
            try expect(
                await !stores.one.sessions.begin(Sample.session("late", of: account, at: start)),
                "who proved the old password begins nothing")
            try expect(
                await stores.one.accounts.isActivationCode(Sample.hash("new"), of: account.id, now: later),
                "the new code")
            try expect(
                await !stores.one.accounts.reset(
                    AccountID("nobody"), activationCode: Sample.hash("x"), expires: later, now: later),
                "nobody to reset")
        },
    ]
}
