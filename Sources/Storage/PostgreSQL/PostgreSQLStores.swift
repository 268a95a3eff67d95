public import Clocks
public import Cryptography
public import Logging
public import Stores
public import StoresSQL

/// The stores in a PostgreSQL database that any number of nodes share.
public final class PostgreSQLStores: Sendable {
    /// The stores.
    public let stores: StoreSet

    let engine: PostgreSQLEngine
    private let feed: ChangeFeed
    private let pool: ConnectionPool
    private let listener: ChangeListener

    /// Connects, brings the schema up to date, and listens to what other nodes change.
    ///
    /// - Parameters:
    ///   - clock: dates the schema steps.
    ///   - random: names this node to the others, and spreads what is tried again.
    ///   - logger: is told when the database goes and when it comes back.
    /// - Throws: ``StoreError`` `.unavailable` when the server cannot be reached or does not let us in, in a sentence that
    ///   says what to do; `.cannotWrite` when it is read-only and the schema has to change, `.corrupted` when the
    ///   database is of another program, `.newerSchema` when a newer version of Loge changed it.
    public static func open(
        _ settings: PostgreSQLSettings, clock: some WallClock, random: some RandomSource,
        logger: Logger = Logger(label: "loge.postgresql")
    ) async throws -> PostgreSQLStores {
        try await open(settings, clock: clock, random: random, logger: logger, migrations: Migration.all)
    }

    static func open(
        _ settings: PostgreSQLSettings, clock: some WallClock, random: some RandomSource,
        logger: Logger = Logger(label: "loge.postgresql"), migrations: [Migration]
    ) async throws -> PostgreSQLStores {
        try await connected(to: settings) { connection in
            try SchemaKeeper(migrations: migrations).bringUpToDate(connection, now: clock.now())
        }
        let stores = PostgreSQLStores(settings, random: random, logger: logger)
        await stores.listener.firstTry()
        return stores
    }

    /// What opening would change in the schema; changes nothing.
    ///
    /// - Throws: as ``open(_:clock:random:logger:)``.
    public static func plan(_ settings: PostgreSQLSettings) async throws -> SchemaPlan {
        try await plan(settings, migrations: Migration.all)
    }

    static func plan(_ settings: PostgreSQLSettings, migrations: [Migration]) async throws -> SchemaPlan {
        try await connected(to: settings) { try SchemaKeeper(migrations: migrations).plan($0) }
    }

    /// What the server is like.
    ///
    /// - Throws: ``StoreError`` `.unavailable` when it cannot be reached or does not let us in.
    public static func facts(_ settings: PostgreSQLSettings) async throws -> PostgreSQLFacts {
        try await connected(to: settings) { try PostgreSQLFacts($0) }
    }

    private init(_ settings: PostgreSQLSettings, random: some RandomSource, logger: Logger) {
        let feed = ChangeFeed()
        let meter = Meter()
        let origin = random.token(bits: 96)
        let pool = ConnectionPool(settings, meter: meter, random: random, logger: logger)
        let listener = ChangeListener(
            settings, origin: origin, feed: feed, pool: pool, random: random, logger: logger)
        self.feed = feed
        self.pool = pool
        self.listener = listener
        engine = PostgreSQLEngine(
            pool: pool,
            transactions: Transactions(
                origin: origin, feed: feed, meter: meter, random: random, patience: settings.statementTimeout),
            settings: settings)
        stores = StoreSet(
            on: engine, feed: feed, hearsOthers: { listener.isHearing }, statistics: { meter.statistics })
    }

    deinit {
        // The threads hold what they need themselves, and would go on for ever.
        listener.close()
        pool.abandon()
        feed.finish()
    }

    /// Lets what runs come to its end, refuses what waits and what is asked afterwards with `.unavailable`, ends every
    /// feed and closes every connection.
    public func close() async {
        listener.close()
        await pool.close()
        feed.finish()
    }

    /// Whether calls are refused at once, because the server has not answered for a while.
    var isOutOfReach: Bool { pool.isOutOfReach }

    /// Runs `body` on a connection of its own, on a thread of its own.
    private static func connected<Value: Sendable>(
        to settings: PostgreSQLSettings, _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        try await BlockingThread.run("loge.pg.open") {
            var limits = SchemaKeeper.limits
            limits.connect = settings.connectTimeout
            let connection: Connection
            do throws(Failure) { connection = try Connection(settings, limits: limits) } catch { throw error.error }
            defer { connection.close() }
            return try body(connection)
        }
    }
}
