/// Seals and opens values with XAES-256-GCM (C2SP XAES-256-GCM): AES-256-GCM under a key derived from the first half
/// of a 192-bit random nonce, so that one key may seal as many values as it likes.
public struct SealingKey: Sendable {
    /// What sealing adds to the length of a value: 24 bytes of nonce and 16 of tag.
    public static let overhead = 40

    private let key: SecretBytes
    /// The CMAC subkey K1 of the key (NIST SP 800-38B §6.1), computed once.
    private let subkey: SecretBytes

    /// A sealing key of 32 bytes.
    ///
    /// - Throws: ``CryptographyError`` `.unsuitableKey` for another length, `.libraryFailure` from OpenSSL.
    public init(_ key: SecretBytes) throws {
        guard key.count == 32 else { throw CryptographyError(.unsuitableKey, "a sealing key has 32 bytes") }
        self.key = key
        let zeroes = try aesBlocks([UInt8](repeating: 0, count: 16), key: key)
        var shifted = [UInt8](repeating: 0, count: 16)
        for index in 0..<16 {
            shifted[index] = zeroes[index] << 1 | (index < 15 ? zeroes[index + 1] >> 7 : 0)
        }
        if zeroes[0] & 0x80 != 0 { shifted[15] ^= 0x87 }
        subkey = SecretBytes(shifted)
    }

    /// `plaintext` sealed for `purpose`: nonce, ciphertext, tag.
    ///
    /// - Parameter purpose: bound to the result; the same must be given to open it, so that a value sealed for one use
    ///   cannot be passed off for another.
    /// - Throws: ``CryptographyError`` `.libraryFailure` from OpenSSL.
    public func seal(_ plaintext: [UInt8], purpose: String, random: any RandomSource) throws -> [UInt8] {
        try seal(plaintext, purpose: purpose, nonce: random.bytes(24))
    }

    package func seal(_ plaintext: [UInt8], purpose: String, nonce: [UInt8]) throws -> [UInt8] {
        let context = try CipherContext()
        let derived = try derivedKey(nonce)
        let additional = Array(purpose.utf8)
        return try derived.withBytes { keyBytes in
            let ciphertext = try context.encrypt(
                plaintext, key: keyBytes, nonce: Array(nonce[12..<24]), additional: additional)
            return nonce + ciphertext
        }
    }

    /// The value inside `sealed`.
    ///
    /// - Throws: ``CryptographyError`` `.notAuthentic` when it was altered or sealed under another key or purpose.
    public func open(_ sealed: [UInt8], purpose: String) throws -> [UInt8] {
        guard sealed.count >= Self.overhead else {
            throw CryptographyError(.notAuthentic, "the sealed value is too short")
        }
        let nonce = Array(sealed[..<24])
        let context = try CipherContext()
        let derived = try derivedKey(nonce)
        let additional = Array(purpose.utf8)
        return try derived.withBytes { keyBytes in
            try context.decrypt(
                Array(sealed[24...]), key: keyBytes, nonce: Array(nonce[12...]), additional: additional)
        }
    }

    /// CMAC-AES-256 of the two one-block messages that the specification lays down.
    private func derivedKey(_ nonce: [UInt8]) throws -> SecretBytes {
        precondition(nonce.count == 24)
        let blocks = subkey.withBytes { subkey in
            var blocks: [UInt8] = [0, 1, 0x58, 0] + nonce[..<12] + [0, 2, 0x58, 0] + nonce[..<12]
            for index in 0..<32 { blocks[index] ^= subkey[index % 16] }
            return blocks
        }
        return SecretBytes(try aesBlocks(blocks, key: key))
    }
}

/// AES-256 of each 16-byte block by itself: the raw permutation, used inside CMAC only.
private func aesBlocks(_ blocks: [UInt8], key: SecretBytes) throws -> [UInt8] {
    let context = try CipherContext()
    return try key.withBytes { try context.encryptBlocks(blocks, key: $0) }
}
