import Cryptography
import JOSE
import Testing

@Suite("Hostile encrypted tokens (RFC 7516 §11, RFC 8725 §3)")
struct JWEHostileTests {
    @Test("JW-01: alg and enc are of the allow-list; none and its like are not")
    func algorithms() throws {
        let envelopes = try Envelopes.get()
        #expect(throws: Never.self, "the control") { try envelopes.read(envelopes.token([:])) }
        for name in [
            "none", "None", "nOnE", "NONE", "", "rsa-oaep", "RSA-OAEP ", " RSA-OAEP", "RSA-OAEP-384", "RSA-OAEP-512",
            "RSA1_5", "dir", "A256KW", "A256GCMKW", "PBES2-HS256+A128KW", "ECDH-ES+A256KW", "ECDH-1PU", "RS256",
            "HS256", "RSA-OAEP\u{301}", "ＲＳＡ-OAEP",
        ] {
            envelopes.expect(.algorithmNotAllowed, try envelopes.token(["alg": .string(name)]), "alg \(name)")
        }
        for name in [
            "none", "", "a256gcm", "A256GCM ", "A128GCM", "A192GCM", "A128CBC-HS256", "A256CBC-HS512", "RSA-OAEP",
            "A256GCM\u{0}",
        ] {
            envelopes.expect(.algorithmNotAllowed, try envelopes.token(["enc": .string(name)]), "enc \(name)")
        }
        for value: JSONValue in [.null, 1, true, ["RSA-OAEP"], [:], .number(1e300)] {
            envelopes.expect(.malformed, try envelopes.token(["alg": value]), "alg \(value)")
            envelopes.expect(.malformed, try envelopes.token(["enc": value]), "enc \(value)")
        }
        for header in ["{}", "{\"alg\":\"RSA-OAEP\"}", "{\"enc\":\"A256GCM\"}", "{\"Alg\":\"RSA-OAEP\",\"Enc\":\"\"}"] {
            envelopes.expect(.malformed, try envelopes.token(header: Array(header.utf8)), "\(header)")
        }
    }

