public import Cryptography
internal import Foundation
public import Settings

/// How the connection to the mail server is protected.
public enum SMTPSecurity: String, Sendable, CaseIterable {
    /// STARTTLS (RFC 3207), and no mail without it.
    case startTLS = "starttls"
    /// TLS from the first byte (RFC 8314 §3.3).
    case implicitTLS = "tls"
    /// STARTTLS when the server offers it: whoever stands between can remove the offer.
    case opportunistic = "starttls-if-offered"
    /// None: for a relay on the same machine.
    case none = "none"
}

/// The `mail` section of a configuration.
public struct SMTPSettings: Sendable {
    /// The server's name or address.
    public let host: String
    /// Its port.
    public let port: Int
    /// How the connection is protected.
    public let security: SMTPSecurity
    /// The account to sign in with, when the server wants one.
    public let credentials: Credentials?
    /// The sender.
    public let from: Mailbox
    /// The sender's name for people.
    public let fromName: String?
    /// The longest time for one mail, from connecting to the last answer.
    public let timeout: Duration
    /// How many mails travel at once, each over a connection of its own.
    public let connections: Int
    /// The authorities to trust instead of the system's, as a PEM file.
    public let authoritiesFile: String?

    /// An account at the mail server.
    public struct Credentials: Sendable {
        /// Its name.
        public let username: String
        /// Its password.
        public let password: SecretBytes

        /// An account.
        public init(username: String, password: SecretBytes) {
            self.username = username
            self.password = password
        }
    }

    /// The settings of a server.
    public init(
        host: String, port: Int, security: SMTPSecurity, from: Mailbox, fromName: String? = nil,
        credentials: Credentials? = nil, timeout: Duration = .seconds(20), connections: Int = 4,
        authoritiesFile: String? = nil
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.credentials = credentials
        self.from = from
        self.fromName = fromName
        self.timeout = timeout
        self.connections = connections
        self.authoritiesFile = authoritiesFile
    }

    /// Reads the `mail` section: `host`, `port`, `security`, `username`, `password` or `password_file`, `from`,
    /// `from_name`, `timeout`, `connections`, `ca_file`.
    ///
    /// - Throws: `SettingsError`, also for a password that would travel in clear to another machine.
    public init(_ node: SettingsNode) throws(SettingsError) {
        host = try node.value("host", expected: "the name or address of the mail server") { text in
            let isName = !text.isEmpty && text.utf8.allSatisfy { $0.isLetterOrDigit || "-.:".utf8.contains($0) }
            return isName && text.utf8.count <= 253 ? text : nil
        }
        security = try node.enumeration("security", default: SMTPSecurity.startTLS)
        port = try node.integer("port", in: 1...65535, default: security.usualPort)
        from = try node.value("from", expected: "an address such as ne-pas-repondre@ent.example", Mailbox.init)
        fromName = try node.optionalValue("from_name", expected: "at most 60 characters on one line") { text in
            let isLine = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
            return isLine && !text.isEmpty && text.utf8.count <= 120 ? text : nil
        }
        timeout = try node.duration("timeout", in: .seconds(1) ... .seconds(60), default: .seconds(20))
        connections = try node.integer("connections", in: 1...16, default: 4)
        authoritiesFile = try node.optionalPath("ca_file")
        if let authoritiesFile, !FileManager.default.isReadableFile(atPath: authoritiesFile) {
            throw node.error(
                at: "ca_file", "the file does not exist or cannot be read. Name a PEM file of authorities.")
        }
        credentials = try Self.credentials(node)
        let isWeak = security == .none || security == .opportunistic
        if credentials != nil, isWeak, !Self.isLoopback(host) {
            throw node.error(
                at: "security", "with a password, the connection must be protected. Write one of starttls, tls.")
        }
    }

    /// What an operator should know at start-up; `nil` when nothing.
    public var warning: String? {
        guard !Self.isLoopback(host) else { return nil }
        switch security {
        case .startTLS, .implicitTLS: return nil
        case .opportunistic: return "mail.security is starttls-if-offered: mails can be read on the way to \(host)."
        case .none: return "mail.security is none: mails travel in clear to \(host)."
        }
    }

    private static func credentials(_ node: SettingsNode) throws(SettingsError) -> Credentials? {
        let username = try node.optionalString("username")
        let password = try node.optionalSecret("password")
        switch (username, password) {
        case (nil, nil): return nil
        case (let username?, let password?):
            let hasNUL = password.withBytes { $0.contains(0) } || username.utf8.contains(0)
            guard !hasNUL else { throw node.error(at: "password", "a NUL cannot be part of it.") }
            return Credentials(username: username, password: password)
        case (_?, nil): throw node.error(at: "username", "password or password_file is missing beside it.")
        case (nil, _?): throw node.error(at: "password", "username is missing beside it.")
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.") && host.utf8.allSatisfy { $0 < 0x3A }
    }
}

extension SMTPSecurity {
    /// RFC 5321, RFC 6409 and RFC 8314.
    var usualPort: Int {
        switch self {
        case .startTLS: 587
        case .implicitTLS: 465
        case .opportunistic, .none: 25
        }
    }
}
