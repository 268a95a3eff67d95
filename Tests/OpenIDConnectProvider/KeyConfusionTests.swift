import Clocks
import Cryptography
import JOSE
import Outbound
import Testing

@testable import OpenIDConnectProvider

@Suite("PrOfESSOS: key confusion and signature manipulation")
struct KeyConfusionTests {
    private static func input(_ header: JSONValue, _ claims: EvilProvider.Members) -> String {
        Base64URL.encode(header.encoded) + "." + Base64URL.encode(JSONValue.object(claims).encoded)
    }

    @Test("JW-03: keys embedded in or named by the header are never used and never fetched", arguments: [true, false])
    func embeddedKeys(keepsKid: Bool) async throws {
        let attacker = TokenSigningKey(keyID: "evil", algorithm: .es256, key: try .generate(.p256))
        let jwk = try attacker.published().json()
        let hostile: [(String, JSONValue)] = [
            ("jwk", jwk), ("jku", "https://evil.example/jwks"), ("jku", "https://op.example/uploads/jwks"),
            ("x5u", "https://evil.example/certificate.pem"), ("x5c", ["MIIBszCCAVmgAwIBAgIU"]), ("x5t", "AAAA"),
            ("x5t#S256", "AAAA"),
        ]
        for (name, value) in hostile {
            let kid = keepsKid ? "p256-1" : "evil"
            let journey = try Journey()
            try await journey.expectRefusal(keepsKid ? .idTokenSignature : .idTokenKey, "\(name)") {
                $0.forge = { claims in
                    let header: JSONValue = .object(["alg": "ES256", "kid": .string(kid), name: value])
                    return try attacker.sign(header: header, payload: JSONValue.object(claims).encoded)
                }
            }
            let known = ["/.well-known/openid-configuration", "/jwks", "/token", "/userinfo"]
            #expect(journey.provider.requestCount == known.reduce(0) { $0 + journey.provider.requests($1).count })
        }
    }

