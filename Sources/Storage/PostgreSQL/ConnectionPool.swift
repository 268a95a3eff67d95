internal import Clocks
internal import Cryptography
internal import Dispatch
internal import Logging
internal import Stores
internal import Synchronization

/// A bounded number of threads, each with a connection at most, serve the calls in the order in which they came. Nobody
/// waits longer than he was promised, even when every thread is stuck; while the server has been out of reach for two
/// seconds, callers are refused at once and one thread goes on knocking.
final class ConnectionPool: Sendable {
    /// How many calls may wait.
    private static let capacity = 1000
    /// How long a living server takes at most to answer nothing.
    private static let probeLimit = Duration.seconds(1)

    private let settings: PostgreSQLSettings
    private let limits: Connection.Limits
    private let meter: Meter
    private let random: any RandomSource
    private let logger: Logger
    private let state: Mutex<PoolState>
    private let bells: [DispatchSemaphore]
    private let watchBell = DispatchSemaphore(value: 0)
    private let isClosed = Atomic(false)

    init(_ settings: PostgreSQLSettings, meter: Meter, random: any RandomSource, logger: Logger) {
        self.settings = settings
        self.meter = meter
        self.random = random
        self.logger = logger
        limits = Connection.Limits(connect: settings.connectTimeout, statement: settings.statementTimeout)
        state = Mutex(PoolState(seats: settings.connections, endurance: settings.endurance, now: .now))
        bells = (0..<settings.connections).map { _ in DispatchSemaphore(value: 0) }
        for seat in bells.indices { BlockingThread.start("loge.pg.\(seat + 1)") { self.work(seat) } }
        BlockingThread.start("loge.pg.watch") { self.watch() }
    }

    /// Lends a connection to `turn` on a thread of the pool, again after the connection was lost when `turn` says so.
    ///
    /// - Throws: ``StoreError`` `.unavailable` when none came free in time, and what `turn` ended with.
    func perform<Value: Sendable>(
        _ turn: @escaping @Sendable (Connection, Int) -> Turn<Value>
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
            let now = ContinuousClock.now
            submit(
                Job(
                    run: { connection, turns in
                        switch turn(connection, turns) {
                        case .answered(let result): .answered { continuation.resume(with: result) }
                        case .again(let error): .again(error)
                        }
                    },
                    refuse: { continuation.resume(throwing: $0) }, since: now, deadline: now + settings.wait))
        }
    }

    /// Refuses what waits, lets what runs come to its end, and closes every connection.
    func close() async {
        await withCheckedContinuation { continuation in
            change { state, now, _ in
                state.closedAt = state.closedAt ?? now
                state.closers.append(continuation)
                isClosed.store(true, ordering: .relaxed)
            }
            watchBell.signal()
        }
    }

    /// Begins to close without waiting for the end.
    func abandon() {
        change { state, now, _ in
            state.closedAt = state.closedAt ?? now
            isClosed.store(true, ordering: .relaxed)
        }
        watchBell.signal()
    }

    /// Somebody else who talks to the same server heard nothing of it since then. Before anybody is refused for that, the
    /// pool asks the server itself.
    func suspect(_ failure: StoreError, since: ContinuousClock.Instant) {
        change { state, now, _ in
            state.failed(failure, since: max(since, now - state.endurance + Self.probeLimit))
        }
    }

    /// Whether calls are refused at once.
    var isOutOfReach: Bool { state.withLock { $0.isOutOfReach(.now) } }
}

extension ConnectionPool {
    private func submit(_ job: Job) {
        change { state, now, effects in
            state.queue.append(job)
            if state.queue.count > Self.capacity {
                state.queue.removeLast()
                effects.refused.append(
                    (job, state.refusal(now, "\(Self.capacity) calls wait for the database already")))
            }
        }
    }

    /// Changes the state, gives out what is to be done then, and does outside the lock what follows for others.
    private func change(
        _ body: (inout PoolState, ContinuousClock.Instant, inout PoolState.Effects) -> Void
    ) {
        let now = ContinuousClock.now
        var effects = PoolState.Effects()
        let (isEarlier, was, isOut) = state.withLock { state in
            let was = state.isOutOfReach(now)
            body(&state, now, &effects)
            state.expire(now, &effects)
            state.dispatch(now, &effects)
            state.finish(now, lastWait, &effects)
            let isEarlier = state.nextEvent(now, lastWait).map { $0 < state.watchWakesAt } ?? false
            return (isEarlier, was, state.isOutOfReach(now))
        }
        for seat in effects.woken { bells[seat].signal() }
        if isEarlier { watchBell.signal() }
        for (job, error) in effects.refused {
            meter.refused(after: job.since.duration(to: now))
            job.refuse(error)
        }
        for continuation in effects.closed { continuation.resume() }
        if was != isOut { logger.notice("\(isOut ? "the database is out of reach" : "the database is back")") }
    }

