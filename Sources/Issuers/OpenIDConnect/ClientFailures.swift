import Clocks
import Cryptography
import Stores
import Synchronization

/// Counts failed client authentications by client and address range (OA-15), on this node, in memory: nobody guesses a
/// secret of 128 bits, so that what is protected here is the machine, and the log.
///
/// Who fails too often from one place is refused there for a while, right or wrong; the same client elsewhere is not.
final class ClientFailures: Sendable {
    /// How many failures a minute are free.
    private let free: Int
    private static let span = Duration.minutes(1)
    private static let capacity = 10000

    private struct Count {
        var failures = 0
        let until: Instant
    }

    private let counts = Mutex<[SecretHash: Count]>([:])

    init(free: Int) { self.free = free }

    /// For how long the client is refused from there; `nil` when it is not.
    func wait(_ client: String, from address: String, now: Instant) -> Duration? {
        counts.withLock { counts in
            guard let count = counts[Self.key(client, address)], count.failures >= free, now < count.until else {
                return nil
            }
            return count.until - now
        }
    }

    /// One more failure.
    func note(_ client: String, from address: String, now: Instant) {
        let key = Self.key(client, address)
        counts.withLock { counts in
            if let count = counts[key], now < count.until {
                counts[key]?.failures = min(count.failures + 1, free)
                return
            }
            if counts.count >= Self.capacity { counts = counts.filter { now < $0.value.until } }
            // Still full: so many places fail at once that counting each of them protects nothing any more.
            if counts.count >= Self.capacity { counts.removeAll(keepingCapacity: true) }
            counts[key] = Count(failures: 1, until: now + Self.span)
        }
    }

    private static func key(_ client: String, _ address: String) -> SecretHash {
        SecretHash(of: address + " " + client)
    }
}
