internal import Clocks
internal import Stores

/// The notices of ended sessions, in SQL.
struct SQLLogoutNoticeStore: LogoutNoticeStore {
    let engine: any SQLEngine

    func take(limit: Int, share: Int, lease: Duration, now: Instant) async throws -> [LogoutNotice] {
        try await engine.writeOne { db in
            let taken = try db.rows(
                .takeNotices,
                [
                    "now": .instant(now), "share": .number(Int64(share)), "limit": .number(Int64(limit)),
                    "until": .instant(now + lease),
                ])
            // RETURNING promises no order.
            return try taken.map { try LogoutNotice(row: $0) }.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        }
    }

    func ended(_ notice: LogoutNotice, as end: LogoutNoticeEnd, now: Instant) async throws {
        _ = try await engine.writeOne { db in
            try db.change(
                .noticeEnded,
                ["state": .text(end.state.rawValue), "now": .instant(now), "id": .text(notice.id)])
        }
    }

    func failed(_ notice: LogoutNotice, reason: String, retryAt: Instant?, now: Instant) async throws {
        let tries = SQLValue.number(Int64(notice.tries))
        _ = try await engine.writeOne { db in
            guard let retryAt else {
                return try db.change(
                    .noticeDead,
                    ["reason": .text(reason), "now": .instant(now), "id": .text(notice.id), "tries": tries])
            }
            return try db.change(
                .noticeDelayed,
                ["due": .instant(retryAt), "reason": .text(reason), "id": .text(notice.id), "tries": tries])
        }
    }

    func postpone(_ client: String, until instant: Instant, now: Instant) async throws {
        _ = try await engine.writeOne { db in
            try db.change(
                .postponeNotices, ["due": .instant(instant), "client": .text(client), "now": .instant(now)])
        }
    }

    func notices(of session: SessionID) async throws -> [LogoutNoticeReport] {
        try await engine.read { db in
            try db.rows(.noticesOfSession, ["session": .text(session.description)])
                .map { try LogoutNoticeReport(row: $0) }
        }
    }

    func notices(in state: LogoutNoticeState, limit: Int) async throws -> [LogoutNoticeReport] {
        try await engine.read { db in
            try db.rows(.noticesInState, ["state": .text(state.rawValue), "limit": .number(Int64(limit))])
                .map { try LogoutNoticeReport(row: $0) }
        }
    }

    func retry(client: String?, now: Instant) async throws -> Int {
        try await engine.writeOne { db in
            try db.change(
                .retryNotices,
                [
                    "now": .instant(now), "expires": .instant(now + LogoutNotice.lifetime),
                    "client": .optional(client),
                ])
        }
    }

    func counts() async throws -> (waiting: Int, dead: Int) {
        try await engine.read { db in
            guard let row = try db.row(.countNotices) else { return (0, 0) }
            return (Int(try row.number("waiting")), Int(try row.number("dead")))
        }
    }
}

extension SQLSession {
    /// Queues a notice for each application that took part in the session, which this transaction has just ended.
    ///
    /// A statement of its own, after the one that ended the session: that one waited for every redemption under way, which
    /// holds the session's row, and only a later statement sees what they wrote.
    func queueNotices(of session: SessionID, now: Instant) throws {
        try change(
            .queueNoticesOfSession,
            [
                "session": .text(session.description), "now": .instant(now),
                "expires": .instant(now + LogoutNotice.lifetime),
            ])
    }

    /// The same for every session of the account that ended at `now`.
    func queueNotices(of account: AccountID, now: Instant) throws {
        try change(
            .queueNoticesOfAccount,
            [
                "account": .text(account.description), "now": .instant(now),
                "expires": .instant(now + LogoutNotice.lifetime),
            ])
    }
}

extension LogoutNotice {
    /// The notice in a row of `logout_notices`.
    init(row: SQLRow) throws {
        self.init(
            id: try row.text("id"), client: try row.text("client"), session: SessionID(try row.text("session")),
            account: AccountID(try row.text("account")), createdAt: try row.instant("created_at"),
            expiresAt: try row.instant("expires_at"), tries: Int(try row.number("tries")))
    }
}

