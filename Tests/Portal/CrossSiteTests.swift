import Clocks
import HTTPTypes
import LogeTesting
import Testing
import Web

/// What other sites, other computers and old cookies can do: nothing.
@Suite("WEB-01, WEB-02, WEB-04: other sites")
struct CrossSiteTests {
    /// Where a form says that it comes from, and whether it is believed to be ours.
    static let origins: [(headers: [String: String], isOurs: Bool)] = [
        (["Sec-Fetch-Site": "cross-site"], false), (["Sec-Fetch-Site": "same-site"], false),
        (["Sec-Fetch-Site": "cross-site", "Origin": TestPortal.origin], false),
        (["Sec-Fetch-Site": "SAME-ORIGIN"], false),
        (["Sec-Fetch-Site": "x"], false), (["Origin": "https://evil.exemple.net"], false), (["Origin": "null"], false),
        (["Origin": "http://portail.exemple.fr"], false), (["Origin": "https://portail.exemple.fr:8443"], false),
        (["Origin": "https://portail.exemple.fr.evil.net"], false),
        (["Origin": "https://evil.portail.exemple.fr"], false),
        (["Sec-Fetch-Site": "same-origin"], true), (["Sec-Fetch-Site": "none"], true),
        (["Origin": TestPortal.origin], true),
        // Browsers too old to say anything: the sealed state and the cookie of the browser stand guard.
        ([:], true),
    ]

    /// Sends the form as `headers` say.
    private func submit(
        _ form: HTMLForm, _ values: [String: String], _ headers: [String: String], _ browser: TestBrowser
    ) async throws -> Page {
        try await browser.post(form.action, form.filled(values), from: .unsaid, headers: headers)
    }

