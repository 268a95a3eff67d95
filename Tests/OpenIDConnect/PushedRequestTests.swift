import Clocks
import Cryptography
import Foundation
import HTTPTypes
import JOSE
import LogeTesting
import Testing
import Web

/// Pushed authorization requests (RFC 9126).
@Suite("RFC 9126: pushed authorization requests")
struct PushedRequestTests {
    private let party = TestParty.ent

    /// Pushes the parameters of an attempt. - Returns: the answer.
    private func push(
        _ attempt: AuthorizationAttempt, _ portal: TestPortal, as party: TestParty? = nil
    ) async throws -> JSONAnswer {
        try await portal.ask("/oidc/par", attempt.parameters, as: party ?? attempt.party)
    }

    private func address(_ requestURI: String, client: String = "ent", _ more: [(String, String)] = []) -> String {
        "/oidc/authorize?" + FormFields.encode([("client_id", client), ("request_uri", requestURI)] + more)
    }

    private func pushed(_ attempt: AuthorizationAttempt, _ portal: TestPortal) async throws -> String {
        let answer = try await push(attempt, portal)
        #expect(answer.status == 201)
        #expect(answer.headers[.cacheControl] == "no-store")
        #expect(answer["expires_in"] == 90)
        let uri = try #require(answer["request_uri"]?.string)
        #expect(uri.hasPrefix("urn:ietf:params:oauth:request_uri:"))
        #expect(HiddenChecks.measuredBits(uri) >= 128)
        return uri
    }

