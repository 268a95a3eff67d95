public import Accounts
public import Clocks
import Cryptography
import Foundation
import GRDB
import HTTPTypes
import Hummingbird
public import HummingbirdTesting
public import Keyring
import Logging
public import OpenIDConnectIssuer
public import Outbound
import PortalRole
import Settings
public import SignOn
public import SingleLogout
public import Stores
import StoresSQLite
import Web

/// What a test wants of its portal.
public struct TestPortalOptions: Sendable {
    /// The public address.
    public var publicURL = TestPortal.origin
    /// The version of the charter; `nil` without one.
    public var charterVersion: Int?
    /// Whether a mail address must be given.
    public var mailRequired = false
    /// The files of the relying parties, beside those of ``TestParty``: name and YAML.
    public var parties: [String: String] = [:]
    /// The doors and questions.
    public var plan = TestPortal.planYAML
    /// How long sessions last.
    public var sessions = SessionLifetimes()
    /// How many tries are free.
    public var attempts = AttemptPolicies()
    /// How many failed client authentications a minute are free: by default more than any battery of attacks makes.
    public var failedClientAuthentications = 10000
    /// The proxies believed.
    public var trustedProxies: Set<String> = []
    /// Whether requests come over sockets on the loopback, and so from an address.
    public var overSockets = false
    /// Where its log goes; `nil` for nowhere.
    public var log: TestLog?
    /// Whether the services run beside the portal: the feed of changes, the look at keys and clients.
    public var runsServices = false
    /// Who answers where applications are told that a session has ended: nobody, unless a test brings peers.
    public var http: @Sendable (OutboundPolicy) -> any OutboundHTTP = { _ in Nobody() }
    /// How applications are told.
    public var logouts = LogoutSender.Settings()

    /// What most tests want.
    public init(charterVersion: Int? = nil, mailRequired: Bool = false, runsServices: Bool = false) {
        self.charterVersion = charterVersion
        self.mailRequired = mailRequired
        self.runsServices = runsServices
    }
}

/// A whole portal in one process: the real composition over a SQLite file, with a clock that the test moves.
public struct TestPortal: Sendable {
    /// The origin of the portal.
    public static let origin = "https://portail.exemple.fr"
    /// The instant at which every test begins.
    public static let start = Instant(secondsSinceEpoch: 1_788_244_200)
    /// The password of every account.
    public static let password = "Un cheval bleu 42"

    /// Sends requests to the router.
    public let client: any TestClientProtocol
    /// The time.
    public let clock: ManualClock
    /// The stores.
    public let stores: StoreSet
    /// The keys.
    public let keyring: Keyring
    /// The live sessions of this node.
    public let directory: SessionDirectory
    /// The registered clients.
    public let clients: ClientRegistry
    /// Tells the applications that sessions have ended.
    public let logouts: LogoutSender
    let hasher: PasswordHasher
    /// The folder of this portal: `keys`, `parties`, `portal.sqlite`.
    public let folder: String
    /// The public address.
    public let origin: String
    let charterVersion: Int?

    /// A fresh browser.
    public func browser(language: String = "fr") -> TestBrowser {
        TestBrowser(client: client, origin: origin, clock: clock, language: language)
    }

    /// How many rows each table has.
    ///
    /// - Throws: an error of SQLite.
    public func rows() throws -> [String: Int] {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: folder + "/portal.sqlite", configuration: configuration)
        return try queue.read { db in
            let tables = try String.fetchAll(
                db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            var counts: [String: Int] = [:]
            for table in tables { counts[table] = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM \"\(table)\"") }
            return counts
        }
    }

    /// The doors of the tests: pupils and parents choose a level, others do not; one level has two doors.
    public static let planYAML = """
        doors:
          ent: {label: "Compte de l’ENT", hint: "L’identifiant donné par l’établissement", provider: local-accounts}
          secours: {label: "Compte de secours", provider: local-accounts}
        profiles:
          - id: eleve
            label: Élève
            icon: pupil
            levels:
              - {level: ecole, label: École, doors: [ent]}
              - {level: college, label: Collège, doors: [ent, secours]}
          - id: representant
            label: Parent ou représentant légal
            levels:
              - {level: college, label: Collège, doors: [ent]}
          - id: invite
            label: Invité
            doors: [ent]
        """
}

