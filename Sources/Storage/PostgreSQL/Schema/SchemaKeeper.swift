internal import Clocks
internal import Stores
internal import StoresSQL

/// Brings a database to the schema that this version of Loge was written for, or refuses. Synchronous: runs on a thread
/// of its own.
struct SchemaKeeper: Sendable {
    /// Whoever holds it changes the schema; "Loge" and a number. A lock of the session: PostgreSQL frees it when the
    /// node that holds it dies.
    private static let lock: Int64 = 0x4C6F_6765_0000_0001
    /// How long one node waits for another that is at it.
    private static let patience = Duration.minutes(10)
    /// How long a step may take: it may have to rewrite a table.
    static let limits = Connection.Limits(connect: .seconds(10), statement: .minutes(30), lock: .minutes(1))

    /// The steps known to this version, in order.
    let migrations: [Migration]

    /// Applies the steps that are missing, each in a transaction of its own. Of the nodes that start at once one does it,
    /// the others wait.
    ///
    /// - Throws: ``StoreError`` `.newerSchema` when the database knows steps that we do not, `.corrupted` when it is of
    ///   another program or made by steps that were edited since.
    func bringUpToDate(_ connection: Connection, now: Instant) throws {
        let session = PostgreSQLSession(connection, meter: Meter())
        try checkEncoding(connection)
        try acquireLock(session)
        // Not released by hand: the connection is closed next.
        if try steps(session) == nil {
            try inTransaction(connection) { try command(SchemaPlan.ownTable.postgresql, connection) }
        }
        for migration in try plan(session).missing {
            try inTransaction(connection) {
                try command(migration.postgresql, connection)
                try session.change(
                    Self.note,
                    [
                        "number": .number(Int64(migration.number)), "checksum": .text(migration.checksum),
                        "now": .instant(now),
                    ])
            }
        }
    }

    /// What would be applied; changes nothing.
    ///
    /// - Throws: as ``bringUpToDate(_:now:)``.
    func plan(_ connection: Connection) throws -> SchemaPlan {
        try checkEncoding(connection)
        return try plan(PostgreSQLSession(connection, meter: Meter()))
    }

    private func plan(_ session: PostgreSQLSession) throws -> SchemaPlan {
        try SchemaPlan(applied: steps(session) ?? [], migrations: migrations)
    }

    /// What the database has taken; `nil` when it is empty.
    private func steps(_ session: PostgreSQLSession) throws -> [SchemaPlan.Applied]? {
        guard let schema = try session.row(Self.schema)?.optionalText("name") else {
            throw StoreError(
                .unexpected, "The search_path of the user names no schema that is there: CREATE SCHEMA, or set it.")
        }
        let tables = try session.rows(Self.tables).map { try $0.text("name") }
        guard !tables.isEmpty else { return nil }
        let columns = try session.rows(Self.columns).map { try $0.text("name") }
        guard Set(columns).isSuperset(of: ["number", "checksum", "applied_at"]) else {
            throw StoreError(
                .corrupted,
                "The schema \(schema) of the database is of another program: it holds tables that Loge never made. "
                    + "Give Loge a database of its own.")
        }
        return try session.rows(Self.applied).map { row in
            SchemaPlan.Applied(number: Int(try row.number("number")), checksum: try row.text("checksum"))
        }
    }

    private func acquireLock(_ session: PostgreSQLSession) throws {
        let deadline = ContinuousClock.now + Self.patience
        // Asked for again and again rather than waited for: a waiting statement would keep old rows from being removed.
        while try session.row(Self.tryLock, ["key": .number(Self.lock)])?.flag("acquired") != true {
            guard ContinuousClock.now < deadline else {
                throw StoreError(.unavailable, "Another node has been changing the schema for too long.")
            }
            BlockingThread.sleep(.milliseconds(100))
        }
    }

    private func checkEncoding(_ connection: Connection) throws {
        let encoding = connection.parameter("server_encoding") ?? "?"
        guard encoding == "UTF8" else {
            throw StoreError(
                .unexpected,
                "The database has the encoding \(encoding) and Loge needs UTF8: CREATE DATABASE … ENCODING 'UTF8' "
                    + "TEMPLATE template0.")
        }
    }

    private func inTransaction(_ connection: Connection, _ body: () throws -> Void) throws {
        try command("BEGIN", connection)
        try body()
        // After an error the connection is closed, which undoes the step.
        try command("COMMIT", connection)
    }

    private func command(_ sql: String, _ connection: Connection) throws {
        do throws(Failure) { try connection.command(sql) } catch { throw error.error }
    }

    private static let tryLock = SQLStatement("SELECT pg_try_advisory_lock(:key) AS acquired")
    private static let schema = SQLStatement("SELECT current_schema() AS name")
    /// Tables and views, without those that an extension brought.
    private static let tables = SQLStatement(
        """
        SELECT c.relname AS name
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
            AND NOT EXISTS (
                SELECT 1 FROM pg_catalog.pg_depend d
                WHERE d.classid = CAST('pg_catalog.pg_class' AS regclass) AND d.objid = c.oid AND d.deptype = 'e')
        """)
    private static let columns = SQLStatement(
        """
        SELECT a.attname AS name
        FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = current_schema() AND c.relname = 'schema_migrations' AND a.attnum > 0
        """)
    private static let applied = SQLStatement("SELECT number, checksum FROM schema_migrations ORDER BY number")
    private static let note = SQLStatement(
        "INSERT INTO schema_migrations (number, checksum, applied_at) VALUES (:number, :checksum, :now)")
}
