internal import Stores
internal import StoresSQL

/// What an operator should know of a server before trusting it with what must not be undone.
public struct PostgreSQLFacts: Sendable, Hashable {
    /// As the server says it: `15.18 (Debian 15.18-0+deb12u1)`.
    public let serverVersion: String
    /// Whether what is committed is on the disk. Without, a crash may damage everything.
    public let fsync: Bool
    /// Whether half-written pages can be repaired after a crash.
    public let fullPageWrites: Bool
    /// What a COMMIT waits for, on the connections of Loge: at least `on`, whatever the server's own setting.
    public let synchronousCommit: String
    /// How many connections the server takes, of all its clients.
    public let maxConnections: Int
    /// Whether the server is a standby, or the database is read-only.
    public let isReadOnly: Bool
    /// What was asked of TLS.
    public let sslmode: String
    /// The version of TLS in use; `nil` without.
    public let tls: String?

    init(_ connection: Connection) throws {
        let session = PostgreSQLSession(connection, meter: Meter())
        guard let row = try session.row(Self.settings), let target = connection.target else {
            throw StoreError(.unexpected, "PostgreSQL gave no settings")
        }
        serverVersion = try row.text("version")
        fsync = try row.text("fsync") == "on"
        fullPageWrites = try row.text("full_page_writes") == "on"
        synchronousCommit = try row.text("synchronous_commit")
        maxConnections = Int(try row.text("max_connections")) ?? 0
        isReadOnly = try row.text("read_only") == "on"
        sslmode = target.sslmode
        tls = target.tls
    }

    private static let settings = SQLStatement(
        """
        SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
            current_setting('full_page_writes') AS full_page_writes,
            current_setting('synchronous_commit') AS synchronous_commit,
            current_setting('max_connections') AS max_connections,
            current_setting('transaction_read_only') AS read_only
        """)
}
