public import Cryptography

/// What a key is for. A key has one use and never serves another.
public enum KeyUse: String, Sendable, Hashable, CaseIterable, Codable {
    /// Tokens signed with RS256, for clients that ask for it.
    case tokenRS256 = "token-rs256"
    /// Tokens signed with ES256, the default of a new client.
    case tokenES256 = "token-es256"
    /// Tokens signed with EdDSA.
    case tokenEdDSA = "token-eddsa"
    /// Tokens signed with PS256, for clients that ask for it.
    case tokenPS256 = "token-ps256"
    /// Session tokens in cookies; signed with ES256, never published.
    case session = "session"
    /// Sealing of pending sign-ons, codes, access tokens and cookies.
    case sealing = "sealing"
    /// The secret from which pairwise subjects are derived. It never rotates: another one would make every person a
    /// stranger to every application.
    case subjects = "subjects"

    /// The kind of key that the use wants.
    public var keyKind: KeyKind {
        switch self {
        case .tokenRS256, .tokenPS256: .rsa
        case .tokenES256, .session: .p256
        case .tokenEdDSA: .ed25519
        case .sealing, .subjects: .x25519
        }
    }

    /// The algorithm under which keys of this use sign; `nil` when they do not sign.
    public var algorithm: SignatureAlgorithm? {
        switch self {
        case .tokenRS256: .rs256
        case .tokenPS256: .ps256
        case .tokenES256, .session: .es256
        case .tokenEdDSA: .edDSA
        case .sealing, .subjects: nil
        }
    }

    /// Whether the public halves stand in the key set that applications read.
    public var isPublished: Bool {
        switch self {
        case .tokenRS256, .tokenES256, .tokenEdDSA, .tokenPS256: true
        case .session, .sealing, .subjects: false
        }
    }

    /// Whether keys of this use are ever replaced.
    public var rotates: Bool { self != .subjects }

    /// Whether keyrings were made before there was the use. Such a one gets its key from the first server that opens it;
    /// until then, it is whole without.
    var isLater: Bool { self == .tokenPS256 }

    /// The use whose keys sign tokens with this algorithm.
    public static func token(_ algorithm: SignatureAlgorithm) -> KeyUse {
        switch algorithm {
        case .rs256: .tokenRS256
        case .es256: .tokenES256
        case .edDSA: .tokenEdDSA
        case .ps256: .tokenPS256
        }
    }
}

/// How far a key has come: *next → current → retiring → retired*.
public enum KeyState: String, Sendable, Hashable, CaseIterable, Codable {
    /// Published, and signs nothing yet.
    case next
    /// Signs. There is exactly one for each use.
    case current
    /// Signs nothing any more; stays published as long as anything it signed may live.
    case retiring
    /// Gone: not published, its private half deleted. The line stays as history.
    case retired
}
