public import Clocks
public import Cryptography
public import JOSE

/// A key that proves itself by DPoP proofs (RFC 9449 §4.2), each right in all but what a test changes.
public struct DPoPProver: Sendable {
    /// The key.
    public let key: PrivateKey
    /// Its algorithm.
    public let algorithm: SignatureAlgorithm
    /// Its thumbprint (`jkt`).
    public let thumbprint: String

    /// A fresh key.
    ///
    /// - Throws: `CryptographyError`.
    public init(_ algorithm: SignatureAlgorithm = .es256) throws {
        self.algorithm = algorithm
        key = try PrivateKey.generate(algorithm.keyKind)
        thumbprint = try key.publicKey().jwkThumbprint()
    }

    /// The public key as the header of a proof holds it.
    ///
    /// - Throws: `CryptographyError`.
    public func jwk() throws -> JSONValue {
        let json = try JWK(keyID: nil, algorithm: nil, key: key.publicKey()).json()
        return .object((json.object ?? [:]).filter { $0.key != "use" })
    }

    /// A proof for one request at `path` of the test portal.
    ///
    /// - Parameters:
    ///   - accessToken: the access token of the request, at a resource.
    ///   - header: members of the header to add or replace; `nil` takes one away.
    ///   - claims: claims to add or replace; `nil` takes one away.
    /// - Throws: `CryptographyError`.
    public func proof(
        _ method: String, _ path: String, at now: Instant, accessToken: String? = nil,
        header: [String: JSONValue?] = [:], claims: [String: JSONValue?] = [:]
    ) throws -> String {
        var members: [String: JSONValue] = [
            "typ": "dpop+jwt", "alg": .string(algorithm.rawValue), "jwk": try jwk(),
        ]
        for (name, value) in header { members[name] = value }
        var said: [String: JSONValue] = [
            "jti": .string(SystemRandom().token(bits: 128)), "htm": .string(method),
            "htu": .string(TestPortal.origin + path), "iat": .integer(now.secondsSinceEpoch),
        ]
        if let accessToken { said["ath"] = .string(Base64URL.encode(SHA256.hash(accessToken))) }
        for (name, value) in claims { said[name] = value }
        let input =
            Base64URL.encode(JSONValue.object(members).encoded) + "." + Base64URL.encode(JSONValue.object(said).encoded)
        return input + "." + Base64URL.encode(try key.sign(Array(input.utf8), algorithm))
    }
}
