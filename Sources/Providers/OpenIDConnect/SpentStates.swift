public import Clocks
import Synchronization

/// Remembers which sign-ons were finished, so that each is finished once (OA-30), also by somebody who kept the cookie; and
/// which logout tokens were heard (OA-20).
public protocol SpentStates: Sendable {
    /// Marks the sign-on as finished.
    ///
    /// - Parameters:
    ///   - digest: SHA-256 of its `state`, or of what names a logout token.
    ///   - until: when it would have expired by itself and may be forgotten.
    /// - Returns: `true` the first time only.
    func spend(_ digest: [UInt8], until: Instant) async -> Bool
}

/// The memory of one process. A role on several nodes brings a store's in its place.
public final class SpentStatesInMemory: SpentStates {
    private let capacity: Int
    private let clock: any WallClock
    private let spent: Mutex<[[UInt8]: Instant]>

    /// A memory of at most `capacity` unexpired sign-ons; beyond that it lets none pass.
    public init(capacity: Int = 100_000, clock: any WallClock) {
        self.capacity = capacity
        self.clock = clock
        spent = Mutex([:])
    }

    /// Marks the sign-on as finished.
    ///
    /// - Returns: `true` the first time only.
    public func spend(_ digest: [UInt8], until: Instant) async -> Bool {
        spent.withLock { spent in
            if spent.count >= capacity {
                let now = clock.now()
                spent = spent.filter { now < $0.value }
                guard spent.count < capacity else { return false }
            }
            guard spent[digest] == nil else { return false }
            spent[digest] = until
            return true
        }
    }
}
