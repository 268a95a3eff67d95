import Cryptography
import JOSE
import Testing

@Suite("Thumbprints (RFC 7638)")
struct ThumbprintTests {
    @Test("RFC 7638 §3.1 and RFC 8037 A.3: known answers")
    func knownAnswers() throws {
        let set = try ClientKeySet(parsing: Array(RFC7517.publicKeys.utf8))
        #expect(RFC7517.rsaThumbprint == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
        #expect(try set.signatureKeys.keys.map { try $0.key.jwkThumbprint() } == [RFC7517.rsaThumbprint])
        let elliptic = try #require(set.encryptionKey(for: .ecdhES))
        #expect(try elliptic.key.jwkThumbprint() == RFC7517.ellipticThumbprint)
        #expect(try StandardKey.privateKey(RFC8037.key).publicKey().jwkThumbprint() == RFC8037.thumbprint)
    }

    @Test("The thumbprint is the key's, whatever else its JWK holds, and no other key has it")
    func stability() throws {
        let tokens = try Tokens.get()
        for key in [tokens.rsa, tokens.p256, tokens.ed25519] {
            let publicKey = try key.publicKey()
            let thumbprint = try publicKey.jwkThumbprint()
            #expect(Base64URL.decode(thumbprint)?.count == 32)
            let json = try JWK(keyID: "x", algorithm: nil, key: publicKey).json()
            var members = try #require(json.object)
            members["x5t"] = "AAAA"
            members["kid"] = "y"
            #expect(try JWK(declared: .object(members)).key.jwkThumbprint() == thumbprint)
            #expect(try PrivateKey.generate(key.kind).publicKey().jwkThumbprint() != thumbprint)
        }
        let secret = try PrivateKey.generate(.x25519)
        #expect(throws: CryptographyError(.unsuitableKey, "")) { try secret.publicKey().jwkThumbprint() }
    }
}
