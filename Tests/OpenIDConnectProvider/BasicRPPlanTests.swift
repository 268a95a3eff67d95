import Clocks
import Cryptography
import JOSE
import Outbound
import Testing

@testable import OpenIDConnectProvider

/// The modules of `oidcc-client-basic-certification-test-plan`, each under its own name.
@Suite("OpenID Foundation, Basic RP plan")
struct BasicRPPlanTests {
    @Test("oidcc-client-test")
    func clientTest() async throws {
        let identity = try await Journey().signIn()
        #expect(identity.issuer == EvilProvider.issuer)
        #expect(identity.subject == "alice")
        #expect(identity.sessionID == "session-1")
        #expect(identity.authenticationContext == "eidas1")
        #expect(identity.authenticationMethods == ["pwd"])
        #expect(identity.authenticatedAt == Instant(rfc3339: "2026-09-01T06:00:00Z"))
    }

    @Test("oidcc-client-test-invalid-iss")
    func invalidIssuer() async throws {
        let variants: [JSONValue] = [
            "https://evil.example", "https://op.example/", "https://OP.example", "https://op.example.evil.example", "",
            ["https://op.example"], 1, "https://op.example\u{0}",
        ]
        for variant in variants {
            try await Journey().expectRefusal(.idTokenIssuer, "\(variant)") { $0.editClaims = { $0["iss"] = variant } }
        }
        try await Journey().expectRefusal(.idTokenIssuer) { $0.editClaims = { $0["iss"] = nil } }
    }

    @Test("oidcc-client-test-invalid-aud")
    func invalidAudience() async throws {
        let client = JSONValue.string(EvilProvider.clientID)
        let variants: [JSONValue] = [
            "other", [client, "other"], [], [client, 1], "", 7, "loge:client", .string(EvilProvider.clientID + " "),
        ]
        for variant in variants {
            try await Journey().expectRefusal(.idTokenAudience, "\(variant)") {
                $0.editClaims = { $0["aud"] = variant }
            }
        }
        try await Journey().expectRefusal(.idTokenAuthorizedParty, "azp of another") {
            $0.editClaims = { $0["azp"] = "other" }
        }
        // The control of the other side: several audiences with azp naming us are right.
        let journey = try Journey()
        journey.provider.spoil {
            $0.editClaims = {
                $0["aud"] = [client, "other"]
                $0["azp"] = client
            }
        }
        #expect(try await journey.signIn().subject == "alice")
    }

    @Test("oidcc-client-test-missing-aud")
    func missingAudience() async throws {
        try await Journey().expectRefusal(.idTokenAudience) { $0.editClaims = { $0["aud"] = nil } }
    }

    @Test("oidcc-client-test-missing-sub")
    func missingSubject() async throws {
        try await Journey().expectRefusal(.idTokenSubject) { $0.editClaims = { $0["sub"] = nil } }
    }

    @Test("oidcc-client-test-missing-iat")
    func missingIssuedAt() async throws {
        try await Journey().expectRefusal(.idTokenIssuedAt) { $0.editClaims = { $0["iat"] = nil } }
    }

    @Test("oidcc-client-test-kid-absent-single-jwks")
    func keyIDAbsentSingle() async throws {
        let keys = try TestKeys.get()
        let journey = try Journey()
        try journey.provider.spoilThrowing { behaviour in
            behaviour.publishedKeys = [try keys.p256.nameless()]
            behaviour.forge = { try keys.p256.sign(header: ["alg": "ES256"], payload: JSONValue.object($0).encoded) }
        }
        #expect(try await journey.signIn().subject == "alice")
    }

    @Test("oidcc-client-test-kid-absent-multiple-jwks")
    func keyIDAbsentMultiple() async throws {
        let keys = try TestKeys.get()
        let stranger = TokenSigningKey(keyID: "x", algorithm: .es256, key: try .generate(.p256))
        for signer in [keys.p256, keys.otherP256] {
            let journey = try Journey()
            try journey.provider.spoilThrowing { behaviour in
                behaviour.publishedKeys = [
                    try keys.rsa.published(), try keys.otherP256.published(), try keys.p256.published(),
                ]
                behaviour.forge = { try signer.sign(header: ["alg": "ES256"], payload: JSONValue.object($0).encoded) }
            }
            #expect(try await journey.signIn().subject == "alice")
            await journey.expectRefusal(.idTokenSignature) {
                journey.provider.spoil {
                    $0.forge = {
                        try stranger.sign(header: ["alg": "ES256"], payload: JSONValue.object($0).encoded)
                    }
                }
                return try await journey.signIn()
            }
        }
    }

