import Hummingbird
import JOSE
import Keyring
import OAuth
import Stores
import Web

extension OpenIDProvider {
    /// `POST /oidc/revoke` (RFC 7009). Access tokens are sealed, not stored: revoking one ends all that came from the same
    /// sign-on at this client, as revoking its refresh token does (§2.1 allows it).
    ///
    /// A token that is none, or another client's, is answered like one that is revoked (§2.2): nobody learns what it was.
    func revoke(_ request: Request, _ context: RoleContext) async throws -> Response {
        try await forClient(request, context, "revocation") { request in
            let text = try request.required("token")
            let keys = keyring.snapshot
            let client = request.client.id
            if let token = RefreshToken.open(text, keys), token.grant.client == client {
                try await codes.revoke(code: token.grant.id, client: client, now: request.now)
            } else if let token = AccessToken(text, keys), token.client == client {
                try await codes.revoke(code: token.code, client: client, now: request.now)
            }
            return Response(status: .ok, headers: Self.unkept)
        }
    }
}
