import Clocks
import OAuth
import SignOn
import Web

/// A validated authentication request (OpenID Connect Core §3.1.2.1).
struct AuthorizationRequest: Sendable {
    let client: Client
    let redirectURI: String
    let state: String?
    let nonce: String?
    let scope: Scope
    let challenge: CodeChallenge?
    /// `dpop_jkt`: the one key whose proof may come with the code (RFC 9449 §10).
    let proofKey: String?
    let prompts: Set<Prompt>
    let maximumAge: Duration?
    let claims: ClaimsRequest
    let contexts: [AuthenticationContext]
    let contextsAreEssential: Bool
    /// The subject that the answer must be about (`id_token_hint`, or `sub` in `claims`).
    let expectedSubject: String?
    let loginHint: String?
    let doorHint: String?
    let languages: [String]

    /// The sign-on that it asks for.
    func signOn(fields: String, replyOrigin: String?) -> SignOnRequest {
        SignOnRequest(
            issuer: OpenIDProvider.issuerName, party: client.id, partyName: client.party.name, payload: fields,
            resumePath: OpenIDRoutes.resume.path, replyOrigin: replyOrigin,
            forcesAuthentication: prompts.contains(.login) || prompts.contains(.selectAccount),
            maximumAge: maximumAge ?? client.defaultMaximumAge,
            contexts: contexts.isEmpty ? client.defaultContexts : contexts, contextsAreEssential: contextsAreEssential,
            loginHint: loginHint, doorHint: doorHint, languages: languages)
    }
}

/// Why an authentication request is refused: shown on a page of ours while the address is not proved (OA-02), sent to the
/// client from then on.
enum AuthorizationRefusal: Error, Equatable {
    /// The client or the address is not registered: a page, never a redirect.
    case page(String)
    /// An answer to the client.
    case answer(OAuthErrorCode, String)
}
