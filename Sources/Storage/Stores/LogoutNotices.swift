public import Clocks

/// What one application is to be told: that this session has ended. Written by the transaction that ends the session, so
/// that no end is ever without its notices; says nothing of any protocol.
public struct LogoutNotice: Sendable, Hashable {
    /// How long an application is tried; after that its session there has gone by itself, or a person must look.
    public static let lifetime = Duration.hours(24)

    /// Its key.
    public let id: String
    /// The application, by its name in its protocol.
    public let client: String
    /// The session that has ended.
    public let session: SessionID
    /// Whose it was.
    public let account: AccountID
    /// When the session ended.
    public let createdAt: Instant
    /// When telling makes no sense any more.
    public let expiresAt: Instant
    /// How many times a sender has taken it, this time included.
    public let tries: Int

    /// A notice.
    public init(
        id: String, client: String, session: SessionID, account: AccountID, createdAt: Instant, expiresAt: Instant,
        tries: Int
    ) {
        self.id = id
        self.client = client
        self.session = session
        self.account = account
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.tries = tries
    }
}

/// Where a notice stands.
public enum LogoutNoticeState: String, Sendable, Hashable, CaseIterable {
    /// To be told, perhaps again.
    case waiting
    /// The application said that it has ended its session.
    case delivered
    /// Given up: somebody has to look.
    case dead
    /// The application has no way to be told.
    case noChannel = "no-channel"
}

/// A notice and what became of it.
public struct LogoutNoticeReport: Sendable, Hashable {
    /// The notice.
    public let notice: LogoutNotice
    /// Where it stands.
    public let state: LogoutNoticeState
    /// When it is tried next, or was last due.
    public let dueAt: Instant
    /// Why the last try failed; never what the application wrote.
    public let lastFailure: String?
    /// When it was delivered or given up.
    public let doneAt: Instant?

    /// A report.
    public init(
        _ notice: LogoutNotice, _ state: LogoutNoticeState, dueAt: Instant, lastFailure: String?, doneAt: Instant?
    ) {
        self.notice = notice
        self.state = state
        self.dueAt = dueAt
        self.lastFailure = lastFailure
        self.doneAt = doneAt
    }
}

/// How a notice ended well.
public enum LogoutNoticeEnd: Sendable, Hashable, CaseIterable {
    /// The application said so.
    case delivered
    /// There is no way to tell the application, and that is no failure.
    case noChannel

    /// The state that it leads to.
    public var state: LogoutNoticeState {
        switch self {
        case .delivered: .delivered
        case .noChannel: .noChannel
        }
    }
}

/// The notices of ended sessions: durable, each taken by one sender at a time. Those who end sessions write them
/// (``SessionStore``, ``AccountStore``, ``LinkStore``); senders take them.
public protocol LogoutNoticeStore: Sendable {
    /// Takes up to `limit` notices that are due and hides them from other senders until `now + lease`; their `tries`
    /// counts this one.
    ///
    /// - Parameter share: of one application no more than so many are under way at a time, all senders together, so that
    ///   one that does not answer holds up nobody else's.
    func take(limit: Int, share: Int, lease: Duration, now: Instant) async throws -> [LogoutNotice]
    /// The notice came to its end.
    func ended(_ notice: LogoutNotice, as end: LogoutNoticeEnd, now: Instant) async throws
    /// The application could not be told. `retryAt` `nil` gives up. Changes nothing once another sender has taken it.
    func failed(_ notice: LogoutNotice, reason: String, retryAt: Instant?, now: Instant) async throws
    /// The application does not answer: what else waits for it and is not under way is not tried before `instant`.
    func postpone(_ client: String, until instant: Instant, now: Instant) async throws
    /// What became of the notices of a session, in the order of the applications' names.
    func notices(of session: SessionID) async throws -> [LogoutNoticeReport]
    /// The notices in that state, oldest first, `limit` at most.
    func notices(in state: LogoutNoticeState, limit: Int) async throws -> [LogoutNoticeReport]
    /// Tries again what waits or was given up, for another ``LogoutNotice/lifetime``: of one application, or of all.
    ///
    /// - Returns: how many.
    func retry(client: String?, now: Instant) async throws -> Int
    /// How many wait, and how many were given up.
    func counts() async throws -> (waiting: Int, dead: Int)
}
