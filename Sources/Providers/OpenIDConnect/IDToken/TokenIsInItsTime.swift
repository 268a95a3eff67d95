import Clocks
import JOSE

/// `exp` is there and not past; `iat` is there, not in the future and not long past; `nbf`, when there, is past (OIDC Core
/// §3.1.3.7 steps 9 and 10).
enum TokenIsInItsTime: IDTokenRule {
    static func check(_ claims: VerifiedClaims, _ expected: IDTokenExpectation) throws(ProviderError) {
        let now = expected.now
        let skew = expected.configuration.clockSkew
        guard let expiry = try instant("exp", claims, .idTokenExpired) else {
            throw ProviderError(.idTokenExpired, "exp is missing")
        }
        guard now < expiry + skew else { throw ProviderError(.idTokenExpired, "the token has expired") }
        guard let issuedAt = try instant("iat", claims, .idTokenIssuedAt) else {
            throw ProviderError(.idTokenIssuedAt, "iat is missing")
        }
        guard issuedAt <= now + skew else { throw ProviderError(.idTokenIssuedAt, "iat is in the future") }
        guard now < issuedAt + expected.configuration.idTokenAge + skew else {
            throw ProviderError(.idTokenIssuedAt, "the token was issued too long ago")
        }
        if let notBefore = try instant("nbf", claims, .idTokenIssuedAt), now + skew < notBefore {
            throw ProviderError(.idTokenIssuedAt, "the token is not valid yet")
        }
    }

    private static func instant(
        _ name: String, _ claims: VerifiedClaims, _ code: ProviderError.Code
    ) throws(ProviderError) -> Instant? {
        do throws(JOSEError) {
            return try claims.instant(name)
        } catch {
            throw ProviderError(code, error.reason)
        }
    }
}
