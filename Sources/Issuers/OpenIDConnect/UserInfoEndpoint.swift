import Clocks
import HTTPTypes
import Hummingbird
import JOSE
import Keyring
import Logging
import OAuth
import SignOn
import SignOnHTTP
import Stores
import Web

extension OpenIDProvider {
    /// `GET` and `POST /oidc/userinfo` (OpenID Connect Core §5.3). The token stands in the header, and there only: bodies and
    /// addresses end up in logs.
    func userInfo(_ request: Request, _ context: RoleContext) async throws -> Response {
        guard let text = bearerToken(request.headers) else {
            // RFC 6750 §3.1: no error code for a request that brings no token.
            return challenge(.unauthorized, nil)
        }
        let keys = keyring.snapshot
        let now = clock.now()
        do {
            guard let token = AccessToken.open(text, keys, now: now), let client = clients.client(token.client),
                try await codes.isLive(code: token.code, session: token.session, now: now),
                let live = try await exchange.directory.session(id: token.session),
                live.account.id == token.account,
                client.party.admits(profile: live.account.person.profile, school: live.account.person.school)
            else { return challenge(.unauthorized, .invalidToken) }
            var claims: [String: JSONValue] = [:]
            var releasable = client.releasable(within: token.scope.values)
            for name in token.claims { releasable[name] = releasable[name] ?? client.releasableAtMost[name] }
            for (name, attribute) in releasable {
                if let value = Attribute.value(attribute, of: live.account) { claims[name] = value }
            }
            claims["sub"] = .string(subject(of: live.account.id, at: client, keys))
            return json(.ok, .object(claims))
        } catch let error as StoreError {
            context.logger.error("userinfo: \(error)", metadata: ["event": "store.failed"])
            return json(.serviceUnavailable, ["error": .string(OAuthErrorCode.temporarilyUnavailable.rawValue)])
        }
    }

    private func bearerToken(_ headers: HTTPFields) -> String? {
        let values = headers[values: .authorization]
        guard values.count == 1, let header = values.first, header.utf8.count <= 8192 else { return nil }
        let parts = header.split(separator: " ", omittingEmptySubsequences: true)
        // RFC 9110 §11.1: the scheme is compared without regard to case.
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }

    private func challenge(_ status: HTTPResponse.Status, _ code: OAuthErrorCode?) -> Response {
        var response = json(status, code.map { ["error": .string($0.rawValue)] } ?? [:])
        response.headers[.wwwAuthenticate] =
            "Bearer realm=\"Loge\"" + (code.map { ", error=\"\($0.rawValue)\"" } ?? "")
        return response
    }
}
