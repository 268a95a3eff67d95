import Cryptography
import JOSE
import Testing

@Suite("JW-09: signed tokens of the standards and of other implementations")
struct JWSVectorTests {
    private let allowed = Set(SignatureAlgorithm.allCases)

    private func verify(_ token: String, _ jwk: String) throws -> VerifiedClaims {
        try UnverifiedJWS(compact: token).verified(
            by: StandardKey.clientSet(jwk).signatureKeys, algorithms: allowed, types: [nil, "jwt"])
    }

    @Test("RFC 7515 A.2, A.3 and RFC 7520 §6: RS256, ES256 and PS256 over claims")
    func claims() throws {
        for (token, key, algorithm) in [
            (RFC7515.a2Token, RFC7515.a2Key, SignatureAlgorithm.rs256), (RFC7515.a3Token, RFC7515.a3Key, .es256),
        ] {
            let claims = try verify(token, key)
            #expect(claims["iss"] == "joe")
            #expect(claims.algorithm == algorithm)
        }
        let claims = try verify(RFC7520.nestedSignedToken, RFC7520.nestedSignatureKey)
        #expect(claims["iss"] == "hobbiton.example")
        #expect(claims.algorithm == .ps256)
    }

    @Test("RFC 7515 A.2, RFC 7520 §4.1 and RFC 8037 A.4: what always gives the same signature gives it here too")
    func signing() throws {
        for (token, jwk, algorithm) in [
            (RFC7515.a2Token, RFC7515.a2Key, SignatureAlgorithm.rs256), (RFC7520.rs256Token, RFC7520.rsaKey, .rs256),
            (RFC8037.token, RFC8037.key, .edDSA),
        ] {
            let parts = token.split(separator: ".").map(String.init)
            let input = Array((parts[0] + "." + parts[1]).utf8)
            let key = try StandardKey.privateKey(jwk)
            #expect(Base64URL.encode(try key.sign(input, algorithm)) == parts[2])
            let signature = try #require(Base64URL.decode(parts[2]))
            #expect(try key.publicKey().isValid(signature, of: input, algorithm))
            #expect(try !key.publicKey().isValid(signature, of: input + [0x20], algorithm))
        }
        // ES256 and PS256 draw a number each time: two signatures, both good.
        for (token, jwk, algorithm) in [
            (RFC7515.a3Token, RFC7515.a3Key, SignatureAlgorithm.es256),
            (RFC7520.nestedSignedToken, RFC7520.nestedSignatureKey, .ps256),
        ] {
            let key = try StandardKey.privateKey(jwk)
            let input = Array(token.split(separator: ".").prefix(2).joined(separator: ".").utf8)
            let (one, two) = (try key.sign(input, algorithm), try key.sign(input, algorithm))
            #expect(one != two)
            #expect(try key.publicKey().isValid(one, of: input, algorithm))
            #expect(try key.publicKey().isValid(two, of: input, algorithm))
        }
    }

    @Test("RFC 7520 §4.1 and RFC 8037 A.4 sign what is no claims set: read so far and no further")
    func noClaims() throws {
        for (token, key) in [(RFC7520.rs256Token, RFC7520.rsaKey), (RFC8037.token, RFC8037.key)] {
            #expect(throws: JOSEError(.malformed, "")) { try verify(token, key) }
            let altered = token.dropLast(10) + "AAAAAAAAAA"
            #expect(throws: JOSEError.self) { try verify(String(altered), key) }
        }
    }

    @Test(
        "JW-01: the algorithms of the standards that are not ours",
        arguments: [
            ("RFC 7515 A.1: HS256", RFC7515.a1Token), ("RFC 7515 A.4: ES512", RFC7515.a4Token),
            ("RFC 7515 A.5: none", RFC7515.a5Token), ("RFC 7520 §4.2: PS384", RFC7520.ps384Token),
            ("RFC 7520 §4.3: ES512", RFC7520.es512Token), ("RFC 7520 §4.4: HS256", RFC7520.hs256Token),
        ])
    func otherAlgorithms(name: String, token: String) throws {
        #expect(throws: Never.self, "the control") { try verify(RFC7515.a2Token, RFC7515.a2Key) }
        for key in [RFC7515.a2Key, RFC7520.rsaKey] {
            #expect(throws: JOSEError(.algorithmNotAllowed, ""), "\(name)") { try verify(token, key) }
        }
    }

