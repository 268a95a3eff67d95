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
    /// Until when access tokens issued for it may live. The use itself is remembered as long as its session is.
    public let rememberedUntil: Instant
    /// Until when what it gave may be refreshed; `nil` when no refresh token was given.
    public let refreshableUntil: Instant?

    /// One use of one code.
    public init(
        code: String, client: String, session: SessionID, rememberedUntil: Instant, refreshableUntil: Instant? = nil
    ) {
        self.code = code
        self.client = client
        self.session = session
        self.rememberedUntil = rememberedUntil
        self.refreshableUntil = refreshableUntil
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

/// The one use of a refresh token. All that come from one code are a family, and numbered: the code's own is number 0.
public struct GrantRefresh: Sendable, Hashable {
    /// The code that the family comes from.
    public let code: String
    /// The client that brought the token.
    public let client: String
    /// The token's number.
    public let number: Int
    /// How long after its use the same token may come again, from a client that the answer never reached.
    public let grace: Duration
    /// Until when the new access token may live.
    public let rememberedUntil: Instant

    /// One use of one refresh token.
    public init(code: String, client: String, number: Int, grace: Duration, rememberedUntil: Instant) {
        self.code = code
        self.client = client
        self.number = number
        self.grace = grace
        self.rememberedUntil = rememberedUntil
    }
}

/// What the store said to a refresh.
public enum RefreshOutcome: Sendable, Hashable {
    /// This call used the token: the next number is the live one.
    case refreshed
    /// It was used a moment ago and its successor was not: the client may have the same successor again.
    case repeated
    /// It was used before: whoever has it may have stolen it. The family is revoked from now on (RFC 9700 §4.14.2).
    case reused
    /// Session, account or family have ended, or the password was changed since: nothing was refreshed.
    case ended
}

/// The used authorization codes, and with them the grants that live on.
public protocol AuthorizationCodeStore: Sendable {
    /// Uses the code once: the first insertion wins; any later one revokes what the first one got. The use makes the client
    /// one of those who took part in the session.
    func redeem(_ redemption: CodeRedemption, now: Instant) async throws -> RedemptionOutcome
    /// The code came again when it could not be redeemed any more: revokes what its use got, as long as that is remembered.
    /// A code that was never used stays so.
    func replay(code: String, now: Instant) async throws
    /// Whether tokens issued for this code still hold: redeemed once, neither replayed nor revoked, and the session alive.
    func isLive(code: String, session: SessionID, now: Instant) async throws -> Bool
    /// Uses a refresh token once, in one statement.
    func refresh(_ refresh: GrantRefresh, now: Instant) async throws -> RefreshOutcome
    /// Whether the refresh token of that number is the live one of its family.
    func isRefreshable(code: String, client: String, number: Int, now: Instant) async throws -> Bool
    /// Revokes what the code gave, refresh tokens too (RFC 7009). - Returns: whether this call did it.
    @discardableResult
    func revoke(code: String, client: String, now: Instant) async throws -> Bool
}
