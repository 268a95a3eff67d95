public import Clocks

/// What a mailed link is for. A link made for one purpose opens no other.
public enum LinkPurpose: String, Sendable, Hashable, CaseIterable {
    /// Choosing a new password.
    case resetPassword = "reset-password"
    /// Proving a mail address.
    case verifyMail = "verify-mail"
}

/// A link that was mailed: only the hash of its token is held.
public struct MailedLink: Sendable, Hashable {
    /// The hash of the token in the link.
    public let token: SecretHash
    /// Whose account it opens.
    public let account: AccountID
    /// What for.
    public let purpose: LinkPurpose
    /// The address that it was sent to, which it proves.
    public let mail: String
    /// Until when.
    public let expiresAt: Instant

    /// A link.
    public init(token: SecretHash, account: AccountID, purpose: LinkPurpose, mail: String, expiresAt: Instant) {
        self.token = token
        self.account = account
        self.purpose = purpose
        self.mail = mail
        self.expiresAt = expiresAt
    }
}

/// The links that were mailed. One live link an account and purpose: a newer one kills the older.
public protocol LinkStore: Sendable {
    /// Holds the link, kills the earlier one of this account and purpose, and queues the message that carries it, in one
    /// transaction.
    func issue(_ link: MailedLink, message: OutboxMessage, now: Instant) async throws
    /// The live link with this token, unconsumed: looking does not use it (scanners follow links, MAIL-01).
    func link(_ token: SecretHash, purpose: LinkPurpose, now: Instant) async throws -> MailedLink?
    /// Consumes the link and sets the account's password, marks its mail as verified, kills its other links and ends its
    /// sessions, in one transaction that begins with the one conditional statement.
    ///
    /// - Returns: the account, `nil` when the link was used, has expired, is of another purpose, or the account is locked
    ///   or was never activated.
    func resetPassword(with token: SecretHash, to hash: String, now: Instant) async throws -> AccountID?
    /// Consumes the link and marks the address as verified, if the account still has it. - Returns: the account.
    func verifyMail(with token: SecretHash, now: Instant) async throws -> AccountID?
}
