import Cryptography
import JOSE
import Testing

@Suite("Keys that clients declare (RFC 7517, RFC 7591 §2)")
struct ClientKeySetTests {
    private typealias Members = [String: JSONValue]

    private func members(_ key: PrivateKey) throws -> Members {
        var members = try #require(JWK(keyID: nil, algorithm: nil, key: key.publicKey()).json().object)
        members["use"] = nil
        return members
    }

    private func set(_ keys: [Members]) throws -> ClientKeySet {
        let json: JSONValue = ["keys": .array(keys.map { .object($0) })]
        return try ClientKeySet(parsing: json.encoded)
    }

    /// One good key, changed; `nil` takes a member away.
    private func changed(_ key: Members, _ changes: [String: JSONValue?]) -> Members {
        var key = key
        for (name, value) in changes { key[name] = value }
        return key
    }

    private func expect(
        _ code: KeySetError.Code, _ key: Members, _ comment: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let good = try members(Tokens.get().p256)
        let error = #expect(throws: KeySetError.self, comment, sourceLocation: sourceLocation) {
            try set([good, key])
        }
        #expect(error?.code == code, comment, sourceLocation: sourceLocation)
        #expect(error?.position == 1, comment, sourceLocation: sourceLocation)
    }

    @Test("RFC 7517 A.1 and B are read; A.2 and A.3 give secrets away")
    func standardSets() throws {
        let set = try ClientKeySet(parsing: Array(RFC7517.publicKeys.utf8))
        #expect(set.signatureKeys.keys.map(\.keyID) == ["2011-04-29"])
        #expect(set.encryptionKey(for: .ecdhES)?.keyID == "1")
        #expect(set.passedOver.isEmpty)
        let certified = try ClientKeySet(parsing: Array("{\"keys\":[\(RFC7517.certifiedKey)]}".utf8))
        #expect(certified.signatureKeys.keys.map(\.keyID) == ["1b94c"])
        for text in [RFC7517.privateKeys, RFC7517.symmetricKeys] {
            #expect(throws: KeySetError(.secretKey, "")) { try ClientKeySet(parsing: Array(text.utf8)) }
        }
    }

    @Test("use, key_ops and alg say what a key is for, one of them or all; without any it is for signatures")
    func uses() throws {
        let tokens = try Tokens.get()
        let (rsa, p256, ed25519) = (try members(tokens.rsa), try members(tokens.p256), try members(tokens.ed25519))
        let signatures: [(Members, [String: JSONValue?])] = [
            (rsa, [:]), (p256, [:]), (ed25519, [:]), (rsa, ["use": "sig"]), (rsa, ["alg": "PS256"]),
            (p256, ["key_ops": ["verify"]]), (p256, ["key_ops": ["sign", "verify"]]),
            (p256, ["use": "sig", "key_ops": ["verify"], "alg": "ES256"]), (ed25519, ["alg": "EdDSA", "use": "sig"]),
        ]
        for (key, changes) in signatures {
            let read = try set([changed(key, changes)])
            #expect(read.signatureKeys.keys.count == 1, "\(changes)")
            #expect(KeyManagementAlgorithm.allCases.allSatisfy { read.encryptionKey(for: $0) == nil }, "\(changes)")
        }
        let encryption: [(Members, [String: JSONValue?], Set<KeyManagementAlgorithm>)] = [
            (rsa, ["use": "enc"], [.rsaOAEP, .rsaOAEP256]), (rsa, ["alg": "RSA-OAEP"], [.rsaOAEP]),
            (rsa, ["use": "enc", "alg": "RSA-OAEP-256"], [.rsaOAEP256]), (p256, ["use": "enc"], [.ecdhES]),
            (rsa, ["key_ops": ["wrapKey"]], [.rsaOAEP, .rsaOAEP256]), (p256, ["key_ops": ["deriveBits"]], [.ecdhES]),
            (rsa, ["key_ops": ["encrypt", "wrapKey"]], [.rsaOAEP, .rsaOAEP256]),
            (p256, ["use": "enc", "alg": "ECDH-ES", "key_ops": ["deriveKey"]], [.ecdhES]),
        ]
        for (key, changes, algorithms) in encryption {
            let read = try set([changed(key, changes)])
            #expect(read.signatureKeys.keys.isEmpty, "\(changes)")
            for algorithm in KeyManagementAlgorithm.allCases {
                #expect((read.encryptionKey(for: algorithm) != nil) == algorithms.contains(algorithm), "\(changes)")
            }
        }
    }

    @Test("JW-10: use, key_ops, alg and kty that do not agree")
    func contradictions() throws {
        let tokens = try Tokens.get()
        let (rsa, p256, ed25519) = (try members(tokens.rsa), try members(tokens.p256), try members(tokens.ed25519))
        let cases: [(Members, [String: JSONValue?])] = [
            (rsa, ["use": "sig", "alg": "RSA-OAEP"]), (rsa, ["use": "enc", "alg": "RS256"]),
            (p256, ["use": "sig", "key_ops": ["deriveKey"]]), (p256, ["use": "enc", "key_ops": ["verify"]]),
            (p256, ["alg": "ES256", "key_ops": ["deriveKey"]]), (rsa, ["key_ops": ["verify", "encrypt"]]),
            (rsa, ["key_ops": ["sign", "verify", "wrapKey"]]), (p256, ["key_ops": ["verify", "verify"]]),
            (rsa, ["alg": "ES256"]), (p256, ["alg": "RS256"]), (p256, ["alg": "PS256"]), (p256, ["alg": "EdDSA"]),
            (rsa, ["alg": "ECDH-ES"]), (p256, ["alg": "RSA-OAEP"]), (ed25519, ["alg": "ES256"]),
            (ed25519, ["use": "enc"]), (ed25519, ["alg": "ECDH-ES"]), (ed25519, ["key_ops": ["deriveKey"]]),
        ]
        for (key, changes) in cases {
            #expect(throws: Never.self, "the control") { try set([key]) }
            try expect(.contradiction, changed(key, changes), "\(changes)")
        }
    }

    @Test("JW-10: a private or symmetric key, whole or in part, whatever it calls itself")
    func secrets() throws {
        let tokens = try Tokens.get()
        for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
            for value: JSONValue in ["AQAB", "", .null, 1, []] {
                for key in [tokens.rsa, tokens.p256, tokens.ed25519] {
                    try expect(.secretKey, changed(members(key), [name: value]), "\(name) \(value)")
                }
            }
            try expect(.secretKey, ["kty": "AKP", "alg": "ML-DSA-44", name: "AQAB"], "of a type that is not ours")
        }
        try expect(.secretKey, ["kty": "oct"])
        try expect(.secretKey, ["kty": "oct", "k": ""])
        try expect(.secretKey, ["kty": "oct", "k": "AAAA", "alg": "HS256", "kid": "x"])
    }

    @Test("JW-10: RSA keys have 2048 to 4096 bits and an exponent that is not odd in another way than odd")
    func rsaNumbers() throws {
        let key = try members(Tokens.get().rsa)
        let modulus = try #require(key["n"]?.string.flatMap { Base64URL.decode($0) })
        func text(_ bytes: [UInt8]) -> JSONValue { .string(Base64URL.encode(bytes)) }
        #expect(throws: Never.self, "the control") { try set([key]) }
        for bytes in [64, 128, 255, 513, 1024] {
            let other = [0xC5] + [UInt8](repeating: 0x35, count: bytes - 1)
            try expect(.keySize, changed(key, ["n": text(other)]), "\(bytes * 8) bits")
        }
        let bits2047 = [0x7F] + [UInt8](repeating: 0x35, count: 255)
        try expect(.keySize, changed(key, ["n": text(bits2047)]), "2047 bits")
        for exponent: [UInt8] in [
            [1], [2], [3], [17], [0xFF, 0xFF], [1, 0, 0], [1, 0, 2], [1, 0, 0, 0, 1], [UInt8](repeating: 1, count: 8),
            [UInt8](repeating: 1, count: 256),
        ] {
            try expect(.exponent, changed(key, ["e": text(exponent)]), "e of \(exponent.prefix(8))")
        }
        try expect(.encoding, changed(key, ["n": text([0] + modulus)]), "a zero in front of n")
        try expect(.encoding, changed(key, ["e": text([0, 1, 0, 1])]), "a zero in front of e")
        try expect(.encoding, changed(key, ["e": text([0])]), "e of 0")
        var even = modulus
        even[even.count - 1] &= 0xFE
        try expect(.notAKey, changed(key, ["n": text(even)]), "an even modulus")
        try expect(.notAKey, changed(key, ["n": text([UInt8](repeating: 0xFF, count: 256))]), "small factors")
        for name in ["n", "e"] {
            let good = key[name]?.string ?? ""
            for value in ["", good + "=", good + "A", " " + good, good + "\n", "+" + good.dropFirst(), "é"] {
                try expect(.encoding, changed(key, [name: .string(value)]), "\(name) \(value.suffix(8))")
            }
            try expect(.encoding, changed(key, [name: .string(String(repeating: "A", count: 2052))]), "a long \(name)")
            for value: JSONValue in [.null, 65537, ["AQAB"], true] {
                try expect(.malformed, changed(key, [name: value]), "\(name) \(value)")
            }
            try expect(.malformed, changed(key, [name: nil]), "no \(name)")
        }
    }

    @Test("JW-10: points are on their curve, in their one spelling")
    func points() throws {
        let tokens = try Tokens.get()
        let (p256, ed25519) = (try members(tokens.p256), try members(tokens.ed25519))
        let zero = JSONValue.string(Base64URL.encode([UInt8](repeating: 0, count: 32)))
        let one = JSONValue.string(Base64URL.encode([1] + [UInt8](repeating: 0, count: 31)))
        #expect(throws: Never.self, "the control") { try set([p256, ed25519]) }
        try expect(.notAKey, changed(p256, ["x": zero]), "another x")
        try expect(.notAKey, changed(p256, ["x": zero, "y": zero]), "infinity as zeros")
        try expect(.notAKey, changed(p256, ["x": p256["y"], "y": p256["x"]]), "x and y exchanged")
        try expect(.notAKey, changed(ed25519, ["x": one]), "the neutral point")
        try expect(.notAKey, changed(ed25519, ["x": zero]), "a point of order 4")
        for (key, name) in [(p256, "x"), (p256, "y"), (ed25519, "x")] {
            let good = try #require(key[name]?.string)
            let bytes = try #require(Base64URL.decode(good))
            for value in [
                "", good + "=", good + "A", String(good.dropLast()), Base64URL.encode([0] + bytes),
                Base64URL.encode(bytes.dropLast()), String(good.dropLast()) + "B",
            ] {
                try expect(.encoding, changed(key, [name: .string(value)]), "\(name) \(value.suffix(8))")
            }
            try expect(.malformed, changed(key, [name: nil]), "no \(name)")
            try expect(.malformed, changed(key, [name: 1]), "\(name) a number")
        }
        try expect(.malformed, changed(p256, ["crv": nil]), "no crv")
        try expect(.malformed, changed(p256, ["crv": 256]), "crv a number")
        try expect(.malformed, changed(p256, ["kty": nil]), "no kty")
        try expect(.malformed, changed(p256, ["kty": 1]), "kty a number")
        try expect(.malformed, changed(p256, ["use": 1]), "use a number")
        try expect(.malformed, changed(p256, ["alg": ["ES256"]]), "alg a list")
        let many = (0..<17).map { JSONValue.string("verify\($0)") }
        for value: JSONValue in ["verify", 1, ["verify", 1], .array(many)] {
            try expect(.malformed, changed(p256, ["key_ops": value]), "key_ops \(value)")
        }
    }

    @Test("JW-10: keys that we have no use for are passed over and listed, as RFC 7517 §5 asks")
    func passedOver() throws {
        let tokens = try Tokens.get()
        let (rsa, p256) = (try members(tokens.rsa), try members(tokens.p256))
        let useless: [Members] = [
            ["kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"], ["kty": "EC", "crv": "p-256"],
            ["kty": "EC", "crv": "secp256k1"], ["kty": "OKP", "crv": "X25519", "x": "AA"],
            ["kty": "OKP", "crv": "Ed448"],
            ["kty": "AKP", "alg": "ML-DSA-44"], ["kty": "ec"], ["kty": ""],
            changed(rsa, ["alg": "RS384"]), changed(rsa, ["alg": "RSA1_5"]), changed(rsa, ["alg": "none"]),
            changed(rsa, ["alg": "HS256"]), changed(rsa, ["use": "tls"]), changed(rsa, ["use": ""]),
            changed(p256, ["key_ops": []]), changed(p256, ["key_ops": ["sign"]]),
        ]
        let read = try set(useless.dropLast() + [p256])
        #expect(read.signatureKeys.keys.count == 1)
        #expect(read.passedOver.map(\.position) == Array(0..<15))
        #expect(read.passedOver.allSatisfy { $0.code == .noUse })
        #expect(try set([useless[15]]).passedOver.count == 1)
        for key in useless {
            #expect(throws: KeySetError(.noUse, "")) { try JWK(declared: .object(key)) }
        }
    }

    @Test("JW-04, JW-10: a name is a short text, and one key's for one use")
    func names() throws {
        let tokens = try Tokens.get()
        let (rsa, p256) = (try members(tokens.rsa), try members(tokens.p256))
        for kid in ["1", "é", "../../etc/passwd", "' OR 1=1 --", String(repeating: "a", count: 256)] {
            #expect(try set([changed(p256, ["kid": .string(kid)])]).signatureKeys.keys.map(\.keyID) == [kid])
        }
        for kid: JSONValue in [
            "", 1, .null, ["1"], .string(String(repeating: "a", count: 257)), "a\u{0}", "a\nb", "\u{7F}", "a\r",
            .string(String(repeating: "é", count: 129)),
        ] {
            try expect(.keyID, changed(p256, ["kid": kid]), "\(kid)")
        }
        let (first, second) = (changed(p256, ["kid": "k"]), changed(rsa, ["kid": "k"]))
        #expect(try set([first, changed(rsa, ["kid": "l"])]).signatureKeys.keys.count == 2)
        for pair in [[first, second], [first, first]] {
            let error = #expect(throws: KeySetError.self) { try set(pair) }
            #expect(error?.code == .duplicateKeyID)
            #expect(error?.position == 1)
        }
        #expect(throws: KeySetError(.duplicateKeyID, "")) {
            try set([changed(first, ["use": "enc"]), changed(second, ["use": "enc"])])
        }
        // Equal to Swift, and to whoever normalises.
        #expect(throws: KeySetError(.duplicateKeyID, "")) {
            try set([changed(p256, ["kid": "\u{E9}"]), changed(rsa, ["kid": "e\u{301}"])])
        }
        let apart = try set([first, changed(second, ["use": "enc"])])
        #expect(apart.signatureKeys.keys.count == 1, "one name for two uses is two names")
        #expect(apart.encryptionKey(for: .rsaOAEP)?.keyID == "k")
    }

    @Test("JW-10: sets of other forms, too long or with too many keys")
    func shapes() throws {
        let one = try members(Tokens.get().p256)
        #expect(try set([]).signatureKeys.keys.isEmpty)
        #expect(try set(.init(repeating: one, count: 16)).signatureKeys.keys.count == 16)
        #expect(throws: KeySetError(.tooLarge, "")) { try set(.init(repeating: one, count: 17)) }
        #expect(throws: KeySetError(.tooLarge, "")) { try set(.init(repeating: one, count: 100_000)) }
        let padded = Array("{\"keys\":[]}".utf8) + [UInt8](repeating: 0x20, count: 65_525)
        #expect(throws: Never.self) { try ClientKeySet(parsing: padded) }
        #expect(throws: KeySetError(.tooLarge, "")) { try ClientKeySet(parsing: padded + [0x20]) }
        for text in [
            "", "[]", "{}", "{\"keys\":{}}", "{\"keys\":null}", "<html>", "{\"keys\":[]}x", "{\"keys\":[],\"keys\":[]}",
            "{\"keys\":[1]}", "{\"keys\":[null]}", "{\"keys\":[[]]}", "{\"keys\":[{\"kty\":\"EC\",\"kty\":\"RSA\"}]}",
            "{\"keys\":[{\"kty\":\"RSA\",\"x\":[[[[[[]]]]]]}]}", "{\"Keys\":[]}", JSONValue.object(one).text,
        ] {
            #expect(throws: KeySetError(.malformed, ""), "\(text)") { try ClientKeySet(parsing: Array(text.utf8)) }
        }
    }

    @Test("One key that comes along with what it signed is read as strictly, and is for signatures")
    func single() throws {
        let tokens = try Tokens.get()
        let p256 = try members(tokens.p256)
        #expect(try JWK(declared: .object(p256)).key.pem() == tokens.p256.publicKey().pem())
        let cases: [(KeySetError.Code, [String: JSONValue?])] = [
            (.secretKey, ["d": "AAAA"]), (.noUse, ["use": "enc"]), (.noUse, ["crv": "P-384"]),
            (.contradiction, ["alg": "RS256"]), (.encoding, ["x": "AAAA"]), (.keyID, ["kid": ""]),
        ]
        for (code, changes) in cases {
            #expect(throws: KeySetError(code, ""), "\(changes)") { try JWK(declared: .object(changed(p256, changes))) }
        }
        #expect(throws: KeySetError(.malformed, "")) { try JWK(declared: "https://evil.example/jwk") }
    }
}
