import Clocks
import Cryptography
import HTTPTypes
import JOSE
import LogeTesting
import Testing
import Web

/// The modules of the FAPI 2.0 Security Profile plan about client assertions, at the endpoints where the suite tries them
/// and at the other ones. Whoever fails is told nothing but `invalid_client`; the reason stands in the log.
@Suite("fapi2-security-profile-final-test-plan: client assertions")
struct FAPI2ClientAssertionTests {
    typealias Change = @Sendable (inout [String: JSONValue]) -> Void
    private static let now = TestPortal.start.secondsSinceEpoch
    private static let endpoints = ["/oidc/par", "/oidc/token", "/oidc/introspect", "/oidc/revoke"]

    /// An assertion that is refused everywhere, for this reason, without a row; a good one is not.
    private func isRefused(
        because reason: String, location: SourceLocation = #_sourceLocation,
        _ assertion: @Sendable (FAPIClient, TestPortal) throws -> String
    ) async throws {
        let log = TestLog()
        try await withFAPIPortal(log: log) { portal, client, _ in
            let text = try assertion(client, portal)
            try await portal.refusing(assertions: 0, location: location) {
                for path in Self.endpoints {
                    let told = log.lines.count
                    let fields = client.attempt().parameters + [("token", "x"), ("grant_type", "refresh_token")]
                    let refused = try await portal.ask(path, fields, as: client, assertion: text, proof: .absent)
                    HiddenChecks.refusal(
                        refused, "invalid_client", because: "client authentication failed", location: location)
                    let lines = log.lines(after: told).joined(separator: "\n")
                    #expect(lines.contains(reason), "\(path): \(lines)", sourceLocation: location)
                }
            }
            #expect(try await portal.push(client.attempt(), as: client).status == 201, sourceLocation: location)
        }
    }

    /// A claim that is refused.
    private func isRefused(
        because reason: String, location: SourceLocation = #_sourceLocation, changing change: Change
    ) async throws {
        try await isRefused(because: reason, location: location) { client, portal in
            try client.asserting.assertion(at: portal.clock.now(), change)
        }
    }

    @Test("fapi2-security-profile-final-ensure-client-assertion-in-token-endpoint: none is refused, and a bad type")
    func assertionRequired() async throws {
        try await withFAPIPortal { portal, client, _ in
            let attempt = client.attempt()
            let code = try await portal.code(pushing: attempt, as: client)
            let fields = [
                ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", client.party.redirectURI),
                ("code_verifier", attempt.verifier ?? ""), ("client_id", client.party.id),
            ]
            let headers = ["DPoP": try client.proof("POST", "/oidc/token", in: portal)]
            let assertion = try client.asserting.assertion(at: portal.clock.now())
            try await portal.refusing(assertions: 0) {
                for proof in [
                    [], [("client_assertion", assertion)], [("client_assertion_type", AssertingClient.type)],
                    [("client_assertion", assertion), ("client_assertion_type", "urn:x")],
                    [("client_assertion", ""), ("client_assertion_type", AssertingClient.type)],
                ] {
                    let refused = try await portal.send(
                        .post, "/oidc/token", headers: headers, body: FormFields.encode(fields + proof))
                    HiddenChecks.refusal(refused, "invalid_client", because: "client authentication failed")
                }
            }
            let tokens = try await portal.redeem(code, of: attempt, as: client, assertion: assertion)
            #expect(tokens.status == 200)
        }
    }

    @Test("fapi2-security-profile-final-ensure-client-assertion-with-exp-is-5-minutes-in-past-fails")
    func expired() async throws {
        try await isRefused(because: "the token has expired", changing: { $0["exp"] = .integer(Self.now - 300) })
    }

    @Test("fapi2-security-profile-final-ensure-client-assertion-with-wrong-aud-fails")
    func wrongAudience() async throws {
        try await isRefused(
            because: "aud is not the issuer alone", changing: { $0["aud"] = "https://autre.exemple.net" })
    }

    @Test("fapi2-security-profile-final-ensure-client-assertion-with-no-sub-fails")
    func noSubject() async throws {
        try await isRefused(because: "sub is missing", changing: { $0["sub"] = nil })
    }

    @Test("fapi2-security-profile-final-ensure-signed-client-assertion-with-RS256-fails: the file says ES256")
    func otherAlgorithm() async throws {
        let rsa = try PrivateKey.generate(.rsa)
        try await isRefused(because: "an algorithm that is not allowed") { client, portal in
            let header: JSONValue = ["alg": "RS256", "kid": "k1"]
            return try client.asserting.forged(at: portal.clock.now(), header: header, by: rsa, .rs256)
        }
    }

    @Test("fapi2-security-profile-final-ensure-invalid-client-assertions-fail")
    func invalidAssertions() async throws {
        let defects: [(reason: String, change: Change)] = [
            ("no client of this method is named", { $0["iss"] = "fapi-2" }), ("iss and sub", { $0["sub"] = "fapi-2" }),
            ("aud is not the issuer alone", { $0["aud"] = nil }), ("exp is missing", { $0["exp"] = nil }),
            ("jti is missing", { $0["jti"] = nil }),
            ("exp is too far ahead", { $0["exp"] = .integer(Self.now + 86_400) }),
        ]
        for defect in defects { try await isRefused(because: defect.reason, changing: defect.change) }
        try await isRefused(because: "the signature is not") { client, portal in
            let stranger = try AssertingClient(.es256, id: client.party.id)
            return try stranger.assertion(at: portal.clock.now())
        }
    }

    @Test("fapi2-security-profile-final-par-test-array-as-audience-fails")
    func audienceInAnArray() async throws {
        let lists: [JSONValue] = [
            [.string(TestPortal.origin)], [.string(TestPortal.origin), "https://autre.exemple.net"],
        ]
        for list in lists {
            try await isRefused(because: "aud is not the issuer alone", changing: { $0["aud"] = list })
        }
    }

    @Test("fapi2-security-profile-final-par-test-par-endpoint-url-as-audience-fails")
    func pushEndpointAsAudience() async throws {
        try await isRefused(
            because: "aud is not the issuer alone",
            changing: { $0["aud"] = .string(TestPortal.origin + "/oidc/par") })
    }

    @Test("fapi2-security-profile-final-par-test-token-endpoint-url-as-audience-fails")
    func tokenEndpointAsAudience() async throws {
        try await isRefused(
            because: "aud is not the issuer alone",
            changing: { $0["aud"] = .string(TestPortal.origin + "/oidc/token") })
    }

    /// An assertion made by a clock that is this far ahead.
    private func assertion(ahead seconds: Int64, _ client: FAPIClient) throws -> String {
        try client.asserting.assertion(at: TestPortal.start + .seconds(seconds)) {
            $0["nbf"] = .integer(Self.now + seconds)
        }
    }

    @Test(
        "fapi2-security-profile-final-par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted",
        arguments: [8, 10])
    func clockALittleAhead(_ seconds: Int64) async throws {
        try await withFAPIPortal { portal, client, _ in
            let text = try assertion(ahead: seconds, client)
            #expect(try await portal.push(client.attempt(), as: client, assertion: text).status == 201)
        }
    }

    @Test(
        "fapi2-security-profile-final-par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails",
        arguments: [60, 61, 3600])
    func clockFarAhead(_ seconds: Int64) async throws {
        try await isRefused(because: "not valid yet") { client, _ in try assertion(ahead: seconds, client) }
    }
}
