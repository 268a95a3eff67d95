public import Cryptography
public import JOSE

/// The keys as they stand at one moment: what signs, what is published, what opens. All of it from one version of the
/// manifest, so that nothing is ever signed by a key that the same snapshot does not publish.
public struct KeyringSnapshot: Sendable {
    /// A sealing key with its name.
    struct NamedSealingKey: Sendable {
        let id: String
        let key: SealingKey
        /// What nonces are derived with, for values that always have the same text.
        let nonceSecret: SecretBytes
    }

    /// The lines of the manifest.
    public let records: [KeyRecord]
    /// The public keys of the tokens: next, current and retiring ones.
    public let published: JWKSet
    /// The published set as JSON, made once.
    public let publishedJSON: [UInt8]
    let signing: [KeyUse: TokenSigningKey]
    let sessionKeys: JWKSet
    let sealing: NamedSealingKey
    let opening: [String: SealingKey]
    let subjectSecret: SecretBytes

    /// What a vault holds amounts to.
    init(_ held: KeyVaultContents, passphrase: SecretBytes, place: String) throws {
        try self.init(Manifest(parsing: held.manifest), files: held.files, passphrase: passphrase, place: place)
    }

    /// What a manifest and its files amount to.
    init(_ manifest: Manifest, files: [String: [UInt8]], passphrase: SecretBytes, place: String) throws {
        try self.init(records: manifest.keys) { record in
            let name = record.fileName
            guard let pem = files[name] else {
                throw KeyringError(.fileFailure, "\(name) cannot be read in \(place): check that it is there")
            }
            do {
                return try PrivateKey(encryptedPEM: pem, passphrase: passphrase)
            } catch let error as CryptographyError where error.code == .wrongPassphrase {
                throw KeyringError(.wrongPassphrase, "the passphrase does not open \(name) in \(place): check it")
            } catch {
                throw KeyringError(.damaged, "\(name) in \(place) is not an encrypted PKCS#8 key")
            }
        }
    }

    private init(records: [KeyRecord], key: (KeyRecord) throws -> PrivateKey) throws {
        var published: [JWK] = []
        var sessionKeys: [JWK] = []
        var signing: [KeyUse: TokenSigningKey] = [:]
        var opening: [String: SealingKey] = [:]
        var sealing: NamedSealingKey?
        var subjectSecret: SecretBytes?
        for record in records where record.state != .retired {
            let privateKey = try key(record)
            guard privateKey.kind == record.use.keyKind else {
                throw KeyringError(.damaged, "\(record.fileName) holds a key of another kind than its use wants")
            }
            if let algorithm = record.use.algorithm {
                let entry = JWK(keyID: record.id, algorithm: algorithm, key: try privateKey.publicKey())
                if record.use.isPublished { published.append(entry) } else { sessionKeys.append(entry) }
                if record.state == .current {
                    signing[record.use] = TokenSigningKey(keyID: record.id, algorithm: algorithm, key: privateKey)
                }
            } else if record.use == .sealing {
                let sealingKey = try SealingKey(privateKey.derivedSecret(for: "loge sealing"))
                opening[record.id] = sealingKey
                if record.state == .current {
                    sealing = NamedSealingKey(
                        id: record.id, key: sealingKey,
                        nonceSecret: try privateKey.derivedSecret(for: "loge sealing nonces"))
                }
            } else if record.state == .current {
                subjectSecret = try privateKey.derivedSecret(for: "loge pairwise subjects")
            }
        }
        let isWhole = KeyUse.allCases.allSatisfy { $0.algorithm == nil || $0.isLater || signing[$0] != nil }
        guard let sealing, let subjectSecret, isWhole else {
            throw KeyringError(.damaged, "the manifest has no current key for one of the uses")
        }
        self.records = records
        self.published = JWKSet(published)
        publishedJSON = try self.published.json().encoded
        self.signing = signing
        self.sessionKeys = JWKSet(sessionKeys)
        self.sealing = sealing
        self.opening = opening
        self.subjectSecret = subjectSecret
    }

    /// Signs `claims` as a token of that algorithm, with the current key.
    ///
    /// - Throws: ``KeyringError`` `.unknownKey` when no key signs with the algorithm; `CryptographyError` from OpenSSL.
    public func signToken(_ claims: JSONValue, _ algorithm: SignatureAlgorithm, type: String? = nil) throws -> String {
        guard let key = signing[KeyUse.token(algorithm)] else {
            throw KeyringError(.unknownKey, "no key signs tokens with \(algorithm.rawValue)")
        }
        return try key.sign(claims, type: type)
    }

    /// Signs `claims` as a session token.
    ///
    /// - Throws: `CryptographyError` from OpenSSL.
    public func signSession(_ claims: JSONValue) throws -> String {
        guard let key = signing[.session] else {
            throw KeyringError(.unknownKey, "no key signs session tokens")
        }
        return try key.sign(claims, type: "session+jwt")
    }

    /// The claims of a session token that one of our session keys signed.
    ///
    /// - Throws: `JOSEError`.
    public func verifySession(_ token: String) throws(JOSEError) -> VerifiedClaims {
        try UnverifiedJWS(compact: token).verified(
            by: sessionKeys, algorithms: [.es256], types: ["session+jwt"])
    }

    /// Seals `plaintext` for `purpose`, as `kid.base64url`.
    ///
    /// - Throws: `CryptographyError` from OpenSSL.
    public func seal(_ plaintext: [UInt8], purpose: String, random: any RandomSource) throws -> String {
        let sealed = try sealing.key.seal(plaintext, purpose: purpose, random: random)
        return sealing.id + "." + Base64URL.encode(sealed)
    }

    /// Seals `plaintext` for `purpose` so that the same value has the same text, as long as the sealing key is the same: the
    /// nonce is a code over both (the construction of SIV, RFC 5297). Who compares two such texts learns whether they hold
    /// the same; nothing else.
    ///
    /// - Throws: `CryptographyError` from OpenSSL.
    public func sealAlike(_ plaintext: [UInt8], purpose: String) throws -> String {
        // The length in front keeps (purpose, plaintext) pairs apart whatever they hold.
        let message = Array("\(purpose.utf8.count):\(purpose)".utf8) + plaintext
        let nonce = Array(HMACSHA256.code(key: sealing.nonceSecret, message: message).prefix(24))
        return sealing.id + "." + Base64URL.encode(try sealing.key.seal(plaintext, purpose: purpose, nonce: nonce))
    }

    /// Opens what ``seal(_:purpose:random:)`` or ``sealAlike(_:purpose:)`` made, under whichever of the live keys it was.
    ///
    /// - Throws: `CryptographyError` `.notAuthentic` for anything else.
    public func open(_ text: String, purpose: String) throws -> [UInt8] {
        guard let dot = text.utf8.firstIndex(of: 0x2E), let key = opening[String(text[..<dot])],
            let sealed = Base64URL.decode(text[text.index(after: dot)...])
        else { throw CryptographyError(.notAuthentic, "the value was not sealed by a key that still lives") }
        return try key.open(sealed, purpose: purpose)
    }

    /// The pairwise subject of a person at a sector (OIDC Core §8.1): always the same for the two, telling nothing of either.
    public func pairwiseSubject(sector: String, account: String) -> String {
        // The length in front keeps (sector, account) pairs apart whatever the two texts hold.
        let message = Array("\(sector.utf8.count):\(sector)\(account)".utf8)
        return Base64URL.encode(HMACSHA256.code(key: subjectSecret, message: message))
    }
}