    @Test("JW-01: what one caller allows, another does not")
    func allowList() throws {
        let envelopes = try Envelopes.get()
        let tokens = try [envelopes.token([:]), envelopes.agreed(), ForeignJWE.oaep256]
        let algorithms: [KeyManagementAlgorithm] = [.rsaOAEP, .ecdhES, .rsaOAEP256]
        for (index, token) in tokens.enumerated() {
            for (other, algorithm) in algorithms.enumerated() {
                if index == other {
                    #expect(throws: Never.self) { try envelopes.read(token, algorithms: [algorithm]) }
                } else {
                    #expect(throws: JWEError(.algorithmNotAllowed, "")) {
                        try envelopes.read(token, algorithms: [algorithm])
                    }
                }
            }
            #expect(throws: JWEError(.algorithmNotAllowed, "")) { try envelopes.read(token, algorithms: []) }
            #expect(throws: JWEError(.algorithmNotAllowed, "")) {
                try UnverifiedJWE(compact: token).decrypted(
                    by: envelopes.all, algorithms: Set(algorithms), contentEncryptions: [], random: envelopes.random)
            }
        }
        // An algorithm's name on a token of another kind of key is no help either.
        envelopes.expect(.notDecrypted, try envelopes.token(["alg": "RSA-OAEP-256"]))
        envelopes.expect(.malformed, try envelopes.token(["alg": "ECDH-ES"]))
        envelopes.expect(.malformed, try envelopes.agreed { members, _ in members["alg"] = "RSA-OAEP" })
    }

    @Test("JW-03, JW-07: crit, b64 and zip are refused; keys in the header are never looked at")
    func headers() throws {
        let envelopes = try Envelopes.get()
        let attacker = try TokenDecryptionKey(keyID: "a", algorithm: .rsaOAEP, key: Tokens.get().rsa)
        for (name, value) in [
            ("crit", ["exp"]), ("crit", ["alg"]), ("crit", []), ("crit", .null), ("crit", ["b64"]), ("b64", false),
            ("b64", true), ("zip", "DEF"), ("zip", ""), ("zip", .null),
        ] as [(String, JSONValue)] {
            envelopes.expect(.unsupportedHeader, try envelopes.token([name: value]), "\(name) \(value)")
        }
        let jwk = try attacker.encryptionKey().json()
        for (name, value) in [
            ("jwk", jwk), ("jwk", ["kty": "oct", "k": "AAAA"]), ("jku", "https://evil.example/jwks"),
            ("x5u", "https://evil.example/cert"), ("x5c", ["MIIB"]), ("x5t", "AAAA"), ("x5t#S256", "AAAA"),
            ("p2c", .integer(1_000_000_000)), ("p2s", "AAAA"), ("iv", "AAAA"), ("tag", "AAAA"),
        ] as [(String, JSONValue)] {
            let inert = try envelopes.token([name: value])
            #expect(try envelopes.read(inert).bytes == Envelopes.text, "\(name) is inert beside a good key")
            let foreign = try attacker.encryptionKey().encrypt(Envelopes.text, random: envelopes.random)
            var parts = try JWEParts(foreign)
            let header: JSONValue = .object(["alg": "RSA-OAEP", "enc": "A256GCM", name: value])
            parts.parts[0] = Base64URL.encode(header.encoded)
            envelopes.expect(.notDecrypted, parts.token, "\(name) gives no key")
        }
        // A thousand million rounds are not even begun.
        envelopes.expect(
            .algorithmNotAllowed,
            try envelopes.token(["alg": "PBES2-HS256+A128KW", "p2c": .integer(1_000_000_000), "p2s": "AAAA"]))
    }

    @Test("JW-04: kid is a name to look up, whatever it looks like")
    func keyIDs() throws {
        let envelopes = try Envelopes.get()
        #expect(throws: Never.self, "the control") { try envelopes.read(envelopes.token(["kid": "o"])) }
        for kid in [
            "", "O", "o ", "o\u{0}", "p", "e", "../../../../dev/null", "' OR 1=1 --", "https://evil.example/key", "ｏ",
            "{\"kty\":\"oct\",\"k\":\"\"}", "|/bin/true", "o\n", String(repeating: "a", count: 256),
        ] {
            envelopes.expect(.unknownKey, try envelopes.token(["kid": .string(kid)]), "\(kid)")
        }
        let long = String(repeating: "a", count: 257)
        for kid: JSONValue in [1, ["o"], .null, true, .string(long), .number(1e300)] {
            envelopes.expect(.malformed, try envelopes.token(["kid": kid]), "\(kid)")
        }
        let members = ["alg": "none"] as [String: JSONValue]
        envelopes.expect(.algorithmNotAllowed, try envelopes.token(members.merging(["kid": "o"]) { $1 }))
    }

    @Test("JW-05: the header is one strict JSON object")
    func headerJSON() throws {
        let envelopes = try Envelopes.get()
        let good = "{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"}"
        #expect(throws: Never.self, "the control") { try envelopes.read(envelopes.token(header: Array(good.utf8))) }
        let escaped = "{ \"\\u0061lg\" : \"RSA\\u002dOAEP\",\n\"enc\":\"A256GCM\", \"é\":\"ü😀\"}"
        #expect(throws: Never.self, "escapes are letters") {
            try envelopes.read(envelopes.token(header: Array(escaped.utf8)))
        }
        let filler = String(repeating: "a", count: 4096)
        for header in [
            "", "{", "null", "[]", "\"\"", good + " x", good + good, "\u{FEFF}" + good,
            "{\"alg\":\"RSA-OAEP\",\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"}",
            "{\"alg\":\"dir\",\"\\u0061lg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"}",
            "{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\",\"enc\":\"A128GCM\"}",
            "{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\",\"x\":{\"y\":1,\"y\":1}}",
            "{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\",\"x\":1e999}",
            "{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\",\"x\":[[[[[1]]]]]}",
            "{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\",\"x\":\(String(repeating: "[", count: 3000))",
            "{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\",\"x\":\"\(filler)\"}",
            "{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\",\"x\":\"\\ud800\"}",
        ] {
            envelopes.expect(.malformed, try envelopes.token(header: Array(header.utf8)), "\(header.prefix(80))")
        }
        envelopes.expect(.malformed, try envelopes.token(header: Array(good.utf8.dropLast()) + [0xFF, 0x7D]))
    }

    @Test("JW-05: the compact form is exact: five parts, each in its one spelling")
    func compactForm() throws {
        let envelopes = try Envelopes.get()
        for good in try [envelopes.token([:]), envelopes.agreed()] {
            #expect(throws: Never.self, "the control") { try envelopes.read(good) }
            let parts = try JWEParts(good)
            for text in [
                "", ".", "....", ".....", good + ".", "." + good, good + ".AAAA", " " + good, good + "\n", good + "=",
                "Bearer " + good, parts.parts.dropLast().joined(separator: "."),
                parts.parts.dropFirst().joined(separator: "."), good.replacing(".", with: ".."),
                String(repeating: "A", count: 32_769), String(repeating: ".", count: 20_000),
                good + String(repeating: "A", count: 32_768),
            ] {
                envelopes.expect(.malformed, text, "\(text.prefix(60))")
            }
            for index in 0..<5 where !parts.parts[index].isEmpty {
                for change in ["=", "==", "+", "/", " ", "\n", "é", "\u{0}", "%41"] {
                    envelopes.expect(.malformed, parts.respelling(index) { $0 + change }, "part \(index) and \(change)")
                }
            }
            // Of the letters that the last one of the tag can be, one has no stray bits.
            let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            for letter in letters where letter != good.last {
                let code = try #require(spelling(of: letter, in: letters)) % 16 == 0 ? "altered" : "stray bits"
                envelopes.expect(
                    code == "altered" ? .notDecrypted : .malformed,
                    parts.respelling(4) { $0.dropLast() + String(letter) }, "\(letter): \(code)")
            }
        }
    }

    @Test("JW-07: a token that is right in everything but its length is not looked at")
    func length() throws {
        let envelopes = try Envelopes.get()
        let recipient = try envelopes.agreement.encryptionKey()
        let empty = try recipient.encrypt([], random: envelopes.random).utf8.count
        let room = (UnverifiedJWE.maximumLength - empty) * 3 / 4
        let fits = try recipient.encrypt([UInt8](repeating: 0x61, count: room), random: envelopes.random)
        #expect(UnverifiedJWE.maximumLength - fits.utf8.count < 4)
        #expect(try envelopes.read(fits).bytes.count == room, "the control")
        for more in [3, 1000, 1_000_000] {
            let text = [UInt8](repeating: 0x61, count: room + more)
            envelopes.expect(.malformed, try recipient.encrypt(text, random: envelopes.random), "\(more) bytes more")
        }
        // A header that is one byte too long, and one that is not.
        for (length, fits) in [
            (UnverifiedJWE.maximumHeaderLength, true), (UnverifiedJWE.maximumHeaderLength + 1, false),
        ] {
            let start = "{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"}"
            let header = Array((start + String(repeating: " ", count: length - start.utf8.count)).utf8)
            let token = try envelopes.token(header: header)
            if fits {
                #expect(throws: Never.self) { try envelopes.read(token) }
            } else {
                envelopes.expect(.malformed, token)
            }
        }
    }

    private func spelling(of letter: Character, in letters: String) -> Int? {
        letters.firstIndex(of: letter).map { letters.distance(from: letters.startIndex, to: $0) }
    }

    @Test("JW-09: everything altered, cut or exchanged is refused with one code and one reason")
    func altered() throws {
        let envelopes = try Envelopes.get()
        let kinds = try [
            (envelopes.token([:]), envelopes.token([:])), (envelopes.agreed(), envelopes.agreed()),
            (ForeignJWE.oaep256, envelopes.oaep256.encryptionKey().encrypt([1], random: envelopes.random)),
        ]
        var reasons: Set<String> = []
        func refused(_ token: String, _ comment: Comment) {
            let error = #expect(throws: JWEError.self, comment) { try envelopes.read(token) }
            #expect(error?.code == .notDecrypted, comment)
            if let error { reasons.insert(error.reason) }
        }
        for (token, second) in kinds {
            #expect(throws: Never.self, "the control") { try envelopes.read(token) }
            #expect(throws: Never.self, "the control") { try envelopes.read(second) }
            let (parts, others) = (try JWEParts(token), try JWEParts(second))
            for index in 1..<5 where !parts.parts[index].isEmpty {
                let count = try #require(Base64URL.decode(parts.parts[index])).count
                for place in Set([0, count / 2, count - 1]) {
                    for mask: UInt8 in [0x01, 0x80] {
                        let changed = try parts.changing(index) { bytes in
                            var bytes = bytes
                            bytes[place] ^= mask
                            return bytes
                        }
                        refused(changed, "part \(index), byte \(place)")
                    }
                }
                refused(parts.respelling(index) { _ in others.parts[index] }, "another token's part \(index)")
            }
            refused(try parts.changing(3) { $0 + [0] }, "a longer text")
            refused(try parts.changing(3) { _ in [] }, "no text")
            refused(try parts.changing(4) { _ in [UInt8](repeating: 0, count: 16) }, "a tag of zeros")
            // The header is covered as it was spelt, not as it is meant.
            let header = try #require(Base64URL.decode(parts.parts[0]))
            refused(parts.respelling(0) { _ in Base64URL.encode(header + [0x20]) }, "white space after the header")
            refused(parts.respelling(0) { _ in Base64URL.encode([0x20] + header) }, "white space before the header")
            let typed = Array("{\"typ\":\"JWT\",".utf8) + header.dropFirst()
            refused(parts.respelling(0) { _ in Base64URL.encode(typed) }, "another member")
            if !parts.parts[1].isEmpty {
                for change: ([UInt8]) -> [UInt8] in [
                    { [0] + $0 }, { $0 + [0] }, { Array($0.dropLast()) }, { _ in [0] }, { _ in [1] },
                    { _ in [UInt8](repeating: 0, count: 256) }, { _ in [UInt8](repeating: 255, count: 256) },
                ] {
                    refused(try parts.changing(1, change), "another encrypted key")
                }
            }
        }
        #expect(reasons.count == 1)
    }

    @Test("JW-09: tags of other lengths than 128 bits and nonces of other lengths than 96 are refused")
    func lengths() throws {
        let envelopes = try Envelopes.get()
        for token in try [envelopes.token([:]), envelopes.agreed()] {
            let parts = try JWEParts(token)
            #expect(throws: Never.self, "the control") { try envelopes.read(token) }
            for count in [0, 1, 4, 8, 12, 13, 14, 15] {
                envelopes.expect(.malformed, try parts.changing(4) { Array($0[..<count]) }, "a tag of \(count) bytes")
            }
            envelopes.expect(.malformed, try parts.changing(4) { $0 + [0] }, "a longer tag")
            for count in [0, 1, 8, 11] {
                envelopes.expect(.malformed, try parts.changing(2) { Array($0[..<count]) }, "a nonce of \(count) bytes")
            }
            envelopes.expect(.malformed, try parts.changing(2) { $0 + [0] }, "a longer nonce")
            envelopes.expect(.malformed, try parts.changing(2) { $0 + [0, 0, 0, 0] }, "a nonce of 16 bytes")
        }
        // RFC 7518 §4.6: what is agreed on is not sent as well; RFC 7516 §5.1: what is encrypted is.
        envelopes.expect(.malformed, try envelopes.agreed(encryptedKey: [1]))
        envelopes.expect(.malformed, try JWEParts(envelopes.token([:])).changing(1) { _ in [] })
    }
}
