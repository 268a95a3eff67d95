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

    /// What was counted.
    public init(sessions: Int, links: Int, messages: Int, activationCodes: Int) {
        self.sessions = sessions
        self.links = links
        self.messages = messages
        self.activationCodes = activationCodes
    }

    /// Closes it.
    ///
    /// - Parameter activationCodes: those of the letters too.
    /// - Throws: `StoreError`.
    public static func close(
        in database: any SQLSession, activationCodes: Bool, now: Instant
    ) throws -> WhatWasOpen {
        let now = SQLValue.instant(now)
        return WhatWasOpen(
            sessions: try database.change(.endEverySession, ["now": now]),
            links: try database.change(.removeEveryLink), messages: try database.change(.removeWaitingMessages),
            activationCodes: activationCodes ? try database.change(.expireActivationCodes, ["now": now]) : 0)
    }
}

extension SQLStatement {
    /// Codes and tokens live no longer than their session.
    fileprivate static let endEverySession = SQLStatement(
        "UPDATE sessions SET ended_at = :now WHERE ended_at IS NULL AND expires_at > :now")

    fileprivate static let removeEveryLink = SQLStatement("DELETE FROM mailed_links")

    fileprivate static let removeWaitingMessages = SQLStatement("DELETE FROM outbox WHERE state = 'waiting'")

    fileprivate static let expireActivationCodes = SQLStatement(
        "UPDATE accounts SET activation_expires_at = :now WHERE stage = 'awaiting' AND activation_expires_at > :now")
}
