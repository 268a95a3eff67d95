import Clocks
import Cryptography
import JOSE
import Outbound
import Synchronization
import Testing

@testable import OpenIDConnectProvider

/// Keys that all tests share: making RSA keys takes its time.
struct TestKeys: Sendable {
    let rsa: TokenSigningKey
    let otherRSA: TokenSigningKey
    let p256: TokenSigningKey
    let otherP256: TokenSigningKey
    let ed25519: TokenSigningKey

    private static let shared = Result {
        TestKeys(
            rsa: TokenSigningKey(keyID: "rsa-1", algorithm: .rs256, key: try .generate(.rsa)),
            otherRSA: TokenSigningKey(keyID: "rsa-1", algorithm: .rs256, key: try .generate(.rsa)),
            p256: TokenSigningKey(keyID: "p256-1", algorithm: .es256, key: try .generate(.p256)),
            otherP256: TokenSigningKey(keyID: "p256-2", algorithm: .es256, key: try .generate(.p256)),
            ed25519: TokenSigningKey(keyID: "ed-1", algorithm: .edDSA, key: try .generate(.ed25519)))
    }

    static func get() throws -> TestKeys { try shared.get() }
}

/// An OpenID provider inside the test process. Left alone it is honest and strict: it checks the client's credentials, the
/// redirect URI, the code and the PKCE verifier. Each test spoils it in one way.
final class EvilProvider: OutboundHTTP {
    typealias Members = [String: JSONValue]

    /// The ways in which it can be spoilt.
    struct Behaviour: Sendable {
        var signer: TokenSigningKey
        /// The keys at `jwks_uri`; `nil`: the signer's.
        var publishedKeys: [JWK]?
        /// Changes of the documents before they are sent.
        var editMetadata: @Sendable (inout Members) -> Void = { _ in }
        var editClaims: @Sendable (inout Members) -> Void = { _ in }
        var editTokenAnswer: @Sendable (inout Members) -> Void = { _ in }
        var editUserinfo: @Sendable (inout Members) -> Void = { _ in }
        var editCallback: @Sendable (inout [(name: String, value: String)]) -> Void = { _ in }
        /// Makes the ID token of the claims in another way than by the signer.
        var forge: (@Sendable (Members) throws -> String)?
        /// Answers of whole endpoints, by path.
        var answers: [String: Result<OutboundResponse, OutboundError>] = [:]
        /// Whether userinfo is sent as a JWT.
        var signsUserinfo = false
        /// Whether the bearer token is taken from the body of a POST only.
        var wantsBearerInBody = false
    }

    private struct State {
        var behaviour: Behaviour
        var grants: [String: [String: String]] = [:]
        var requests: [OutboundRequest] = []
        var codes = 0
    }

    static let issuer = "https://op.example"
    static let clientID = "loge:client/é"
    static let secret = "s3cret +&=%:é"
    static let redirectURI = "https://portal.example/oidc/callback"
    static let accessToken = "access-token-canary"

    let issuer: String
    private let clock: ManualClock
    private let state: Mutex<State>

    init(issuer: String = EvilProvider.issuer, clock: ManualClock, signer: TokenSigningKey? = nil) throws {
        self.issuer = issuer
        self.clock = clock
        let keys = try TestKeys.get()
        state = Mutex(State(behaviour: Behaviour(signer: signer ?? keys.p256)))
    }

    func spoil(_ change: (inout Behaviour) -> Void) { state.withLock { change(&$0.behaviour) } }

    /// The requests so far whose path ends in `suffix`.
    func requests(_ suffix: String) -> [OutboundRequest] {
        state.withLock { $0.requests.filter { $0.url.text.hasSuffix(suffix) } }
    }

    /// All requests so far.
    var requestCount: Int { state.withLock { $0.requests.count } }

    // MARK: The browser's side

