public import Clocks
import Cryptography

/// The provider says that a session has ended (OpenID Connect Back-Channel Logout 1.0): proved, and heard once.
public struct UpstreamLogout: Sendable, Hashable {
    /// The provider.
    public let issuer: String
    /// Whose session, by the provider's name for the person; `nil` when ``sessionID`` alone says which.
    public let subject: String?
    /// Which session; `nil` for every one of ``subject``.
    public let sessionID: String?
    /// When the provider said so: later sessions are not meant.
    public let issuedAt: Instant
}

extension RelyingParty {
    /// Reads what came to the back-channel logout address.
    ///
    /// - Parameter logoutToken: the field `logout_token`.
    /// - Returns: what has ended; each token counts once.
    /// - Throws: ``ProviderError``.
    public func upstreamLogout(_ logoutToken: String) async throws(ProviderError) -> UpstreamLogout {
        let token = try await logoutTokenVerifier.verify(logoutToken)
        // Last: a token that is refused uses nothing up.
        guard await spendLogout(token.digest, until: token.expiresAt) else {
            throw ProviderError(.logoutTokenReplayed, "the logout token was heard already")
        }
        return token.logout
    }
}
