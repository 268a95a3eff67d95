import Clocks
import Cryptography
import HTTPTypes
import JOSE
import LogeTesting
import Stores
import Testing

@testable import OpenIDConnectIssuer

/// Client authentication by `private_key_jwt` (RFC 7523 §3, OpenID Connect Core §9), with the modules of the FAPI2 Security
/// Profile that speak of it under their names.
@Suite("OA-15: private_key_jwt")
struct ClientAssertionTests {
    private typealias Change = @Sendable (inout [String: JSONValue]) -> Void

    @Test(
        "ensure-client-assertion-in-token-endpoint: a code becomes tokens, under each algorithm",
        arguments: SignatureAlgorithm.allCases)
    func happyFlow(_ algorithm: SignatureAlgorithm) async throws {
        let client = try AssertingClient(algorithm)
        try await withPortal(try client.portal()) { portal in
            let attempt = client.party.attempt()
            let code = try await portal.code(for: attempt, in: portal.browser())
            let proof = AssertingClient.fields(try client.assertion(at: portal.clock.now()))
            let tokens = try await portal.redeem(code, of: attempt, proving: proof)
            _ = try await HiddenChecks.tokens(tokens, of: attempt, in: portal)
            #expect(try await portal.userInfo(tokens.accessToken).status == 200)
        }
    }

    /// What is right beside the shortest form.
    private static let accepted: [(name: String, type: String?, change: Change)] = [
        ("typ JWT", "JWT", { _ in }), ("typ client-authentication+jwt", "client-authentication+jwt", { _ in }),
        ("an hour, as Authlib writes it", nil, { $0["exp"] = .integer(now + 3600) }),
        ("made a minute ago", nil, { $0["iat"] = .integer(now - 60) }),
        (
            "made by a clock that goes half a minute wrong", nil,
            {
                $0["iat"] = .integer(now - 89)
                $0["exp"] = .integer(now + 3600)
            }
        ),
        ("nbf in 8 seconds", nil, { $0["nbf"] = .integer(now + 8) }),
        ("iat in 8 seconds", nil, { $0["iat"] = .integer(now + 8) }), ("no iat", nil, { $0["iat"] = nil }),
        ("further claims", nil, { $0["nonce"] = "x" }),
        ("a jti of 256 bytes", nil, { $0["jti"] = .string(String(repeating: "j", count: 256)) }),
    ]
    private static let now = TestPortal.start.secondsSinceEpoch

    @Test("what is right is accepted")
    func accepted() async throws {
        let client = try AssertingClient()
        try await withPortal(try client.portal()) { portal in
            for sample in Self.accepted {
                let text = try client.assertion(at: portal.clock.now(), type: sample.type, sample.change)
                let answer = try await portal.prove(AssertingClient.fields(text))
                #expect(answer.error == "invalid_grant", "\(sample.name)")
            }
            let text = try client.assertion(at: portal.clock.now())
            let named = AssertingClient.fields(text) + [("client_id", client.party.id)]
            #expect(try await portal.prove(named).error == "invalid_grant")
        }
    }

