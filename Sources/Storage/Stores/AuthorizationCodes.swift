public import Clocks

/// The one use of an authorization code. The code itself is a sealed value that the browser carries (house rule: carried,
/// not stored); the store holds only that it was used.
public struct CodeRedemption: Sendable, Hashable {
    /// The code's own random identifier, inside the seal.
    public let code: String
    /// The client that redeemed it.
    public let client: String
    /// The session in which it was issued.
    public let session: SessionID
    /// Until when tokens issued for it may live. The use itself is remembered as long as its session is.
    public let rememberedUntil: Instant

    /// One use of one code.
    public init(code: String, client: String, session: SessionID, rememberedUntil: Instant) {
        self.code = code
        self.client = client
        self.session = session
        self.rememberedUntil = rememberedUntil
    }
}

/// What the store said to a redemption.
public enum RedemptionOutcome: Sendable, Hashable {
    /// This call is the one that used the code.
    case redeemed
    /// The code had been used: the tokens of the first use are revoked from now on (RFC 6749 §4.1.2).
    case replayed
    /// The session in which it was issued has ended, or its account is locked: nothing was redeemed.
    case sessionEnded
}

/// The used authorization codes, and with them the grants that live on.
public protocol AuthorizationCodeStore: Sendable {
    /// Uses the code once: the first insertion wins; any later one revokes what the first one got. The use makes the client
    /// one of those who took part in the session.
    func redeem(_ redemption: CodeRedemption, now: Instant) async throws -> RedemptionOutcome
    /// The code came again when it could not be redeemed any more: revokes what its use got, as long as that is remembered.
    /// A code that was never used stays so.
    func replay(code: String, now: Instant) async throws
    /// Whether tokens issued for this code still hold: redeemed once, never replayed, and the session alive.
    func isLive(code: String, session: SessionID, now: Instant) async throws -> Bool
}
