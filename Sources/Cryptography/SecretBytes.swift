internal import COpenSSL

/// Bytes that nobody may see: not printed, not encoded, compared in constant time, wiped when the last owner is gone.
public struct SecretBytes: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    @safe private final class Storage: Sendable {
        let bytes: [UInt8]

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        deinit {
            // The array is uniquely ours unless a reader still holds it; a copy would then be wiped instead, harmlessly.
            unsafe bytes.withUnsafeBytes { buffer in
                guard let start = buffer.baseAddress else { return }
                unsafe OPENSSL_cleanse(UnsafeMutableRawPointer(mutating: start), buffer.count)
            }
        }
    }

    private let storage: Storage

    /// Takes over `bytes`.
    public init(_ bytes: [UInt8]) { storage = Storage(bytes) }

    /// Takes over the UTF-8 bytes of `text`.
    public init(utf8 text: String) { storage = Storage(Array(text.utf8)) }

    /// The number of bytes.
    public var count: Int { storage.bytes.count }

    /// Lends the bytes to `body`, which must not keep them.
    public func withBytes<Result>(_ body: ([UInt8]) throws -> Result) rethrows -> Result {
        try body(storage.bytes)
    }

    /// Whether both hold the same bytes; takes the same time wherever they differ.
    public static func == (left: SecretBytes, right: SecretBytes) -> Bool {
        constantTimeEqual(left.storage.bytes, right.storage.bytes)
    }

    /// Never the bytes.
    public var description: String { "(secret)" }
    /// Never the bytes.
    public var debugDescription: String { "(secret)" }
    /// Never the bytes.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Whether the two byte strings are the same, in a time that depends on their lengths only.
public func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    guard !left.isEmpty else { return true }
    return unsafe CRYPTO_memcmp(left, right, left.count) == 0
}

/// Whether the two texts have the same UTF-8 bytes, in a time that depends on their lengths only.
public func constantTimeEqual(_ left: String, _ right: String) -> Bool {
    constantTimeEqual(Array(left.utf8), Array(right.utf8))
}
