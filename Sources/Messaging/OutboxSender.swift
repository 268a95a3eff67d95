public import Clocks
public import Cryptography
public import Logging
public import ServiceLifecycle
public import Stores

/// Empties the outbox: takes due messages in small batches under a lease, hands each to its gateway, and queues what
/// failed again or makes it a dead letter. Any number of nodes may run one over the same store.
public final class OutboxSender: Service {
    private let outbox: any OutboxStore
    private let mail: (any MailGateway)?
    private let sms: (any SMSGateway)?
    private let clock: any WallClock
    private let random: any RandomSource
    private let retry: RetryPolicy
    private let batch: Int
    private let idle: Duration
    private let logger: Logger
    private let pings: AsyncStream<Void>
    private let pinger: AsyncStream<Void>.Continuation

    /// A message that a crashed sender took is free again after this time: longer than any gateway may take.
    static let lease = Duration.minutes(5)

    /// A sender.
    ///
    /// - Parameters:
    ///   - outbox: the messages.
    ///   - mail: takes the mails; without one, each becomes a dead letter.
    ///   - sms: takes the text messages; without one, each becomes a dead letter.
    ///   - clock: tells what is due.
    ///   - random: spreads the retries.
    ///   - retry: when to try again.
    ///   - batch: how many messages travel at once.
    ///   - idle: how long to wait at most before looking again, in case nobody called ``wake()``.
    ///   - logger: gets one line per message, with a short hash of its recipient.
    public init(
        outbox: any OutboxStore, mail: (any MailGateway)?, sms: (any SMSGateway)? = nil, clock: any WallClock,
        random: any RandomSource, retry: RetryPolicy = RetryPolicy(), batch: Int = 8, idle: Duration = .seconds(5),
        logger: Logger
    ) {
        self.outbox = outbox
        self.mail = mail
        self.sms = sms
        self.clock = clock
        self.random = random
        self.retry = retry
        self.batch = batch
        self.idle = idle
        self.logger = logger
        (pings, pinger) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Says that something was queued: the sender looks at once. Costs nothing and never waits.
    public func wake() { pinger.yield() }

    /// Sends until the process shuts down; what is on its way then is finished first.
    public func run() async throws {
        wake()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [pinger, idle] in
                while !Task.isCancelled {
                    try? await Task.sleep(for: idle)
                    pinger.yield()
                }
            }
            for await _ in pings.cancelOnGracefulShutdown() {
                // A batch that is full says that more may wait.
                while await deliverDue() == batch, !Task.isShuttingDownGracefully, !Task.isCancelled {}
            }
            group.cancelAll()
        }
    }

    /// Hands over one batch of the messages that are due.
    ///
    /// - Returns: how many were taken, whatever became of them.
    @discardableResult
    public func deliverDue() async -> Int {
        let taken: [OutboxMessage]
        do {
            taken = try await outbox.take(limit: batch, lease: Self.lease, now: clock.now())
        } catch {
            logger.error("the outbox cannot be read", metadata: ["error": "\(error)"])
            return 0
        }
        await withTaskGroup(of: Void.self) { group in
            for message in taken {
                group.addTask { await self.deliver(message) }
            }
        }
        return taken.count
    }

    private func deliver(_ message: OutboxMessage) async {
        var log = logger
        log[metadataKey: "message_id"] = "\(message.id)"
        log[metadataKey: "kind"] = "\(message.kind.rawValue)"
        log[metadataKey: "try"] = "\(message.tries)"
        log[metadataKey: "recipient"] = "\(Self.shortHash(message.recipient))"
        do {
            do {
                try await handOver(message)
                try await outbox.sent(message.id, now: clock.now())
                log.info("message handed over")
            } catch let error as DeliveryError {
                let retryAt = retryTime(message, error)
                try await outbox.failed(message.id, reason: error.reason, retryAt: retryAt)
                log[metadataKey: "reason"] = "\(error.reason)"
                if let retryAt {
                    log[metadataKey: "again"] = "\(retryAt.rfc3339)"
                    log.notice("message not handed over, to be tried again")
                } else {
                    log.error("message given up")
                }
            }
        } catch {
            // The lease ends by itself: the message is tried again, at worst a second copy arrives.
            log.error("the outbox cannot be written", metadata: ["error": "\(error)"])
        }
    }

    private func handOver(_ message: OutboxMessage) async throws(DeliveryError) {
        switch message.kind {
        case .mail:
            guard let mail else { throw DeliveryError(.noGateway, "no mail server is configured") }
            guard let recipient = Mailbox(message.recipient) else {
                throw DeliveryError(.unsendable, "the recipient is no mail address")
            }
            try await mail.send(
                Mail(id: message.id, recipient: recipient, subject: message.subject ?? "", body: message.body))
        case .sms:
            guard let sms else { throw DeliveryError(.noGateway, "no SMS gateway is configured") }
            try await sms.send(TextMessage(id: message.id, number: message.recipient, body: message.body))
        }
    }

    /// When to try again; `nil` for a dead letter: no try can help, too many were made, or it would come too late.
    private func retryTime(_ message: OutboxMessage, _ error: DeliveryError) -> Instant? {
        guard error.isTemporary, message.tries < retry.limit else { return nil }
        let time = clock.now() + retry.delay(after: message.tries, random: random)
        return time < message.expiresAt ? time : nil
    }

    /// Enough to follow one recipient through a log, and no address in it.
    private static func shortHash(_ recipient: String) -> String {
        Base64URL.encode(SHA256.hash("recipient:" + recipient).prefix(6))
    }
}
