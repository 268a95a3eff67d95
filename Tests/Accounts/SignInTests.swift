import Accounts
import Clocks
import Cryptography
import School
import Stores
import Testing

@Suite("Signing in with login and password", .timeLimit(.minutes(2)))
struct SignInTests {
    private let address = "192.0.2.1"

    @Test("The right password opens; any spelling of the login does; nothing else does")
    func password() async throws {
        try await withFixture { fixture in
            let account = try await fixture.active("camille.martin")
            let service = fixture.signIn()
            for login in ["camille.martin", " Camille.MARTIN "] {
                let result = try await service.signIn(
                    login: login, secret: Fixture.password, from: address, now: start)
                #expect(result == .signedIn(account))
            }
            for secret in ["", "un cheval bleu 42", Fixture.password + " ", String(repeating: "x", count: 1 << 20)] {
                let result = try await service.signIn(
                    login: "camille.martin", secret: secret, from: address, now: start)
                #expect(result == .refused)
            }
        }
    }

    @Test("PW-01: a decomposed accent is the same password")
    func normalised() async throws {
        try await withFixture { fixture in
            let hash = try await fixture.hasher.hash(PasswordText.bytes("été à la plage"))
            let account = Account(
                id: AccountID("a"), login: Login(canonical: "a"),
                person: .init(givenName: "A", familyName: "B", profile: .pupil),
                stage: .active(PasswordRecord(hash: hash, changedAt: start)), createdAt: start)
            try await fixture.stores.accounts.add([(account, nil)])
            let typed = "e\u{301}te\u{301} a\u{300} la plage"
            let result = try await fixture.signIn().signIn(login: "a", secret: typed, from: nil, now: start)
            #expect(result == .signedIn(account))
        }
    }

    @Test("The code of the letter leads to the first connection and is not used up by it")
    func firstConnection() async throws {
        try await withFixture { fixture in
            let issued = try await fixture.awaiting("camille.martin")
            for typed in [issued.code.printed, issued.code.printed.lowercased().replacing("-", with: " ")] {
                let result = try await fixture.signIn().signIn(
                    login: "camille.martin", secret: typed, from: address, now: start)
                #expect(result == .firstConnection(issued.account, issued.code))
            }
            let other = ActivationCode(random: fixture.random).printed
            let wrong = try await fixture.signIn().signIn(
                login: "camille.martin", secret: other, from: address, now: start)
            #expect(wrong == .refused)
            let late = try await fixture.signIn().signIn(
                login: "camille.martin", secret: issued.code.printed, from: address, now: issued.expires)
            #expect(late == .refused)
        }
    }

    /// What somebody tries, and how the account stands.
    enum Standing: String, CaseIterable {
        case unknown, impossible, wrongPassword, lockedRightPassword, lockedWrongPassword
        case awaitingWrongCode, awaitingExpiredCode, awaitingPassword, activeOldCode
    }

    @Test("ENUM-01: whatever the reason, one word, one Argon2id, one try counted", arguments: Standing.allCases)
    func sameWork(_ standing: Standing) async throws {
        try await withFixture { fixture in
            var login = "camille.martin"
            var secret = "not the password"
            var now = start
            switch standing {
            case .unknown: break
            case .impossible: login = "camille martin"
            case .wrongPassword: try await fixture.active(login)
            case .lockedRightPassword:
                try await fixture.active(login, locked: true)
                secret = Fixture.password
            case .lockedWrongPassword: try await fixture.active(login, locked: true)
            case .awaitingWrongCode:
                _ = try await fixture.awaiting(login)
                secret = ActivationCode(random: fixture.random).printed
            case .awaitingExpiredCode:
                let issued = try await fixture.awaiting(login)
                secret = issued.code.printed
                now = issued.expires
            case .awaitingPassword: _ = try await fixture.awaiting(login)
            case .activeOldCode:
                try await fixture.active(login)
                secret = ActivationCode(random: fixture.random).printed
            }
            let policies = AttemptPolicies(
                password: AttemptPolicy(
                    free: 1, firstPause: .seconds(60), longestPause: .seconds(60), daily: 9))
            let service = fixture.signIn(policies)
            let before = fixture.hasher.performed
            let result = try await service.signIn(login: login, secret: secret, from: address, now: now)
            #expect(result == .refused)
            #expect(fixture.hasher.performed - before == 1)
            // The next one waits, and costs nothing.
            let next = try await service.signIn(login: login, secret: secret, from: address, now: now)
            #expect(next == .wait(.seconds(60)))
            #expect(fixture.hasher.performed - before == 1)
        }
    }

