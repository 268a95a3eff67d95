import Clocks
import Cryptography
import JOSE

/// A client assertion that is the client's (RFC 7523 §3, OpenID Connect Core §9), but for one thing: whether it was used
/// before, which the store knows.
struct ClientAssertion: Sendable {
    /// `client_assertion_type` (RFC 7523 §2.2).
    static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    /// How long after it was made an assertion is taken, whatever its `exp` says (OA-15): what is stolen is worth no more.
    static let longestLife = Duration.seconds(60)
    /// How far ahead `exp` may lie all the same: Authlib writes an hour, and has no setting for less.
    static let farthestEnd = Duration.hours(1)
    /// How far the clocks of client and provider may differ.
    static let skew = Duration.seconds(30)

    /// Its `jti`, with the client that it is apart for.
    let use: String
    /// From when nobody accepts it any more, whichever node is asked.
    let forgottenAt: Instant

    /// Checks what `token` says, in this order: signature by a key of the client's file under its one algorithm, issuer and
    /// subject, audience, times, `jti`.
    ///
    /// - Throws: `JOSEError`; its reason is for the log.
    init(_ token: UnverifiedJWS, of client: Client, audience issuer: String, now: Instant) throws(JOSEError) {
        guard let registration = client.assertions else {
            throw JOSEError(.unknownKey, "the client is registered for another method")
        }
        // A type of another use (an ID token's, a logout token's) is refused; old libraries write none (RFC 8725 §3.11).
        let claims = try token.verified(
            by: registration.keys, algorithms: [registration.algorithm],
            types: [nil, "jwt", "client-authentication+jwt"])
        guard try claims.text("iss") == client.id, try claims.text("sub") == client.id else {
            throw JOSEError(.badClaim, "iss and sub are not both the client_id")
        }
        // The issuer, as one text (FAPI 2.0 Security Profile §5.3.2.1): an assertion for two servers could be used at the
        // other one by this one.
        guard claims["aud"]?.string == issuer else { throw JOSEError(.badClaim, "aud is not the issuer alone") }
        try claims.checkTimes(now: now, skew: Self.skew)
        let expiresAt = try Self.end(of: claims, now)
        let identifier = try claims.text("jti")
        guard identifier.utf8.count <= 256 else { throw JOSEError(.badClaim, "jti is too long") }
        // A client_id has no blanks.
        use = client.id + " " + identifier
        forgottenAt = expiresAt + Self.skew + Self.skew
    }

    /// When it is taken no more: at `exp`, and a minute after `iat` at the latest. Without `iat`, `exp` is a minute ahead at
    /// most.
    private static func end(of claims: VerifiedClaims, _ now: Instant) throws(JOSEError) -> Instant {
        let issuedAt = try claims.instant("iat")
        let farthest = issuedAt == nil ? longestLife : farthestEnd
        guard let expiresAt = try claims.instant("exp"), expiresAt <= now + farthest + skew else {
            throw JOSEError(.badClaim, "exp is too far ahead")
        }
        guard let issuedAt else { return expiresAt }
        let end = min(expiresAt, issuedAt + longestLife)
        guard now < end + skew else { throw JOSEError(.badClaim, "iat is too long ago") }
        return end
    }
}
