public import Clocks

/// What is used once, beside authorization codes. The names stand in the database: they are added to, never changed.
public enum SingleUseKind: String, Sendable, Hashable, CaseIterable {
    /// The `jti` of a client assertion (RFC 7523 §3), with the client that brought it.
    case clientAssertion = "client-assertion"
    /// A pushed authorization request that was answered with a code (RFC 9126 §4).
    case pushedRequest = "pushed-request"
    /// The `jti` of a DPoP proof (RFC 9449 §11.1), with the key that made it.
    case proofOfPossession = "dpop-proof"
}

/// The values that were used already, kind by kind: hashes, until nobody could use them any more anyway.
public protocol SingleUseStore: Sendable {
    /// Uses the value once, in one statement: the first insertion wins.
    ///
    /// - Parameter rememberedUntil: from when the value is refused by its own date, the clocks of all nodes considered.
    ///   Later, but not earlier, the use is forgotten.
    /// - Returns: whether this call is the one that used it.
    func use(_ value: SecretHash, as kind: SingleUseKind, rememberedUntil: Instant) async throws -> Bool
}
