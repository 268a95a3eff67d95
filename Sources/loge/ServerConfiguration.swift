import Accounts
import Clocks
import Cryptography
import Foundation
import Keyring
import Messaging
import OpenIDConnectIssuer
import PortalRole
import PupilBase
import Settings
import SignOn
import StoresPostgreSQL
import Web

/// Where something listens.
struct ListenAddress: Sendable {
    let host: String
    let port: Int
}

/// Where the keys lie.
enum KeysPlace: Sendable, CustomStringConvertible {
    case folder(String)
    case database

    var description: String {
        switch self {
        case .folder(let path): path
        case .database: "the database"
        }
    }
}

/// Where the keys are and how they follow one another.
struct KeysConfiguration: Sendable {
    let place: KeysPlace
    let passphrase: SecretBytes
    let policies: KeyPolicies
}

/// The configuration of a server: `Config/loge.yaml` and the files that it names.
struct ServerConfiguration: Sendable {
    let portal: PortalConfiguration
    let listen: ListenAddress
    let operations: ListenAddress
    let dataFolder: String
    /// The database that nodes share; `nil` for the embedded one in the data folder.
    let database: PostgreSQLSettings?
    let keys: KeysConfiguration
    let mail: SMTPSettings?
    /// How the ministries' files are imported.
    let base: BaseImport.Options
    /// What the operator should know though nothing is wrong.
    let warnings: [String]

    var databasePath: String { dataFolder + "/portal.sqlite" }

    /// Reads the configuration.
    ///
    /// - Throws: `SettingsError` with file, line and what is accepted.
    static func load(_ path: String, environment: [String: String]) throws -> ServerConfiguration {
        let folder = (path as NSString).deletingLastPathComponent
        func resolve(_ file: String) -> String {
            file.hasPrefix("/") ? file : (folder.isEmpty ? "." : folder) + "/" + file
        }
        var planPath = ""
        let reading = try SettingsFile.read(path: path, environment: environment) { node in
            planPath = resolve(try node.string("portal", default: "portal.yaml"))
            return try ServerConfiguration(node, resolve: resolve, planPath: planPath, environment: environment)
        }
        var configuration = reading.value
        var warnings = reading.warnings + configuration.warnings
        if let warning = configuration.mail?.warning { warnings.append(warning) }
        configuration = ServerConfiguration(configuration, warnings: warnings)
        return configuration
    }

    private init(_ other: ServerConfiguration, warnings: [String]) {
        portal = other.portal
        listen = other.listen
        operations = other.operations
        dataFolder = other.dataFolder
        database = other.database
        keys = other.keys
        mail = other.mail
        base = other.base
        self.warnings = warnings
    }

    private init(
        _ node: SettingsNode, resolve: (String) -> String, planPath: String, environment: [String: String]
    ) throws {
        let publicURL = try node.string("public_url")
        guard let site = RoleSite(role: "portal", publicURL: publicURL) else {
            throw node.error(
                at: "public_url", "Write the https origin that people see, such as https://connexion.ent.example.")
        }
        let plan = try SettingsFile.read(path: planPath, environment: environment, prefix: "LOGE_PORTAL") { plan in
            try PortalPlan(plan)
        }
        let serviceName = try node.string("service_name", default: "Loge")
        let sessions = try node.mapping("sessions")
        let lifetimes = SessionLifetimes(
            absolute: try sessions.duration("absolute", in: .minutes(5) ... .days(1), default: .hours(12)),
            idle: try sessions.duration("idle", in: .minutes(5) ... .hours(12), default: .hours(2)))
        let tokens = try Self.tokens(try node.mapping("tokens"))
        database = try node.optionalMapping("database").map { try Self.database($0) }
        portal = PortalConfiguration(
            site: site, plan: plan.value,
            relyingParties: try Self.relyingParties(node, resolve, isShared: database != nil),
            firstConnection: try Self.firstConnection(try node.mapping("accounts")), sessions: lifetimes,
            tokens: tokens, trustedProxies: Set(try node.stringList("trusted_proxies", default: [])),
            passwordCost: try Self.cost(try node.mapping("password_hash")), serviceName: serviceName,
            theme: try node.optionalString("theme").map(resolve))
        listen = try Self.listen(node, "listen", port: 8400)
        operations = try Self.listen(node, "operations", port: 8409)
        dataFolder = resolve(try node.string("data", default: "../data"))
        keys = try Self.keys(try node.mapping("keys"), resolve, lifetimes, tokens, isShared: database != nil)
        mail = try node.optionalMapping("mail").map { try SMTPSettings($0) }
        base = try BaseImport.Options(try node.mapping("base"))
        var warnings = plan.warnings
        if let warning = database?.warning { warnings.append(warning) }
        if let warning = base.warning { warnings.append(warning) }
        if keys.passphrase.count < 20 {
            warnings.append(
                "the passphrase of the keys is short: whoever copies a backup or the database can try one after the other. "
                    + "Give 32 random characters (openssl rand -base64 24).")
        }
        if mail == nil { warnings.append("mail is not configured: forgotten passwords cannot be recovered by a link.") }
        if !site.isSecure { warnings.append("public_url is plain http on the loopback: for demonstrations only.") }
        self.warnings = warnings
    }

