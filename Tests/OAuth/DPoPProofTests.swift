import Clocks
import Cryptography
import JOSE
import OAuth
import Testing

@Suite("DPoP proofs (RFC 9449 §4.3)")
struct DPoPProofTests {
    @Test("dpop-negative-tests: each defect is refused for its own reason")
    func negatives() throws {
        let proofs = try Proofs.get()
        #expect(throws: Never.self, "the control") { try proofs.check(proofs.proof()) }
        let cases: [(DPoPError.Code, [String: JSONValue?], [String: JSONValue?], Comment)] = [
            (.wrongType, ["typ": nil], [:], "no typ"), (.wrongType, ["typ": "JWT"], [:], "typ JWT"),
            (.wrongType, ["typ": "dpop"], [:], "half of typ"), (.wrongType, ["typ": "at+jwt"], [:], "typ of a token"),
            (.malformed, ["typ": ["dpop+jwt"]], [:], "a list as typ"),
            (.malformed, ["alg": nil], [:], "no alg"), (.algorithmNotAllowed, ["alg": "none"], [:], "none"),
            (.algorithmNotAllowed, ["alg": "None"], [:], "None"),
            (.algorithmNotAllowed, ["alg": "HS256"], [:], "HS256"),
            (.algorithmNotAllowed, ["alg": "ES384"], [:], "ES384"),
            (.algorithmNotAllowed, ["alg": "PS256"], [:], "not allowed here"),
            (.unsuitableKey, ["alg": "EdDSA"], [:], "another algorithm than the key's"),
            (.malformed, ["jwk": nil], [:], "no jwk"), (.malformed, ["crit": ["jwk"]], [:], "something critical"),
            (.unsuitableKey, ["jwk": "key"], [:], "a text as jwk"), (.unsuitableKey, ["jwk": .null], [:], "null"),
            (.badIdentifier, [:], ["jti": nil], "no jti"), (.badIdentifier, [:], ["jti": ""], "an empty jti"),
            (.badIdentifier, [:], ["jti": 7], "a number as jti"),
            (.badIdentifier, [:], ["jti": .string(String(repeating: "j", count: 257))], "a long jti"),
            (.wrongMethod, [:], ["htm": nil], "no htm"), (.wrongMethod, [:], ["htm": "GET"], "another method"),
            (.wrongMethod, [:], ["htm": "post"], "small letters"),
            (.wrongMethod, [:], ["htm": ["POST", "GET"]], "two methods"),
            (.wrongURL, [:], ["htu": nil], "no htu"),
            (.wrongURL, [:], ["htu": "https://portal.example/oidc/par"], "another path"),
            (.wrongURL, [:], ["htu": "https://other.example/oidc/token"], "another host"),
            (.wrongURL, [:], ["htu": "http://portal.example/oidc/token"], "another scheme"),
            (.wrongTime, [:], ["iat": nil], "no iat"), (.wrongTime, [:], ["iat": "1800000000"], "a text as iat"),
            (.wrongTime, [:], ["iat": -1], "before all time"), (.wrongTime, [:], ["iat": 1_799_999_939], "61 s old"),
            (.wrongTime, [:], ["iat": 1_800_000_011], "11 s ahead"),
            (.wrongAccessToken, [:], ["ath": nil], "no ath"), (.wrongAccessToken, [:], ["ath": ""], "an empty ath"),
            (.wrongAccessToken, [:], ["ath": .string(Proofs.accessToken)], "the token itself"),
            (
                .wrongAccessToken, [:], ["ath": .string(Base64URL.encode(SHA256.hash("another")))],
                "the hash of another token"
            ),
        ]
        for (code, header, claims, comment) in cases {
            proofs.expect(code, try proofs.proof(header: header, claims: claims), comment)
        }
    }

