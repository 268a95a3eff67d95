public import Clocks
public import Cryptography
public import Stores

/// What came of choosing a new password by a mailed link.
public enum NewPasswordResult: Sendable, Equatable {
    /// The password is changed, every session of the account has ended.
    case changed(AccountID)
    /// The password breaks these rules; the link still lives.
    case unsuitable([PasswordRuleFailure])
    /// The link was used, replaced or has expired, or its account is locked.
    case deadLink
    /// Too many people at once: come back after that long. The link still lives.
    case busy(Duration)
}

/// How forgotten passwords are recovered.
public struct RecoverySettings: Sendable {
    /// The name that signs the mails, such as "Mon ENT".
    public let serviceName: String
    /// How long a link lives; PW-04 allows an hour.
    public let linkLife: Duration
    /// The address of the page that a token opens. Built on the *configured* public address, never on what a request says
    /// about itself (CVE-2025-64101, OA-24).
    public let url: @Sendable (_ token: String) -> String

    /// The settings.
    public init(
        serviceName: String, linkLife: Duration = .hours(1), url: @escaping @Sendable (_ token: String) -> String
    ) {
        self.serviceName = serviceName
        self.linkLife = linkLife
        self.url = url
    }
}

/// Forgotten passwords, by a mailed link (PW-04).
///
/// A request ends the same way whatever was typed: no result, the same tries counted, one message written. For a name that
/// leads nowhere, or too many requests, the message is one that is never sent.
public struct RecoveryService: Sendable {
    /// A family shares a mail address; nobody has more accounts than that.
    private static let mostAccounts = 10

    private let accounts: any AccountStore
    private let attempts: any AttemptStore
    private let links: any LinkStore
    private let outbox: any OutboxStore
    private let hasher: PasswordHasher
    private let policies: AttemptPolicies
    private let settings: RecoverySettings
    private let random: any RandomSource

    /// A service over these stores.
    public init(
        stores: StoreSet, hasher: PasswordHasher, policies: AttemptPolicies = AttemptPolicies(),
        settings: RecoverySettings, random: any RandomSource
    ) {
        accounts = stores.accounts
        attempts = stores.attempts
        links = stores.links
        outbox = stores.outbox
        self.hasher = hasher
        self.policies = policies
        self.settings = settings
        self.random = random
    }

    /// Mails a link for each account that `typed` means: a login, or a mail address that several accounts may share.
    ///
    /// - Parameters:
    ///   - typed: as typed.
    ///   - address: the range of addresses that the request comes from; `nil` when unknown.
    /// - Throws: ``StoreError`` when the store cannot answer, whatever was typed.
    public func requestLink(for typed: String, from address: String?, now: Instant) async throws {
        var allowed = true
        if let address {
            let key = AttemptKey.recoveryAddress(address)
            if case .wait = try await attempts.reserve(key, policy: policies.recoveryAddress, now: now) {
                allowed = false
            }
        }
        let found = try await recipients(of: typed)
        // Counted on the mailbox that would be flooded, however it was named; on the name when it leads to none.
        let target = found.first?.mail.description.lowercased() ?? Self.spelling(typed)
        let key = AttemptKey.recovery(target)
        if case .wait = try await attempts.reserve(key, policy: policies.recovery, now: now) { allowed = false }
        guard allowed, !found.isEmpty else { return try await writeDecoy(now: now) }
        for recipient in found { try await issue(to: recipient, now: now) }
    }

    /// Whose password the link would change, while it lives: looking does not use it (MAIL-01).
    public func account(of token: String, now: Instant) async throws -> Account? {
        guard let link = try await links.link(SecretHash(of: token), purpose: .resetPassword, now: now),
            let account = try await accounts.account(id: link.account), Self.isRecoverable(account)
        else { return nil }
        return account
    }

    /// Consumes the link and sets the password.
    ///
    /// - Throws: ``StoreError``, ``CryptographyError``.
    public func choosePassword(
        _ password: String, with token: String, rules: PasswordRules, now: Instant
    ) async throws -> NewPasswordResult {
        // Without a live link no work is done.
        guard let account = try await account(of: token, now: now) else { return .deadLink }
        let failures = rules.failures(of: password, login: account.login, person: account.person)
        guard failures.isEmpty else { return .unsuitable(failures) }
        let hash: String
        do {
            hash = try await hasher.hash(PasswordText.bytes(password))
        } catch PasswordHasherError.busy(let retryAfter) {
            return .busy(retryAfter)
        }
        guard let id = try await links.resetPassword(with: SecretHash(of: token), to: hash, now: now) else {
            return .deadLink
        }
        // Whoever was made to wait by somebody else's guesses comes in again (PW-03).
        try await attempts.clear(AttemptKey.login(account.login, typed: ""))
        return .changed(id)
    }

    private struct Recipient {
        let account: Account
        let mail: MailAddress
    }

    private func recipients(of typed: String) async throws -> [Recipient] {
        // Both questions are asked whatever was typed.
        let login = LoginCanonicalizer.login(typed) ?? Login(canonical: "")
        let mail = MailAddress(typed)?.description ?? ""
        var found: [Account] = []
        if let account = try await accounts.account(login: login) { found.append(account) }
        let sharing = try await accounts.accounts(mail: mail)
        found += sharing.filter { account in !found.contains { $0.id == account.id } }
        return found.filter(Self.isRecoverable).prefix(Self.mostAccounts).compactMap { account in
            account.mail.flatMap(MailAddress.init).map { Recipient(account: account, mail: $0) }
        }
    }

    /// A locked account stays shut, and one that waits for its letter is opened by the letter only.
    private static func isRecoverable(_ account: Account) -> Bool {
        guard account.lock == nil, case .active = account.stage else { return false }
        return true
    }

    private static func spelling(_ typed: String) -> String {
        LoginCanonicalizer.login(typed)?.description ?? "impossible\0" + typed
    }

    private func issue(to recipient: Recipient, now: Instant) async throws {
        let token = random.token(bits: 256)
        let expires = now + settings.linkLife
        let mail = RecoveryMail(
            givenName: recipient.account.person.givenName, login: recipient.account.login,
            service: settings.serviceName, url: settings.url(token), life: settings.linkLife)
        let link = MailedLink(
            token: SecretHash(of: token), account: recipient.account.id, purpose: .resetPassword,
            mail: recipient.mail.description, expiresAt: expires)
        let message = OutboxMessage(
            id: random.token(bits: 128), kind: .mail, recipient: recipient.mail.description, subject: mail.subject,
            body: mail.body, expiresAt: expires)
        try await links.issue(link, message: message, now: now)
    }

    /// The same write as for somebody known. It has expired before it could be sent, and is cleaned away.
    private func writeDecoy(now: Instant) async throws {
        let mail = RecoveryMail(
            givenName: "Personne", login: Login(canonical: "personne"), service: settings.serviceName,
            url: settings.url(random.token(bits: 256)), life: settings.linkLife)
        let message = OutboxMessage(
            id: random.token(bits: 128), kind: .mail, recipient: "nobody@invalid", subject: mail.subject,
            body: mail.body, expiresAt: now)
        try await outbox.enqueue(message, now: now)
    }
}