    @Test("oidcc-client-test-idtoken-sig-rs256")
    func signatureRS256() async throws {
        #expect(try await Journey(signer: TestKeys.get().rsa).signIn().subject == "alice")
    }

    @Test("oidcc-client-test-invalid-sig-rs256")
    func invalidSignatureRS256() async throws {
        let keys = try TestKeys.get()
        try await Journey(signer: keys.rsa).expectRefusal(.idTokenSignature, "another key under the same kid") {
            $0.forge = { try keys.otherRSA.sign(.object($0)) }
        }
        try await Journey(signer: keys.rsa).expectRefusal(.idTokenSignature, "a bit turned") {
            $0.forge = { claims in
                let parts = try keys.rsa.sign(.object(claims)).split(separator: ".")
                var signature = try #require(Base64URL.decode(parts[2]))
                signature[100] ^= 1
                return parts[0] + "." + parts[1] + "." + Base64URL.encode(signature)
            }
        }
    }

    @Test("oidcc-client-test-idtoken-sig-none")
    func signatureNone() async throws {
        // Refused, as §3.1.3.7 allows where another algorithm was registered; the suite then reports "skipped".
        for name in ["none", "None", "NONE", "nOnE", "NoNe", ""] {
            try await Journey().expectRefusal(.idTokenAlgorithm, "\(name)") {
                $0.forge = { claims in
                    let header: JSONValue = ["alg": .string(name)]
                    return Base64URL.encode(header.encoded) + "." + Base64URL.encode(JSONValue.object(claims).encoded)
                        + "."
                }
            }
        }
        try await Journey().expectRefusal(.idTokenMalformed, "no alg at all") {
            $0.forge = {
                Base64URL.encode(Array("{}".utf8)) + "." + Base64URL.encode(JSONValue.object($0).encoded) + "."
            }
        }
    }

    @Test("oidcc-client-test-userinfo-bearer-header")
    func userinfoBearerHeader() async throws {
        let journey = try Journey()
        #expect(try await journey.signIn().claims["given_name"] == "Alice")
        let request = try #require(journey.provider.requests("/userinfo").first)
        #expect(request.method == .get)
        #expect(request.authorization == "Bearer " + EvilProvider.accessToken)
        #expect(!request.url.text.contains(EvilProvider.accessToken))
    }

    @Test("oidcc-client-test-userinfo-bearer-body")
    func userinfoBearerBody() async throws {
        // One of the two is asked for: ours is the header. A provider that takes the body only is refused, cleanly.
        try await Journey().expectRefusal(.userinfoUnavailable) { $0.wantsBearerInBody = true }
    }

    @Test("oidcc-client-test-userinfo-invalid-sub")
    func userinfoInvalidSubject() async throws {
        for subject: JSONValue? in ["mallory", "Alice", "alice ", "", ["alice"], nil] {
            try await Journey().expectRefusal(.userinfoSubject, "\(String(describing: subject))") {
                $0.editUserinfo = { $0["sub"] = subject }
            }
        }
    }

    @Test("oidcc-client-test-nonce-invalid")
    func invalidNonce() async throws {
        for nonce: JSONValue? in ["other", "", nil, 1, ["x"]] {
            try await Journey().expectRefusal(.idTokenNonce, "\(String(describing: nonce))") {
                $0.editClaims = { $0["nonce"] = nonce }
            }
        }
    }

    @Test("oidcc-client-test-scope-userinfo-claims")
    func scopeUserinfoClaims() async throws {
        let journey = try Journey { $0.scopes = ["openid", "profile", "email"] }
        let start = try await journey.relyingParty.start()
        #expect(try parameters(of: start.url)["scope"] == "openid profile email")
        #expect(try await journey.signIn().claims["family_name"] == "Martin")
    }

    @Test("oidcc-client-test-client-secret-basic")
    func clientSecretBasic() async throws {
        let journey = try Journey()
        #expect(try await journey.signIn().subject == "alice")
        let request = try #require(journey.provider.requests("/token").first)
        // RFC 6749 §2.3.1: identifier and secret are form-encoded before they are joined by a colon.
        let pair = "loge%3Aclient%2F%C3%A9:s3cret%20%2B%26%3D%25%3A%C3%A9"
        #expect(request.authorization == "Basic " + Base64.encode(Array(pair.utf8)))
    }
}