    @Test("dpop-negative-tests: other signatures, other texts, two proofs in one header")
    func texts() throws {
        let proofs = try Proofs.get()
        let proof = try proofs.proof()
        #expect(throws: Never.self, "the control") { try proofs.check(proof) }
        for text in ["", "..", proof + ", " + proof, proof + "," + proof, proof + " ", " " + proof, proof + "."] {
            proofs.expect(.malformed, text, "\(text.prefix(8))…")
        }
        let parts = proof.split(separator: ".").map(String.init)
        proofs.expect(.malformed, parts[0] + "." + parts[1], "no signature at all")
        proofs.expect(.badSignature, parts[0] + "." + parts[1] + ".", "an empty signature")
        var signature = try #require(Base64URL.decode(parts[2]))
        signature[40] ^= 1
        proofs.expect(.badSignature, parts[0] + "." + parts[1] + "." + Base64URL.encode(signature), "one bit")
        let other = try proofs.proof(claims: ["jti": "another"]).split(separator: ".").map(String.init)
        proofs.expect(.badSignature, parts[0] + "." + other[1] + "." + parts[2], "the signature of another proof")
        // Somebody else's signature under the key that the thief of a token knows.
        let forged = try proofs.signed(
            proofs.header(proofs.p256, "ES256"), .object(proofs.claims), by: PrivateKey.generate(.p256), .es256)
        proofs.expect(.badSignature, forged, "signed by another key than that of the header")
        let none = Base64URL.encode(
            JSONValue.object(["typ": "dpop+jwt", "alg": "none", "jwk": try proofs.publicJWK(proofs.p256)]).encoded)
        proofs.expect(.algorithmNotAllowed, none + "." + parts[1] + ".", "none, unsigned")
    }

    @Test("JW-02, JW-03: the key of the header is public, asymmetric and sound, and nothing else of the header counts")
    func keys() throws {
        let proofs = try Proofs.get()
        let members = try #require(proofs.publicJWK(proofs.p256).object)
        func with(_ changes: [String: JSONValue?]) -> [String: JSONValue?] {
            var key = members
            for (name, value) in changes { key[name] = value }
            return ["jwk": .object(key)]
        }
        for name in ["d", "p", "q", "dp", "dq", "qi", "k", "oth"] {
            proofs.expect(.unsuitableKey, try proofs.proof(header: with([name: "AAAA"])), "a private member: \(name)")
        }
        let refused: [[String: JSONValue?]] = [
            ["jwk": ["kty": "oct", "k": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]], with(["kty": "oct"]),
            with(["kty": nil]), with(["crv": "P-384"]), with(["crv": nil]), with(["x": nil]), with(["y": members["x"]]),
            with(["x": "AAAA"]), with(["use": "enc"]), with(["alg": "EdDSA"]), with(["alg": "ECDH-ES"]),
            with(["key_ops": ["sign"]]), with(["key_ops": ["deriveKey"]]),
            ["jwk": ["keys": [.object(members)]]], ["jwk": [.object(members)]],
        ]
        for header in refused { proofs.expect(.unsuitableKey, try proofs.proof(header: header), "\(header)") }
        let weak = JSONValue.object([
            "kty": "RSA", "e": "AQAB", "n": .string(Base64URL.encode([UInt8](repeating: 0xFF, count: 128))),
        ])
        proofs.expect(.algorithmNotAllowed, try proofs.proof(header: ["alg": "RS256", "jwk": weak]))
        let short = try proofs.proof(header: ["alg": "PS256", "jwk": weak])
        #expect(throws: DPoPError(.unsuitableKey, "")) { try proofs.check(short, algorithms: [.ps256]) }
        // A key that is for another algorithm than that of the header.
        var rsa = try #require(proofs.publicJWK(proofs.rsa).object)
        for (name, fits) in [("PS256", true), ("RS256", false)] {
            rsa["alg"] = .string(name)
            let header: [String: JSONValue] = ["typ": "dpop+jwt", "alg": "PS256", "jwk": .object(rsa)]
            let proof = try proofs.signed(header, .object(proofs.claims), by: proofs.rsa, .ps256)
            if fits {
                #expect(throws: Never.self, "the control") { try proofs.check(proof, algorithms: [.ps256]) }
            } else {
                #expect(throws: DPoPError(.unsuitableKey, "")) { try proofs.check(proof, algorithms: [.ps256]) }
            }
        }
        // What else the header and the key say is passed over: nothing is looked up, nothing is fetched.
        let inert = try proofs.proof(header: [
            "kid": "../../keys", "jku": "https://evil.example/jwks", "x5u": "https://evil.example/x5u", "x5c": ["AAAA"],
            "jwk": with(["kid": "x", "use": "sig", "alg": "ES256"])["jwk"] ?? nil,
        ])
        let thumbprint = try proofs.p256.publicKey().jwkThumbprint()
        #expect(try proofs.check(inert).thumbprint == thumbprint)
    }

