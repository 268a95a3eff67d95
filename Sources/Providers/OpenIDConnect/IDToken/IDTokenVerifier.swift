import Clocks
import Cryptography
import JOSE

/// What an ID token must say (OIDC Core §3.1.3.7).
struct IDTokenExpectation: Sendable {
    let configuration: ProviderConfiguration
    let pending: PendingAuthorization
    let accessToken: SecretBytes
    let now: Instant
}

/// Verifies ID tokens: signature first, then the claims.
struct IDTokenVerifier: Sendable {
    let documents: ProviderDocuments
    let expectation: IDTokenExpectation

    /// The rules, in the order in which they are asked, of claims whose signature is proved.
    static let rules: [any IDTokenRule.Type] = [
        IssuerIsExact.self,
        SubjectNamesSomebody.self,
        AudienceIsThisClient.self,
        TokenIsInItsTime.self,
        NonceIsOurs.self,
        AccessTokenBelongs.self,
        AuthenticationIsRecent.self,
        AuthenticationIsStrong.self,
    ]

    func verify(_ response: TokenResponse) async throws(ProviderError) -> VerifiedIDToken {
        let token = response.idToken
        let algorithms = expectation.configuration.idTokenAlgorithms
        let claims = try await documents.withKeys(
            { (keys: JWKSet) throws(JOSEError) in
                // RFC 8725 §3.11: what wears another type (a logout token, an access token) is no ID token.
                try token.verified(by: keys, algorithms: algorithms, types: [nil, "jwt"])
            },
            // A key that we have not seen yet; or, where keys have no names, one that took the place of another.
            refetchWhen: { $0.code == .unknownKey || $0.code == .badSignature && token.claimedKeyID == nil },
            refusing: ProviderError.init(idToken:))
        for rule in Self.rules { try rule.check(claims, expectation) }
        return try VerifiedIDToken(claims: claims, hint: response.hint)
    }
}

/// A rule for ID tokens.
protocol IDTokenRule: SendableMetatype {
    /// Passes or refuses the token.
    static func check(_ claims: VerifiedClaims, _ expected: IDTokenExpectation) throws(ProviderError)
}

/// An ID token that holds. Only ``IDTokenVerifier`` makes one.
struct VerifiedIDToken: Sendable {
    let claims: VerifiedClaims
    let subject: String
    let hint: IDTokenHint

    fileprivate init(claims: VerifiedClaims, hint: IDTokenHint) throws(ProviderError) {
        self.claims = claims
        self.hint = hint
        do throws(JOSEError) {
            subject = try claims.text("sub")
        } catch {
            throw ProviderError(.idTokenSubject, error.reason)
        }
    }
}

extension ProviderError {
    /// The refusal of an ID token whose form or signature does not hold.
    init(idToken error: JOSEError) {
        let code: Code =
            switch error.code {
            case .malformed, .badClaim: .idTokenMalformed
            case .algorithmNotAllowed: .idTokenAlgorithm
            case .unsupportedHeader: .idTokenHeader
            case .wrongType: .idTokenType
            case .unknownKey, .unsuitableKey: .idTokenKey
            case .badSignature: .idTokenSignature
            }
        self.init(code, error.reason)
    }
}
