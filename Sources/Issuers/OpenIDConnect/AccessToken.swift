import Clocks
import Cryptography
import JOSE
import Keyring
import OAuth
import Stores

/// An access token for our own userinfo: sealed, opaque to everybody, bound to client, session and the code it came from.
struct AccessToken: Sendable {
    static let purpose = "oidc access token"

    /// The code that it came from.
    let code: String
    let client: String
    let session: SessionID
    let account: AccountID
    let scope: Scope
    let claims: [String]
    /// The thumbprint of the key that must prove itself beside it (RFC 9449 §6); `nil` for a bearer token.
    let proofKey: String?
    let expiresAt: Instant

    /// A token of a grant.
    init(_ grant: Grant, scope: Scope, proofKey: String?, expiresAt: Instant) {
        code = grant.id
        client = grant.client
        session = grant.session
        account = grant.account
        self.scope = scope
        claims = grant.claims
        self.proofKey = proofKey
        self.expiresAt = expiresAt
    }

    func sealed(_ keys: KeyringSnapshot, random: any RandomSource) throws -> String {
        var members: [String: JSONValue] = [
            "i": .string(code), "c": .string(client), "s": .string(session.description),
            "p": .string(account.description), "o": .string(scope.description),
            "x": .integer(expiresAt.millisecondsSinceEpoch),
        ]
        if !claims.isEmpty { members["u"] = .array(claims.map(JSONValue.string)) }
        if let proofKey { members["k"] = .string(proofKey) }
        return try keys.seal(JSONValue.object(members).encoded, purpose: Self.purpose, random: random)
    }

    static func open(_ text: String, _ keys: KeyringSnapshot, now: Instant) -> AccessToken? {
        guard let token = AccessToken(text, keys), now < token.expiresAt else { return nil }
        return token
    }

    /// The token in `text`, expired or not; `nil` for anything that we did not seal as one.
    init?(_ text: String, _ keys: KeyringSnapshot) {
        guard text.utf8.count <= 8192, let bytes = try? keys.open(text, purpose: Self.purpose),
            let json = try? JSONValue(parsing: bytes), let code = json["i"]?.string, let client = json["c"]?.string,
            let session = json["s"]?.string, let account = json["p"]?.string,
            let scope = (json["o"]?.string).flatMap(Scope.init(parsing:)), let expiry = json["x"]?.integer
        else { return nil }
        self.code = code
        self.client = client
        self.session = SessionID(session)
        self.account = AccountID(account)
        self.scope = scope
        claims = (json["u"]?.array ?? []).compactMap(\.string)
        proofKey = json["k"]?.string
        expiresAt = Instant(millisecondsSinceEpoch: expiry)
    }
}
