/// AES-256-GCM (NIST SP 800-38D) with a nonce of 96 bits and a tag of 128, never another.
///
/// For keys that encrypt one message, as those inside a JWE do (RFC 7518 §5.3). What is sealed more than once under one
/// key goes through ``SealingKey``, whose nonces cannot meet.
package enum AES256GCM {
    /// The length of a key, in bytes.
    package static let keyLength = 32
    /// The length of a nonce, in bytes.
    package static let nonceLength = 12
    /// The length of a tag, in bytes.
    package static let tagLength = 16

    /// The ciphertext of `plaintext`, as long as it is, and the tag over it and `additional`.
    ///
    /// - Throws: ``CryptographyError`` `.unsuitableKey` for a key or nonce of another length, `.libraryFailure`.
    package static func encrypt(
        _ plaintext: [UInt8], key: SecretBytes, nonce: [UInt8], additional: [UInt8]
    ) throws -> (ciphertext: [UInt8], tag: [UInt8]) {
        try check(key, nonce)
        let context = try CipherContext()
        let sealed = try key.withBytes {
            try context.encrypt(plaintext, key: $0, nonce: nonce, additional: additional)
        }
        return (Array(sealed[..<plaintext.count]), Array(sealed[plaintext.count...]))
    }

    /// The plaintext of `ciphertext`.
    ///
    /// - Throws: ``CryptographyError`` `.notAuthentic` when anything was altered or the tag is of another length;
    ///   `.unsuitableKey` for a key or nonce of another length, `.libraryFailure`.
    package static func decrypt(
        _ ciphertext: [UInt8], tag: [UInt8], key: SecretBytes, nonce: [UInt8], additional: [UInt8]
    ) throws -> [UInt8] {
        try check(key, nonce)
        // A shorter tag is easier to guess, and OpenSSL would compare as many bytes as it is given.
        guard tag.count == tagLength else { throw CryptographyError(.notAuthentic, "the tag has another length") }
        let context = try CipherContext()
        return try key.withBytes {
            try context.decrypt(ciphertext + tag, key: $0, nonce: nonce, additional: additional)
        }
    }

    /// OpenSSL reads as many bytes as the cipher wants, however many there are.
    private static func check(_ key: SecretBytes, _ nonce: [UInt8]) throws {
        guard key.count == keyLength, nonce.count == nonceLength else {
            throw CryptographyError(.unsuitableKey, "AES-256-GCM wants a key of 32 bytes and a nonce of 12")
        }
    }
}
