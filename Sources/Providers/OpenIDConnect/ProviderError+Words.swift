extension ProviderError {
    /// What the person can do about it.
    public enum Advice: Sendable, Equatable, CaseIterable {
        /// Nothing is wrong: the person said no.
        case declined
        /// Starting again mends it; a role may do so by itself, once.
        case startAgain
        /// Wait a little.
        case comeBackLater
        /// Somebody has to look at it.
        case askForHelp
    }

    /// What the person can do about it.
    public var advice: Advice {
        switch code {
        case .declined: .declined
        case .pendingMissing, .pendingElsewhere, .pendingExpired, .stateMismatch, .stateSpent, .interactionRequired,
            .codeMissing, .parametersMalformed, .tokenRefused:
            .startAgain
        case .metadataUnavailable, .keysUnavailable, .providerUnavailable, .tokenUnavailable, .userinfoUnavailable:
            .comeBackLater
        case .configurationUnusable, .metadataMalformed, .metadataIssuerMismatch, .metadataUnsuitable,
            .endpointInsecure, .keysMalformed, .issuerMissing, .issuerMismatch, .requestRefused, .tokenMalformed,
            .idTokenMalformed, .idTokenAlgorithm, .idTokenHeader, .idTokenType, .idTokenKey, .idTokenSignature,
            .idTokenIssuer, .idTokenSubject, .idTokenAudience, .idTokenAuthorizedParty, .idTokenExpired,
            .idTokenIssuedAt, .idTokenNonce, .idTokenAccessTokenHash, .idTokenAuthenticationTime,
            .idTokenAuthenticationContext, .userinfoMalformed, .userinfoUntrusted, .userinfoSubject,
            .logoutTokenMalformed, .logoutTokenAlgorithm, .logoutTokenHeader, .logoutTokenType, .logoutTokenKey,
            .logoutTokenSignature, .logoutTokenIssuer, .logoutTokenAudience, .logoutTokenIssuedAt, .logoutTokenExpired,
            .logoutTokenLifetime, .logoutTokenEvents, .logoutTokenNonce, .logoutTokenSubject, .logoutTokenID,
            .logoutTokenReplayed:
            .askForHelp
        }
    }

    /// The sentence for the page. It says what to do, and nothing of which check refused.
    public var publicSentence: String {
        switch advice {
        case .declined: "La connexion a été abandonnée. Vous pouvez recommencer quand vous voulez."
        case .startAgain: "La connexion a été interrompue. Recommencez."
        case .comeBackLater: "Le service de connexion ne répond pas pour le moment. Réessayez dans quelques minutes."
        case .askForHelp:
            "La réponse du service de connexion n’a pas pu être vérifiée. Recommencez ; "
                + "si cela se reproduit, donnez le code ci-dessous à l’assistance."
        }
    }
}
