import Clocks
import Cryptography
import JOSE

/// Verifies logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.6): signature first, then the claims, each rule with a
/// reason of its own (OA-20).
struct LogoutTokenVerifier: Sendable {
    /// What the token must say has happened (§2.4).
    static let event = "http://schemas.openid.net/event/backchannel-logout"
    /// Its `typ`. The standard only recommends it; without one, an ID token and a logout token are told apart by their
    /// claims alone (RFC 8725 §3.11), so that here it is asked for.
    static let type = "logout+jwt"

    let documents: ProviderDocuments
    let configuration: ProviderConfiguration
    let now: Instant

    func verify(_ text: String) async throws(ProviderError) -> VerifiedLogoutToken {
        let token: UnverifiedJWS
        do throws(JOSEError) {
            token = try UnverifiedJWS(compact: text)
        } catch {
            throw ProviderError(logoutToken: error)
        }
        // §2.6 step 2: signed like ID tokens, by the algorithm of our registration; none never is.
        let algorithms = configuration.idTokenAlgorithms
        let claims = try await documents.withKeys(
            { (keys: JWKSet) throws(JOSEError) in
                try token.verified(by: keys, algorithms: algorithms, types: [Self.type])
            },
            refetchWhen: { $0.code == .unknownKey || $0.code == .badSignature && token.claimedKeyID == nil },
            refusing: ProviderError.init(logoutToken:))
        try issuerIsExact(claims)
        try audienceIsThisClient(claims)
        try tokenIsInItsTime(claims)
        try eventIsLogout(claims)
        try nonceIsAbsent(claims)
        return try VerifiedLogoutToken(claims, configuration)
    }

    /// `iss` is the provider's, byte for byte.
    private func issuerIsExact(_ claims: VerifiedClaims) throws(ProviderError) {
        guard let issuer = claims["iss"]?.string, constantTimeEqual(issuer, configuration.issuer) else {
            throw ProviderError(.logoutTokenIssuer, "iss is missing or another issuer")
        }
    }

    /// `aud` is this client: another client's token ends nothing here.
    private func audienceIsThisClient(_ claims: VerifiedClaims) throws(ProviderError) {
        let audiences: [String]
        do throws(JOSEError) {
            audiences = try claims.audiences()
        } catch {
            throw ProviderError(.logoutTokenAudience, error.reason)
        }
        guard audiences.contains(where: { constantTimeEqual($0, configuration.clientID) }) else {
            throw ProviderError(.logoutTokenAudience, "aud is another client")
        }
    }

    /// `iat` and `exp` are there, the one not in the future, the other not past, and not far apart (§4).
    private func tokenIsInItsTime(_ claims: VerifiedClaims) throws(ProviderError) {
        let skew = configuration.clockSkew
        guard let issuedAt = try instant("iat", claims, .logoutTokenIssuedAt) else {
            throw ProviderError(.logoutTokenIssuedAt, "iat is missing")
        }
        guard issuedAt <= now + skew else { throw ProviderError(.logoutTokenIssuedAt, "iat is in the future") }
        guard let expiry = try instant("exp", claims, .logoutTokenExpired) else {
            throw ProviderError(.logoutTokenExpired, "exp is missing")
        }
        guard now < expiry + skew else { throw ProviderError(.logoutTokenExpired, "the token has expired") }
        guard expiry - issuedAt <= configuration.logoutTokenLifetime else {
            throw ProviderError(.logoutTokenLifetime, "the token lives too long to be remembered")
        }
    }

    private func instant(
        _ name: String, _ claims: VerifiedClaims, _ code: ProviderError.Code
    ) throws(ProviderError) -> Instant? {
        do throws(JOSEError) {
            return try claims.instant(name)
        } catch {
            throw ProviderError(code, error.reason)
        }
    }

    /// `events` holds the logout event, an object (§2.4).
    private func eventIsLogout(_ claims: VerifiedClaims) throws(ProviderError) {
        guard claims["events"]?[Self.event]?.object != nil else {
            throw ProviderError(.logoutTokenEvents, "events does not hold the logout event")
        }
    }

    /// A `nonce` makes it an ID token (§2.4: "PROHIBITED").
    private func nonceIsAbsent(_ claims: VerifiedClaims) throws(ProviderError) {
        guard claims["nonce"] == nil else { throw ProviderError(.logoutTokenNonce, "the token has a nonce") }
    }
}

/// A logout token that holds. Only ``LogoutTokenVerifier`` makes one.
struct VerifiedLogoutToken: Sendable {
    let logout: UpstreamLogout
    /// SHA-256 of the provider's name and `jti`.
    let digest: [UInt8]
    let expiresAt: Instant

    fileprivate init(_ claims: VerifiedClaims, _ configuration: ProviderConfiguration) throws(ProviderError) {
        let subject = try Self.name("sub", claims)
        let sessionID = try Self.name("sid", claims)
        guard subject != nil || sessionID != nil else {
            throw ProviderError(.logoutTokenSubject, "the token names neither a person nor a session")
        }
        guard let tokenID = claims["jti"]?.string, (1...255).contains(tokenID.utf8.count) else {
            throw ProviderError(.logoutTokenID, "jti is missing or no short text")
        }
        guard let issuedAt = (try? claims.instant("iat")) ?? nil, let expiry = (try? claims.instant("exp")) ?? nil
        else { throw ProviderError(.logoutTokenIssuedAt, "iat or exp is missing") }
        logout = UpstreamLogout(
            issuer: configuration.issuer, subject: subject, sessionID: sessionID, issuedAt: issuedAt)
        digest = SHA256.hash("logout token \(configuration.issuer.utf8.count):\(configuration.issuer)\(tokenID)")
        expiresAt = expiry + configuration.clockSkew
    }

    private static func name(_ name: String, _ claims: VerifiedClaims) throws(ProviderError) -> String? {
        guard let value = claims[name] else { return nil }
        guard let text = value.string, (1...255).contains(text.utf8.count) else {
            throw ProviderError(.logoutTokenSubject, "\(name) is no short text")
        }
        return text
    }
}

extension ProviderError {
    /// The refusal of a logout token whose form or signature does not hold.
    init(logoutToken error: JOSEError) {
        let code: Code =
            switch error.code {
            case .malformed, .badClaim: .logoutTokenMalformed
            case .algorithmNotAllowed: .logoutTokenAlgorithm
            case .unsupportedHeader: .logoutTokenHeader
            case .wrongType: .logoutTokenType
            case .unknownKey, .unsuitableKey: .logoutTokenKey
            case .badSignature: .logoutTokenSignature
            }
        self.init(code, error.reason)
    }
}
