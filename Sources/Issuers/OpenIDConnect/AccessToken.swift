import Clocks
import Cryptography
import JOSE
import Keyring
import OAuth
import Stores

/// An access token for our own userinfo: sealed, opaque to everybody, bound to client, session and the code it came from.
struct AccessToken: Sendable {
    static let purpose = "oidc access token"

    let code: String
    let client: String
    let session: SessionID
    let account: AccountID
    let scope: Scope
    let claims: [String]
    let expiresAt: Instant

    func sealed(_ keys: KeyringSnapshot, random: any RandomSource) throws -> String {
        var members: [String: JSONValue] = [
            "i": .string(code), "c": .string(client), "s": .string(session.description),
            "p": .string(account.description), "o": .string(scope.description),
            "x": .integer(expiresAt.millisecondsSinceEpoch),
        ]
        if !claims.isEmpty { members["u"] = .array(claims.map(JSONValue.string)) }
        return try keys.seal(JSONValue.object(members).encoded, purpose: Self.purpose, random: random)
    }

    static func open(_ text: String, _ keys: KeyringSnapshot, now: Instant) -> AccessToken? {
        guard text.utf8.count <= 8192, let bytes = try? keys.open(text, purpose: purpose),
            let json = try? JSONValue(parsing: bytes), let code = json["i"]?.string, let client = json["c"]?.string,
            let session = json["s"]?.string, let account = json["p"]?.string,
            let scope = (json["o"]?.string).flatMap(Scope.init(parsing:)), let expiry = json["x"]?.integer
        else { return nil }
        let expiresAt = Instant(millisecondsSinceEpoch: expiry)
        guard now < expiresAt else { return nil }
        return AccessToken(
            code: code, client: client, session: SessionID(session), account: AccountID(account), scope: scope,
            claims: (json["u"]?.array ?? []).compactMap(\.string), expiresAt: expiresAt)
    }
}
