public import Clocks
public import Stores

/// How many tries each thing allows.
public struct AttemptPolicies: Sendable, Hashable {
    /// Passwords and activation codes for one login. CNIL 2022-100: at most 25 in 24 hours, with growing pauses.
    public var password: AttemptPolicy
    /// Failed sign-ins from one address: roomy, because a school is one address.
    public var address: AttemptPolicy
    /// Forgotten-password mails to one address or for one unknown name.
    public var recovery: AttemptPolicy
    /// Forgotten-password requests from one address.
    public var recoveryAddress: AttemptPolicy

    /// The policies; each default is what production should begin with.
    public init(
        password: AttemptPolicy = AttemptPolicy(
            free: 5, firstPause: .seconds(60), longestPause: .minutes(15), daily: 25),
        address: AttemptPolicy = AttemptPolicy(
            free: 100, firstPause: .seconds(1), longestPause: .seconds(30), daily: 400, window: .hours(1)),
        recovery: AttemptPolicy = AttemptPolicy(
            free: 5, firstPause: .minutes(5), longestPause: .hours(1), daily: 10),
        recoveryAddress: AttemptPolicy = AttemptPolicy(
            free: 50, firstPause: .seconds(5), longestPause: .minutes(5), daily: 200, window: .hours(1))
    ) {
        self.password = password
        self.address = address
        self.recovery = recovery
        self.recoveryAddress = recoveryAddress
    }
}

/// What tries are counted under. Each kind has keys of its own, and only their hashes are stored.
enum AttemptKey {
    /// Passwords and activation codes for what was typed as the login.
    static func login(_ login: Login?, typed: String) -> SecretHash {
        // A login that nobody can have is counted like any other, else the difference would tell.
        SecretHash(of: "login\0" + (login?.description ?? "impossible\0" + typed))
    }

    /// Sign-ins from an address.
    static func address(_ address: String) -> SecretHash { SecretHash(of: "address\0" + address) }

    /// Forgotten-password mails to a mail address, or for a name that leads to none.
    static func recovery(_ target: String) -> SecretHash { SecretHash(of: "recovery\0" + target) }

    /// Forgotten-password requests from an address.
    static func recoveryAddress(_ address: String) -> SecretHash { SecretHash(of: "recovery-address\0" + address) }
}
