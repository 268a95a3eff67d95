public import Clocks
public import Cryptography

/// When a message that could not be handed over is tried again.
public struct RetryPolicy: Sendable {
    /// The longest wait after the first try; each further try doubles it.
    public let first: Duration
    /// No wait is longer.
    public let longest: Duration
    /// After so many tries it is a dead letter.
    public let limit: Int

    /// A policy; the default tries for about an hour.
    public init(first: Duration = .seconds(10), longest: Duration = .minutes(15), limit: Int = 10) {
        self.first = first
        self.longest = longest
        self.limit = limit
    }

    /// How long to wait after try number `tries` (from 1): between half and the whole of the doubled wait, drawn at
    /// random, so that mails that failed together do not come back together.
    public func delay(after tries: Int, random: some RandomSource) -> Duration {
        let doublings = min(max(tries - 1, 0), 20)
        let whole = min(first.wholeMilliseconds << Int64(doublings), longest.wholeMilliseconds)
        let half = whole / 2
        return .milliseconds(whole - half + Int64(random.number(below: UInt32(clamping: half + 1))))
    }
}
