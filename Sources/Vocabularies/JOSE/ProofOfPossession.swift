public import Clocks
public import Cryptography

/// What somebody signed with a key that came along in the header: proof that they hold this key, and of nothing else.
///
/// Not ``VerifiedClaims``, on purpose: whoever wants to know who signed takes no such proof, since anybody can make a key
/// and sign whatever they like with it (RFC 8725 §3.10).
public struct ProofOfPossession: Sendable {
    /// The key that signed.
    public let key: PublicKey
    /// The thumbprint of the key (RFC 7638 with SHA-256): what it is compared by.
    public let thumbprint: String
    private let claims: VerifiedClaims

    fileprivate init(key: PublicKey, thumbprint: String, claims: VerifiedClaims) {
        self.key = key
        self.thumbprint = thumbprint
        self.claims = claims
    }

    /// A text claim that must be there and not empty.
    ///
    /// - Throws: ``JOSEError`` `.badClaim`.
    public func text(_ name: String) throws(JOSEError) -> String { try claims.text(name) }

    /// A NumericDate claim (RFC 7519 §2), whole seconds; `nil` when absent.
    ///
    /// - Throws: ``JOSEError`` `.badClaim` for text, fractions, negative and absurd values.
    public func instant(_ name: String) throws(JOSEError) -> Instant? { try claims.instant(name) }
}

extension UnverifiedJWS {
    /// The proof that whoever made the token holds the key in its own header (`jwk`, RFC 7515 §4.1.3), as DPoP wants it (RFC
    /// 9449 §4.3). Every other verifier is given its keys and never looks there.
    ///
    /// `kid`, `jku`, `x5u` and `x5c` mean nothing here.
    ///
    /// - Parameters:
    ///   - type: the one `typ` that such a proof has, letter case ignored.
    ///   - algorithms: the algorithms allowed by configuration.
    /// - Throws: ``JOSEError`` `.wrongType`, `.algorithmNotAllowed`, `.malformed` without a key, `.unsuitableKey` for a
    ///   private, symmetric or weak one and one that the algorithm is not for, `.badSignature`.
    public func possessionProved(
        type: String, algorithms: Set<SignatureAlgorithm>
    ) throws(JOSEError) -> ProofOfPossession {
        guard claimedType?.lowercased() == type.lowercased() else {
            throw JOSEError(.wrongType, "the token is of another type")
        }
        guard let algorithm = SignatureAlgorithm(rawValue: claimedAlgorithm), algorithms.contains(algorithm) else {
            throw JOSEError(.algorithmNotAllowed, "the token is signed by an algorithm that is not allowed here")
        }
        guard let embeddedKey else { throw JOSEError(.malformed, "the header has no jwk") }
        let declared: JWK
        do throws(KeySetError) {
            declared = try JWK(declared: embeddedKey)
        } catch {
            throw JOSEError(.unsuitableKey, "the jwk of the header: \(error.reason)")
        }
        guard declared.key.kind == algorithm.keyKind, (declared.algorithm ?? algorithm) == algorithm else {
            throw JOSEError(.unsuitableKey, "the jwk of the header is not for the algorithm of the header")
        }
        guard let thumbprint = try? declared.key.jwkThumbprint() else {
            throw JOSEError(.unsuitableKey, "the jwk of the header has no thumbprint")
        }
        // The name that the header gives its key, if any, is as good as another one.
        let keys = JWKSet([JWK(keyID: claimedKeyID, algorithm: algorithm, key: declared.key)])
        let claims = try verified(by: keys, algorithms: [algorithm], types: [type.lowercased()])
        return ProofOfPossession(key: declared.key, thumbprint: thumbprint, claims: claims)
    }
}
