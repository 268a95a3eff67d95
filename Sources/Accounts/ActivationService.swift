public import Clocks
public import Cryptography
public import Stores

/// What a school asks at the first connection.
public struct FirstConnectionRules: Sendable, Hashable {
    /// What the password has to be.
    public var password: PasswordRules
    /// Whether a mail address must be given.
    public var mailRequired: Bool
    /// The charter to accept; `nil` when there is none.
    public var charterVersion: Int?

    /// What is asked.
    public init(password: PasswordRules = PasswordRules(), mailRequired: Bool = false, charterVersion: Int? = nil) {
        self.password = password
        self.mailRequired = mailRequired
        self.charterVersion = charterVersion
    }
}

/// What a person filled in at the first connection, as typed.
public struct FirstConnectionForm: Sendable {
    /// The password chosen.
    public let password: String
    /// The mail address; blank when none is given.
    public let mail: String
    /// The mobile number; blank when none is given.
    public let mobile: String
    /// The version of the charter that was on the page when the box was ticked; `nil` when it was not ticked.
    public let acceptedCharter: Int?

    /// What was filled in.
    public init(password: String, mail: String = "", mobile: String = "", acceptedCharter: Int? = nil) {
        self.password = password
        self.mail = mail
        self.mobile = mobile
        self.acceptedCharter = acceptedCharter
    }
}

/// What is wrong with a form of the first connection.
public enum FirstConnectionFailure: Sendable, Hashable {
    /// The password breaks a rule.
    case password(PasswordRuleFailure)
    /// A mail address is wanted and none was given.
    case mailMissing
    /// What was given is no mail address.
    case mailMalformed
    /// What was given is no mobile number.
    case mobileMalformed
    /// The charter, or its present version, was not accepted.
    case charterNotAccepted
}

/// What came of a first connection.
public enum ActivationResult: Sendable, Equatable {
    /// The account is active, and this is it.
    case activated(Account)
    /// The form is to be corrected; the code still lives.
    case invalid([FirstConnectionFailure])
    /// The code is not the account's, was used or has expired, or the account is locked.
    case refused
    /// Too many people at once: come back after that long.
    case busy(Duration)
}

/// The first connection: the code of the letter is exchanged, once, for a password that the person chooses (ACT-01).
public struct ActivationService: Sendable {
    private let accounts: any AccountStore
    private let hasher: PasswordHasher

    /// A service over this store.
    public init(accounts: any AccountStore, hasher: PasswordHasher) {
        self.accounts = accounts
        self.hasher = hasher
    }

    /// What is wrong with the form, for this account; empty when nothing is.
    public func failures(
        of form: FirstConnectionForm, for account: Account, with code: ActivationCode, rules: FirstConnectionRules
    ) -> [FirstConnectionFailure] {
        var failures = rules.password.failures(of: form.password, login: account.login, person: account.person)
            .map(FirstConnectionFailure.password)
        if form.mail.allSatisfy(\.isWhitespace) {
            if rules.mailRequired { failures.append(.mailMissing) }
        } else if MailAddress(form.mail) == nil {
            failures.append(.mailMalformed)
        }
        if !form.mobile.allSatisfy(\.isWhitespace), MobileNumber(form.mobile) == nil {
            failures.append(.mobileMalformed)
        }
        if let version = rules.charterVersion, form.acceptedCharter != version { failures.append(.charterNotAccepted) }
        // The code itself never becomes the password (ASVS 6.4.1): it is printed on paper.
        if ActivationCode(typed: form.password) == code { failures.append(.password(.isActivationCode)) }
        return failures
    }

    /// Makes the account active with what the form says.
    ///
    /// - Throws: ``StoreError``, ``CryptographyError``.
    public func activate(
        _ id: AccountID, with code: ActivationCode, _ form: FirstConnectionForm, rules: FirstConnectionRules,
        now: Instant
    ) async throws -> ActivationResult {
        // Without a live code no work is done, and nothing is said about the form.
        guard let account = try await accounts.account(id: id),
            try await accounts.isActivationCode(code.hash, of: id, now: now)
        else { return .refused }
        let failures = failures(of: form, for: account, with: code, rules: rules)
        guard failures.isEmpty else { return .invalid(failures) }
        let hash: String
        do {
            hash = try await hasher.hash(PasswordText.bytes(form.password))
        } catch PasswordHasherError.busy(let retryAfter) {
            return .busy(retryAfter)
        }
        let activation = Activation(
            passwordHash: hash, mail: MailAddress(form.mail)?.description,
            mobile: MobileNumber(form.mobile)?.description, charterVersion: rules.charterVersion)
        guard try await accounts.activate(id, with: code.hash, activation, now: now),
            let activated = try await accounts.account(id: id)
        else { return .refused }
        return .activated(activated)
    }
}
