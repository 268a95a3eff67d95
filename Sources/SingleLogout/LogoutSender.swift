public import Clocks
public import Cryptography
public import Logging
public import Messaging
public import ServiceLifecycle
public import Stores
import Synchronization

/// Tells the applications that sessions have ended: takes the due notices under a lease, a bounded number at once and of one
/// application only a few, and tries again what failed. Any number of nodes may run one over the same store.
///
/// An application that does not answer holds up nobody else's notices: it has no more than its ``Settings/share`` of what
/// is under way on all nodes together, and after each failure the rest of its notices waits as long as the one that failed.
public final class LogoutSender: Service {
    /// How much at once, and how often.
    public struct Settings: Sendable {
        /// When to try again; the number of its tries does not count, a notice ends with its time.
        public var retry: RetryPolicy
        /// How many notices are under way at once here.
        public var slots: Int
        /// How many of them for one application, on all nodes together.
        public var share: Int
        /// How often an application may refuse a notice before it is given up.
        public var refusals: Int
        /// How long to wait at most before looking again.
        public var idle: Duration

        /// Settings; the default tries again after seconds at first and after a quarter of an hour at last.
        public init(
            retry: RetryPolicy = RetryPolicy(first: .seconds(4), longest: .minutes(15)), slots: Int = 32,
            share: Int = 8, refusals: Int = 3, idle: Duration = .seconds(2)
        ) {
            self.retry = retry
            self.slots = slots
            self.share = share
            self.refusals = refusals
            self.idle = idle
        }
    }

    /// What became of one try, for metrics.
    public enum Outcome: String, Sendable, CaseIterable {
        /// The application has ended its session.
        case delivered
        /// To be tried again.
        case delayed
        /// Given up.
        case dead
        /// The application has no way to be told.
        case noChannel = "no-channel"
    }

    /// A notice that a crashed sender took is free again after this time: longer than any notifier may take, so that no
    /// notice is ever under way twice.
    public static let lease = Duration.minutes(1)

    private let notices: any LogoutNoticeStore
    private let changes: @Sendable () -> AsyncStream<StoreChange>
    private let notifier: any LogoutNotifier
    private let clock: any WallClock
    private let random: any RandomSource
    private let settings: Settings
    private let observe: @Sendable (Outcome) -> Void
    private let logger: Logger
    private let pings: AsyncStream<Void>
    private let pinger: AsyncStream<Void>.Continuation
    private let counted = Mutex((waiting: 0, dead: 0))
    private let underWay = Mutex(0)

