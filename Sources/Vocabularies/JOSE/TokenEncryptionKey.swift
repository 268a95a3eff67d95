public import Cryptography

/// A reader's public key with the one algorithm under which tokens are encrypted to it (RFC 7516).
public struct TokenEncryptionKey: Sendable {
    /// `kid`, when the reader names the key.
    public let keyID: String?
    /// `alg`.
    public let algorithm: KeyManagementAlgorithm
    /// `enc`.
    public let contentEncryption: ContentEncryptionAlgorithm
    /// The key.
    public let key: PublicKey

    /// A key to encrypt to.
    ///
    /// - Throws: ``JWEError`` `.unsuitableKey` when the algorithm wants another kind of key.
    public init(
        keyID: String?, algorithm: KeyManagementAlgorithm, contentEncryption: ContentEncryptionAlgorithm = .a256GCM,
        key: PublicKey
    ) throws(JWEError) {
        guard key.kind == algorithm.keyKind else {
            throw JWEError(.unsuitableKey, "\(algorithm.rawValue) does not encrypt to this kind of key")
        }
        self.keyID = keyID
        self.algorithm = algorithm
        self.contentEncryption = contentEncryption
        self.key = key
    }

    /// A signed token, encrypted (nested, RFC 7519 §5.2): what a client gets that asks for encrypted ID tokens.
    ///
    /// - Throws: `CryptographyError` from OpenSSL.
    public func encrypt(nested token: String, random: any RandomSource) throws -> String {
        try encrypt(Array(token.utf8), contentType: "JWT", random: random)
    }

    /// Any bytes, encrypted, in compact form (RFC 7516 §7.1).
    ///
    /// - Parameters:
    ///   - type: `typ`, the type of the whole token.
    ///   - contentType: `cty`, the type of what is inside; `JWT` is for nested tokens.
    ///   - random: where the content key and the nonce come from. The fresh key of ECDH-ES and the seed of OAEP are drawn
    ///     by OpenSSL itself.
    /// - Throws: `CryptographyError` from OpenSSL.
    public func encrypt(
        _ plaintext: [UInt8], type: String? = nil, contentType: String? = nil, random: any RandomSource
    ) throws -> String {
        try encrypt(plaintext, type: type, contentType: contentType, parties: AgreementParties(), random: random)
    }

    /// The same, with the parties that ECDH-ES binds the key to.
    package func encrypt(
        _ plaintext: [UInt8], type: String? = nil, contentType: String? = nil, parties: AgreementParties,
        random: any RandomSource
    ) throws -> String {
        var members: [String: JSONValue] = [
            "alg": .string(algorithm.rawValue), "enc": .string(contentEncryption.rawValue),
        ]
        if let keyID { members["kid"] = .string(keyID) }
        if let type { members["typ"] = .string(type) }
        if let contentType { members["cty"] = .string(contentType) }
        let contentKey: SecretBytes
        let encryptedKey: [UInt8]
        if let hash = algorithm.oaepHash {
            contentKey = SecretBytes(random.bytes(AES256GCM.keyLength))
            encryptedKey = try key.encrypt(contentKey, oaep: hash)
        } else {
            // The sender's key lives for this one token, and so does the content key.
            let ephemeral = try PrivateKey.generate(.p256)
            contentKey = try ECDHES.contentKey(ephemeral, key, contentEncryption, parties)
            encryptedKey = []
            members["epk"] = try ephemeral.publicKey().jwkMembers()
            if !parties.producer.isEmpty { members["apu"] = .string(Base64URL.encode(parties.producer)) }
            if !parties.consumer.isEmpty { members["apv"] = .string(Base64URL.encode(parties.consumer)) }
        }
        let header = Base64URL.encodedBytes(JSONValue.object(members).encoded)
        let nonce = random.bytes(AES256GCM.nonceLength)
        let sealed = try AES256GCM.encrypt(plaintext, key: contentKey, nonce: nonce, additional: header)
        var token = header
        for part in [encryptedKey, nonce, sealed.ciphertext, sealed.tag] {
            token.append(0x2E)
            token.append(contentsOf: Base64URL.encodedBytes(part))
        }
        return String(decoding: token, as: UTF8.self)
    }

    /// The key as JSON, for the reader to publish: public members only.
    ///
    /// - Throws: `CryptographyError` for a key that is never published.
    public func json() throws -> JSONValue {
        var members = try key.jwkMembers().object ?? [:]
        members["use"] = "enc"
        members["alg"] = .string(algorithm.rawValue)
        if let keyID { members["kid"] = .string(keyID) }
        return .object(members)
    }
}

/// A private key with the name and the one algorithm under which it reads encrypted tokens.
public struct TokenDecryptionKey: Sendable {
    /// `kid`, when the key is published under one.
    public let keyID: String?
    /// `alg`.
    public let algorithm: KeyManagementAlgorithm
    /// The key.
    public let key: PrivateKey

    /// A key to decrypt with.
    ///
    /// - Throws: ``JWEError`` `.unsuitableKey` when the algorithm wants another kind of key.
    public init(keyID: String?, algorithm: KeyManagementAlgorithm, key: PrivateKey) throws(JWEError) {
        guard key.kind == algorithm.keyKind else {
            throw JWEError(.unsuitableKey, "\(algorithm.rawValue) does not decrypt with this kind of key")
        }
        self.keyID = keyID
        self.algorithm = algorithm
        self.key = key
    }

    /// What senders encrypt to.
    ///
    /// - Throws: `CryptographyError` from OpenSSL, ``JWEError``.
    public func encryptionKey() throws -> TokenEncryptionKey {
        try TokenEncryptionKey(keyID: keyID, algorithm: algorithm, key: key.publicKey())
    }
}
