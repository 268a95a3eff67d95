/// A message that was not handed over.
public struct DeliveryError: Error, Equatable, CustomStringConvertible {
    /// What callers switch on.
    public enum Code: Sendable, Equatable {
        /// The message itself can never travel: a bad address, a line end in its subject.
        case unsendable
        /// The server refused it for good (SMTP 5yz).
        case refused
        /// The server is out of reach, busy, or said "later" (SMTP 4yz): another try may succeed.
        case unavailable
        /// Nothing in the configuration sends messages of this kind.
        case noGateway
    }

    /// What happened, for code.
    public let code: Code
    /// What happened, for the log and the store: never holds an address or a text.
    public let reason: String

    /// An error of kind `code`.
    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    /// Whether another try can help.
    public var isTemporary: Bool { code == .unavailable }

    /// The reason.
    public var description: String { reason }

    /// Two errors are equal when their codes are.
    public static func == (left: DeliveryError, right: DeliveryError) -> Bool { left.code == right.code }
}
