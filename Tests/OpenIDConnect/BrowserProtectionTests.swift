import Clocks
import HTTPTypes
import JOSE
import LogeTesting
import Testing
import Web

/// What pages and answers tell browsers, and what they leave behind.
@Suite("OA-12, OA-16, OA-17, OA-18: pages, frames, other origins, logs")
struct BrowserProtectionTests {
    private let party = TestParty.ent

    /// A page of every kind on the ways in and out, by name.
    private func pages(_ portal: TestPortal) async throws -> [(name: String, page: Page)] {
        let browser = portal.browser()
        let questions = try await browser.open(party.attempt().address, from: .crossSite)
        let login = try await browser.open(party.attempt(["idp_hint": "ent"]).address, from: .crossSite)
        let failed = try await browser.submit(
            try login.form(with: "secret"), ["identifiant": "camille.martin", "secret": "faux"])
        let state = try #require(try questions.form(with: "profil")["s"])
        let stranger = portal.browser()
        _ = try await stranger.open("/")
        var pages: [(name: String, page: Page)] = [
            ("questions", questions), ("login", login), ("a wrong password", failed),
            ("another browser's sign-on", try await stranger.open("/connexion?s=\(state)")),
            ("no cookie", try await portal.browser().open("/connexion?s=\(state)")),
            ("an unknown application", try await browser.open("/oidc/authorize?client_id=x", from: .crossSite)),
            ("nothing there", try await browser.open("/nulle-part")),
            ("a forgotten password", try await browser.open("/compte/mot-de-passe-oublie")),
            ("the memory", try await browser.open("/connexion/memoire")),
            (
                "the first connection",
                try await stranger.enter(
                    try await stranger.open("/"), as: "nouveau.venu", secret: TestPortal.activationCode)
            ),
        ]
        pages.append(("home", try await browser.signIn()))
        let refused = try await browser.open(TestParty.teachers.attempt().address, from: .crossSite)
        pages.append(("not admitted", refused))
        let posting = AuthorizationAttempt.$responseMode.withValue("form_post") { party.attempt() }
        pages.append(("form_post", try await browser.open(posting.address, from: .crossSite)))
        let confirmation = try await browser.open("/oidc/logout")
        pages.append(("logout?", confirmation))
        pages.append(("logout!", try await browser.submit(try confirmation.form(with: "confirmation"))))
        return pages
    }

    @Test("OA-12, OA-16: no page tells where the person was, loads from elsewhere, or stands in a frame")
    func everyPage() async throws {
        try await withPortal { portal in
            let pages = try await pages(portal)
            #expect(Set(pages.map(\.page.status)) == [200, 400, 401, 403, 404])
            for (name, page) in pages {
                #expect(page.header("Content-Type") == "text/html; charset=utf-8", "\(name)")
                #expect(page.header("Referrer-Policy") == "no-referrer", "\(name)")
                #expect(page.headers[.cacheControl] == "no-store", "\(name)")
                #expect(page.header("X-Frame-Options") == "DENY", "\(name)")
                let policy = try #require(page.header("Content-Security-Policy"))
                for rule in [
                    "default-src 'none';", "frame-ancestors 'none'", "base-uri 'none'", "script-src 'self';",
                    "style-src 'self';", "img-src 'self';",
                ] {
                    #expect(policy.contains(rule), "\(name): \(rule)")
                }
                for tag in try page.scan().tags where tag.name != "a" && tag.name != "form" {
                    for attribute in ["href", "src", "srcset", "data", "poster", "content"] {
                        guard let value = tag.attributes[attribute], attribute != "content" || value.contains("url")
                        else { continue }
                        #expect(LocalPath.isSafe(value), "\(name): \(tag.name) \(value)")
                    }
                    #expect(!["iframe", "object", "embed", "base"].contains(tag.name), "\(name)")
                }
            }
        }
    }

