import Clocks
public import Cryptography
import Outbound

/// How the client proves who it is at the token endpoint (OIDC Core §9).
public enum ClientAuthentication: Sendable {
    /// In the `Authorization` header.
    case secretBasic(SecretBytes)
    /// In the form.
    case secretPost(SecretBytes)

    /// The name that discovery documents use.
    var method: String {
        switch self {
        case .secretBasic: "client_secret_basic"
        case .secretPost: "client_secret_post"
        }
    }
}

/// Whether claims are asked for at the userinfo endpoint, and how they come.
public enum UserinfoFormat: Sendable, Hashable {
    /// They are not: the ID token says all that is needed.
    case unused
    /// As `application/json`.
    case json
    /// As `application/jwt`, signed by one of these algorithms: so does FranceConnect.
    case signed(Set<SignatureAlgorithm>)
}

/// Which schemes the provider's addresses may have.
public enum EndpointSecurity: Sendable, Hashable {
    /// https, always.
    case https
    /// http too, on this machine.
    ///
    /// - Warning: for the demo and for tests.
    case insecurePlainLoopback
}

/// One identity provider and our registration there. Everything that a real one may ask for is here; nothing of it comes
/// from a message.
public struct ProviderConfiguration: Sendable {
    /// The issuer, letter by letter as the provider writes it.
    public let issuer: String
    /// Our `client_id` there.
    public let clientID: String
    /// Our credentials there.
    public let authentication: ClientAuthentication
    /// Where the provider sends the browser back, as registered there.
    public let redirectURI: String
    /// Where the provider sends the browser after a sign-out, as registered there.
    public var postLogoutRedirectURI: String?
    /// The algorithms under which we registered for ID tokens.
    public var idTokenAlgorithms: Set<SignatureAlgorithm> = [.es256]
    /// Whether and how userinfo is read.
    public var userinfo: UserinfoFormat = .json
    /// The scopes asked for; `openid` among them.
    public var scopes: [String] = ["openid"]
    /// `acr_values`, in the order of preference; none: not asked.
    public var acrValues: [String] = []
    /// The `acr` that are good enough; empty: any, also none.
    public var acceptedACRs: Set<String> = []
    /// How old an authentication may be; `nil`: any age.
    public var maxAge: Duration?
    /// More parameters of the authorization request, such as `prompt` or `idp_hint`.
    public var extraParameters: [String: String] = [:]
    /// How far the provider's clock may differ from ours.
    public var clockSkew: Duration = .seconds(60)
    /// How long a person may take at the provider.
    public var signOnLifetime: Duration = .minutes(10)
    /// How old an ID token may be when it arrives.
    public var idTokenAge: Duration = .minutes(5)
    /// How long a logout token may live: as long as its `jti` is remembered (Back-Channel Logout §4 recommends two minutes).
    public var logoutTokenLifetime: Duration = .minutes(2)
    /// How long the discovery document and the key set are kept.
    public var documentLifetime: Duration = .hours(1)
    /// Which schemes are allowed.
    public var endpointSecurity: EndpointSecurity = .https

    /// A provider and our registration there; what is optional is set afterwards.
    public init(issuer: String, clientID: String, authentication: ClientAuthentication, redirectURI: String) {
        self.issuer = issuer
        self.clientID = clientID
        self.authentication = authentication
        self.redirectURI = redirectURI
    }

    /// What the client itself says in an authorization request; nobody else may.
    static let reservedParameters: Set<String> = [
        "acr_values", "client_id", "client_secret", "code_challenge", "code_challenge_method", "max_age", "nonce",
        "redirect_uri", "request", "request_uri", "response_mode", "response_type", "scope", "state",
    ]

    /// Refuses a configuration that could only fail, or fail open, later.
    func check() throws(ProviderError) {
        func require(_ condition: Bool, _ detail: String) throws(ProviderError) {
            guard condition else { throw ProviderError(.configurationUnusable, detail) }
        }
        let address = try? OutboundURL(parsing: issuer)
        try require(address.map(allows) ?? false, "the issuer is no https address")
        try require(!issuer.contains("?"), "the issuer has a query")
        try require((try? OutboundURL(parsing: redirectURI)) != nil, "the redirect URI is no address")
        try require(!clientID.isEmpty, "the client_id is empty")
        try require(secretLength > 0, "the client secret is empty")
        try require(!idTokenAlgorithms.isEmpty, "no algorithm is allowed for ID tokens")
        try require(userinfo != .signed([]), "no algorithm is allowed for userinfo")
        try require(scopes.contains("openid"), "the scope openid is not asked for")
        try require(acrValues.isEmpty || !acceptedACRs.isEmpty, "acr_values are asked for, but no acr is expected")
        try require(
            Self.reservedParameters.isDisjoint(with: extraParameters.keys),
            "an extra parameter is one that the client sets itself")
    }

    private var secretLength: Int {
        switch authentication {
        case .secretBasic(let secret), .secretPost(let secret): secret.count
        }
    }

    /// Whether an address has a scheme that is allowed here.
    func allows(_ url: OutboundURL) -> Bool {
        switch (url.origin.scheme, endpointSecurity) {
        case (.https, _): true
        case (.http, .insecurePlainLoopback): url.origin.isLoopback
        case (.http, .https): false
        }
    }
}
