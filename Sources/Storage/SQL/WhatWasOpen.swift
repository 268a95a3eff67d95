public import Clocks
internal import Stores

/// What was open when a database was copied, and must not come back to life with the copy: it may have been used, or sent,
/// since.
public struct WhatWasOpen: Sendable, Equatable {
    /// Sessions that were ended.
    public let sessions: Int
    /// Mailed links that were removed.
    public let links: Int
    /// Messages that waited to be sent and were removed.
    public let messages: Int
    /// Activation codes that open nothing any more.
    public let activationCodes: Int
    /// Notices of ended sessions that are held back.
    public let notices: Int

    /// What was counted.
    public init(sessions: Int, links: Int, messages: Int, activationCodes: Int, notices: Int) {
        self.sessions = sessions
        self.links = links
        self.messages = messages
        self.activationCodes = activationCodes
        self.notices = notices
    }

    /// Closes it.
    ///
    /// The applications are not told by themselves: a backup is restored for exercise too, on a machine beside the one that
    /// serves, and there a notice would sign people out of the real applications, with a real key. Every notice, waiting or
    /// new, is held back as given up, and the operator sends them with one command when the restoration is a real one.
    ///
    /// - Parameter activationCodes: those of the letters too.
    /// - Throws: `StoreError`.
    public static func close(
        in database: any SQLSession, activationCodes: Bool, now: Instant
    ) throws -> WhatWasOpen {
        let expires = SQLValue.instant(now + LogoutNotice.lifetime)
        let now = SQLValue.instant(now)
        let reason = SQLValue.text(heldBack)
        let sessions = try database.change(.endEverySession, ["now": now])
        let notices =
            try database.change(.holdNoticesBack, ["now": now, "reason": reason])
            + database.change(.holdNewNoticesBack, ["now": now, "expires": expires, "reason": reason])
        return WhatWasOpen(
            sessions: sessions,
            links: try database.change(.removeEveryLink), messages: try database.change(.removeWaitingMessages),
            activationCodes: activationCodes ? try database.change(.expireActivationCodes, ["now": now]) : 0,
            notices: notices)
    }

    /// Why a notice is held back.
    static let heldBack = "held back when a backup was restored"
}

extension SQLStatement {
    /// Codes and tokens live no longer than their session.
    fileprivate static let endEverySession = SQLStatement(
        "UPDATE sessions SET ended_at = :now WHERE ended_at IS NULL AND expires_at > :now")

    fileprivate static let holdNoticesBack = SQLStatement(
        """
        UPDATE logout_notices SET state = 'dead', done_at = :now, leased_until = 0, last_failure = :reason
        WHERE state = 'waiting'
        """)

    fileprivate static let holdNewNoticesBack = SQLStatement(
        """
        INSERT INTO logout_notices (
            id, client, session, account, state, created_at, due_at, expires_at, done_at, last_failure)
        SELECT parts.session || ' ' || parts.client, parts.client, parts.session, parts.account, 'dead',
            :now, :now, :expires, :now, :reason
        FROM (
            SELECT DISTINCT code_redemptions.session, code_redemptions.client, sessions.account
            FROM sessions JOIN code_redemptions ON code_redemptions.session = sessions.id
            WHERE sessions.ended_at = :now
        ) AS parts
        WHERE parts.client <> ''
        ON CONFLICT (id) DO NOTHING
        """)

    fileprivate static let removeEveryLink = SQLStatement("DELETE FROM mailed_links")

    fileprivate static let removeWaitingMessages = SQLStatement("DELETE FROM outbox WHERE state = 'waiting'")

    fileprivate static let expireActivationCodes = SQLStatement(
        "UPDATE accounts SET activation_expires_at = :now WHERE stage = 'awaiting' AND activation_expires_at > :now")
}
