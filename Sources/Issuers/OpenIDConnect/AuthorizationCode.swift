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

    /// The code's own random name.
    let id: String
    let client: String
    let redirectURIHash: String
    let challenge: CodeChallenge?
    let nonce: String?
    let scope: Scope
    let claims: [String]
    let idTokenClaims: [String]
    let session: SessionID
    let authenticatedAt: Instant
    let acr: String
    let amr: [String]
    let account: AccountID
    let expiresAt: Instant

    static func hash(of redirectURI: String) -> String {
        Base64URL.encode(SHA256.hash(redirectURI).prefix(16))
    }

    func sealed(_ keys: KeyringSnapshot, random: any RandomSource) throws -> String {
        var members: [String: JSONValue] = [
            "i": .string(id), "c": .string(client), "r": .string(redirectURIHash), "o": .string(scope.description),
            "s": .string(session.description), "t": .integer(authenticatedAt.secondsSinceEpoch), "a": .string(acr),
            "m": .array(amr.map(JSONValue.string)), "p": .string(account.description),
            "x": .integer(expiresAt.millisecondsSinceEpoch),
        ]
        if let challenge { members["h"] = .string(challenge.value) }
        if let nonce { members["n"] = .string(nonce) }
        if !claims.isEmpty { members["u"] = .array(claims.map(JSONValue.string)) }
        if !idTokenClaims.isEmpty { members["d"] = .array(idTokenClaims.map(JSONValue.string)) }
        return try keys.seal(JSONValue.object(members).encoded, purpose: Self.purpose, random: random)
    }

    /// The code in `text`, expired or not; `nil` for anything that we did not seal as one.
    static func open(_ text: String, _ keys: KeyringSnapshot) -> AuthorizationCode? {
        guard text.utf8.count <= 8192, let bytes = try? keys.open(text, purpose: purpose),
            let json = try? JSONValue(parsing: bytes), let id = json["i"]?.string, let client = json["c"]?.string,
            let hash = json["r"]?.string, let scope = (json["o"]?.string).flatMap(Scope.init(parsing:)),
            let session = json["s"]?.string, let time = json["t"]?.integer, let acr = json["a"]?.string,
            let account = json["p"]?.string, let expiry = json["x"]?.integer
        else { return nil }
        return AuthorizationCode(
            id: id, client: client, redirectURIHash: hash,
            challenge: (json["h"]?.string).flatMap(CodeChallenge.init(parsing:)), nonce: json["n"]?.string,
            scope: scope, claims: (json["u"]?.array ?? []).compactMap(\.string),
            idTokenClaims: (json["d"]?.array ?? []).compactMap(\.string), session: SessionID(session),
            authenticatedAt: Instant(secondsSinceEpoch: time), acr: acr,
            amr: (json["m"]?.array ?? []).compactMap(\.string), account: AccountID(account),
            expiresAt: Instant(millisecondsSinceEpoch: expiry))
    }
}

extension OpenIDProvider {
    /// A code for the grant.
    func code(
        for granted: Granted, _ authorization: AuthorizationRequest, _ keys: KeyringSnapshot
    ) throws -> String {
        let code = AuthorizationCode(
            id: random.token(bits: 128), client: authorization.client.id,
            redirectURIHash: AuthorizationCode.hash(of: authorization.redirectURI),
            challenge: authorization.challenge, nonce: authorization.nonce, scope: authorization.scope,
            claims: authorization.claims.userInfo.keys.sorted(),
            idTokenClaims: authorization.claims.idToken.keys.sorted(),
            session: granted.session.id, authenticatedAt: granted.session.authenticatedAt, acr: granted.session.acr,
            amr: granted.session.amr, account: granted.account.id, expiresAt: exchange.now() + lifetimes.code)
        return try code.sealed(keys, random: random)
    }
}
