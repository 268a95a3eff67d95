import Clocks
import HTTPTypes
import JOSE
import LogeTesting
import Testing
import Web

/// One kind of token never passes for another (RFC 8725 §3.11, §3.12).
@Suite("JW-06: cross-use of tokens")
struct CrossUseTests {
    private let party = TestParty.ent

    /// Everything that one sign-on hands out, by name.
    private func everything(_ portal: TestPortal, _ browser: TestBrowser) async throws -> [String: String] {
        let waiting = try await browser.open(party.attempt().address, from: .crossSite)
        let pending = try #require(try waiting.scan().forms.compactMap { $0["s"] }.first)
        let attempt = party.attempt()
        let used = try await portal.code(for: attempt, in: browser)
        let tokens = try await portal.redeem(used, of: attempt)
        let code = try await portal.code(for: party.attempt(), in: browser)
        let confirmation = try await browser.open("/oidc/logout").form(with: "confirmation")
        return [
            "pending sign-on": pending, "access token": tokens.accessToken, "ID token": tokens.idToken, "code": code,
            // Its tokens live: only what it is keeps it from being one.
            "used code": used,
            "session token": try #require(browser[cookie: "session"]),
            "browser cookie": try #require(browser[cookie: "navigateur"]),
            "logout confirmation": try #require(confirmation["confirmation"]),
        ]
    }

    @Test("as access token: only an access token")
    func asAccessToken() async throws {
        try await withPortal { portal in
            for (name, token) in try await everything(portal, portal.browser()) {
                let answer = try await portal.userInfo(token)
                #expect(answer.status == (name == "access token" ? 200 : 401), "\(name)")
                if name != "access token" { #expect(answer.error == "invalid_token", "\(name)") }
            }
        }
    }

    @Test("as code: only a code")
    func asCode() async throws {
        try await withPortal { portal in
            let attempt = party.attempt()
            for (name, token) in try await everything(portal, portal.browser()) where name != "code" {
                HiddenChecks.refusal(try await portal.redeem(token, of: attempt), "invalid_grant")
            }
        }
    }

    @Test("as session cookie: only a session token")
    func asSession() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            for (name, token) in try await everything(portal, browser) {
                let thief = browser.copy()
                thief[cookie: "session"] = token
                let silent = party.attempt(["prompt": "none"])
                let answer = try silent.answer(try await thief.open(silent.address, from: .crossSite))
                #expect((answer.code != nil) == (name == "session token"), "\(name)")
            }
        }
    }

    @Test("as id_token_hint: only an ID token")
    func asHint() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            for (name, token) in try await everything(portal, browser) {
                let attempt = party.attempt(["id_token_hint": token, "prompt": "none"])
                let answer = try attempt.answer(try await browser.open(attempt.address, from: .crossSite))
                #expect((answer.code != nil) == (name == "ID token"), "\(name)")
                if name != "ID token" { #expect(answer.error == "invalid_request", "\(name)") }
            }
        }
    }

    @Test("as client assertion, secret or password: nothing")
    func asClientAuthentication() async throws {
        try await withPortal { portal in
            for (_, token) in try await everything(portal, portal.browser()) {
                let fields = FormFields.encode([
                    ("grant_type", "authorization_code"), ("code", "x"), ("client_assertion", token),
                    ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                ])
                HiddenChecks.refusal(try await portal.send(.post, "/oidc/token", body: fields), "invalid_client")
                let basic = ["Authorization": TestPortal.basic(party.id, token)]
                let refused = try await portal.send(.post, "/oidc/token", headers: basic, body: "grant_type=x")
                HiddenChecks.refusal(refused, "invalid_client")
            }
        }
    }

    @Test("what one portal gave counts at no other, even with the same keys (staging and production)")
    func otherPortal() async throws {
        try await withPortal { production in
            var options = TestPortalOptions()
            options.publicURL = "https://recette.exemple.fr"
            try await withPortal(options) { staging in
                let given = try await everything(staging, staging.browser())
                let browser = production.browser()
                try await browser.signIn()
                for (name, token) in given {
                    #expect(try await production.userInfo(token).status == 401, "\(name)")
                    let redeemed = try await production.redeem(token, of: party.attempt())
                    HiddenChecks.refusal(redeemed, "invalid_grant")
                    let hinted = party.attempt(["id_token_hint": token, "prompt": "none"])
                    let answer = try hinted.answer(try await browser.open(hinted.address, from: .crossSite))
                    #expect(answer.error == "invalid_request", "\(name)")
                    let thief = browser.copy()
                    thief[cookie: "session"] = token
                    let silent = party.attempt(["prompt": "none"])
                    let refused = try silent.answer(try await thief.open(silent.address, from: .crossSite))
                    #expect(refused.error == "login_required", "\(name)")
                }
            }
        }
    }

    @Test("a session token or an access token changed at any place is refused")
    func tampered() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let tokens = try await portal.tokens(for: party.attempt(), in: browser)
            let session = try #require(browser[cookie: "session"])
            let before = try portal.rows()
            for token in Mutations.of(session) where !token.contains(where: { " \n=".contains($0) }) {
                let thief = browser.copy()
                thief[cookie: "session"] = token
                let silent = party.attempt(["prompt": "none"])
                let answer = try silent.answer(try await thief.open(silent.address, from: .crossSite))
                #expect(answer.error == "login_required", "\(token)")
            }
            for token in Mutations.of(tokens.accessToken) where !token.contains(where: { " \n".contains($0) }) {
                #expect(try await portal.userInfo(token).error == "invalid_token", "\(token)")
            }
            #expect(try portal.rows() == before)
            #expect(try await portal.userInfo(tokens.accessToken).status == 200)
        }
    }

    @Test("the scheme of the header may be written in any letter case, and nothing else will do")
    func scheme() async throws {
        try await withPortal { portal in
            let token = try await portal.tokens(for: party.attempt(), in: portal.browser()).accessToken
            for scheme in ["Bearer", "bearer", "BEARER"] {
                #expect(try await portal.userInfo(token, scheme: scheme).status == 200)
            }
            for scheme in ["Basic", "DPoP", "Token", ""] {
                #expect(try await portal.userInfo(token, scheme: scheme).status == 401)
            }
            let bare = try await portal.send(.get, "/oidc/userinfo")
            #expect(bare.status == 401)
            // RFC 6750 §3.1: no error for who brings nothing.
            #expect(bare.error == nil)
            #expect(
                bare.headers[values: .wwwAuthenticate]
                    == ["Bearer realm=\"Loge\"", "DPoP realm=\"Loge\", algs=\"ES256 EdDSA\""])
        }
    }
}
