/// A keyring that cannot be read or changed.
public struct KeyringError: Error, Equatable, CustomStringConvertible {
    /// What callers switch on.
    public enum Code: Sendable, Equatable {
        /// There are no keys where they should be.
        case missing
        /// There are keys where there should be none.
        case occupied
        /// The vault does not answer: try again later.
        case unreachable
        /// Something cannot be read or written.
        case fileFailure
        /// Others were first again and again: try again.
        case contended
        /// The vault went back to a state older than one that was taken up.
        case outdated
        /// The manifest or a key file is not what we write.
        case damaged
        /// The passphrase does not open the keys.
        case wrongPassphrase
        /// The step is not allowed in this state of the keys.
        case notNow
        /// No key of this name or use.
        case unknownKey
    }

    /// What happened, for code.
    public let code: Code
    /// What happened and what to do next, in one sentence; never holds a secret.
    public let reason: String

    /// An error of kind `code`.
    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    /// The reason.
    public var description: String { reason }

    /// Two errors are equal when their codes are.
    public static func == (left: KeyringError, right: KeyringError) -> Bool { left.code == right.code }
}
