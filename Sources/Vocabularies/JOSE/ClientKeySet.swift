internal import Cryptography

/// The public keys that a client declared (`jwks` of RFC 7591 §2, or what its `jwks_uri` answered), sorted by use.
///
/// Stricter than ``JWKSet``: what is wrong is refused whole, with its place and reason, so that whoever declared it learns
/// of it before a sign-in fails; what is merely of no use here is passed over, as RFC 7517 §5 asks, and listed.
public struct ClientKeySet: Sendable {
    /// The longest set, in bytes.
    public static let maximumLength = 65536
    /// The most keys of a set.
    public static let maximumCount = 16

    /// A key to encrypt to.
    private struct EncryptionEntry: Sendable {
        let keyID: String?
        let algorithm: KeyManagementAlgorithm?
        let key: PublicKey
    }

    /// The keys that the client signs with.
    public let signatureKeys: JWKSet
    /// Why a key was passed over, in the order of the set.
    public let passedOver: [KeySetError]
    private let encryptionKeys: [EncryptionEntry]

    /// Reads a set.
    ///
    /// - Throws: ``KeySetError``.
    public init(parsing bytes: some Collection<UInt8>) throws(KeySetError) {
        guard bytes.count <= Self.maximumLength else { throw KeySetError(.tooLarge, "the key set is too long") }
        let json: JSONValue
        do {
            json = try JSONValue(parsing: bytes, maximumLength: Self.maximumLength, maximumDepth: 6)
        } catch {
            throw KeySetError(.malformed, "the key set is not JSON")
        }
        try self.init(json: json)
    }

    /// Reads a set that is JSON already.
    ///
    /// - Throws: ``KeySetError``.
    public init(json: JSONValue) throws(KeySetError) {
        guard let entries = json["keys"]?.array else { throw KeySetError(.malformed, "the key set has no keys") }
        guard entries.count <= Self.maximumCount else { throw KeySetError(.tooLarge, "the key set has too many keys") }
        var signatureKeys: [JWK] = []
        var encryptionKeys: [EncryptionEntry] = []
        var passedOver: [KeySetError] = []
        for (position, entry) in entries.enumerated() {
            do throws(KeySetError) {
                let declared = try DeclaredKey(entry)
                let others =
                    declared.use.isSignature ? signatureKeys.map(\.keyID) : encryptionKeys.map(\.keyID)
                if let keyID = declared.keyID, others.contains(keyID) {
                    throw KeySetError(.duplicateKeyID, "another key has the same kid")
                }
                switch declared.use {
                case .signature(let algorithm):
                    signatureKeys.append(JWK(keyID: declared.keyID, algorithm: algorithm, key: declared.key))
                case .encryption(let algorithm):
                    encryptionKeys.append(
                        EncryptionEntry(keyID: declared.keyID, algorithm: algorithm, key: declared.key))
                }
            } catch {
                let placed = KeySetError(error.code, error.reason, position: position)
                guard error.code == .noUse else { throw placed }
                passedOver.append(placed)
            }
        }
        self.signatureKeys = JWKSet(signatureKeys)
        self.encryptionKeys = encryptionKeys
        self.passedOver = passedOver
    }

    /// The key to encrypt to under `algorithm`: the first of the set that is for it; `nil` when there is none.
    public func encryptionKey(
        for algorithm: KeyManagementAlgorithm, contentEncryption: ContentEncryptionAlgorithm = .a256GCM
    ) -> TokenEncryptionKey? {
        let entry = encryptionKeys.first { entry in
            entry.key.kind == algorithm.keyKind && (entry.algorithm ?? algorithm) == algorithm
        }
        guard let entry else { return nil }
        return try? TokenEncryptionKey(
            keyID: entry.keyID, algorithm: algorithm, contentEncryption: contentEncryption, key: entry.key)
    }
}

extension JWK {
    /// Reads one public key for signatures that came with what it signed, as `jwk` does in a DPoP proof (RFC 9449 §4.2): as
    /// strictly as a ``ClientKeySet`` is read.
    ///
    /// - Throws: ``KeySetError``.
    public init(declared json: JSONValue) throws(KeySetError) {
        let declared = try DeclaredKey(json)
        guard case .signature(let algorithm) = declared.use else {
            throw KeySetError(.noUse, "the key is not for signatures")
        }
        self.init(keyID: declared.keyID, algorithm: algorithm, key: declared.key)
    }
}