    private static func database(_ node: SettingsNode) throws -> PostgreSQLSettings {
        guard let url = try node.optionalSecret("url") else {
            throw node.error(at: "url", "Write postgresql://user@host/database, or name a file with url_file.")
        }
        let password = try node.optionalSecret("password")
        let connections = try node.integer("connections", in: 1...1000, default: 8)
        let wait = try node.duration("wait", in: .milliseconds(100) ... .seconds(30), default: .seconds(3))
        let timeout = try node.duration(
            "statement_timeout", in: .milliseconds(100) ... .seconds(60), default: .seconds(5))
        do {
            return try PostgreSQLSettings(
                url: url, password: password, connections: connections, wait: wait, statementTimeout: timeout)
        } catch let mistake as PostgreSQLSettings.Mistake {
            throw node.error(at: "url", mistake.description)
        }
    }

    /// Nodes that share a database share the files of their relying parties there, unless told of a folder.
    private static func relyingParties(
        _ node: SettingsNode, _ resolve: (String) -> String, isShared: Bool
    ) throws -> RelyingPartySource {
        let place = try node.string("relying_parties", default: isShared ? "database" : "relying-parties")
        guard place == "database" else { return .folder(resolve(place)) }
        guard isShared else {
            throw node.error(at: "relying_parties", "There is no database: section: name a folder.")
        }
        return .database
    }

    private static func listen(_ node: SettingsNode, _ key: String, port: Int) throws -> ListenAddress {
        let mapping = try node.mapping(key)
        return ListenAddress(
            host: try mapping.string("host", default: "127.0.0.1"),
            port: try mapping.integer("port", in: 1...65535, default: port))
    }

    private static func firstConnection(_ node: SettingsNode) throws -> FirstConnectionRules {
        FirstConnectionRules(
            password: PasswordRules(
                minLength: try node.integer("password_min_length", in: PasswordRules.floor...64, default: 12),
                classes: try node.integer("password_classes", in: 0...4, default: 0)),
            mailRequired: try node.boolean("mail_required", default: false),
            charterVersion: node.has("charter_version")
                ? try node.integer("charter_version", in: 1...1_000_000) : nil)
    }

    private static func cost(_ node: SettingsNode) throws -> Argon2id.Cost {
        Argon2id.Cost(
            memoryKiB: try node.integer("memory_kib", in: 19456...1_048_576, default: 19456),
            passes: try node.integer("passes", in: 2...16, default: 2))
    }

    private static func tokens(_ node: SettingsNode) throws -> OpenIDLifetimes {
        OpenIDLifetimes(
            code: try node.duration("code", in: .seconds(10) ... .seconds(60), default: .seconds(60)),
            accessToken: try node.duration("access_token", in: .minutes(1) ... .hours(1), default: .minutes(10)),
            idToken: try node.duration("id_token", in: .minutes(1) ... .hours(1), default: .minutes(10)),
            refreshToken: try node.duration(
                "refresh_token", in: .minutes(10) ... .days(30), default: .hours(12)),
            refreshGrace: try node.duration("refresh_grace", in: .seconds(0) ... .minutes(2), default: .seconds(30)),
            pushedRequest: try node.duration(
                "pushed_request", in: .seconds(5) ... .minutes(10), default: .seconds(90)),
            cache: try node.duration("cache", in: .seconds(1) ... .hours(1), default: .minutes(5)))
    }

    private static func keys(
        _ node: SettingsNode, _ resolve: (String) -> String, _ sessions: SessionLifetimes, _ tokens: OpenIDLifetimes,
        isShared: Bool
    ) throws -> KeysConfiguration {
        let place = try keysPlace(node, resolve, isShared: isShared)
        let passphrase = try node.secret("passphrase")
        // What is issued decides how long keys must be known before and after they sign.
        let signing = try policy(
            try node.mapping("tokens"), every: .days(90), before: .days(1), after: .days(30),
            leastBefore: tokens.cache, leastAfter: sessions.absolute + tokens.idToken)
        let inner = try policy(
            try node.mapping("sealing"), every: .days(30), before: .minutes(5), after: .days(2),
            leastBefore: .seconds(10), leastAfter: max(sessions.absolute, PendingSignOns.lifetime))
        return KeysConfiguration(
            place: place, passphrase: passphrase,
            policies: KeyPolicies([
                .tokenRS256: signing, .tokenES256: signing, .tokenEdDSA: signing, .tokenPS256: signing,
                .session: inner, .sealing: inner,
            ]))
    }

    /// Nodes that share a database share their keys there, unless told of a folder that they share too.
    private static func keysPlace(
        _ node: SettingsNode, _ resolve: (String) -> String, isShared: Bool
    ) throws -> KeysPlace {
        let folder = try node.optionalString("folder").map(resolve)
        let named = try node.optionalValue("in", expected: "database or folder") {
            ["database", "folder"].contains($0) ? $0 : nil
        }
        if let folder {
            guard named != "database" else {
                throw node.error(at: "in", "The keys lie in the database or in a folder: leave one of the two out.")
            }
            return .folder(folder)
        }
        guard named == "database" || (named == nil && isShared) else { return .folder(resolve("../Keys")) }
        guard isShared else { throw node.error(at: "in", "There is no database: section: name a folder.") }
        return .database
    }

    private static func policy(
        _ node: SettingsNode, every: Duration, before: Duration, after: Duration, leastBefore: Duration,
        leastAfter: Duration
    ) throws -> KeyPolicy {
        let publishBefore = try node.duration(
            "publish_before", in: leastBefore ... .days(90), default: max(before, leastBefore))
        let rotateEvery = try node.duration(
            "rotate_every", in: max(publishBefore * 2, .seconds(2)) ... .days(3650),
            default: max(every, publishBefore * 2))
        return KeyPolicy(
            rotateEvery: try node.boolean("scheduled", default: true) ? rotateEvery : nil,
            publishBefore: publishBefore,
            keepAfter: try node.duration("keep_after", in: leastAfter ... .days(3650), default: max(after, leastAfter)))
    }
}
