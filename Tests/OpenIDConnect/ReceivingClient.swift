import Cryptography
import JOSE
import LogeTesting
import Testing

/// A client that receives encrypted answers, with its keys.
struct ReceivingClient: Sendable {
    let party: TestParty
    let key: TokenDecryptionKey

    private static let rsa = Result { try PrivateKey.generate(.rsa) }
    private static let strangersRSA = Result { try PrivateKey.generate(.rsa) }

    /// A client with a key of its own; RSA keys are shared, they take their time.
    init(
        _ signature: SignatureAlgorithm = .es256, _ encryption: KeyManagementAlgorithm = .ecdhES,
        id: String = "chiffree"
    ) throws {
        party = TestParty(id: id, secret: "secret-of-the-encrypted-one-01234", algorithm: signature)
        let own = encryption.keyKind == .rsa ? try Self.rsa.get() : try PrivateKey.generate(.p256)
        key = try TokenDecryptionKey(keyID: "enc-1", algorithm: encryption, key: own)
    }

    /// Somebody else's key of the same name.
    func stranger() throws -> TokenDecryptionKey {
        let other = key.algorithm.keyKind == .rsa ? try Self.strangersRSA.get() : try PrivateKey.generate(.p256)
        return try TokenDecryptionKey(keyID: key.keyID, algorithm: key.algorithm, key: other)
    }

    /// Its file; ID tokens and userinfo are encrypted.
    func yaml() throws -> String {
        """
        client_id: \(party.id)
        client_name: Application \(party.id)
        client_secret: \(party.secret)
        redirect_uris: ["\(party.redirectURI)"]
        post_logout_redirect_uris: ["https://\(party.id).exemple.org/parti"]
        scope: openid profile email
        id_token_signed_response_alg: \(party.algorithm.rawValue)
        id_token_encrypted_response_alg: \(key.algorithm.rawValue)
        id_token_encrypted_response_enc: A256GCM
        userinfo_signed_response_alg: \(party.algorithm.rawValue)
        userinfo_encrypted_response_alg: \(key.algorithm.rawValue)
        userinfo_encrypted_response_enc: A256GCM
        jwks: {"keys":[\(try key.encryptionKey().json().text)]}

        """
    }

    /// A portal that knows it.
    func portal() throws -> TestPortalOptions {
        var options = TestPortalOptions()
        options.parties = [party.id: try yaml()]
        return options
    }

    /// What a client of its algorithm and no other finds in an encrypted token: the signed one.
    func open(_ token: String, with key: TokenDecryptionKey? = nil) throws -> String {
        let content = try UnverifiedJWE(compact: token).decrypted(
            by: [key ?? self.key], algorithms: [self.key.algorithm], random: SystemRandom())
        _ = try content.nestedToken()
        return String(decoding: content.bytes, as: UTF8.self)
    }

    /// The header of a token in compact form.
    static func header(_ token: String) throws -> [String: JSONValue] {
        let text = try #require(token.split(separator: ".").first)
        let bytes = try #require(Base64URL.decode(String(text)))
        return try #require(try JSONValue(parsing: bytes).object)
    }
}
