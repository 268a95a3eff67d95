import JOSE

/// When the configuration expects an `acr`, it is one of those (OIDC Core §3.1.3.7 step 12): a weaker authentication than
/// asked for is none.
enum AuthenticationIsStrong: IDTokenRule {
    static func check(_ claims: VerifiedClaims, _ expected: IDTokenExpectation) throws(ProviderError) {
        let accepted = expected.configuration.acceptedACRs
        guard !accepted.isEmpty else { return }
        guard let context = claims["acr"]?.string, accepted.contains(context) else {
            throw ProviderError(.idTokenAuthenticationContext, "acr is missing or weaker than asked for")
        }
    }
}