    @Test("OA-12, OA-18: what pages load is ours, loads nothing from elsewhere and listens to no other window")
    func resources() async throws {
        try await withPortal { portal in
            var paths: Set<String> = []
            for (_, page) in try await pages(portal) {
                for tag in try page.scan().tags {
                    if tag.name == "script" { paths.insert(try #require(tag.attributes["src"])) }
                    if tag.name == "link" { paths.insert(try #require(tag.attributes["href"])) }
                }
            }
            #expect(paths.count >= 2)
            let browser = portal.browser()
            for path in paths.sorted() {
                let page = try await browser.open(path)
                #expect(page.status == 200, "\(path)")
                for word in ["postMessage", "\"message\"", "http:", "https:", "url(//", "@import", "eval("] {
                    let body = page.body.replacing("http://www.w3.org/2000/svg", with: "")
                    #expect(!body.contains(word), "\(path): \(word)")
                }
            }
            let metadata = try await portal.send(.get, "/.well-known/openid-configuration")
            #expect(metadata["check_session_iframe"] == nil)
            #expect(metadata["response_modes_supported"] == ["query", "form_post"])
        }
    }

    @Test("OA-12: no redirect on the way leaves a referrer either")
    func redirects() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let attempt = party.attempt(["idp_hint": "ent"])
            var address = attempt.address
            for _ in 0..<5 {
                let hop = try await browser.open(address, from: .crossSite, follows: false)
                #expect(hop.header("Referrer-Policy") == "no-referrer", "\(address.prefix(40))")
                guard let next = hop.headers[.location] else { break }
                #expect(hop.status == 303)
                #expect(hop.headers[.cacheControl] == "no-store")
                address = next
            }
            let form = try await browser.open(attempt.address, from: .crossSite).form(with: "secret")
            let sent = try await browser.submit(
                form, ["identifiant": "camille.martin", "secret": TestPortal.password], follows: false)
            #expect(sent.header("Referrer-Policy") == "no-referrer")
            let last = try await browser.open(try #require(sent.headers[.location]), follows: false)
            #expect(try attempt.answer(last).code != nil)
            #expect(last.header("Referrer-Policy") == "no-referrer")
        }
    }

    @Test("OA-12: no code, state, token, proof or secret in any line of the log, whatever goes well or wrong")
    func log() async throws {
        let log = TestLog()
        try await withFAPIPortal(log: log) { portal, client, other in
            let browser = portal.browser()
            let attempt = client.attempt()
            var secrets = [TestPortal.password, attempt["state"], attempt["nonce"], attempt.verifier].compactMap(\.self)
            let address = try await portal.address(pushing: attempt, as: client, proof: .own)
            secrets.append(try #require(try FormFields(parsing: address.drop { $0 != "?" }.dropFirst())["request_uri"]))
            let page = try await browser.open(address, from: .crossSite)
            secrets.append(try #require(try page.form(with: "profil")["s"]))
            let code = try #require(try attempt.answer(try await browser.enter(page)).code)
            let assertion = try client.asserting.assertion(at: portal.clock.now())
            let proof = try client.proof("POST", "/oidc/token", in: portal)
            let tokens = try await portal.redeem(
                code, of: attempt, as: client, assertion: assertion, proof: .text(proof))
            let refreshToken = try #require(tokens["refresh_token"]?.string)
            secrets += [
                code, assertion, proof, tokens.accessToken, tokens.idToken, refreshToken,
                try #require(browser[cookie: "session"]),
            ]
            #expect(try await portal.userInfo(tokens.accessToken, as: client).status == 200)
            // What goes wrong: at each endpoint, and on pages.
            let bad = try await portal.redeem(
                code, of: attempt, as: client, assertion: assertion, proof: .text(proof))
            #expect(bad.status == 401)
            #expect(try await portal.redeem(code, of: attempt, as: other, proof: .text(proof)).status == 400)
            #expect(try await portal.redeem(code, of: attempt, as: client, proof: .text(proof)).status == 400)
            #expect(try await portal.refresh(refreshToken, as: other).status == 400)
            #expect(try await portal.userInfo(tokens.accessToken).status == 401)
            for path in ["/oidc/introspect", "/oidc/revoke"] {
                _ = try await portal.ask(path, [("token", refreshToken)], as: other, proof: .absent)
            }
            let names = ["code", "state", "id_token_hint", "s", "request_uri", "access_token", "jeton"]
            for path in [
                "/oidc/authorize", "/oidc/authorize/resume", "/oidc/logout", "/connexion", "/compte/connexion",
                "/compte/nouveau-mot-de-passe", "/nulle-part", "/oidc/token", "/oidc/userinfo",
            ] {
                for secret in secrets {
                    let query = FormFields.encode(names.map { ($0, secret) })
                    _ = try await browser.open(path + "?" + query, from: .crossSite)
                    _ = try await portal.send(.post, path, body: query)
                }
            }
            let lines = log.lines
            for secret in secrets {
                for text in [secret, FormFields.escape(secret)] {
                    // A part of one is too much too.
                    #expect(!lines.contains { $0.contains(text.suffix(40)) }, "\(text)")
                }
            }
            // The control: there was much to tell.
            for words in [
                "token refused: client authentication failed", "token refused: the code is not valid",
                "userinfo refused: a bound token", "authorize: ", "path=/nulle-part",
            ] {
                #expect(lines.contains { $0.contains(words) }, "\(words)")
            }
        }
    }

    private static let closed = [
        "/oidc/authorize", "/oidc/authorize/resume", "/oidc/token", "/oidc/par", "/oidc/introspect", "/oidc/revoke",
        "/oidc/userinfo", "/oidc/logout", "/", "/connexion", "/compte/connexion",
    ]
    private static let open = [
        "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/oidc/jwks",
    ]

    @Test(
        "OA-17: no other origin reads an answer, whoever it says that it is; public documents are for all",
        arguments: ["https://attaquant.exemple.net", "null", "https://ent.exemple.org", TestPortal.origin, "*", ""])
    func crossOrigin(_ origin: String) async throws {
        try await withPortal { portal in
            let token = try await portal.tokens(for: party.attempt(), in: portal.browser()).accessToken
            let headers = [
                "Origin": origin, "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization", "Authorization": "Bearer " + token,
            ]
            for path in Self.closed {
                for method in [HTTPRequest.Method.get, .post, .options, .head] {
                    let answer = try await portal.send(method, path, headers: headers, body: method == .post ? "" : nil)
                    for field in answer.headers where field.name.canonicalName.hasPrefix("access-control-") {
                        Issue.record("\(method) \(path): \(field)")
                    }
                    #expect(answer.status < 500)
                }
            }
            for path in Self.open {
                let answer = try await portal.send(.get, path, headers: headers)
                #expect(answer.status == 200)
                #expect(answer.headers[.accessControlAllowOrigin] == "*")
                #expect(answer.headers[.accessControlAllowCredentials] == nil)
            }
            // The control: the token itself is good.
            #expect(try await portal.userInfo(token).status == 200)
        }
    }
}
