internal import CSodium
internal import Foundation

/// Argon2id (RFC 9106) through libsodium, as the strings that libsodium makes and reads (`$argon2id$v=19$m=…`).
///
/// Slow on purpose: call it through ``PasswordHasher``, never from a task. libsodium draws the salt itself.
public enum Argon2id {
    /// What one hash costs.
    public struct Cost: Sendable, Hashable {
        /// Memory, in KiB.
        public let memoryKiB: Int
        /// Passes over that memory.
        public let passes: Int

        /// A cost; the default is what OWASP recommends (19 MiB, two passes, one lane).
        public init(memoryKiB: Int = 19456, passes: Int = 2) {
            self.memoryKiB = memoryKiB
            self.passes = passes
        }
    }

    /// sodium_init() is safe to call from several threads, and once is enough.
    private static let isReady = sodium_init() >= 0

    /// The string to store for `password`.
    ///
    /// - Throws: ``CryptographyError`` `.libraryFailure` when memory is short or the cost is outside libsodium's limits.
    public static func hash(password: SecretBytes, cost: Cost) throws -> String {
        guard isReady else { throw CryptographyError(.libraryFailure, "libsodium did not start") }
        var text = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
        let status = password.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { buffer in
                unsafe buffer.withMemoryRebound(to: CChar.self) { characters in
                    unsafe crypto_pwhash_str_alg(
                        &text, address(of: characters), UInt64(characters.count), UInt64(cost.passes),
                        cost.memoryKiB * 1024, crypto_pwhash_ALG_ARGON2ID13)
                }
            }
        }
        guard status == 0 else {
            throw CryptographyError(.libraryFailure, "Argon2id found too little memory for its cost")
        }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Whether `password` is the one that `text` was made of; `false` too when `text` is no such string.
    ///
    /// - Throws: ``CryptographyError`` `.libraryFailure` when memory is short.
    public static func verify(_ password: SecretBytes, against text: String) throws -> Bool {
        guard isReady else { throw CryptographyError(.libraryFailure, "libsodium did not start") }
        return try password.withBytes { bytes in
            let (status, cause) = unsafe bytes.withUnsafeBytes { buffer in
                unsafe buffer.withMemoryRebound(to: CChar.self) { characters in
                    errno = 0
                    let status = unsafe crypto_pwhash_str_verify(
                        text, address(of: characters), UInt64(characters.count))
                    return (status, errno)
                }
            }
            // A wrong password and a failed allocation share one return value; only the latter sets ENOMEM.
            if status != 0, cause == ENOMEM {
                throw CryptographyError(.libraryFailure, "Argon2id found too little memory to verify a password")
            }
            return status == 0
        }
    }

    /// Whether `text` was made at another cost than `cost`, or is no such string.
    public static func needsRehash(_ text: String, cost: Cost) -> Bool {
        guard isReady else { return false }
        return unsafe crypto_pwhash_str_needs_rehash(text, UInt64(cost.passes), cost.memoryKiB * 1024) != 0
    }

    /// One byte that stands in for an empty password. Never written, never freed.
    nonisolated(unsafe) private static let nothing: UnsafePointer<CChar> = {
        let byte = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
        unsafe byte.initialize(to: 0)
        return unsafe UnsafePointer(byte)
    }()

    /// An empty array has no address, and C wants one.
    private static func address(of characters: UnsafeBufferPointer<CChar>) -> UnsafePointer<CChar> {
        unsafe characters.baseAddress ?? nothing
    }
}