    @Test("WEB-01: signing in", arguments: origins)
    func signIn(_ sample: (headers: [String: String], isOurs: Bool)) async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let attempt = TestParty.ent.attempt(["idp_hint": "ent"])
            let form = try await browser.open(attempt.address, from: .crossSite).form(with: "secret")
            let before = try portal.rows()
            let values = ["identifiant": "camille.martin", "secret": TestPortal.password]
            let page = try await submit(form, values, sample.headers, browser)
            #expect((page.outside != nil) == sample.isOurs)
            if !sample.isOurs {
                #expect(page.status == 403)
                #expect(try portal.rows() == before)
                #expect(browser[cookie: "session"] == nil)
            }
        }
    }

    @Test(
        "WEB-01: every form of ours",
        arguments: [
            "/connexion", "/connexion/memoire", "/compte/connexion", "/compte/premiere-connexion",
            "/compte/mot-de-passe-oublie", "/compte/nouveau-mot-de-passe", "/mon-compte/sessions",
        ])
    func everyForm(_ path: String) async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            for sample in Self.origins {
                let page = try await browser.post(
                    path, [("identifiant", "camille.martin")], from: .unsaid, headers: sample.headers, follows: false)
                #expect((page.status == 403) != sample.isOurs, "\(sample.headers): \(page.status)")
            }
        }
    }

    @Test("WEB-01: login CSRF: the form of an attacker's own sign-on does nothing in the victim's browser")
    func loginCSRF() async throws {
        try await withPortal { portal in
            let attacker = portal.browser()
            let form = try await attacker.open(TestParty.ent.attempt(["idp_hint": "ent"]).address, from: .crossSite)
                .form(with: "secret")
            let victim = portal.browser()
            _ = try await victim.open("/")
            let values = ["identifiant": "lea.petit", "secret": TestPortal.password]
            for headers in [[:], ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-origin"]] {
                let page = try await submit(form, values, headers, victim)
                #expect(page.status == 403)
                #expect(victim[cookie: "session"] == nil)
            }
            #expect(try await submit(form, values, [:], attacker).outside != nil)
        }
    }

    @Test("WEB-02: a session planted before the sign-in is nobody's afterwards")
    func fixation() async throws {
        try await withPortal { portal in
            let attacker = portal.browser()
            try await attacker.signIn(as: "lea.petit")
            let planted = try #require(attacker[cookie: "session"])
            let victim = portal.browser()
            victim.plant("__Host-loge-portal-session", planted)
            let attempt = TestParty.ent.attempt(["prompt": "login"])
            let page = try await victim.enter(try await victim.open(attempt.address, from: .crossSite))
            #expect(try attempt.answer(page).code != nil)
            #expect(victim[cookie: "session"] != planted)
            #expect(try await victim.open("/").scan().words.contains("Bonjour Camille"))
            #expect(try await attacker.open("/").address.hasPrefix("/connexion"))
        }
    }

    @Test("WEB-03: cookies are __Host-, HttpOnly, Secure, SameSite; a plain origin gives none that browsers refuse")
    func cookies() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            _ = try await browser.open("/langue?code=en&retour=/")
            #expect(
                browser.cookieNames == [
                    "__Host-loge-portal-langue", "__Host-loge-portal-navigateur", "__Host-loge-portal-session",
                ])
            #expect(browser.refusedCookies.isEmpty)
        }
        var options = TestPortalOptions()
        options.publicURL = "http://localhost:8400"
        try await withPortal(options) { portal in
            let browser = portal.browser()
            try await browser.signIn()
            #expect(browser.cookieNames == ["loge-portal-navigateur", "loge-portal-session"])
            #expect(browser.refusedCookies.isEmpty)
            #expect(try await browser.open("/").header("Strict-Transport-Security") == nil)
        }
    }

    @Test("WEB-04, OA-16, OA-17: the headers of every page, and nothing from elsewhere on it")
    func headers() async throws {
        try await withPortal(TestPortalOptions(charterVersion: 1)) { portal in
            for page in try await everyPage(portal) {
                let name = "\(page.status) \(page.address.prefix(40))"
                let policy = try #require(page.header("Content-Security-Policy"), "\(name)")
                #expect(
                    policy.hasPrefix("default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"),
                    "\(name)")
                #expect(policy.contains("base-uri 'none'") && policy.contains("frame-ancestors 'none'"), "\(name)")
                #expect(!policy.contains("unsafe") && !policy.contains("*"), "\(name)")
                #expect(page.header("Strict-Transport-Security") == "max-age=63072000; includeSubDomains", "\(name)")
                #expect(page.header("X-Content-Type-Options") == "nosniff", "\(name)")
                #expect(page.header("X-Frame-Options") == "DENY", "\(name)")
                #expect(page.header("Referrer-Policy") == "no-referrer", "\(name)")
                #expect(page.header("Cross-Origin-Opener-Policy") == "same-origin", "\(name)")
                #expect(page.header("Cache-Control") == "no-store", "\(name)")
                #expect(page.header("Access-Control-Allow-Origin") == nil, "\(name)")
                #expect(page.body.utf8.count < 50_000, "\(name)")
                try Harmless.check(page)
            }
        }
    }

    /// One of each page.
    private func everyPage(_ portal: TestPortal) async throws -> [Page] {
        let browser = portal.browser()
        var pages = [try await browser.open(TestParty.ent.attempt().address, from: .crossSite)]
        pages.append(try await browser.submit(try pages[0].form(with: "profil"), ["profil": "eleve"]))
        pages.append(try await browser.submit(try pages[1].form(with: "niveau"), ["niveau": "college"]))
        pages.append(try await browser.submit(try pages[2].form(with: "mode"), ["memoriser": "oui"]))
        pages.append(try await browser.submit(try pages[2].form(with: "mode"), ["mode": "ent", "memoriser": "oui"]))
        let form = try pages[4].form(with: "secret")
        pages.append(try await browser.submit(form, ["identifiant": "x", "secret": "x"]))
        let values = ["identifiant": "nouveau.venu", "secret": TestPortal.activationCode]
        pages.append(try await browser.submit(form, values))
        pages.append(try await browser.submit(try pages[6].form(with: "motDePasse")))
        pages.append(try await browser.open("/connexion/memoire"))
        pages.append(try await browser.open("/compte/mot-de-passe-oublie"))
        pages.append(try await browser.open("/compte/nouveau-mot-de-passe?jeton=x"))
        pages.append(try await browser.open("/nulle-part"))
        pages.append(try await browser.open("/oidc/authorize"))
        pages.append(try await browser.post("/connexion", [], from: .crossSite))
        let signedIn = portal.browser()
        pages.append(try await signedIn.signIn())
        pages.append(try await signedIn.open(TestParty.teachers.attempt().address, from: .crossSite))
        pages.append(try await signedIn.open("/oidc/logout"))
        pages.append(try await signedIn.submit(try #require(pages.last).form(with: "confirmation")))
        return pages
    }

    @Test("the page that signs in may send its form on to the application's origin, and to no other")
    func formTargets() async throws {
        try await withPortal { portal in
            let page = try await portal.browser().open(
                TestParty.ent.attempt(["idp_hint": "ent"]).address, from: .crossSite)
            let policy = try #require(page.header("Content-Security-Policy"))
            #expect(policy.contains("form-action 'self' https://ent.exemple.org;"))
            let plain = try await portal.browser().open("/")
            #expect(plain.header("Content-Security-Policy")?.contains("form-action 'self';") == true)
        }
    }

    @Test("static files: for ever in the cache, by their own hash, no other file of the machine")
    func staticFiles() async throws {
        try await withPortal { portal in
            let page = try await portal.browser().open("/")
            let addresses = try page.scan().tags.compactMap { tag in
                tag.attributes["src"] ?? (tag.name == "link" ? tag.attributes["href"] : nil)
            }
            #expect(addresses.count >= 3)
            for address in addresses {
                let file = try await portal.browser().open(address)
                #expect(file.status == 200, "\(address)")
                #expect(file.header("Cache-Control") == "public, max-age=31536000, immutable")
                #expect(file.header("X-Content-Type-Options") == "nosniff")
                #expect(try await portal.browser().open(address + "x").status == 404)
            }
        }
    }
}
