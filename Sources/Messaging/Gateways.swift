/// One mail to one person.
public struct Mail: Sendable, Hashable {
    /// Its key: two tries of one mail have the same, and so the same `Message-ID`.
    public let id: String
    /// Whom it goes to.
    public let recipient: Mailbox
    /// The subject, in plain text.
    public let subject: String
    /// The text, in plain text with `\n` between lines.
    public let body: String

    /// A mail.
    public init(id: String, recipient: Mailbox, subject: String, body: String) {
        self.id = id
        self.recipient = recipient
        self.subject = subject
        self.body = body
    }
}

/// Hands mails over to whoever delivers them.
public protocol MailGateway: Sendable {
    /// Hands `mail` over. Returning means that the other side has taken the responsibility (SMTP 250).
    ///
    /// - Throws: ``DeliveryError``.
    func send(_ mail: Mail) async throws(DeliveryError)
}

/// One text message to one mobile.
public struct TextMessage: Sendable, Hashable {
    /// Its key: two tries of one message have the same.
    public let id: String
    /// The number, in E.164 form.
    public let number: String
    /// The text.
    public let body: String

    /// A text message.
    public init(id: String, number: String, body: String) {
        self.id = id
        self.number = number
        self.body = body
    }
}

/// Hands text messages over to an operator. No gateway exists yet: without one, a queued text message becomes a dead
/// letter that says so.
public protocol SMSGateway: Sendable {
    /// Hands `message` over.
    ///
    /// - Throws: ``DeliveryError``.
    func send(_ message: TextMessage) async throws(DeliveryError)
}
