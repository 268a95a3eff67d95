import Cryptography
import JOSE

/// `iss` is the provider's issuer, byte for byte (OIDC Core §3.1.3.7 step 2).
enum IssuerIsExact: IDTokenRule {
    static func check(_ claims: VerifiedClaims, _ expected: IDTokenExpectation) throws(ProviderError) {
        guard let issuer = claims["iss"]?.string, constantTimeEqual(issuer, expected.configuration.issuer) else {
            throw ProviderError(.idTokenIssuer, "iss is missing or another issuer")
        }
    }
}
