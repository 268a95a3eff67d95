import Clocks
import Cryptography
import JOSE
import Testing

@Suite("JSON Web Signatures (RFC 7515, RFC 8725)")
struct JWSTests {
    @Test("A token that is right is accepted, for each algorithm")
    func accepted() throws {
        let tokens = try Tokens.get()
        for (id, key, algorithm) in [
            ("r", tokens.rsa, SignatureAlgorithm.rs256), ("e", tokens.p256, .es256), ("o", tokens.ed25519, .edDSA),
        ] {
            let signer = TokenSigningKey(keyID: id, algorithm: algorithm, key: key)
            let token = try signer.sign(Tokens.claims)
            let claims = try tokens.verify(token, algorithms: [algorithm])
            #expect(claims.members == Tokens.claims.object)
            #expect(claims.algorithm == algorithm)
            #expect(try UnverifiedJWS(compact: token).claimedKeyID == id)
            let typed = try signer.sign(Tokens.claims, type: "at+jwt")
            #expect(try tokens.verify(typed, algorithms: [algorithm], types: ["at+jwt"])["sub"] == "alice")
        }
    }

    @Test("JW-01: the algorithm is one of the allow-list; none in any spelling is not")
    func algorithms() throws {
        let tokens = try Tokens.get()
        #expect(throws: Never.self) { try tokens.verify(tokens.token(header: ["alg": "ES256"])) }
        for name in [
            "none", "None", "NONE", "nOnE", "", "es256", "ES256 ", " ES256", "ES384", "HS256", "RS256", "EdDSA",
        ] {
            tokens.expect(.algorithmNotAllowed, try tokens.token(header: ["alg": .string(name)]), "\(name)")
            let unsigned = try tokens.token(header: ["alg": .string(name)]).split(separator: ".").prefix(2)
            tokens.expect(.algorithmNotAllowed, unsigned.joined(separator: ".") + ".", "\(name), no signature")
        }
        for header: JSONValue in [[:], ["alg": .null], ["alg": ["ES256"]], ["alg": 256], ["Alg": "ES256"]] {
            tokens.expect(.malformed, try tokens.token(header: header), "\(header)")
        }
        tokens.expect(.malformed, try tokens.token(rawHeader: Array("{\"alg\":\"none\",\"alg\":\"ES256\"}".utf8)))
        tokens.expect(.malformed, try tokens.token(rawHeader: Array("{\"alg\":\"ES256\",\"\\u0061lg\":\"none\"}".utf8)))
    }

    @Test("JW-01: an empty signature is none")
    func emptySignature() throws {
        let tokens = try Tokens.get()
        let parts = try tokens.token(header: ["alg": "ES256"]).split(separator: ".")
        tokens.expect(.badSignature, parts[0] + "." + parts[1] + ".")
    }

