public import Cryptography

/// A private key with the name and the one algorithm under which it signs tokens.
public struct TokenSigningKey: Sendable {
    /// `kid`.
    public let keyID: String
    /// `alg`.
    public let algorithm: SignatureAlgorithm
    /// The key.
    public let key: PrivateKey
    /// The encoded header without `typ`, made once.
    private let plainHeader: [UInt8]

    /// A signing key.
    public init(keyID: String, algorithm: SignatureAlgorithm, key: PrivateKey) {
        self.keyID = keyID
        self.algorithm = algorithm
        self.key = key
        let header: JSONValue = ["alg": .string(algorithm.rawValue), "kid": .string(keyID)]
        plainHeader = Base64URL.encodedBytes(header.encoded)
    }

    /// `claims` as a signed token in compact form (RFC 7515 §7.1).
    ///
    /// - Parameter type: the `typ` of the header, which keeps one kind of token from being taken for another (RFC 8725
    ///   §3.11); `nil` for ID tokens, whose clients do not expect one.
    /// - Throws: `CryptographyError` from OpenSSL.
    public func sign(_ claims: JSONValue, type: String? = nil) throws -> String {
        var input: [UInt8]
        if let type {
            let header: JSONValue = [
                "alg": .string(algorithm.rawValue), "kid": .string(keyID), "typ": .string(type),
            ]
            input = Base64URL.encodedBytes(header.encoded)
        } else {
            input = plainHeader
        }
        input.append(0x2E)
        input.append(contentsOf: Base64URL.encodedBytes(claims.encoded))
        let signature = try key.sign(input, algorithm)
        input.append(0x2E)
        input.append(contentsOf: Base64URL.encodedBytes(signature))
        return String(decoding: input, as: UTF8.self)
    }
}

/// A signed token as it came from outside: but for the name of its issuer, its claims cannot be read before
/// ``verified(by:algorithms:types:)``.
public struct UnverifiedJWS: Sendable {
    /// The longest token that is looked at, in bytes.
    public static let maximumLength = 16384

    /// `alg`, as the token claims it; a choice among the caller's allow-list, never more.
    public let claimedAlgorithm: String
    /// `kid`, as the token claims it; a name to look up, never more.
    public let claimedKeyID: String?
    /// `typ`, as the token claims it.
    public let claimedType: String?
    /// `jwk`, which only ``possessionProved(type:algorithms:)`` may look at: no caller outside of this room sees it.
    let embeddedKey: JSONValue?
    private let payload: [UInt8]
    private let signingInput: [UInt8]
    private let signature: [UInt8]

    /// Takes the token apart.
    ///
    /// - Throws: ``JOSEError`` `.malformed` or `.unsupportedHeader`.
    public init(compact token: String) throws(JOSEError) {
        let bytes = Array(token.utf8)
        guard bytes.count <= Self.maximumLength else { throw JOSEError(.malformed, "the token is too long") }
        let parts = bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decode(Array(parts[0])),
            let payload = Base64URL.decode(Array(parts[1])), let signature = Base64URL.decode(Array(parts[2]))
        else { throw JOSEError(.malformed, "the token is not in compact form") }
        let members: [String: JSONValue]
        do {
            guard let object = try JSONValue(parsing: header, maximumDepth: 4).object else {
                throw JOSEError(.malformed, "the header is not an object")
            }
            members = object
        } catch let error as JOSEError {
            throw error
        } catch {
            throw JOSEError(.malformed, "the header is not JSON")
        }
        // RFC 7515 §4.1.11: what is critical must be understood; we understand none of it.
        for name in ["crit", "b64", "zip"] where members[name] != nil {
            throw JOSEError(.unsupportedHeader, "the header holds \(name)")
        }
        guard let algorithm = members["alg"]?.string else { throw JOSEError(.malformed, "the header has no alg") }
        if let keyID = members["kid"] {
            guard let text = keyID.string, text.utf8.count <= 256 else {
                throw JOSEError(.malformed, "the kid is no short text")
            }
            claimedKeyID = text
        } else {
            claimedKeyID = nil
        }
        if let type = members["typ"] {
            guard let text = type.string else { throw JOSEError(.malformed, "the typ is no text") }
            claimedType = text
        } else {
            claimedType = nil
        }
        claimedAlgorithm = algorithm
        embeddedKey = members["jwk"]
        self.payload = payload
        self.signature = signature
        signingInput = Array(parts[0]) + [0x2E] + Array(parts[1])
    }

    /// `iss`, as the token claims it: a name by which to look up the keys of the one party who may have signed, never more.
    /// `nil` when there is none.
    public var claimedIssuer: String? { (try? JSONValue(parsing: payload))?["iss"]?.string }

    /// The claims, once the signature is proved.
    ///
    /// - Parameters:
    ///   - keys: the keys of the one party who may have signed. Keys in the header (`jwk`, `jku`, `x5u`, `x5c`) are never
    ///     looked at.
    ///   - algorithms: the algorithms allowed by configuration; `none` cannot be among them.
    ///   - types: the `typ` values that are right here, letter case ignored, `nil` for absent (RFC 8725 §3.11).
    /// - Throws: ``JOSEError`` `.algorithmNotAllowed`, `.wrongType`, `.unknownKey`, `.badSignature` or `.malformed`.
    public func verified(
        by keys: JWKSet, algorithms: Set<SignatureAlgorithm>, types: Set<String?>
    ) throws(JOSEError) -> VerifiedClaims {
        guard let algorithm = SignatureAlgorithm(rawValue: claimedAlgorithm), algorithms.contains(algorithm) else {
            throw JOSEError(.algorithmNotAllowed, "the token is signed by an algorithm that is not allowed here")
        }
        guard types.contains(claimedType?.lowercased()) else {
            throw JOSEError(.wrongType, "the token is of another type")
        }
        let candidates = keys.candidates(for: algorithm, keyID: claimedKeyID)
        guard !candidates.isEmpty else { throw JOSEError(.unknownKey, "no key of the set fits the token") }
        guard candidates.contains(where: { $0.isValid(signature, of: signingInput, algorithm) }) else {
            throw JOSEError(.badSignature, "the signature is not the party's")
        }
        let claims: JSONValue
        do {
            claims = try JSONValue(parsing: payload)
        } catch {
            throw JOSEError(.malformed, "the claims are not JSON")
        }
        guard case .object(let members) = claims else { throw JOSEError(.malformed, "the claims are not an object") }
        return VerifiedClaims(members: members, algorithm: algorithm)
    }
}
