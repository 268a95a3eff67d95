public import Clocks

/// One line of the manifest: a key and its life so far.
public struct KeyRecord: Sendable, Hashable, Codable {
    /// Its name: `kid` of what it signs or seals. Random, derived from nothing.
    public let id: String
    /// What it is for.
    public let use: KeyUse
    /// How far it has come.
    public internal(set) var state: KeyState
    /// Since when it is published as next.
    public let stagedAt: Instant
    /// Since when it signs or signed.
    public internal(set) var activatedAt: Instant?
    /// Since when it signs nothing any more.
    public internal(set) var supersededAt: Instant?
    /// From when on it may be retired.
    public internal(set) var retireAfter: Instant?
    /// When it was retired.
    public internal(set) var retiredAt: Instant?
    /// Why it was revoked, when it was.
    public internal(set) var revocation: String?

    /// The name of the file with its encrypted private half.
    public var fileName: String { Self.fileName(use, id) }

    static func fileName(_ use: KeyUse, _ id: String) -> String { "\(use.rawValue)-\(id).pem" }

    enum CodingKeys: String, CodingKey {
        case id, use, state
        case stagedAt = "staged_at"
        case activatedAt = "activated_at"
        case supersededAt = "superseded_at"
        case retireAfter = "retire_after"
        case retiredAt = "retired_at"
        case revocation
    }
}

/// How keys of one use follow one another.
public struct KeyPolicy: Sendable, Hashable {
    /// How long a key signs before the next takes over; `nil`: only by hand.
    public let rotateEvery: Duration?
    /// How long a next key is published before it may sign: as long as caches may hold the key set without it.
    public let publishBefore: Duration
    /// How long a superseded key stays: as long as anything that it signed may live.
    public let keepAfter: Duration

    /// A policy.
    public init(rotateEvery: Duration?, publishBefore: Duration, keepAfter: Duration) {
        self.rotateEvery = rotateEvery
        self.publishBefore = publishBefore
        self.keepAfter = keepAfter
    }
}

/// The policies of all uses.
public struct KeyPolicies: Sendable, Hashable {
    private let policies: [KeyUse: KeyPolicy]

    /// Policies by use; uses left out never rotate by themselves, publish for a day and keep for 30.
    public init(_ policies: [KeyUse: KeyPolicy]) { self.policies = policies }

    /// The policy of a use.
    public subscript(_ use: KeyUse) -> KeyPolicy {
        policies[use] ?? KeyPolicy(rotateEvery: nil, publishBefore: .days(1), keepAfter: .days(30))
    }

    /// The house's choice: tokens every 90 days, published one day ahead, kept 30 days; session and sealing keys every 30
    /// days, known to all nodes five minutes ahead, kept 2 days.
    public static let standard: KeyPolicies = {
        let token = KeyPolicy(rotateEvery: .days(90), publishBefore: .days(1), keepAfter: .days(30))
        let inner = KeyPolicy(rotateEvery: .days(30), publishBefore: .minutes(5), keepAfter: .days(2))
        return KeyPolicies([
            .tokenRS256: token, .tokenES256: token, .tokenEdDSA: token, .tokenPS256: token, .session: inner,
            .sealing: inner,
        ])
    }()
}
