public import Clocks

/// What changed, for those who keep a copy in memory.
public enum StoreChange: Sendable, Hashable {
    /// This account.
    case account(AccountID)
    /// This session.
    case session(SessionID)
    /// The keys of the installation.
    case keys
    /// The files of the relying parties.
    case relyingParties
    /// Something, written by another process or while nobody heard: drop every copy.
    case everything
}

/// The rows whose time has passed are removed here, a bounded number at a time.
public protocol Maintenance: Sendable {
    /// Removes up to `limit` rows of each kind that nothing needs any more. - Returns: how many were removed.
    func purge(limit: Int, now: Instant) async throws -> Int
    /// Proves that the engine answers and can be written to (`/readyz`).
    func probe() async throws
}

/// Every store of one engine.
public struct StoreSet: Sendable {
    /// The local accounts.
    public let accounts: any AccountStore
    /// The live sessions.
    public let sessions: any SessionStore
    /// The used authorization codes.
    public let codes: any AuthorizationCodeStore
    /// What else is used once.
    public let singleUses: any SingleUseStore
    /// The counters of tries.
    public let attempts: any AttemptStore
    /// The links that were mailed.
    public let links: any LinkStore
    /// The messages waiting to be sent.
    public let outbox: any OutboxStore
    /// The notices of ended sessions.
    public let logoutNotices: any LogoutNoticeStore
    /// Which applications read the key set.
    public let keySetReaders: any KeySetReaderStore
    /// The shared keys, of an engine that nodes share.
    public let keys: any KeyStore
    /// The shared files of the relying parties, of an engine that nodes share.
    public let relyingParties: any RelyingPartyStore
    /// Cleaning and probing.
    public let maintenance: any Maintenance
    /// What changed, in this process at once and in others within a second; each call is a feed of its own.
    public let changes: @Sendable () -> AsyncStream<StoreChange>
    /// Whether what other nodes change is being heard within a second. While it is not, copies in memory may be stale and
    /// must not be believed.
    public let hearsOthers: @Sendable () -> Bool
    /// What the engine has done so far.
    public let statistics: @Sendable () -> StoreStatistics

    /// The stores of one engine.
    public init(
        accounts: any AccountStore, sessions: any SessionStore, codes: any AuthorizationCodeStore,
        singleUses: any SingleUseStore, attempts: any AttemptStore, links: any LinkStore, outbox: any OutboxStore,
        logoutNotices: any LogoutNoticeStore, keySetReaders: any KeySetReaderStore,
        keys: any KeyStore, relyingParties: any RelyingPartyStore,
        maintenance: any Maintenance,
        changes: @escaping @Sendable () -> AsyncStream<StoreChange>, hearsOthers: @escaping @Sendable () -> Bool,
        statistics: @escaping @Sendable () -> StoreStatistics
    ) {
        self.accounts = accounts
        self.sessions = sessions
        self.codes = codes
        self.singleUses = singleUses
        self.attempts = attempts
        self.links = links
        self.outbox = outbox
        self.logoutNotices = logoutNotices
        self.maintenance = maintenance
        self.keySetReaders = keySetReaders
        self.keys = keys
        self.relyingParties = relyingParties
        self.changes = changes
        self.hearsOthers = hearsOthers
        self.statistics = statistics
    }
}
