import Clocks
import Cryptography
import HTTPTypes
import JOSE
import LogeTesting
import Testing
import Web

/// RP-Initiated Logout (`oidcc-rp-initiated-logout-certification-test-plan`, by module) and OA-19.
@Suite("OA-19: logout, oidcc-rp-initiated-logout-certification-test-plan")
struct LogoutTests {
    private let party = TestParty.conformance
    private static let target = "https://conformance.exemple.org/parti"

    private func logout(_ parameters: KeyValuePairs<String, String>) -> String {
        "/oidc/logout?" + FormFields.encode(parameters.map { ($0.key, $0.value) })
    }

    /// Whether the browser is still signed in.
    private func isSignedIn(_ browser: TestBrowser) async throws -> Bool {
        let attempt = party.attempt(["prompt": "none"])
        let answer = try attempt.answer(try await browser.open(attempt.address, from: .crossSite))
        if answer.code == nil { #expect(answer.error == "login_required") }
        return answer.code != nil
    }

    /// A browser that is signed in at the party, with its ID token.
    private func signedIn(_ portal: TestPortal) async throws -> (browser: TestBrowser, idToken: String) {
        let browser = portal.browser()
        let tokens = try await portal.tokens(for: party.attempt(), in: browser)
        #expect(try await isSignedIn(browser))
        return (browser, tokens.idToken)
    }

    @Test("oidcc-rp-initiated-logout-discovery-endpoint-verification")
    func discovery() async throws {
        try await withPortal { portal in
            let document = try await portal.send(.get, "/.well-known/openid-configuration")
            #expect(document["end_session_endpoint"] == "https://portail.exemple.fr/oidc/logout")
        }
    }

    @Test("oidcc-rp-initiated-logout", arguments: [Duration.zero, .hours(1)])
    func proved(_ pause: Duration) async throws {
        try await withPortal { portal in
            let (browser, idToken) = try await signedIn(portal)
            // An expired ID token is a hint as good as a fresh one (§2).
            portal.clock.advance(by: pause)
            let address = logout(["id_token_hint": idToken, "post_logout_redirect_uri": Self.target, "state": "é&x"])
            let page = try await browser.open(address, from: .crossSite)
            #expect(page.outside == Self.target + "?state=%C3%A9%26x")
            #expect(try await !isSignedIn(browser))
            #expect(browser[cookie: "session"] == nil)
            #expect(page.header("Clear-Site-Data") == "\"cache\"")
        }
    }

    @Test("oidcc-rp-initiated-logout-no-state")
    func withoutState() async throws {
        try await withPortal { portal in
            let (browser, idToken) = try await signedIn(portal)
            let page = try await browser.open(
                logout(["id_token_hint": idToken, "post_logout_redirect_uri": Self.target]), from: .crossSite)
            #expect(page.outside == Self.target)
            #expect(try await !isSignedIn(browser))
        }
    }

    @Test(
        "oidcc-rp-initiated-logout: by POST too, also when the form comes without the cookie",
        arguments: [FetchSite.sameSite, .crossSite, .unsaid])
    func posted(_ site: FetchSite) async throws {
        try await withPortal { portal in
            let (browser, idToken) = try await signedIn(portal)
            let fields = [("id_token_hint", idToken), ("post_logout_redirect_uri", Self.target)]
            let kept = browser.copy()
            let page = try await browser.post("/oidc/logout", fields, from: site)
            #expect(try await !isSignedIn(kept), "the session itself has ended")
            #expect(page.outside == Self.target)
            #expect(try await !isSignedIn(browser))
        }
    }

    /// The person is asked, and nothing has ended; having said yes, they are out and read it.
    private func isAsked(_ page: Page, _ browser: TestBrowser, location: SourceLocation = #_sourceLocation) async throws
    {
        #expect(page.status == 200, sourceLocation: location)
        #expect(page.outside == nil, sourceLocation: location)
        #expect(try await isSignedIn(browser), sourceLocation: location)
        let done = try await browser.submit(try page.form(with: "confirmation"))
        #expect(done.outside == nil, sourceLocation: location)
        #expect(try done.scan().words.contains("Vous êtes déconnecté"), sourceLocation: location)
        #expect(try await !isSignedIn(browser), sourceLocation: location)
    }

    @Test("oidcc-rp-initiated-logout-no-params")
    func withoutParameters() async throws {
        try await withPortal { portal in
            let (browser, _) = try await signedIn(portal)
            try await isAsked(try await browser.open("/oidc/logout", from: .crossSite), browser)
        }
    }

    @Test("oidcc-rp-initiated-logout-only-state")
    func onlyState() async throws {
        try await withPortal { portal in
            let (browser, _) = try await signedIn(portal)
            try await isAsked(try await browser.open("/oidc/logout?state=x", from: .crossSite), browser)
        }
    }

    @Test("oidcc-rp-initiated-logout-no-post-logout-redirect-uri")
    func withoutAddress() async throws {
        try await withPortal { portal in
            let (browser, idToken) = try await signedIn(portal)
            let page = try await browser.open(logout(["id_token_hint": idToken]), from: .crossSite)
            #expect(page.outside == nil)
            let words = try page.scan().words
            #expect(words.contains("Vous êtes déconnecté"))
            #expect(words.contains("Application conformance"))
            #expect(try await !isSignedIn(browser))
        }
    }

    @Test("oidcc-rp-initiated-logout-no-id-token-hint")
    func withoutHint() async throws {
        try await withPortal { portal in
            let (browser, _) = try await signedIn(portal)
            let page = try await browser.open(logout(["post_logout_redirect_uri": Self.target]), from: .crossSite)
            try await isAsked(page, browser)
        }
    }

    @Test("oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri")
    func addedQuery() async throws { try await unregistered("https://conformance.exemple.org/parti?foo=bar") }

    @Test(
        "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri",
        arguments: [
            "https://evil.exemple.net/", "https://conformance.exemple.org/parti/",
            "https://conformance.exemple.org/callback", "https://conformance.exemple.org/Parti", "javascript:alert(1)",
            "https://conformance.exemple.org/parti#x", "https://conformance-2.exemple.org/parti", "",
        ])
    func unregisteredAddress(_ address: String) async throws { try await unregistered(address) }

    private func unregistered(_ address: String) async throws {
        try await withPortal { portal in
            let (browser, idToken) = try await signedIn(portal)
            let hinted = logout(["id_token_hint": idToken, "post_logout_redirect_uri": address])
            try await isAsked(try await browser.open(hinted, from: .crossSite), browser)
            // Nobody signed in: no redirect either.
            let again = try await browser.open(hinted, from: .crossSite)
            #expect(again.outside == nil)
            #expect(again.status == 400)
        }
    }

    /// Hints that we did not sign, or not as ID tokens.
    private func badHints(_ idToken: String, _ browser: TestBrowser) throws -> [(name: String, hint: String)] {
        let parts = idToken.split(separator: ".").map(String.init)
        let unsigned: JSONValue = ["alg": "none"]
        let key = try PrivateKey.generate(.rsa)
        let keyID = try #require(try UnverifiedJWS(compact: idToken).claimedKeyID)
        let claims = try JSONValue(parsing: try #require(Base64URL.decode(parts[1])))
        let forger = TokenSigningKey(keyID: keyID, algorithm: .rs256, key: key)
        let hmac = Base64URL.encode(
            HMACSHA256.code(key: SecretBytes(Array(party.secret.utf8)), message: Array("\(parts[0]).\(parts[1])".utf8)))
        return [
            ("oidcc-rp-initiated-logout-modified-id-token-hint", Base64URL.encode(unsigned.encoded) + ".\(parts[1])."),
            ("oidcc-rp-initiated-logout-bad-id-token-hint", try forger.sign(claims)),
            ("cut", parts[0] + "." + parts[1]),
            ("hmac", "\(parts[0]).\(parts[1]).\(hmac)"), ("empty", ""),
            ("session cookie (JW-06)", try #require(browser[cookie: "session"])),
        ]
    }

    @Test("oidcc-rp-initiated-logout-modified-id-token-hint")
    func modifiedHint() async throws { try await noRedirect(0..<1) }

    @Test("oidcc-rp-initiated-logout-bad-id-token-hint")
    func badHint() async throws { try await noRedirect(1..<2) }

    @Test("JW-06: a hint that is cut, an HMAC, empty, or a token of another kind: no redirect")
    func foreignKinds() async throws { try await noRedirect(2..<6) }

    private func noRedirect(_ hints: Range<Int>) async throws {
        try await withPortal { portal in
            for index in hints {
                let (browser, idToken) = try await signedIn(portal)
                let bad = try badHints(idToken, browser)[index]
                let address = logout(["id_token_hint": bad.hint, "post_logout_redirect_uri": Self.target])
                try await isAsked(try await browser.open(address, from: .crossSite), browser)
            }
        }
    }

    @Test("a hint about another person, or for another client, ends nobody's session without a question")
    func foreignHint() async throws {
        try await withPortal { portal in
            let (_, others) = try await signedIn(portal)
            let browser = portal.browser()
            _ = try await portal.tokens(for: party.attempt(), in: browser, as: "lea.petit")
            let address = logout(["id_token_hint": others, "post_logout_redirect_uri": Self.target])
            try await isAsked(try await browser.open(address, from: .crossSite), browser)
            let (mine, idToken) = try await signedIn(portal)
            let mixed = logout([
                "id_token_hint": idToken, "client_id": "conformance-2", "post_logout_redirect_uri": Self.target,
            ])
            try await isAsked(try await mine.open(mixed, from: .crossSite), mine)
        }
    }

    @Test("OA-09: a repeated parameter ends nothing")
    func repeated() async throws {
        try await withPortal { portal in
            let (browser, idToken) = try await signedIn(portal)
            let fields = [("id_token_hint", idToken), ("post_logout_redirect_uri", Self.target)]
            for field in fields {
                let address = "/oidc/logout?" + FormFields.encode(fields + [field])
                let page = try await browser.open(address, from: .crossSite)
                #expect(page.status == 400)
                #expect(page.outside == nil)
            }
            #expect(try await isSignedIn(browser))
        }
    }

    @Test("WEB-01: the confirmation counts for its session alone, from our own page alone, for half an hour")
    func confirmation() async throws {
        try await withPortal { portal in
            let (browser, _) = try await signedIn(portal)
            let form = try await browser.open("/oidc/logout").form(with: "confirmation")
            let foreign = try await browser.submit(form, from: .sameSite)
            #expect(foreign.status == 403)
            #expect(try await isSignedIn(browser))
            // Another person's confirmation only leads to one's own.
            let (other, _) = try await signedIn(portal)
            let page = try await other.submit(form)
            #expect(try await isSignedIn(other))
            _ = try page.form(with: "confirmation")
            portal.clock.advance(by: .minutes(30))
            _ = try await browser.submit(form).form(with: "confirmation")
            #expect(try await isSignedIn(browser))
            let fresh = try await browser.open("/oidc/logout").form(with: "confirmation")
            _ = try await browser.submit(fresh)
            #expect(try await !isSignedIn(browser))
        }
    }

    @Test("what was given in the session dies with it: access token, code")
    func everythingDies() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let tokens = try await portal.tokens(for: party.attempt(), in: browser)
            let attempt = party.attempt()
            let code = try await portal.code(for: attempt, in: browser)
            let thief = browser.copy()
            #expect(try await portal.userInfo(tokens.accessToken).status == 200)
            _ = try await browser.submit(try await browser.open("/oidc/logout").form(with: "confirmation"))
            #expect(try await portal.userInfo(tokens.accessToken).error == "invalid_token")
            HiddenChecks.refusal(try await portal.redeem(code, of: attempt), "invalid_grant")
            #expect(try await !isSignedIn(thief))
        }
    }
}
