internal import Cryptography
internal import Stores

/// A call that waits for a connection, or has one.
struct Job: Sendable {
    /// How a turn on a connection ended.
    enum Ending: Sendable {
        /// The caller is answered by calling this.
        case answered(@Sendable () -> Void)
        /// Nothing was carried out: the same again on another connection.
        case again(StoreError)
    }

    /// Runs one turn; the second argument counts the earlier ones.
    let run: @Sendable (Connection, Int) -> Ending
    /// Answers the caller with an error.
    let refuse: @Sendable (StoreError) -> Void
    /// When it began to wait.
    let since: ContinuousClock.Instant
    /// When it is refused.
    let deadline: ContinuousClock.Instant
    /// How many turns it has had.
    var turns = 0
}

/// Who does what, and since when the server does not answer. A value: what follows from it for others (threads to be woken,
/// callers to be answered) is collected in ``Effects`` and done after the lock is released.
struct PoolState {
    /// What a worker is told to do next.
    enum Order {
        case serve(Job)
        case connect
        case probe
        case leave
    }

    /// What a worker does.
    enum Occupation {
        case idle
        case serving
        case connecting
        case probing
        case leaving
        case gone
    }

    struct Seat {
        var occupation = Occupation.idle
        var isConnected = false
        var order: Order?
    }

    struct Effects {
        var woken: [Int] = []
        var refused: [(Job, StoreError)] = []
        var closed: [CheckedContinuation<Void, Never>] = []
    }

    /// For so long an outage is waited out; then calls are refused at once.
    let endurance: Duration
    /// Jobs that wait, in the order of their deadlines, which is the order in which they came.
    var queue: ArraySlice<Job> = []
    var seats: [Seat]
    /// Idle workers; the last to become idle is the first to be asked, so that few connections do the work of a quiet hour.
    var idle: [Int]
    /// Since when nobody has had an answer of the server; `nil` while all is well.
    var failingSince: ContinuousClock.Instant?
    private var succeededAt: ContinuousClock.Instant
    private var lastFailure: StoreError?
    /// No connection is opened, and the server is not probed, before that.
    var nextAttempt: ContinuousClock.Instant
    private var pause = Duration.zero
    var closedAt: ContinuousClock.Instant?
    var closers: [CheckedContinuation<Void, Never>] = []
    /// When the watch looks next by itself.
    var watchWakesAt: ContinuousClock.Instant

    init(seats count: Int, endurance: Duration, now: ContinuousClock.Instant) {
        self.endurance = endurance
        seats = Array(repeating: Seat(), count: count)
        idle = Array((0..<count).reversed())
        succeededAt = now
        nextAttempt = now
        watchWakesAt = now
    }
}

extension PoolState {
    /// How long a closed pool waits for threads that only wait for the server themselves.
    private static let farewell = Duration.milliseconds(500)

    /// Whether calls are refused at once.
    func isOutOfReach(_ now: ContinuousClock.Instant) -> Bool {
        failingSince.map { now - $0 > endurance } ?? false
    }

    /// Why a call is refused.
    func refusal(_ now: ContinuousClock.Instant, _ reason: String) -> StoreError {
        guard closedAt == nil else { return StoreError(.unavailable, "the database is closed") }
        guard let failure = lastFailure else { return StoreError(.unavailable, reason) }
        return StoreError(.unavailable, "\(reason); the last failure was: \(failure.reason)")
    }

    /// The server answered.
    mutating func succeeded(_ now: ContinuousClock.Instant) {
        failingSince = nil
        succeededAt = now
    }

    /// The server did not answer, or a connection broke. That may have begun a while ago, but not before it answered
    /// somebody else.
    mutating func failed(_ failure: StoreError, since: ContinuousClock.Instant) {
        failingSince = failingSince ?? max(since, succeededAt)
        lastFailure = failure
    }

    /// A connection was opened: the next one may be at once.
    mutating func resetPause(_ now: ContinuousClock.Instant) {
        pause = .zero
        nextAttempt = now
        lastFailure = nil
    }

