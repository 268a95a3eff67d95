import Clocks
import Cryptography
import HTTPTypes
import JOSE
import LogeTesting
import Testing
import Web

/// The modules of the FAPI 2.0 Security Profile plan about what is pushed, and about what comes of it.
@Suite("fapi2-security-profile-final-test-plan: pushed requests")
struct FAPI2PushedRequestTests {
    /// A request that is refused when it is pushed, for this reason; the same client's good one is not.
    private func isRefused(
        _ changes: KeyValuePairs<String, String?>, _ error: String, because reason: String,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        try await withFAPIPortal { portal, client, _ in
            try await portal.refusing(assertions: 1, location: location) {
                let refused = try await portal.push(client.attempt(changes), as: client)
                HiddenChecks.refusal(refused, error, because: reason, location: location)
                #expect(refused["request_uri"] == nil, sourceLocation: location)
            }
            #expect(try await portal.push(client.attempt(), as: client).status == 201, sourceLocation: location)
        }
    }

    @Test("fapi2-security-profile-final-par-ensure-pkce-required")
    func pkceRequired() async throws {
        try await isRefused(
            ["code_challenge": nil, "code_challenge_method": nil], "invalid_request",
            because: "code_challenge is required")
    }

    @Test("fapi2-security-profile-final-par-plain-pkce-rejected", arguments: ["plain", nil])
    func plainPKCE(_ method: String?) async throws {
        try await isRefused(["code_challenge_method": method], "invalid_request", because: "must be S256")
    }

    @Test("fapi2-security-profile-final-ensure-response-type-token-fails")
    func responseTypeToken() async throws {
        try await isRefused(
            ["response_type": "token"], "unsupported_response_type", because: "only response_type=code")
    }

    @Test("fapi2-security-profile-final-ensure-response-type-code-idtoken-fails")
    func responseTypeCodeIDToken() async throws {
        try await isRefused(
            ["response_type": "code id_token"], "unsupported_response_type", because: "only response_type=code")
    }

    @Test("fapi2-security-profile-final-ensure-redirect-uri-in-authorization-request")
    func withoutRedirectURI() async throws {
        try await isRefused(["redirect_uri": nil], "invalid_request", because: "redirect_uri is missing")
    }

    @Test("fapi2-security-profile-final-ensure-request-object-without-redirect-uri-fails: not from beside it either")
    func redirectURIBesideThePushedRequest() async throws {
        try await withFAPIPortal { portal, client, _ in
            let refused = try await portal.push(client.attempt(["redirect_uri": nil]), as: client)
            HiddenChecks.refusal(refused, "invalid_request", because: "redirect_uri is missing")
            // Beside a good one, another address means nothing.
            let attempt = client.attempt()
            let more = [("redirect_uri", "https://attaquant.exemple.net/callback")]
            let address = try await portal.address(pushing: attempt, as: client, more)
            #expect(try await portal.answer(at: address, to: attempt, in: portal.browser()).code != nil)
        }
    }

    @Test("fapi2-security-profile-final-ensure-registered-redirect-uri")
    func registeredRedirectURI() async throws {
        try await isRefused(
            ["redirect_uri": "https://fapi.exemple.org/callback/other"], "invalid_request", because: "is not registered"
        )
    }

    @Test("fapi2-security-profile-final-plain-fapi-tolerate-unregistered-redirect-uri")
    func unregisteredRedirectURI() async throws {
        try await isRefused(
            ["redirect_uri": "https://ailleurs.exemple.org/callback"], "invalid_request", because: "is not registered")
        try Test.cancel("SKIPPED by the suite: RFC 9126 §2.4 permits unregistered addresses, the house does not")
    }

    @Test("fapi2-security-profile-final-par-authorization-request-containing-request_uri-form-param")
    func pushedRequestURI() async throws {
        try await isRefused(
            ["request_uri": "urn:ietf:params:oauth:request_uri:x"], "invalid_request", because: "cannot be pushed")
    }

    /// A request object signed by the client: right in all but that none is taken.
    private static func requestObject(_ client: FAPIClient, _ portal: TestPortal) throws -> String {
        let attempt = client.attempt()
        var claims: [String: JSONValue] = [:]
        for (name, value) in attempt.parameters { claims[name] = .string(value) }
        let now = portal.clock.now().secondsSinceEpoch
        claims["iss"] = .string(client.party.id)
        claims["aud"] = .string(TestPortal.origin)
        claims["nbf"] = .integer(now)
        claims["exp"] = .integer(now + 60)
        claims["request_uri"] = "urn:ietf:params:oauth:request_uri:x"
        return try client.asserting.key.sign(.object(claims), type: "oauth-authz-req+jwt")
    }

