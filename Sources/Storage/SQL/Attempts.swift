internal import Clocks
internal import Cryptography
internal import Stores

/// The counters of tries, in SQL: one row a try, so that a window slides exactly.
struct SQLAttemptStore: AttemptStore {
    /// Of two nodes that count on one place at once, one wins and the other counts again; not more often than that.
    private static let mostRounds = 50

    let engine: any SQLEngine

    func reserve(_ key: SecretHash, policy: AttemptPolicy, now: Instant) async throws -> AttemptDecision {
        let windowStart = now - policy.window
        for _ in 0..<Self.mostRounds {
            let counted = try await engine.writeOne { db in
                try db.change(
                    .countTry,
                    [
                        "key": .hash(key), "now": .instant(now), "forgotten": .instant(now + policy.window),
                        "start": .instant(windowStart), "daily": .number(Int64(policy.daily)),
                        "free": .number(Int64(policy.free)), "doublings": .number(Int64(policy.doublings)),
                        "first": .number(policy.firstPause.wholeMilliseconds),
                        "longest": .number(policy.longestPause.wholeMilliseconds),
                    ])
            }
            if counted == 1 { return .allowed }
            let tries = try await engine.read { db in
                try db.rows(.triesInWindow, ["key": .hash(key), "start": .instant(windowStart)])
                    .map { row in try row.instant("tried_at") }
            }
            let opens = policy.opens(after: tries, now: now)
            if opens > now { return .wait(opens - now) }
        }
        return .wait(.seconds(1))
    }

    func clear(_ key: SecretHash) async throws {
        _ = try await engine.writeOne { db in try db.change(.forgetTries, ["key": .hash(key)]) }
    }

    func release(_ key: SecretHash) async throws {
        for _ in 0..<Self.mostRounds {
            let released = try await engine.writeOne { db in try db.change(.releaseTry, ["key": .hash(key)]) }
            if released == 1 { return }
            // Two that give back at once aim at the same row: who came second aims again.
            let isOver = try await engine.read { db in try db.row(.anyTry, ["key": .hash(key)]) == nil }
            if isOver { return }
        }
    }
}

extension SQLStatement {
    /// Count and insertion are one statement; the primary key refuses two tries on one place.
    fileprivate static let countTry = SQLStatement(
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
        ON CONFLICT (key, place) DO NOTHING
        """)

    fileprivate static let triesInWindow = SQLStatement(
        "SELECT tried_at FROM attempts WHERE key = :key AND tried_at > :start ORDER BY tried_at")

    fileprivate static let forgetTries = SQLStatement("DELETE FROM attempts WHERE key = :key")

    fileprivate static let releaseTry = SQLStatement(
        """
        DELETE FROM attempts
        WHERE key = :key AND place = (SELECT MAX(latest.place) FROM attempts AS latest WHERE latest.key = :key)
        """)

    fileprivate static let anyTry = SQLStatement("SELECT place FROM attempts WHERE key = :key LIMIT 1")
}

extension AttemptPolicy {
    /// How many times the first pause doubles before it reaches the longest.
    fileprivate var doublings: Int {
        (0..<62).first { pause(after: free + $0) >= longestPause } ?? 62
    }

    /// From when on another try is evaluated, `tries` being those in the window, oldest first.
    fileprivate func opens(after tries: [Instant], now: Instant) -> Instant {
        var opens = now
        if let last = tries.last { opens = max(opens, last + pause(after: tries.count)) }
        if tries.count >= daily {
            // Room comes when enough of the oldest have left the window. A policy of no tries never opens.
            let leaves = tries.isEmpty ? now : tries[max(0, tries.count - max(daily, 1))]
            opens = max(opens, leaves + window)
        }
        return opens
    }
}
