import Clocks
import Cryptography
import JOSE
import Keyring
import OAuth
import Stores

/// A refresh token (RFC 6749 §1.5): the grant, sealed, and the token's number in its family. Which number is live, the store
/// knows at the code that the family came from.
///
/// One number of one family always has the same text, so that a client whose answer was lost gets the same token again.
struct RefreshToken: Sendable {
    static let purpose = "oidc refresh token"

    let grant: Grant
    /// 0 for the one that came with the code.
    let number: Int
    /// The key of a public client, whose proof must come with every use (RFC 9449 §5).
    let proofKey: String?
    /// When the whole family ends; no refresh moves it.
    let expiresAt: Instant

    /// The next one of the family.
    var successor: RefreshToken {
        RefreshToken(grant: grant, number: number + 1, proofKey: proofKey, expiresAt: expiresAt)
    }

    func sealed(_ keys: KeyringSnapshot) throws -> String {
        var members = grant.members
        members["g"] = .integer(Int64(number))
        members["x"] = .integer(expiresAt.millisecondsSinceEpoch)
        if let proofKey { members["k"] = .string(proofKey) }
        return try keys.sealAlike(JSONValue.object(members).encoded, purpose: Self.purpose)
    }

    /// The token in `text`, whether its family lives or not; `nil` for anything that we did not seal as one.
    static func open(_ text: String, _ keys: KeyringSnapshot) -> RefreshToken? {
        guard text.utf8.count <= 8192, let bytes = try? keys.open(text, purpose: purpose),
            let json = try? JSONValue(parsing: bytes), let grant = Grant(json),
            let number = json["g"]?.integer.flatMap({ Int(exactly: $0) }), let expiry = json["x"]?.integer
        else { return nil }
        return RefreshToken(
            grant: grant, number: number, proofKey: json["k"]?.string,
            expiresAt: Instant(millisecondsSinceEpoch: expiry))
    }
}