    @Test("fapi2-security-profile-final-par-authorization-request-containing-request_uri: and every signed request")
    func requestObjects() async throws {
        try await withFAPIPortal { portal, client, _ in
            let object = try Self.requestObject(client, portal)
            let parts = object.split(separator: ".").map(String.init)
            let none: JSONValue = ["alg": "none"]
            try await portal.refusing(assertions: 4) {
                for text in [object, Base64URL.encode(none.encoded) + "." + parts[1] + ".", "x", ""] {
                    let refused = try await portal.push(client.attempt(["request": text]), as: client)
                    HiddenChecks.refusal(refused, "request_not_supported", because: "request objects are not offered")
                }
            }
            let metadata = try await portal.send(.get, "/.well-known/openid-configuration")
            #expect(metadata["request_parameter_supported"] == false)
        }
        try Test.cancel("message signing is not offered: no request object is read, whatever it holds")
    }

    @Test(
        "fapi2-security-profile-final-par-attempt-invalid-http-method",
        arguments: [HTTPRequest.Method.put, .get, .delete, .patch])
    func otherMethods(_ method: HTTPRequest.Method) async throws {
        try await withFAPIPortal { portal, client, _ in
            try await portal.refusing(assertions: 0) {
                let proved = AssertingClient.fields(try client.asserting.assertion(at: portal.clock.now()))
                let answer = try await portal.send(
                    method, "/oidc/par", body: FormFields.encode(client.attempt().parameters + proved))
                // RFC 9126 §2.3.
                #expect(answer.status == 405)
                #expect(answer.headers[.allow] == "POST")
                #expect(answer["request_uri"] == nil)
            }
        }
    }

    @Test("fapi2-security-profile-final-ensure-unsigned-authorization-request-without-using-par-fails")
    func withoutPushing() async throws {
        try await withFAPIPortal { portal, client, _ in
            let browser = portal.browser()
            try await browser.signIn()
            try await portal.refusing(assertions: 0) {
                let attempt = client.attempt()
                let answer = try attempt.answer(try await browser.open(attempt.address, from: .crossSite))
                HiddenChecks.answer(answer, to: attempt)
                #expect(answer.error == "invalid_request")
                #expect(answer.parameters["error_description"]?.contains("must be pushed") == true)
            }
            _ = try await portal.code(pushing: client.attempt(), as: client, in: browser)
        }
    }

    @Test("fapi2-security-profile-final-par-without-duplicate-parameters: the client's name and the request_uri do")
    func withoutDuplicateParameters() async throws {
        try await withFAPIPortal { portal, client, _ in
            let attempt = client.attempt()
            let address = try await portal.address(pushing: attempt, as: client)
            #expect(!address.contains("response_type"))
            #expect(!address.contains("scope"))
            let answer = try await portal.answer(at: address, to: attempt, in: portal.browser())
            HiddenChecks.answer(answer, to: attempt)
            #expect(try await portal.redeem(try #require(answer.code), of: attempt, as: client).status == 200)
        }
    }

    @Test("fapi2-security-profile-final-ensure-different-state-inside-and-outside-request-object")
    func differentState() async throws {
        try await withFAPIPortal { portal, client, _ in
            let attempt = client.attempt()
            let address = try await portal.address(pushing: attempt, as: client, [("state", "dehors")])
            let answer = try await portal.answer(at: address, to: attempt, in: portal.browser())
            #expect(answer.state == attempt["state"])
        }
    }

    @Test("fapi2-security-profile-final-state-only-outside-request-object-not-used")
    func stateOutside() async throws {
        try await withFAPIPortal { portal, client, _ in
            let attempt = client.attempt(["state": nil])
            let address = try await portal.address(pushing: attempt, as: client, [("state", "dehors")])
            let answer = try await portal.answer(at: address, to: attempt, in: portal.browser())
            #expect(answer.code != nil)
            #expect(answer.state == nil)
        }
    }

