public import Clocks
public import Cryptography
public import Outbound

/// Signs people in at one OpenID Connect provider: the code flow with PKCE, and nothing else.
///
/// Owns the requests and the checks. Does not own cookies, pages or sessions: a role seals the ``PendingAuthorization``
/// into a cookie of the browser, and makes its own session of the ``VerifiedIdentity``.
public struct RelyingParty: Sendable {
    /// The provider and our registration there.
    public let configuration: ProviderConfiguration
    private let documents: ProviderDocuments
    private let http: any OutboundHTTP
    private let spentStates: any SpentStates
    private let clock: any WallClock
    private let random: any RandomSource

    /// A relying party of one provider. Nothing is fetched before the first person comes.
    ///
    /// - Throws: ``ProviderError`` `.configurationUnusable`.
    public init(
        configuration: ProviderConfiguration, http: any OutboundHTTP, spentStates: any SpentStates,
        clock: any WallClock, random: any RandomSource
    ) throws(ProviderError) {
        try configuration.check()
        self.configuration = configuration
        self.http = http
        self.spentStates = spentStates
        self.clock = clock
        self.random = random
        documents = ProviderDocuments(configuration: configuration, http: http, clock: clock)
    }

    /// Begins a sign-on.
    ///
    /// - Throws: ``ProviderError`` when the provider's discovery document cannot be had or trusted.
    public func start(
        _ options: AuthorizationOptions = AuthorizationOptions()
    ) async throws(ProviderError) -> AuthorizationStart {
        let builder = AuthorizationRequestBuilder(
            configuration: configuration, metadata: try await documents.metadata())
        return try builder.start(options, now: clock.now(), random: random)
    }

    /// Ends a sign-on with what came to the redirect URI.
    ///
    /// The road, in order: the answer belongs to this browser's sign-on (``AuthorizationResponse/rules``); it is spent; the
    /// code is redeemed; the ID token holds (``IDTokenVerifier/rules``); userinfo is about the same person.
    ///
    /// - Parameters:
    ///   - parameters: the callback.
    ///   - pending: what this browser's cookie held; `nil` without one.
    /// - Throws: ``ProviderError``.
    public func finish(
        _ parameters: CallbackParameters, pending: PendingAuthorization?
    ) async throws(ProviderError) -> VerifiedIdentity {
        guard let pending else {
            throw ProviderError(.pendingMissing, "no sign-on was started in this browser")
        }
        let metadata = try await documents.metadata()
        let response = AuthorizationResponse(
            parameters: parameters, pending: pending, configuration: configuration, metadata: metadata,
            now: clock.now())
        let accepted = try response.accepted()
        try await spend(pending)
        let token = try await TokenRequest(configuration: configuration, metadata: metadata, http: http)
            .redeem(accepted)
        let expectation = IDTokenExpectation(
            configuration: configuration, pending: pending, accessToken: token.accessToken, now: clock.now())
        let idToken = try await IDTokenVerifier(documents: documents, expectation: expectation).verify(token)
        let userinfo = try await UserinfoRequest(
            configuration: configuration, metadata: metadata, documents: documents, http: http, now: clock.now()
        ).claims(of: idToken, token.accessToken)
        return VerifiedIdentity(idToken, userinfo, issuer: configuration.issuer, pending: pending)
    }

    var logoutTokenVerifier: LogoutTokenVerifier {
        LogoutTokenVerifier(documents: documents, configuration: configuration, now: clock.now())
    }

    func spendLogout(_ digest: [UInt8], until: Instant) async -> Bool {
        await spentStates.spend(digest, until: until)
    }

    private func spend(_ pending: PendingAuthorization) async throws(ProviderError) {
        let expiry = pending.startedAt + configuration.signOnLifetime
        guard await spentStates.spend(SHA256.hash(pending.state), until: expiry) else {
            throw ProviderError(.stateSpent, "the sign-on was finished already")
        }
    }

    /// Where to send the browser to sign out at the provider too (OpenID Connect RP-Initiated Logout §2); `nil` when the
    /// provider has no such place.
    ///
    /// - Parameters:
    ///   - idToken: the token of the session that ends.
    ///   - state: comes back to the post-logout address.
    /// - Throws: ``ProviderError`` when the provider's discovery document cannot be had or trusted.
    public func logoutURL(idToken: IDTokenHint, state: String?) async throws(ProviderError) -> String? {
        guard let endpoint = try await documents.metadata().endSessionEndpoint else { return nil }
        var fields: [(name: String, value: String)] = [
            ("id_token_hint", idToken.compact), ("client_id", configuration.clientID),
        ]
        if let address = configuration.postLogoutRedirectURI {
            fields.append(("post_logout_redirect_uri", address))
            if let state { fields.append(("state", state)) }
        }
        return endpoint.adding(fields)
    }
}
