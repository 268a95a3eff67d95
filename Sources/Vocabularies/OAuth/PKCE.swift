import Cryptography

/// A code challenge of the method S256 (RFC 7636 §4.2). The method `plain` is not offered.
public struct CodeChallenge: Sendable, Hashable {
    /// The challenge: the base64url text of a SHA-256.
    public let value: String

    /// Reads a challenge.
    ///
    /// - Returns: `nil` unless it is the base64url text of 32 bytes.
    public init?(parsing text: String) {
        guard text.utf8.count == 43, Base64URL.decode(text)?.count == 32 else { return nil }
        value = text
    }

    /// The challenge of a verifier.
    public init(of verifier: CodeVerifier) { value = Base64URL.encode(SHA256.hash(verifier.value)) }

    /// Whether `verifier` is the one behind the challenge, in a time that tells nothing.
    public func isAnswered(by verifier: CodeVerifier) -> Bool {
        constantTimeEqual(CodeChallenge(of: verifier).value, value)
    }
}

/// A code verifier (RFC 7636 §4.1): 43 to 128 unreserved characters.
public struct CodeVerifier: Sendable {
    /// The text.
    public let value: String

    /// Reads a verifier.
    ///
    /// - Returns: `nil` for other lengths and other characters.
    public init?(parsing text: String) {
        let bytes = Array(text.utf8)
        guard (43...128).contains(bytes.count), bytes.allSatisfy(Self.isUnreserved) else { return nil }
        value = text
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x2D, 0x2E, 0x5F, 0x7E: true
        default: false
        }
    }
}
