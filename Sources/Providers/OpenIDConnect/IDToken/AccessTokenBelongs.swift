import Cryptography
import JOSE

/// `at_hash`, when there, is that of the access token (OIDC Core §3.1.3.8): the left half of the hash that the signature's
/// algorithm uses. In the code flow it may be absent (§3.1.3.6).
enum AccessTokenBelongs: IDTokenRule {
    static func check(_ claims: VerifiedClaims, _ expected: IDTokenExpectation) throws(ProviderError) {
        guard let value = claims["at_hash"] else { return }
        let half = expected.accessToken.withBytes { bytes in
            switch claims.algorithm {
            case .rs256, .ps256, .es256: Array(SHA256.hash(bytes).prefix(16))
            // Ed25519 hashes with SHA-512 (RFC 8032 §5.1).
            case .edDSA: Array(SHA512.hash(bytes).prefix(32))
            }
        }
        guard let hash = value.string, constantTimeEqual(hash, Base64URL.encode(half)) else {
            throw ProviderError(.idTokenAccessTokenHash, "at_hash is not that of the access token")
        }
    }
}
