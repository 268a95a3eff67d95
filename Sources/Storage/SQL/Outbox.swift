internal import Clocks
internal import Stores

/// The messages waiting to be sent, in SQL.
struct SQLOutboxStore: OutboxStore {
    let engine: any SQLEngine

    func enqueue(_ message: OutboxMessage, now: Instant) async throws {
        try await engine.writeOne { db in try db.enqueue(message, now: now) }
    }

    func take(limit: Int, lease: Duration, now: Instant) async throws -> [OutboxMessage] {
        try await engine.writeOne { db in
            let taken = try db.rows(
                .takeMessages,
                ["now": .instant(now), "until": .instant(now + lease), "limit": .number(Int64(limit))])
            // RETURNING promises no order.
            return try taken.map { row in (try row.instant("created_at"), try OutboxMessage(row: row)) }
                .sorted { ($0.0, $0.1.id) < ($1.0, $1.1.id) }
                .map(\.1)
        }
    }

    func sent(_ id: String, now: Instant) async throws {
        _ = try await engine.writeOne { db in try db.change(.messageSent, ["now": .instant(now), "id": .text(id)]) }
    }

    func failed(_ id: String, reason: String, retryAt: Instant?) async throws {
        _ = try await engine.writeOne { db in
            guard let retryAt else {
                return try db.change(.messageDead, ["reason": .text(reason), "id": .text(id)])
            }
            return try db.change(
                .messageDelayed, ["due": .instant(retryAt), "reason": .text(reason), "id": .text(id)])
        }
    }

    func counts(now: Instant) async throws -> (waiting: Int, dead: Int) {
        try await engine.read { db in
            guard let row = try db.row(.countMessages, ["now": .instant(now)]) else { return (0, 0) }
            return (Int(try row.number("waiting")), Int(try row.number("dead")))
        }
    }
}

extension SQLSession {
    /// Queues the message.
    func enqueue(_ message: OutboxMessage, now: Instant) throws {
        try change(
            .enqueueMessage,
            [
                "id": .text(message.id), "kind": .text(message.kind.rawValue), "recipient": .text(message.recipient),
                "subject": .optional(message.subject), "body": .text(message.body), "now": .instant(now),
                "expires": .instant(message.expiresAt),
            ])
    }
}

extension OutboxMessage {
    /// The message in a row of `outbox`.
    fileprivate init(row: SQLRow) throws {
        self.init(
            id: try row.text("id"), kind: try row.value("kind") { MessageKind(rawValue: $0) },
            recipient: try row.text("recipient"), subject: try row.optionalText("subject"),
            body: try row.text("body"), expiresAt: try row.instant("expires_at"), tries: Int(try row.number("tries")))
    }
}

extension SQLStatement {
    fileprivate static let enqueueMessage = SQLStatement(
        """
        INSERT INTO outbox (id, kind, state, recipient, subject, body, created_at, due_at, expires_at)
        VALUES (:id, :kind, 'waiting', :recipient, :subject, :body, :now, :now, :expires)
        """)

    /// The first part is materialized: run once, or more than the limit would be taken. What is due is asked twice, the
    /// second time of the row as it is when it is ours: another sender may have taken it meanwhile.
    fileprivate static let takeMessages = SQLStatement(
        """
        WITH due AS MATERIALIZED (
            SELECT id FROM outbox WHERE state = 'waiting' AND due_at <= :now AND expires_at > :now
            ORDER BY due_at, created_at, id LIMIT :limit
            FOR UPDATE SKIP LOCKED
        )
        UPDATE outbox SET due_at = :until, tries = tries + 1
        WHERE state = 'waiting' AND due_at <= :now AND id IN (SELECT id FROM due)
        RETURNING *
        """)

    fileprivate static let messageSent = SQLStatement(
        """
        UPDATE outbox SET state = 'sent', sent_at = :now, subject = NULL, body = NULL
        WHERE id = :id AND state = 'waiting'
        """)

    fileprivate static let messageDelayed = SQLStatement(
        "UPDATE outbox SET due_at = :due, last_failure = :reason WHERE id = :id AND state = 'waiting'")

    /// A dead letter keeps whom and why, not its text: that may hold a link that still opens something.
    fileprivate static let messageDead = SQLStatement(
        """
        UPDATE outbox SET state = 'dead', body = NULL, last_failure = :reason
        WHERE id = :id AND state = 'waiting'
        """)

    fileprivate static let countMessages = SQLStatement(
        """
        SELECT COUNT(CASE WHEN state = 'waiting' AND expires_at > :now THEN 1 END) AS waiting,
            COUNT(CASE WHEN state = 'dead' THEN 1 END) AS dead
        FROM outbox WHERE state IN ('waiting', 'dead')
        """)
}