extension LogoutNoticeReport {
    fileprivate init(row: SQLRow) throws {
        self.init(
            try LogoutNotice(row: row), try row.value("state") { LogoutNoticeState(rawValue: $0) },
            dueAt: try row.instant("due_at"), lastFailure: try row.optionalText("last_failure"),
            doneAt: try row.optionalInstant("done_at"))
    }
}

extension SQLStatement {
    fileprivate static let queueNoticesOfSession = queueNotices("sessions.id = :session")
    /// One that another transaction ended in the same millisecond is met here too; it has its notices already.
    fileprivate static let queueNoticesOfAccount = queueNotices(
        "sessions.account = :account AND sessions.ended_at = :now")

    private static func queueNotices(_ ended: String) -> SQLStatement {
        SQLStatement(
            """
            INSERT INTO logout_notices (id, client, session, account, state, created_at, due_at, expires_at)
            SELECT parts.session || ' ' || parts.client, parts.client, parts.session, parts.account, 'waiting',
                :now, :now, :expires
            FROM (
                SELECT DISTINCT code_redemptions.session, code_redemptions.client, sessions.account
                FROM sessions JOIN code_redemptions ON code_redemptions.session = sessions.id
                WHERE \(ended)
            ) AS parts
            WHERE parts.client <> ''
            ON CONFLICT (id) DO NOTHING
            """)
    }

    /// Those under way come first among those of their application, and so take up its share. What is due is asked again of
    /// the row as it is when it is ours: another sender may have taken it meanwhile.
    fileprivate static let takeNotices = SQLStatement(
        """
        WITH ranked AS MATERIALIZED (
            SELECT id, ROW_NUMBER() OVER (
                PARTITION BY client
                ORDER BY CASE WHEN leased_until > :now THEN 0 ELSE 1 END, due_at, created_at, id) AS place
            FROM logout_notices WHERE state = 'waiting' AND due_at <= :now AND expires_at > :now
        ), due AS MATERIALIZED (
            SELECT id FROM logout_notices
            WHERE state = 'waiting' AND due_at <= :now AND leased_until <= :now
                AND id IN (SELECT id FROM ranked WHERE place <= :share)
            ORDER BY due_at, created_at, id LIMIT :limit
            FOR UPDATE SKIP LOCKED
        )
        UPDATE logout_notices SET leased_until = :until, tries = tries + 1
        WHERE state = 'waiting' AND due_at <= :now AND leased_until <= :now AND id IN (SELECT id FROM due)
        RETURNING *
        """)

    /// Whoever was told was told, even when the lease had run out meanwhile.
    fileprivate static let noticeEnded = SQLStatement(
        "UPDATE logout_notices SET state = :state, done_at = :now WHERE id = :id AND state = 'waiting'")

    fileprivate static let noticeDelayed = SQLStatement(
        """
        UPDATE logout_notices SET due_at = :due, leased_until = 0, last_failure = :reason
        WHERE id = :id AND state = 'waiting' AND tries = :tries
        """)

    fileprivate static let noticeDead = SQLStatement(
        """
        UPDATE logout_notices SET state = 'dead', done_at = :now, leased_until = 0, last_failure = :reason
        WHERE id = :id AND state = 'waiting' AND tries = :tries
        """)

    fileprivate static let postponeNotices = SQLStatement(
        """
        UPDATE logout_notices SET due_at = :due
        WHERE client = :client AND state = 'waiting' AND due_at < :due AND leased_until <= :now
        """)

    fileprivate static let noticesOfSession = SQLStatement(
        "SELECT * FROM logout_notices WHERE session = :session ORDER BY client")

    fileprivate static let noticesInState = SQLStatement(
        "SELECT * FROM logout_notices WHERE state = :state ORDER BY created_at, id LIMIT :limit")

    fileprivate static let retryNotices = SQLStatement(
        """
        UPDATE logout_notices
        SET state = 'waiting', done_at = NULL, due_at = :now, expires_at = :expires, tries = 0
        WHERE state IN ('waiting', 'dead') AND leased_until <= :now
            AND (CAST(:client AS TEXT) IS NULL OR client = :client)
        """)

    fileprivate static let countNotices = SQLStatement(
        """
        SELECT COUNT(CASE WHEN state = 'waiting' THEN 1 END) AS waiting,
            COUNT(CASE WHEN state = 'dead' THEN 1 END) AS dead
        FROM logout_notices WHERE state IN ('waiting', 'dead')
        """)
}
