import Clocks
import Cryptography
import OAuth
import SignOn
import Web

/// The rules of the authorization endpoint, in their order. Up to ``redirectURI(_:_:)`` a refusal is a page of ours; from
/// then on it is an answer at the address proved.
///
/// | order | rule | refusal |
/// |---|---|---|
/// | 1 | ``client(_:_:)`` | page |
/// | 2 | ``redirectURI(_:_:)`` | page |
/// | 3 | ``noRepeatedParameter(_:)`` | `invalid_request` |
/// | 4 | ``noRequestObject(_:)`` | `request_not_supported`, `request_uri_not_supported`, `registration_not_supported` |
/// | 5 | ``responseType(_:)`` | `unsupported_response_type`, `invalid_request` |
/// | 6 | ``scope(_:_:)`` | `invalid_scope` |
/// | 7 | ``codeChallenge(_:_:)`` | `invalid_request` |
/// | 7 | ``proofKey(_:)`` | `invalid_request` |
/// | 8 | ``prompts(_:)``, ``maximumAge(_:)``, ``claims(_:)`` | `invalid_request` |
/// | 9 | ``bounded(_:_:_:)`` of state, nonce and hints | `invalid_request` |
struct AuthorizationRules {
    let fields: FormFields

    /// The parameters that we know: these must not stand twice (OA-09); others are passed over (OIDC Core §3.1.2.1).
    static let known: Set<String> = [
        "client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "display", "prompt",
        "max_age", "ui_locales", "claims_locales", "id_token_hint", "login_hint", "acr_values", "claims", "request",
        "request_uri", "registration", "code_challenge", "code_challenge_method", "dpop_jkt",
        "idp_hint",
    ]

    /// What is kept of a request: unknown parameters mean nothing to us, and may be long.
    static func knownFields(_ fields: FormFields) -> String {
        FormFields.encode(fields.pairs.filter { known.contains($0.name) }.map { ($0.name, $0.value) })
    }

    static func client(_ fields: FormFields, _ clients: ClientRegistry) throws(AuthorizationRefusal) -> Client {
        let id: String?
        do { id = try fields.single("client_id") } catch { throw .page("client_id stands twice") }
        guard let id else { throw .page("client_id is missing") }
        guard let client = clients.client(id) else { throw .page("the client is not registered") }
        return client
    }

    /// OA-01: letter by letter, nothing else.
    static func redirectURI(_ fields: FormFields, _ client: Client) throws(AuthorizationRefusal) -> String {
        let given: String?
        do { given = try fields.single("redirect_uri") } catch { throw .page("redirect_uri stands twice") }
        guard let given else { throw .page("redirect_uri is missing") }
        guard let registered = client.redirectURIs.first(where: { $0 == given && $0.utf8.elementsEqual(given.utf8) })
        else { throw .page("the redirect_uri is not registered for the client") }
        return registered
    }

    static func noRepeatedParameter(_ fields: FormFields) throws(AuthorizationRefusal) {
        if let name = fields.firstRepeated(among: known) { throw .answer(.invalidRequest, "\(name) stands twice") }
    }

    /// Never passed over: a request object that we ignored could say something else than the parameters.
    static func noRequestObject(_ fields: FormFields) throws(AuthorizationRefusal) {
        if fields["request"] != nil { throw .answer(.requestNotSupported, "request objects are not offered") }
        if fields["request_uri"] != nil { throw .answer(.requestURINotSupported, "request_uri is not offered") }
        if fields["registration"] != nil { throw .answer(.registrationNotSupported, "registration is not offered") }
    }

    /// OA-08: the code flow, and the modes that suit it.
    static func responseType(_ fields: FormFields) throws(AuthorizationRefusal) {
        guard let type = fields["response_type"], !type.isEmpty else {
            throw .answer(.invalidRequest, "response_type is missing")
        }
        guard type == "code" else { throw .answer(.unsupportedResponseType, "only response_type=code is offered") }
        if let mode = fields["response_mode"], ResponseMode(rawValue: mode) == nil {
            throw .answer(.invalidRequest, "only response_mode query and form_post are offered")
        }
    }

    /// Unknown scopes are passed over and never widen anything (OA-22).
    static func scope(_ fields: FormFields, _ client: Client) throws(AuthorizationRefusal) -> Scope {
        guard let scope = Scope(parsing: fields["scope"] ?? "") else {
            throw .answer(.invalidScope, "scope has a forbidden character")
        }
        guard scope.contains("openid") else { throw .answer(.invalidScope, "scope must hold openid") }
        return scope.limited(to: client.scope)
    }

    /// OA-07: S256 only, required unless the client's file lets it off.
    static func codeChallenge(
        _ fields: FormFields, _ client: Client
    ) throws(AuthorizationRefusal) -> CodeChallenge? {
        guard let text = fields["code_challenge"] else {
            if fields["code_challenge_method"] != nil {
                throw .answer(.invalidRequest, "code_challenge_method without code_challenge")
            }
            if client.requiresPKCE { throw .answer(.invalidRequest, "code_challenge is required (PKCE, S256)") }
            return nil
        }
        // RFC 7636 §4.3: an absent method means plain, which is not offered.
        guard fields["code_challenge_method"] == "S256" else {
            throw .answer(.invalidRequest, "code_challenge_method must be S256")
        }
        guard let challenge = CodeChallenge(parsing: text) else {
            throw .answer(.invalidRequest, "code_challenge is not the base64url text of a SHA-256")
        }
        return challenge
    }

    /// `dpop_jkt` (RFC 9449 §10): the base64url text of a SHA-256, as PKCE's challenge is.
    static func proofKey(_ fields: FormFields) throws(AuthorizationRefusal) -> String? {
        guard let text = fields["dpop_jkt"] else { return nil }
        guard text.utf8.count == 43, Base64URL.decode(text)?.count == 32 else {
            throw .answer(.invalidRequest, "dpop_jkt is not the thumbprint of a key")
        }
        return text
    }

    static func prompts(_ fields: FormFields) throws(AuthorizationRefusal) -> Set<Prompt> {
        guard let text = fields["prompt"] else { return [] }
        guard let prompts = Prompt.parse(text) else { throw .answer(.invalidRequest, "prompt is not understood") }
        return prompts
    }

    static func maximumAge(_ fields: FormFields) throws(AuthorizationRefusal) -> Duration? {
        guard let text = fields["max_age"] else { return nil }
        guard let seconds = Int64(text), (0...1_000_000_000).contains(seconds), text == String(seconds) else {
            throw .answer(.invalidRequest, "max_age is not a number of seconds")
        }
        return .seconds(seconds)
    }

    static func claims(_ fields: FormFields) throws(AuthorizationRefusal) -> ClaimsRequest {
        guard let text = fields["claims"] else { return .none }
        guard let claims = ClaimsRequest(parsing: text) else {
            throw .answer(.invalidRequest, "claims is not an object as OpenID Connect Core 5.5 describes it")
        }
        return claims
    }

    /// A text of the client that we carry or echo: short and printable.
    static func bounded(
        _ name: String, _ fields: FormFields, _ limit: Int
    ) throws(AuthorizationRefusal) -> String? {
        guard let text = fields[name] else { return nil }
        guard text.utf8.count <= limit else { throw .answer(.invalidRequest, "\(name) is too long") }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw .answer(.invalidRequest, "\(name) has control characters")
        }
        return text
    }
}
