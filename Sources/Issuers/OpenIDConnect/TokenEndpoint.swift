import Clocks
import Cryptography
import HTTPTypes
import Hummingbird
import JOSE
import Keyring
import OAuth
import SignOn
import SignOnHTTP
import Stores
import Web

extension OpenIDProvider {
    /// `POST /oidc/token` (OpenID Connect Core §3.1.3 and §12).
    func token(_ request: Request, _ context: RoleContext) async throws -> Response {
        try await forClient(request, context, "token") { request in
            let text = try request.required("grant_type")
            guard let type = GrantType(rawValue: text) else {
                throw TokenRefusal(
                    code: .unsupportedGrantType, description: "only authorization_code and refresh_token are offered")
            }
            guard request.client.grantTypes.contains(type) else {
                throw TokenRefusal(
                    code: .unauthorizedClient, description: "the client is not registered for \(type.rawValue)")
            }
            switch type {
            case .authorizationCode: return try await redeem(request)
            case .refreshToken: return try await refresh(request)
            }
        }
    }

    // MARK: authorization_code

    /// The rules in their order: code, client of the code, address, PKCE, proof of possession, end of the code, session and
    /// account, one use.
    private func redeem(_ request: ClientRequest) async throws -> Response {
        let (client, fields, now) = (request.client, request.fields, request.now)
        let text = try request.required("code")
        let keys = keyring.snapshot
        let refusal = TokenRefusal(code: .invalidGrant, description: "the code is not valid or has expired")
        // OA-05: another client's code; told in the same words as one that is no code.
        guard let code = AuthorizationCode.open(text, keys), code.grant.client == client.id else { throw refusal }
        // OA-06 (RFC 6749 §4.1.3).
        guard let redirectURI = fields["redirect_uri"],
            constantTimeEqual(AuthorizationCode.hash(of: redirectURI), code.redirectURIHash)
        else { throw TokenRefusal(code: .invalidGrant, description: "redirect_uri is not the one of the request") }
        try checkVerifier(fields["code_verifier"], code.challenge)
        // The file may have begun to ask for PKCE after the code was given.
        guard code.challenge != nil || !client.requiresPKCE else { throw refusal }
        let proof = try proof(with: request, boundTo: code.proofKey)
        guard now < code.expiresAt else {
            // OA-04: used before, it is replayed, however late (RFC 6749 §4.1.2). Never used, nothing is written.
            try await codes.replay(code: code.grant.id, now: now)
            throw refusal
        }
        let live = try await liveSession(of: code.grant, client)
        try await use(proof)
        let ends = min(now + lifetimes.refreshToken, live.session.expiresAt)
        let refreshToken: RefreshToken? =
            client.grantTypes.contains(.refreshToken)
            ? RefreshToken(
                grant: code.grant, number: 0, proofKey: client.authenticationMethod == .none ? proof?.thumbprint : nil,
                expiresAt: ends) : nil
        let outcome = try await codes.redeem(
            CodeRedemption(
                code: code.grant.id, client: client.id, session: code.grant.session,
                rememberedUntil: max(now + lifetimes.accessToken, code.expiresAt),
                refreshableUntil: refreshToken?.expiresAt),
            now: now)
        switch outcome {
        case .redeemed: break
        case .replayed:
            throw TokenRefusal(code: .invalidGrant, description: "the code was used; what it gave is revoked")
        case .sessionEnded: throw TokenRefusal(code: .invalidGrant, description: "the session has ended")
        }
        return try tokens(
            of: code.grant, scope: code.grant.scope, nonce: code.nonce, to: client, live.account, proof, refreshToken,
            keys, now: now)
    }

    /// OA-07 (RFC 7636 §4.6, RFC 9700 §4.8.2): no challenge without verifier, and no verifier without challenge.
    private func checkVerifier(_ text: String?, _ challenge: CodeChallenge?) throws(TokenRefusal) {
        switch (text, challenge) {
        case (nil, nil): return
        case (nil, _?): throw TokenRefusal(code: .invalidGrant, description: "code_verifier is missing")
        case (_?, nil):
            throw TokenRefusal(code: .invalidGrant, description: "code_verifier without code_challenge at the request")
        case (let text?, let challenge?):
            guard let verifier = CodeVerifier(parsing: text), challenge.isAnswered(by: verifier) else {
                throw TokenRefusal(code: .invalidGrant, description: "code_verifier does not answer the challenge")
            }
        }
    }

    // MARK: refresh_token

    /// The rules in their order: token, client of the token, its end, scope, proof of possession, session and account, one
    /// use (RFC 6749 §6, RFC 9700 §4.14.2).
    private func refresh(_ request: ClientRequest) async throws -> Response {
        let (client, now) = (request.client, request.now)
        let text = try request.required("refresh_token")
        let keys = keyring.snapshot
        let refusal = TokenRefusal(code: .invalidGrant, description: "the refresh token is not valid or has expired")
        guard let token = RefreshToken.open(text, keys), token.grant.client == client.id, now < token.expiresAt else {
            throw refusal
        }
        let scope = try narrowed(token.grant.scope, by: request.fields["scope"])
        let proof = try proof(with: request, boundTo: token.proofKey)
        let live = try await liveSession(of: token.grant, client)
        try await use(proof)
        let outcome = try await codes.refresh(
            GrantRefresh(
                code: token.grant.id, client: client.id, number: token.number, grace: lifetimes.refreshGrace,
                rememberedUntil: now + lifetimes.accessToken),
            now: now)
        switch outcome {
        case .refreshed, .repeated: break
        case .reused:
            throw TokenRefusal(code: .invalidGrant, description: "the refresh token was used before; all is revoked")
        case .ended: throw refusal
        }
        // No nonce: that one belongs to the sign-on (OpenID Connect Core §12.2).
        return try tokens(
            of: token.grant, scope: scope, nonce: nil, to: client, live.account, proof, token.successor, keys, now: now)
    }

    /// RFC 6749 §6: less than was granted, never more.
    private func narrowed(_ granted: Scope, by text: String?) throws(TokenRefusal) -> Scope {
        guard let text else { return granted }
        guard let wanted = Scope(parsing: text), wanted.contains("openid"), wanted.values.allSatisfy(granted.contains)
        else { throw TokenRefusal(code: .invalidScope, description: "scope is not within the one granted") }
        return wanted
    }

    /// Session and account as they are now: ended, locked or moved to another school, nothing is issued (BR-07).
    private func liveSession(of grant: Grant, _ client: Client) async throws -> LiveSession {
        guard let live = try await exchange.directory.session(id: grant.session), live.account.id == grant.account,
            client.party.admits(profile: live.account.person.profile, school: live.account.person.school)
        else { throw TokenRefusal(code: .invalidGrant, description: "the session has ended") }
        return live
    }
}
