import Clocks

/// An answer of the authorization endpoint together with the sign-on that it claims to answer. Its code cannot be read
/// before ``accepted()``.
struct AuthorizationResponse: Sendable {
    let parameters: CallbackParameters
    let pending: PendingAuthorization
    let configuration: ProviderConfiguration
    let metadata: ProviderMetadata
    let now: Instant

    /// The rules, in the order in which they are asked. Whose answer it is comes first: neither an error nor a code is
    /// believed before it is known to belong to this browser's sign-on at this provider.
    static let rules: [any AuthorizationResponseRule.Type] = [
        SignOnIsHere.self,
        SignOnIsFresh.self,
        StateIsOurs.self,
        IssuerIsTheProvider.self,
        NoErrorWasAnswered.self,
    ]

    /// The code, once every rule holds.
    func accepted() throws(ProviderError) -> AcceptedCode {
        for rule in Self.rules { try rule.check(self) }
        return try AcceptedCode(of: self)
    }
}

/// A rule for answers of the authorization endpoint.
protocol AuthorizationResponseRule: SendableMetatype {
    /// Passes or refuses the answer.
    static func check(_ response: AuthorizationResponse) throws(ProviderError)
}

/// A code that answers this browser's sign-on. Only ``AuthorizationResponse/accepted()`` makes one.
struct AcceptedCode: Sendable {
    let code: String
    let pending: PendingAuthorization

    /// RFC 6749 §4.1.2 and Appendix A.11: a code is there, and visible ASCII.
    fileprivate init(of response: AuthorizationResponse) throws(ProviderError) {
        guard let code = response.parameters.code, !code.isEmpty,
            code.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { throw ProviderError(.codeMissing, "the answer has no code") }
        self.code = code
        pending = response.pending
    }
}
