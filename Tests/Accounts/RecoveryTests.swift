import Accounts
import Clocks
import Cryptography
import Stores
import Testing

@Suite("PW-04: forgotten passwords", .timeLimit(.minutes(2)))
struct RecoveryTests {
    private let address = "192.0.2.1"
    private let newPassword = "Une autre phrase 7"

    /// The token in a mail.
    private func token(_ message: OutboxMessage) throws -> String {
        let line = try #require(message.body.split(separator: "\n").first { $0.hasPrefix("https://") })
        #expect(line.hasPrefix("https://portail.exemple.fr/mot-de-passe/"))
        return String(line.dropFirst("https://portail.exemple.fr/mot-de-passe/".count))
    }

    @Test("By login or by mail, a link comes; it changes the password once and ends what was before")
    func recover() async throws {
        for typed in ["Camille.MARTIN", "CAMILLE@exemple.fr"] {
            try await withFixture { fixture in
                let account = try await fixture.active("camille.martin", mail: "camille@exemple.fr")
                let session = try await fixture.session(of: account)
                let recovery = fixture.recovery()
                try await recovery.requestLink(for: typed, from: address, now: start)
                let messages = try await fixture.messages()
                #expect(messages.count == 1)
                let message = try #require(messages.first)
                #expect(message.recipient == "camille@exemple.fr")
                #expect(message.subject == "Mon ENT : choisir un nouveau mot de passe")
                #expect(message.body.contains("identifiant : camille.martin"))
                let token = try token(message)
                // 256 bits.
                #expect(token.count == 43)
                #expect(try await recovery.account(of: token, now: start)?.id == account.id)

                let now = start + .minutes(59)
                let result = try await recovery.choosePassword(
                    newPassword, with: token, rules: PasswordRules(), now: now)
                #expect(result == .changed(account.id))
                // BR-01: whoever was in is out.
                #expect(try await fixture.stores.sessions.session(session.id, now: now) == nil)
                let old = try await fixture.signIn().signIn(
                    login: "camille.martin", secret: Fixture.password, from: nil, now: now)
                #expect(old == .refused)
                let new = try await fixture.signIn().signIn(
                    login: "camille.martin", secret: newPassword, from: nil, now: now)
                guard case .signedIn(let changed) = new else {
                    Issue.record("the new password does not open")
                    return
                }
                #expect(changed.mailVerified)
                let again = try await recovery.choosePassword(
                    newPassword, with: token, rules: PasswordRules(), now: now)
                #expect(again == .deadLink)
            }
        }
    }

    @Test("A family that shares a mail address gets a mail for each of its accounts")
    func family() async throws {
        try await withFixture { fixture in
            try await fixture.active("camille.martin", givenName: "Camille", mail: "famille@exemple.fr")
            try await fixture.active("sacha.martin", givenName: "Sacha", mail: "Famille@exemple.fr")
            try await fixture.active("locked.martin", mail: "famille@exemple.fr", locked: true)
            _ = try await fixture.awaiting("awaiting.martin", mail: "famille@exemple.fr")
            try await fixture.recovery().requestLink(for: "famille@exemple.fr", from: address, now: start)
            let bodies = try await fixture.messages().map(\.body)
            #expect(bodies.count == 2)
            #expect(bodies.contains { $0.contains("identifiant : camille.martin") && $0.contains("Camille") })
            #expect(bodies.contains { $0.contains("identifiant : sacha.martin") && $0.contains("Sacha") })
        }
    }

    @Test(
        "ENUM-01: who cannot be helped leaves the same trace as who can, and nothing is sent",
        arguments: ["nobody", "nobody@exemple.fr", "not a login", "", "without.mail", "locked", "awaiting"])
    func nothing(_ typed: String) async throws {
        try await withFixture { fixture in
            try await fixture.active("without.mail")
            try await fixture.active("locked", mail: "locked@exemple.fr", locked: true)
            _ = try await fixture.awaiting("awaiting", mail: "awaiting@exemple.fr")
            let performed = fixture.hasher.performed
            try await fixture.recovery().requestLink(for: typed, from: address, now: start)
            #expect(try await fixture.messages() == [])
            #expect(fixture.hasher.performed == performed)
            // One message was written all the same, and one try on each side: the same writes as for somebody known.
            #expect(try await fixture.stores.maintenance.purge(limit: 100, now: start) == 1)
            #expect(try await fixture.stores.maintenance.purge(limit: 100, now: start + .days(1)) == 2)
        }
    }