    @Test("what was pushed counts, and nothing that stands beside it in the address")
    func happyFlow() async throws {
        try await withPortal { portal in
            let attempt = party.attempt(["scope": "openid profile"])
            let uri = try await pushed(attempt, portal)
            #expect(!uri.contains(attempt["state"] ?? ""))
            let browser = portal.browser()
            let beside = [
                ("scope", "openid email"), ("state", "forged"), ("redirect_uri", "https://mechant.exemple.net/"),
                ("nonce", "forged"), ("response_mode", "form_post"), ("prompt", "none"),
            ]
            let page = try await browser.enter(try await browser.open(address(uri, beside), from: .crossSite))
            let answer = try attempt.answer(page)
            HiddenChecks.answer(answer, to: attempt)
            let tokens = try await portal.redeem(try #require(answer.code), of: attempt)
            _ = try await HiddenChecks.tokens(tokens, of: attempt, in: portal)
            #expect(tokens["scope"] == "openid profile")
        }
    }

    private func address(_ requestURI: String, _ more: [(String, String)]) -> String {
        address(requestURI, client: "ent", more)
    }

    @Test("one code comes of it: reuse leads to a page, before the code it does not")
    func reuse() async throws {
        try await withPortal { portal in
            let attempt = party.attempt()
            let uri = try await pushed(attempt, portal)
            let browser = portal.browser()
            // Opened three times before anybody is known: no harm (fapi2 …-prior-to-auth-completion).
            for _ in 0..<3 {
                #expect(try await browser.open(address(uri), from: .crossSite).status == 200)
            }
            let page = try await browser.enter(try await browser.open(address(uri), from: .crossSite))
            #expect(try attempt.answer(page).code != nil)
            let before = try portal.rows()
            let again = try await browser.open(address(uri), from: .crossSite)
            #expect(again.status == 400)
            #expect(again.outside == nil)
            #expect(try portal.rows() == before)
            try await portal.withNeighbour { neighbour in
                let page = try await browser.moved(to: neighbour.client).open(address(uri), from: .crossSite)
                #expect(page.status == 400)
            }
        }
    }

    @Test("OA-04: of 64 who bring one pushed request at once, one gets a code")
    func race() async throws {
        try await withPortal { portal in
            let attempt = party.attempt()
            let uri = try await pushed(attempt, portal)
            let browser = portal.browser()
            try await browser.signIn()
            let pages = try await withThrowingTaskGroup(of: Page.self) { group in
                for _ in 0..<64 {
                    group.addTask { try await browser.copy().open(self.address(uri), from: .crossSite) }
                }
                return try await group.reduce(into: [Page]()) { $0.append($1) }
            }
            #expect(pages.filter { $0.outside != nil }.count == 1)
            #expect(pages.filter { $0.status == 400 }.count == 63)
        }
    }

    @Test("it ends after 90 seconds, for whoever has not arrived; who has may take all night")
    func expiry() async throws {
        try await withPortal { portal in
            let attempt = party.attempt()
            let uri = try await pushed(attempt, portal)
            let browser = portal.browser()
            let waiting = try await browser.open(address(uri), from: .crossSite)
            portal.clock.advance(by: .seconds(89))
            #expect(try await portal.browser().open(address(uri), from: .crossSite).status == 200)
            portal.clock.advance(by: .seconds(1))
            let late = try await portal.browser().open(address(uri), from: .crossSite)
            #expect(late.status == 400)
            #expect(late.body.contains("https://ent.exemple.org/"))
            portal.clock.advance(by: .hours(9))
            let answer = try attempt.answer(try await browser.enter(waiting))
            #expect(answer.code != nil)
        }
    }

    @Test("another client's, an altered one, another kind of value: a page, no redirect, no row")
    func strangers() async throws {
        try await withPortal { portal in
            let uri = try await pushed(party.attempt(), portal)
            let browser = portal.browser()
            try await browser.signIn()
            let code = try await portal.code(for: party.attempt(), in: browser)
            let before = try portal.rows()
            let prefix = "urn:ietf:params:oauth:request_uri:"
            var bad = [address(uri, client: "conformance"), address(uri, client: "nobody"), address(uri, client: "")]
            bad += ["/oidc/authorize?" + FormFields.encode([("request_uri", uri)])]
            bad += [address(uri, [("request_uri", uri)]), address(uri, [("client_id", "ent")])]
            bad += [prefix, prefix + "x", prefix + code, uri + "A", String(uri.dropLast())].map { address($0) }
            for address in bad {
                let page = try await browser.open(address, from: .crossSite)
                #expect(page.status == 400, "\(address)")
                #expect(page.outside == nil, "\(address)")
            }
            #expect(try portal.rows() == before)
            // The positive control.
            #expect(try await browser.open(address(uri), from: .crossSite).outside != nil)
        }
    }

    @Test("pushed requests are held to the rules of the front door, and refused there and then, without a row")
    func rules() async throws {
        try await withPortal { portal in
            let before = try portal.rows()
            let cases: [(KeyValuePairs<String, String?>, String)] = [
                (["redirect_uri": "https://mechant.exemple.net/"], "invalid_request"),
                (["redirect_uri": nil], "invalid_request"), (["response_type": "token"], "unsupported_response_type"),
                (["response_type": "code id_token"], "unsupported_response_type"),
                (["response_type": nil], "invalid_request"), (["scope": "profile"], "invalid_scope"),
                (["code_challenge": nil, "code_challenge_method": nil], "invalid_request"),
                (["code_challenge_method": "plain"], "invalid_request"),
                (["request": "e30.e30."], "request_not_supported"), (["request_uri": "https://x/"], "invalid_request"),
                (["request_uri": "urn:ietf:params:oauth:request_uri:x"], "invalid_request"),
                (["registration": "{}"], "registration_not_supported"), (["prompt": "none login"], "invalid_request"),
                (["claims": "{"], "invalid_request"), (["max_age": "-1"], "invalid_request"),
                (["client_id": "conformance"], "invalid_request"), (["dpop_jkt": "x"], "invalid_request"),
                (["state": String(repeating: "s", count: 2049)], "invalid_request"),
                (["login_hint": String(repeating: "s", count: 257)], "invalid_request"),
            ]
            for (changes, error) in cases {
                let answer = try await push(party.attempt(changes), portal)
                HiddenChecks.refusal(answer, error)
                #expect(answer["request_uri"] == nil)
            }
            for name in ["redirect_uri", "scope", "state", "client_id"] {
                var attempt = party.attempt()
                attempt.parameters.append((name, attempt[name] ?? ""))
                HiddenChecks.refusal(try await push(attempt, portal), "invalid_request")
            }
            #expect(try portal.rows() == before)
        }
    }

    @Test("who does not prove to be the client pushes nothing")
    func authentication() async throws {
        try await withPortal { portal in
            let attempt = party.attempt()
            let stranger = TestParty(id: "ent", secret: "another-secret-0123456789abcdef")
            HiddenChecks.refusal(try await push(attempt, portal, as: stranger), "invalid_client")
            let bare = try await portal.send(.post, "/oidc/par", body: FormFields.encode(attempt.parameters))
            HiddenChecks.refusal(bare, "invalid_client")
            let query = "/oidc/par?" + FormFields.encode(attempt.parameters)
            HiddenChecks.refusal(try await portal.send(.post, query, body: ""), "invalid_request")
            #expect(try await portal.send(.get, query).status == 405)
            #expect(try await push(attempt, portal).status == 201)
        }
    }

    @Test("a client registered for it must push; others need not")
    func required() async throws {
        var options = TestPortalOptions()
        options.parties["ent"] =
            (TestParty.yaml(of: party) ?? "") + "require_pushed_authorization_requests: true\n"
        try await withPortal(options) { portal in
            let browser = portal.browser()
            try await browser.signIn()
            let attempt = party.attempt()
            let answer = try attempt.answer(try await browser.open(attempt.address, from: .crossSite))
            #expect(answer.error == "invalid_request")
            HiddenChecks.answer(answer, to: attempt)
            let uri = try await pushed(attempt, portal)
            #expect(try attempt.answer(try await browser.open(address(uri), from: .crossSite)).code != nil)
            let other = TestParty.conformance.attempt()
            #expect(try other.answer(try await browser.open(other.address, from: .crossSite)).code != nil)
        }
    }

    @Test("errors and forms travel as the pushed request says")
    func modes() async throws {
        try await withPortal { portal in
            let silent = party.attempt(["prompt": "none"])
            let uri = try await pushed(silent, portal)
            let answer = try silent.answer(try await portal.browser().open(address(uri), from: .crossSite))
            #expect(answer.error == "login_required")
            HiddenChecks.answer(answer, to: silent)
            let posted = party.attempt(["response_mode": "form_post"])
            let browser = portal.browser()
            let page = try await browser.open(address(try await pushed(posted, portal)), from: .crossSite)
            let form = try posted.answer(try await browser.enter(page))
            #expect(form.code != nil)
            // Going back to the application from the portal's pages.
            let attempt = party.attempt()
            let waiting = try await portal.browser().open(
                address(try await pushed(attempt, portal)), from: .crossSite)
            #expect(waiting.status == 200)
        }
    }
}
