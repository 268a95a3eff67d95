import Cryptography
import JOSE
import Testing

@Suite("JSON Web Encryption (RFC 7516, RFC 8725)")
struct JWETests {
    @Test("What is encrypted to a reader is read by that one, for each algorithm")
    func roundTrip() throws {
        let envelopes = try Envelopes.get()
        for key in envelopes.all {
            let recipient = try key.encryptionKey()
            for text in [[], [0], Envelopes.text, [UInt8](repeating: 0x61, count: 16_384)] {
                let token = try recipient.encrypt(text, type: "JWT", contentType: "x", random: envelopes.random)
                let unverified = try UnverifiedJWE(compact: token)
                #expect(unverified.claimedAlgorithm == key.algorithm.rawValue)
                #expect(unverified.claimedContentEncryption == "A256GCM")
                #expect(unverified.claimedKeyID == key.keyID)
                let content = try envelopes.read(token, algorithms: [key.algorithm])
                #expect(content.bytes == text)
                #expect(content.contentType == "x")
            }
            let twice = try (0..<2).map { _ in try recipient.encrypt([1], random: envelopes.random) }
            #expect(twice[0].split(separator: ".").last != twice[1].split(separator: ".").last, "never one key twice")
        }
    }

    @Test("A nested token: encrypted, read, and only then verified (RFC 7519 §5.2)")
    func nested() throws {
        let (envelopes, tokens) = (try Envelopes.get(), try Tokens.get())
        let signed = try TokenSigningKey(keyID: "e", algorithm: .es256, key: tokens.p256).sign(Tokens.claims)
        for key in envelopes.all {
            let token = try key.encryptionKey().encrypt(nested: signed, random: envelopes.random)
            let inner = try envelopes.read(token).nestedToken()
            let claims = try inner.verified(by: tokens.keys(), algorithms: [.es256], types: [nil])
            #expect(claims.members == Tokens.claims.object)
        }
        // Letter case of cty does not matter (RFC 7516 §4.1.12).
        let small = try envelopes.token(["cty": "jwt"], text: Array(signed.utf8))
        #expect(throws: Never.self) { try envelopes.read(small).nestedToken() }
        for type: [String: JSONValue] in [[:], ["cty": "json"], ["cty": ""], ["typ": "JWT"], ["cty": "JWT+x"]] {
            let content = try envelopes.read(envelopes.token(type, text: Array(signed.utf8)))
            #expect(throws: JWEError(.wrongContentType, ""), "\(type)") { try content.nestedToken() }
        }
    }

