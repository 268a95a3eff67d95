import Foundation
import Synchronization

/// Tells the time of day. Passed to whatever stores, signs or validates; nobody asks the machine directly.
public protocol WallClock: Sendable {
    /// The present instant.
    func now() -> Instant
}

/// The machine's clock. Made in the composition root only.
public struct SystemClock: WallClock {
    /// A clock that reads the machine's time.
    public init() {}

    /// The machine's present instant.
    public func now() -> Instant {
        var time = timespec()
        // The only failure of clock_gettime(CLOCK_REALTIME) is a bad pointer, which this is not.
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Instant(millisecondsSinceEpoch: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

/// A clock that moves only when told to: for tests and drills.
public final class ManualClock: WallClock {
    private let instant: Mutex<Instant>

    /// A clock standing at `start`.
    public init(_ start: Instant) {
        instant = Mutex(start)
    }

    /// The instant at which the clock stands.
    public func now() -> Instant { instant.withLock { $0 } }

    /// Moves the clock forward by `duration` (backward when negative).
    public func advance(by duration: Duration) {
        instant.withLock { $0 = $0 + duration }
    }
}
