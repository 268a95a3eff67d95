public import Clocks
public import Cryptography
public import Stores

/// What came of a sign-in.
public enum SignInResult: Sendable, Equatable {
    /// The password was right. `AccountStore.begin` has the last word: a lock may come in between.
    case signedIn(Account)
    /// The secret was the account's live activation code, which is not consumed yet: the first connection follows.
    case firstConnection(Account, ActivationCode)
    /// Unknown login, wrong secret, locked account, expired code: one word for all (ENUM-01).
    case refused
    /// Too many tries: the next one is looked at after that long.
    case wait(Duration)
    /// Too many people at once: come back after that long. Nothing was counted.
    case busy(Duration)
}

/// Signs people in with login and password, or with login and activation code.
///
/// Order, the same for every login whether it exists or not:
/// 1. a secret too long to be one is refused;
/// 2. a try is reserved for the address, then for the login, *before* anything is evaluated (PW-02);
/// 3. the account is looked up;
/// 4. one Argon2id verification, against a decoy when there is no password to verify;
/// 5. success forgets the tries of the login and gives the address its try back.
public struct SignInService: Sendable {
    private let accounts: any AccountStore
    private let attempts: any AttemptStore
    private let hasher: PasswordHasher
    private let policies: AttemptPolicies

    /// A service over these stores.
    public init(
        accounts: any AccountStore, attempts: any AttemptStore, hasher: PasswordHasher,
        policies: AttemptPolicies = AttemptPolicies()
    ) {
        self.accounts = accounts
        self.attempts = attempts
        self.hasher = hasher
        self.policies = policies
    }

    /// Evaluates one try.
    ///
    /// - Parameters:
    ///   - login: as typed.
    ///   - secret: the password, or the activation code of the letter, as typed.
    ///   - address: the range of addresses that the try comes from; `nil` when unknown, which is then not counted.
    /// - Throws: ``StoreError``, ``CryptographyError``.
    public func signIn(
        login typed: String, secret: String, from address: String?, now: Instant
    ) async throws -> SignInResult {
        let password = PasswordText.bytes(secret)
        guard password.count <= PasswordHasher.longestPassword else { return .refused }
        let login = LoginCanonicalizer.login(typed)
        let keys = Keys(login: AttemptKey.login(login, typed: typed), address: address.map(AttemptKey.address))
        if let wait = try await reserve(keys, now: now) { return .wait(wait) }

        let account = if let login { try await accounts.account(login: login) } else { Account?.none }
        let code = ActivationCode(typed: secret)
        do {
            let evaluation = try await evaluate(account, password: password, code: code, now: now)
            guard let account, let evaluation else { return .refused }
            try await settle(keys)
            switch evaluation {
            case .password(let hash):
                return .signedIn(await rehashed(account, password, from: hash))
            case .activationCode(let code): return .firstConnection(account, code)
            }
        } catch PasswordHasherError.busy(let retryAfter) {
            try await attempts.release(keys.login)
            if let address = keys.address { try await attempts.release(address) }
            return .busy(retryAfter)
        } catch PasswordHasherError.tooLong {
            return .refused
        }
    }

    private struct Keys {
        let login: SecretHash
        let address: SecretHash?
    }

    private enum Evidence {
        case password(hash: String)
        case activationCode(ActivationCode)
    }

    /// Counts the try. - Returns: how long to wait when it may not be evaluated.
    private func reserve(_ keys: Keys, now: Instant) async throws -> Duration? {
        guard let address = keys.address else {
            guard case .wait(let wait) = try await attempts.reserve(keys.login, policy: policies.password, now: now)
            else { return nil }
            return wait
        }
        // Both at once: they wait for the disk together. What the other refused is given back.
        async let byLogin = attempts.reserve(keys.login, policy: policies.password, now: now)
        async let byAddress = attempts.reserve(address, policy: policies.address, now: now)
        switch (try await byLogin, try await byAddress) {
        case (.allowed, .allowed): return nil
        case (.wait(let wait), .allowed):
            try await attempts.release(address)
            return wait
        case (.allowed, .wait(let wait)):
            try await attempts.release(keys.login)
            return wait
        case (.wait(let one), .wait(let other)): return max(one, other)
        }
    }

    /// Forgets the tries of the login; gives back one of the address.
    private func settle(_ keys: Keys) async throws {
        async let cleared: Void = attempts.clear(keys.login)
        if let address = keys.address { try await attempts.release(address) }
        try await cleared
    }

    /// One Argon2id verification whatever the account is, and one look at the code whenever the secret has its form.
    private func evaluate(
        _ account: Account?, password: SecretBytes, code: ActivationCode?, now: Instant
    ) async throws -> Evidence? {
        var stored: String?
        if case .active(let record) = account?.stage { stored = record.hash }
        let isPassword = try await hasher.verify(password, against: stored)
        var isCode = false
        if let code {
            // Asked for an account that nobody has when there is none: the same work.
            isCode = try await accounts.isActivationCode(code.hash, of: account?.id ?? AccountID(""), now: now)
        }
        guard let account, account.lock == nil else { return nil }
        switch account.stage {
        case .active(let record): return isPassword ? .password(hash: record.hash) : nil
        case .awaitingActivation: return isCode ? code.map(Evidence.activationCode) : nil
        }
    }

    /// The account with its hash brought to today's cost. Never a reason to refuse somebody who has proved who they are:
    /// what does not work today is done at the next sign-in.
    private func rehashed(_ account: Account, _ password: SecretBytes, from previous: String) async -> Account {
        guard hasher.needsRehash(previous), let hash = try? await hasher.hash(password) else { return account }
        try? await accounts.rehash(account.id, from: previous, to: hash)
        return (try? await accounts.account(id: account.id)) ?? account
    }
}
