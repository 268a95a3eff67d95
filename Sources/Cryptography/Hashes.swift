internal import COpenSSL

/// SHA-256 (FIPS 180-4), through OpenSSL.
public enum SHA256 {
    /// The 32-byte digest of `message`.
    public static func hash(_ message: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        // SHA256() fails only without memory.
        precondition(unsafe COpenSSL.SHA256(message, message.count, &digest) != nil, "SHA-256 failed")
        return digest
    }

    /// The 32-byte digest of the UTF-8 bytes of `text`.
    public static func hash(_ text: String) -> [UInt8] { hash(Array(text.utf8)) }
}

/// SHA-512 (FIPS 180-4), through OpenSSL: what `at_hash` is made of when EdDSA signs the ID token.
public enum SHA512 {
    /// The 64-byte digest of `message`.
    public static func hash(_ message: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 64)
        // SHA512() fails only without memory.
        precondition(unsafe COpenSSL.SHA512(message, message.count, &digest) != nil, "SHA-512 failed")
        return digest
    }
}

/// HMAC-SHA-256 (RFC 2104), through OpenSSL.
public enum HMACSHA256 {
    /// The 32-byte code of `message` under `key`.
    public static func code(key: SecretBytes, message: [UInt8]) -> [UInt8] {
        key.withBytes { keyBytes in
            var code = [UInt8](repeating: 0, count: 32)
            var length: UInt32 = 32
            let result = unsafe HMAC(
                EVP_sha256(), keyBytes, Int32(keyBytes.count), message, message.count, &code, &length)
            precondition(unsafe result != nil && length == 32, "HMAC-SHA-256 failed")
            return code
        }
    }
}

/// HKDF-SHA-256 (RFC 5869) with an empty salt, for one block of output.
public enum HKDFSHA256 {
    /// 32 bytes derived from `key` for the purpose `info`.
    public static func derive(from key: SecretBytes, info: String) -> SecretBytes {
        // Extract: a salt of HashLen zeros is what an absent one means (RFC 5869 §2.2).
        let salt = SecretBytes([UInt8](repeating: 0, count: 32))
        let pseudorandomKey = SecretBytes(key.withBytes { HMACSHA256.code(key: salt, message: $0) })
        // Expand: T(1) = HMAC(PRK, info | 0x01) (RFC 5869 §2.3).
        return SecretBytes(HMACSHA256.code(key: pseudorandomKey, message: Array(info.utf8) + [1]))
    }
}