    @Test("JW-02: HS256 keyed with the public key in every spelling")
    func keyConfusion() throws {
        let tokens = try Tokens.get()
        for key in [tokens.rsa, tokens.p256, tokens.ed25519] {
            for secret in try PublicSpellings.all(key.publicKey()) {
                let input =
                    Base64URL.encode(Array("{\"alg\":\"HS256\"}".utf8)) + "." + Base64URL.encode(Tokens.claims.encoded)
                let code = HMACSHA256.code(key: SecretBytes(secret), message: Array(input.utf8))
                let token = input + "." + Base64URL.encode(code)
                #expect(throws: JOSEError(.algorithmNotAllowed, "")) {
                    try tokens.verify(token, algorithms: Set(SignatureAlgorithm.allCases))
                }
                // The same bytes under the name of an algorithm that is allowed.
                for name in ["RS256", "ES256", "EdDSA"] {
                    let header: JSONValue = ["alg": .string(name)]
                    let renamed = Base64URL.encode(header.encoded) + "." + Base64URL.encode(Tokens.claims.encoded)
                    let mac = HMACSHA256.code(key: SecretBytes(secret), message: Array(renamed.utf8))
                    #expect(throws: JOSEError(.badSignature, "")) {
                        try tokens.verify(
                            renamed + "." + Base64URL.encode(mac), algorithms: Set(SignatureAlgorithm.allCases))
                    }
                }
            }
        }
    }

    @Test("JW-02: a good signature under another algorithm's name")
    func algorithmMix() throws {
        let tokens = try Tokens.get()
        let allowed = Set(SignatureAlgorithm.allCases)
        for (key, algorithm) in [(tokens.rsa, SignatureAlgorithm.rs256), (tokens.p256, .es256)] {
            for name in SignatureAlgorithm.allCases {
                let header: JSONValue = ["alg": .string(name.rawValue)]
                let input = Base64URL.encode(header.encoded) + "." + Base64URL.encode(Tokens.claims.encoded)
                let token = input + "." + Base64URL.encode(try key.sign(Array(input.utf8), algorithm))
                if name == algorithm {
                    #expect(throws: Never.self) { try tokens.verify(token, algorithms: allowed) }
                } else {
                    // No key of the set is for PS256: then there is no key at all.
                    let code: JOSEError.Code = name == .ps256 ? .unknownKey : .badSignature
                    #expect(throws: JOSEError(code, "")) { try tokens.verify(token, algorithms: allowed) }
                }
            }
        }
    }

    @Test("JW-03: keys inside the header are never looked at, critical headers are refused")
    func headers() throws {
        let tokens = try Tokens.get()
        let attacker = try PrivateKey.generate(.p256)
        let jwk = try JWK(keyID: "e", algorithm: .es256, key: attacker.publicKey()).json()
        for (name, value) in [
            ("jwk", jwk), ("jku", "https://evil.example/jwks"), ("x5u", "https://evil.example/cert"),
            ("x5c", ["MIIB"]), ("x5t", "AAAA"), ("jwk", ["kty": "oct", "k": "AAAA"]),
        ] as [(String, JSONValue)] {
            let header: JSONValue = .object(["alg": "ES256", "kid": "e", name: value])
            let input = Base64URL.encode(header.encoded) + "." + Base64URL.encode(Tokens.claims.encoded)
            let forged = input + "." + Base64URL.encode(try attacker.sign(Array(input.utf8), .es256))
            tokens.expect(.badSignature, forged, "\(name)")
            #expect(try tokens.verify(tokens.token(header: header))["sub"] == "alice", "inert beside a good signature")
        }
        for (name, value) in [
            ("crit", ["exp"]), ("crit", []), ("b64", false), ("b64", true), ("zip", "DEF"), ("crit", .null),
        ] as [(String, JSONValue)] {
            tokens.expect(
                .unsupportedHeader, try tokens.token(header: .object(["alg": "ES256", name: value])), "\(name)")
        }
    }

    @Test("JW-04: kid is a name to look up, whatever it looks like")
    func keyIDs() throws {
        let tokens = try Tokens.get()
        #expect(throws: Never.self) { try tokens.verify(tokens.token(header: ["alg": "ES256", "kid": "e"])) }
        #expect(throws: Never.self) { try tokens.verify(tokens.token(header: ["alg": "ES256"])) }
        for kid in [
            "", "E", "e ", "e\u{0}", "r", "o", "../../../../dev/null", "' OR 1=1 --", "https://evil.example/key",
            "e' --",
            "{\"kty\":\"oct\",\"k\":\"\"}", "|/bin/true", String(repeating: "a", count: 256),
        ] {
            tokens.expect(.unknownKey, try tokens.token(header: ["alg": "ES256", "kid": .string(kid)]), "\(kid)")
        }
        let long = String(repeating: "a", count: 257)
        tokens.expect(.malformed, try tokens.token(header: ["alg": "ES256", "kid": .string(long)]))
        let huge = String(repeating: "a", count: 1_000_000)
        tokens.expect(.malformed, try tokens.token(header: ["alg": "ES256", "kid": .string(huge)]))
        for kid: JSONValue in [1, ["e"], .null, true] {
            tokens.expect(.malformed, try tokens.token(header: ["alg": "ES256", "kid": kid]), "\(kid)")
        }
    }

    @Test("JW-05: the compact form is exact")
    func compactForm() throws {
        let tokens = try Tokens.get()
        let token = try tokens.token(header: ["alg": "ES256"])
        #expect(throws: Never.self) { try tokens.verify(token) }
        let parts = token.split(separator: ".").map(String.init)
        let wrong = [
            "", ".", "..", "...", parts[0], parts[0] + "." + parts[1], token + ".", token + "." + parts[2], "." + token,
            " " + token, token + "\n", token + "=", parts[0] + "=." + parts[1] + "." + parts[2],
            parts[0] + "." + parts[1] + "=." + parts[2], token.replacing("-", with: "+") + "+", "Bearer " + token,
            parts[0] + ".." + parts[2] + ".", String(repeating: "A", count: 16_385),
            String(repeating: ".", count: 10_000),
            "{\"payload\":\"\",\"signatures\":[]}",
        ]
        for text in wrong { tokens.expect(.malformed, text, "\(text.prefix(40))") }
        // One value has one spelling: the last character of the signature cannot be another.
        let last = try #require(token.last)
        let spellings = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        for other in spellings where other != last {
            #expect(throws: JOSEError.self) { try tokens.verify(token.dropLast() + String(other)) }
        }
    }

    @Test("JW-05: a good signature over claims that are no JSON object is refused")
    func payloads() throws {
        let tokens = try Tokens.get()
        let payloads = [
            "", "alice", "\"alice\"", "[]", "null", "{\"sub\":\"alice\",\"sub\":\"bob\"}", "{\"sub\":\"alice\"} ,",
            "{\"sub\":\"alice\"}{\"sub\":\"bob\"}", "{\"sub\":\"alice\",}", String(repeating: "[", count: 5000),
            "{\"a\":" + String(repeating: "[", count: 16) + String(repeating: "]", count: 16) + "}",
        ]
        for payload in payloads {
            tokens.expect(
                .malformed, try tokens.token(header: ["alg": "ES256"], payload: Array(payload.utf8)), "\(payload)")
        }
        tokens.expect(.malformed, try tokens.token(header: ["alg": "ES256"], payload: [0x7B, 0xFF, 0x7D]))
    }

    @Test("JW-06: one kind of token is not taken for another")
    func types() throws {
        let tokens = try Tokens.get()
        let signer = TokenSigningKey(keyID: "e", algorithm: .es256, key: tokens.p256)
        let kinds: [String?] = [
            nil, "JWT", "at+jwt", "logout+jwt", "session+jwt", "secevent+jwt", "application/at+jwt", "",
        ]
        for made in kinds {
            let token = try signer.sign(Tokens.claims, type: made)
            for wanted in kinds {
                let accepts = { try tokens.verify(token, types: [wanted?.lowercased()]) }
                if made?.lowercased() == wanted?.lowercased() {
                    #expect(throws: Never.self) { try accepts() }
                } else {
                    #expect(throws: JOSEError(.wrongType, ""), "\(made ?? "-") as \(wanted ?? "-")") { try accepts() }
                }
            }
        }
        // Letter case of typ does not matter (RFC 7515 §4.1.9).
        #expect(throws: Never.self) { try tokens.verify(signer.sign(Tokens.claims, type: "AT+JWT"), types: ["at+jwt"]) }
        tokens.expect(.malformed, try tokens.token(header: ["alg": "ES256", "typ": 1]))
        #expect(throws: JOSEError(.wrongType, ""), "no type is allowed at all") {
            try tokens.verify(signer.sign(Tokens.claims), types: [])
        }
    }

    @Test("JW-08: there is no HMAC here, so no empty or short key of one")
    func noHMAC() throws {
        #expect(!SignatureAlgorithm.allCases.contains { $0.rawValue.hasPrefix("HS") })
        let tokens = try Tokens.get()
        let input = Base64URL.encode(Array("{\"alg\":\"HS256\"}".utf8)) + "." + Base64URL.encode(Tokens.claims.encoded)
        for key in [[], [0], Array("secret".utf8), [UInt8](repeating: 0, count: 32)] {
            let code = HMACSHA256.code(key: SecretBytes(key), message: Array(input.utf8))
            tokens.expect(.algorithmNotAllowed, input + "." + Base64URL.encode(code))
        }
        #expect(throws: JOSEError(.unsuitableKey, "")) {
            try JWKSet(parsing: Array("{\"keys\":[{\"kty\":\"oct\",\"k\":\"\"}]}".utf8))
        }
    }
}

/// A public key in the spellings that libraries have been tricked into taking for an HMAC key.
enum PublicSpellings {
    static func all(_ key: PublicKey) throws -> [[UInt8]] {
        let pem = try key.pem()
        let text = String(decoding: pem, as: UTF8.self)
        let lines = text.split(separator: "\n")
        let inner = lines.dropFirst().dropLast()
        let jwk = try JWK(keyID: "e", algorithm: nil, key: key).json()
        var spellings: [[UInt8]] = [
            pem, Array(text.dropLast().utf8), Array(text.replacing("\n", with: "\r\n").utf8),
            Array(inner.joined().utf8), Array(inner.joined(separator: "\n").utf8), jwk.encoded,
            Array(("{\"keys\":[" + jwk.text + "]}").utf8), Array("e".utf8), [],
        ]
        let standard = inner.joined().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        spellings.append(try #require(Base64URL.decode(standard)))
        for (name, value) in jwk.object ?? [:] {
            guard let value = value.string else { continue }
            spellings.append(Array(name.utf8))
            spellings.append(Array(value.utf8))
            if let bytes = Base64URL.decode(value) {
                spellings.append(bytes)
                spellings.append([0] + bytes)
            }
        }
        return spellings
    }
}
