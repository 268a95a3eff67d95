internal import GRDB
internal import Stores
internal import StoresSQL
internal import Synchronization

/// Notices what other processes wrote to the file.
struct ForeignWrites: Sendable {
    private let pool: DatabasePool
    private let feed: ChangeFeed
    private let interval: Duration
    private let baseline: Int64

    /// - Parameter baseline: the version before anybody could read from the pool: what comes later is news.
    init(pool: DatabasePool, feed: ChangeFeed, interval: Duration, baseline: Int64) {
        self.pool = pool
        self.feed = feed
        self.interval = interval
        self.baseline = baseline
    }

    /// Looks every `interval` until cancelled.
    func watch() -> Task<Void, Never> {
        let seen = SeenVersion(baseline)
        return Task { [pool, feed, interval] in
            while !Task.isCancelled {
                Self.look(pool, feed, seen)
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// https://sqlite.org/pragma.html#pragma_data_version: the number changes when a commit of *another connection* has
    /// changed the file. Asked on the one connection that writes for us, it never changes by our own writes.
    private static func look(_ pool: DatabasePool, _ feed: ChangeFeed, _ seen: SeenVersion) {
        pool.asyncWriteWithoutTransaction { db in
            // A failure here (a closed or damaged file) is told to whoever asks for data.
            guard let version = try? Self.version(db) else { return }
            if seen.changed(to: version) { feed.publish([.everything]) }
            feed.catchUp()
        }
    }

    /// The version of the file as the writer connection sees it.
    static func version(_ db: Database) throws -> Int64 {
        try Int64.fetchOne(db.cachedStatement(sql: "PRAGMA data_version")) ?? 0
    }
}

/// The version seen last.
private final class SeenVersion: Sendable {
    private let version: Mutex<Int64>

    init(_ version: Int64) { self.version = Mutex(version) }

    /// Whether this is not the version seen before.
    func changed(to new: Int64) -> Bool {
        version.withLock { version in
            defer { version = new }
            return version != new
        }
    }
}
