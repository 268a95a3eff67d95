internal import Clocks
internal import Cryptography
internal import Logging
internal import Stores
internal import StoresSQL
internal import Synchronization

/// Hears what other nodes announce, on a connection and a thread of its own, and proves a few times a second that it does.
///
/// The proof is a question that the server answers: a backend handles what was announced before it answers, so that once
/// the answer is here, everything that was committed and answered before the question is here too.
final class ChangeListener: Sendable {
    /// How often it proves itself.
    private static let interval = Duration.milliseconds(300)
    /// For so long a proof holds.
    private static let freshness = Duration.seconds(1)
    /// A server that has not answered for so long is left.
    private static let limit = Duration.seconds(2)

    private struct State {
        var provenAt: ContinuousClock.Instant?
        var waiting: [CheckedContinuation<Void, Never>] = []
        var ended = false
        /// Whether the log knows that nothing is heard.
        var isToldOf = false
    }

    private let settings: PostgreSQLSettings
    private let origin: String
    private let feed: ChangeFeed
    private let random: any RandomSource
    private let logger: Logger
    private let pool: ConnectionPool
    private let state = Mutex(State())
    private let isClosed = Atomic(false)

    init(
        _ settings: PostgreSQLSettings, origin: String, feed: ChangeFeed, pool: ConnectionPool,
        random: any RandomSource, logger: Logger
    ) {
        self.settings = settings
        self.origin = origin
        self.feed = feed
        self.random = random
        self.logger = logger
        self.pool = pool
        BlockingThread.start("loge.pg.listen") { self.work() }
    }

    /// Whether everything that others committed more than a second ago is known here.
    var isHearing: Bool {
        guard !isClosed.load(ordering: .relaxed) else { return false }
        return state.withLock { $0.provenAt.map { ContinuousClock.now - $0 <= Self.freshness } ?? false }
    }

    /// Returns when it hears for the first time, or has failed to.
    func firstTry() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                guard state.provenAt == nil, !state.ended else { return true }
                state.waiting.append(continuation)
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Ends the thread, within a moment.
    func close() { isClosed.store(true, ordering: .relaxed) }

    private func work() {
        var pause = Duration.milliseconds(50)
        while !isClosed.load(ordering: .relaxed) {
            var start = ContinuousClock.now
            do throws(Failure) {
                let limits = Connection.Limits(connect: settings.connectTimeout, statement: Self.limit)
                let connection = try Connection(settings, limits: limits) { [self] in isClosed.load(ordering: .relaxed)
                }
                start = .now
                try connection.command("LISTEN \(ChangeNote.channel)", within: Self.limit)
                // Whatever happened until now was not heard.
                feed.publish([.everything])
                proven(at: start)
                pause = .milliseconds(50)
                try listen(connection)
            } catch {
                failed(error, since: start)
                let longest = UInt32(pause.wholeMilliseconds)
                BlockingThread.sleep(.milliseconds(Int64(longest - random.number(below: longest / 2))))
                pause = min(pause * 2, .seconds(1))
            }
        }
        answer { $0.ended = true }
    }

    private func listen(_ connection: Connection) throws(Failure) {
        while !isClosed.load(ordering: .relaxed) {
            let next = ContinuousClock.now + Self.interval
            while ContinuousClock.now < next, try connection.waitForInput(until: next) { hear(connection) }
            let asked = ContinuousClock.now
            try connection.command("SELECT 1", within: Self.limit)
            hear(connection)
            proven(at: asked)
            feed.catchUp()
        }
    }

    private func hear(_ connection: Connection) {
        for payload in connection.notifications() {
            let note = ChangeNote(payload)
            if note.origin != origin { feed.publish(note.changes) }
        }
    }

    private func proven(at instant: ContinuousClock.Instant) {
        answer { state in
            state.provenAt = instant
            state.isToldOf = false
        }
    }

    private func failed(_ failure: Failure, since start: ContinuousClock.Instant) {
        guard !isClosed.load(ordering: .relaxed) else { return }
        let (since, isNews) = state.withLock { state in
            defer { state.isToldOf = true }
            return (max(state.provenAt ?? start, start), !state.isToldOf)
        }
        if isNews { logger.warning("changes of other nodes are not heard: \(failure.error.reason)") }
        pool.suspect(failure.error, since: since)
        answer { _ in }
    }

    private func answer(_ change: (inout State) -> Void) {
        let waiting = state.withLock { state in
            change(&state)
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
