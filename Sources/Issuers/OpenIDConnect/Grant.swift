import Clocks
import Cryptography
import JOSE
import OAuth
import Stores

/// What a client was granted in one sign-on, and what every token that follows from it speaks of. Carried inside sealed
/// values, never stored; the store knows its identifier.
struct Grant: Sendable {
    /// The random name of the code that it began with.
    let id: String
    let client: String
    let scope: Scope
    /// Claims asked for singly at the userinfo endpoint.
    let claims: [String]
    /// Claims asked for singly in the ID token.
    let idTokenClaims: [String]
    let session: SessionID
    let account: AccountID
    let authenticatedAt: Instant
    let acr: String
    let amr: [String]

    /// As members of a sealed value.
    var members: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "i": .string(id), "c": .string(client), "o": .string(scope.description),
            "s": .string(session.description), "p": .string(account.description),
            "t": .integer(authenticatedAt.secondsSinceEpoch), "a": .string(acr), "m": .array(amr.map(JSONValue.string)),
        ]
        if !claims.isEmpty { members["u"] = .array(claims.map(JSONValue.string)) }
        if !idTokenClaims.isEmpty { members["d"] = .array(idTokenClaims.map(JSONValue.string)) }
        return members
    }
}

extension Grant {
    /// The grant among the members of a sealed value of ours.
    init?(_ json: JSONValue) {
        guard let id = json["i"]?.string, let client = json["c"]?.string,
            let scope = (json["o"]?.string).flatMap(Scope.init(parsing:)), let session = json["s"]?.string,
            let account = json["p"]?.string, let time = json["t"]?.integer, let acr = json["a"]?.string
        else { return nil }
        self.init(
            id: id, client: client, scope: scope, claims: (json["u"]?.array ?? []).compactMap(\.string),
            idTokenClaims: (json["d"]?.array ?? []).compactMap(\.string), session: SessionID(session),
            account: AccountID(account), authenticatedAt: Instant(secondsSinceEpoch: time), acr: acr,
            amr: (json["m"]?.array ?? []).compactMap(\.string))
    }
}
