import Accounts
import Clocks
import Cryptography
import Stores
import Testing

@Suite("The first connection", .timeLimit(.minutes(2)))
struct ActivationServiceTests {
    private let rules = FirstConnectionRules(mailRequired: true, charterVersion: 3)
    private let form = FirstConnectionForm(
        password: Fixture.password, mail: " Camille@exemple.fr ", mobile: "06 12 34 56 78", acceptedCharter: 3)

    @Test("ACT-01: the code is exchanged once for a password, a mail, a mobile and the charter")
    func activate() async throws {
        try await withFixture { fixture in
            let issued = try await fixture.awaiting("camille")
            let now = start + .days(2)
            let result = try await fixture.activation.activate(
                issued.account.id, with: issued.code, form, rules: rules, now: now)
            let stored = try #require(try await fixture.stores.accounts.account(id: issued.account.id))
            #expect(result == .activated(stored))
            #expect(stored.mail == "Camille@exemple.fr")
            #expect(!stored.mailVerified)
            #expect(stored.mobile == "0612345678")
            #expect(stored.charter == CharterAcceptance(version: 3, at: now))
            let again = try await fixture.activation.activate(
                issued.account.id, with: issued.code, form, rules: rules, now: now)
            #expect(again == .refused)
            let signIn = try await fixture.signIn().signIn(
                login: "camille", secret: Fixture.password, from: nil, now: now)
            #expect(signIn == .signedIn(stored))
            let byCode = try await fixture.signIn().signIn(
                login: "camille", secret: issued.code.printed, from: nil, now: now)
            #expect(byCode == .refused)
        }
    }

    @Test("Every fault of the form is told at once, and the code lives on")
    func invalid() async throws {
        try await withFixture { fixture in
            let issued = try await fixture.awaiting("camille")
            func failures(_ form: FirstConnectionForm) async throws -> ActivationResult {
                try await fixture.activation.activate(
                    issued.account.id, with: issued.code, form, rules: rules, now: start)
            }
            let performed = fixture.hasher.performed
            #expect(
                try await failures(FirstConnectionForm(password: "camille", mail: "", mobile: "x", acceptedCharter: 2))
                    == .invalid([
                        .password(.tooShort(minimum: 12)), .password(.containsLogin), .password(.containsName),
                        .password(.tooCommon), .mailMissing, .mobileMalformed, .charterNotAccepted,
                    ]))
            #expect(
                try await failures(
                    FirstConnectionForm(password: Fixture.password, mail: "a@b", acceptedCharter: nil))
                    == .invalid([.mailMalformed, .charterNotAccepted]))
            #expect(
                try await failures(
                    FirstConnectionForm(
                        password: issued.code.printed.lowercased(), mail: "a@exemple.fr", acceptedCharter: 3))
                    == .invalid([.password(.isActivationCode)]))
            #expect(fixture.hasher.performed == performed)
            guard case .activated = try await failures(form) else {
                Issue.record("the code is dead")
                return
            }
        }
    }

    @Test("What is not asked may be left out")
    func optional() async throws {
        try await withFixture { fixture in
            let issued = try await fixture.awaiting("camille", mail: "ecole@exemple.fr")
            _ = try await fixture.activation.activate(
                issued.account.id, with: issued.code, FirstConnectionForm(password: Fixture.password),
                rules: FirstConnectionRules(), now: start)
            let stored = try #require(try await fixture.stores.accounts.account(id: issued.account.id))
            #expect(stored.mail == "ecole@exemple.fr")
            #expect(stored.mobile == nil && stored.charter == nil)
        }
    }

    @Test("Another's code, an expired one, a locked account, nobody's account: refused without any work")
    func refused() async throws {
        try await withFixture { fixture in
            let issued = try await fixture.awaiting("camille")
            let other = try await fixture.awaiting("dominique")
            let performed = fixture.hasher.performed
            func activate(_ id: AccountID, _ code: ActivationCode, _ now: Instant) async throws -> ActivationResult {
                try await fixture.activation.activate(id, with: code, form, rules: rules, now: now)
            }
            #expect(try await activate(issued.account.id, other.code, start) == .refused)
            #expect(try await activate(issued.account.id, issued.code, issued.expires) == .refused)
            #expect(try await activate(AccountID("nobody"), issued.code, start) == .refused)
            _ = try await fixture.administration.lock("camille", reason: "x", now: start)
            #expect(try await activate(issued.account.id, issued.code, start) == .refused)
            #expect(fixture.hasher.performed == performed)
        }
    }

    @Test("ACT-01: of 64 who use one code at once, one is activated")
    func race() async throws {
        try await withFixture { fixture in
            let issued = try await fixture.awaiting("camille")
            let results = try await withThrowingTaskGroup(of: ActivationResult.self) { group in
                for index in 0..<64 {
                    group.addTask {
                        let form = FirstConnectionForm(
                            password: "un cheval bleu \(index)", mail: "a\(index)@exemple.fr", acceptedCharter: 3)
                        return try await fixture.activation.activate(
                            issued.account.id, with: issued.code, form, rules: rules, now: start)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(results.filter { $0 == .refused }.count == 63)
        }
    }
}
