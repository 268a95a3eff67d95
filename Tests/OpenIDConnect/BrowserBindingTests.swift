import Clocks
import HTTPTypes
import LogeTesting
import Testing

/// A sign-on belongs to the browser in which it began.
@Suite("OA-21: a carried sign-on in another browser")
struct BrowserBindingTests {
    private let party = TestParty.ent

    /// The sign-on that a page carries.
    private func state(_ page: Page) throws -> String {
        let state = try page.scan().forms.compactMap { $0["s"] }.first
        return try #require(state)
    }

    /// Every page that takes a sign-on up.
    private func entrances(_ state: String) -> [String] {
        [
            "/connexion?s=\(state)", "/compte/connexion?s=\(state)&porte=ent", "/oidc/authorize/resume?s=\(state)",
            "/oidc/authorize/resume?annuler=1&s=\(state)", "/connexion/retour?s=\(state)",
        ]
    }

    @Test("refused at each entrance, whatever cookie the other browser has; welcome in its own")
    func otherBrowser() async throws {
        try await withPortal { portal in
            let own = portal.browser()
            let state = try self.state(try await own.open(party.attempt().address, from: .crossSite))
            let withCookie = portal.browser()
            _ = try await withCookie.open(party.attempt().address, from: .crossSite)
            let signedIn = portal.browser()
            try await signedIn.signIn(as: "lea.petit")
            let before = try portal.rows()
            for address in entrances(state) {
                for browser in [withCookie, signedIn] {
                    let page = try await browser.open(address, from: .crossSite)
                    #expect(page.status == 403, "\(address.prefix(30))")
                    #expect(page.outside == nil)
                    #expect(try page.scan().words.contains("dans un autre navigateur"))
                }
                let without = try await portal.browser().open(address, from: .crossSite)
                #expect(without.status == 400, "\(address.prefix(30))")
                #expect(try without.scan().words.contains("Votre navigateur refuse les cookies"))
            }
            for path in ["/connexion", "/compte/connexion"] {
                let fields = [
                    ("s", state), ("porte", "ent"), ("identifiant", "camille.martin"), ("secret", TestPortal.password),
                    ("profil", "invite"), ("mode", "ent"),
                ]
                #expect(try await withCookie.post(path, fields).status == 403)
            }
            #expect(try portal.rows() == before)
            #expect(try await own.open("/connexion?s=\(state)").status == 200)
        }
    }

    @Test("a sign-on changed at any place is refused, and the right one goes on")
    func tampered() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let attempt = party.attempt(["idp_hint": "ent"])
            let page = try await browser.open(attempt.address, from: .crossSite)
            let form = try page.form(with: "secret")
            let state = try #require(form["s"])
            for text in Mutations.of(state) where !text.contains(where: { " \n=".contains($0) }) {
                for address in entrances(text) {
                    let refused = try await browser.open(address)
                    #expect(refused.status == 400, "\(address)")
                    #expect(refused.outside == nil)
                }
            }
            let sent = try await browser.submit(form, ["identifiant": "camille.martin", "secret": TestPortal.password])
            #expect(try attempt.answer(sent).code != nil)
        }
    }

    @Test("JW-06: nothing else that we seal is taken for a sign-on, or for what is settled")
    func otherSeals() async throws {
        try await withPortal(TestPortalOptions(charterVersion: 1)) { portal in
            let browser = portal.browser()
            let attempt = party.attempt()
            let code = try await portal.code(for: attempt, in: browser)
            let tokens = try await portal.redeem(code, of: attempt)
            let confirmation = try await browser.open("/oidc/logout").form(with: "confirmation")
            let fresh = portal.browser()
            let settle = try await fresh.enter(
                try await fresh.open("/"), as: "nouveau.venu", secret: TestPortal.activationCode)
            let unsettled = try settle.form(with: "motDePasse")
            let seals = [
                code, tokens.accessToken, tokens.idToken, try #require(confirmation["confirmation"]),
                try #require(unsettled["e"]), try #require(browser[cookie: "session"]),
                try #require(browser[cookie: "navigateur"]),
            ]
            for seal in seals {
                for address in entrances(seal) { #expect(try await fresh.open(address).status == 400) }
                if seal != unsettled["e"] {
                    let refused = try await fresh.submit(unsettled, ["e": seal])
                    #expect(refused.status == 400)
                    #expect(try refused.scan().words.contains("La page était ouverte depuis longtemps"))
                }
                #expect(try await fresh.submit(confirmation, ["confirmation": seal]).status == 200)
            }
            // A door memory is sealed too.
            fresh.plant("__Host-loge-portal-memoire", code)
            #expect(try await fresh.open("/connexion/memoire").scan().words.contains("Ce navigateur ne retient rien"))
        }
    }

    @Test("the settling page of one browser is refused in another")
    func settlingElsewhere() async throws {
        try await withPortal { portal in
            let victim = portal.browser()
            let settle = try await victim.enter(
                try await victim.open("/"), as: "nouveau.venu", secret: TestPortal.activationCode)
            let form = try settle.form(with: "motDePasse")
            let values = ["motDePasse": "une girafe verte 7", "confirmation": "une girafe verte 7"]
            let other = portal.browser()
            _ = try await other.open("/")
            #expect(try await other.submit(form, values).status == 403)
            #expect(try await portal.browser().submit(form, values).status == 400)
            let done = try await victim.submit(form, values)
            #expect(done.status == 200)
            #expect(done.address == "/")
        }
    }

    @Test("OA-35: signing in as somebody else ends the session that was there")
    func otherPerson() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let tokens = try await portal.tokens(for: party.attempt(), in: browser)
            let old = browser.copy()
            let attempt = party.attempt(["prompt": "login"])
            _ = try await portal.answer(to: attempt, in: browser, as: "lea.petit")
            #expect(try await portal.userInfo(tokens.accessToken).error == "invalid_token")
            let silent = party.attempt(["prompt": "none"])
            let answer = try silent.answer(try await old.open(silent.address, from: .crossSite))
            #expect(answer.error == "login_required")
        }
    }
}
