import Clocks
import Cryptography
import JOSE
import OAuth
import Testing

/// Keys and DPoP proofs made by hand, right in all but what a test changes.
struct Proofs: Sendable {
    static let now = Instant(secondsSinceEpoch: 1_800_000_000)
    static let url = "https://portal.example/oidc/token"
    static let accessToken = "an.access_token~of-ours"

    let p256: PrivateKey
    let ed25519: PrivateKey
    let rsa: PrivateKey

    private static let shared = Result {
        Proofs(p256: try .generate(.p256), ed25519: try .generate(.ed25519), rsa: try .generate(.rsa))
    }

    static func get() throws -> Proofs { try shared.get() }

    /// A header as RFC 9449 §4.2 wants it.
    func header(_ key: PrivateKey, _ algorithm: String) throws -> [String: JSONValue] {
        ["typ": "dpop+jwt", "alg": .string(algorithm), "jwk": try publicJWK(key)]
    }

    /// The public members that make up a key.
    func publicJWK(_ key: PrivateKey) throws -> JSONValue {
        let json = try JWK(keyID: nil, algorithm: nil, key: key.publicKey()).json()
        return .object(try #require(json.object).filter { $0.key != "use" })
    }

    var claims: [String: JSONValue] {
        [
            "jti": "one-of-a-kind", "htm": "POST", "htu": .string(Self.url),
            "iat": .integer(Self.now.secondsSinceEpoch),
            "ath": .string(Base64URL.encode(SHA256.hash(Self.accessToken))),
        ]
    }

    /// A proof by the P-256 key, with members changed (`nil`: removed).
    func proof(
        header changes: [String: JSONValue?] = [:], claims claimChanges: [String: JSONValue?] = [:]
    ) throws -> String {
        var header = try header(p256, "ES256")
        for (name, value) in changes { header[name] = value }
        var claims = claims
        for (name, value) in claimChanges { claims[name] = value }
        return try signed(header, .object(claims), by: p256, .es256)
    }

    func signed(
        _ header: [String: JSONValue], _ claims: JSONValue, by key: PrivateKey, _ algorithm: SignatureAlgorithm
    ) throws -> String {
        let input = Base64URL.encode(JSONValue.object(header).encoded) + "." + Base64URL.encode(claims.encoded)
        return input + "." + Base64URL.encode(try key.sign(Array(input.utf8), algorithm))
    }

    /// Checks a proof as the resource does at which it was made to be right.
    @discardableResult
    func check(
        _ proof: String, url: String = Self.url, accessToken: String? = Self.accessToken, thumbprint: String? = nil,
        algorithms: Set<SignatureAlgorithm> = DPoPProof.algorithms, after delay: Duration = .zero
    ) throws -> DPoPProof {
        try DPoPProof(
            proof, method: "POST", url: url, accessToken: accessToken, expectedThumbprint: thumbprint,
            algorithms: algorithms, now: Self.now + delay)
    }

    /// Expects a refusal for that reason.
    func expect(
        _ code: DPoPError.Code, _ proof: String, _ comment: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(throws: DPoPError(code, ""), comment, sourceLocation: sourceLocation) { try check(proof) }
    }
}