    /// The next attempt comes later: 50 ms, doubled each time up to a second, up to a half of it less by chance.
    mutating func lengthenPause(_ now: ContinuousClock.Instant, _ random: some RandomSource) {
        pause = min(max(pause * 2, .milliseconds(50)), .seconds(1))
        let milliseconds = UInt32(pause / .milliseconds(1))
        nextAttempt = now + .milliseconds(Int64(milliseconds - random.number(below: milliseconds / 2)))
    }

    /// Gives everybody who is idle something to do, if there is.
    mutating func dispatch(_ now: ContinuousClock.Instant, _ effects: inout Effects) {
        if closedAt != nil {
            refuseAll("", now, &effects)
            while let seat = idle.popLast() { order(.leave, seat, .leaving, &effects) }
            return
        }
        if isOutOfReach(now) { refuseAll("the database is out of reach", now, &effects) }
        while let job = queue.first, let seat = takeIdle({ $0.isConnected }) {
            queue.removeFirst()
            order(.serve(job), seat, .serving, &effects)
        }
        guard now >= nextAttempt else { return }
        // One at a time tries while the server does not answer.
        let attempts = seats.count { $0.occupation == .connecting || $0.occupation == .probing }
        var wanted = max(0, queue.count - attempts)
        if failingSince != nil { wanted = attempts > 0 ? 0 : min(wanted, 1) }
        while wanted > 0, let seat = takeIdle({ !$0.isConnected }) {
            order(.connect, seat, .connecting, &effects)
            wanted -= 1
        }
        guard failingSince != nil, !seats.contains(where: { $0.occupation == .connecting || $0.occupation == .probing })
        else { return }
        if let seat = takeIdle({ $0.isConnected }) {
            order(.probe, seat, .probing, &effects)
        } else if let seat = takeIdle({ _ in true }) {
            order(.connect, seat, .connecting, &effects)
        }
    }

    /// Takes a job back that could not be carried out, to the place that it had.
    mutating func putBack(_ job: Job) {
        queue.insert(job, at: queue.firstIndex { $0.deadline > job.deadline } ?? queue.endIndex)
    }

    /// Refuses the jobs that have waited long enough.
    mutating func expire(_ now: ContinuousClock.Instant, _ effects: inout Effects) {
        while let job = queue.first, job.deadline <= now {
            queue.removeFirst()
            effects.refused.append((job, refusal(now, "no database connection came free in time")))
        }
    }

    /// Refuses every job that waits.
    mutating func refuseAll(_ reason: String, _ now: ContinuousClock.Instant, _ effects: inout Effects) {
        let error = refusal(now, reason)
        effects.refused += queue.map { ($0, error) }
        queue = []
    }

    /// When something is due that nobody else will remember.
    ///
    /// - Parameter limit: how long a closed pool waits for calls that are being served.
    func nextEvent(_ now: ContinuousClock.Instant, _ limit: Duration) -> ContinuousClock.Instant? {
        var events: [ContinuousClock.Instant] = []
        if let first = queue.first { events.append(first.deadline) }
        if let closedAt, !closers.isEmpty { events += [closedAt + Self.farewell, closedAt + limit] }
        if !queue.isEmpty || failingSince != nil { events.append(nextAttempt) }
        if let failingSince, !queue.isEmpty { events.append(failingSince + endurance + .milliseconds(1)) }
        return events.filter { $0 > now }.min()
    }

    /// Answers those who wait for the end, once everybody has left or has had the time to.
    mutating func finish(_ now: ContinuousClock.Instant, _ limit: Duration, _ effects: inout Effects) {
        guard let closedAt else { return }
        let isBusy = seats.contains { $0.occupation == .serving || $0.occupation == .leaving }
        let isOver = seats.allSatisfy { $0.occupation == .gone }
        guard isOver || now - closedAt >= limit || (!isBusy && now - closedAt >= Self.farewell) else { return }
        effects.closed += closers
        closers = []
    }

    private mutating func takeIdle(_ condition: (Seat) -> Bool) -> Int? {
        guard let place = idle.lastIndex(where: { condition(seats[$0]) }) else { return nil }
        return idle.remove(at: place)
    }

    private mutating func order(_ order: Order, _ seat: Int, _ occupation: Occupation, _ effects: inout Effects) {
        seats[seat].occupation = occupation
        seats[seat].order = order
        effects.woken.append(seat)
    }
}