    @Test(
        "PW-02: of 200 guesses at once in every spelling, never more are evaluated than the policy allows",
        arguments: ["camille.martin", "nobody.here"])
    func parallelGuesses(_ login: String) async throws {
        try await withFixture { fixture in
            try await fixture.active("camille.martin")
            let service = fixture.signIn()
            let spellings = [login, login.uppercased(), " " + login, login.replacing("a", with: "ａ")]
            let before = fixture.hasher.performed
            let results = try await withThrowingTaskGroup(of: SignInResult.self) { group in
                for index in 0..<200 {
                    group.addTask {
                        // From many addresses: the login's own counter must hold.
                        try await service.signIn(
                            login: spellings[index % 4], secret: "guess \(index)", from: "192.0.2.\(index)", now: start)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(results.filter { $0 == .refused }.count == 5)
            #expect(results.filter { $0 == .wait(.seconds(60)) }.count == 195)
            #expect(fixture.hasher.performed - before == 5)
        }
    }

    @Test("PW-02: a right password does not get through while the login waits, and clears the counter afterwards")
    func waiting() async throws {
        try await withFixture { fixture in
            let account = try await fixture.active("camille.martin")
            let service = fixture.signIn()
            for index in 0..<5 {
                _ = try await service.signIn(
                    login: account.login.description, secret: "\(index)", from: nil, now: start)
            }
            func right(_ now: Instant) async throws -> SignInResult {
                try await service.signIn(
                    login: account.login.description, secret: Fixture.password, from: nil, now: now)
            }
            #expect(try await right(start + .seconds(59)) == .wait(.seconds(1)))
            #expect(try await right(start + .seconds(60)) == .signedIn(account))
            for _ in 0..<10 { #expect(try await right(start + .seconds(60)) == .signedIn(account)) }
        }
    }

    @Test("PW-03: one address that tries one password on many logins is throttled; good sign-ins do not cover for it")
    func spraying() async throws {
        try await withFixture { fixture in
            try await fixture.active("attacker")
            let policies = AttemptPolicies(
                address: AttemptPolicy(
                    free: 20, firstPause: .seconds(10), longestPause: .seconds(10), daily: 30, window: .hours(1)))
            let service = fixture.signIn(policies)
            var evaluated = 0
            for index in 0..<100 {
                let result = try await service.signIn(
                    login: "victim-\(index)", secret: "Soleil2026", from: address, now: start)
                if result == .refused { evaluated += 1 }
                _ = try await service.signIn(login: "attacker", secret: Fixture.password, from: address, now: start)
            }
            #expect(evaluated == 20)
            let elsewhere = try await service.signIn(
                login: "victim-1", secret: "x", from: "198.51.100.7", now: start)
            #expect(elsewhere == .refused)
        }
    }

    @Test("A school whose people all sign in well from one address never waits")
    func school() async throws {
        try await withFixture { fixture in
            let account = try await fixture.active("camille.martin")
            let policies = AttemptPolicies(
                address: AttemptPolicy(
                    free: 10, firstPause: .seconds(10), longestPause: .seconds(10), daily: 10, window: .hours(1)))
            let service = fixture.signIn(policies)
            for _ in 0..<50 {
                let result = try await service.signIn(
                    login: "camille.martin", secret: Fixture.password, from: address, now: start)
                #expect(result == .signedIn(account))
            }
        }
    }

    @Test("Tries that wait for the login are not counted against the address")
    func waitIsNotCounted() async throws {
        try await withFixture { fixture in
            let policies = AttemptPolicies(
                address: AttemptPolicy(
                    free: 10, firstPause: .seconds(10), longestPause: .seconds(10), daily: 10, window: .hours(1)))
            let service = fixture.signIn(policies)
            for _ in 0..<30 {
                _ = try await service.signIn(login: "clumsy", secret: "x", from: address, now: start)
            }
            let neighbour = try await service.signIn(login: "neighbour", secret: "x", from: address, now: start)
            #expect(neighbour == .refused)
        }
    }

    @Test("A crowd is told to come back, and nobody of it has lost a try")
    func busy() async throws {
        let slow = Argon2id.Cost(memoryKiB: 32768, passes: 3)
        try await withFixture(cost: slow, queueLimit: 0) { fixture in
            let service = fixture.signIn(
                AttemptPolicies(
                    password: AttemptPolicy(free: 1, firstPause: .hours(1), longestPause: .hours(1), daily: 9)))
            let results = try await withThrowingTaskGroup(of: (Int, SignInResult).self) { group in
                for index in 0..<24 {
                    group.addTask {
                        (index, try await service.signIn(login: "l\(index)", secret: "x", from: address, now: start))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let turnedAway = results.filter { if case .busy = $0.1 { true } else { false } }
            #expect(!turnedAway.isEmpty)
            #expect(turnedAway.count + results.filter { $0.1 == .refused }.count == 24)
            for (index, _) in turnedAway {
                let again = try await service.signIn(login: "l\(index)", secret: "x", from: address, now: start)
                #expect(again == .refused)
            }
        }
    }

    @Test("PW-01: a password stored at another cost is rehashed when it opens, and only then")
    func rehash() async throws {
        try await withFixture(cost: Argon2id.Cost(memoryKiB: 16, passes: 2)) { fixture in
            let cheap = Argon2id.Cost(memoryKiB: 8, passes: 1)
            let old = try Argon2id.hash(password: PasswordText.bytes(Fixture.password), cost: cheap)
            let account = Account(
                id: AccountID("a"), login: Login(canonical: "a"),
                person: .init(givenName: "A", familyName: "B", profile: .pupil),
                stage: .active(PasswordRecord(hash: old, changedAt: start, mustChange: true)), createdAt: start)
            try await fixture.stores.accounts.add([(account, nil)])
            func hash() async throws -> PasswordRecord? {
                guard case .active(let record) = try await fixture.stores.accounts.account(id: account.id)?.stage else {
                    return nil
                }
                return record
            }
            _ = try await fixture.signIn().signIn(login: "a", secret: "wrong", from: nil, now: start)
            #expect(try await hash()?.hash == old)
            let result = try await fixture.signIn().signIn(
                login: "a", secret: Fixture.password, from: nil, now: start + .days(1))
            let new = try #require(try await hash())
            #expect(new.hash != old)
            #expect(!fixture.hasher.needsRehash(new.hash))
            #expect(new.changedAt == start && new.mustChange)
            let stored = try #require(try await fixture.stores.accounts.account(id: account.id))
            #expect(result == .signedIn(stored))
            let again = try await fixture.signIn().signIn(
                login: "a", secret: Fixture.password, from: nil, now: start + .days(1))
            #expect(again == result)
        }
    }
}
