public import Clocks

/// One sign-on of one person in one browser.
public struct Session: Sendable, Hashable {
    /// Its public name.
    public let id: SessionID
    /// Whose it is.
    public let account: AccountID
    /// Which token of it is the live one: each change of authentication makes the next and kills the previous.
    public var generation: Int
    /// When it began.
    public let createdAt: Instant
    /// When the person last proved who they are (`auth_time`, OIDC Core §2).
    public var authenticatedAt: Instant
    /// How (`acr`, OIDC Core §2).
    public var acr: String
    /// By which means (`amr`, RFC 8176).
    public var amr: [String]
    /// By which door of the portal.
    public let door: String
    /// When it ends whatever happens.
    public let expiresAt: Instant
    /// The kind of browser in a few words for the person's own list ("Firefox sur Android"), never the raw header.
    public let device: String

    /// A session as stored.
    public init(
        id: SessionID, account: AccountID, generation: Int = 1, createdAt: Instant, authenticatedAt: Instant,
        acr: String, amr: [String], door: String, expiresAt: Instant, device: String
    ) {
        self.id = id
        self.account = account
        self.generation = generation
        self.createdAt = createdAt
        self.authenticatedAt = authenticatedAt
        self.acr = acr
        self.amr = amr
        self.door = door
        self.expiresAt = expiresAt
        self.device = device
    }
}

/// A relying party that received something in a session: whom to tell when it ends.
public struct SessionParticipant: Sendable, Hashable {
    /// The party's client identifier.
    public let client: String
    /// When it first took part.
    public let since: Instant

    /// A party that took part since `since`.
    public init(client: String, since: Instant) {
        self.client = client
        self.since = since
    }
}

/// The live sessions. Ended ones are gone from every answer at once and removed later by ``Maintenance``.
public protocol SessionStore: Sendable {
    /// Begins a session, if its account is active and unlocked and its password was not changed after the session's
    /// ``Session/authenticatedAt`` (by the second): a lock or a reset that comes between the proof and this call wins.
    /// In the same transaction the links that would choose a new password die (PW-04).
    ///
    /// - Returns: `false` when nothing began.
    @discardableResult
    func begin(_ session: Session) async throws -> Bool
    /// The session, while it lives.
    func session(_ id: SessionID, now: Instant) async throws -> Session?
    /// The session, while it lives, and whose it is, in one reading.
    func sessionWithAccount(_ id: SessionID, now: Instant) async throws -> (session: Session, account: Account)?
    /// The person's live sessions, newest first.
    func sessions(of account: AccountID, now: Instant) async throws -> [Session]
    /// Notes a new proof of identity and moves to the next generation, if the session lives in `generation`.
    ///
    /// - Returns: the session as it now is; `nil` when it ended or another request moved it first.
    func reauthenticate(
        _ id: SessionID, from generation: Int, acr: String, amr: [String], now: Instant
    ) async throws -> Session?
    /// Ends the session, and queues a ``LogoutNotice`` for each who took part in it, in one transaction.
    ///
    /// - Returns: who took part, `nil` when the session was not alive.
    func end(_ id: SessionID, now: Instant) async throws -> [SessionParticipant]?
    /// Ends the person's sessions but `kept`, and queues their notices. - Returns: those that this call ended.
    func endAll(of account: AccountID, except kept: SessionID?, now: Instant) async throws -> [SessionID]
    /// Who took part in the session so far (whoever redeemed a code in it), in the order they came; known for a day after
    /// its end.
    func participants(of id: SessionID) async throws -> [SessionParticipant]
}
