import Cryptography
import JOSE
import Testing

@Suite("JW-09: encrypted tokens of the standards and of other implementations")
struct JWEVectorTests {
    private func read(_ token: String, _ jwk: String, _ algorithm: KeyManagementAlgorithm) throws -> String {
        let key = try TokenDecryptionKey(
            keyID: nil, algorithm: algorithm, key: StandardKey.privateKey(jwk))
        let named = try TokenDecryptionKey(
            keyID: UnverifiedJWE(compact: token).claimedKeyID, algorithm: algorithm, key: key.key)
        let content = try UnverifiedJWE(compact: token).decrypted(
            by: [named], algorithms: [algorithm], random: SystemRandom())
        return String(decoding: content.bytes, as: UTF8.self)
    }

    @Test("RFC 7516 A.1: RSA-OAEP with A256GCM")
    func rfc7516() throws {
        let text = "The true sign of intelligence is not knowledge but imagination."
        #expect(try read(RFC7516.a1Token, RFC7516.a1Key, .rsaOAEP) == text)
        #expect(throws: JWEError(.algorithmNotAllowed, "")) {
            try read(RFC7516.a1Token, RFC7516.a1Key, .rsaOAEP256)
        }
    }

    @Test("RFC 7520 §5.2: RSA-OAEP with A256GCM, and a key of 4096 bits")
    func rfc7520() throws {
        #expect(try read(RFC7520.oaepToken, RFC7520.oaepKey, .rsaOAEP) == RFC7520.encryptedText)
        let key = try #require(StandardKey.clientSet(RFC7520.oaepKey).encryptionKey(for: .rsaOAEP))
        let token = try key.encrypt(Array(RFC7520.encryptedText.utf8), random: SystemRandom())
        #expect(try read(token, RFC7520.oaepKey, .rsaOAEP) == RFC7520.encryptedText)
    }

    @Test("RFC 7518 Appendix C: what Alice and Bob agree on")
    func rfc7518() throws {
        let (alice, bob) = (
            try StandardKey.privateKey(RFC7518.alice), try StandardKey.privateKey(RFC7518.bob)
        )
        let info = ECDHES.otherInfo(
            algorithm: "A128GCM",
            AgreementParties(producer: Array("Alice".utf8), consumer: Array("Bob".utf8)), bits: 128)
        for (own, other) in [(alice, bob), (bob, alice)] {
            let secret = try own.sharedSecret(with: other.publicKey())
            let key = try ConcatKDF.derive(from: secret, otherInfo: info, count: 16)
            #expect(key.withBytes { Base64URL.encode($0) } == RFC7518.derivedKey)
        }
    }

    @Test("RFC 7520 §5.5: what the two agree on without apu and apv")
    func rfc7520Agreement() throws {
        let secret = try StandardKey.privateKey(RFC7520.ephemeralKey)
            .sharedSecret(with: StandardKey.privateKey(RFC7520.agreementKey).publicKey())
        let info = ECDHES.otherInfo(algorithm: "A128CBC-HS256", AgreementParties(), bits: 256)
        let key = try ConcatKDF.derive(from: secret, otherInfo: info, count: 32)
        #expect(key.withBytes { Base64URL.encode($0) } == RFC7520.agreedKey)
    }

    @Test("Tokens of another implementation are read")
    func foreign() throws {
        #expect(try read(ForeignJWE.oaep, RFC7516.a1Key, .rsaOAEP) == ForeignJWE.text)
        #expect(try read(ForeignJWE.oaep256, RFC7516.a1Key, .rsaOAEP256) == ForeignJWE.text)
        #expect(try read(ForeignJWE.agreement, RFC7518.bob, .ecdhES) == ForeignJWE.text)
        #expect(try read(ForeignJWE.agreementWithParties, RFC7518.bob, .ecdhES) == ForeignJWE.text)
    }

    @Test(
        "JW-07: the algorithms of the standards that are not ours are refused before any key is touched",
        arguments: [
            ("RFC 7516 A.2", RFC7516.a2Token), ("RFC 7516 A.3", RFC7516.a3Token), ("RFC 7519 A.2", RFC7519.nestedToken),
            ("RFC 7520 §5.1", RFC7520.refused51), ("RFC 7520 §5.3", RFC7520.refused53),
            ("RFC 7520 §5.4", RFC7520.refused54), ("RFC 7520 §5.5", RFC7520.agreementToken),
            ("RFC 7520 §5.6", RFC7520.refused56), ("RFC 7520 §5.7", RFC7520.refused57),
            ("RFC 7520 §5.8", RFC7520.refused58), ("RFC 7520 §6", RFC7520.nestedToken),
            ("RSA1_5 with A256GCM", ForeignJWE.rsa15), ("ECDH-ES with A128GCM", ForeignJWE.agreement128),
            ("RSA-OAEP with A256CBC-HS512", ForeignJWE.oaepCBC),
        ])
    func otherAlgorithms(name: String, token: String) throws {
        let envelopes = try Envelopes.get()
        #expect(throws: Never.self, "the control") { try envelopes.read(ForeignJWE.oaep) }
        envelopes.expect(.algorithmNotAllowed, token, "\(name)")
    }

    @Test("JW-07: compressed tokens and the JSON forms are refused")
    func otherForms() throws {
        let envelopes = try Envelopes.get()
        envelopes.expect(.unsupportedHeader, ForeignJWE.compressed)
        envelopes.expect(.unsupportedHeader, RFC7520.refused59)
        envelopes.expect(.malformed, RFC7516.a4Token)
        envelopes.expect(.malformed, RFC7515.a2Token, "a signed token is no encrypted one")
        #expect(throws: JOSEError(.malformed, "")) { try UnverifiedJWS(compact: RFC7516.a1Token) }
    }

    @Test(
        "JW-09: a key that is encrypted in another way than alg says", arguments: ForeignJWE.wrongKeyEncryption)
    func wrongKeyEncryption(name: String, token: String) throws {
        let envelopes = try Envelopes.get()
        #expect(throws: Never.self, "the control") { try envelopes.read(ForeignJWE.oaep256) }
        envelopes.expect(.notDecrypted, token, "\(name)")
    }
}
