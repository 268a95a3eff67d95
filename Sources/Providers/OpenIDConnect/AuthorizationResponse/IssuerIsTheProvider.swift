import Cryptography

/// `iss` is the provider's issuer when it is there, and is there when the provider says that it always is (RFC 9207 §2.4):
/// else a code of one provider could be carried to another (mix-up, OA-31).
enum IssuerIsTheProvider: AuthorizationResponseRule {
    static func check(_ response: AuthorizationResponse) throws(ProviderError) {
        guard let issuer = response.parameters.issuer else {
            guard !response.metadata.alwaysNamesIssuer else {
                throw ProviderError(.issuerMissing, "the answer names no issuer, though the provider always does")
            }
            return
        }
        guard constantTimeEqual(issuer, response.configuration.issuer) else {
            throw ProviderError(.issuerMismatch, "the answer names another issuer")
        }
    }
}