/// Lends a portal, gone afterwards.
///
/// - Throws: what building the portal or `body` throws.
public func withPortal(
    _ options: TestPortalOptions = TestPortalOptions(), _ body: @Sendable (TestPortal) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "loge-portal-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await TestKeys.copy(to: folder + "/keys")
    try FileManager.default.createDirectory(atPath: folder + "/parties", withIntermediateDirectories: true)
    for (name, yaml) in TestParty.files.merging(options.parties, uniquingKeysWith: { $1 }) {
        try Data(yaml.utf8).write(to: URL(filePath: "\(folder)/parties/\(name).yaml"))
    }
    let clock = ManualClock(TestPortal.start)
    try await withPortal(in: folder, options, clock, seed: 1) { portal in
        try await portal.addPeople()
        try await body(portal)
    }
}

extension TestPortal {
    /// Lends a second node over the same folder: another process after a restart, or a neighbour behind the load balancer.
    ///
    /// - Throws: what building the portal or `body` throws.
    public func withNeighbour(
        _ options: TestPortalOptions? = nil, _ body: @Sendable (TestPortal) async throws -> Void
    ) async throws {
        let present = TestPortalOptions(charterVersion: charterVersion)
        try await withPortal(in: folder, options ?? present, clock, seed: 2, body)
    }
}

private func withPortal(
    in folder: String, _ options: TestPortalOptions, _ clock: ManualClock, seed: UInt64,
    _ body: @Sendable (TestPortal) async throws -> Void
) async throws {
    let random = InsecureSeededRandom(seed: seed)
    guard let site = RoleSite(role: "portal", publicURL: options.publicURL) else {
        throw MissingPart(description: "\(options.publicURL) is no site")
    }
    var logger = options.log?.logger ?? Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    if options.log == nil { logger.logLevel = .critical }
    let keyring = try await Keyring.open(
        KeysFolder(path: folder + "/keys"), passphrase: TestKeys.passphrase, clock: clock, random: random)
    let engine = try await SQLiteStores.open(path: folder + "/portal.sqlite", clock: clock)
    let plan = try SettingsFile.read(text: options.plan, name: "portal.yaml") { try PortalPlan($0) }.value
    let configuration = PortalConfiguration(
        site: site, plan: plan, relyingParties: .folder(folder + "/parties"),
        firstConnection: FirstConnectionRules(
            mailRequired: options.mailRequired, charterVersion: options.charterVersion),
        attempts: options.attempts, sessions: options.sessions,
        failedClientAuthentications: options.failedClientAuthentications, trustedProxies: options.trustedProxies,
        passwordCost: Argon2id.Cost(memoryKiB: 8, passes: 1), logouts: options.logouts, serviceName: "ENT d’essai")
    do {
        let built = try await Portal.build(
            configuration, keyring: keyring, stores: engine.stores, http: options.http, clock: clock, random: random,
            metrics: MetricsRegistry(), logger: logger)
        let services = options.runsServices ? built.services : []
        let (directory, clients, hasher, logouts) = (built.directory, built.clients, built.hasher, built.logouts)
        let application = Application(router: built.router, services: services, logger: logger)
        try await application.test(options.overSockets ? .live : .router) { client in
            try await body(
                TestPortal(
                    client: client, clock: clock, stores: engine.stores, keyring: keyring,
                    directory: directory, clients: clients, logouts: logouts, hasher: hasher, folder: folder,
                    origin: site.origin,
                    charterVersion: options.charterVersion))
        }
        await engine.close()
    } catch {
        await engine.close()
        throw error
    }
}

/// Looks again until the condition holds, ten seconds at most: for what another task announces.
///
/// - Returns: whether it came to hold.
/// - Throws: what `condition` throws.
public func eventually(_ condition: @Sendable () async throws -> Bool) async throws -> Bool {
    for _ in 0..<1000 {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}

/// A network in which nobody is at home.
struct Nobody: OutboundHTTP {
    func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse {
        throw .unreachable(request.url.origin)
    }
}
