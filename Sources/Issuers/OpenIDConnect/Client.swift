import Clocks
public import Cryptography
public import JOSE
public import OAuth
public import SignOn

/// How a client proves itself at the token endpoint (OpenID Connect Core §9).
public enum ClientAuthenticationMethod: String, Sendable, Hashable, CaseIterable {
    /// HTTP Basic.
    case clientSecretBasic = "client_secret_basic"
    /// Fields of the form.
    case clientSecretPost = "client_secret_post"
    /// A token signed by a key of the client (RFC 7523 §2.2).
    case privateKeyJWT = "private_key_jwt"
    /// Nothing: a public client, which PKCE alone binds to its codes.
    case none
}

/// What a client may bring to the token endpoint (RFC 7591 §2, `grant_types`).
public enum GrantType: String, Sendable, Hashable, CaseIterable {
    /// An authorization code (RFC 6749 §4.1).
    case authorizationCode = "authorization_code"
    /// A refresh token (RFC 6749 §6).
    case refreshToken = "refresh_token"
}

/// The keys of a client that authenticates by `private_key_jwt`.
public struct ClientAssertionRegistration: Sendable {
    /// `token_endpoint_auth_signing_alg`: this one and no other.
    public let algorithm: SignatureAlgorithm
    /// The keys of `jwks` for signatures.
    public let keys: JWKSet
}

/// What an application receives as a person's name (OpenID Connect Core §8).
public enum SubjectType: String, Sendable, Hashable, CaseIterable {
    /// Another one for each sector: two applications cannot compare notes.
    case pairwise
    /// The same one for all that ask for it.
    case `public`
}

/// A registered client: one YAML file, in the words of OpenID Connect Dynamic Client Registration §2.
public struct Client: Sendable {
    /// The application behind it.
    public let party: RelyingParty
    /// SHA-256 of each live secret: two at once, so that an integrator can change theirs without an outage.
    public let secretHashes: [[UInt8]]
    /// `token_endpoint_auth_method`.
    public let authenticationMethod: ClientAuthenticationMethod
    /// How the client signs its assertions; `nil` for the other methods.
    public let assertions: ClientAssertionRegistration?
    /// `redirect_uris`, compared letter by letter.
    public let redirectURIs: [String]
    /// `post_logout_redirect_uris`, compared letter by letter.
    public let postLogoutRedirectURIs: [String]
    /// How it is told that a session has ended.
    public let logout: LogoutRegistration
    /// `scope`: what it may ask for.
    public let scope: Scope
    /// `id_token_signed_response_alg`.
    public let idTokenAlgorithm: SignatureAlgorithm
    /// `id_token_encrypted_response_alg`, `id_token_encrypted_response_enc` and the key for them; `nil` for ID tokens that
    /// are signed and no more.
    public let idTokenEncryption: TokenEncryptionKey?
    /// `userinfo_signed_response_alg`, `userinfo_encrypted_response_alg`, `userinfo_encrypted_response_enc`.
    public let userInfo: UserInfoFormat
    /// `subject_type`.
    public let subjectType: SubjectType
    /// The sector of pairwise subjects: `sector_identifier`, else the one host of the redirect URIs.
    public let sector: String
    /// `require_pkce`; only a client that cannot do PKCE is let off, by name.
    public let requiresPKCE: Bool
    /// `grant_types`.
    public let grantTypes: Set<GrantType>
    /// `require_pushed_authorization_requests` (RFC 9126 §6).
    public let requiresPushedRequests: Bool
    /// `dpop_bound_access_tokens` (RFC 9449 §5.2).
    public let requiresProofOfPossession: Bool
    /// `introspects`: the clients whose access tokens it may ask about, as the resource server that they are used at.
    public let introspects: Set<String>
    /// `default_max_age`.
    public let defaultMaximumAge: Duration?
    /// `default_acr_values`.
    public let defaultContexts: [AuthenticationContext]
    /// `claims`: claim name to attribute name; `nil` for what the scopes say.
    public let claims: [String: String]?

    /// `client_id`.
    public var id: String { party.id }
}
