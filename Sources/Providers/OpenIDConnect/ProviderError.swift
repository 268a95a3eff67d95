/// Why a sign-on at an identity provider came to nothing. Code and detail are for the log; people read
/// ``publicSentence``. Neither holds a token, a secret, or a word that the provider sent.
public struct ProviderError: Error, Equatable, CustomStringConvertible {
    /// What callers switch on, counts and tests; the raw value is what the log shows.
    public enum Code: String, Sendable, Equatable, CaseIterable {
        /// Our own configuration cannot work.
        case configurationUnusable = "configuration_unusable"

        /// The discovery document cannot be had.
        case metadataUnavailable = "metadata_unavailable"
        /// The discovery document is not what OpenID Connect Discovery §3 lays down.
        case metadataMalformed = "metadata_malformed"
        /// The discovery document is of another issuer (§4.3).
        case metadataIssuerMismatch = "metadata_issuer_mismatch"
        /// The discovery document does not offer what the configuration needs.
        case metadataUnsuitable = "metadata_unsuitable"
        /// An endpoint of the discovery document is not https.
        case endpointInsecure = "endpoint_insecure"
        /// The key set cannot be had.
        case keysUnavailable = "keys_unavailable"
        /// The key set is not one to trust.
        case keysMalformed = "keys_malformed"

        /// The parameters of the callback cannot be read, or one is repeated.
        case parametersMalformed = "parameters_malformed"
        /// No sign-on was started in this browser.
        case pendingMissing = "pending_missing"
        /// The sign-on was started at another provider.
        case pendingElsewhere = "pending_elsewhere"
        /// The sign-on was started too long ago.
        case pendingExpired = "pending_expired"
        /// The answer has no `state`, or belongs to another sign-on.
        case stateMismatch = "state_mismatch"
        /// The sign-on was finished already.
        case stateSpent = "state_spent"
        /// The answer does not name its issuer though this provider always does (RFC 9207).
        case issuerMissing = "issuer_missing"
        /// The answer comes from another issuer (RFC 9207).
        case issuerMismatch = "issuer_mismatch"
        /// The person gave up, or the provider let nobody in.
        case declined = "declined"
        /// The provider would have had to ask the person, and was told not to.
        case interactionRequired = "interaction_required"
        /// The provider said that it cannot work now.
        case providerUnavailable = "provider_unavailable"
        /// The provider refused our request.
        case requestRefused = "request_refused"
        /// The answer has no code.
        case codeMissing = "code_missing"

        /// The token endpoint cannot be had.
        case tokenUnavailable = "token_unavailable"
        /// The token endpoint refused the code or our credentials.
        case tokenRefused = "token_refused"
        /// The token endpoint's answer is not that of RFC 6749 §5.1.
        case tokenMalformed = "token_malformed"

        /// The ID token is not one.
        case idTokenMalformed = "id_token_malformed"
        /// The ID token is signed by an algorithm that the configuration does not allow, or not at all.
        case idTokenAlgorithm = "id_token_algorithm"
        /// The ID token's header holds what must be understood and is not.
        case idTokenHeader = "id_token_header"
        /// The token is of another type.
        case idTokenType = "id_token_type"
        /// No key of the provider fits the ID token.
        case idTokenKey = "id_token_key"
        /// The signature is not the provider's.
        case idTokenSignature = "id_token_signature"
        /// `iss` is missing or another.
        case idTokenIssuer = "id_token_issuer"
        /// `sub` is missing or not fit to name a person.
        case idTokenSubject = "id_token_subject"
        /// `aud` is missing or another, or names others without `azp`.
        case idTokenAudience = "id_token_audience"
        /// `azp` is another.
        case idTokenAuthorizedParty = "id_token_authorized_party"
        /// `exp` is missing, malformed or past.
        case idTokenExpired = "id_token_expired"
        /// `iat` or `nbf` is missing, malformed, in the future, or `iat` too long past.
        case idTokenIssuedAt = "id_token_issued_at"
        /// `nonce` is missing or another.
        case idTokenNonce = "id_token_nonce"
        /// `at_hash` is not that of the access token.
        case idTokenAccessTokenHash = "id_token_at_hash"
        /// `auth_time` was asked for and is missing, or the authentication is too old.
        case idTokenAuthenticationTime = "id_token_auth_time"
        /// `acr` was asked for and is missing or too weak.
        case idTokenAuthenticationContext = "id_token_acr"

        /// The userinfo endpoint cannot be had or refused us.
        case userinfoUnavailable = "userinfo_unavailable"
        /// The userinfo answer is not one.
        case userinfoMalformed = "userinfo_malformed"
        /// The signature of the userinfo answer is not the provider's, or it is meant for somebody else.
        case userinfoUntrusted = "userinfo_untrusted"
        /// The userinfo answer is about somebody else.
        case userinfoSubject = "userinfo_subject"

        /// The logout token is not one.
        case logoutTokenMalformed = "logout_token_malformed"
        /// The logout token is signed by an algorithm that the configuration does not allow, or not at all.
        case logoutTokenAlgorithm = "logout_token_algorithm"
        /// The logout token's header holds what must be understood and is not.
        case logoutTokenHeader = "logout_token_header"
        /// What came as a logout token is of another type.
        case logoutTokenType = "logout_token_type"
        /// No key of the provider fits the logout token.
        case logoutTokenKey = "logout_token_key"
        /// The logout token is not signed by the provider.
        case logoutTokenSignature = "logout_token_signature"
        /// The logout token is of another issuer.
        case logoutTokenIssuer = "logout_token_issuer"
        /// The logout token is for another client.
        case logoutTokenAudience = "logout_token_audience"
        /// The logout token does not say when it was issued, or comes from the future.
        case logoutTokenIssuedAt = "logout_token_issued_at"
        /// The logout token has expired, or never does.
        case logoutTokenExpired = "logout_token_expired"
        /// The logout token lives longer than the configuration allows.
        case logoutTokenLifetime = "logout_token_lifetime"
        /// The logout token does not say that a session has ended.
        case logoutTokenEvents = "logout_token_events"
        /// The logout token has a nonce: it may be an ID token.
        case logoutTokenNonce = "logout_token_nonce"
        /// The logout token names neither a person nor a session.
        case logoutTokenSubject = "logout_token_subject"
        /// The logout token has no identifier of its own.
        case logoutTokenID = "logout_token_id"
        /// The logout token was heard already.
        case logoutTokenReplayed = "logout_token_replayed"
    }

    /// What happened, for code.
    public let code: Code
    /// What happened, for the log.
    public let detail: String

    /// An error of kind `code`.
    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    /// The code and the detail.
    public var description: String { code.rawValue + ": " + detail }

    /// Two errors are equal when their codes are.
    public static func == (left: ProviderError, right: ProviderError) -> Bool { left.code == right.code }
}
