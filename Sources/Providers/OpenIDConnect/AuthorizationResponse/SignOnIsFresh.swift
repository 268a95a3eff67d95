import Clocks

/// The sign-on was started within its lifetime (OA-30), and not in the future.
enum SignOnIsFresh: AuthorizationResponseRule {
    static func check(_ response: AuthorizationResponse) throws(ProviderError) {
        let startedAt = response.pending.startedAt
        let configuration = response.configuration
        guard response.now < startedAt + configuration.signOnLifetime,
            startedAt <= response.now + configuration.clockSkew
        else { throw ProviderError(.pendingExpired, "the sign-on was started at \(startedAt.rfc3339)") }
    }
}
