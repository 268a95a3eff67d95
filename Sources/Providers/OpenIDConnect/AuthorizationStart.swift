public import Clocks
import Cryptography
import Outbound

/// What the start of a sign-on may ask for beyond the configuration.
public struct AuthorizationOptions: Sendable {
    /// The role's own note of where the person was going; it comes back with the ``VerifiedIdentity``.
    public var returnTo: String?
    /// How old the authentication may be, when this sign-on is stricter than the configuration.
    public var maxAge: Duration?
    /// More parameters, such as `prompt`, `login_hint`, `ui_locales`.
    public var parameters: [String: String] = [:]

    /// Nothing beyond the configuration.
    public init() {}
}

/// The beginning of a sign-on: where to send the browser, and what to keep in it.
public struct AuthorizationStart: Sendable {
    /// The authorization endpoint with the request: for a 303 redirect.
    public let url: String
    /// What ``RelyingParty/finish(_:pending:)`` needs. The role seals it into a cookie of this browser.
    public let pending: PendingAuthorization
}

/// A sign-on under way, bound to one browser and one provider. Its values are secrets of that browser: the role seals it
/// (AEAD) into a cookie, and does not store it.
public struct PendingAuthorization: Sendable, Hashable, Codable, CustomStringConvertible, CustomReflectable {
    let state: String
    let nonce: String
    let codeVerifier: String
    let issuer: String
    /// When the sign-on was started.
    public let startedAt: Instant
    /// The earliest `auth_time` that is good enough; `nil`: not asked.
    let authenticatedSince: Instant?
    /// The role's own note of where the person was going.
    public let returnTo: String?

    // Short names: the value travels in a cookie.
    enum CodingKeys: String, CodingKey {
        case state = "s"
        case nonce = "n"
        case codeVerifier = "v"
        case issuer = "i"
        case startedAt = "t"
        case authenticatedSince = "a"
        case returnTo = "r"
    }

    /// A name for this sign-on among others of the same browser, fit for a cookie's name; tells nothing of the secrets.
    public var label: String { Self.label(ofState: state) }

    /// The ``label`` of the sign-on that a `state` belongs to.
    static func label(ofState state: String) -> String {
        String(Base64URL.encode(SHA256.hash(state)).prefix(8))
    }

    /// The issuer, never the secrets.
    public var description: String { "(pending sign-on at \(issuer))" }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Makes authorization requests (OIDC Core §3.1.2.1, RFC 7636 §4.3).
struct AuthorizationRequestBuilder {
    let configuration: ProviderConfiguration
    let metadata: ProviderMetadata

    func start(
        _ options: AuthorizationOptions, now: Instant, random: any RandomSource
    ) throws(ProviderError) -> AuthorizationStart {
        guard ProviderConfiguration.reservedParameters.isDisjoint(with: options.parameters.keys) else {
            throw ProviderError(.configurationUnusable, "an option is a parameter that the client sets itself")
        }
        let maxAge = options.maxAge ?? configuration.maxAge
        let pending = PendingAuthorization(
            state: random.token(bits: 256), nonce: random.token(bits: 256), codeVerifier: random.token(bits: 256),
            issuer: configuration.issuer, startedAt: now.wholeSecond,
            authenticatedSince: maxAge.map { now.wholeSecond - $0 }, returnTo: options.returnTo)
        var fields: [(name: String, value: String)] = [
            ("response_type", "code"), ("client_id", configuration.clientID),
            ("redirect_uri", configuration.redirectURI), ("scope", configuration.scopes.joined(separator: " ")),
            ("state", pending.state), ("nonce", pending.nonce),
            ("code_challenge", Base64URL.encode(SHA256.hash(pending.codeVerifier))), ("code_challenge_method", "S256"),
        ]
        if !configuration.acrValues.isEmpty {
            fields.append(("acr_values", configuration.acrValues.joined(separator: " ")))
        }
        if let maxAge { fields.append(("max_age", String(maxAge.wholeSeconds))) }
        let extra = configuration.extraParameters.merging(options.parameters) { _, option in option }
        for (name, value) in extra.sorted(by: { $0.key < $1.key }) { fields.append((name, value)) }
        return AuthorizationStart(url: metadata.authorizationEndpoint.adding(fields), pending: pending)
    }
}

extension OutboundURL {
    /// The address with `fields` after whatever query it has.
    func adding(_ fields: [(name: String, value: String)]) -> String {
        text + (text.utf8.contains(0x3F) ? "&" : "?") + FormEncoding.encode(fields)
    }
}
