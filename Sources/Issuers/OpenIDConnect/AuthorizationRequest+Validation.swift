import Clocks
import Cryptography
import JOSE
import Keyring
import OAuth
import SignOn
import Web

extension OpenIDProvider {
    /// Applies the rules in the order of ``AuthorizationRules``, once client and address are proved.
    func validated(
        _ fields: FormFields, client: Client, redirectURI: String
    ) throws(AuthorizationRefusal) -> AuthorizationRequest {
        try AuthorizationRules.noRepeatedParameter(fields)
        try AuthorizationRules.noRequestObject(fields)
        try AuthorizationRules.responseType(fields)
        let scope = try AuthorizationRules.scope(fields, client)
        let challenge = try AuthorizationRules.codeChallenge(fields, client)
        let proofKey = try AuthorizationRules.proofKey(fields)
        let prompts = try AuthorizationRules.prompts(fields)
        let maximumAge = try AuthorizationRules.maximumAge(fields)
        let claims = try AuthorizationRules.claims(fields)
        let state = try AuthorizationRules.bounded("state", fields, 2048)
        let nonce = try AuthorizationRules.bounded("nonce", fields, 1024)
        let loginHint = try AuthorizationRules.bounded("login_hint", fields, 256)
        let wish = claims.idToken["acr"]
        let wished = wish?.values ?? []
        let isEssential = wish?.isEssential == true && !wished.isEmpty
        // acr_values is voluntary (OpenID Connect Core §3.1.2.1): it adds nothing to what would satisfy an essential wish.
        let voluntary = (fields["acr_values"] ?? "").split(separator: " ").map(String.init)
        let contexts = (isEssential ? wished : voluntary + wished).compactMap(AuthenticationContext.init(rawValue:))
        if isEssential, contexts.isEmpty {
            throw .answer(.unmetAuthenticationRequirements, "none of the essential acr values is offered")
        }
        return AuthorizationRequest(
            client: client, redirectURI: redirectURI, state: state, nonce: nonce, scope: scope, challenge: challenge,
            proofKey: proofKey, prompts: prompts, maximumAge: maximumAge, claims: claims, contexts: contexts,
            contextsAreEssential: isEssential,
            expectedSubject: try expectedSubject(fields, claims, client), loginHint: loginHint,
            doorHint: try AuthorizationRules.bounded("idp_hint", fields, 64),
            languages: (fields["ui_locales"] ?? "").split(separator: " ").prefix(10).map(String.init))
    }

    /// The subject that the answer must be about. A hint that we did not sign is refused rather than passed over: the client
    /// would take the answer for one about that person.
    private func expectedSubject(
        _ fields: FormFields, _ claims: ClaimsRequest, _ client: Client
    ) throws(AuthorizationRefusal) -> String? {
        let asked = (claims.idToken["sub"]?.values ?? []) + (claims.userInfo["sub"]?.values ?? [])
        guard Set(asked).count <= 1 else { throw .answer(.invalidRequest, "claims asks for several subjects") }
        guard let hint = fields["id_token_hint"] else { return asked.first }
        guard let token = verifiedHint(hint), let subject = try? token.text("sub"),
            (try? token.audiences()) == [client.id]
        else { throw .answer(.invalidRequest, "id_token_hint is not an ID token that we gave to this client") }
        guard asked.isEmpty || asked == [subject] else {
            throw .answer(.invalidRequest, "claims and id_token_hint speak of two subjects")
        }
        return subject
    }

    /// The claims of an ID token of ours, expired or not; `nil` for anything else.
    func verifiedHint(_ text: String) -> VerifiedClaims? {
        guard
            let claims = try? UnverifiedJWS(compact: text).verified(
                by: keyring.snapshot.published, algorithms: Set(SignatureAlgorithm.allCases), types: [nil]),
            claims["iss"]?.string == issuer
        else { return nil }
        return claims
    }
}
