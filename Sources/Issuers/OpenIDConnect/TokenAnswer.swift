import Clocks
import Cryptography
import Hummingbird
import JOSE
import Keyring
import OAuth
import Stores

extension OpenIDProvider {
    /// The answer of the token endpoint (OpenID Connect Core §3.1.3.3 and §12.2).
    func tokens(
        of grant: Grant, scope: Scope, nonce: String?, to client: Client, _ account: Account, _ proof: ProvedKey?,
        _ refreshToken: RefreshToken?, _ keys: KeyringSnapshot, now: Instant
    ) throws -> Response {
        let accessToken = try AccessToken(
            grant, scope: scope, proofKey: proof?.thumbprint, expiresAt: now + lifetimes.accessToken
        ).sealed(keys, random: random)
        let idToken = try idToken(
            of: grant, nonce: nonce, to: client, account, accessToken: accessToken, keys, now: now)
        var answer: [String: JSONValue] = [
            "access_token": .string(accessToken), "token_type": proof == nil ? "Bearer" : "DPoP",
            "expires_in": .integer(lifetimes.accessToken.wholeSeconds), "id_token": .string(idToken),
            "scope": .string(scope.description),
        ]
        if let refreshToken { answer["refresh_token"] = .string(try refreshToken.sealed(keys)) }
        return json(.ok, .object(answer))
    }

    /// The ID token (OpenID Connect Core §2).
    private func idToken(
        of grant: Grant, nonce: String?, to client: Client, _ account: Account, accessToken: String,
        _ keys: KeyringSnapshot, now: Instant
    ) throws -> String {
        var claims: [String: JSONValue] = [:]
        // Asked for singly (§5.5), cut to what the client may have; registered names are set after and cannot be overridden.
        let releasable = client.releasableAtMost
        for name in grant.idTokenClaims {
            if let attribute = releasable[name], let value = Attribute.value(attribute, of: account) {
                claims[name] = value
            }
        }
        claims["iss"] = .string(issuer)
        claims["sub"] = .string(subject(of: account.id, at: client, keys))
        claims["aud"] = .string(client.id)
        claims["iat"] = .integer(now.secondsSinceEpoch)
        claims["exp"] = .integer((now + lifetimes.idToken).secondsSinceEpoch)
        claims["auth_time"] = .integer(grant.authenticatedAt.secondsSinceEpoch)
        claims["acr"] = .string(grant.acr)
        claims["amr"] = .array(grant.amr.map(JSONValue.string))
        claims["sid"] = .string(sessionName(grant.session, at: client, keys))
        claims["at_hash"] = .string(Self.leftHalf(of: accessToken, client.idTokenAlgorithm))
        if let nonce { claims["nonce"] = .string(nonce) }
        return try protected(keys.signToken(.object(claims), client.idTokenAlgorithm), client.idTokenEncryption)
    }

    /// The left half of the hash of a token (§3.1.3.6), by the hash of the algorithm: Ed25519 hashes with SHA-512, the
    /// others with SHA-256.
    private static func leftHalf(of token: String, _ algorithm: SignatureAlgorithm) -> String {
        switch algorithm {
        case .rs256, .ps256, .es256: Base64URL.encode(SHA256.hash(token).prefix(16))
        case .edDSA: Base64URL.encode(SHA512.hash(Array(token.utf8)).prefix(32))
        }
    }
}
