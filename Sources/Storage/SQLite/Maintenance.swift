internal import Clocks
internal import Foundation
internal import GRDB
internal import Stores

/// Cleaning and probing of a SQLite file.
struct SQLiteMaintenance: Maintenance {
    /// Below that many bytes left on its disk the engine is not ready.
    private static let leastRoom: Int64 = 16 << 20
    /// Ended sessions and dead letters are kept that long, to tell those who took part, and the operator.
    private static let sessionMemory = Duration.days(1)
    private static let deadLetterMemory = Duration.days(7)

    let connection: SQLiteConnection
    /// Where the file lies.
    let directory: String

    func purge(limit: Int, now: Instant) async throws -> Int {
        let endedBefore = now - Self.sessionMemory
        let kinds: [(String, StatementArguments)] = [
            (
                """
                DELETE FROM sessions WHERE id IN (
                    SELECT id FROM sessions WHERE expires_at <= :before
                    UNION ALL SELECT id FROM sessions WHERE ended_at IS NOT NULL AND ended_at <= :before
                    LIMIT :limit)
                """, ["before": endedBefore.stored, "limit": limit]
            ),
            (
                """
                DELETE FROM code_redemptions WHERE code IN (
                    SELECT code FROM code_redemptions WHERE remembered_until <= :now LIMIT :limit)
                """, ["now": now.stored, "limit": limit]
            ),
            (
                """
                DELETE FROM attempts WHERE (key, place) IN (
                    SELECT key, place FROM attempts WHERE forgotten_at <= :now LIMIT :limit)
                """, ["now": now.stored, "limit": limit]
            ),
            (
                """
                DELETE FROM mailed_links WHERE token IN (
                    SELECT token FROM mailed_links WHERE expires_at <= :now LIMIT :limit)
                """, ["now": now.stored, "limit": limit]
            ),
            (
                """
                DELETE FROM outbox WHERE id IN (
                    SELECT id FROM outbox
                    WHERE state = 'sent' OR (state = 'waiting' AND expires_at <= :now)
                        OR (state = 'dead' AND expires_at <= :dead)
                    LIMIT :limit)
                """, ["now": now.stored, "dead": (now - Self.deadLetterMemory).stored, "limit": limit]
            ),
        ]
        var removed = 0
        for (sql, arguments) in kinds {
            // A write of its own for each kind: others come in between.
            removed += try await connection.write { db in Written(try db.change(sql, arguments)) }
        }
        return removed
    }

    func probe() async throws {
        let room = try FileManager.default.attributesOfFileSystem(forPath: directory)[.systemFreeSize] as? NSNumber
        if let room, room.int64Value < Self.leastRoom {
            throw StoreError(.cannotWrite, "less than \(Self.leastRoom >> 20) MiB are left on the disk of the database")
        }
        // A commit here would make every other process drop its copies.
        try await connection.tryOut { db in
            try db.change(
                """
                INSERT INTO outbox (id, kind, state, recipient, body, created_at, due_at, expires_at)
                VALUES ('probe', 'mail', 'waiting', '', 'probe', 0, 0, 0)
                """, [])
        }
    }
}
