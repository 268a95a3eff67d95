internal import Clocks
internal import GRDB
internal import Stores

/// The used authorization codes, in SQLite.
struct SQLiteAuthorizationCodeStore: AuthorizationCodeStore {
    let connection: SQLiteConnection

    func redeem(_ redemption: CodeRedemption, now: Instant) async throws -> RedemptionOutcome {
        try await connection.write { db in
            // The one statement that uses the code: the primary key lets the first in and nobody else.
            let redeemed = try db.change(
                """
                INSERT INTO code_redemptions (code, client, session, redeemed_at, remembered_until)
                SELECT :code, :client, sessions.id, :now, :until
                FROM sessions JOIN accounts ON accounts.id = sessions.account
                WHERE sessions.id = :session AND sessions.ended_at IS NULL AND sessions.expires_at > :now
                    AND accounts.locked_at IS NULL
                ON CONFLICT (code) DO NOTHING
                """,
                [
                    "code": redemption.code, "client": redemption.client, "session": redemption.session.description,
                    "now": now.stored, "until": redemption.rememberedUntil.stored,
                ])
            if redeemed == 1 {
                try Self.noteParticipant(redemption, db, now: now)
                return Written(.redeemed)
            }
            let replayed = try db.rows(
                "UPDATE code_redemptions SET replayed_at = COALESCE(replayed_at, ?) WHERE code = ? RETURNING session",
                [now.stored, redemption.code])
            guard let first = replayed.first else { return Written(.sessionEnded) }
            let session = try StoredRow(first, of: "code_redemptions", key: "session").text("session")
            return Written(.replayed, [.session(SessionID(session))])
        }
    }

    func isLive(code: String, session: SessionID, now: Instant) async throws -> Bool {
        try await connection.read { db in
            try db.row(
                """
                SELECT 1
                FROM code_redemptions
                    JOIN sessions ON sessions.id = code_redemptions.session
                    JOIN accounts ON accounts.id = sessions.account
                WHERE code_redemptions.code = :code AND code_redemptions.session = :session
                    AND code_redemptions.replayed_at IS NULL AND code_redemptions.remembered_until > :now
                    AND sessions.ended_at IS NULL AND sessions.expires_at > :now AND accounts.locked_at IS NULL
                """, ["code": code, "session": session.description, "now": now.stored]) != nil
        }
    }

    private static func noteParticipant(_ redemption: CodeRedemption, _ db: Database, now: Instant) throws {
        try db.change(
            """
            INSERT INTO session_participants (session, client, since, place)
            SELECT :session, :client, :now, COUNT(*) + 1 FROM session_participants WHERE session = :session
            ON CONFLICT (session, client) DO NOTHING
            """,
            ["session": redemption.session.description, "client": redemption.client, "now": now.stored])
    }
}
