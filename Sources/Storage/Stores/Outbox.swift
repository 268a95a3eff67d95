public import Clocks

/// How a message travels.
public enum MessageKind: String, Sendable, Hashable {
    /// Mail, over SMTP.
    case mail
    /// Text message to a mobile, over an HTTP gateway.
    case sms
}

/// A message to be sent once.
public struct OutboxMessage: Sendable, Hashable {
    /// Its key, random.
    public let id: String
    /// How it travels.
    public let kind: MessageKind
    /// The address or number.
    public let recipient: String
    /// The subject of a mail.
    public let subject: String?
    /// The plain text.
    public let body: String
    /// When sending it makes no sense any more (its code has expired).
    public let expiresAt: Instant
    /// How many times a sender has taken it, this time included; 0 when it is queued.
    public let tries: Int

    /// A message.
    public init(
        id: String, kind: MessageKind, recipient: String, subject: String?, body: String, expiresAt: Instant,
        tries: Int = 0
    ) {
        self.id = id
        self.kind = kind
        self.recipient = recipient
        self.subject = subject
        self.body = body
        self.expiresAt = expiresAt
        self.tries = tries
    }
}

/// The messages waiting to be sent: durable, taken by one sender at a time.
public protocol OutboxStore: Sendable {
    /// Queues the message.
    func enqueue(_ message: OutboxMessage, now: Instant) async throws
    /// Takes up to `limit` messages that are due and hides them from other senders until `now + lease`; their
    /// `tries` counts this one.
    func take(limit: Int, lease: Duration, now: Instant) async throws -> [OutboxMessage]
    /// The message was handed over: its text is forgotten.
    func sent(_ id: String, now: Instant) async throws
    /// It could not be handed over. `retryAt` `nil` makes it a dead letter.
    func failed(_ id: String, reason: String, retryAt: Instant?) async throws
    /// How many wait, and how many are dead letters.
    func counts(now: Instant) async throws -> (waiting: Int, dead: Int)
}
