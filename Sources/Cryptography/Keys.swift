/// A private key: made here or read from an encrypted file, never shown.
public struct PrivateKey: Sendable, CustomStringConvertible {
    let handle: KeyHandle
    /// The kind of the key.
    public let kind: KeyKind

    init(_ handle: KeyHandle) throws {
        guard let kind = handle.kind else {
            throw CryptographyError(.unsuitableKey, "this kind of key is not used here (RSA >= 2048, P-256, 25519)")
        }
        self.handle = handle
        self.kind = kind
    }

    /// Makes a fresh key of this kind (RSA: 3072 bits).
    ///
    /// - Throws: ``CryptographyError`` `.libraryFailure` from OpenSSL.
    public static func generate(_ kind: KeyKind) throws -> PrivateKey {
        try PrivateKey(KeyHandle.generate(kind))
    }

    /// Reads an encrypted PKCS#8 key (RFC 5958) from its PEM form.
    ///
    /// - Throws: ``CryptographyError`` `.unreadableKey`, `.wrongPassphrase` or `.unsuitableKey`.
    public init(encryptedPEM pem: [UInt8], passphrase: SecretBytes) throws {
        try self.init(KeyHandle.decode(encryptedPEM: pem, passphrase: passphrase))
    }

    /// Reads a private key that nothing protects: for the known answers of the standards, whose keys everybody knows.
    package init(unencryptedDER der: SecretBytes) throws {
        try self.init(KeyHandle.decode(unencryptedDER: der))
    }

    /// The key as encrypted PKCS#8 in PEM form.
    ///
    /// - Throws: ``CryptographyError`` `.libraryFailure` from OpenSSL.
    public func encryptedPEM(passphrase: SecretBytes) throws -> [UInt8] {
        try handle.encryptedPEM(passphrase: passphrase)
    }

    /// The public half.
    ///
    /// - Throws: ``CryptographyError`` `.libraryFailure` from OpenSSL.
    public func publicKey() throws -> PublicKey { PublicKey(handle: handle, kind: kind) }

    /// The signature of `message`. ECDSA signatures are R and S side by side (RFC 7518 §3.4).
    ///
    /// - Throws: ``CryptographyError`` `.unsuitableKey` when the key is of another kind than the algorithm wants.
    public func sign(_ message: [UInt8], _ algorithm: SignatureAlgorithm) throws -> [UInt8] {
        try handle.sign(message, algorithm)
    }

    /// A symmetric key derived (HKDF-SHA-256) from the 32 secret bytes of an X25519 or Ed25519 key, for one purpose.
    ///
    /// - Throws: ``CryptographyError`` `.unsuitableKey` for other kinds.
    public func derivedSecret(for purpose: String) throws -> SecretBytes {
        guard kind == .x25519 || kind == .ed25519 else {
            throw CryptographyError(.unsuitableKey, "secrets are derived from keys of 25519 only")
        }
        return HKDFSHA256.derive(from: try handle.rawPrivate(), info: purpose)
    }

    /// The kind, never the key.
    public var description: String { "(private \(kind.rawValue) key)" }
}

/// The numbers that make up a public key, as a JWK spells them (RFC 7518 §6, RFC 8037 §2).
public enum PublicKeyParameters: Sendable, Hashable {
    /// Modulus and exponent, big-endian, without leading zeros.
    case rsa(n: [UInt8], e: [UInt8])
    /// The two coordinates of the point, 32 bytes each.
    case p256(x: [UInt8], y: [UInt8])
    /// The 32 bytes of the point.
    case ed25519(x: [UInt8])
}

/// A public key, ours or somebody else's, checked when it was read.
public struct PublicKey: Sendable {
    let handle: KeyHandle
    /// The kind of the key.
    public let kind: KeyKind

    init(handle: KeyHandle, kind: KeyKind) {
        self.handle = handle
        self.kind = kind
    }

    /// Reads a public key from its numbers.
    ///
    /// - Throws: ``CryptographyError`` when they make no key, or an RSA key under 2048 or over 8192 bits.
    public init(_ parameters: PublicKeyParameters) throws {
        let handle: KeyHandle
        switch parameters {
        case .rsa(let n, let e):
            guard (256...1024).contains(n.count), (1...8).contains(e.count), let last = e.last, last & 1 == 1,
                e != [1]
            else {
                throw CryptographyError(.unsuitableKey, "an RSA key has 2048 to 8192 bits and an odd exponent")
            }
            handle = try .rsa(modulus: n, exponent: e)
        case .p256(let x, let y):
            guard x.count == 32, y.count == 32 else {
                throw CryptographyError(.unsuitableKey, "coordinates on P-256 have 32 bytes")
            }
            handle = try .p256(point: [4] + x + y)
        case .ed25519(let x):
            guard x.count == 32 else { throw CryptographyError(.unsuitableKey, "an Ed25519 key has 32 bytes") }
            // Under a point of small order anybody can sign anything, and OpenSSL takes any 32 bytes.
            guard Ed25519Point.isValid(x) else {
                throw CryptographyError(.unsuitableKey, "this is no point of the group of Ed25519")
            }
            handle = try .ed25519(public: x)
        }
        guard let kind = handle.kind else {
            throw CryptographyError(.unsuitableKey, "this kind of key is not used here")
        }
        self.init(handle: handle, kind: kind)
    }

    /// The numbers of the key.
    ///
    /// - Throws: ``CryptographyError`` `.unsuitableKey` for X25519, which signs nothing.
    public func parameters() throws -> PublicKeyParameters {
        switch kind {
        case .rsa: return .rsa(n: try handle.number("n"), e: try handle.number("e"))
        case .p256:
            return .p256(x: leftPadded(try handle.number("qx")), y: leftPadded(try handle.number("qy")))
        case .ed25519: return .ed25519(x: try handle.rawPublic())
        case .x25519: throw CryptographyError(.unsuitableKey, "an X25519 key is not published")
        }
    }

    /// Whether `signature` is this key's signature of `message` under `algorithm`.
    public func isValid(_ signature: [UInt8], of message: [UInt8], _ algorithm: SignatureAlgorithm) -> Bool {
        handle.verify(signature, of: message, algorithm)
    }

    /// The key as SubjectPublicKeyInfo (RFC 5280 §4.1) in PEM form.
    ///
    /// - Throws: ``CryptographyError`` `.libraryFailure` from OpenSSL.
    public func pem() throws -> [UInt8] { try handle.publicPEM() }

    private func leftPadded(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](repeating: 0, count: max(0, 32 - bytes.count)) + bytes
    }
}