    /// One change each, and the reason that the log then gives.
    private static let defects: [(name: String, change: Change, reason: String)] = [
        ("iss of another", { $0["iss"] = "ent" }, "iss and sub"),
        ("no iss", { $0["iss"] = nil }, "iss is missing"),
        ("sub of another", { $0["sub"] = "ent" }, "iss and sub"),
        ("with-no-sub-fails", { $0["sub"] = nil }, "sub is missing"),
        ("sub in a list", { $0["sub"] = ["signante"] }, "sub is missing"),
        ("with-wrong-aud-fails", { $0["aud"] = "https://autre.exemple.net" }, "aud is not"),
        ("the issuer and a slash", { $0["aud"] = .string(TestPortal.origin + "/") }, "aud is not"),
        (
            "test-token-endpoint-url-as-audience-fails", { $0["aud"] = .string(TestPortal.origin + "/oidc/token") },
            "aud is not"
        ),
        ("two audiences", { $0["aud"] = [.string(TestPortal.origin), "https://autre.exemple.net"] }, "aud is not"),
        ("the issuer twice", { $0["aud"] = [.string(TestPortal.origin), .string(TestPortal.origin)] }, "aud is not"),
        ("test-array-as-audience-fails", { $0["aud"] = [.string(TestPortal.origin)] }, "aud is not"),
        ("an empty list", { $0["aud"] = [] }, "aud is not"), ("no aud", { $0["aud"] = nil }, "aud is not"),
        ("a number in aud", { $0["aud"] = [.string(TestPortal.origin), 1] }, "aud is not"),
        ("with-exp-is-5-minutes-in-past-fails", { $0["exp"] = .integer(now - 300) }, "has expired"),
        ("expired half a minute ago", { $0["exp"] = .integer(now - 30) }, "has expired"),
        ("exp beyond an hour", { $0["exp"] = .integer(now + 3631) }, "exp is too far ahead"),
        (
            "no iat, and exp beyond a minute",
            {
                $0["iat"] = nil
                $0["exp"] = .integer(now + 91)
            }, "exp is too far ahead"
        ),
        (
            "made a minute and a half ago, with an hour to go",
            {
                $0["iat"] = .integer(now - 90)
                $0["exp"] = .integer(now + 3510)
            }, "iat is too long ago"
        ),
        ("exp in a year", { $0["exp"] = .integer(now + 31_536_000) }, "too far ahead"),
        ("no exp", { $0["exp"] = nil }, "exp is missing"), ("exp as text", { $0["exp"] = "2099" }, "no date"),
        ("exp with a fraction", { $0["exp"] = .number(Double(now) + 60.5) }, "no date"),
        ("nbf in 60 seconds", { $0["nbf"] = .integer(now + 60) }, "not valid yet"),
        ("iat in 60 seconds", { $0["iat"] = .integer(now + 60) }, "from the future"),
        ("no jti", { $0["jti"] = nil }, "jti is missing"), ("an empty jti", { $0["jti"] = "" }, "jti is missing"),
        ("a number as jti", { $0["jti"] = 1 }, "jti is missing"),
        ("a long jti", { $0["jti"] = .string(String(repeating: "j", count: 257)) }, "jti is too long"),
    ]

