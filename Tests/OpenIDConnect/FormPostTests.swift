import Foundation
import HTTPTypes
import LogeTesting
import Testing
import Web

/// What the plan does not try: the page itself, and what hostile values make of it.
@Suite("OA-11, OA-12, OA-18: the page of response_mode=form_post")
struct FormPostTests {
    private let party = TestParty.ent

    private func attempt(_ changes: KeyValuePairs<String, String?> = [:]) -> AuthorizationAttempt {
        AuthorizationAttempt.$responseMode.withValue("form_post") { party.attempt(changes) }
    }

    @Test("OA-18: the form may go to the client's origin, and no other page's may")
    func policy() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            let attempt = attempt()
            let page = try await browser.open(attempt.address, from: .crossSite)
            #expect(try attempt.answer(page).code != nil)
            let policy = try #require(page.header("Content-Security-Policy"))
            #expect(policy.contains("form-action 'self' https://ent.exemple.org;"))
            #expect(policy.contains("script-src 'self';"))
            #expect(!policy.contains("unsafe"))
            #expect(page.header("X-Frame-Options") == "DENY")
            for other in ["/", "/oidc/logout", "/mon-compte/sessions"] {
                let page = try await browser.open(other)
                #expect(page.header("Content-Security-Policy")?.contains("form-action 'self';") == true, "\(other)")
            }
        }
    }

    @Test("OA-12, OA-14: nobody keeps the page, no referrer tells of it, no code stands in an address")
    func headers() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let attempt = attempt()
            let page = try await browser.enter(try await browser.open(attempt.address, from: .crossSite))
            let code = try #require(try attempt.answer(page).code)
            #expect(page.headers[.cacheControl] == "no-store")
            #expect(page.header("Referrer-Policy") == "no-referrer")
            #expect(page.headers[.location] == nil)
            #expect(!page.hops.contains { $0.contains(code) })
            for tag in try page.scan().tags {
                for name in ["href", "src", "action"] {
                    #expect(tag.attributes[name]?.contains(code) != true, "\(tag.name)")
                }
            }
            #expect(try await portal.redeem(code, of: attempt).status == 200)
        }
    }

    @Test("OA-11: after a password the browser is sent on by 303; the page with the form is asked for by GET")
    func afterPassword() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let attempt = attempt(["idp_hint": "ent"])
            let form = try await browser.open(attempt.address, from: .crossSite).form(with: "secret")
            let sent = try await browser.submit(
                form, ["identifiant": "camille.martin", "secret": TestPortal.password], follows: false)
            #expect(sent.status == 303)
            let resumed = try await browser.open(try #require(sent.headers[.location]), follows: false)
            #expect(resumed.status == 200)
            #expect(try attempt.answer(resumed).code != nil)
        }
    }

    @Test(
        "without a script a button does it, in the five languages; the script is a file of ours",
        arguments: [
            ("fr", "Continuer vers Application ent"), ("en", "Continue to Application ent"),
            ("ar", "المتابعة إلى Application ent"), ("pt", "Continuar para Application ent"),
            ("tr", "Devam et: Application ent"),
        ])
    func button(_ sample: (language: String, words: String)) async throws {
        try await withPortal { portal in
            let attempt = attempt(["prompt": "none"])
            let page = try await portal.browser(language: sample.language).open(attempt.address, from: .crossSite)
            #expect(try attempt.answer(page).error == "login_required")
            #expect(page.headers[.contentLanguage] == sample.language)
            let scan = try page.scan()
            #expect(scan.words.contains(sample.words))
            let scripts = scan.tags.filter { $0.name == "script" }
            #expect(scripts.count == 1)
            let source = try #require(scripts.first?.attributes["src"])
            #expect(source.hasPrefix("/static/"))
            #expect(try await portal.browser().open(source).header("Content-Type") == "text/javascript; charset=utf-8")
            #expect(!scan.tags.contains { tag in tag.attributes.keys.contains { $0.hasPrefix("on") } })
            #expect(scan.tags.contains { $0.name == "button" })
        }
    }

    @Test(
        "OA-18: a hostile state is a value of the form and nothing else",
        arguments: [
            "\"><script>alert(1)</script>", "'><img src=x onerror=alert(1)>",
            "</form><form action=https://evil.example>",
            "{{code}}", "&quot;&lt;", "état 🎒 \u{202E}", String(repeating: "s", count: 2048),
        ])
    func hostileState(_ state: String) async throws {
        try await withPortal { portal in
            for prompt in ["none", nil] {
                let attempt = attempt(["state": state, "prompt": prompt])
                let browser = portal.browser()
                var page = try await browser.open(attempt.address, from: .crossSite)
                if !attempt.isAnswered(by: page) { page = try await browser.enter(page) }
                let answer = try attempt.answer(page)
                HiddenChecks.answer(answer, to: attempt)
                #expect((answer.code == nil) == (prompt == "none"))
                #expect(try page.scan().forms.count == 1)
                #expect(try page.scan().tags.filter { $0.name == "script" }.count == 1)
            }
        }
    }

    @Test("OA-02: before client and address are proved there is a page and no form to anywhere")
    func unproved() async throws {
        try await withPortal { portal in
            for changes: KeyValuePairs<String, String?> in [
                ["redirect_uri": "https://evil.example/callback"], ["client_id": "inconnue"],
                ["redirect_uri": "https://conformance.exemple.org/callback"],
            ] {
                let page = try await portal.browser().open(attempt(changes).address, from: .crossSite)
                #expect(page.status == 400)
                #expect(try page.scan().forms.isEmpty)
                #expect(!page.body.contains("evil.example"))
                #expect(page.header("Content-Security-Policy")?.contains("form-action 'self';") == true)
            }
        }
    }

    @Test("OA-08, OA-09: another mode, or two, is refused in the query, where every client can read it")
    func otherModes() async throws {
        try await withPortal { portal in
            for mode in ["fragment", "query.jwt", "FORM_POST", "web_message", "", "form_post query"] {
                let attempt = party.attempt(["response_mode": mode])
                let answer = try attempt.answer(try await portal.browser().open(attempt.address, from: .crossSite))
                HiddenChecks.answer(answer, to: attempt)
                #expect(answer.error == "invalid_request", "\(mode)")
            }
            var twice = party.attempt(["response_mode": "query"])
            twice.parameters.append(("response_mode", "form_post"))
            let page = try await portal.browser().open(twice.address, from: .crossSite)
            #expect(try twice.answer(page).error == "invalid_request")
        }
    }

    @Test("whoever the application is not open to reads why, and the link brings the error by form")
    func notAdmitted() async throws {
        try await withPortal { portal in
            let attempt = AuthorizationAttempt.$responseMode.withValue("form_post") { TestParty.teachers.attempt() }
            let browser = portal.browser()
            let page = try await browser.enter(try await browser.open(attempt.address, from: .crossSite))
            #expect(page.status == 403)
            let answer = try attempt.answer(
                try await browser.open(try page.link("Revenir vers Application enseignants"), from: .sameOrigin))
            HiddenChecks.answer(answer, to: attempt)
            #expect(answer.error == "access_denied")
        }
    }
}
