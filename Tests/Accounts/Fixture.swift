import Accounts
import Clocks
import Cryptography
import Foundation
import School
import Stores
import StoresSQLite

/// The instant at which every test begins.
let start = Instant(secondsSinceEpoch: 1_788_244_200)

/// Services over a database of their own, at the smallest cost that libsodium takes.
struct Fixture: Sendable {
    let stores: StoreSet
    let hasher: PasswordHasher
    let random = SystemRandom()

    static let password = "Un cheval bleu 42"

    func signIn(_ policies: AttemptPolicies = AttemptPolicies()) -> SignInService {
        SignInService(accounts: stores.accounts, attempts: stores.attempts, hasher: hasher, policies: policies)
    }

    var activation: ActivationService { ActivationService(accounts: stores.accounts, hasher: hasher) }

    var administration: AccountAdministration { AccountAdministration(accounts: stores.accounts, random: random) }

    func recovery(_ policies: AttemptPolicies = AttemptPolicies()) -> RecoveryService {
        RecoveryService(
            stores: stores, hasher: hasher, policies: policies,
            settings: RecoverySettings(serviceName: "Mon ENT") { "https://portail.exemple.fr/mot-de-passe/" + $0 },
            random: random)
    }

    /// An active account whose password is ``password``.
    @discardableResult
    func active(
        _ login: String, givenName: String = "Camille", mail: String? = nil, locked: Bool = false
    ) async throws -> Account {
        let hash = try await hasher.hash(PasswordText.bytes(Self.password))
        let account = Account(
            id: AccountID("id-" + login), login: Login(canonical: login),
            person: Person(givenName: givenName, familyName: "Martin", profile: .pupil),
            stage: .active(PasswordRecord(hash: hash, changedAt: start)),
            lock: locked ? AccountLock(since: start, reason: "départ") : nil, mail: mail, createdAt: start)
        try await stores.accounts.add([(account, nil)])
        return account
    }

    /// An account that awaits its first connection, and its code.
    func awaiting(_ login: String, mail: String = "") async throws -> IssuedAccount {
        try await administration.create(
            AccountDescription([
                .login: login, .givenName: "Camille", .familyName: "Martin", .profile: "élève", .mail: mail,
            ]), now: start)
    }

    /// A session of the account.
    func session(of account: Account, at instant: Instant = start) async throws -> Session {
        let session = Session(
            id: SessionID(random: random), account: account.id, createdAt: instant, authenticatedAt: instant,
            acr: "eidas1",
            amr: ["pwd"], door: "ent", expiresAt: instant + .hours(8), device: "Firefox")
        guard try await stores.sessions.begin(session) else { throw FixtureError.noSession }
        return session
    }

    /// The messages that wait, taken.
    func messages(at instant: Instant = start) async throws -> [OutboxMessage] {
        try await stores.outbox.take(limit: 100, lease: .seconds(1), now: instant)
    }
}

enum FixtureError: Error {
    case noSession
}

/// Lends a fixture.
func withFixture(
    cost: Argon2id.Cost = Argon2id.Cost(memoryKiB: 8, passes: 1), queueLimit: Int = 1000,
    _ body: (Fixture) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("loge-accounts-" + UUID().uuidString)
        .path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let engine = try await SQLiteStores.open(path: folder + "/loge.sqlite", clock: ManualClock(start))
    let hasher = PasswordHasher(cost: cost, queueLimit: queueLimit, random: SystemRandom())
    do {
        try await body(Fixture(stores: engine.stores, hasher: hasher))
        await engine.close()
    } catch {
        await engine.close()
        throw error
    }
}
