internal import Clocks
internal import Stores

/// Cleaning and probing, in SQL.
struct SQLMaintenance: Maintenance {
    /// Ended sessions, the notices of their ends and dead letters are kept that long, to tell those who took part, and the
    /// operator.
    private static let sessionMemory = Duration.days(1)
    private static let deadLetterMemory = Duration.days(7)
    /// As long as an application may stay away and still be looked for.
    private static let sightingMemory = Duration.days(90)

    let engine: any SQLEngine
    /// Whether there is room to write, where the engine can tell.
    let checkRoom: @Sendable () throws -> Void

    func purge(limit: Int, now: Instant) async throws -> Int {
        let most = SQLValue.number(Int64(limit))
        let kinds: [(SQLStatement, KeyValuePairs<String, SQLValue>)] = [
            (.purgeSessions, ["before": .instant(now - Self.sessionMemory), "limit": most]),
            (.purgeSightings, ["before": .instant(now - Self.sightingMemory), "limit": most]),
            (.purgeAttempts, ["now": .instant(now), "limit": most]),
            (.purgeLinks, ["now": .instant(now), "limit": most]),
            (.purgeSingleUses, ["now": .instant(now), "limit": most]),
            (.purgeOutbox, ["now": .instant(now), "dead": .instant(now - Self.deadLetterMemory), "limit": most]),
            (
                .purgeNotices,
                [
                    "done": .instant(now - Self.sessionMemory), "dead": .instant(now - Self.deadLetterMemory),
                    "limit": most,
                ]
            ),
        ]
        // Nobody takes them any more, and the operator should see that nobody was told.
        _ = try await engine.writeOne { db in try db.change(.giveUpNotices, ["now": .instant(now), "limit": most]) }
        var removed = 0
        for (statement, arguments) in kinds {
            let ordered = try statement.ordered(arguments)
            // A write of its own for each kind: others come in between.
            removed += try await engine.writeOne { db in try db.change(statement, ordered: ordered) }
        }
        return removed
    }

    func probe() async throws {
        try checkRoom()
        // Taken back: a commit here would make every other process drop its copies.
        try await engine.tryOut { db in try db.change(.probe) }
    }
}

extension SQLStatement {
    /// The codes that were used in a session go with it.
    fileprivate static let purgeSessions = SQLStatement(
        """
        DELETE FROM sessions WHERE id IN (
            SELECT id FROM sessions WHERE expires_at <= :before
            UNION ALL SELECT id FROM sessions WHERE ended_at IS NOT NULL AND ended_at <= :before
            LIMIT :limit)
        """)

    fileprivate static let purgeSightings = SQLStatement(
        """
        DELETE FROM key_set_readers WHERE (reader, client) IN (
            SELECT reader, client FROM key_set_readers WHERE seen_at <= :before LIMIT :limit)
        """)

    fileprivate static let purgeAttempts = SQLStatement(
        """
        DELETE FROM attempts WHERE (key, place) IN (
            SELECT key, place FROM attempts WHERE forgotten_at <= :now LIMIT :limit)
        """)

    fileprivate static let purgeLinks = SQLStatement(
        """
        DELETE FROM mailed_links WHERE token IN (
            SELECT token FROM mailed_links WHERE expires_at <= :now LIMIT :limit)
        """)

    fileprivate static let purgeSingleUses = SQLStatement(
        """
        DELETE FROM single_uses WHERE (kind, hash) IN (
            SELECT kind, hash FROM single_uses WHERE remembered_until <= :now LIMIT :limit)
        """)

    fileprivate static let purgeOutbox = SQLStatement(
        """
        DELETE FROM outbox WHERE id IN (
            SELECT id FROM outbox
            WHERE state = 'sent' OR (state = 'waiting' AND expires_at <= :now)
                OR (state = 'dead' AND expires_at <= :dead)
            LIMIT :limit)
        """)

    fileprivate static let giveUpNotices = SQLStatement(
        """
        UPDATE logout_notices
        SET state = 'dead', done_at = :now, last_failure = COALESCE(last_failure, 'no sender was running')
        WHERE id IN (
            SELECT id FROM logout_notices WHERE state = 'waiting' AND expires_at <= :now AND leased_until <= :now
            LIMIT :limit)
        """)

    fileprivate static let purgeNotices = SQLStatement(
        """
        DELETE FROM logout_notices WHERE id IN (
            SELECT id FROM logout_notices
            WHERE (state IN ('delivered', 'no-channel') AND done_at <= :done)
                OR (state = 'dead' AND done_at <= :dead)
            LIMIT :limit)
        """)

    fileprivate static let probe = SQLStatement(
        """
        INSERT INTO outbox (id, kind, state, recipient, body, created_at, due_at, expires_at)
        VALUES ('probe', 'mail', 'waiting', '', 'probe', 0, 0, 0)
        """)
}
