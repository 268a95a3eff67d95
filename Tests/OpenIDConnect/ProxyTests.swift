import Clocks
import HTTPTypes
import JOSE
import LogeTesting
import Testing
import Web

/// Behind a proxy that ends TLS, or without one: what headers say shapes nothing and makes nobody somebody (RFC 9700 §4.13).
@Suite("OA-24: headers of proxies, and of who plays one")
struct ProxyTests {
    private let party = TestParty.ent

    private static let shapes: [[String: String]] = [
        ["Host": "evil.exemple.net"], ["Host": "evil.exemple.net:443", "X-Forwarded-Host": "portail.exemple.fr"],
        ["X-Forwarded-Host": "evil.exemple.net", "X-Forwarded-Proto": "http", "X-Forwarded-Port": "8080"],
        ["Forwarded": "for=1.2.3.4;host=evil.exemple.net;proto=http"], ["X-Forwarded-Prefix": "/evil"],
        ["X-Original-URL": "/evil"], ["X-Rewrite-URL": "/evil"], ["Via": "1.1 evil.exemple.net"],
    ]

    @Test("OA-24: issuer, iss, htu and addresses of pushed requests are those of the configuration", arguments: shapes)
    func addresses(_ headers: [String: String]) async throws {
        try await withFAPIPortal { portal, client, _ in
            let fields = client.attempt().parameters
            let now = portal.clock.now()
            /// Pushes behind these headers, with an assertion for `audience` and a proof for `address`.
            func push(audience: String, address: String) async throws -> JSONAnswer {
                let assertion = try client.asserting.assertion(at: now) { $0["aud"] = .string(audience) }
                let proof = try client.proof("POST", "/oidc/par", in: portal, claims: ["htu": .string(address)])
                return try await portal.send(
                    .post, "/oidc/par", headers: headers.merging(["DPoP": proof]) { $1 },
                    body: FormFields.encode(fields + AssertingClient.fields(assertion)))
            }
            let evil = "https://evil.exemple.net"
            try await portal.refusing(assertions: 1) {
                HiddenChecks.refusal(
                    try await push(audience: evil, address: TestPortal.origin + "/oidc/par"), "invalid_client")
                HiddenChecks.refusal(
                    try await push(audience: TestPortal.origin, address: evil + "/oidc/par"), "invalid_dpop_proof")
            }
            let right = try await push(audience: TestPortal.origin, address: TestPortal.origin + "/oidc/par")
            #expect(right.status == 201)
            for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
                let metadata = try await portal.send(.get, path, headers: headers)
                #expect(metadata["issuer"]?.string == TestPortal.origin)
                #expect(!metadata.json.text.contains("evil"))
                #expect(!metadata.json.text.contains("http://"))
            }
        }
    }

    private static let identities: [[String: String]] = [
        ["Remote-User": "paul.durand"], ["X-Remote-User": "paul.durand"], ["X-Forwarded-User": "paul.durand"],
        ["REMOTE_USER": "paul.durand"], ["HTTP_REMOTE_USER": "paul.durand"], ["X-Authenticated-User": "paul.durand"],
        ["OIDC_CLAIM_sub": "id-paul.durand"], ["X-Forwarded-Email": "paul@exemple.fr"], ["Auth-User": "paul.durand"],
        ["X-SSL-Client-S-DN": "CN=paul.durand"], ["X-SSL-Client-Verify": "SUCCESS"],
        ["X-Forwarded-Client-Cert": "Subject=\"CN=conformance\""], ["SSL_CLIENT_CERT": "x"], ["Client-Cert": ":eA==:"],
        ["X-Forwarded-Groups": "National_ENS"], ["From": "paul@exemple.fr"], ["Authorization": "Basic cGF1bDpwYXVs"],
    ]

    @Test("OA-24: a header makes nobody a person", arguments: identities)
    func people(_ headers: [String: String]) async throws {
        try await withPortal { portal in
            let nobody = portal.browser()
            try await portal.refusing(assertions: 0) {
                let silent = party.attempt(["prompt": "none"])
                let answer = try silent.answer(
                    try await nobody.open(silent.address, from: .crossSite, headers: headers))
                #expect(answer.error == "login_required")
                #expect(try await portal.send(.get, "/", headers: headers).status == 303)
                #expect(try await portal.send(.get, "/oidc/userinfo", headers: headers).status == 401)
            }
            // Whoever is here stays who they are.
            let browser = portal.browser()
            try await browser.signIn(as: "camille.martin")
            let attempt = party.attempt(["prompt": "none", "scope": "openid profile"])
            let answer = try attempt.answer(
                try await browser.open(attempt.address, from: .crossSite, headers: headers))
            let tokens = try await portal.redeem(try #require(answer.code), of: attempt)
            let userInfo = try await portal.userInfo(tokens.accessToken)
            #expect(userInfo["preferred_username"] == "camille.martin")
        }
    }

    @Test("OA-24: a header makes nobody a client", arguments: identities.filter { $0["Authorization"] == nil })
    func clients(_ headers: [String: String]) async throws {
        try await withPortal { portal in
            let attempt = TestParty.conformance.attempt()
            let code = try await portal.code(for: attempt, in: portal.browser())
            let fields = [
                ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", attempt.party.redirectURI),
                ("client_id", attempt.party.id),
            ]
            try await portal.refusing(assertions: 0) {
                let refused = try await portal.send(
                    .post, "/oidc/token", headers: headers, body: FormFields.encode(fields))
                HiddenChecks.refusal(refused, "invalid_client", because: "client authentication failed")
            }
            #expect(try await portal.redeem(code, of: attempt).status == 200)
        }
    }

    /// What no proxy of ours writes.
    private static let unreadable = [
        "unknown", "203.0.113.256", "203.0.113.9:4711", "garbage", "1.2.3", "", ",", "203.0.113.9, ?", "[2001:db8::1]",
        "2001:db8::zz", "::ffff:999.1.1.1", String(repeating: "1.1.1.1,", count: 300),
    ]

    @Test("OA-24: an X-Forwarded-For that cannot be read counts as the proxy: changing it escapes no limit")
    func unreadableAddresses() async throws {
        var options = TestPortalOptions()
        options.failedClientAuthentications = Self.unreadable.count
        options.trustedProxies = ["127.0.0.1"]
        options.overSockets = true
        try await withPortal(options) { portal in
            let body = "grant_type=authorization_code&code=x&redirect_uri=y"
            func ask(_ secret: String, _ header: String) async throws -> JSONAnswer {
                let headers = ["Authorization": TestPortal.basic("conformance", secret), "X-Forwarded-For": header]
                return try await portal.send(.post, "/oidc/token", headers: headers, body: body)
            }
            for header in Self.unreadable {
                HiddenChecks.refusal(try await ask("0123456789abcdef", header), "invalid_client")
            }
            let secret = TestParty.conformance.secret
            #expect(try await ask(secret, "nonsense").status == 429)
            #expect(try await ask(secret, "127.0.0.1").status == 429)
            #expect(try await ask(secret, "203.0.113.9").error == "invalid_grant")
        }
    }
}
