internal import Clocks
internal import GRDB
internal import Stores
internal import StoresSQL

/// Brings a database to the schema that this version of Loge was written for, or refuses.
struct SchemaKeeper: Sendable {
    /// The steps known to this version, in order.
    let migrations: [Migration]

    /// Applies the steps that are missing, each in a transaction of its own.
    ///
    /// - Throws: ``StoreError`` `.newerSchema` when the database knows steps that we do not, `.corrupted` when it is of
    ///   another program or made by steps that were edited since.
    func bringUpToDate(_ db: Database, now: Instant) throws {
        // As a rule there is nothing to do, and nobody has to wait for whoever is writing.
        if try Self.hasOwnTable(db), try plan(db).missing.isEmpty { return }
        try db.inTransaction(.immediate) {
            if try !Self.hasOwnTable(db) { try db.execute(sql: SchemaPlan.ownTable.sqlite) }
            return .commit
        }
        for migration in migrations {
            // Two processes may start at once: whoever holds the write lock looks at what the other has done.
            try db.inTransaction(.immediate) {
                if try plan(db).missing.first?.number == migration.number {
                    try db.execute(sql: migration.sqlite)
                    try db.execute(
                        sql: "INSERT INTO schema_migrations (number, checksum, applied_at) VALUES (?, ?, ?)",
                        arguments: [migration.number, migration.checksum, now.millisecondsSinceEpoch])
                }
                return .commit
            }
        }
        _ = try plan(db)
    }

    /// What the database still needs; changes nothing.
    ///
    /// - Throws: as ``bringUpToDate(_:now:)``.
    func plan(_ db: Database) throws -> SchemaPlan {
        guard try Self.hasOwnTable(db) else { return try SchemaPlan(applied: [], migrations: migrations) }
        let rows = try Row.fetchAll(db, sql: "SELECT number, checksum FROM schema_migrations ORDER BY number")
        return try SchemaPlan(
            applied: rows.map { row in SchemaPlan.Applied(number: row["number"], checksum: row["checksum"]) },
            migrations: migrations)
    }

    private static func hasOwnTable(_ db: Database) throws -> Bool {
        let tables = try String.fetchAll(
            db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        if tables.contains("schema_migrations") { return true }
        guard tables.isEmpty else {
            throw StoreError(
                .corrupted, "The file is a database of another program: it holds tables that Loge never made.")
        }
        return false
    }
}
