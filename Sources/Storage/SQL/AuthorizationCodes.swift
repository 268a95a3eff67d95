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
                    "refreshable": .optional(redemption.refreshableUntil?.millisecondsSinceEpoch),
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

    func refresh(_ refresh: GrantRefresh, now: Instant) async throws -> RefreshOutcome {
        let code = SQLValue.text(refresh.code)
        let client = SQLValue.text(refresh.client)
        let number = SQLValue.number(Int64(refresh.number))
        let until = SQLValue.instant(refresh.rememberedUntil)
        let refreshed = try await engine.writeOne { db in
            try db.change(
                .refresh,
                ["now": .instant(now), "until": until, "code": code, "client": client, "number": number])
        }
        if refreshed == 1 { return .refreshed }
        let repeated = try await engine.writeOne { db in
            try db.change(
                .repeatRefresh,
                [
                    "now": .instant(now), "until": until, "code": code, "client": client, "number": number,
                    "since": .instant(now - refresh.grace),
                ])
        }
        if repeated == 1 { return .repeated }
        let reused = try await engine.writeOne { db in
            try db.change(
                .reuseRefresh, ["now": .instant(now), "code": code, "client": client, "number": number])
        }
        return reused == 1 ? .reused : .ended
    }

    func isRefreshable(code: String, client: String, number: Int, now: Instant) async throws -> Bool {
        try await engine.read { db in
            try db.row(
                .isRefreshable,
                [
                    "code": .text(code), "client": .text(client), "number": .number(Int64(number)),
                    "now": .instant(now),
                ]) != nil
        }
    }

    func revoke(code: String, client: String, now: Instant) async throws -> Bool {
        try await engine.writeOne { db in
            try db.change(.revokeCode, ["now": .instant(now), "code": .text(code), "client": .text(client)]) == 1
        }
    }
}

extension SQLStatement {
    /// The one statement that uses the code: the primary key lets the first in and nobody else. The session is held as it is
    /// until this is committed, so that whoever ends it finds the client among those who took part.
    fileprivate static let redeemCode = SQLStatement(
        """
        INSERT INTO code_redemptions (code, client, session, redeemed_at, remembered_until, refreshable_until)
        SELECT :code, :client, sessions.id, :now, :until, CAST(:refreshable AS BIGINT)
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
            AND code_redemptions.replayed_at IS NULL AND code_redemptions.revoked_at IS NULL
            AND code_redemptions.remembered_until > :now
            AND sessions.ended_at IS NULL AND sessions.expires_at > :now AND accounts.locked_at IS NULL
        """)

    /// What makes a family of refresh tokens hold: nobody revoked or replayed it, its session lives, its account is not
    /// locked, and the password is the one under which it began.
    private static let holds = """
        replayed_at IS NULL AND revoked_at IS NULL AND refreshable_until > :now
            AND EXISTS (
                SELECT 1 FROM sessions JOIN accounts ON accounts.id = sessions.account
                WHERE sessions.id = code_redemptions.session AND sessions.ended_at IS NULL
                    AND sessions.expires_at > :now AND accounts.locked_at IS NULL
                    AND COALESCE(accounts.password_changed_at, 0) <= code_redemptions.redeemed_at)
        """

    /// The one statement that uses a refresh token: of many with one number, the row lets one move it on.
    fileprivate static let refresh = SQLStatement(
        """
        UPDATE code_redemptions
        SET refreshes = refreshes + 1, refreshed_at = :now,
            remembered_until = CASE WHEN remembered_until < :until THEN :until ELSE remembered_until END
        WHERE code = :code AND client = :client AND refreshes = :number AND \(holds)
        """)

    fileprivate static let repeatRefresh = SQLStatement(
        """
        UPDATE code_redemptions
        SET remembered_until = CASE WHEN remembered_until < :until THEN :until ELSE remembered_until END
        WHERE code = :code AND client = :client AND refreshes = :number + 1 AND refreshed_at >= :since AND \(holds)
        """)

    /// A number that is past and not forgiven. The one just tried is not: it was refused for another reason.
    fileprivate static let reuseRefresh = SQLStatement(
        """
        UPDATE code_redemptions SET replayed_at = COALESCE(replayed_at, :now)
        WHERE code = :code AND client = :client AND refreshes > :number AND refreshable_until IS NOT NULL
        """)

    fileprivate static let isRefreshable = SQLStatement(
        """
        SELECT 1 AS found FROM code_redemptions
        WHERE code = :code AND client = :client AND refreshes = :number AND \(holds)
        """)

    fileprivate static let revokeCode = SQLStatement(
        "UPDATE code_redemptions SET revoked_at = :now WHERE code = :code AND client = :client AND revoked_at IS NULL")
}
