/// A key, or a set of keys, that somebody declared to us and that we do not take.
public struct KeySetError: Error, Equatable, CustomStringConvertible {
    /// What callers switch on.
    public enum Code: Sendable, Equatable {
        /// Not a set in the form of RFC 7517 §5, or a member of the wrong type.
        case malformed
        /// A set that is too long or holds too many keys.
        case tooLarge
        /// A private or symmetric key: it is nobody's secret any more.
        case secretKey
        /// A `kid` that is no short text.
        case keyID
        /// Two keys of one `kid` for one use.
        case duplicateKeyID
        /// `use`, `key_ops`, `alg` and `kty` do not agree.
        case contradiction
        /// A number that is not in its one spelling as base64url, or of another length than the curve's.
        case encoding
        /// An RSA key under 2048 or over 4096 bits.
        case keySize
        /// An RSA exponent that is even, under 65537 or over 32 bits.
        case exponent
        /// Numbers that make no key: a point that is not on the curve, a modulus that is no product of two primes.
        case notAKey
        /// A sound key, but of a type, curve, use or algorithm that we have no use for.
        case noUse
    }

    /// What happened, for code.
    public let code: Code
    /// The place of the key in its set, from 0; `nil` when it is the set itself.
    public let position: Int?
    /// What happened, for whoever wrote the set; never holds a key.
    public let reason: String

    /// An error of kind `code`.
    public init(_ code: Code, _ reason: String, position: Int? = nil) {
        self.code = code
        self.reason = reason
        self.position = position
    }

    /// The reason, with the place.
    public var description: String { position.map { "key \($0): \(reason)" } ?? reason }

    /// Two errors are equal when their codes are.
    public static func == (left: KeySetError, right: KeySetError) -> Bool { left.code == right.code }
}
