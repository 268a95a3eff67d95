/// The provider did not answer with an error (RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6). The description is never read: it
/// would be somebody else's words in our log or on our page.
enum NoErrorWasAnswered: AuthorizationResponseRule {
    static func check(_ response: AuthorizationResponse) throws(ProviderError) {
        guard let error = response.parameters.error else { return }
        let name = ErrorName(error)
        switch name.text {
        case "access_denied": throw ProviderError(.declined, "the provider answered \(name.text)")
        case "login_required", "consent_required", "interaction_required", "account_selection_required":
            throw ProviderError(.interactionRequired, "the provider answered \(name.text)")
        case "server_error", "temporarily_unavailable":
            throw ProviderError(.providerUnavailable, "the provider answered \(name.text)")
        default: throw ProviderError(.requestRefused, "the provider answered \(name.text)")
        }
    }
}

/// The `error` of an answer, as far as it is the short plain name that the standards lay down.
struct ErrorName: Sendable {
    let text: String

    init(_ answered: String) {
        let isPlain =
            (1...64).contains(answered.utf8.count)
            && answered.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }
        text = isPlain ? answered : "an error without a plain name"
    }
}
