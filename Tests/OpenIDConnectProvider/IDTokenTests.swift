import Clocks
import Cryptography
import JOSE
import Outbound
import Testing

@testable import OpenIDConnectProvider

@Suite("OA-33: the ID token")
struct IDTokenTests {
    @Test("exp: there, whole seconds, not past")
    func expiry() async throws {
        let now: Int64 = 1_788_242_400
        let bad: [JSONValue?] = [
            nil, .integer(now - 60), .integer(0), "1788242500", .number(1_788_242_500.5), .number(1e300), -1, .null,
            true,
            [.integer(now + 60)],
        ]
        for value in bad {
            try await Journey().expectRefusal(.idTokenExpired, "\(String(describing: value))") {
                $0.editClaims = { $0["exp"] = value }
            }
        }
        let journey = try Journey()
        journey.provider.spoil { $0.editClaims = { $0["exp"] = .integer(now - 59) } }
        #expect(try await journey.signIn().subject == "alice", "within the clocks' difference")
    }

    @Test("iat: there, whole seconds, neither in the future nor long past; nbf not in the future")
    func issuedAt() async throws {
        let now: Int64 = 1_788_242_400
        let bad: [JSONValue?] = [
            nil, .integer(now + 61), .integer(now - 360), .integer(0), "1788242400", .number(1_788_242_400.5), .null,
        ]
        for value in bad {
            try await Journey().expectRefusal(.idTokenIssuedAt, "\(String(describing: value))") {
                $0.editClaims = { $0["iat"] = value }
            }
        }
        for value: JSONValue in [.integer(now + 61), "soon", .number(1e300)] {
            try await Journey().expectRefusal(.idTokenIssuedAt) { $0.editClaims = { $0["nbf"] = value } }
        }
        for seconds in [now + 60, now - 359] {
            let journey = try Journey()
            journey.provider.spoil { $0.editClaims = { $0["iat"] = .integer(seconds) } }
            #expect(try await journey.signIn().subject == "alice", "within the window")
        }
    }

    @Test("sub: one to 255 visible ASCII characters")
    func subjects() async throws {
        let bad: [JSONValue] = [
            "", " ", "alice bob", "alice\n", "alicé", "al\u{0}ice", .string(String(repeating: "a", count: 256)), 7,
            ["alice"], .null, ["sub": "alice"],
        ]
        for value in bad {
            try await Journey().expectRefusal(.idTokenSubject, "\(value)") { $0.editClaims = { $0["sub"] = value } }
        }
        let longest = String(repeating: "a", count: 255)
        let journey = try Journey()
        journey.provider.spoil {
            $0.editClaims = { $0["sub"] = .string(longest) }
            $0.editUserinfo = { $0["sub"] = .string(longest) }
        }
        #expect(try await journey.signIn().subject == longest)
    }

    @Test("oidcc-client-test-invalid-athash: an access token swapped for another is refused")
    func accessTokenHash() async throws {
        for value: JSONValue in ["", "AAAAAAAAAAAAAAAAAAAAAA", 1, .null, ["x"]] {
            try await Journey().expectRefusal(.idTokenAccessTokenHash, "\(value)") {
                $0.editClaims = { $0["at_hash"] = value }
            }
        }
        try await Journey().expectRefusal(.idTokenAccessTokenHash, "token substitution") {
            $0.editTokenAnswer = { $0["access_token"] = "somebody-else's" }
        }
        try await Journey().expectRefusal(.idTokenAccessTokenHash, "the whole hash is not its half") {
            $0.editClaims = { $0["at_hash"] = .string(Base64URL.encode(SHA256.hash(EvilProvider.accessToken))) }
        }
    }

    @Test("oidcc-client-test-missing-athash: in the code flow it may be absent")
    func accessTokenHashMissing() async throws {
        let journey = try Journey()
        journey.provider.spoil { $0.editClaims = { $0["at_hash"] = nil } }
        #expect(try await journey.signIn().subject == "alice")
    }

    @Test("at_hash is made as the algorithm of the signature says, SHA-512 for EdDSA")
    func accessTokenHashByAlgorithm() async throws {
        let keys = try TestKeys.get()
        for signer in [keys.rsa, keys.p256, keys.ed25519] {
            #expect(try await Journey(signer: signer).signIn().subject == "alice")
            try await Journey(signer: signer).expectRefusal(.idTokenAccessTokenHash) {
                $0.editTokenAnswer = { $0["access_token"] = "other" }
            }
        }
        try await Journey(signer: keys.ed25519).expectRefusal(.idTokenAccessTokenHash) {
            $0.editClaims = {
                $0["at_hash"] = .string(Base64URL.encode(SHA256.hash(EvilProvider.accessToken).prefix(16)))
            }
        }
    }

