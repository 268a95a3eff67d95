/// A token or key that is refused.
public struct JOSEError: Error, Equatable, CustomStringConvertible {
    /// What callers switch on.
    public enum Code: Sendable, Equatable {
        /// Not the form of the standard.
        case malformed
        /// The header asks for an algorithm that is not allowed here.
        case algorithmNotAllowed
        /// The header holds what we do not understand and must not pass over (`crit`, `b64`, `zip`).
        case unsupportedHeader
        /// The token is of another type (`typ`) than the one wanted here.
        case wrongType
        /// No key of the set fits.
        case unknownKey
        /// The signature is not the key's.
        case badSignature
        /// A key that must not be used.
        case unsuitableKey
        /// A claim is missing or of the wrong form.
        case badClaim
    }

    /// What happened, for code.
    public let code: Code
    /// What happened, for the log; never holds a token.
    public let reason: String

    /// An error of kind `code`.
    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    /// The reason.
    public var description: String { reason }

    /// Two errors are equal when their codes are.
    public static func == (left: JOSEError, right: JOSEError) -> Bool { left.code == right.code }
}
