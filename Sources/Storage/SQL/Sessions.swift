internal import Clocks
internal import Stores

/// The sessions, in SQL.
struct SQLSessionStore: SessionStore {
    let engine: any SQLEngine

    @discardableResult
    func begin(_ session: Session) async throws -> Bool {
        try await engine.write { db in
            let begun = try db.change(
                .beginSession,
                [
                    "id": .text(session.id.description), "account": .text(session.account.description),
                    "generation": .number(Int64(session.generation)), "created": .instant(session.createdAt),
                    "authenticated": .instant(session.authenticatedAt), "acr": .text(session.acr),
                    "amr": .text(session.amr.joined(separator: " ")), "door": .text(session.door),
                    "expires": .instant(session.expiresAt), "device": .text(session.device),
                ])
            guard begun == 1 else { return Written(false) }
            try db.change(
                .killLinksOfPurpose,
                [
                    "account": .text(session.account.description), "purpose": .text(LinkPurpose.resetPassword.rawValue),
                ])
            return Written(true)
        }
    }

    func session(_ id: SessionID, now: Instant) async throws -> Session? {
        try await engine.read { db in
            try db.row(.liveSession, ["id": .text(id.description), "now": .instant(now)]).map { try Session(row: $0) }
        }
    }

    func sessionWithAccount(_ id: SessionID, now: Instant) async throws -> (session: Session, account: Account)? {
        try await engine.read { db in
            try db.row(.liveSessionWithAccount, ["id": .text(id.description), "now": .instant(now)]).map { row in
                (try Session(row: row, prefix: "session_"), try Account(row: row))
            }
        }
    }

    func sessions(of account: AccountID, now: Instant) async throws -> [Session] {
        try await engine.read { db in
            try db.rows(.liveSessionsOfAccount, ["account": .text(account.description), "now": .instant(now)])
                .map { try Session(row: $0) }
        }
    }

    func reauthenticate(
        _ id: SessionID, from generation: Int, acr: String, amr: [String], now: Instant
    ) async throws -> Session? {
        try await engine.write { db in
            let moved = try db.row(
                .reauthenticate,
                [
                    "id": .text(id.description), "generation": .number(Int64(generation)), "now": .instant(now),
                    "acr": .text(acr), "amr": .text(amr.joined(separator: " ")),
                ])
            guard let moved else { return Written(nil) }
            return Written(try Session(row: moved), [.session(id)])
        }
    }

    func end(_ id: SessionID, now: Instant) async throws -> [SessionParticipant]? {
        try await engine.write { db in
            let ended = try db.change(.endSession, ["now": .instant(now), "id": .text(id.description)])
            guard ended == 1 else { return Written(nil) }
            try db.queueNotices(of: id, now: now)
            return Written(try db.participants(of: id), [.session(id)])
        }
    }

    func endAll(of account: AccountID, except kept: SessionID?, now: Instant) async throws -> [SessionID] {
        try await engine.write { db in
            let changes = try db.endSessions(of: account, except: kept, now: now)
            let ended = changes.compactMap { change -> SessionID? in
                guard case .session(let id) = change else { return nil }
                return id
            }
            return Written(ended, changes)
        }
    }

    func participants(of id: SessionID) async throws -> [SessionParticipant] {
        try await engine.read { db in try db.participants(of: id) }
    }
}

extension SQLSession {
    /// Ends the account's sessions but `kept`, and queues the notices of their ends. - Returns: each of them as a change.
    func endSessions(of account: AccountID, except kept: SessionID? = nil, now: Instant) throws -> [StoreChange] {
        let ended = try rows(
            .endSessions,
            [
                "now": .instant(now), "account": .text(account.description), "kept": .text(kept?.description ?? ""),
            ])
        if !ended.isEmpty { try queueNotices(of: account, now: now) }
        return try ended.map { row in .session(SessionID(try row.text("id"))) }
    }

    /// Those who took part, in the order they came.
    fileprivate func participants(of id: SessionID) throws -> [SessionParticipant] {
        try rows(.participants, ["session": .text(id.description)]).map { row in
            SessionParticipant(client: try row.text("client"), since: try row.instant("since"))
        }
    }
}

extension Session {
    /// The session in a row of `sessions`.
    ///
    /// - Parameter prefix: what stands before the names of the columns that accounts have too.
    init(row: SQLRow, prefix: String = "") throws {
        self.init(
            id: SessionID(try row.text(prefix + "id")), account: AccountID(try row.text("account")),
            generation: Int(try row.number("generation")), createdAt: try row.instant(prefix + "created_at"),
            authenticatedAt: try row.instant("authenticated_at"), acr: try row.text("acr"),
            amr: try row.text("amr").split(separator: " ").map(String.init), door: try row.text("door"),
            expiresAt: try row.instant("expires_at"), device: try row.text("device"))
    }
}

extension SQLStatement {
    /// The account is held as it is until the session is committed: a lock or a reset comes before or after, not between.
    fileprivate static let beginSession = SQLStatement(
        """
        INSERT INTO sessions (
            id, account, generation, created_at, authenticated_at, acr, amr, door, expires_at, device)
        SELECT :id, id, :generation, :created, :authenticated, :acr, :amr, :door, :expires, :device
        FROM accounts
        WHERE id = :account AND stage = 'active' AND locked_at IS NULL
            AND password_changed_at / 1000 <= :authenticated / 1000
        FOR SHARE
        """)

    fileprivate static let liveSession = SQLStatement(
        "SELECT * FROM sessions WHERE id = :id AND ended_at IS NULL AND expires_at > :now")

    fileprivate static let liveSessionWithAccount = SQLStatement(
        """
        SELECT accounts.*, sessions.id AS session_id, sessions.created_at AS session_created_at, account, generation,
            authenticated_at, acr, amr, door, expires_at, device
        FROM sessions JOIN accounts ON accounts.id = sessions.account
        WHERE sessions.id = :id AND ended_at IS NULL AND expires_at > :now
        """)

    fileprivate static let liveSessionsOfAccount = SQLStatement(
        """
        SELECT * FROM sessions WHERE account = :account AND ended_at IS NULL AND expires_at > :now
        ORDER BY created_at DESC, id
        """)

    fileprivate static let reauthenticate = SQLStatement(
        """
        UPDATE sessions
        SET generation = generation + 1, authenticated_at = :now, acr = :acr, amr = :amr
        WHERE id = :id AND generation = :generation AND ended_at IS NULL AND expires_at > :now
        RETURNING *
        """)

    fileprivate static let endSession = SQLStatement(
        "UPDATE sessions SET ended_at = :now WHERE id = :id AND ended_at IS NULL AND expires_at > :now")

    fileprivate static let endSessions = SQLStatement(
        """
        UPDATE sessions SET ended_at = :now
        WHERE account = :account AND id <> :kept AND ended_at IS NULL AND expires_at > :now
        RETURNING id
        """)

    fileprivate static let participants = SQLStatement(
        """
        SELECT client, MIN(redeemed_at) AS since FROM code_redemptions WHERE session = :session
        GROUP BY client ORDER BY MIN(redeemed_at), client
        """)
}
