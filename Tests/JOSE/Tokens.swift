import Clocks
import Cryptography
import JOSE
import Testing

/// Keys that all tests share, and tokens made by hand.
struct Tokens: Sendable {
    let rsa: PrivateKey
    let p256: PrivateKey
    let ed25519: PrivateKey

    private static let shared = Result {
        Tokens(rsa: try .generate(.rsa), p256: try .generate(.p256), ed25519: try .generate(.ed25519))
    }

    static func get() throws -> Tokens { try shared.get() }

    static let claims: JSONValue = ["sub": "alice", "aud": "client", "exp": 2_000_000_000]

    func keys() throws -> JWKSet {
        JWKSet([
            JWK(keyID: "r", algorithm: .rs256, key: try rsa.publicKey()),
            JWK(keyID: "e", algorithm: .es256, key: try p256.publicKey()),
            JWK(keyID: "o", algorithm: .edDSA, key: try ed25519.publicKey()),
        ])
    }

    /// A token with whatever header and payload, well signed by the P-256 key.
    func token(header: JSONValue, payload: [UInt8] = Tokens.claims.encoded) throws -> String {
        try token(rawHeader: header.encoded, payload: payload)
    }

    func token(rawHeader: [UInt8], payload: [UInt8] = Tokens.claims.encoded) throws -> String {
        let input = Base64URL.encode(rawHeader) + "." + Base64URL.encode(payload)
        return input + "." + Base64URL.encode(try p256.sign(Array(input.utf8), .es256))
    }

    /// Reads and verifies as a reader of plain ES256 tokens does.
    func verify(
        _ token: String, algorithms: Set<SignatureAlgorithm> = [.es256], types: Set<String?> = [nil]
    ) throws -> VerifiedClaims {
        try UnverifiedJWS(compact: token).verified(by: keys(), algorithms: algorithms, types: types)
    }

    /// Expects a refusal for that reason.
    func expect(
        _ code: JOSEError.Code, _ token: String, _ comment: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(throws: JOSEError(code, ""), comment, sourceLocation: sourceLocation) { try verify(token) }
    }
}
