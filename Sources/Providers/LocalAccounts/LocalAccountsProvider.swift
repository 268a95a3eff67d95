public import Accounts
public import Clocks
public import Cryptography
public import Hummingbird
public import SignOn
public import SignOnHTTP
public import Stores
public import Web

/// The addresses of the local accounts.
public enum LocalAccountsRoutes {
    /// Signing in with a password or an activation code.
    public static let signIn = Route("/compte/connexion")
    /// The first connection, and whatever else stands between a person and the application.
    public static let firstConnection = Route("/compte/premiere-connexion")
    /// Asking for a link to choose a new password.
    public static let forgotten = Route("/compte/mot-de-passe-oublie")
    /// Choosing it.
    public static let newPassword = Route("/compte/nouveau-mot-de-passe")
}

/// The portal's own accounts as a provider: it turns a person's proof into an ``Identification`` and knows nothing of
/// applications.
public struct LocalAccountsProvider: Sendable {
    /// What this browser remembers of the way to a door, in a sentence, and where to change it.
    public typealias Remembered =
        @Sendable (_ request: Request, _ texts: Texts, _ door: DoorID, _ state: String) -> (
            sentence: String, changeURL: String
        )?

    let exchange: SignOnExchange
    let accounts: any AccountStore
    let signIns: SignInService
    let activations: ActivationService
    let recovery: RecoveryService
    let hasher: PasswordHasher
    let rules: FirstConnectionRules
    let obligations: ObligationRules
    let parties: @Sendable (SignOnRequest) -> RelyingParty?
    let remembered: Remembered
    let addresses: ClientAddress
    let clock: any WallClock
    let pages: Pages

    /// A provider over the account services.
    ///
    /// - Parameters:
    ///   - parties: the application behind a request, as it is registered now.
    ///   - remembered: what the portal remembered to lead here.
    public init(
        exchange: SignOnExchange, accounts: any AccountStore, signIns: SignInService, activations: ActivationService,
        recovery: RecoveryService, hasher: PasswordHasher, rules: FirstConnectionRules,
        parties: @escaping @Sendable (SignOnRequest) -> RelyingParty?, remembered: @escaping Remembered,
        addresses: ClientAddress, clock: any WallClock, pages: Pages
    ) {
        self.exchange = exchange
        self.accounts = accounts
        self.signIns = signIns
        self.activations = activations
        self.recovery = recovery
        self.hasher = hasher
        self.rules = rules
        obligations = ObligationRules(requiresMail: rules.mailRequired, charterVersion: rules.charterVersion)
        self.parties = parties
        self.remembered = remembered
        self.addresses = addresses
        self.clock = clock
        self.pages = pages
    }
}
