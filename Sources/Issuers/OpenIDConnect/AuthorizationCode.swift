import Clocks
import Cryptography
import JOSE
import Keyring
import OAuth
import SignOn
import SignOnHTTP
import Stores

/// An authorization code: a sealed value, bound to everything that it was given for. Carried by the browser, not stored; that
/// it was used is what the store remembers.
struct AuthorizationCode: Sendable {
    static let purpose = "oidc authorization code"

    let grant: Grant
    let redirectURIHash: String
    let challenge: CodeChallenge?
    let nonce: String?
    /// The thumbprint of the one key whose DPoP proof may come with the code (RFC 9449 §10).
    let proofKey: String?
    let expiresAt: Instant

    static func hash(of redirectURI: String) -> String {
        Base64URL.encode(SHA256.hash(redirectURI).prefix(16))
    }

    func sealed(_ keys: KeyringSnapshot, random: any RandomSource) throws -> String {
        var members = grant.members
        members["r"] = .string(redirectURIHash)
        members["x"] = .integer(expiresAt.millisecondsSinceEpoch)
        if let challenge { members["h"] = .string(challenge.value) }
        if let nonce { members["n"] = .string(nonce) }
        if let proofKey { members["k"] = .string(proofKey) }
        return try keys.seal(JSONValue.object(members).encoded, purpose: Self.purpose, random: random)
    }

    /// The code in `text`, expired or not; `nil` for anything that we did not seal as one.
    static func open(_ text: String, _ keys: KeyringSnapshot) -> AuthorizationCode? {
        guard text.utf8.count <= 8192, let bytes = try? keys.open(text, purpose: purpose),
            let json = try? JSONValue(parsing: bytes), let grant = Grant(json), let hash = json["r"]?.string,
            let expiry = json["x"]?.integer
        else { return nil }
        return AuthorizationCode(
            grant: grant, redirectURIHash: hash,
            challenge: (json["h"]?.string).flatMap(CodeChallenge.init(parsing:)), nonce: json["n"]?.string,
            proofKey: json["k"]?.string, expiresAt: Instant(millisecondsSinceEpoch: expiry))
    }
}

extension OpenIDProvider {
    /// A code for the grant.
    func code(
        for granted: Granted, _ authorization: AuthorizationRequest, _ keys: KeyringSnapshot
    ) throws -> String {
        let grant = Grant(
            id: random.token(bits: 128), client: authorization.client.id, scope: authorization.scope,
            claims: authorization.claims.userInfo.keys.sorted(),
            idTokenClaims: authorization.claims.idToken.keys.sorted(), session: granted.session.id,
            account: granted.account.id, authenticatedAt: granted.session.authenticatedAt, acr: granted.session.acr,
            amr: granted.session.amr)
        let code = AuthorizationCode(
            grant: grant, redirectURIHash: AuthorizationCode.hash(of: authorization.redirectURI),
            challenge: authorization.challenge, nonce: authorization.nonce, proofKey: authorization.proofKey,
            expiresAt: exchange.now() + lifetimes.code)
        return try code.sealed(keys, random: random)
    }
}
