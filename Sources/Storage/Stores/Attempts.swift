public import Clocks

/// How many tries something allows: `free` in a row, then one each time a growing pause is over, and never more than
/// `daily` in a sliding day (CNIL 2022-100: at most 25 in 24 hours).
public struct AttemptPolicy: Sendable, Hashable {
    /// Tries before the first pause.
    public let free: Int
    /// The first pause; it doubles with every further try.
    public let firstPause: Duration
    /// The longest pause.
    public let longestPause: Duration
    /// Tries counted in one window before everything waits for its end.
    public let daily: Int
    /// The length of the window.
    public let window: Duration

    /// A policy.
    public init(free: Int, firstPause: Duration, longestPause: Duration, daily: Int, window: Duration = .hours(24)) {
        self.free = free
        self.firstPause = firstPause
        self.longestPause = longestPause
        self.daily = daily
        self.window = window
    }

    /// The pause due between the last of `tries` tries and the next one.
    public func pause(after tries: Int) -> Duration {
        guard tries >= free else { return .zero }
        var pause = firstPause
        // Past the longest pause nothing grows any more: the loop ends after a few doublings.
        for _ in free..<tries where pause < longestPause { pause += pause }
        return min(pause, longestPause)
    }
}

/// Whether a try may be evaluated.
public enum AttemptDecision: Sendable, Hashable {
    /// Yes; it has been counted already, so that parallel tries cannot share one place.
    case allowed
    /// Not before that long.
    case wait(Duration)
}

/// Counters of tries, keyed on what is attacked (an account's canonical login, an address range), known or unknown alike.
public protocol AttemptStore: Sendable {
    /// Counts one try under `key` and tells whether it may be evaluated, in one statement.
    func reserve(_ key: SecretHash, policy: AttemptPolicy, now: Instant) async throws -> AttemptDecision
    /// Forgets the tries under `key`, after a success.
    func clear(_ key: SecretHash) async throws
    /// Gives back one try under `key`: it was not evaluated after all, or it succeeded under a key that many people share
    /// (an address), where forgetting them all would let one good account cover for guesses at others.
    func release(_ key: SecretHash) async throws
}
