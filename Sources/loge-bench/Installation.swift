import Accounts
import Clocks
import Cryptography
import Foundation
import JOSE
import Keyring
import School
import SignOn
import Stores
import StoresPostgreSQL
import StoresSQLite

/// A real installation in a temporary folder: configuration, keys, a client, accounts, live sessions.
struct Installation {
    let folder: String
    let port: Int
    let operationsPort: Int
    let sessionCookies: [String]
    let logins: [String]
    let assertionKey: TokenSigningKey

    static let password = "banc-d-essai-sous-la-pluie"
    static let secret = "secret-of-the-bench-0123456789abcdef"

    static func make(
        port: Int, sessions: Int, accounts: Int, database: String? = nil
    ) async throws -> Installation {
        let clock = SystemClock()
        let random = SystemRandom()
        let folder = NSTemporaryDirectory() + "loge-bench-" + random.token(bits: 64)
        for path in ["", "/data", "/relying-parties"] {
            try FileManager.default.createDirectory(atPath: folder + path, withIntermediateDirectories: true)
        }
        func put(_ text: String, _ name: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
        }
        try put("passphrase-of-the-bench", "passphrase")
        try put(
            """
            public_url: http://localhost:\(port)
            listen: {host: 127.0.0.1, port: \(port)}
            operations: {host: 127.0.0.1, port: \(port + 1)}
            data: data
            keys: {folder: keys, passphrase_file: passphrase}
            relying_parties: relying-parties
            \(database == nil ? "" : "database: {url_file: database}")

            """, "loge.yaml")
        if let database { try put(database, "database") }
        try put(
            """
            doors: {ent: {label: ENT, provider: local-accounts}}
            profiles: [{id: tous, label: Tous, doors: [ent]}]

            """, "portal.yaml")
        for (name, algorithm) in [("es256", "ES256"), ("rs256", "RS256"), ("eddsa", "EdDSA")] {
            try put(
                """
                client_id: \(name)
                client_name: \(name)
                client_secret: \(secret)
                redirect_uris: ["http://localhost:1/back"]
                id_token_signed_response_alg: \(algorithm)
                grant_types: [authorization_code, refresh_token]
                scope: openid profile email school

                """, "relying-parties/\(name).yaml")
        }
        let assertionKey = TokenSigningKey(keyID: "bench", algorithm: .es256, key: try PrivateKey.generate(.p256))
        try put(
            """
            client_id: asserting
            client_name: asserting
            token_endpoint_auth_method: private_key_jwt
            token_endpoint_auth_signing_alg: ES256
            jwks: \(try JWKSet([JWK(keyID: "bench", algorithm: nil, key: try assertionKey.key.publicKey())]).json().text)
            redirect_uris: ["http://localhost:1/back"]
            grant_types: [authorization_code, refresh_token]
            scope: openid profile email school

            """, "relying-parties/asserting.yaml")
        let keyring = try await Keyring.open(
            KeysFolder(path: folder + "/keys"), passphrase: SecretBytes(utf8: "passphrase-of-the-bench"),
            creating: true, clock: clock, random: random)
        let (stores, close) = try await stores(folder, database, clock, random)
        let logins = try await people(accounts, stores, clock, random)
        let cookies = try await sessionTokens(sessions, logins, stores, keyring, clock, random)
        await close()
        return Installation(
            folder: folder, port: port, operationsPort: port + 1, sessionCookies: cookies, logins: logins,
            assertionKey: assertionKey)
    }

    private static func stores(
        _ folder: String, _ database: String?, _ clock: SystemClock, _ random: SystemRandom
    ) async throws -> (StoreSet, () async -> Void) {
        guard let database else {
            let opened = try await SQLiteStores.open(path: folder + "/data/portal.sqlite", clock: clock)
            return (opened.stores, { await opened.close() })
        }
        let settings = try PostgreSQLSettings(url: SecretBytes(utf8: database))
        let opened = try await PostgreSQLStores.open(settings, clock: clock, random: random)
        return (opened.stores, { await opened.close() })
    }

    private static func people(
        _ count: Int, _ stores: StoreSet, _ clock: SystemClock, _ random: SystemRandom
    ) async throws -> [String] {
        // One hash for all: what is measured is checking it, which costs the same.
        let hasher = PasswordHasher(random: random)
        let hash = try await hasher.hash(PasswordText.bytes(password))
        let now = clock.now()
        var logins: [String] = []
        var accounts: [(account: Account, activationCode: SecretHash?)] = []
        for index in 0..<count {
            let login = "personne.\(index)"
            logins.append(login)
            accounts.append(
                (
                    Account(
                        id: AccountID(random: random), login: Login(canonical: login),
                        person: Person(givenName: "Zoé", familyName: "Personne", profile: .responsible),
                        stage: .active(PasswordRecord(hash: hash, changedAt: now)), mail: "\(login)@famille.example",
                        createdAt: now), nil
                ))
        }
        try await stores.accounts.add(accounts)
        return logins
    }

    private static func sessionTokens(
        _ count: Int, _ logins: [String], _ stores: StoreSet, _ keyring: Keyring, _ clock: SystemClock,
        _ random: SystemRandom
    ) async throws -> [String] {
        let tokens = SessionTokens(keyring: keyring, lifetimes: SessionLifetimes())
        var cookies: [String] = []
        for index in 0..<count {
            let login = logins[index % logins.count]
            guard let account = try await stores.accounts.account(login: Login(canonical: login)) else { continue }
            let now = clock.now()
            let session = Session(
                id: SessionID(random: random), account: account.id, createdAt: now, authenticatedAt: now,
                acr: AuthenticationContext.singleFactor.rawValue, amr: ["pwd"], door: "ent",
                expiresAt: now + .hours(12), device: "banc")
            try await stores.sessions.begin(session)
            cookies.append("loge-portal-session=" + (try tokens.token(for: session, now: now)))
        }
        return cookies
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }
}

/// A server of ours, started and stopped by the bench.
final class ServerProcess {
    private let process = Process()
    let port: Int

    init(_ program: String, _ arguments: [String], port: Int, environment: [String: String] = [:]) throws {
        self.port = port
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
    }

    /// Waits until the port answers `path` with 200. - Returns: how long that took.
    func waitUntilReady(_ path: String, port: Int, since start: ContinuousClock.Instant) throws -> Duration {
        let deadline = start.advanced(by: .seconds(20))
        while ContinuousClock.now < deadline {
            if let answer = try? HTTPConnection(port: port).get(path), answer.status == 200 {
                return start.duration(to: .now)
            }
            usleep(1000)
        }
        throw BenchError("the server did not become ready")
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }
}
