import Clocks
import Cryptography
import JOSE
import OpenIDConnectProvider

/// Somebody who is signed in at the ENT: what its session cookie holds, sealed.
struct Visitor: Sendable, Codable {
    /// How long a session lasts, whatever happens.
    static let lifetime = Duration.hours(8)
    static let purpose = "demo-ent session"

    let sessionID: String
    /// Who it is, for the ENT's own memory: a digest of issuer and subject together (OA-34).
    let key: String
    let name: String
    let profile: String?
    let level: String?
    let className: String?
    let idToken: IDTokenHint
    let expiresAt: Instant

    // Short names: the value travels in a cookie.
    enum CodingKeys: String, CodingKey {
        case sessionID = "s"
        case key = "k"
        case name = "n"
        case profile = "p"
        case level = "l"
        case className = "c"
        case idToken = "t"
        case expiresAt = "x"
    }

    init(_ identity: VerifiedIdentity, sessionID: String, now: Instant) {
        func text(_ name: String) -> String? { identity.claims[name]?.string.map { String($0.prefix(100)) } }
        func first(_ name: String) -> String? {
            (identity.claims[name]?.array?.first?.string ?? identity.claims[name]?.string).map {
                String($0.prefix(100))
            }
        }
        self.sessionID = sessionID
        // The length in front keeps pairs apart whatever the two texts hold.
        let pair = "\(identity.issuer.utf8.count):\(identity.issuer)\(identity.subject)"
        key = Base64URL.encode(SHA256.hash(pair))
        name = text("name") ?? text("given_name") ?? "?"
        profile = first("ENTPersonProfils")
        level = text("ENTEleveNiveau")
        className = first("ENTEleveClasses")
        idToken = identity.idToken
        expiresAt = now + Self.lifetime
    }

    /// What forms and the sign-out link of this session carry: nobody else can make one (WEB-01).
    var token: String { String(Base64URL.encode(SHA256.hash("demo-ent form " + sessionID)).prefix(22)) }

    /// The look that suits the level.
    var usualTheme: String { level == "ecole" ? "ecole" : "college" }
}
