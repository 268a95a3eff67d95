internal import Clocks
internal import GRDB
internal import Stores

/// Brings a database to the schema that this version of Loge was written for, or refuses.
struct SchemaKeeper: Sendable {
    /// The steps known to this version, in order.
    let migrations: [Migration]

    /// Applies the steps that are missing, each in a transaction of its own.
    ///
    /// - Throws: ``StoreError`` `.newerSchema` when the database knows steps that we do not, `.corrupted` when it is of
    ///   another program or made by steps that were edited since.
    func bringUpToDate(_ db: Database, now: Instant) throws {
        try createOwnTable(db)
        for migration in migrations {
            // Two processes may start at once: whoever holds the write lock looks at what the other has done.
            try db.inTransaction(.immediate) {
                let applied = try checkedCount(db)
                if applied < migration.number {
                    try db.execute(sql: migration.sqlite)
                    try db.execute(
                        sql: "INSERT INTO schema_migrations (number, checksum, applied_at) VALUES (?, ?, ?)",
                        arguments: [migration.number, migration.checksum, now.millisecondsSinceEpoch])
                }
                return .commit
            }
        }
        _ = try checkedCount(db)
    }

    private func createOwnTable(_ db: Database) throws {
        try db.inTransaction(.immediate) {
            let tables = try String.fetchAll(
                db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            if tables.contains("schema_migrations") { return .commit }
            guard tables.isEmpty else {
                throw StoreError(
                    .corrupted, "The file is a database of another program: it holds tables that Loge never made.")
            }
            try db.execute(
                sql: """
                    CREATE TABLE schema_migrations (
                        number INTEGER NOT NULL PRIMARY KEY CHECK (number > 0),
                        checksum TEXT NOT NULL,
                        applied_at INTEGER NOT NULL
                    ) STRICT
                    """)
            return .commit
        }
    }

    /// How many steps the database has taken, after each was compared with ours.
    private func checkedCount(_ db: Database) throws -> Int {
        let rows = try Row.fetchAll(db, sql: "SELECT number, checksum FROM schema_migrations ORDER BY number")
        for (index, row) in rows.enumerated() {
            let number: Int = row["number"]
            let checksum: String = row["checksum"]
            guard number == index + 1 else {
                throw StoreError(.corrupted, "The database has taken schema step \(number) without step \(index + 1).")
            }
            guard index < migrations.count else {
                throw StoreError(
                    .newerSchema,
                    "The database has schema step \(rows.count) and this version of Loge knows \(migrations.count): "
                        + "start the version that wrote it, or a newer one.")
            }
            guard checksum == migrations[index].checksum else {
                throw StoreError(
                    .corrupted,
                    "Schema step \(number) of the database is not the one that this version of Loge ships: "
                        + "a released step was edited.")
            }
        }
        return rows.count
    }
}