    @Test("oidcc-client-test-invalid-sig-hs256, JW-02: HS256 keyed with the public key in every spelling")
    func publicKeyAsSecret() async throws {
        let keys = try TestKeys.get()
        for signer in [keys.rsa, keys.p256] {
            let jwk = try signer.published().json()
            let pem = try signer.key.publicKey().pem()
            var secrets: [[UInt8]] = [
                [], pem, Array(pem.dropLast()), jwk.encoded, Array(signer.keyID.utf8), Array(EvilProvider.secret.utf8),
                try #require(
                    Base64URL.decode(
                        String(decoding: pem, as: UTF8.self).split(separator: "\n").dropFirst().dropLast().joined()
                            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: ""))),
            ]
            for case .string(let value) in try #require(jwk.object).values {
                secrets.append(Array(value.utf8))
                if let bytes = Base64URL.decode(value) { secrets.append(bytes) }
            }
            for secret in secrets {
                try await Journey(signer: signer).expectRefusal(.idTokenAlgorithm) {
                    $0.forge = { claims in
                        let input = Self.input(["alg": "HS256", "kid": .string(signer.keyID)], claims)
                        let code = HMACSHA256.code(key: SecretBytes(secret), message: Array(input.utf8))
                        return input + "." + Base64URL.encode(code)
                    }
                }
            }
        }
    }

    @Test("oidcc-client-test-invalid-sig-es256")
    func invalidSignatureES256() async throws {
        let stranger = TokenSigningKey(keyID: "p256-1", algorithm: .es256, key: try .generate(.p256))
        try await Journey().expectRefusal(.idTokenSignature) { $0.forge = { try stranger.sign(.object($0)) } }
        for signature in [
            [UInt8](repeating: 0, count: 64), [UInt8](repeating: 255, count: 64), [], [UInt8](repeating: 1, count: 63),
        ] {
            try await Journey().expectRefusal(.idTokenSignature, "a psychic signature") {
                $0.forge = { Self.input(["alg": "ES256", "kid": "p256-1"], $0) + "." + Base64URL.encode(signature) }
            }
        }
    }

    @Test("The algorithm is that of the configuration, even when the provider publishes keys for others")
    func algorithmIsFixed() async throws {
        let keys = try TestKeys.get()
        for (registered, used) in [(keys.p256, keys.rsa), (keys.rsa, keys.p256), (keys.rsa, keys.ed25519)] {
            try await Journey(signer: registered).expectRefusal(.idTokenAlgorithm) {
                $0.publishedKeys = [try registered.published(), try used.published()]
                $0.forge = { try used.sign(.object($0)) }
            }
        }
    }

    @Test("JW-04: kid is looked up among this provider's keys and nowhere else")
    func keyIDs() async throws {
        let jwk = try TestKeys.get().p256.published().json().text
        for kid in [
            "https://evil.example/key", "file:///dev/null", "../../../dev/null", "' UNION SELECT 'x' --", jwk,
            "p256-1\u{0}", "P256-1", "",
        ] {
            let journey = try Journey()
            let signer = try TestKeys.get().p256
            try await journey.expectRefusal(.idTokenKey, "\(kid.prefix(30))") {
                $0.forge = { claims in
                    try signer.sign(
                        header: ["alg": "ES256", "kid": .string(kid)], payload: JSONValue.object(claims).encoded)
                }
            }
        }
        let signer = try TestKeys.get().p256
        for (length, code) in [(300, ProviderError.Code.idTokenMalformed), (1_000_000, .tokenMalformed)] {
            try await Journey().expectRefusal(code, "a kid of \(length) bytes") {
                $0.forge = { claims in
                    try signer.sign(
                        header: ["alg": "ES256", "kid": .string(String(repeating: "k", count: length))],
                        payload: JSONValue.object(claims).encoded)
                }
            }
        }
    }

    @Test("JW-03: what is critical and not understood is refused", arguments: ["crit", "b64", "zip"])
    func criticalHeaders(name: String) async throws {
        let signer = try TestKeys.get().p256
        try await Journey().expectRefusal(.idTokenHeader) {
            $0.forge = { claims in
                try signer.sign(
                    header: .object(["alg": "ES256", "kid": "p256-1", name: ["exp"]]),
                    payload: JSONValue.object(claims).encoded)
            }
        }
    }

    @Test("PrOfESSOS: two members of one name, in the token, its header, the token answer, userinfo, metadata, keys")
    func duplicateMembers() async throws {
        let signer = try TestKeys.get().p256
        @Sendable func doubled(_ json: String, _ member: String) -> String {
            "{" + member + "," + json.dropFirst()
        }
        try await Journey().expectRefusal(.idTokenMalformed, "sub twice, the signature good") {
            $0.forge = { claims in
                let payload = doubled(JSONValue.object(claims).text, "\"sub\":\"mallory\"")
                return try signer.sign(header: ["alg": "ES256", "kid": "p256-1"], payload: Array(payload.utf8))
            }
        }
        try await Journey().expectRefusal(.idTokenMalformed, "alg twice") {
            $0.forge = { claims in
                let header = "{\"alg\":\"none\",\"alg\":\"ES256\",\"kid\":\"p256-1\"}"
                let input =
                    Base64URL.encode(Array(header.utf8)) + "."
                    + Base64URL.encode(JSONValue.object(claims).encoded)
                return input + "." + Base64URL.encode(try signer.key.sign(Array(input.utf8), .es256))
            }
        }
        let bodies: [(String, ProviderError.Code, String)] = [
            ("/token", .tokenMalformed, "{\"id_token\":\"a\",\"id_token\":\"b\",\"token_type\":\"Bearer\"}"),
            ("/userinfo", .userinfoMalformed, "{\"sub\":\"alice\",\"sub\":\"mallory\"}"),
        ]
        for (path, code, body) in bodies {
            try await Journey().expectRefusal(code, "\(path)") {
                $0.answers[path] = .success(
                    OutboundResponse(status: 200, contentTypes: ["application/json"], body: Array(body.utf8)))
            }
        }
        let keys = doubled(try JWKSet([signer.published()]).json().text, "\"keys\":[]")
        let journey = try Journey()
        journey.provider.spoil {
            $0.answers["/jwks"] = .success(
                OutboundResponse(status: 200, contentTypes: ["application/json"], body: Array(keys.utf8)))
        }
        await journey.expectRefusal(.keysMalformed) { try await journey.signIn() }
    }

    @Test("JW-10: a poisoned key set is refused whole")
    func poisonedKeySet() async throws {
        let keys = try TestKeys.get()
        let good = try keys.p256.published().json()
        let symmetric: JSONValue = ["kty": "oct", "k": "AAAA", "kid": "x"]
        let poisoned: [(String, JSONValue, ProviderError.Code)] = [
            ("a symmetric key", ["keys": [good, symmetric]], .keysMalformed),
            ("a private key", ["keys": [.object((good.object ?? [:]).merging(["d": "AAAA"]) { $1 })]], .keysMalformed),
            ("two keys of one name", ["keys": [good, good]], .keysMalformed),
            ("too many keys", ["keys": .array(.init(repeating: ["kty": "EC"], count: 65))], .keysMalformed),
            ("no keys", ["keys": []], .idTokenKey),
            (
                "an encryption key only", ["keys": [.object((good.object ?? [:]).merging(["use": "enc"]) { $1 })]],
                .idTokenKey
            ),
            ("no set", [good], .keysMalformed),
        ]
        #expect(try await Journey().signIn().subject == "alice", "the control")
        for (name, json, code) in poisoned {
            let journey = try Journey()
            journey.provider.spoil { $0.answers["/jwks"] = .success(.json(json)) }
            await journey.expectRefusal(code, "\(name)") { try await journey.signIn() }
        }
    }
}
