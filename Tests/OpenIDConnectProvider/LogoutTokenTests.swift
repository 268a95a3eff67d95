import Clocks
import Cryptography
import JOSE
import Outbound
import Testing

@testable import OpenIDConnectProvider

/// The relying party's side of back-channel logout (`oidcc-client-back-channel-logout-rp-basic`, by module, and OA-20). Each
/// refusal has a control: the same token without the defect ends the session.
@Suite("OA-20: logout tokens, oidcc-client-back-channel-logout-rp-basic")
struct LogoutTokenTests {
    private typealias Members = [String: JSONValue]
    private static let event = "http://schemas.openid.net/event/backchannel-logout"

    /// One relying party that knows its provider, and the tokens that the provider sends it.
    private struct Post {
        let journey: Journey
        let keys: TestKeys

        init() throws {
            journey = try Journey()
            keys = try TestKeys.get()
        }

        var claims: Members {
            let now = journey.clock.now().secondsSinceEpoch
            return [
                "iss": .string(EvilProvider.issuer), "aud": .string(EvilProvider.clientID), "iat": .integer(now),
                "exp": .integer(now + 120), "jti": .string(SystemRandom().token(bits: 128)),
                "events": [LogoutTokenTests.event: [:]], "sub": "alice", "sid": "session-1",
            ]
        }

        func token(_ edit: (inout Members) -> Void = { _ in }, type: String? = "logout+jwt") throws -> String {
            var claims = claims
            edit(&claims)
            return try keys.p256.sign(.object(claims), type: type)
        }

        func hear(_ token: String) async throws -> UpstreamLogout {
            try await journey.relyingParty.upstreamLogout(token)
        }

        /// The token is refused for that reason, and a good one of the same post is heard.
        func expectRefusal(
            _ code: ProviderError.Code, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation,
            _ token: String
        ) async throws {
            do {
                _ = try await hear(token)
                Issue.record("heard: \(comment ?? "")", sourceLocation: sourceLocation)
            } catch let error as ProviderError {
                #expect(error.code == code, comment ?? "\(error)", sourceLocation: sourceLocation)
                #expect(!error.description.contains("eyJ") && !error.description.contains("canary"))
            }
            #expect(try await hear(self.token()).subject == "alice", comment, sourceLocation: sourceLocation)
        }
    }

