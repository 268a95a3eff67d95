public import Cryptography

/// The key of an account: opaque, random, never shown to an application.
public struct AccountID: Sendable, Hashable, CustomStringConvertible {
    /// The text form, as stored.
    public let description: String
    /// The identifier written as `text`.
    public init(_ text: String) { description = text }
    /// A fresh identifier of 128 random bits.
    public init(random: any RandomSource) { description = random.token(bits: 128) }
}

/// The key of a session: opaque, random, public (it names the session in lists and in `sid`), not its secret.
public struct SessionID: Sendable, Hashable, CustomStringConvertible {
    /// The text form, as stored.
    public let description: String
    /// The identifier written as `text`.
    public init(_ text: String) { description = text }
    /// A fresh identifier of 128 random bits.
    public init(random: any RandomSource) { description = random.token(bits: 128) }
}

/// The SHA-256 of a secret that was handed out (a code, a link, a token): all that a store ever holds of it.
public struct SecretHash: Sendable, Hashable {
    /// The 32 bytes of the digest.
    public let bytes: [UInt8]
    /// The hash of a secret with at least 128 bits of entropy.
    public init(of secret: String) { bytes = SHA256.hash(secret) }
    /// The hash stored as `bytes`.
    public init(bytes: [UInt8]) { self.bytes = bytes }
}
