import Clocks
import Cryptography
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
        guard let presented = PresentedToken(request.headers) else {
            // RFC 6750 §3.1: no error code for a request that brings no token.
            return challenge(.unauthorized, nil)
        }
        let keys = keyring.snapshot
        let now = clock.now()
        do {
            guard let token = AccessToken.open(presented.text, keys, now: now),
                let client = clients.client(token.client)
            else { return challenge(.unauthorized, .invalidToken) }
            let proof = try self.proof(of: presented, token, request, now: now)
            guard try await codes.isLive(code: token.code, session: token.session, now: now),
                let live = try await exchange.directory.session(id: token.session),
                live.account.id == token.account,
                client.party.admits(profile: live.account.person.profile, school: live.account.person.school)
            else { return challenge(.unauthorized, .invalidToken) }
            try await use(proof)
            var claims: [String: JSONValue] = [:]
            var releasable = client.releasable(within: token.scope.values)
            for name in token.claims { releasable[name] = releasable[name] ?? client.releasableAtMost[name] }
            for (name, attribute) in releasable {
                if let value = Attribute.value(attribute, of: live.account) { claims[name] = value }
            }
            claims["sub"] = .string(subject(of: live.account.id, at: client, keys))
            return try userInfoAnswer(claims, to: client, keys)
        } catch let refusal as TokenRefusal {
            context.logger.info(
                "userinfo refused: \(refusal.description) (\(refusal.detail ?? ""))",
                metadata: ["event": "userinfo.refused"])
            return challenge(.unauthorized, refusal.code)
        } catch let error as StoreError {
            context.logger.error("userinfo: \(error)", metadata: ["event": "store.failed"])
            return json(.serviceUnavailable, ["error": .string(OAuthErrorCode.temporarilyUnavailable.rawValue)])
        }
    }

    /// The proof beside a bound token (RFC 9449 §7.1). A bound token is no bearer token, and a bearer token proves nothing.
    private func proof(
        of presented: PresentedToken, _ token: AccessToken, _ request: Request, now: Instant
    ) throws(TokenRefusal) -> ProvedKey? {
        guard let key = token.proofKey else {
            guard presented.scheme == .bearer else {
                throw TokenRefusal(code: .invalidToken, description: "a bearer token presented as a bound one")
            }
            return nil
        }
        guard presented.scheme == .dpop else {
            throw TokenRefusal(code: .invalidToken, description: "a bound token presented as a bearer token")
        }
        let url = site.url(OpenIDRoutes.userInfo.path)
        let proof = try self.proof(in: request.headers, request.method, url, accessToken: presented.text, now: now)
        guard let proof else { throw TokenRefusal(code: .invalidDPoPProof, description: "a DPoP proof is required") }
        guard proof.thumbprint == key else {
            throw TokenRefusal(code: .invalidToken, description: "the DPoP proof is of another key")
        }
        return proof
    }

    private func challenge(_ status: HTTPResponse.Status, _ code: OAuthErrorCode?) -> Response {
        var response = json(status, code.map { ["error": .string($0.rawValue)] } ?? [:])
        let error = code.map { ", error=\"\($0.rawValue)\"" } ?? ""
        let algorithms = DPoPProof.algorithms.map(\.rawValue).sorted().joined(separator: " ")
        response.headers[.wwwAuthenticate] = "Bearer realm=\"Loge\"\(error)"
        response.headers.append(
            HTTPField(name: .wwwAuthenticate, value: "DPoP realm=\"Loge\"\(error), algs=\"\(algorithms)\""))
        return response
    }
}

/// An access token in the one `Authorization` header of a request.
private struct PresentedToken {
    enum Scheme: String {
        /// RFC 6750 §2.1.
        case bearer
        /// RFC 9449 §7.1.
        case dpop
    }

    let scheme: Scheme
    let text: String

    init?(_ headers: HTTPFields) {
        let values = headers[values: .authorization]
        guard values.count == 1, let header = values.first, header.utf8.count <= 8192 else { return nil }
        let parts = header.split(separator: " ", omittingEmptySubsequences: true)
        // RFC 9110 §11.1: the scheme is compared without regard to case.
        guard parts.count == 2, let scheme = Scheme(rawValue: parts[0].lowercased()) else { return nil }
        self.scheme = scheme
        text = String(parts[1])
    }
}