    @Test("oidcc-client-test-rp-backchannel-rpinitlogout: a good token is heard, for a person, a session, or both")
    func good() async throws {
        let post = try Post()
        let both = try await post.hear(post.token())
        #expect(both.subject == "alice" && both.sessionID == "session-1" && both.issuer == EvilProvider.issuer)
        #expect(both.issuedAt == post.journey.clock.now())
        #expect(try await post.hear(post.token({ $0["sub"] = nil })).subject == nil)
        #expect(try await post.hear(post.token({ $0["sid"] = nil })).sessionID == nil)
        #expect(
            try await post.hear(post.token({ $0["aud"] = ["other", .string(EvilProvider.clientID)] })).subject != nil)
        #expect(try await post.hear(post.token(type: "Logout+JWT")).subject == "alice", "letter case of typ")
        #expect(
            try await post.hear(post.token({ $0["events"] = ["https://example/other": [:], Self.event: ["x": 1]] }))
                .subject == "alice", "other events beside it")
    }

    @Test("oidcc-client-test-rp-backchannel-rpinitlogout-alg-none, -wrong-alg")
    func algorithms() async throws {
        let post = try Post()
        let parts = try post.token().split(separator: ".").map(String.init)
        let header: JSONValue = ["alg": "none", "typ": "logout+jwt"]
        try await post.expectRefusal(
            .logoutTokenAlgorithm, "none", Base64URL.encode(header.encoded) + "." + parts[1] + ".")
        let published = try [post.keys.p256, post.keys.rsa].map { key in
            JWK(keyID: key.keyID, algorithm: key.algorithm, key: try key.key.publicKey())
        }
        post.journey.provider.spoil { $0.publishedKeys = published }
        let other = try post.keys.rsa.sign(.object(post.claims), type: "logout+jwt")
        try await post.expectRefusal(
            .logoutTokenAlgorithm, "not the registered one, though its key is published", other)
        let hmac = Base64URL.encode(
            HMACSHA256.code(
                key: SecretBytes(utf8: EvilProvider.secret), message: Array("\(parts[0]).\(parts[1])".utf8)))
        try await post.expectRefusal(.logoutTokenSignature, "HMAC", "\(parts[0]).\(parts[1]).\(hmac)")
    }

    @Test("oidcc-client-test-rp-backchannel-rpinitlogout-wrong-iss, -wrong-aud, -wrong-event, -no-event, -with-nonce")
    func claims() async throws {
        let cases: [(ProviderError.Code, String, JSONValue?)] = [
            (.logoutTokenIssuer, "iss", nil), (.logoutTokenIssuer, "iss", "https://evil.example"),
            (.logoutTokenIssuer, "iss", .string(EvilProvider.issuer + "/")), (.logoutTokenIssuer, "iss", 7),
            (.logoutTokenAudience, "aud", nil), (.logoutTokenAudience, "aud", "other"),
            (.logoutTokenAudience, "aud", ["other"]), (.logoutTokenAudience, "aud", []),
            (.logoutTokenAudience, "aud", [7]),
            (.logoutTokenEvents, "events", nil), (.logoutTokenEvents, "events", [:]),
            (.logoutTokenEvents, "events", ["https://example/canary": [:]]),
            (.logoutTokenEvents, "events", [.string(Self.event)]), (.logoutTokenEvents, "events", .string(Self.event)),
            (.logoutTokenEvents, "events", [Self.event: true]), (.logoutTokenEvents, "events", [Self.event: "{}"]),
            (.logoutTokenNonce, "nonce", "canary"), (.logoutTokenNonce, "nonce", .null),
            (.logoutTokenNonce, "nonce", ""),
            (.logoutTokenSubject, "sub", 7), (.logoutTokenSubject, "sid", ""), (.logoutTokenSubject, "sid", ["s"]),
            (.logoutTokenSubject, "sub", .string(String(repeating: "a", count: 256))),
            (.logoutTokenID, "jti", nil), (.logoutTokenID, "jti", ""), (.logoutTokenID, "jti", 7),
            (.logoutTokenID, "jti", .string(String(repeating: "j", count: 256))),
        ]
        let post = try Post()
        for (code, name, value) in cases {
            try await post.expectRefusal(
                code, "\(name): \(String(describing: value))", post.token({ $0[name] = value }))
        }
        try await post.expectRefusal(
            .logoutTokenSubject, "neither",
            post.token({
                $0["sub"] = nil
                $0["sid"] = nil
            }))
    }

    @Test("OA-20: iat and exp: there, whole seconds, in their time, at most two minutes apart")
    func times() async throws {
        let post = try Post()
        let now = post.journey.clock.now().secondsSinceEpoch
        let cases: [(ProviderError.Code, String, JSONValue?)] = [
            (.logoutTokenIssuedAt, "iat", nil), (.logoutTokenIssuedAt, "iat", .integer(now + 61)),
            (.logoutTokenIssuedAt, "iat", .number(1_788_242_400.5)), (.logoutTokenIssuedAt, "iat", "now"),
            (.logoutTokenExpired, "exp", nil), (.logoutTokenExpired, "exp", .integer(now - 60)),
            (.logoutTokenExpired, "exp", .number(1e300)), (.logoutTokenExpired, "exp", "never"),
            (.logoutTokenLifetime, "exp", .integer(now + 121)), (.logoutTokenLifetime, "iat", .integer(now - 1)),
            (.logoutTokenLifetime, "exp", .integer(253_402_300_799)),
        ]
        for (code, name, value) in cases {
            try await post.expectRefusal(
                code, "\(name): \(String(describing: value))", post.token({ $0[name] = value }))
        }
    }

    @Test("OA-20, JW-06: another type is no logout token; nor is an ID token, a logout token no ID token")
    func types() async throws {
        let post = try Post()
        for type in [nil, "JWT", "jwt", "at+jwt", "session+jwt", "logout", "application/logout+jwt", ""] {
            try await post.expectRefusal(.logoutTokenType, "\(type ?? "absent")", post.token(type: type))
        }
        // The other way round: signed as a logout token, in place of the ID token.
        let keys = post.keys
        try await post.journey.expectRefusal(.idTokenType) {
            $0.forge = { try keys.p256.sign(.object($0), type: "logout+jwt") }
        }
    }

    @Test("OA-20: forged, cut, unknown key, foreign key under a known name, junk")
    func forged() async throws {
        let post = try Post()
        let good = try post.token()
        let parts = good.split(separator: ".").map(String.init)
        let forger = TokenSigningKey(
            keyID: post.keys.p256.keyID, algorithm: .es256, key: post.keys.otherP256.key)
        try await post.expectRefusal(
            .logoutTokenSignature, "forged", forger.sign(.object(post.claims), type: "logout+jwt"))
        try await post.expectRefusal(
            .logoutTokenKey, "unknown", post.keys.otherP256.sign(.object(post.claims), type: "logout+jwt"))
        for junk in [
            "", "x", "..", parts[0] + "." + parts[1], good + ".x", " " + good, String(repeating: "a", count: 99999),
        ] {
            try await post.expectRefusal(.logoutTokenMalformed, "\(junk.prefix(20))", junk)
        }
        let critical: JSONValue = ["alg": "ES256", "typ": "logout+jwt", "crit": ["exp"], "exp": 1]
        try await post.expectRefusal(
            .logoutTokenHeader, "crit", Base64URL.encode(critical.encoded) + "." + parts[1] + "." + parts[2])
    }

    @Test("OA-20: a token is heard once, by one of many at once; a refused one uses nothing up")
    func replay() async throws {
        let post = try Post()
        let token = try post.token()
        let heard = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<64 { group.addTask { (try? await post.hear(token)) != nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(heard == 1)
        try await post.expectRefusal(.logoutTokenReplayed, "once", token)
        // Until it has expired for every clock, it is remembered.
        post.journey.clock.advance(by: .seconds(179))
        try await post.expectRefusal(.logoutTokenReplayed, "as long as it lives", token)
        post.journey.clock.advance(by: .seconds(1))
        try await post.expectRefusal(.logoutTokenExpired, "and then it has expired", token)
        let id: JSONValue = "the-same"
        try await post.expectRefusal(
            .logoutTokenNonce, "with an identifier that it does not use up",
            post.token({
                $0["jti"] = id
                $0["nonce"] = "x"
            }))
        #expect(try await post.hear(post.token({ $0["jti"] = id })).subject == "alice")
    }

    @Test("a key that is new is fetched; a provider that is down is no reason to believe")
    func keys() async throws {
        let post = try Post()
        _ = try await post.hear(post.token())
        post.journey.clock.advance(by: .minutes(5))
        let fresh = post.keys.otherP256
        post.journey.provider.spoil { $0.signer = fresh }
        #expect(try await post.hear(fresh.sign(.object(post.claims), type: "logout+jwt")).subject == "alice")
        let cold = try Post()
        let origin = try OutboundOrigin(parsing: EvilProvider.issuer)
        cold.journey.provider.spoil { $0.answers["/jwks"] = .failure(.unreachable(origin)) }
        let token = try cold.token()
        await #expect(throws: ProviderError(.keysUnavailable, "")) { try await cold.hear(token) }
    }
}
