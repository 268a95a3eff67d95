/// What an engine has done since it was opened: what metrics and benchmarks read.
public struct StoreStatistics: Sendable, Hashable {
    /// Statements that only read.
    public var reads: Int64 = 0
    /// Statements that change rows; BEGIN and COMMIT do not count.
    public var writes: Int64 = 0
    /// Transactions, statements that commit by themselves included.
    public var commits: Int64 = 0
    /// Transactions that were tried again after losing a race.
    public var retries: Int64 = 0
    /// Connections that were opened.
    public var connections: Int64 = 0
    /// Calls that were refused because no connection came free in time.
    public var refusals: Int64 = 0
    /// How many calls waited for a connection up to each bound of ``waitBounds``, and longer (the last entry).
    public var waits: [Int64] = Array(repeating: 0, count: waitBounds.count + 1)

    /// The upper bounds of ``waits``, in microseconds.
    public static let waitBounds: [Int64] = [
        50, 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    ]

    /// Nothing yet.
    public init() {}

    /// Counts one wait for a connection, in microseconds.
    public mutating func waited(microseconds: Int64) {
        let place = Self.waitBounds.firstIndex { microseconds <= $0 } ?? Self.waitBounds.count
        waits[place] += 1
    }
}