    @Test("A newer request, a sign-in, an hour or a lock kills the link; a mail of our own making opens nothing")
    func dead() async throws {
        try await withFixture { fixture in
            let account = try await fixture.active("camille", mail: "camille@exemple.fr")
            let recovery = fixture.recovery()
            func fresh(_ now: Instant) async throws -> String {
                try await recovery.requestLink(for: "camille", from: nil, now: now)
                return try token(try #require(try await fixture.messages(at: now).last))
            }
            func use(_ token: String, _ now: Instant) async throws -> NewPasswordResult {
                try await recovery.choosePassword(newPassword, with: token, rules: PasswordRules(), now: now)
            }
            let older = try await fresh(start)
            let newer = try await fresh(start + .seconds(2))
            #expect(try await use(older, start + .seconds(2)) == .deadLink)
            #expect(try await recovery.account(of: older, now: start + .seconds(2)) == nil)
            #expect(try await use(newer, start + .seconds(2) + .hours(1)) == .deadLink)
            #expect(try await use("", start) == .deadLink)
            #expect(try await use(newer + "A", start) == .deadLink)

            _ = try await fixture.session(of: account, at: start + .seconds(3))
            #expect(try await use(newer, start + .seconds(4)) == .deadLink)

            let beforeLock = try await fresh(start + .seconds(5))
            _ = try await fixture.administration.lock("camille", reason: "x", now: start + .seconds(5))
            let performed = fixture.hasher.performed
            #expect(try await use(beforeLock, start + .seconds(6)) == .deadLink)
            #expect(fixture.hasher.performed == performed)
        }
    }

    @Test("BR-01: a link from before a reset by the school is dead")
    func afterReset() async throws {
        try await withFixture { fixture in
            try await fixture.active("camille", mail: "squatter@exemple.fr")
            let recovery = fixture.recovery()
            try await recovery.requestLink(for: "camille", from: nil, now: start)
            let token = try token(try #require(try await fixture.messages().last))
            _ = try await fixture.administration.reset("camille", now: start)
            let result = try await recovery.choosePassword(
                newPassword, with: token, rules: PasswordRules(), now: start)
            #expect(result == .deadLink)
        }
    }

    @Test("A password that breaks a rule leaves the link alive")
    func unsuitable() async throws {
        try await withFixture { fixture in
            let account = try await fixture.active("camille", mail: "camille@exemple.fr")
            let recovery = fixture.recovery()
            try await recovery.requestLink(for: "camille", from: nil, now: start)
            let token = try token(try #require(try await fixture.messages().last))
            let weak = try await recovery.choosePassword("azerty", with: token, rules: PasswordRules(), now: start)
            #expect(weak == .unsuitable([.tooShort(minimum: 12), .tooCommon]))
            let good = try await recovery.choosePassword(newPassword, with: token, rules: PasswordRules(), now: start)
            #expect(good == .changed(account.id))
        }
    }

    @Test("Of 64 who use one link at once, one changes the password")
    func race() async throws {
        try await withFixture { fixture in
            let account = try await fixture.active("camille", mail: "camille@exemple.fr")
            let recovery = fixture.recovery()
            try await recovery.requestLink(for: "camille", from: nil, now: start)
            let token = try token(try #require(try await fixture.messages().last))
            let results = try await withThrowingTaskGroup(of: NewPasswordResult.self) { group in
                for index in 0..<64 {
                    group.addTask {
                        try await recovery.choosePassword(
                            "une phrase numéro \(index)", with: token, rules: PasswordRules(), now: start)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(results.filter { $0 == .changed(account.id) }.count == 1)
            #expect(results.filter { $0 == .deadLink }.count == 63)
        }
    }

    @Test("A mailbox cannot be flooded, by whatever name; neither by one address; and nobody is told")
    func throttled() async throws {
        try await withFixture { fixture in
            try await fixture.active("camille", mail: "camille@exemple.fr")
            let recovery = fixture.recovery()
            for index in 0..<40 {
                try await recovery.requestLink(
                    for: index.isMultiple(of: 2) ? "camille" : "Camille@exemple.fr", from: "192.0.2.\(index)",
                    now: start)
            }
            #expect(try await fixture.messages().count == 5)
        }
        try await withFixture { fixture in
            for index in 0..<6 { try await fixture.active("p\(index)", mail: "p\(index)@exemple.fr") }
            let recovery = fixture.recovery(
                AttemptPolicies(
                    recoveryAddress: AttemptPolicy(
                        free: 3, firstPause: .minutes(1), longestPause: .minutes(1), daily: 9, window: .hours(1))))
            for index in 0..<6 { try await recovery.requestLink(for: "p\(index)", from: address, now: start) }
            #expect(try await fixture.messages().count == 3)
        }
    }

    @Test("PW-03: who was made to wait by somebody else's guesses comes in after a reset by mail")
    func unblocks() async throws {
        try await withFixture { fixture in
            try await fixture.active("camille", mail: "camille@exemple.fr")
            for index in 0..<5 {
                _ = try await fixture.signIn().signIn(login: "camille", secret: "\(index)", from: nil, now: start)
            }
            let recovery = fixture.recovery()
            try await recovery.requestLink(for: "camille", from: nil, now: start)
            let token = try token(try #require(try await fixture.messages().last))
            _ = try await recovery.choosePassword(newPassword, with: token, rules: PasswordRules(), now: start)
            let result = try await fixture.signIn().signIn(login: "camille", secret: newPassword, from: nil, now: start)
            guard case .signedIn = result else {
                Issue.record("still \(result)")
                return
            }
        }
    }
}
