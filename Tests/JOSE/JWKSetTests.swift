import Cryptography
import JOSE
import Testing

@Suite("JSON Web Key sets (RFC 7517)")
struct JWKSetTests {
    private func set(_ members: [[String: JSONValue]]) throws -> JWKSet {
        let json: JSONValue = ["keys": .array(members.map { .object($0) })]
        return try JWKSet(parsing: json.encoded)
    }

    private func members(
        _ key: PrivateKey, _ keyID: String?, _ algorithm: SignatureAlgorithm?
    ) throws -> [String: JSONValue] {
        try #require(JWK(keyID: keyID, algorithm: algorithm, key: key.publicKey()).json().object)
    }

    @Test("A set comes back from its JSON, with public members only")
    func roundTrip() throws {
        let tokens = try Tokens.get()
        let json = try tokens.keys().json()
        let again = try JWKSet(parsing: json.encoded)
        #expect(again.keys.map(\.keyID) == ["r", "e", "o"])
        #expect(again.keys.map(\.algorithm) == [.rs256, .es256, .edDSA])
        #expect(try again.json() == json)
        let allowed: Set = ["kty", "use", "kid", "alg", "n", "e", "crv", "x", "y"]
        for key in try #require(json["keys"]?.array) {
            #expect(try Set(#require(key.object).keys).isSubset(of: allowed))
        }
    }

    @Test("RFC 7515 A.3: a key from its standard text verifies its standard token")
    func standardKey() throws {
        let set = try JWKSet(
            parsing: Array(
                """
                {"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}
                """.utf8))
        let token = [
            "eyJhbGciOiJFUzI1NiJ9",
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        ].joined(separator: ".")
        let claims = try UnverifiedJWS(compact: token).verified(by: set, algorithms: [.es256], types: [nil])
        #expect(claims["iss"] == "joe")
    }

    @Test("JW-10: a set that gives away a private or symmetric key is refused whole")
    func poisonedByPrivateKey() throws {
        let tokens = try Tokens.get()
        let good = try members(tokens.p256, "e", .es256)
        #expect(try set([good]).keys.count == 1)
        for name in ["d", "p", "q", "dp", "dq", "qi", "k", "oth"] {
            var bad = try members(tokens.rsa, "r", .rs256)
            bad[name] = "AQAB"
            #expect(throws: JOSEError(.unsuitableKey, ""), "\(name)") { try set([good, bad]) }
        }
        #expect(throws: JOSEError(.unsuitableKey, "")) { try set([good, ["kty": "oct", "k": "AAAA"]]) }
    }

    @Test("JW-10: keys that we have no use for are passed over, as RFC 7517 §5 asks")
    func uselessKeys() throws {
        let tokens = try Tokens.get()
        let good = try members(tokens.p256, "good", .es256)
        var useless: [[String: JSONValue]] = [
            ["kty": "oct"], ["kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"], ["kty": "RSA"], [:], ["kty": 1],
            ["kty": "RSA", "n": "AQAB", "e": "AQAB"],
        ]
        for (name, value) in [
            ("use", "enc"), ("alg", "RSA-OAEP"), ("alg", "ES512"), ("alg", "RS256"), ("crv", "P-521"), ("x", "AA"),
            ("y", "AA"), ("x", 1), ("key_ops", ["encrypt"]), ("alg", 1), ("kty", "OKP"), ("x", "=="),
        ] as [(String, JSONValue)] {
            var changed = good
            changed["kid"] = .string("useless-\(useless.count)")
            changed[name] = value
            useless.append(changed)
        }
        let read = try set(useless + [good])
        #expect(read.keys.map(\.keyID) == ["good"])
    }

    @Test("JW-10: an RSA key of 512 or 1024 bits is no key")
    func shortRSA() throws {
        for bytes in [64, 128, 255] {
            let modulus = [UInt8](repeating: 0xC5, count: bytes)
            let short: [String: JSONValue] = [
                "kty": "RSA", "n": .string(Base64URL.encode(modulus)), "e": "AQAB", "kid": "r",
            ]
            #expect(try set([short]).keys.isEmpty)
        }
    }

    @Test("JW-04, JW-10: two keys of one name are refused")
    func duplicateNames() throws {
        let tokens = try Tokens.get()
        let first = try members(tokens.p256, "same", .es256)
        let second = try members(tokens.rsa, "same", .rs256)
        #expect(try set([first]).keys.count == 1)
        #expect(throws: JOSEError(.unsuitableKey, "")) { try set([first, second]) }
        #expect(throws: JOSEError(.unsuitableKey, "")) { try set([first, first]) }
    }

    @Test("JW-10: a set of a hundred thousand keys, or of none, or no set at all")
    func shapes() throws {
        let tokens = try Tokens.get()
        let one = try members(tokens.p256, nil, .es256)
        #expect(try set([]).keys.isEmpty)
        #expect(try set(.init(repeating: one, count: 64)).keys.count == 64)
        #expect(throws: JOSEError(.unsuitableKey, "")) { try set(.init(repeating: one, count: 65)) }
        #expect(throws: JOSEError(.malformed, "")) { try set(.init(repeating: one, count: 100_000)) }
        for text in ["", "[]", "{}", "{\"keys\":{}}", "{\"keys\":null}", "<html>", "{\"keys\":[]}x"] {
            #expect(throws: JOSEError(.malformed, ""), "\(text)") { try JWKSet(parsing: Array(text.utf8)) }
        }
        for text in ["{\"keys\":[1]}", "{\"keys\":[\"\"]}", "{\"keys\":[null]}"] {
            #expect(throws: JOSEError(.unsuitableKey, ""), "\(text)") { try JWKSet(parsing: Array(text.utf8)) }
        }
        var long = one
        long["kid"] = .string(String(repeating: "a", count: 257))
        #expect(throws: JOSEError(.unsuitableKey, "")) { try set([long]) }
    }

    @Test("A key is found by its name, its kind and its algorithm")
    func candidates() throws {
        let tokens = try Tokens.get()
        let set = JWKSet([
            JWK(keyID: "a", algorithm: .rs256, key: try tokens.rsa.publicKey()),
            JWK(keyID: "b", algorithm: nil, key: try tokens.rsa.publicKey()),
            JWK(keyID: "c", algorithm: .es256, key: try tokens.p256.publicKey()),
        ])
        #expect(set.candidates(for: .rs256, keyID: nil).count == 2)
        #expect(set.candidates(for: .ps256, keyID: nil).count == 1)
        #expect(set.candidates(for: .rs256, keyID: "a").count == 1)
        #expect(set.candidates(for: .ps256, keyID: "a").isEmpty)
        #expect(set.candidates(for: .rs256, keyID: "c").isEmpty)
        #expect(set.candidates(for: .es256, keyID: "c").count == 1)
        #expect(set.candidates(for: .edDSA, keyID: nil).isEmpty)
    }

    @Test("A private key is never published, whatever is asked")
    func privateMembers() throws {
        let key = try PrivateKey.generate(.x25519)
        #expect(throws: CryptographyError(.unsuitableKey, "")) {
            try JWK(keyID: "x", algorithm: nil, key: key.publicKey()).json()
        }
    }
}
