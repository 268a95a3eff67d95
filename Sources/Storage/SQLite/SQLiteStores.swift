public import Clocks
internal import Dispatch
internal import Foundation
internal import GRDB
public import Stores
public import StoresSQL
internal import Synchronization

/// The stores in one SQLite file: the embedded engine. WAL, foreign keys, and `synchronous=FULL`, so that a used code
/// stays used whatever happens to the machine.
public final class SQLiteStores: Sendable {
    /// The stores.
    public let stores: StoreSet

    let engine: SQLiteEngine
    let writes: WriteQueue
    private let pool: DatabasePool
    private let lock: DatabaseLock
    private let feed: ChangeFeed
    private let watch: Task<Void, Never>

    /// Opens the file, makes it when there is none (readable by its owner only), and brings its schema up to date.
    ///
    /// - Parameters:
    ///   - path: where the file is, or will be; its folder must be there.
    ///   - clock: dates the schema steps.
    ///   - busyTimeout: how long a write waits for another process.
    ///   - watchInterval: how often writes of other processes are looked for.
    /// - Throws: ``StoreError`` `.unavailable` when the file cannot be opened or is being replaced, `.cannotWrite` when it
    ///   is read-only, `.corrupted` when it is damaged or not ours, `.newerSchema` when a newer version of Loge wrote it.
    public static func open(
        path: String, clock: some WallClock, busyTimeout: Duration = .seconds(5),
        watchInterval: Duration = .milliseconds(200)
    ) async throws -> SQLiteStores {
        try await open(
            path: path, clock: clock, busyTimeout: busyTimeout, watchInterval: watchInterval, migrations: Migration.all)
    }

    static func open(
        path: String, clock: some WallClock, busyTimeout: Duration = .seconds(5),
        watchInterval: Duration = .milliseconds(200), migrations: [Migration]
    ) async throws -> SQLiteStores {
        let (pool, lock, baseline): (DatabasePool, DatabaseLock, Int64)
        (pool, lock, baseline) = try await withCheckedThrowingContinuation { continuation in
            // Opening reads and writes the disk: not on the cooperative pool.
            DispatchQueue(label: "loge.sqlite.open").async {
                continuation.resume(
                    with: Result {
                        try openPool(path: path, busyTimeout: busyTimeout, migrations: migrations, now: clock.now())
                    })
            }
        }
        let directory = (path as NSString).deletingLastPathComponent
        return SQLiteStores(
            pool: pool, lock: lock, directory: directory.isEmpty ? "." : directory, watchInterval: watchInterval,
            baseline: baseline)
    }

    /// What an existing file still needs of the schema; changes nothing.
    ///
    /// - Throws: ``StoreError``, as ``open(path:clock:busyTimeout:watchInterval:)``.
    public static func plan(path: String) async throws -> SchemaPlan {
        try await SQLiteFile.reading(path) { try $0.plan() }
    }

    private init(
        pool: DatabasePool, lock: DatabaseLock, directory: String, watchInterval: Duration, baseline: Int64
    ) {
        let feed = ChangeFeed()
        let writes = WriteQueue(pool: pool, feed: feed)
        let counts = StatementCounts()
        let engine = SQLiteEngine(pool: pool, writes: writes, counts: counts)
        self.pool = pool
        self.lock = lock
        self.feed = feed
        self.writes = writes
        self.engine = engine
        watch = ForeignWrites(pool: pool, feed: feed, interval: watchInterval, baseline: baseline).watch()
        stores = StoreSet(
            on: engine, feed: feed, checkRoom: { try DiskRoom.check(directory) },
            // The file itself is asked a few times a second; another process that writes to it is a command of ours.
            hearsOthers: { true },
            statistics: {
                var statistics = StoreStatistics()
                statistics.reads = counts.reads.load(ordering: .relaxed)
                statistics.writes = counts.writes.load(ordering: .relaxed)
                statistics.commits = Int64(writes.statistics.transactions)
                return statistics
            })
    }

    deinit { watch.cancel() }

    /// Carries out the writes that wait, ends every feed and closes the file. What is asked afterwards is refused with
    /// `.unavailable`.
    public func close() async {
        watch.cancel()
        writes.close()
        feed.finish()
        let (pool, lock) = (pool, lock)
        await withCheckedContinuation { continuation in
            // Behind the writes that wait. Reads that still run keep the file open until the pool is freed.
            DispatchQueue(label: "loge.sqlite.close").async {
                try? pool.close()
                lock.release()
                continuation.resume()
            }
        }
    }
}

extension SQLiteStores {
    private static func openPool(
        path: String, busyTimeout: Duration, migrations: [Migration], now: Instant
    ) throws -> (DatabasePool, DatabaseLock, Int64) {
        do {
            // Held until the end: whoever replaces the whole file must be alone with it.
            let lock = try DatabaseLock(path: path, .shared)
            Foundation.close(try FileForOwner.open(path))
            var configuration = Configuration()
            configuration.label = "loge.sqlite"
            configuration.foreignKeysEnabled = true
            configuration.busyMode = .timeout(TimeInterval(busyTimeout.wholeMilliseconds) / 1000)
            configuration.maximumReaderCount = max(4, ProcessInfo.processInfo.activeProcessorCount)
            configuration.prepareDatabase { db in
                // Functions in a schema that somebody else wrote are not run; deleted texts are overwritten.
                try db.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA secure_delete = FAST")
            }
            let (pool, baseline) = try patiently(busyTimeout) {
                let pool = try DatabasePool(path: path, configuration: configuration)
                let baseline = try pool.writeWithoutTransaction { db in
                    // After the pool's own set-up, which chooses NORMAL: a power cut could then bring back a used code.
                    try db.execute(sql: "PRAGMA synchronous = FULL")
                    try SchemaKeeper(migrations: migrations).bringUpToDate(db, now: now)
                    return try ForeignWrites.version(db)
                }
                return (pool, baseline)
            }
            return (pool, lock, baseline)
        } catch {
            throw StoreError(error)
        }
    }

    /// Tries again while another process makes the same new file (SQLite turns it into a WAL without waiting for others) or
    /// writes a whole region into it: six times as long as a single statement waits.
    private static func patiently<Value>(_ patience: Duration, _ body: () throws -> Value) throws -> Value {
        let deadline = ContinuousClock.now + patience * 6
        while true {
            do {
                return try body()
            } catch let error as DatabaseError
                where error.resultCode.primaryResultCode == .SQLITE_BUSY && ContinuousClock.now < deadline
            {
                Thread.sleep(forTimeInterval: 0.05)
            }
        }
    }
}