    /// A sender over the notices of `stores`.
    ///
    /// - Parameters:
    ///   - notifier: tells one application.
    ///   - clock: tells what is due.
    ///   - random: spreads the retries.
    ///   - observe: is told of every try.
    ///   - logger: gets a line for each try, without a token and without anybody's name.
    public init(
        stores: StoreSet, notifier: any LogoutNotifier, clock: any WallClock, random: any RandomSource,
        settings: Settings = Settings(), observe: @escaping @Sendable (Outcome) -> Void = { _ in }, logger: Logger
    ) {
        notices = stores.logoutNotices
        changes = stores.changes
        self.notifier = notifier
        self.clock = clock
        self.random = random
        self.settings = settings
        self.observe = observe
        self.logger = logger
        (pings, pinger) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// How many notices waited and how many were given up, on all nodes together, at the last look.
    public var counts: (waiting: Int, dead: Int) { counted.withLock { $0 } }

    /// Tells until the process shuts down; what is under way then is finished first.
    public func run() async throws {
        pinger.yield()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    if let counts = try? await self.notices.counts() { self.counted.withLock { $0 = counts } }
                    try? await Task.sleep(for: self.settings.idle)
                    self.pinger.yield()
                }
            }
            group.addTask { [pinger, changes] in
                // A session that ends, here or on another node, is looked after at once.
                for await change in changes() {
                    switch change {
                    case .session, .everything: pinger.yield()
                    case .account, .keys, .relyingParties: break
                    }
                }
            }
            await work()
            group.cancelAll()
        }
    }

    /// Tells the applications of everything that is due, until nothing is.
    public func deliverDue() async {
        await withTaskGroup(of: Void.self) { group in
            var free = settings.slots
            while true {
                let taken = await take(free)
                free -= taken.count
                for notice in taken { group.addTask { await self.deliver(notice) } }
                guard free < settings.slots else { return }
                await group.next()
                free += 1
            }
        }
    }

    /// Starts what is due whenever somebody says so or a place came free; never waits for what is under way.
    private func work() async {
        await withDiscardingTaskGroup { group in
            for await _ in pings.cancelOnGracefulShutdown() {
                // Places that come free while we are here call us again.
                let free = settings.slots - underWay.withLock { $0 }
                guard free > 0 else { continue }
                let taken = await take(free)
                underWay.withLock { $0 += taken.count }
                for notice in taken {
                    group.addTask {
                        await self.deliver(notice)
                        self.underWay.withLock { $0 -= 1 }
                        self.pinger.yield()
                    }
                }
            }
        }
    }

    private func take(_ limit: Int) async -> [LogoutNotice] {
        do {
            return try await notices.take(
                limit: limit, share: settings.share, lease: Self.lease, now: clock.now())
        } catch {
            logger.error(
                "the notices of ended sessions cannot be read: \(error)", metadata: ["event": "logout.failed"])
            return []
        }
    }

    private func deliver(_ notice: LogoutNotice) async {
        var log = logger
        log[metadataKey: "client"] = "\(notice.client)"
        log[metadataKey: "session"] = "\(Self.shortHash(notice.session))"
        log[metadataKey: "try"] = "\(notice.tries)"
        let answer = await notifier.tell(notice)
        do {
            switch answer {
            case .closed:
                try await notices.ended(notice, as: .delivered, now: clock.now())
                observe(.delivered)
                log.info("the application ended its session", metadata: ["event": "logout.delivered"])
            case .noChannel:
                try await notices.ended(notice, as: .noChannel, now: clock.now())
                observe(.noChannel)
                log.debug("the application cannot be told", metadata: ["event": "logout.no-channel"])
            case .failed(let failure): try await failed(notice, failure, log)
            }
        } catch {
            // The lease ends by itself: the application is told again, which changes nothing there.
            log.error("a notice cannot be written: \(error)", metadata: ["event": "logout.failed"])
        }
    }

    private func failed(_ notice: LogoutNotice, _ failure: LogoutFailure, _ logger: Logger) async throws {
        let now = clock.now()
        let retryAt = retryTime(notice, failure, now: now)
        try await notices.failed(notice, reason: failure.reason, retryAt: retryAt, now: now)
        var log = logger
        log[metadataKey: "reason"] = "\(failure.reason)"
        guard let retryAt else {
            observe(.dead)
            log.error("the application was not told: given up", metadata: ["event": "logout.dead"])
            return
        }
        if failure.hope == .notNow { try await notices.postpone(notice.client, until: retryAt, now: now) }
        observe(.delayed)
        log[metadataKey: "again"] = "\(retryAt.rfc3339)"
        log.notice("the application was not told, to be tried again", metadata: ["event": "logout.delayed"])
    }

    /// When to try again; `nil` when no try can help, it refused too often, or it would come too late.
    private func retryTime(_ notice: LogoutNotice, _ failure: LogoutFailure, now: Instant) -> Instant? {
        switch failure.hope {
        case .never: return nil
        case .refused where notice.tries >= settings.refusals: return nil
        case .refused, .notNow: break
        }
        let time = now + settings.retry.delay(after: notice.tries, random: random)
        return time < notice.expiresAt ? time : nil
    }

    /// Enough to follow one session through a log.
    private static func shortHash(_ session: SessionID) -> String {
        Base64URL.encode(SHA256.hash("session:" + session.description).prefix(6))
    }
}