    @Test("auth_time: there and recent when max_age was asked for; never in the future")
    func authenticationTime() async throws {
        let now: Int64 = 1_788_242_400
        let asks: (inout ProviderConfiguration) -> Void = { $0.maxAge = .minutes(5) }
        let start = try await Journey(asks).relyingParty.start()
        #expect(try parameters(of: start.url)["max_age"] == "300")
        for value: JSONValue? in [nil, .integer(now - 361), "now", .null, .number(1e300), .integer(now + 61)] {
            try await Journey(asks).expectRefusal(.idTokenAuthenticationTime, "\(String(describing: value))") {
                $0.editClaims = { $0["auth_time"] = value }
            }
        }
        let journey = try Journey(asks)
        journey.provider.spoil { $0.editClaims = { $0["auth_time"] = .integer(now - 300) } }
        #expect(try await journey.signIn().authenticatedAt == Instant(secondsSinceEpoch: now - 300))
        // Not asked for: it may be old or absent, and is refused only when it lies.
        for value: JSONValue? in [nil, .integer(now - 86400)] {
            let unasked = try Journey()
            unasked.provider.spoil { $0.editClaims = { $0["auth_time"] = value } }
            #expect(try await unasked.signIn().subject == "alice")
        }
        try await Journey().expectRefusal(.idTokenAuthenticationTime) {
            $0.editClaims = { $0["auth_time"] = .integer(now + 3600) }
        }
    }

    @Test("One sign-on may ask for a fresher authentication than the configuration does")
    func maximumAgeOfOneSignOn() async throws {
        let journey = try Journey { $0.maxAge = .hours(8) }
        journey.provider.spoil { $0.editClaims = { $0["auth_time"] = .integer(1_788_242_400 - 3600) } }
        #expect(try await journey.signIn().subject == "alice")
        var options = AuthorizationOptions()
        options.maxAge = .seconds(0)
        #expect(try await parameters(of: journey.relyingParty.start(options).url)["max_age"] == "0")
        await journey.expectRefusal(.idTokenAuthenticationTime) { try await journey.signIn(options) }
    }

    @Test("BR-08: acr is one of those expected when it was asked for")
    func authenticationContext() async throws {
        let asks: (inout ProviderConfiguration) -> Void = {
            $0.acrValues = ["eidas1"]
            $0.acceptedACRs = ["eidas1", "eidas2", "eidas3"]
        }
        let start = try await Journey(asks).relyingParty.start()
        #expect(try parameters(of: start.url)["acr_values"] == "eidas1")
        for value: JSONValue? in [nil, "eidas0", "", "EIDAS1", ["eidas1"], 1] {
            try await Journey(asks).expectRefusal(.idTokenAuthenticationContext, "\(String(describing: value))") {
                $0.editClaims = { $0["acr"] = value }
            }
        }
        let stronger = try Journey(asks)
        stronger.provider.spoil { $0.editClaims = { $0["acr"] = "eidas3" } }
        #expect(try await stronger.signIn().authenticationContext == "eidas3")
    }

    @Test("JW-06: a token of another kind is no ID token")
    func otherKinds() async throws {
        for type in ["at+jwt", "logout+jwt", "secevent+jwt", "session+jwt", "x"] {
            try await Journey().expectRefusal(.idTokenType, "\(type)") { behaviour in
                let signer = behaviour.signer
                behaviour.forge = { try signer.sign(.object($0), type: type) }
            }
        }
        let journey = try Journey()
        journey.provider.spoil { behaviour in
            let signer = behaviour.signer
            behaviour.forge = { try signer.sign(.object($0), type: "JWT") }
        }
        #expect(try await journey.signIn().subject == "alice", "the control")
    }

    @Test("JW-06: the token of one provider is refused at another, and that of staging in production")
    func otherIssuersToken() async throws {
        let keys = try TestKeys.get()
        try await Journey().expectRefusal(.idTokenKey, "signed by another provider's key") {
            $0.publishedKeys = [try keys.p256.published()]
            $0.forge = { try keys.otherP256.sign(.object($0)) }
        }
        try await Journey().expectRefusal(.idTokenIssuer, "a provider that shares its keys with its staging") {
            $0.editClaims = { $0["iss"] = "https://staging.op.example" }
        }
    }

    @Test("PrOfESSOS replay: the token of one sign-on does not finish another")
    func replay() async throws {
        let journey = try Journey()
        let first = try await journey.signIn()
        journey.provider.spoil { $0.forge = { _ in first.idToken.compact } }
        await journey.expectRefusal(.idTokenNonce) { try await journey.signIn() }
    }

    @Test("PrOfESSOS ID spoofing: what stands in the header or in other members is inert")
    func spoofedHeader() async throws {
        let journey = try Journey()
        let signer = try TestKeys.get().p256
        journey.provider.spoil {
            $0.forge = { claims in
                let header: JSONValue = [
                    "alg": "ES256", "kid": "p256-1", "sub": "mallory", "iss": "https://evil.example", "email": "a@b",
                ]
                return try signer.sign(header: header, payload: JSONValue.object(claims).encoded)
            }
            $0.editUserinfo = {
                $0["iss"] = "https://evil.example"
                $0["acr"] = "eidas3"
            }
        }
        let identity = try await journey.signIn()
        #expect(identity.subject == "alice")
        #expect(identity.issuer == EvilProvider.issuer)
        #expect(identity.claims["iss"] == .string(EvilProvider.issuer), "the ID token has the last word")
        #expect(identity.authenticationContext == "eidas1")
    }

    @Test("OA-34: the same sub at two providers is two people")
    func accountKey() async throws {
        let one = try await Journey().signIn()
        let two = try await Journey(issuer: "https://other.example").signIn()
        #expect(one.subject == two.subject)
        #expect((one.issuer, one.subject) != (two.issuer, two.subject))
    }
}