    /// Walks the browser through the authorization endpoint; gives the query with which it comes back.
    func authorize(_ url: String) throws -> String {
        let query = try #require(url.split(separator: "?", maxSplits: 1).last.map(String.init))
        let fields = try #require(FormEncoding.decode(query))
        let parameters = Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first }
        return state.withLock { state in
            state.codes += 1
            let code = "code-\(state.codes)"
            state.grants[code] = parameters
            var callback: [(name: String, value: String)] = [
                ("code", code), ("state", parameters["state"] ?? ""), ("iss", issuer),
            ]
            state.behaviour.editCallback(&callback)
            return FormEncoding.encode(callback)
        }
    }

    // MARK: The client's side

    func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse {
        let result = state.withLock { state -> Result<OutboundResponse, OutboundError> in
            state.requests.append(request)
            let path = String(request.url.text.dropFirst(issuer.count))
            if let answer = state.behaviour.answers[path] { return answer }
            do {
                switch path {
                case "/.well-known/openid-configuration": return .success(metadata(state.behaviour))
                case "/jwks": return .success(try keySet(state.behaviour))
                case "/token": return .success(try token(request, &state))
                case "/userinfo": return .success(try userinfo(request, state.behaviour))
                default: return .success(OutboundResponse(status: 404, contentTypes: [], body: []))
                }
            } catch {
                return .success(OutboundResponse(status: 500, contentTypes: [], body: []))
            }
        }
        return try result.get()
    }

    private func metadata(_ behaviour: Behaviour) -> OutboundResponse {
        var members: Members = [
            "issuer": .string(issuer),
            "authorization_endpoint": .string(issuer + "/authorize"),
            "token_endpoint": .string(issuer + "/token"),
            "userinfo_endpoint": .string(issuer + "/userinfo"),
            "end_session_endpoint": .string(issuer + "/session/end"),
            "jwks_uri": .string(issuer + "/jwks"),
            "response_types_supported": ["code"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA", "HS256", "none"],
            "authorization_response_iss_parameter_supported": true,
        ]
        behaviour.editMetadata(&members)
        return .json(.object(members))
    }

    private func keySet(_ behaviour: Behaviour) throws -> OutboundResponse {
        let keys = try behaviour.publishedKeys ?? [behaviour.signer.published()]
        return .json(try JWKSet(keys).json())
    }

    private func token(_ request: OutboundRequest, _ state: inout State) throws -> OutboundResponse {
        guard case .post(let form) = request.method,
            let decoded = FormEncoding.decode(String(decoding: form, as: UTF8.self))
        else { return .error("invalid_request") }
        let fields = Dictionary(decoded.map { ($0.name, $0.value) }) { first, _ in first }
        guard Self.isAuthenticated(request, fields) else { return .error("invalid_client", status: 401) }
        guard fields["grant_type"] == "authorization_code", let code = fields["code"],
            let grant = state.grants.removeValue(forKey: code), fields["redirect_uri"] == grant["redirect_uri"],
            let verifier = fields["code_verifier"], grant["code_challenge_method"] == "S256",
            Base64URL.encode(SHA256.hash(verifier)) == grant["code_challenge"]
        else { return .error("invalid_grant") }
        var answer: Members = [
            "access_token": .string(Self.accessToken), "token_type": "Bearer", "expires_in": 60,
            "id_token": .string(try idToken(grant, state.behaviour)),
        ]
        state.behaviour.editTokenAnswer(&answer)
        return .json(.object(answer))
    }

    private static func isAuthenticated(_ request: OutboundRequest, _ fields: [String: String]) -> Bool {
        let pair = FormEncoding.encode(clientID) + ":" + FormEncoding.encode(secret)
        if request.authorization == "Basic " + Base64.encode(Array(pair.utf8)) {
            return fields["client_id"] == nil && fields["client_secret"] == nil
        }
        return request.authorization == nil && fields["client_id"] == clientID && fields["client_secret"] == secret
    }

    private func idToken(_ grant: [String: String], _ behaviour: Behaviour) throws -> String {
        let now = clock.now().secondsSinceEpoch
        let digest =
            behaviour.signer.algorithm == .edDSA
            ? SHA512.hash(Array(Self.accessToken.utf8)) : SHA256.hash(Self.accessToken)
        var claims: Members = [
            "iss": .string(issuer), "sub": "alice", "aud": .string(Self.clientID), "iat": .integer(now),
            "exp": .integer(now + 60), "auth_time": .integer(now), "acr": "eidas1", "amr": ["pwd"], "sid": "session-1",
            "nonce": .string(grant["nonce"] ?? ""),
            "at_hash": .string(Base64URL.encode(digest.prefix(digest.count / 2))),
        ]
        behaviour.editClaims(&claims)
        return try behaviour.forge?(claims) ?? behaviour.signer.sign(.object(claims))
    }

    private func userinfo(_ request: OutboundRequest, _ behaviour: Behaviour) throws -> OutboundResponse {
        guard !behaviour.wantsBearerInBody, request.authorization == "Bearer " + Self.accessToken else {
            return .error("invalid_token", status: 401)
        }
        var members: Members = ["sub": "alice", "given_name": "Alice", "family_name": "Martin"]
        if behaviour.signsUserinfo {
            members["iss"] = .string(issuer)
            members["aud"] = .string(Self.clientID)
        }
        behaviour.editUserinfo(&members)
        guard behaviour.signsUserinfo else { return .json(.object(members)) }
        let token = try behaviour.signer.sign(.object(members))
        return OutboundResponse(status: 200, contentTypes: ["application/jwt"], body: Array(token.utf8))
    }
}

extension OutboundResponse {
    static func json(_ value: JSONValue, status: Int = 200) -> OutboundResponse {
        OutboundResponse(status: status, contentTypes: ["application/json;charset=UTF-8"], body: value.encoded)
    }

    static func error(_ name: String, status: Int = 400) -> OutboundResponse {
        .json(["error": .string(name), "error_description": "canary words of the provider"], status: status)
    }
}

extension TokenSigningKey {
    /// The public half as the key set shows it.
    func published(keyID: String? = nil) throws -> JWK {
        JWK(keyID: keyID ?? self.keyID, algorithm: algorithm, key: try key.publicKey())
    }

    /// The public half without a name.
    func nameless() throws -> JWK { JWK(keyID: nil, algorithm: algorithm, key: try key.publicKey()) }

    /// A token with whatever header and payload, signed by this key.
    func sign(header: JSONValue, payload: [UInt8]) throws -> String {
        let input = Base64URL.encode(header.encoded) + "." + Base64URL.encode(payload)
        return input + "." + Base64URL.encode(try key.sign(Array(input.utf8), algorithm))
    }
}
