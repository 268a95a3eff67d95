import Cryptography
import JOSE
import Testing

/// Readers that all tests share, and encrypted tokens made by hand: whatever header, and everything else right.
struct Envelopes: Sendable {
    let oaep: TokenDecryptionKey
    let oaep256: TokenDecryptionKey
    let agreement: TokenDecryptionKey
    let random = SystemRandom()

    private static let shared = Result {
        let rsa = try StandardKey.privateKey(RFC7516.a1Key)
        return Envelopes(
            oaep: try TokenDecryptionKey(keyID: "o", algorithm: .rsaOAEP, key: rsa),
            oaep256: try TokenDecryptionKey(keyID: "p", algorithm: .rsaOAEP256, key: rsa),
            agreement: try TokenDecryptionKey(
                keyID: "e", algorithm: .ecdhES, key: StandardKey.privateKey(RFC7518.bob)))
    }

    static func get() throws -> Envelopes { try shared.get() }

    static let text = Array("who you are".utf8)

    var all: [TokenDecryptionKey] { [oaep, oaep256, agreement] }

    func read(
        _ token: String, algorithms: Set<KeyManagementAlgorithm> = Set(KeyManagementAlgorithm.allCases),
        by keys: [TokenDecryptionKey]? = nil
    ) throws -> DecryptedContent {
        try UnverifiedJWE(compact: token).decrypted(by: keys ?? all, algorithms: algorithms, random: random)
    }

    /// Expects a refusal for that reason.
    func expect(
        _ code: JWEError.Code, _ token: String, _ comment: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(throws: JWEError(code, ""), comment, sourceLocation: sourceLocation) { try read(token) }
    }

    /// A token under a key encrypted with RSA-OAEP, whatever the header says.
    func token(header: [UInt8], text: [UInt8] = Envelopes.text) throws -> String {
        let contentKey = SecretBytes(random.bytes(32))
        let encrypted = try oaep.encryptionKey().key.encrypt(contentKey, oaep: .sha1)
        return try assemble(header, encrypted, contentKey, text)
    }

    func token(_ members: [String: JSONValue], text: [UInt8] = Envelopes.text) throws -> String {
        let standard: [String: JSONValue] = ["alg": "RSA-OAEP", "enc": "A256GCM"]
        return try token(header: JSONValue.object(standard.merging(members) { $1 }).encoded, text: text)
    }

    /// A token under an agreed key. `change` is made to the header after the key was agreed on, and `parties` is what the
    /// key was derived for.
    func agreed(
        parties: AgreementParties = AgreementParties(), encryptedKey: [UInt8] = [],
        change: (inout [String: JSONValue], inout [String: JSONValue]) -> Void = { _, _ in }
    ) throws -> String {
        let sender = try PrivateKey.generate(.p256)
        let peer = try agreement.encryptionKey().key
        let contentKey = try ECDHES.contentKey(sender, peer, .a256GCM, parties)
        var key = try #require(JWK(keyID: nil, algorithm: nil, key: sender.publicKey()).json().object)
        key["use"] = nil
        var members: [String: JSONValue] = ["alg": "ECDH-ES", "enc": "A256GCM"]
        change(&members, &key)
        if members["epk"] == nil { members["epk"] = .object(key) }
        if members["epk"] == "absent" { members["epk"] = nil }
        return try assemble(JSONValue.object(members).encoded, encryptedKey, contentKey, Self.text)
    }

    private func assemble(
        _ header: [UInt8], _ encryptedKey: [UInt8], _ contentKey: SecretBytes, _ text: [UInt8]
    ) throws -> String {
        let nonce = random.bytes(12)
        let protected = Base64URL.encodedBytes(header)
        let sealed = try AES256GCM.encrypt(text, key: contentKey, nonce: nonce, additional: protected)
        let parts = [encryptedKey, nonce, sealed.ciphertext, sealed.tag].map { Base64URL.encode($0) }
        return ([String(decoding: protected, as: UTF8.self)] + parts).joined(separator: ".")
    }
}

/// The five parts of a compact token, to be changed one at a time.
struct JWEParts {
    var parts: [String]

    init(_ token: String) throws {
        parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        try #require(parts.count == 5)
    }

    var token: String { parts.joined(separator: ".") }

    /// The token with the bytes of one part changed.
    func changing(_ index: Int, _ change: ([UInt8]) throws -> [UInt8]) throws -> String {
        var copy = self
        let bytes = try #require(Base64URL.decode(parts[index]))
        copy.parts[index] = Base64URL.encode(try change(bytes))
        return copy.token
    }

    /// The token with one part in another spelling.
    func respelling(_ index: Int, _ change: (String) -> String) -> String {
        var copy = self
        copy.parts[index] = change(parts[index])
        return copy.token
    }
}
