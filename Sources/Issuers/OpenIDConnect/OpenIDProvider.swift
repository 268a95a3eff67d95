public import Clocks
public import Cryptography
public import Keyring
public import SignOn
public import SignOnHTTP
public import Stores
public import Web

/// The addresses of the issuer.
public enum OpenIDRoutes {
    /// OpenID Connect Discovery §4.
    public static let discovery = Route("/.well-known/openid-configuration")
    /// RFC 8414 §3: the same document.
    public static let authorizationServer = Route("/.well-known/oauth-authorization-server")
    /// OpenID Connect Core §3.1.2.
    public static let authorize = Route("/oidc/authorize")
    /// Where a sign-on comes back to once the person is known.
    public static let resume = Route("/oidc/authorize/resume")
    /// OpenID Connect Core §3.1.3.
    public static let token = Route("/oidc/token")
    /// RFC 9126.
    public static let push = Route("/oidc/par")
    /// RFC 7662.
    public static let introspect = Route("/oidc/introspect")
    /// RFC 7009.
    public static let revoke = Route("/oidc/revoke")
    /// OpenID Connect Core §5.3.
    public static let userInfo = Route("/oidc/userinfo")
    /// RFC 7517.
    public static let jwks = Route("/oidc/jwks")
    /// OpenID Connect RP-Initiated Logout §2.
    public static let endSession = Route("/oidc/logout")
    /// What became of each application when a session ended.
    public static let signedOut = Route("/oidc/logout/termine")
}

/// How long what the issuer hands out lives.
public struct OpenIDLifetimes: Sendable, Hashable {
    /// Authorization codes: at most 60 seconds (OA-04).
    public let code: Duration
    /// Access tokens.
    public let accessToken: Duration
    /// ID tokens.
    public let idToken: Duration
    /// Refresh tokens, from the first of a family to the end of the last; never longer than the session (OA-13).
    public let refreshToken: Duration
    /// How long after its use a refresh token may come again, from a client that the answer never reached.
    public let refreshGrace: Duration
    /// Pushed authorization requests (RFC 9126 §2.2), until the person arrives.
    public let pushedRequest: Duration
    /// How long caches may hold the discovery document and the key set.
    public let cache: Duration

    /// Lifetimes.
    public init(
        code: Duration = .seconds(60), accessToken: Duration = .minutes(10), idToken: Duration = .minutes(10),
        refreshToken: Duration = .hours(12), refreshGrace: Duration = .seconds(30),
        pushedRequest: Duration = .seconds(90), cache: Duration = .minutes(5)
    ) {
        self.code = code
        self.accessToken = accessToken
        self.idToken = idToken
        self.refreshToken = refreshToken
        self.refreshGrace = refreshGrace
        self.pushedRequest = pushedRequest
        self.cache = cache
    }
}

/// The OpenID Connect issuer of the portal: code flow only. It turns requests into sign-ons and grants into answers, and
/// knows nothing of doors.
public struct OpenIDProvider: Sendable {
    /// The portal on the web; its origin is the issuer.
    public let site: RoleSite
    let clients: ClientRegistry
    let keyring: Keyring
    let exchange: SignOnExchange
    let codes: any AuthorizationCodeStore
    let singleUses: any SingleUseStore
    let sessions: any SessionStore
    let notices: any LogoutNoticeStore
    let obligations: ObligationRules
    let lifetimes: OpenIDLifetimes
    let addresses: ClientAddress
    let clientFailures: ClientFailures
    /// Which applications read the key set; written down by ``KeySetReadingsService``.
    public let keySetReadings: KeySetReadings
    let clock: any WallClock
    let random: any RandomSource
    let pages: Pages

    /// The issuer at `site`.
    ///
    /// - Parameter failedAuthentications: how many failed authentications of one client from one place are free in a minute.
    public init(
        site: RoleSite, clients: ClientRegistry, keyring: Keyring, exchange: SignOnExchange, stores: StoreSet,
        obligations: ObligationRules, lifetimes: OpenIDLifetimes, addresses: ClientAddress,
        failedAuthentications: Int, clock: any WallClock, random: any RandomSource, pages: Pages
    ) {
        self.site = site
        self.clients = clients
        self.keyring = keyring
        self.exchange = exchange
        codes = stores.codes
        singleUses = stores.singleUses
        sessions = stores.sessions
        notices = stores.logoutNotices
        self.obligations = obligations
        self.lifetimes = lifetimes
        self.addresses = addresses
        keySetReadings = KeySetReadings(store: stores.keySetReaders, keyring: keyring, clock: clock)
        clientFailures = ClientFailures(free: failedAuthentications)
        self.clock = clock
        self.random = random
        self.pages = pages
    }

    /// The name of the issuer in sign-on requests.
    public static let issuerName = "oidc"

    /// `iss`.
    var issuer: String { site.origin }

    private var names: ClientNames { ClientNames(issuer: issuer) }

    /// The subject of an account at a client (OpenID Connect Core §8).
    func subject(of account: AccountID, at client: Client, _ keys: KeyringSnapshot) -> String {
        names.subject(of: account, at: client, keys)
    }

    /// The name of a session at a client (`sid`, OpenID Connect Back-Channel Logout §2.1).
    func sessionName(_ session: SessionID, at client: Client, _ keys: KeyringSnapshot) -> String {
        names.sessionName(session, at: client, keys)
    }
}
