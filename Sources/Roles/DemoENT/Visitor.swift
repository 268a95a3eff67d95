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
    /// The portal's session, for the end that comes from there: a digest of issuer and `sid`.
    let upstreamSession: String?

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
        case upstreamSession = "u"
    }

    init(_ identity: VerifiedIdentity, sessionID: String, now: Instant) {
        func text(_ name: String) -> String? { identity.claims[name]?.string.map { String($0.prefix(100)) } }
        func first(_ name: String) -> String? {
            (identity.claims[name]?.array?.first?.string ?? identity.claims[name]?.string).map {
                String($0.prefix(100))
            }
        }
        self.sessionID = sessionID
        key = Self.key(of: identity.subject, at: identity.issuer)
        name = text("name") ?? text("given_name") ?? "?"
        profile = first("ENTPersonProfils")
        level = text("ENTEleveNiveau")
        className = first("ENTEleveClasses")
        idToken = identity.idToken
        expiresAt = now + Self.lifetime
        upstreamSession = identity.sessionID.map { Self.name(ofSession: $0, at: identity.issuer) }
    }

    /// When the session began.
    var startedAt: Instant { expiresAt - Self.lifetime }

    /// The names under which the portal may end it.
    var upstreamNames: [String] { [upstreamSession, key].compactMap(\.self) }

    /// A short name for the session `id` of `issuer`.
    static func name(ofSession id: String, at issuer: String) -> String {
        String(Base64URL.encode(SHA256.hash("session \(issuer.utf8.count):\(issuer)\(id)")).prefix(22))
    }

    /// The key of the person `subject` of `issuer`.
    static func key(of subject: String, at issuer: String) -> String {
        // The length in front keeps pairs apart whatever the two texts hold.
        Base64URL.encode(SHA256.hash("\(issuer.utf8.count):\(issuer)\(subject)"))
    }

    /// What forms and the sign-out link of this session carry: nobody else can make one (WEB-01).
    var token: String { String(Base64URL.encode(SHA256.hash("demo-ent form " + sessionID)).prefix(22)) }

    /// The look that suits the level.
    var usualTheme: String { level == "ecole" ? "ecole" : "college" }
}
