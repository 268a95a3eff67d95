internal import Clocks
internal import Stores

/// The used authorization codes, in SQL.
struct SQLAuthorizationCodeStore: AuthorizationCodeStore {
    let engine: any SQLEngine

    func redeem(_ redemption: CodeRedemption, now: Instant) async throws -> RedemptionOutcome {
        let redeemed = try await engine.writeOne { db in
            try db.change(
                .redeemCode,
                [
                    "code": .text(redemption.code), "client": .text(redemption.client), "now": .instant(now),
                    "until": .instant(redemption.rememberedUntil), "session": .text(redemption.session.description),
                ])
        }
        if redeemed == 1 { return .redeemed }
        return try await replayed(redemption.code, now: now) ? .replayed : .sessionEnded
    }

    func replay(code: String, now: Instant) async throws { _ = try await replayed(code, now: now) }

    /// - Returns: whether the code had been used.
    private func replayed(_ code: String, now: Instant) async throws -> Bool {
        try await engine.write { db in
            let use = try db.row(.replayCode, ["now": .instant(now), "code": .text(code)])
            guard let use else { return Written(false) }
            return Written(true, [.session(SessionID(try use.text("session")))])
        }
    }

    func isLive(code: String, session: SessionID, now: Instant) async throws -> Bool {
        try await engine.read { db in
            try db.row(
                .isLiveCode, ["code": .text(code), "session": .text(session.description), "now": .instant(now)]) != nil
        }
    }
}

extension SQLStatement {
    /// The one statement that uses the code: the primary key lets the first in and nobody else. The session is held as it is
    /// until this is committed, so that whoever ends it finds the client among those who took part.
    fileprivate static let redeemCode = SQLStatement(
        """
        INSERT INTO code_redemptions (code, client, session, redeemed_at, remembered_until)
        SELECT :code, :client, sessions.id, :now, :until
        FROM sessions JOIN accounts ON accounts.id = sessions.account
        WHERE sessions.id = :session AND sessions.ended_at IS NULL AND sessions.expires_at > :now
            AND accounts.locked_at IS NULL
        FOR SHARE OF sessions
        ON CONFLICT (code) DO NOTHING
        """)

    fileprivate static let replayCode = SQLStatement(
        "UPDATE code_redemptions SET replayed_at = COALESCE(replayed_at, :now) WHERE code = :code RETURNING session")

    fileprivate static let isLiveCode = SQLStatement(
        """
        SELECT 1 AS found
        FROM code_redemptions
            JOIN sessions ON sessions.id = code_redemptions.session
            JOIN accounts ON accounts.id = sessions.account
        WHERE code_redemptions.code = :code AND code_redemptions.session = :session
            AND code_redemptions.replayed_at IS NULL AND code_redemptions.remembered_until > :now
            AND sessions.ended_at IS NULL AND sessions.expires_at > :now AND accounts.locked_at IS NULL
        """)
}
