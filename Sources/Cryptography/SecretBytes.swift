internal import COpenSSL

/// Bytes that nobody may see: not printed, not encoded, compared in constant time, wiped when the last owner is gone.
public struct SecretBytes: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// Owner of memory of its own, never shared with an array that somebody else may hold.
    ///
    /// `@unchecked Sendable`: the memory is written in `init` and wiped in `deinit`, and only read in between.
    @safe private final class Storage: @unchecked Sendable {
        let memory: UnsafeMutableRawBufferPointer

        init(_ bytes: [UInt8]) {
            unsafe memory = .allocate(byteCount: bytes.count, alignment: 1)
            unsafe memory.copyBytes(from: bytes)
        }

        deinit {
            unsafe OPENSSL_cleanse(memory.baseAddress, memory.count)
            unsafe memory.deallocate()
        }
    }

    private let storage: Storage

    /// Copies `bytes`; the caller's own copy stays the caller's to forget.
    public init(_ bytes: [UInt8]) { storage = Storage(bytes) }

    /// Copies the UTF-8 bytes of `text`.
    public init(utf8 text: String) { storage = Storage(Array(text.utf8)) }

    /// The number of bytes.
    public var count: Int { unsafe storage.memory.count }

    /// Lends a copy of the bytes to `body`; it is wiped afterwards, unless `body` kept it.
    public func withBytes<Result>(_ body: ([UInt8]) throws -> Result) rethrows -> Result {
        var copy = unsafe Array(storage.memory)
        // Written through `&`: an array that `body` kept is not touched, Swift makes another one to be wiped.
        defer { unsafe OPENSSL_cleanse(&copy, copy.count) }
        return try body(copy)
    }

    /// Whether both hold the same bytes; takes the same time wherever they differ.
    public static func == (left: SecretBytes, right: SecretBytes) -> Bool {
        left.withBytes { leftBytes in right.withBytes { constantTimeEqual(leftBytes, $0) } }
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
