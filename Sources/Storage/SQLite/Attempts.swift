internal import Clocks
internal import GRDB
internal import Stores

/// The counters of tries, in SQLite: one row a try, so that a window slides exactly.
struct SQLiteAttemptStore: AttemptStore {
    let connection: SQLiteConnection

    func reserve(_ key: SecretHash, policy: AttemptPolicy, now: Instant) async throws -> AttemptDecision {
        try await connection.write { db in
            let windowStart = now - policy.window
            // Count and insertion are one statement; the primary key refuses two tries on one place.
            let counted = try db.change(
                """
                INSERT INTO attempts (key, place, tried_at, forgotten_at)
                SELECT :key, place + 1, :now, :forgotten
                FROM (
                    SELECT COUNT(CASE WHEN tried_at > :start THEN 1 END) AS tries,
                        COALESCE(MAX(tried_at), 0) AS last, COALESCE(MAX(place), 0) AS place
                    FROM attempts WHERE key = :key
                ) AS counted
                WHERE tries < :daily AND (
                    tries < :free
                    OR :now >= last + CASE
                        WHEN tries - :free < :doublings THEN :first << CAST(tries - :free AS INTEGER)
                        ELSE :longest END)
                """,
                [
                    "key": key.stored, "now": now.stored, "forgotten": (now + policy.window).stored,
                    "start": windowStart.stored, "daily": policy.daily, "free": policy.free,
                    "doublings": policy.doublings, "first": policy.firstPause.wholeMilliseconds,
                    "longest": policy.longestPause.wholeMilliseconds,
                ])
            if counted == 1 { return Written(.allowed) }
            let tries = try db.rows(
                "SELECT key, tried_at FROM attempts WHERE key = ? AND tried_at > ? ORDER BY tried_at",
                [key.stored, windowStart.stored]
            ).map { row in try StoredRow(row, of: "attempts", key: "key").instant("tried_at") }
            return Written(.wait(policy.wait(after: tries, now: now)))
        }
    }

    func clear(_ key: SecretHash) async throws {
        try await connection.write { db in
            try db.change("DELETE FROM attempts WHERE key = ?", [key.stored])
            return Written(())
        }
    }

    func release(_ key: SecretHash) async throws {
        try await connection.write { db in
            try db.change(
                "DELETE FROM attempts WHERE key = :key AND place = (SELECT MAX(place) FROM attempts WHERE key = :key)",
                ["key": key.stored])
            return Written(())
        }
    }
}

extension AttemptPolicy {
    /// How many times the first pause doubles before it reaches the longest.
    fileprivate var doublings: Int {
        (0..<62).first { pause(after: free + $0) >= longestPause } ?? 62
    }

    /// How long a refused try has to wait, `tries` being those in the window, oldest first.
    fileprivate func wait(after tries: [Instant], now: Instant) -> Duration {
        var opens = now
        if let last = tries.last { opens = max(opens, last + pause(after: tries.count)) }
        if tries.count >= daily {
            // Room comes when enough of the oldest have left the window. A policy of no tries never opens.
            let leaves = tries.isEmpty ? now : tries[max(0, tries.count - max(daily, 1))]
            opens = max(opens, leaves + window)
        }
        return max(opens - now, .milliseconds(1))
    }
}
