internal import Cryptography

/// What a token brings along for its reader to come to the content key, of the right form and not yet used.
enum KeyTransportInput {
    /// The encrypted key, for OAEP.
    case encryptedKey([UInt8], OAEPHash)
    /// The sender's public key, for ECDH-ES; `nil` when its numbers are no point of the curve.
    case agreement(PublicKey?, ContentEncryptionAlgorithm, AgreementParties)

    /// The longest `apu` and `apv`, in bytes.
    static let maximumPartyLength = 256

    init(
        _ algorithm: KeyManagementAlgorithm, _ encryption: ContentEncryptionAlgorithm, header: [String: JSONValue],
        encryptedKey: [UInt8]
    ) throws(JWEError) {
        if let hash = algorithm.oaepHash {
            guard !encryptedKey.isEmpty else { throw JWEError(.malformed, "there is no encrypted key") }
            self = .encryptedKey(encryptedKey, hash)
            return
        }
        // RFC 7516 §5.2, step 10: in direct agreement the part is empty.
        guard encryptedKey.isEmpty else { throw JWEError(.malformed, "there is an encrypted key beside an agreed one") }
        // RFC 7518 §4.6.1.1: a public key, public members only.
        guard let key = header["epk"]?.object, key["d"] == nil, key["kty"] == "EC", key["crv"] == "P-256",
            let x = Self.bytes(key["x"]), x.count == 32, let y = Self.bytes(key["y"]), y.count == 32
        else { throw JWEError(.malformed, "the epk is no public key on P-256") }
        let parties = AgreementParties(
            producer: try Self.party("apu", header), consumer: try Self.party("apv", header))
        // Not on the curve: another point of small order would give away the private key, a few bits at a time.
        self = .agreement(try? PublicKey(.p256(x: x, y: y)), encryption, parties)
    }

    /// The content key, or one drawn at random: then the tag does not hold, and what it was that failed cannot be told
    /// from the outside, not even by the time it took (RFC 7516 §11.5).
    func contentKey(_ key: PrivateKey, _ random: any RandomSource) -> SecretBytes {
        let substitute = SecretBytes(random.bytes(AES256GCM.keyLength))
        let found: SecretBytes?
        switch self {
        case .encryptedKey(let encrypted, let hash): found = try? key.decrypt(encrypted, oaep: hash)
        case .agreement(nil, _, _): found = nil
        case .agreement(.some(let peer), let encryption, let parties):
            found = try? ECDHES.contentKey(key, peer, encryption, parties)
        }
        guard let found, found.count == AES256GCM.keyLength else { return substitute }
        return found
    }

    private static func bytes(_ value: JSONValue?) -> [UInt8]? { value?.string.flatMap { Base64URL.decode($0) } }

    private static func party(_ name: String, _ header: [String: JSONValue]) throws(JWEError) -> [UInt8] {
        guard let value = header[name] else { return [] }
        guard let bytes = bytes(value), bytes.count <= maximumPartyLength else {
            throw JWEError(.malformed, "the \(name) is no short base64url")
        }
        return bytes
    }
}
