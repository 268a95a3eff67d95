import Clocks
import Cryptography
import HTTPTypes
import JOSE
import LogeTesting
import OpenIDConnectIssuer
import Settings
import Web

/// A client of `private_key_jwt` with its keys.
struct AssertingClient: Sendable {
    static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    let party: TestParty
    let algorithm: SignatureAlgorithm
    let key: TokenSigningKey

    /// A client with a key of its own.
    init(_ algorithm: SignatureAlgorithm = .es256, id: String = "signante", refreshes: Bool = false) throws {
        self.algorithm = algorithm
        party = TestParty(id: id, refreshes: refreshes)
        key = TokenSigningKey(keyID: "k1", algorithm: algorithm, key: try PrivateKey.generate(algorithm.keyKind))
    }

    /// Its file.
    func yaml() throws -> String {
        let jwk = JWK(keyID: key.keyID, algorithm: nil, key: try key.key.publicKey())
        return """
            client_id: \(party.id)
            client_name: Application \(party.id)
            redirect_uris: ["\(party.redirectURI)"]
            token_endpoint_auth_method: private_key_jwt
            token_endpoint_auth_signing_alg: \(algorithm.rawValue)
            jwks: \(try JWKSet([jwk]).json().text)

            """
    }

    /// The client as its file registers it.
    func registered() throws -> Client {
        try SettingsFile.read(text: try yaml(), name: "signante.yaml") { try Client($0) }.value
    }

    /// A portal that knows it.
    func portal() throws -> TestPortalOptions {
        var options = TestPortalOptions()
        options.parties = [party.id: try yaml()]
        return options
    }

    /// The claims of a good assertion.
    func claims(at now: Instant) -> [String: JSONValue] {
        [
            "iss": .string(party.id), "sub": .string(party.id), "aud": .string(TestPortal.origin),
            "jti": .string(SystemRandom().token(bits: 128)), "iat": .integer(now.secondsSinceEpoch),
            "exp": .integer(now.secondsSinceEpoch + 60),
        ]
    }

    /// An assertion, good but for the change.
    func assertion(
        at now: Instant, type: String? = nil, _ change: (inout [String: JSONValue]) -> Void = { _ in }
    ) throws -> String {
        var claims = claims(at: now)
        change(&claims)
        return try key.sign(.object(claims), type: type)
    }

    /// An assertion under a header of one's own, signed by `signer`.
    func forged(
        at now: Instant, header: JSONValue, by signer: PrivateKey? = nil, _ algorithm: SignatureAlgorithm? = nil
    ) throws -> String {
        let input =
            Base64URL.encode(header.encoded) + "." + Base64URL.encode(JSONValue.object(claims(at: now)).encoded)
        let signature = try (signer ?? key.key).sign(Array(input.utf8), algorithm ?? self.algorithm)
        return input + "." + Base64URL.encode(signature)
    }

    /// The form fields that bring an assertion.
    static func fields(_ assertion: String) -> [(String, String)] {
        [("client_assertion_type", type), ("client_assertion", assertion)]
    }
}

extension TestPortal {
    /// Asks the token endpoint for what nobody has, with this proof: `invalid_grant` says that the client was believed.
    func prove(
        _ fields: [(String, String)], headers: [String: String] = [:], code: String = "x"
    ) async throws -> JSONAnswer {
        let request = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", "y")] + fields
        return try await send(.post, "/oidc/token", headers: headers, body: FormFields.encode(request))
    }

    /// Redeems a code for `attempt` with this proof.
    func redeem(
        _ code: String, of attempt: AuthorizationAttempt, proving fields: [(String, String)]
    ) async throws -> JSONAnswer {
        let request = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", attempt["redirect_uri"] ?? ""),
            ("code_verifier", attempt.verifier ?? ""),
        ]
        return try await send(.post, "/oidc/token", body: FormFields.encode(request + fields))
    }
}
