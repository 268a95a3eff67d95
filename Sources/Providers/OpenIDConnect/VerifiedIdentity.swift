public import Clocks
public import JOSE

/// Somebody whom a provider vouched for, in a sign-on that this browser began. Only the end of that road makes one.
///
/// The key of a person is (``issuer``, ``subject``), both together, and nothing else: neither mail nor phone nor login
/// (OA-34).
public struct VerifiedIdentity: Sendable {
    /// The provider.
    public let issuer: String
    /// The provider's name for the person.
    public let subject: String
    /// What the provider says of the person: userinfo, and over it the ID token.
    public let claims: [String: JSONValue]
    /// The ID token, to be kept for the sign-out.
    public let idToken: IDTokenHint
    /// When the person proved who they are.
    public let authenticatedAt: Instant?
    /// `acr`: how strongly.
    public let authenticationContext: String?
    /// `amr`: by what means.
    public let authenticationMethods: [String]
    /// `sid`: the provider's session, for a sign-out that begins there.
    public let sessionID: String?
    /// What the role noted when it started the sign-on.
    public let returnTo: String?

    init(
        _ idToken: VerifiedIDToken, _ userinfo: VerifiedUserinfo, issuer: String, pending: PendingAuthorization
    ) {
        self.issuer = issuer
        subject = idToken.subject
        claims = userinfo.claims.merging(idToken.claims.members) { _, signed in signed }
        self.idToken = idToken.hint
        // Its form was checked with the token.
        authenticatedAt = (try? idToken.claims.instant("auth_time")) ?? nil
        authenticationContext = idToken.claims["acr"]?.string
        authenticationMethods = idToken.claims["amr"]?.array?.compactMap(\.string) ?? []
        sessionID = idToken.claims["sid"]?.string
        returnTo = pending.returnTo
    }
}
