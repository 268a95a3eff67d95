/// The error codes of the answers, by the words of their standards.
public enum OAuthErrorCode: String, Sendable, Hashable, CaseIterable {
    // RFC 6749 §4.1.2.1
    /// The request lacks something, or holds it twice or in a wrong form.
    case invalidRequest = "invalid_request"
    /// The client may not ask this way.
    case unauthorizedClient = "unauthorized_client"
    /// The person or the house said no.
    case accessDenied = "access_denied"
    /// Another response type than `code`.
    case unsupportedResponseType = "unsupported_response_type"
    /// A scope of a wrong form.
    case invalidScope = "invalid_scope"
    /// Something broke here.
    case serverError = "server_error"
    /// Too much to do, or the store is away: try again.
    case temporarilyUnavailable = "temporarily_unavailable"
    // RFC 6749 §5.2
    /// The client is not who it says.
    case invalidClient = "invalid_client"
    /// The code is not good (any more), or not for this client.
    case invalidGrant = "invalid_grant"
    /// A grant type that is not offered.
    case unsupportedGrantType = "unsupported_grant_type"
    // RFC 9449 §5
    /// The proof of possession is missing, or is none.
    case invalidDPoPProof = "invalid_dpop_proof"
    // RFC 9101 §6.2
    /// The pushed request is not ours, not this client's, used or too old.
    case invalidRequestURI = "invalid_request_uri"
    // RFC 6750 §3.1
    /// The access token is not good (any more).
    case invalidToken = "invalid_token"
    /// The access token does not reach that far.
    case insufficientScope = "insufficient_scope"
    // OpenID Connect Core §3.1.2.6
    /// Somebody must sign in, and `prompt=none` forbids to ask.
    case loginRequired = "login_required"
    /// A page is needed, and `prompt=none` forbids it.
    case interactionRequired = "interaction_required"
    /// Request objects are not offered.
    case requestNotSupported = "request_not_supported"
    /// Request objects by reference are not offered.
    case requestURINotSupported = "request_uri_not_supported"
    /// The `registration` parameter is not offered.
    case registrationNotSupported = "registration_not_supported"
    // OpenID Connect Core Unmet Authentication Requirements §2
    /// The context asked for as essential cannot be reached.
    case unmetAuthenticationRequirements = "unmet_authentication_requirements"
}
