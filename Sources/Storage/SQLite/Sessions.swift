internal import Clocks
internal import GRDB
internal import Stores

/// The sessions, in SQLite.
struct SQLiteSessionStore: SessionStore {
    let connection: SQLiteConnection

    @discardableResult
    func begin(_ session: Session) async throws -> Bool {
        try await connection.write { db in
            let begun = try db.change(
                """
                INSERT INTO sessions (
                    id, account, generation, created_at, authenticated_at, acr, amr, door, expires_at, device)
                SELECT :id, id, :generation, :created, :authenticated, :acr, :amr, :door, :expires, :device
                FROM accounts
                WHERE id = :account AND stage = 'active' AND locked_at IS NULL
                    AND password_changed_at / 1000 <= :authenticated / 1000
                """,
                [
                    "id": session.id.description, "account": session.account.description,
                    "generation": session.generation, "created": session.createdAt.stored,
                    "authenticated": session.authenticatedAt.stored, "acr": session.acr,
                    "amr": session.amr.joined(separator: " "), "door": session.door,
                    "expires": session.expiresAt.stored, "device": session.device,
                ])
            guard begun == 1 else { return Written(false) }
            try db.change(
                "DELETE FROM mailed_links WHERE account = ? AND purpose = ?",
                [session.account.description, LinkPurpose.resetPassword.rawValue])
            return Written(true)
        }
    }

    func session(_ id: SessionID, now: Instant) async throws -> Session? {
        try await connection.read { db in
            try db.row(
                "SELECT * FROM sessions WHERE id = ? AND ended_at IS NULL AND expires_at > ?",
                [id.description, now.stored]
            ).map(Session.init(row:))
        }
    }

    func sessions(of account: AccountID, now: Instant) async throws -> [Session] {
        try await connection.read { db in
            try db.rows(
                """
                SELECT * FROM sessions WHERE account = ? AND ended_at IS NULL AND expires_at > ?
                ORDER BY created_at DESC, id
                """, [account.description, now.stored]
            ).map(Session.init(row:))
        }
    }

    func reauthenticate(
        _ id: SessionID, from generation: Int, acr: String, amr: [String], now: Instant
    ) async throws -> Session? {
        try await connection.write { db in
            let moved = try db.row(
                """
                UPDATE sessions
                SET generation = generation + 1, authenticated_at = :now, acr = :acr, amr = :amr
                WHERE id = :id AND generation = :generation AND ended_at IS NULL AND expires_at > :now
                RETURNING *
                """,
                [
                    "id": id.description, "generation": generation, "now": now.stored, "acr": acr,
                    "amr": amr.joined(separator: " "),
                ])
            guard let moved else { return Written(nil) }
            return Written(try Session(row: moved), [.session(id)])
        }
    }

    func end(_ id: SessionID, now: Instant) async throws -> [SessionParticipant]? {
        try await connection.write { db in
            let ended = try db.change(
                "UPDATE sessions SET ended_at = :now WHERE id = :id AND ended_at IS NULL AND expires_at > :now",
                ["id": id.description, "now": now.stored])
            guard ended == 1 else { return Written(nil) }
            return Written(try db.participants(of: id), [.session(id)])
        }
    }

    func endAll(of account: AccountID, except kept: SessionID?, now: Instant) async throws -> [SessionID] {
        try await connection.write { db in
            let changes = try db.endSessions(of: account, except: kept, now: now)
            let ended = changes.compactMap { change -> SessionID? in
                guard case .session(let id) = change else { return nil }
                return id
            }
            return Written(ended, changes)
        }
    }

    func participants(of id: SessionID) async throws -> [SessionParticipant] {
        try await connection.read { db in try db.participants(of: id) }
    }
}

extension Database {
    /// Ends the account's sessions but `kept`. - Returns: each of them as a change.
    func endSessions(of account: AccountID, except kept: SessionID? = nil, now: Instant) throws -> [StoreChange] {
        try rows(
            """
            UPDATE sessions SET ended_at = :now
            WHERE account = :account AND id <> :kept AND ended_at IS NULL AND expires_at > :now
            RETURNING id
            """, ["account": account.description, "kept": kept?.description ?? "", "now": now.stored]
        ).map { row in .session(SessionID(try StoredRow(row, of: "sessions", key: "id").text("id"))) }
    }

    /// Those who took part, in the order they came.
    fileprivate func participants(of id: SessionID) throws -> [SessionParticipant] {
        try rows(
            "SELECT session, client, since FROM session_participants WHERE session = ? ORDER BY place",
            [id.description]
        ).map { row in
            let row = StoredRow(row, of: "session_participants", key: "session")
            return SessionParticipant(client: try row.text("client"), since: try row.instant("since"))
        }
    }
}

extension Session {
    /// The session in a row of `sessions`.
    init(row: Row) throws {
        let row = StoredRow(row, of: "sessions", key: "id")
        self.init(
            id: SessionID(try row.text("id")), account: AccountID(try row.text("account")),
            generation: Int(try row.number("generation")), createdAt: try row.instant("created_at"),
            authenticatedAt: try row.instant("authenticated_at"), acr: try row.text("acr"),
            amr: try row.text("amr").split(separator: " ").map(String.init), door: try row.text("door"),
            expiresAt: try row.instant("expires_at"), device: try row.text("device"))
    }
}
