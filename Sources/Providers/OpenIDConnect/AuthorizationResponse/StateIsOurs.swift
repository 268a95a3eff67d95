import Cryptography

/// `state` is there and is the one of this browser's sign-on (RFC 6749 §10.12): without it anybody could hand this browser a
/// code of their own (login CSRF, OA-35).
enum StateIsOurs: AuthorizationResponseRule {
    static func check(_ response: AuthorizationResponse) throws(ProviderError) {
        guard let state = response.parameters.state, constantTimeEqual(state, response.pending.state) else {
            throw ProviderError(.stateMismatch, "the answer belongs to no sign-on of this browser")
        }
    }
}
