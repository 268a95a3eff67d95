import Cryptography

/// The pending sign-on was started at this provider (OA-30, OA-31): an answer of one provider must never finish a sign-on at
/// another, even when both come back to one address.
enum SignOnIsHere: AuthorizationResponseRule {
    static func check(_ response: AuthorizationResponse) throws(ProviderError) {
        guard constantTimeEqual(response.pending.issuer, response.configuration.issuer) else {
            throw ProviderError(.pendingElsewhere, "the sign-on was started at another provider")
        }
    }
}