    @Test("fapi2-security-profile-final-ensure-different-nonce-inside-and-outside-request-object")
    func differentNonce() async throws {
        try await withFAPIPortal { portal, client, _ in
            let attempt = client.attempt()
            let more = [("nonce", "dehors"), ("scope", "openid email"), ("code_challenge", "dehors")]
            let address = try await portal.address(pushing: attempt, as: client, more)
            let answer = try await portal.answer(at: address, to: attempt, in: portal.browser())
            let tokens = try await portal.redeem(try #require(answer.code), of: attempt, as: client)
            #expect(try await portal.claims(of: tokens.idToken, for: attempt)["nonce"]?.string == attempt["nonce"])
            #expect(tokens["scope"] == "openid")
        }
    }

    @Test("fapi2-security-profile-final-par-ensure-reused-request-uri-prior-to-auth-completion-succeeds")
    func reusedBeforeTheAnswer() async throws {
        try await withFAPIPortal { portal, client, _ in
            let attempt = client.attempt()
            let browser = portal.browser()
            let address = try await portal.address(pushing: attempt, as: client)
            // Twice in one browser, and looked at by a link checker without cookies.
            #expect(try await browser.open(address, from: .crossSite).status == 200)
            #expect(try await portal.browser().open(address, from: .crossSite).status == 200)
            let answer = try await portal.answer(at: address, to: attempt, in: browser)
            HiddenChecks.answer(answer, to: attempt)
            #expect(try await portal.redeem(try #require(answer.code), of: attempt, as: client).status == 200)
        }
    }

    /// The address is refused on a page of ours, with no redirect and no row.
    private func isRefused(
        _ address: String, in portal: TestPortal, _ browser: TestBrowser, saying words: String,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        try await portal.refusing(assertions: 0, location: location) {
            let page = try await browser.open(address, from: .crossSite)
            #expect(page.status == 400, sourceLocation: location)
            #expect(page.outside == nil, sourceLocation: location)
            #expect(try page.scan().words.contains(words), sourceLocation: location)
        }
    }

    @Test("fapi2-security-profile-final-par-attempt-reuse-request_uri")
    func reuse() async throws {
        try await withFAPIPortal { portal, client, _ in
            let attempt = client.attempt()
            let browser = portal.browser()
            let address = try await portal.address(pushing: attempt, as: client)
            #expect(try await portal.answer(at: address, to: attempt, in: browser).code != nil)
            try await isRefused(address, in: portal, browser, saying: "La page était ouverte depuis longtemps")
            // Another browser may sign in, and gets no code either.
            let other = portal.browser()
            let page = try await other.enter(try await other.open(address, from: .crossSite))
            #expect(page.status == 400)
            #expect(page.outside == nil)
        }
    }

    @Test("fapi2-security-profile-final-par-attempt-to-use-expired-request_uri")
    func expired() async throws {
        try await withFAPIPortal { portal, client, _ in
            let browser = portal.browser()
            try await browser.signIn()
            let (late, good) = (client.attempt(), client.attempt())
            let lateAddress = try await portal.address(pushing: late, as: client)
            let address = try await portal.address(pushing: good, as: client)
            portal.clock.advance(by: .milliseconds(89_999))
            #expect(try await portal.answer(at: address, to: good, in: browser).code != nil)
            portal.clock.advance(by: .milliseconds(1))
            try await isRefused(lateAddress, in: portal, browser, saying: "La page était ouverte depuis longtemps")
        }
    }

    @Test("fapi2-security-profile-final-par-attempt-to-use-request_uri-for-different-client")
    func otherClient() async throws {
        try await withFAPIPortal { portal, client, other in
            let browser = portal.browser()
            try await browser.signIn()
            let attempt = client.attempt()
            let uri = try #require(try await portal.push(attempt, as: client)["request_uri"]?.string)
            for name in [other.party.id, "ent", "inconnue", ""] {
                let address = TestPortal.address(uri, of: name)
                try await isRefused(address, in: portal, browser, saying: "Ce service a fait une demande")
            }
            // Nor without a name, nor changed anywhere.
            let bare = "/oidc/authorize?" + FormFields.encode([("request_uri", uri)])
            try await isRefused(bare, in: portal, browser, saying: "Ce service a fait une demande")
            for text in Mutations.of(uri).prefix(60) where text.hasPrefix("urn:ietf:params:oauth:request_uri:") {
                let page = try await browser.open(TestPortal.address(text, of: client.party.id), from: .crossSite)
                #expect(page.status == 400, "\(text)")
                #expect(page.outside == nil, "\(text)")
            }
            let address = TestPortal.address(uri, of: client.party.id)
            #expect(try await portal.answer(at: address, to: attempt, in: browser).code != nil)
        }
    }
}
