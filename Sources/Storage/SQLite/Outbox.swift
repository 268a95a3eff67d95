internal import Clocks
internal import GRDB
internal import Stores

/// The messages waiting to be sent, in SQLite.
struct SQLiteOutboxStore: OutboxStore {
    let connection: SQLiteConnection

    func enqueue(_ message: OutboxMessage, now: Instant) async throws {
        try await connection.write { db in
            try db.enqueue(message, now: now)
            return Written(())
        }
    }

    func take(limit: Int, lease: Duration, now: Instant) async throws -> [OutboxMessage] {
        try await connection.write { db in
            let taken = try db.rows(
                """
                UPDATE outbox SET due_at = :until, tries = tries + 1
                WHERE id IN (
                    SELECT id FROM outbox WHERE state = 'waiting' AND due_at <= :now AND expires_at > :now
                    ORDER BY due_at, created_at, id LIMIT :limit)
                RETURNING *
                """, ["now": now.stored, "until": (now + lease).stored, "limit": limit])
            // RETURNING promises no order.
            let ordered = try taken.map { row in
                (try StoredRow(row, of: "outbox", key: "id").instant("created_at"), try OutboxMessage(row: row))
            }.sorted { ($0.0, $0.1.id) < ($1.0, $1.1.id) }
            return Written(ordered.map(\.1))
        }
    }

    func sent(_ id: String, now: Instant) async throws {
        try await connection.write { db in
            try db.change(
                "UPDATE outbox SET state = 'sent', sent_at = ?, subject = NULL, body = NULL WHERE id = ? AND state = 'waiting'",
                [now.stored, id])
            return Written(())
        }
    }

    func failed(_ id: String, reason: String, retryAt: Instant?) async throws {
        try await connection.write { db in
            if let retryAt {
                try db.change(
                    "UPDATE outbox SET due_at = ?, last_failure = ? WHERE id = ? AND state = 'waiting'",
                    [retryAt.stored, reason, id])
            } else {
                // A dead letter keeps whom and why, not its text: that may hold a link that still opens something.
                try db.change(
                    "UPDATE outbox SET state = 'dead', body = NULL, last_failure = ? WHERE id = ? AND state = 'waiting'",
                    [reason, id])
            }
            return Written(())
        }
    }

    func counts(now: Instant) async throws -> (waiting: Int, dead: Int) {
        try await connection.read { db in
            let row = try db.row(
                """
                SELECT 'all' AS id, COUNT(CASE WHEN state = 'waiting' AND expires_at > ? THEN 1 END) AS waiting,
                    COUNT(CASE WHEN state = 'dead' THEN 1 END) AS dead
                FROM outbox WHERE state IN ('waiting', 'dead')
                """, [now.stored])
            guard let row else { return (0, 0) }
            let stored = StoredRow(row, of: "outbox", key: "id")
            return (Int(try stored.number("waiting")), Int(try stored.number("dead")))
        }
    }
}

extension Database {
    /// Queues the message.
    func enqueue(_ message: OutboxMessage, now: Instant) throws {
        try change(
            """
            INSERT INTO outbox (id, kind, state, recipient, subject, body, created_at, due_at, expires_at)
            VALUES (:id, :kind, 'waiting', :recipient, :subject, :body, :now, :now, :expires)
            """,
            [
                "id": message.id, "kind": message.kind.rawValue, "recipient": message.recipient,
                "subject": message.subject, "body": message.body, "now": now.stored,
                "expires": message.expiresAt.stored,
            ])
    }
}

extension OutboxMessage {
    /// The message in a row of `outbox`.
    fileprivate init(row: Row) throws {
        let row = StoredRow(row, of: "outbox", key: "id")
        self.init(
            id: try row.text("id"), kind: try row.value("kind") { MessageKind(rawValue: $0) },
            recipient: try row.text("recipient"), subject: try row.optionalText("subject"),
            body: try row.text("body"), expiresAt: try row.instant("expires_at"), tries: Int(try row.number("tries")))
    }
}
