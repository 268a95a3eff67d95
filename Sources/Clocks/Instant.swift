/// A point in time, in whole milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored as in POSIX.
///
/// The one type of the house for "when". Wire formats that want seconds (`exp`, `iat`, `auth_time`: RFC 7519 §2,
/// NumericDate) take ``secondsSinceEpoch``.
public struct Instant: Sendable, Hashable, Comparable {
    /// Milliseconds since the epoch.
    public let millisecondsSinceEpoch: Int64

    /// The instant that many milliseconds after the epoch.
    public init(millisecondsSinceEpoch: Int64) {
        self.millisecondsSinceEpoch = millisecondsSinceEpoch
    }

    /// The instant that many seconds after the epoch.
    public init(secondsSinceEpoch: Int64) {
        self.millisecondsSinceEpoch = secondsSinceEpoch &* 1000
    }

    /// Whole seconds since the epoch, rounded down: NumericDate of RFC 7519 §2.
    public var secondsSinceEpoch: Int64 {
        let quotient = millisecondsSinceEpoch / 1000
        return millisecondsSinceEpoch % 1000 < 0 ? quotient - 1 : quotient
    }

    /// The instant `duration` later (earlier when negative), at millisecond resolution.
    public static func + (instant: Instant, duration: Duration) -> Instant {
        Instant(millisecondsSinceEpoch: instant.millisecondsSinceEpoch &+ duration.wholeMilliseconds)
    }

    /// The instant `duration` earlier (later when negative), at millisecond resolution.
    public static func - (instant: Instant, duration: Duration) -> Instant {
        Instant(millisecondsSinceEpoch: instant.millisecondsSinceEpoch &- duration.wholeMilliseconds)
    }

    /// The time from `earlier` to `later`, negative when they stand the other way round.
    public static func - (later: Instant, earlier: Instant) -> Duration {
        .milliseconds(later.millisecondsSinceEpoch &- earlier.millisecondsSinceEpoch)
    }

    /// Whether the left instant comes first.
    public static func < (left: Instant, right: Instant) -> Bool {
        left.millisecondsSinceEpoch < right.millisecondsSinceEpoch
    }

    /// The same instant without its milliseconds, as it survives a trip through a NumericDate.
    public var wholeSecond: Instant { Instant(secondsSinceEpoch: secondsSinceEpoch) }
}

extension Duration {
    /// The duration in whole milliseconds, rounded towards zero.
    public var wholeMilliseconds: Int64 {
        components.seconds &* 1000 &+ components.attoseconds / 1_000_000_000_000_000
    }

    /// The duration in whole seconds, rounded towards zero.
    public var wholeSeconds: Int64 { components.seconds }

    /// That many minutes of sixty seconds.
    public static func minutes(_ count: Int64) -> Duration { .seconds(count * 60) }

    /// That many hours of sixty minutes.
    public static func hours(_ count: Int64) -> Duration { .seconds(count * 3600) }

    /// That many days of twenty-four hours.
    public static func days(_ count: Int64) -> Duration { .seconds(count * 86400) }
}