    @Test("JW-03: no other verifier takes up the key in the header of a proof")
    func noOtherVerifier() throws {
        let proofs = try Proofs.get()
        let token = try UnverifiedJWS(compact: proofs.proof())
        func verify(_ set: JWKSet) throws -> VerifiedClaims {
            try token.verified(by: set, algorithms: [.es256], types: ["dpop+jwt"])
        }
        let key = try proofs.p256.publicKey()
        #expect(throws: Never.self, "the control") {
            try verify(JWKSet([JWK(keyID: nil, algorithm: .es256, key: key)]))
        }
        #expect(throws: JOSEError(.unknownKey, "")) { try verify(JWKSet([])) }
        let other = try PrivateKey.generate(.p256).publicKey()
        #expect(throws: JOSEError(.badSignature, "")) {
            try verify(JWKSet([JWK(keyID: nil, algorithm: .es256, key: other)]))
        }
    }

    @Test("A proof is of the key wanted, by an algorithm allowed")
    func expectations() throws {
        let proofs = try Proofs.get()
        for (key, algorithm) in [
            (proofs.p256, SignatureAlgorithm.es256), (proofs.ed25519, .edDSA), (proofs.rsa, .ps256),
        ] {
            let proof = try proofs.signed(
                proofs.header(key, algorithm.rawValue), .object(proofs.claims), by: key, algorithm)
            let thumbprint = try key.publicKey().jwkThumbprint()
            let checked = try proofs.check(proof, thumbprint: thumbprint, algorithms: [algorithm])
            #expect(checked.thumbprint == thumbprint)
            #expect(checked.use == thumbprint + " one-of-a-kind")
            let stranger = try PrivateKey.generate(.p256).publicKey().jwkThumbprint()
            #expect(throws: DPoPError(.otherKey, "")) {
                try proofs.check(proof, thumbprint: stranger, algorithms: [algorithm])
            }
            let others = Set(SignatureAlgorithm.allCases).subtracting([algorithm])
            #expect(throws: DPoPError(.algorithmNotAllowed, "")) { try proofs.check(proof, algorithms: others) }
            #expect(throws: DPoPError(.algorithmNotAllowed, "")) { try proofs.check(proof, algorithms: []) }
        }
        // Without an access token in the request, an ath means nothing and is not needed.
        #expect(throws: Never.self) { try proofs.check(proofs.proof(claims: ["ath": nil]), accessToken: nil) }
        // One jti under two keys: two uses.
        let second = try proofs.signed(
            proofs.header(proofs.ed25519, "EdDSA"), .object(proofs.claims), by: proofs.ed25519, .edDSA)
        #expect(try proofs.check(second).use != proofs.check(proofs.proof()).use)
    }

    @Test("check-dpop-proof-nbf-exp: iat, nbf and exp to the second, and for how long a use is remembered")
    func times() throws {
        let proofs = try Proofs.get()
        let now = Proofs.now.secondsSinceEpoch
        func claims(_ changes: [String: Int64]) -> [String: JSONValue?] { changes.mapValues { .integer(now + $0) } }
        let right: [[String: Int64]] = [
            ["iat": -60], ["iat": 10], ["nbf": 10], ["nbf": -300], ["exp": 300], ["exp": -9], ["nbf": 8, "exp": 8],
        ]
        for changes in right {
            #expect(throws: Never.self, "\(changes)") { try proofs.check(proofs.proof(claims: claims(changes))) }
        }
        let wrong: [[String: Int64]] = [
            ["iat": -61], ["iat": 11], ["nbf": 11], ["nbf": 60], ["exp": -10], ["exp": -300], ["iat": 10, "exp": -10],
        ]
        for changes in wrong {
            proofs.expect(.wrongTime, try proofs.proof(claims: claims(changes)), "\(changes)")
        }
        for name in ["iat", "nbf", "exp"] {
            for value: JSONValue in [.string("\(now)"), .null, true, .number(Double(now) + 0.5), [.integer(now)]] {
                proofs.expect(.wrongTime, try proofs.proof(claims: [name: value]), "\(name) \(value)")
            }
        }
        // A use is remembered until every node refuses the proof by its date, the slowest clock included.
        let proof = try proofs.proof()
        let delay = try proofs.check(proof).forgottenAt - Proofs.now
        #expect(throws: DPoPError(.wrongTime, "")) { try proofs.check(proof, after: delay - DPoPProof.skew) }
        #expect(throws: Never.self) { try proofs.check(proof, after: .seconds(60)) }
        #expect(throws: DPoPError(.wrongTime, "")) { try proofs.check(proof, after: .milliseconds(60_001)) }
    }

    @Test("RFC 9449 §4.3: htu is compared after normalisation, without query and fragment")
    func addresses() throws {
        let proofs = try Proofs.get()
        let same = [
            "https://portal.example/oidc/token", "HTTPS://Portal.EXAMPLE/oidc/token",
            "https://portal.example:443/oidc/token",
            "https://portal.example:/oidc/token", "https://portal.example/oidc/token?a=b",
            "https://portal.example/oidc/token#x",
            "https://portal.example/oidc/token?a=/../b#?", "https://portal.example/./oidc/x/../token",
            "https://portal.example/%6Fidc/%74oken", "https://portal.example/x/%2e%2E/oidc/token",
        ]
        for address in same {
            #expect(throws: Never.self, "\(address)") {
                try proofs.check(proofs.proof(claims: ["htu": .string(address)]))
            }
        }
        let others = [
            "https://portal.example/oidc/Token", "https://portal.example/oidc/token/",
            "https://portal.example//oidc/token",
            "https://portal.example:444/oidc/token", "https://portal.example:80/oidc/token",
            "https://portal.example/oidc%2Ftoken",
            "https://portal.example.evil.example/oidc/token", "https://portal.example@evil.example/oidc/token",
            "https://evil@portal.example/oidc/token", "https://portal.example/oidc/token ",
            " https://portal.example/oidc/token",
            "https:/portal.example/oidc/token", "https:portal.example/oidc/token", "//portal.example/oidc/token",
            "/oidc/token",
            "https:\\\\portal.example/oidc/token", "https://portal.example\\oidc/token",
            "https://portal.example/oidc/token%",
            "https://portal.example/oidc/token%0", "https://portal.example/oidc/token%00",
            "https://portal.example/oidc/token\u{0}",
            "https://portal%2eexample/oidc/token", "https://portal.example:0443/oidc/token", "https://:443/oidc/token",
            "https://portal.example:x/oidc/token", "https://portal.example./oidc/token", "https:///oidc/token",
            "https://pörtal.example/oidc/token", "https://portal.example", "", "https://", "x", "javascript:alert(1)",
            "https://portal.example/" + String(repeating: "./", count: 1024) + "oidc/token",
        ]
        for address in others {
            proofs.expect(.wrongURL, try proofs.proof(claims: ["htu": .string(address)]), "\(address)")
        }
        // The root, with a slash or without; and an issuer on the loopback with its port.
        for (own, htu) in [
            ("https://portal.example", "https://portal.example/"),
            ("https://portal.example/", "https://portal.example"),
            ("http://[::1]:8080/t", "http://[::1]:8080/t"), ("http://localhost:80/t", "HTTP://LOCALHOST/t"),
            ("https://a.example/b%2fc", "https://a.example/b%2Fc"),
        ] {
            #expect(throws: Never.self, "\(own) \(htu)") {
                try proofs.check(proofs.proof(claims: ["htu": .string(htu)]), url: own)
            }
        }
        // An address of ours that is none matches nothing, itself included.
        #expect(throws: DPoPError(.wrongURL, "")) {
            try proofs.check(proofs.proof(claims: ["htu": "portal"]), url: "portal")
        }
    }
}
