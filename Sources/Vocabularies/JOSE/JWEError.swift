/// An encrypted token that is refused, or cannot be made.
public struct JWEError: Error, Equatable, CustomStringConvertible {
    /// What callers switch on.
    public enum Code: Sendable, Equatable {
        /// Not the form of the standard.
        case malformed
        /// The header asks for an algorithm that is not allowed here.
        case algorithmNotAllowed
        /// The header holds what we do not understand and must not pass over (`crit`, `b64`, `zip`).
        case unsupportedHeader
        /// No key of the reader's fits.
        case unknownKey
        /// It was altered, or encrypted to another key. One code and one reason, whatever it was that did not hold.
        case notDecrypted
        /// The content is of another type (`cty`) than the one wanted here.
        case wrongContentType
        /// A key that the algorithm does not take.
        case unsuitableKey
    }

    /// What happened, for code.
    public let code: Code
    /// What happened, for the log; never holds a token or a key.
    public let reason: String

    /// An error of kind `code`.
    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    /// The reason.
    public var description: String { reason }

    /// Two errors are equal when their codes are.
    public static func == (left: JWEError, right: JWEError) -> Bool { left.code == right.code }

    static let notDecrypted = JWEError(.notDecrypted, "the token cannot be decrypted")
}
