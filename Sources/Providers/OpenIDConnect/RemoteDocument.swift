import Clocks

/// A document of the provider, fetched when it is needed, by one call however many wait for it, and kept for its lifetime.
/// When it cannot be had, there is none: an old one is never served in its place.
actor RemoteDocument<Value: Sendable> {
    /// A document with the count of fetches that brought it.
    struct Version: Sendable {
        let value: Value
        let number: Int
    }

    private let lifetime: Duration
    /// How long after a failure, or after a fetch out of turn, the next one waits.
    private let pause: (afterFailure: Duration, outOfTurn: Duration)
    private let clock: any WallClock
    private let load: @Sendable () async throws(ProviderError) -> Value

    private var current: (version: Version, fetchedAt: Instant)?
    private var failure: (error: ProviderError, at: Instant)?
    private var outOfTurnAt: Instant?
    private var running: Task<Result<Version, ProviderError>, Never>?
    private var fetches = 0

    init(
        lifetime: Duration, pauseAfterFailure: Duration = .seconds(5), pauseOutOfTurn: Duration = .seconds(30),
        clock: any WallClock, load: @escaping @Sendable () async throws(ProviderError) -> Value
    ) {
        self.lifetime = lifetime
        pause = (pauseAfterFailure, pauseOutOfTurn)
        self.clock = clock
        self.load = load
    }

    /// The document, fetched if there is none or it is too old.
    func value() async throws(ProviderError) -> Version {
        let now = clock.now()
        // A clock set back must not keep a document alive.
        if let current, current.fetchedAt <= now, now < current.fetchedAt + lifetime { return current.version }
        // A provider that is down is asked once in a while, not once for each person who tries.
        if running == nil, let failure, failure.at <= now, now < failure.at + pause.afterFailure { throw failure.error }
        return try await fetch()
    }

    /// A later document than `seen`, fetched out of turn; `nil` when that was done too short a while ago.
    func newer(than seen: Version) async throws(ProviderError) -> Version? {
        if let current, current.version.number > seen.number { return current.version }
        let now = clock.now()
        if running == nil {
            if let last = outOfTurnAt, last <= now, now < last + pause.outOfTurn { return nil }
            outOfTurnAt = now
        }
        return try await fetch()
    }

    private func fetch() async throws(ProviderError) -> Version {
        let task = running ?? Task { await perform() }
        running = task
        return try await task.value.get()
    }

    private func perform() async -> Result<Version, ProviderError> {
        defer { running = nil }
        do throws(ProviderError) {
            let value = try await load()
            fetches += 1
            let version = Version(value: value, number: fetches)
            current = (version, clock.now())
            failure = nil
            return .success(version)
        } catch {
            failure = (error, clock.now())
            return .failure(error)
        }
    }
}