    @Test("JW-05: the JSON forms are refused")
    func otherForms() throws {
        #expect(throws: JOSEError(.malformed, "")) { try verify(RFC7515.a6Token, RFC7515.a2Key) }
    }

    // MARK: Signatures that are nearly right

    private func token(_ algorithm: String, _ claims: String, _ signature: String) -> String {
        [Base64URL.encode(Array("{\"alg\":\"\(algorithm)\"}".utf8)), Base64URL.encode(Array(claims.utf8)), signature]
            .joined(separator: ".")
    }

    private let alice = "{\"sub\":\"alice\"}"

    @Test("JW-02: PS256 has SHA-256, MGF1 with SHA-256 and a salt of 32 bytes", arguments: ForeignSignatures.wrongPS256)
    func wrongPS256(name: String, signature: String) throws {
        #expect(throws: Never.self, "the control") {
            try verify(token("PS256", alice, ForeignSignatures.ps256), RFC7520.rsaKey)
        }
        for algorithm in ["PS256", "RS256"] {
            #expect(throws: JOSEError(.badSignature, ""), "\(name) as \(algorithm)") {
                try verify(token(algorithm, alice, signature), RFC7520.rsaKey)
            }
        }
    }

    @Test("JW-02: RS256 has one encoding of the hash, byte for byte", arguments: ForeignSignatures.wrongRS256)
    func wrongRS256(name: String, signature: String) throws {
        #expect(throws: Never.self, "the control") {
            try verify(token("RS256", alice, ForeignSignatures.rs256), RFC7520.rsaKey)
        }
        #expect(throws: JOSEError(.badSignature, ""), "\(name)") {
            try verify(token("RS256", alice, signature), RFC7520.rsaKey)
        }
    }

    @Test(
        "JW-02: an RSA signature is as long as the modulus and smaller: no zero left out, none added, no modulus added")
    func lengths() throws {
        let (claims, signature) = (ForeignSignatures.zeroClaims, ForeignSignatures.zeroSignature)
        #expect(throws: Never.self, "the control") { try verify(token("RS256", claims, signature), RFC7520.rsaKey) }
        let bytes = try #require(Base64URL.decode(signature))
        #expect(bytes.first == 0)
        for wrong in [Array(bytes.dropFirst()), [0] + bytes, bytes + [0], Array(bytes.dropLast()), []] {
            #expect(throws: JOSEError(.badSignature, ""), "\(wrong.count) bytes") {
                try verify(token("RS256", claims, Base64URL.encode(wrong)), RFC7520.rsaKey)
            }
        }
        // RFC 8017 §8.1.2, step 1; OpenSSL itself takes a shorter one for PSS.
        let salted = try #require(Base64URL.decode(ForeignSignatures.zeroPS256))
        #expect(salted.first == 0)
        #expect(throws: Never.self, "the control") {
            try verify(token("PS256", alice, ForeignSignatures.zeroPS256), RFC7520.rsaKey)
        }
        for wrong in [Array(salted.dropFirst()), [0] + salted, salted + [0]] {
            #expect(throws: JOSEError(.badSignature, ""), "PS256, \(wrong.count) bytes") {
                try verify(token("PS256", alice, Base64URL.encode(wrong)), RFC7520.rsaKey)
            }
        }
        let small = ForeignSignatures.smallClaims
        #expect(throws: Never.self, "the control") {
            try verify(token("RS256", small, ForeignSignatures.smallSignature), RFC7520.rsaKey)
        }
        #expect(throws: JOSEError(.badSignature, "")) {
            try verify(token("RS256", small, ForeignSignatures.smallSignaturePlusModulus), RFC7520.rsaKey)
        }
    }

    @Test("JW-02: ECDSA with r or s of zero, of n and beyond, in DER, or of another length")
    func ellipticSignatures() throws {
        #expect(throws: Never.self, "the control") { try verify(RFC7515.a3Token, RFC7515.a3Key) }
        let parts = RFC7515.a3Token.split(separator: ".").map(String.init)
        let good = try #require(Base64URL.decode(parts[2]))
        let (r, s) = (Array(good[..<32]), Array(good[32...]))
        let order = try #require(Base64URL.decode("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE"))
        let zero = [UInt8](repeating: 0, count: 32)
        var beyond = order
        beyond[31] += 1
        let der = [0x30, 69, 0x02, 32] + r + [0x02, 33, 0] + s
        let wrong: [(String, [UInt8])] = [
            ("0, 0", zero + zero), ("0, s", zero + s), ("r, 0", r + zero), ("n, s", order + s), ("r, n", r + order),
            ("n, n", order + order), ("n + 1, s", beyond + s), ("r, n + 1", r + beyond), ("n, 0", order + zero),
            ("0, 1", zero + zero.dropLast() + [1]), ("1, 0", zero.dropLast() + [1] + zero),
            ("all ones", [UInt8](repeating: 255, count: 64)), ("s, r", s + r), ("r, r", r + r), ("s, s", s + s),
            ("DER", der), ("DER of zeros", [0x30, 6, 2, 1, 0, 2, 1, 0]), ("DER in 64 bytes", Array(der[..<64])),
            ("r alone", r), ("63 bytes", Array(good.dropLast())), ("65 bytes", good + [0]),
            ("zero in front", [0] + good),
            ("wide halves", [0] + r + [0] + s), ("P-384's length", r + zero[..<16] + s + zero[..<16]), ("nothing", []),
        ]
        for (name, signature) in wrong {
            let token = parts[0] + "." + parts[1] + "." + Base64URL.encode(signature)
            #expect(throws: JOSEError(.badSignature, ""), "\(name)") { try verify(token, RFC7515.a3Key) }
        }
    }

    @Test("JW-02: Ed25519 with S of the order and beyond, or R changed (RFC 8032 §5.1.7)")
    func edwardsSignatures() throws {
        let parts = RFC8037.token.split(separator: ".").map(String.init)
        let input = Array((parts[0] + "." + parts[1]).utf8)
        let key = try StandardKey.privateKey(RFC8037.key).publicKey()
        let good = try #require(Base64URL.decode(parts[2]))
        #expect(key.isValid(good, of: input, .edDSA), "the control")
        // The order of the group, little-endian; added to S, the equation still holds.
        let order: [UInt8] =
            [0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14]
            + [UInt8](repeating: 0, count: 15) + [0x10]
        var sum = Array(good[32...])
        var carry = 0
        for index in sum.indices {
            let total = Int(sum[index]) + Int(order[index]) + carry
            sum[index] = UInt8(total & 255)
            carry = total >> 8
        }
        #expect(carry == 0)
        let zero = [UInt8](repeating: 0, count: 32)
        let wrong: [[UInt8]] = [
            good[..<32] + sum, good[..<32] + zero, zero + good[32...], zero + zero, good[..<32] + order,
            [1] + zero.dropFirst() + zero, Array(good.dropLast()), good + [0], [],
        ]
        for (index, signature) in wrong.enumerated() {
            #expect(!key.isValid(signature, of: input, .edDSA), "case \(index)")
        }
    }

    @Test("JW-03, JW-05: letters beyond ASCII in a header are letters, never another name for alg")
    func unicodeHeaders() throws {
        let tokens = try Tokens.get()
        let kind = "{\"alg\":\"ES256\",\"é\":\"\\ud83d\\ude00\",\"kid\":\"e\"}"
        #expect(throws: Never.self, "the control") { try tokens.verify(tokens.token(rawHeader: Array(kind.utf8))) }
        for name in ["ＥＳ256", "ES256\u{301}", "ES256\u{200B}", "\u{202E}652SE", "ES２56", "ES256\u{0}", "ЕS256"] {
            tokens.expect(.algorithmNotAllowed, try tokens.token(header: ["alg": .string(name)]), "\(name)")
        }
        for header in [
            "{\"al\u{130}g\":\"ES256\"}", "{\"ａlg\":\"ES256\"}", "{\"alg\\u0000\":\"ES256\"}",
            "{\"alg\":\"ES256\\ud800\"}", "{\"alg\":1e400}", "{\"alg\":\"ES256\",\"x\":[[[[1]]]]}",
            "{\"alg\":\"ES256\",\"x\":\(String(repeating: "[", count: 10_000))",
        ] {
            tokens.expect(.malformed, try tokens.token(rawHeader: Array(header.utf8)), "\(header.prefix(60))")
        }
        for kid in ["ｅ", "e\u{301}", "é", "\u{202E}e", "е"] {
            tokens.expect(.unknownKey, try tokens.token(header: ["alg": "ES256", "kid": .string(kid)]), "\(kid)")
        }
        // Numbers beyond all measure are numbers, where nobody asks for one.
        let huge = "{\"alg\":\"ES256\",\"x\":1\(String(repeating: "0", count: 300)),\"y\":-1e308}"
        #expect(throws: Never.self) { try tokens.verify(tokens.token(rawHeader: Array(huge.utf8))) }
    }
}
