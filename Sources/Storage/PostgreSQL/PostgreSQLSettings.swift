internal import Clocks
public import Cryptography

/// Where the database is and how it is used. What is not said here, libpq finds where PostgreSQL's users expect it: the
/// environment (`PGHOST`, `PGPASSWORD`, `PGSSLMODE` …), the password file, the service file.
public struct PostgreSQLSettings: Sendable, CustomStringConvertible {
    /// What is wrong with the settings: one sentence, without any part of the text that may hold a password.
    public struct Mistake: Error, Equatable, CustomStringConvertible {
        /// The sentence.
        public let description: String

        init(_ description: String) { self.description = description }
    }

    /// How many connections this node opens at most, one more for the changes of other nodes not counted.
    public let connections: Int
    /// How long a call waits for a connection.
    public let wait: Duration
    /// How long the server may work on one statement.
    public private(set) var statementTimeout: Duration
    /// How long opening a connection may take, for each host that the URL names.
    public let connectTimeout: Duration

    let options: ConnectionOptions
    /// For so long an outage is waited out; then calls are refused at once.
    var endurance = Duration.seconds(2)

    /// Settings.
    ///
    /// - Parameters:
    ///   - url: `postgresql://user@host/database?sslmode=verify-full`, or `host=… dbname=…`, as libpq reads it.
    ///   - password: instead of the one in the URL.
    ///   - connections: from 1 to 1000.
    /// - Throws: ``Mistake``.
    public init(
        url: SecretBytes, password: SecretBytes? = nil, connections: Int = 8, wait: Duration = .seconds(3),
        statementTimeout: Duration = .seconds(5), connectTimeout: Duration = .seconds(3)
    ) throws {
        guard (1...1000).contains(connections) else {
            throw Mistake("The number of database connections must be between 1 and 1000, not \(connections).")
        }
        for (name, duration) in [
            ("wait", wait), ("statement time-out", statementTimeout), ("connection time-out", connectTimeout),
        ] {
            // PostgreSQL counts milliseconds and takes 0 for "for ever".
            guard duration >= .milliseconds(1), duration <= .hours(1) else {
                throw Mistake("The database \(name) must be between a millisecond and an hour.")
            }
        }
        options = try ConnectionOptions(url: url, password: password)
        self.connections = connections
        self.wait = wait
        self.statementTimeout = statementTimeout
        self.connectTimeout = connectTimeout
    }

    /// The same, for a command that works on everything at once: each statement may take `duration`.
    public func allowing(_ duration: Duration) -> PostgreSQLSettings {
        var settings = self
        settings.statementTimeout = duration
        return settings
    }

    /// Host, port, database, user and sslmode; never a password.
    public var description: String {
        let database = value("dbname") ?? value("user") ?? "?"
        var text = "\(database) at \(host)"
        if !isLocal || value("host")?.hasPrefix("/") == false { text += ":\(value("port") ?? "5432")" }
        text += ", user \(value("user") ?? "?"), sslmode \(value("sslmode") ?? "prefer")"
        if let service = options.value("service") { text += ", service \(service)" }
        return text
    }

    /// What an operator should know before trusting the connection; `nil` when all is well.
    public var warning: String? {
        guard !isLocal, value("sslmode") != "verify-full" else { return nil }
        return
            "The connection to PostgreSQL at \(host) has sslmode=\(value("sslmode") ?? "prefer"): whoever sits between "
            + "may read and change everything. Say sslmode=verify-full, and sslrootcert=… for an authority of your own."
    }

    /// What libpq will take: the URL first, then the environment, then what it was built with.
    private func value(_ keyword: String) -> String? {
        options.value(keyword) ?? ConnectionOptions.defaults.value(keyword)
    }

    private var host: String {
        value("host") ?? value("hostaddr") ?? "the local socket"
    }

    /// Whether every host is this machine.
    private var isLocal: Bool {
        guard let hosts = value("hostaddr") ?? value("host") else { return options.value("service") == nil }
        return hosts.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { host in
            host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") || host == "localhost" || host == "::1"
                || (host.hasPrefix("127.") && host.allSatisfy { $0 == "." || $0.isWholeNumber })
        }
    }

    /// How many addresses may have to be tried one after the other.
    var hostCount: Int {
        (value("host") ?? value("hostaddr") ?? "").split(separator: ",", omittingEmptySubsequences: false).count
    }
}