    /// The reason for which our rules refuse it; `nil` when they do not.
    private func refusal(_ text: String, _ client: Client) -> String? {
        do throws(JOSEError) {
            _ = try ClientAssertion(
                try UnverifiedJWS(compact: text), of: client, audience: TestPortal.origin, now: TestPortal.start)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test("OA-15, JW-04: each claim that is not right is refused, for its reason, and leaves no row")
    func defects() async throws {
        let client = try AssertingClient()
        let registered = try client.registered()
        try await withPortal(try client.portal()) { portal in
            let before = try portal.rows()
            for sample in Self.defects {
                let text = try client.assertion(at: TestPortal.start, sample.change)
                let reason = refusal(text, registered) ?? "accepted"
                #expect(reason.contains(sample.reason), "\(sample.name): \(reason)")
                HiddenChecks.refusal(try await portal.prove(AssertingClient.fields(text)), "invalid_client")
            }
            #expect(try portal.rows() == before)
            let good = try client.assertion(at: TestPortal.start)
            #expect(refusal(good, registered) == nil)
            #expect(try await portal.prove(AssertingClient.fields(good)).error == "invalid_grant")
        }
    }

    @Test("JW-01 … JW-06: headers and signatures that are not the client's are refused, for their reason")
    func forgeries() async throws {
        let client = try AssertingClient()
        let (stranger, rsa) = (try AssertingClient(), try AssertingClient(.rs256))
        let registered = try client.registered()
        let strange = try stranger.key.key.publicKey()
        let jwk = try JWK(keyID: "k1", algorithm: .es256, key: strange).json()
        let now = TestPortal.start
        let good = try client.assertion(at: now)
        let parts = good.split(separator: ".").map(String.init)
        let none: JSONValue = ["alg": "none"]
        let samples: [(name: String, text: String, reason: String)] = [
            ("another's key", try stranger.assertion(at: now), "signature is not"),
            (
                "JW-03: the key in the header",
                try stranger.forged(
                    at: now, header: ["alg": "ES256", "kid": "k1", "jwk": jwk]), "signature is not"
            ),
            (
                "JW-03: an address of keys",
                try stranger.forged(
                    at: now, header: ["alg": "ES256", "kid": "k1", "jku": "https://evil.example/jwks"]),
                "signature is not"
            ),
            ("an unknown kid", try client.forged(at: now, header: ["alg": "ES256", "kid": "k2"]), "no key of the set"),
            ("JW-01: none", Base64URL.encode(none.encoded) + "." + parts[1] + ".", "not allowed"),
            (
                "JW-01: none, with the signature", Base64URL.encode(none.encoded) + "." + parts[1] + "." + parts[2],
                "not allowed"
            ),
            ("JW-02: HS256", try client.forged(at: now, header: ["alg": "HS256", "kid": "k1"]), "not allowed"),
            (
                "ensure-signed-client-assertion-with-RS256-fails",
                try rsa.forged(
                    at: now, header: ["alg": "RS256", "kid": "k1"]), "not allowed"
            ),
            ("no signature", parts[0] + "." + parts[1] + ".", "signature is not"),
            (
                "JW-05: crit",
                try client.forged(
                    at: now, header: ["alg": "ES256", "kid": "k1", "crit": ["exp"]]), "holds crit"
            ),
            ("JW-06: an access token's typ", try client.assertion(at: now, type: "at+jwt"), "another type"),
            ("JW-06: a logout token's typ", try client.assertion(at: now, type: "logout+jwt"), "another type"),
            ("two parts", parts[0] + "." + parts[1], "compact form"), ("nothing", "", "compact form"),
            ("a blank", good + " ", "compact form"),
            ("20 kB", good + String(repeating: "A", count: 20_000), "too long"),
        ]
        try await withPortal(try client.portal()) { portal in
            let before = try portal.rows()
            for sample in samples {
                let reason = refusal(sample.text, registered) ?? "accepted"
                #expect(reason.contains(sample.reason), "\(sample.name): \(reason)")
                HiddenChecks.refusal(try await portal.prove(AssertingClient.fields(sample.text)), "invalid_client")
            }
            for text in Mutations.of(good) {
                HiddenChecks.refusal(try await portal.prove(AssertingClient.fields(text)), "invalid_client")
            }
            #expect(try portal.rows() == before)
            #expect(try await portal.prove(AssertingClient.fields(good)).error == "invalid_grant")
        }
    }

    @Test("JW-07: an ID token of ours is no assertion, and an assertion no id_token_hint")
    func otherTokens() async throws {
        let client = try AssertingClient(.es256, id: "signante")
        try await withPortal(try client.portal()) { portal in
            let attempt = client.party.attempt()
            let browser = portal.browser()
            let code = try await portal.code(for: attempt, in: browser)
            let proof = AssertingClient.fields(try client.assertion(at: portal.clock.now()))
            let tokens = try await portal.redeem(code, of: attempt, proving: proof)
            #expect(tokens.status == 200)
            let answer = try await portal.prove(AssertingClient.fields(tokens.idToken))
            HiddenChecks.refusal(answer, "invalid_client")
            let hint = client.party.attempt(["id_token_hint": try client.assertion(at: portal.clock.now())])
            let refused = try hint.answer(try await browser.open(hint.address, from: .crossSite))
            #expect(refused.error == "invalid_request")
        }
    }

    @Test("OA-15: whoever fails is told the same: unknown, of another method, without proof, with a wrong or used one")
    func sameAnswer() async throws {
        let (client, unknown) = (try AssertingClient(), try AssertingClient(.es256, id: "inconnue"))
        let asEnt = try AssertingClient(.es256, id: "ent")
        let stranger = try AssertingClient()
        try await withPortal(try client.portal()) { portal in
            let now = portal.clock.now()
            let used = AssertingClient.fields(try client.assertion(at: now))
            #expect(try await portal.prove(used).error == "invalid_grant")
            let before = try portal.rows()
            let answers = [
                try await portal.prove(AssertingClient.fields(try unknown.assertion(at: now))),
                try await portal.prove(AssertingClient.fields(try asEnt.assertion(at: now))),
                try await portal.prove(AssertingClient.fields(try stranger.assertion(at: now))),
                try await portal.prove(used), try await portal.prove([("client_id", client.party.id)]),
                try await portal.prove([("client_id", "inconnue")]), try await portal.prove([]),
                try await portal.prove([("client_id", client.party.id), ("client_secret", "0123456789abcdef")]),
            ]
            for answer in answers {
                HiddenChecks.refusal(answer, "invalid_client")
                #expect(answer.json == answers[0].json)
                #expect(answer.headers[.wwwAuthenticate] == nil)
            }
            #expect(try portal.rows() == before)
        }
    }

    @Test("OA-15: the form around an assertion: both fields, one client, one way, none twice")
    func forms() async throws {
        let client = try AssertingClient()
        try await withPortal(try client.portal()) { portal in
            let before = try portal.rows()
            let text = try client.assertion(at: portal.clock.now())
            let good = AssertingClient.fields(text)
            let secret = [("client_secret", TestParty.ent.secret), ("client_id", "ent")]
            let basic = ["Authorization": TestPortal.basic("ent", TestParty.ent.secret)]
            for (fields, error) in [
                ([good[1]], "invalid_client"), ([good[0]], "invalid_client"),
                (
                    [("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"), good[1]],
                    "invalid_client"
                ),
                ([("client_assertion_type", AssertingClient.type + " "), good[1]], "invalid_client"),
                (good + [("client_id", "ent")], "invalid_client"), (good + [("client_id", "")], "invalid_client"),
                (good + secret, "invalid_request"), (good + [("client_secret", "")], "invalid_request"),
                (good + [good[1]], "invalid_request"), (good + [good[0]], "invalid_request"),
            ] {
                HiddenChecks.refusal(try await portal.prove(fields), error)
            }
            HiddenChecks.refusal(try await portal.prove(good, headers: basic), "invalid_request")
            #expect(try portal.rows() == before)
            #expect(try await portal.prove(good).error == "invalid_grant")
        }
    }

    @Test("OA-15: an assertion is used once: of 64 at once on two nodes, one is believed")
    func race() async throws {
        let client = try AssertingClient()
        try await withPortal(try client.portal()) { portal in
            try await portal.withNeighbour { neighbour in
                let proof = AssertingClient.fields(try client.assertion(at: portal.clock.now()))
                let errors = try await withThrowingTaskGroup(of: String?.self) { group in
                    for index in 0..<64 {
                        let node = index.isMultiple(of: 2) ? portal : neighbour
                        group.addTask { try await node.prove(proof).error }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(errors.filter { $0 == "invalid_grant" }.count == 1)
                #expect(errors.filter { $0 == "invalid_client" }.count == 63)
                #expect(try portal.rows()["single_uses"] == 1)
            }
        }
    }

    @Test("OA-15: one jti of two clients is two; what is purged is refused by its date")
    func apart() async throws {
        let (one, other) = (try AssertingClient(), try AssertingClient(.edDSA, id: "autre"))
        var options = try one.portal()
        options.parties[other.party.id] = try other.yaml()
        try await withPortal(options) { portal in
            let now = portal.clock.now()
            let first = AssertingClient.fields(try one.assertion(at: now) { $0["jti"] = "même" })
            #expect(try await portal.prove(first).error == "invalid_grant")
            let second = AssertingClient.fields(try other.assertion(at: now) { $0["jti"] = "même" })
            #expect(try await portal.prove(second).error == "invalid_grant")
            let third = AssertingClient.fields(try one.assertion(at: now) { $0["jti"] = "même" })
            HiddenChecks.refusal(try await portal.prove(third), "invalid_client")
            // As long as any node could accept it by its date, the use is remembered.
            portal.clock.advance(by: .seconds(60) + ClientAssertion.skew + ClientAssertion.skew - .milliseconds(1))
            #expect(try await portal.stores.maintenance.purge(limit: 9, now: portal.clock.now()) == 0)
            HiddenChecks.refusal(try await portal.prove(first), "invalid_client")
            portal.clock.advance(by: .milliseconds(1))
            #expect(try await portal.stores.maintenance.purge(limit: 9, now: portal.clock.now()) == 2)
            HiddenChecks.refusal(try await portal.prove(first), "invalid_client")
            #expect(try portal.rows()["single_uses"] == 0)
        }
    }
}
