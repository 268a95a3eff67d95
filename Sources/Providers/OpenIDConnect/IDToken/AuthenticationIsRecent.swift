import Clocks
import JOSE

/// When `max_age` was asked for, `auth_time` is there and recent enough (OIDC Core §3.1.3.7 step 13); it is never in the
/// future nor malformed.
enum AuthenticationIsRecent: IDTokenRule {
    static func check(_ claims: VerifiedClaims, _ expected: IDTokenExpectation) throws(ProviderError) {
        let time: Instant?
        do throws(JOSEError) {
            time = try claims.instant("auth_time")
        } catch {
            throw ProviderError(.idTokenAuthenticationTime, error.reason)
        }
        let skew = expected.configuration.clockSkew
        if let time, expected.now + skew < time {
            throw ProviderError(.idTokenAuthenticationTime, "auth_time is in the future")
        }
        guard let since = expected.pending.authenticatedSince else { return }
        guard let time else {
            throw ProviderError(.idTokenAuthenticationTime, "auth_time was asked for and is missing")
        }
        guard since <= time + skew else {
            throw ProviderError(.idTokenAuthenticationTime, "the authentication is older than asked for")
        }
    }
}
