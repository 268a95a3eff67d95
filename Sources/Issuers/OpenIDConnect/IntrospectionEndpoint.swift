import Clocks
import Hummingbird
import JOSE
import Keyring
import OAuth
import SignOn
import SignOnHTTP
import Stores
import Web

extension OpenIDProvider {
    /// `POST /oidc/introspect` (RFC 7662): a client asks about its own tokens; a resource server also about those of the
    /// clients that its file names (`introspects`). Whatever else it asks about is not active, without a word why.
    func introspect(_ request: Request, _ context: RoleContext) async throws -> Response {
        try await forClient(request, context, "introspection") { request in
            // RFC 7662 §2.1: whoever asks must prove who they are.
            guard request.client.authenticationMethod != .none else {
                throw TokenRefusal(code: .invalidClient, description: "a public client may not introspect")
            }
            let text = try request.required("token")
            let keys = keyring.snapshot
            let facts: [String: JSONValue]?
            if let token = AccessToken(text, keys) {
                facts = try await self.facts(about: token, for: request, keys)
            } else if let token = RefreshToken.open(text, keys) {
                facts = try await self.facts(about: token, for: request, keys)
            } else {
                facts = nil
            }
            guard let facts else { return json(.ok, ["active": false]) }
            return json(.ok, .object(facts.merging(["active": true]) { $1 }))
        }
    }

    private func facts(
        about token: AccessToken, for request: ClientRequest, _ keys: KeyringSnapshot
    ) async throws -> [String: JSONValue]? {
        let asker = request.client
        guard asker.id == token.client || asker.introspects.contains(token.client), request.now < token.expiresAt,
            let client = clients.client(token.client),
            try await codes.isLive(code: token.code, session: token.session, now: request.now),
            let live = try await exchange.directory.session(id: token.session), live.account.id == token.account,
            client.party.admits(profile: live.account.person.profile, school: live.account.person.school)
        else { return nil }
        var facts: [String: JSONValue] = [
            "iss": .string(issuer), "client_id": .string(token.client), "scope": .string(token.scope.description),
            // The name that the asker knows the person by, or would: not another application's (OIDC Core §8).
            "sub": .string(subject(of: token.account, at: asker, keys)),
            "token_type": token.proofKey == nil ? "Bearer" : "DPoP",
            "exp": .integer(token.expiresAt.secondsSinceEpoch),
        ]
        if let key = token.proofKey { facts["cnf"] = ["jkt": .string(key)] }
        return facts
    }

    private func facts(
        about token: RefreshToken, for request: ClientRequest, _ keys: KeyringSnapshot
    ) async throws -> [String: JSONValue]? {
        // Nobody but its client has any business with a refresh token.
        guard token.grant.client == request.client.id, request.now < token.expiresAt,
            request.client.grantTypes.contains(.refreshToken),
            try await codes.isRefreshable(
                code: token.grant.id, client: token.grant.client, number: token.number, now: request.now)
        else { return nil }
        return [
            "iss": .string(issuer), "client_id": .string(token.grant.client),
            "scope": .string(token.grant.scope.description),
            "sub": .string(subject(of: token.grant.account, at: request.client, keys)),
            "exp": .integer(token.expiresAt.secondsSinceEpoch),
        ]
    }
}
