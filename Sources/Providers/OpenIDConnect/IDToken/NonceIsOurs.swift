import Cryptography
import JOSE

/// `nonce` is the one of this sign-on (OIDC Core §3.1.3.7 step 11): a token or a code of another sign-on cannot be brought
/// into this one (OA-32).
enum NonceIsOurs: IDTokenRule {
    static func check(_ claims: VerifiedClaims, _ expected: IDTokenExpectation) throws(ProviderError) {
        guard let nonce = claims["nonce"]?.string, constantTimeEqual(nonce, expected.pending.nonce) else {
            throw ProviderError(.idTokenNonce, "nonce is missing or of another sign-on")
        }
    }
}
