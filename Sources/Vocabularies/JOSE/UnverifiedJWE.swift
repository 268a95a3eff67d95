public import Cryptography

/// An encrypted token as it came from outside (RFC 7516, compact form only).
///
/// Decrypting it proves nothing about who made it, since anybody can encrypt to a public key: what is inside is still to
/// be verified, as a ``UnverifiedJWS``.
public struct UnverifiedJWE: Sendable {
    /// The longest token that is looked at, in bytes: a nested token of ``UnverifiedJWS/maximumLength`` and its wrapping.
    public static let maximumLength = 32768
    /// The longest header that is looked at, in bytes of JSON.
    public static let maximumHeaderLength = 4096

    /// `alg`, as the token claims it; a choice among the caller's allow-list, never more.
    public let claimedAlgorithm: String
    /// `enc`, as the token claims it; a choice among the caller's allow-list, never more.
    public let claimedContentEncryption: String
    /// `kid`, as the token claims it; a name to look up, never more.
    public let claimedKeyID: String?
    private let header: [String: JSONValue]
    private let contentType: String?
    /// What the tag covers besides the ciphertext: the header as it came, letter for letter (RFC 7516 §5.2, step 14).
    private let additional: [UInt8]
    private let encryptedKey: [UInt8]
    private let nonce: [UInt8]
    private let ciphertext: [UInt8]
    private let tag: [UInt8]

    /// Takes the token apart.
    ///
    /// - Throws: ``JWEError`` `.malformed` or `.unsupportedHeader`.
    public init(compact token: String) throws(JWEError) {
        let bytes = Array(token.utf8)
        guard bytes.count <= Self.maximumLength else { throw JWEError(.malformed, "the token is too long") }
        let parts = bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count == 5 else { throw JWEError(.malformed, "the token has not five parts") }
        var decoded: [[UInt8]] = []
        for part in parts {
            guard let bytes = Base64URL.decode(Array(part)) else {
                throw JWEError(.malformed, "a part of the token is not base64url")
            }
            decoded.append(bytes)
        }
        header = try Self.header(decoded[0])
        claimedAlgorithm = try Self.requiredText("alg", header)
        claimedContentEncryption = try Self.requiredText("enc", header)
        claimedKeyID = try Self.text("kid", header)
        contentType = try Self.text("cty", header)
        additional = Array(parts[0])
        encryptedKey = decoded[1]
        nonce = decoded[2]
        ciphertext = decoded[3]
        tag = decoded[4]
    }

    /// What is inside.
    ///
    /// - Parameters:
    ///   - keys: the reader's keys. Keys in the header (`jwk`, `jku`, `x5u`, `x5c`) are never looked at.
    ///   - algorithms: the algorithms allowed by configuration.
    ///   - contentEncryptions: the same for `enc`.
    ///   - random: where the key comes from that stands in for one that cannot be decrypted.
    /// - Throws: ``JWEError``; `.notDecrypted` for everything that depends on a key.
    public func decrypted(
        by keys: [TokenDecryptionKey], algorithms: Set<KeyManagementAlgorithm>,
        contentEncryptions: Set<ContentEncryptionAlgorithm> = [.a256GCM], random: any RandomSource
    ) throws(JWEError) -> DecryptedContent {
        guard let algorithm = KeyManagementAlgorithm(rawValue: claimedAlgorithm), algorithms.contains(algorithm),
            let encryption = ContentEncryptionAlgorithm(rawValue: claimedContentEncryption),
            contentEncryptions.contains(encryption)
        else { throw JWEError(.algorithmNotAllowed, "the token is encrypted by what is not allowed here") }
        guard nonce.count == AES256GCM.nonceLength else { throw JWEError(.malformed, "the nonce has not 96 bits") }
        guard tag.count == AES256GCM.tagLength else { throw JWEError(.malformed, "the tag has not 128 bits") }
        let transport = try KeyTransportInput(algorithm, encryption, header: header, encryptedKey: encryptedKey)
        let candidates = keys.filter { key in
            key.algorithm == algorithm && (claimedKeyID == nil || key.keyID == claimedKeyID)
        }
        guard !candidates.isEmpty else { throw JWEError(.unknownKey, "no key of the reader's fits the token") }
        for candidate in candidates {
            let contentKey = transport.contentKey(candidate.key, random)
            let plaintext = try? AES256GCM.decrypt(
                ciphertext, tag: tag, key: contentKey, nonce: nonce, additional: additional)
            if let plaintext { return DecryptedContent(bytes: plaintext, contentType: contentType) }
        }
        throw .notDecrypted
    }

    private static func header(_ bytes: [UInt8]) throws(JWEError) -> [String: JSONValue] {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes, maximumLength: maximumHeaderLength, maximumDepth: 4)
        } catch {
            throw JWEError(.malformed, "the header is not JSON, or too long")
        }
        guard let members = value.object else { throw JWEError(.malformed, "the header is not an object") }
        // RFC 7516 §4.1.13: what is critical must be understood; we understand none of it. `zip` would let a short token
        // grow without bound, and tell by its length what else is in it.
        for name in ["crit", "b64", "zip"] where members[name] != nil {
            throw JWEError(.unsupportedHeader, "the header holds \(name)")
        }
        return members
    }

    private static func requiredText(_ name: String, _ header: [String: JSONValue]) throws(JWEError) -> String {
        guard let text = try text(name, header) else { throw JWEError(.malformed, "the header has no \(name)") }
        return text
    }

    private static func text(_ name: String, _ header: [String: JSONValue]) throws(JWEError) -> String? {
        guard let value = header[name] else { return nil }
        guard let text = value.string, text.utf8.count <= 256 else {
            throw JWEError(.malformed, "the \(name) is no short text")
        }
        return text
    }
}

/// What was inside an encrypted token: nobody's word yet.
public struct DecryptedContent: Sendable {
    /// The bytes.
    public let bytes: [UInt8]
    /// `cty`, as the token claims it.
    public let contentType: String?

    /// The signed token inside (RFC 7519 §5.2), still to be verified. A plain one (`alg` `none`) is refused there.
    ///
    /// - Throws: ``JWEError`` `.wrongContentType` when `cty` is not `JWT`, `.malformed` when no signed token is inside.
    public func nestedToken() throws(JWEError) -> UnverifiedJWS {
        guard contentType?.lowercased() == "jwt" else {
            throw JWEError(.wrongContentType, "the content is not said to be a token")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw JWEError(.malformed, "the content is no token")
        }
        do {
            return try UnverifiedJWS(compact: text)
        } catch {
            throw JWEError(.malformed, "the content is no token: \(error.reason)")
        }
    }
}