    /// How long a closed pool waits for a call that is being served.
    private var lastWait: Duration { limits.answer + .seconds(1) }

    /// Looks after what nobody else would notice: time that passes.
    private func watch() {
        while true {
            let now = ContinuousClock.now
            let next: ContinuousClock.Instant? = state.withLock { state in
                guard state.closedAt == nil || !state.closers.isEmpty else { return nil }
                let next = min(state.nextEvent(now, lastWait) ?? .distantly(now), .distantly(now))
                state.watchWakesAt = next
                return next
            }
            guard let next else { return }
            let nanoseconds = max(0, Int(now.duration(to: next) / .nanoseconds(1))) + 1_000_000
            _ = watchBell.wait(timeout: .now() + .nanoseconds(nanoseconds))
            change { _, _, _ in }
        }
    }

    /// The life of a worker: its connection is a variable of this function and of no other thread.
    private func work(_ seat: Int) {
        var connection: Connection?
        while true {
            bells[seat].wait()
            switch state.withLock({ $0.seats[seat].order.take() }) {
            case .serve(let job): serve(job, seat, &connection)
            case .connect: connect(seat, &connection)
            case .probe: probe(seat, &connection)
            case .leave:
                connection = nil
                change { state, _, _ in state.seats[seat].occupation = .gone }
                return
            case nil: break
            }
        }
    }

    private func serve(_ job: Job, _ seat: Int, _ connection: inout Connection?) {
        guard let current = connection, current.isQuiet else {
            connection = nil
            change { state, _, _ in
                state.putBack(job)
                state.rest(seat, isConnected: false)
            }
            return
        }
        let start = ContinuousClock.now
        if job.turns == 0 { meter.served(after: job.since.duration(to: start)) }
        let ending = job.run(current, job.turns)
        let failure = current.failure
        if !current.isUsable { connection = nil }
        let isConnected = connection != nil
        change { state, now, effects in
            if let failure { state.failed(failure.error, since: now) } else { state.succeeded(now) }
            if case .again(let error) = ending {
                var job = job
                job.turns += 1
                if job.deadline > now, state.closedAt == nil {
                    state.putBack(job)
                } else {
                    effects.refused.append((job, error))
                }
            }
            state.rest(seat, isConnected: isConnected)
        }
        // Last: whoever calls again at once finds this connection free.
        if case .answered(let answer) = ending { answer() }
    }

    private func connect(_ seat: Int, _ connection: inout Connection?) {
        connection = nil
        let start = ContinuousClock.now
        do throws(Failure) {
            connection = try Connection(settings, limits: limits) { [self] in isClosed.load(ordering: .relaxed) }
            meter.connected()
            change { state, now, _ in
                state.succeeded(now)
                state.resetPause(now)
                state.rest(seat, isConnected: true)
            }
        } catch {
            // Told once an outage, not once a try.
            var isNews = false
            change { state, now, _ in
                isNews = state.failingSince == nil
                state.failed(error.error, since: start)
                state.lengthenPause(now, random)
                state.rest(seat, isConnected: false)
            }
            if isNews { logger.warning("no database connection: \(error.error.reason)") }
        }
    }

    private func probe(_ seat: Int, _ connection: inout Connection?) {
        let start = ContinuousClock.now
        var failure: Failure?
        do throws(Failure) {
            try connection?.command("SELECT 1", within: Self.probeLimit)
        } catch {
            failure = error
        }
        if connection?.isUsable != true { connection = nil }
        let isConnected = connection != nil
        change { [failure] state, now, _ in
            if let failure { state.failed(failure.error, since: start) } else { state.succeeded(now) }
            state.rest(seat, isConnected: isConnected)
        }
    }
}

extension PoolState {
    /// A worker is free again.
    fileprivate mutating func rest(_ seat: Int, isConnected: Bool) {
        seats[seat].occupation = .idle
        seats[seat].isConnected = isConnected
        idle.append(seat)
    }
}

extension ContinuousClock.Instant {
    /// When the watch looks even though nothing is due.
    fileprivate static func distantly(_ now: Self) -> Self { now + .seconds(60) }
}
