public import Accounts
import Clocks
public import Cryptography
import Keyring
public import OpenIDConnectIssuer
import Settings
public import SignOn
public import SingleLogout
public import Web

/// What the portal is told: one section of the configuration each.
public struct PortalConfiguration: Sendable {
    /// The portal on the web.
    public let site: RoleSite
    /// The doors.
    public let plan: PortalPlan
    /// Where the clients' files are.
    public let relyingParties: RelyingPartySource
    /// What is asked at the first connection.
    public let firstConnection: FirstConnectionRules
    /// How many tries are free.
    public let attempts: AttemptPolicies
    /// How long sessions last.
    public let sessions: SessionLifetimes
    /// How long what the issuer hands out lives.
    public let tokens: OpenIDLifetimes
    /// How many failed authentications of one application from one place are free in a minute (OA-15).
    public let failedClientAuthentications: Int
    /// The proxies in front of us.
    public let trustedProxies: Set<String>
    /// What hashing a password costs.
    public let passwordCost: Argon2id.Cost
    /// How applications are told that sessions have ended.
    public let logouts: LogoutSender.Settings
    /// The name that signs mails.
    public let serviceName: String
    /// The operator's own theme.
    public let theme: String?

    /// A configuration.
    public init(
        site: RoleSite, plan: PortalPlan, relyingParties: RelyingPartySource, firstConnection: FirstConnectionRules,
        attempts: AttemptPolicies = AttemptPolicies(), sessions: SessionLifetimes = SessionLifetimes(),
        tokens: OpenIDLifetimes = OpenIDLifetimes(), failedClientAuthentications: Int = 30,
        trustedProxies: Set<String> = [], passwordCost: Argon2id.Cost = Argon2id.Cost(),
        logouts: LogoutSender.Settings = LogoutSender.Settings(), serviceName: String, theme: String? = nil
    ) {
        self.site = site
        self.plan = plan
        self.relyingParties = relyingParties
        self.firstConnection = firstConnection
        self.attempts = attempts
        self.sessions = sessions
        self.tokens = tokens
        self.failedClientAuthentications = failedClientAuthentications
        self.trustedProxies = trustedProxies
        self.passwordCost = passwordCost
        self.logouts = logouts
        self.serviceName = serviceName
        self.theme = theme
    }
}
