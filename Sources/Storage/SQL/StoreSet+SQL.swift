public import Stores

extension StoreSet {
    /// Every store on one engine.
    ///
    /// - Parameters:
    ///   - feed: where the engine tells what was committed, here and elsewhere.
    ///   - checkRoom: throws when the engine knows that there is no room left to write.
    ///   - hearsOthers: see ``StoreSet/hearsOthers``.
    public init(
        on engine: any SQLEngine, feed: ChangeFeed, checkRoom: @escaping @Sendable () throws -> Void = {},
        hearsOthers: @escaping @Sendable () -> Bool, statistics: @escaping @Sendable () -> StoreStatistics
    ) {
        self.init(
            accounts: SQLAccountStore(engine: engine), sessions: SQLSessionStore(engine: engine),
            codes: SQLAuthorizationCodeStore(engine: engine), singleUses: SQLSingleUseStore(engine: engine),
            attempts: SQLAttemptStore(engine: engine), links: SQLLinkStore(engine: engine),
            outbox: SQLOutboxStore(engine: engine), logoutNotices: SQLLogoutNoticeStore(engine: engine),
            keySetReaders: SQLKeySetReaderStore(engine: engine), keys: SQLKeyStore(engine: engine),
            relyingParties: SQLRelyingPartyStore(engine: engine),
            maintenance: SQLMaintenance(engine: engine, checkRoom: checkRoom), changes: { feed.listen() },
            hearsOthers: hearsOthers, statistics: statistics)
    }
}
