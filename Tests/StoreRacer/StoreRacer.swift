import Clocks
import Cryptography
import Foundation
import School
import Stores
import StoresPostgreSQL
import StoresSQLite

/// Another process for the tests of races and crashes: opens the stores, says `ready`, waits for a line on standard input,
/// then asks for one thing from many tasks at once and prints how many were told that they won.
///
///     store-racer sqlite:/path/to/file|postgresql://… VERB COUNT
///
/// After its answer it stays until it is killed or its input ends: what was answered must survive a SIGKILL.
@main
struct StoreRacer {
    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 4, let count = Int(words[3]) else {
            throw Misuse(description: "store-racer DATABASE VERB COUNT")
        }
        let (stores, owner) = try await open(words[1])
        // The stores live as long as what opened them.
        defer { withExtendedLifetime(owner) {} }
        say("ready")
        _ = readLine()
        if words[2] == "redeem-many" { return try await redeemMany(count, stores) }
        guard let verb = RaceVerb(rawValue: words[2]) else { throw Misuse(description: "no verb \(words[2])") }
        let won = try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<count { group.addTask { try await verb.attempt(index, on: stores) } }
            var won = 0
            for try await hasWon in group where hasWon { won += 1 }
            return won
        }
        say("won \(won)")
        _ = readLine()
    }

    /// Redeems one code after the other, and says so after each answer.
    private static func redeemMany(_ count: Int, _ stores: StoreSet) async throws {
        for index in 0..<count {
            let redemption = CodeRedemption(
                code: "code-\(index)", client: "ent", session: SessionID("session"),
                rememberedUntil: RaceVerb.now + .hours(1))
            guard try await stores.codes.redeem(redemption, now: RaceVerb.now) == .redeemed else {
                throw Misuse(description: "code-\(index) was used already")
            }
            say("used \(index)")
        }
    }

    private static func open(_ database: String) async throws -> (StoreSet, any Sendable) {
        if database.hasPrefix("sqlite:") {
            let path = String(database.dropFirst("sqlite:".count))
            let opened = try await SQLiteStores.open(path: path, clock: ManualClock(RaceVerb.now))
            return (opened.stores, opened)
        }
        let settings = try PostgreSQLSettings(url: SecretBytes(Array(database.utf8)))
        let opened = try await PostgreSQLStores.open(
            settings, clock: ManualClock(RaceVerb.now), random: SystemRandom())
        return (opened.stores, opened)
    }

    private static func say(_ line: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
    }
}

struct Misuse: Error, CustomStringConvertible {
    let description: String
}

/// What is asked for. The rows that it needs are put there by the test.
enum RaceVerb: String {
    /// Redeeming the authorization code `code` in the session `session`.
    case redeem
    /// Using the refresh token 0 of the family `family`.
    case refresh
    /// Using a value that is used once: the `jti` of a client assertion.
    case useOnce = "use-once"
    /// The same: a pushed authorization request.
    case usePushedRequest = "use-pushed-request"
    /// The same: a DPoP proof.
    case useProof = "use-proof"
    /// Activating the account `waiting` with the code `activation`.
    case activate
    /// Choosing a password with the mailed link `link`.
    case resetPassword = "reset-password"
    /// Proving the address with the mailed link `proof`.
    case verifyMail = "verify-mail"
    /// One try of an account that allows a single one.
    case reserve
    /// Moving the session `session` on from its first generation.
    case reauthenticate
    /// Ending the session `session`.
    case end
    /// Replacing the first revision of the keys.
    case replaceKeys = "replace-keys"
    /// Taking the one message that waits.
    case takeMessage = "take-message"
    /// Adding an account with the login `taken`.
    case addLogin = "add-login"

    static let now = Instant(secondsSinceEpoch: 1_788_244_200)

    /// - Returns: whether this attempt was told that it was the one.
    func attempt(_ index: Int, on stores: StoreSet) async throws -> Bool {
        let now = Self.now
        switch self {
        case .redeem:
            let redemption = CodeRedemption(
                code: "code", client: "ent", session: SessionID("session"), rememberedUntil: now + .hours(1))
            return try await stores.codes.redeem(redemption, now: now) == .redeemed
        case .refresh:
            let refresh = GrantRefresh(
                code: "family", client: "ent", number: 0, grace: .seconds(30), rememberedUntil: now + .minutes(10))
            return try await stores.codes.refresh(refresh, now: now) == .refreshed
        case .useOnce: return try await Self.use(.clientAssertion, stores)
        case .usePushedRequest: return try await Self.use(.pushedRequest, stores)
        case .useProof: return try await Self.use(.proofOfPossession, stores)
        case .activate:
            let activation = Activation(passwordHash: "hash-\(index)", mail: nil, mobile: nil, charterVersion: nil)
            return try await stores.accounts.activate(
                AccountID("waiting"), with: SecretHash(of: "activation"), activation, now: now)
        case .resetPassword:
            return try await stores.links.resetPassword(with: SecretHash(of: "link"), to: "h-\(index)", now: now) != nil
        case .verifyMail: return try await stores.links.verifyMail(with: SecretHash(of: "proof"), now: now) != nil
        case .reserve:
            let policy = AttemptPolicy(free: 1, firstPause: .minutes(1), longestPause: .minutes(1), daily: 25)
            return try await stores.attempts.reserve(SecretHash(of: "key"), policy: policy, now: now) == .allowed
        case .reauthenticate:
            return try await stores.sessions.reauthenticate(
                SessionID("session"), from: 1, acr: "acr-\(index)", amr: ["pwd"], now: now) != nil
        case .end: return try await stores.sessions.end(SessionID("session"), now: now) != nil
        case .replaceKeys:
            return try await stores.keys.replace(1, manifest: [UInt8(index % 256)], adding: [:], removing: []) != nil
        case .takeMessage:
            return try await stores.outbox.take(limit: 1, lease: .hours(1), now: now).count == 1
        case .addLogin: return try await Self.addLogin(index, stores)
        }
    }

    private static func use(_ kind: SingleUseKind, _ stores: StoreSet) async throws -> Bool {
        try await stores.singleUses.use(SecretHash(of: "value"), as: kind, rememberedUntil: now + .hours(1))
    }

    private static func addLogin(_ index: Int, _ stores: StoreSet) async throws -> Bool {
        let process = ProcessInfo.processInfo.processIdentifier
        let account = Account(
            id: AccountID("id-\(process)-\(index)"), login: Login(canonical: "taken"),
            person: Person(givenName: "A", familyName: "B", profile: .pupil),
            stage: .active(PasswordRecord(hash: "x", changedAt: now)), createdAt: now)
        do {
            try await stores.accounts.add([(account, nil)])
            return true
        } catch let error as StoreError where error.code == .conflict {
            return false
        }
    }
}
