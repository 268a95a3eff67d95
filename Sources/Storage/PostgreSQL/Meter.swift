internal import Stores
internal import Synchronization

/// Counts what the engine does.
final class Meter: Sendable {
    private let counts = Mutex(StoreStatistics())

    /// What was counted so far.
    var statistics: StoreStatistics { counts.withLock { $0 } }

    func ran(_ statement: PreparedStatement) {
        let isReading = statement.isReading
        counts.withLock { if isReading { $0.reads += 1 } else { $0.writes += 1 } }
    }

    func committed() { counts.withLock { $0.commits += 1 } }
    func retried() { counts.withLock { $0.retries += 1 } }
    func connected() { counts.withLock { $0.connections += 1 } }

    /// A call got a connection after that long.
    func served(after wait: Duration) { counts.withLock { $0.waited(microseconds: wait.microseconds) } }

    /// A call was refused after that long.
    func refused(after wait: Duration) {
        counts.withLock { counts in
            counts.refusals += 1
            counts.waited(microseconds: wait.microseconds)
        }
    }
}

extension Duration {
    fileprivate var microseconds: Int64 {
        components.seconds &* 1_000_000 &+ components.attoseconds / 1_000_000_000_000
    }
}
