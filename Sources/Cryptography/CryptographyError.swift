internal import COpenSSL

/// A cryptographic operation that did not come to an end.
public struct CryptographyError: Error, Equatable, CustomStringConvertible {
    /// What callers switch on.
    public enum Code: Sendable, Equatable {
        /// OpenSSL or libsodium reported a failure.
        case libraryFailure
        /// The key file is not an encrypted PKCS#8 PEM of a kind that we use.
        case unreadableKey
        /// The passphrase does not open the key file.
        case wrongPassphrase
        /// The sealed bytes were altered, cut, or sealed under another key or for another purpose.
        case notAuthentic
        /// The key is of another kind than the algorithm wants.
        case unsuitableKey
    }

    /// What happened, for code.
    public let code: Code
    /// What happened, for people; never holds a secret.
    public let reason: String

    /// An error of kind `code`.
    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    /// The reason.
    public var description: String { reason }

    /// Two errors are equal when their codes are.
    public static func == (left: CryptographyError, right: CryptographyError) -> Bool { left.code == right.code }

    /// Drains OpenSSL's error queue of this thread into one error that names the operation.
    static func openSSL(_ operation: String) -> CryptographyError {
        var reasons: [String] = []
        while true {
            let code = ERR_get_error()
            if code == 0 { break }
            if let text = unsafe ERR_reason_error_string(code) { reasons.append(unsafe String(cString: text)) }
        }
        return CryptographyError(
            .libraryFailure, operation + " failed" + (reasons.isEmpty ? "" : ": " + reasons.joined(separator: "; ")))
    }
}