    @Test("JW-07: what is nested is verified like any other token: none, another key, another envelope")
    func nestedForgeries() throws {
        let (envelopes, tokens) = (try Envelopes.get(), try Tokens.get())
        func inner(_ text: String) throws -> UnverifiedJWS {
            let token = try envelopes.oaep.encryptionKey().encrypt(nested: text, random: envelopes.random)
            return try envelopes.read(token).nestedToken()
        }
        let good = try tokens.token(header: ["alg": "ES256"])
        #expect(throws: Never.self, "the control") {
            try inner(good).verified(by: tokens.keys(), algorithms: [.es256], types: [nil])
        }
        for name in ["none", "None", "nOnE", "NONE"] {
            let header: JSONValue = ["alg": .string(name)]
            let plain = Base64URL.encode(header.encoded) + "." + Base64URL.encode(Tokens.claims.encoded) + "."
            #expect(throws: JOSEError(.algorithmNotAllowed, ""), "\(name)") {
                try inner(plain).verified(by: tokens.keys(), algorithms: [.es256], types: [nil])
            }
        }
        let stranger = TokenSigningKey(keyID: "e", algorithm: .es256, key: try PrivateKey.generate(.p256))
        #expect(throws: JOSEError(.badSignature, "")) {
            try inner(stranger.sign(Tokens.claims)).verified(by: tokens.keys(), algorithms: [.es256], types: [nil])
        }
        let envelope = try envelopes.oaep.encryptionKey().encrypt(nested: good, random: envelopes.random)
        for text in [envelope, "", "alice", Tokens.claims.text, good + ".", String(repeating: "A", count: 16_385)] {
            #expect(throws: JWEError(.malformed, "")) { try inner(text) }
        }
        let binary = try envelopes.oaep.encryptionKey().encrypt(
            [0xFF, 0xFE], contentType: "JWT", random: envelopes.random)
        #expect(throws: JWEError(.malformed, "")) { try envelopes.read(binary).nestedToken() }
    }

    @Test("apu and apv are part of the key (RFC 7518 §4.6.2)")
    func parties() throws {
        let envelopes = try Envelopes.get()
        let parties = AgreementParties(producer: Array("Alice".utf8), consumer: Array("Bob".utf8))
        let made = try envelopes.agreement.encryptionKey().encrypt(
            Envelopes.text, parties: parties, random: envelopes.random)
        #expect(try envelopes.read(made).bytes == Envelopes.text)
        func token(_ header: [String: JSONValue]) throws -> String {
            try envelopes.agreed(parties: parties) { members, _ in members.merge(header) { $1 } }
        }
        #expect(try envelopes.read(token(["apu": "QWxpY2U", "apv": "Qm9i"])).bytes == Envelopes.text)
        let wrong: [[String: JSONValue]] = [
            [:], ["apu": "QWxpY2U"], ["apv": "Qm9i"], ["apu": "Qm9i", "apv": "QWxpY2U"],
            ["apu": "", "apv": ""], ["apu": "QWxpY2VC", "apv": "b2I"],
        ]
        for header in wrong { envelopes.expect(.notDecrypted, try token(header), "\(header)") }
        let malformed: [JSONValue] = [
            1, .null, ["QWxpY2U"], "QWxpY2U=", "QWxpY2V", "Alice!", .string(String(repeating: "A", count: 344)),
        ]
        for value in malformed {
            envelopes.expect(.malformed, try token(["apu": value, "apv": "Qm9i"]), "apu \(value)")
            envelopes.expect(.malformed, try token(["apu": "QWxpY2U", "apv": value]), "apv \(value)")
        }
    }

    @Test("A key takes the algorithms of its kind only, and the reader publishes it for encryption")
    func keys() throws {
        let tokens = try Tokens.get()
        let envelopes = try Envelopes.get()
        for algorithm in KeyManagementAlgorithm.allCases {
            for key in [tokens.rsa, tokens.p256, tokens.ed25519] {
                if key.kind == algorithm.keyKind {
                    #expect(throws: Never.self) { try TokenDecryptionKey(keyID: nil, algorithm: algorithm, key: key) }
                } else {
                    #expect(throws: JWEError(.unsuitableKey, "")) {
                        try TokenDecryptionKey(keyID: nil, algorithm: algorithm, key: key)
                    }
                    #expect(throws: JWEError(.unsuitableKey, "")) {
                        try TokenEncryptionKey(keyID: nil, algorithm: algorithm, key: key.publicKey())
                    }
                }
            }
        }
        let published: JSONValue = ["keys": .array(try envelopes.all.map { try $0.encryptionKey().json() })]
        let set = try ClientKeySet(parsing: published.encoded)
        #expect(set.signatureKeys.keys.isEmpty)
        for key in envelopes.all {
            let found = try #require(set.encryptionKey(for: key.algorithm))
            #expect(found.keyID == key.keyID)
            #expect(try envelopes.read(found.encrypt([7], random: envelopes.random)).bytes == [7])
        }
    }

    @Test("A key is found by its name and its one algorithm")
    func candidates() throws {
        let envelopes = try Envelopes.get()
        let stranger = try TokenDecryptionKey(keyID: "s", algorithm: .ecdhES, key: .generate(.p256))
        let token = try envelopes.agreed()
        #expect(try envelopes.read(token, by: [stranger, envelopes.agreement]).bytes == Envelopes.text, "no kid: each")
        #expect(throws: JWEError(.notDecrypted, "")) { try envelopes.read(token, by: [stranger]) }
        #expect(throws: JWEError(.unknownKey, "")) { try envelopes.read(token, by: []) }
        #expect(throws: JWEError(.unknownKey, "")) { try envelopes.read(token, by: [envelopes.oaep]) }
        let named = try envelopes.agreed { members, _ in members["kid"] = "s" }
        #expect(throws: JWEError(.notDecrypted, ""), "the one that is named and no other") {
            try envelopes.read(named, by: [stranger, envelopes.agreement])
        }
        #expect(throws: JWEError(.unknownKey, "")) { try envelopes.read(named, by: [envelopes.agreement]) }
        // One RSA key, two algorithms: each name is for its own.
        #expect(throws: JWEError(.unknownKey, "")) {
            try envelopes.read(envelopes.token(["kid": "p"]), by: envelopes.all)
        }
        #expect(throws: Never.self) { try envelopes.read(envelopes.token(["kid": "o"]), by: envelopes.all) }
    }
}
