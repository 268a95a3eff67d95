import Clocks
import Cryptography
import DemoENTRole
import Foundation
import HTTPTypes
import HummingbirdTesting
import JOSE
import Testing
import Web

@Suite("The demo ENT")
struct DemoENTTests {
    @Test("From the public page through the portal and the charter to Mes applis, La classe and the news")
    func wholeWay() async throws {
        let place = try await Neighbourhood()
        try await place.open { client in
            var browser = Browser(client)
            let welcome = try await browser.get("/")
            #expect(welcome.status == 200 && welcome.html.contains("href=\"/connexion\""))
            #expect(!welcome.html.contains("<script"))
            let arrived = try await browser.signIn(place.portal)
            #expect(arrived.status == 303 && arrived.location == "/applis")
            let first = try await browser.get("/applis")
            #expect(first.location == "/charte?retour=%2Fapplis")
            let charter = try await browser.get(first.location)
            #expect(charter.status == 200 && charter.html.contains("Mon compte est à moi"))
            let token = try charter.between("name=\"jeton\" value=\"", "\"")
            let accepted = try await browser.post(
                "/charte", [("jeton", token), ("charte", "oui"), ("retour", "/classe")])
            #expect(accepted.location == "/classe")
            let classroom = try await browser.get("/classe")
            #expect(classroom.html.contains("Alice Martin") && classroom.html.contains("Hélène Béranger"))
            #expect(classroom.html.contains("6e &lt;B&gt;") && !classroom.html.contains("<B>"), "WEB-05: escaped")
            let apps = try await browser.get("/applis")
            #expect(apps.html.contains("href=\"/nouveautes\"") && apps.html.contains("data-theme=\"college\""))
            let news = try await browser.get("/nouveautes")
            #expect(news.html.contains("1 septembre 2026") && news.html.contains("30 août 2026"))
            #expect(try await browser.get("/").location == "/applis")
        }
    }

    @Test("The charter is accepted once, by each person, for each version, and outlives the process")
    func charter() async throws {
        let place = try await Neighbourhood()
        try await place.open { client in
            var browser = Browser(client)
            _ = try await browser.signIn(place.portal)
            let page = try await browser.get("/charte?retour=/nouveautes")
            let token = try page.between("name=\"jeton\" value=\"", "\"")
            for fields in [
                [("jeton", token)], [("jeton", token), ("charte", "non")], [("charte", "oui")],
                [("jeton", "other"), ("charte", "oui")],
            ] {
                let refused = try await browser.post("/charte", fields)
                #expect(refused.status == 422 && refused.html.contains("Cochez la case"))
            }
            #expect(try await browser.get("/applis").location.hasPrefix("/charte"), "nothing was accepted")
            #expect(try await browser.post("/charte", [("jeton", token), ("charte", "oui")]).location == "/applis")
            #expect(try await browser.get("/applis").status == 200)
        }
        try await place.open { client in
            var browser = Browser(client)
            _ = try await browser.signIn(place.portal)
            #expect(try await browser.get("/applis").status == 200, "remembered after a restart")
            place.portal.change { $0.subject = "bob" }
            var other = Browser(client)
            _ = try await other.signIn(place.portal)
            #expect(try await other.get("/applis").location.hasPrefix("/charte"), "somebody else")
        }
        try await place.open(charterVersion: 2) { client in
            var browser = Browser(client)
            place.portal.change { $0.subject = "alice" }
            _ = try await browser.signIn(place.portal)
            #expect(try await browser.get("/applis").location.hasPrefix("/charte"), "a new charter is shown again")
        }
    }

    @Test("Two tabs: both come home, in either order; the back button is no error")
    func tabs() async throws {
        let place = try await Neighbourhood()
        try await place.open { client in
            var browser = Browser(client)
            let one = try await browser.get("/connexion?retour=/classe")
            let two = try await browser.get("/connexion?retour=/nouveautes")
            let callbackOne = try place.portal.authorize(one.location)
            let callbackTwo = try place.portal.authorize(two.location)
            #expect(try await browser.get(callbackTwo).location == "/nouveautes")
            #expect(try await browser.get(callbackOne).location == "/classe")
            let again = try await browser.get(callbackOne)
            #expect(again.status == 303 && again.location == "/applis", "the back button")
        }
    }

    @Test("A fifth tab makes the first one begin again by itself")
    func manyTabs() async throws {
        let place = try await Neighbourhood()
        try await place.open { client in
            var browser = Browser(client)
            let first = try await browser.get("/connexion?retour=/classe")
            let callback = try place.portal.authorize(first.location)
            for _ in 0..<4 { _ = try await browser.get("/connexion") }
            let lost = try await browser.get(callback)
            #expect(lost.status == 303 && lost.location == "/connexion?retour=%2Fapplis")
            #expect(try await browser.signIn(place.portal, from: lost.location).location == "/applis")
        }
    }

    @Test("A sign-on left open too long begins again, once; then a page with a button, never a dead end or a circle")
    func expired() async throws {
        let place = try await Neighbourhood()
        try await place.open { client in
            var browser = Browser(client)
            let start = try await browser.get("/connexion?retour=/classe")
            let callback = try place.portal.authorize(start.location)
            place.clock.advance(by: .minutes(11))
            let restarted = try await browser.get(callback)
            #expect(restarted.location == "/connexion?retour=%2Fclasse")
            let second = try await browser.get(restarted.location)
            let late = try place.portal.authorize(second.location)
            place.clock.advance(by: .minutes(11))
            let page = try await browser.get(late)
            #expect(page.status == 400 && page.html.contains("href=\"/connexion?retour"))
            #expect(page.html.contains("class=\"code\""), "a support code")
            #expect(try await browser.signIn(place.portal).location == "/applis", "and the button works")
        }
    }

    @Test("OA-35: a callback in a browser that started nothing makes no session")
    func loginCSRF() async throws {
        let place = try await Neighbourhood()
        try await place.open { client in
            var attacker = Browser(client)
            let callback = try place.portal.authorize(try await attacker.get("/connexion").location)
            var victim = Browser(client)
            let page = try await victim.get(callback)
            #expect(page.status == 400 && victim.cookies.isEmpty)
            #expect(try await victim.get("/applis").location.hasPrefix("/connexion"))
            #expect(try await attacker.get(callback).location == "/applis", "the control: the code was good")
        }
    }

    @Test("OA-35: a second person in the same browser gets a session of their own, and the first one's is dead")
    func secondPerson() async throws {
        let place = try await Neighbourhood()
        try await place.open { client in
            var browser = Browser(client)
            let start = try await browser.get("/connexion")
            try await browser.enter(place.portal)
            var kept = browser
            place.portal.change {
                $0.subject = "bob"
                $0.claims["name"] = "Bob Durand"
            }
            #expect(try await browser.get(place.portal.authorize(start.location)).location == "/applis")
            let charter = try await browser.get("/charte")
            #expect(charter.status == 200 && charter.html.contains("Bob Durand"))
            #expect(try await kept.get("/applis").location.hasPrefix("/connexion"), "the first session has ended")
        }
    }

    @Test("Signing out ends the session here, also for who kept the cookie, and goes on to the portal")
    func signOut() async throws {
        let place = try await Neighbourhood()
        try await place.open { client in
            var browser = Browser(client)
            try await browser.enter(place.portal)
            var kept = browser
            for path in ["/deconnexion", "/deconnexion?jeton=", "/deconnexion?jeton=x"] {
                #expect(try await browser.get(path).location == "/applis", "nobody else's link signs out")
            }
            #expect(try await browser.get("/applis").status == 200)
            let link = try await browser.get("/applis").between("href=\"/deconnexion?", "\"")
            let out = try await browser.get("/deconnexion?" + link)
            #expect(out.location.hasPrefix(HonestPortal.issuer + "/end-session?id_token_hint="))
            #expect(out.location.contains("post_logout_redirect_uri=http%3A%2F%2Flocalhost%3A8403%2Fau-revoir"))
            #expect(try await browser.get("/applis").location.hasPrefix("/connexion"))
            #expect(try await kept.get("/applis").location.hasPrefix("/connexion"))
            #expect(try await browser.get("/au-revoir").html.contains("Vous êtes déconnecté"))
        }
    }

    @Test("A portal that is down: a page that says so, a session that still ends here")
    func portalDown() async throws {
        let place = try await Neighbourhood()
        try await place.open { client in
            var browser = Browser(client)
            place.portal.change { $0.isDown = true }
            let page = try await browser.get("/connexion")
            #expect(page.status == 503 && page.html.contains("href=\"/connexion?retour"))
            #expect(!page.html.contains("metadata_unavailable"))
            place.portal.change { $0.isDown = false }
            place.clock.advance(by: .seconds(5))
            try await browser.enter(place.portal)
            let link = try await browser.get("/applis").between("href=\"/deconnexion?", "\"")
            place.clock.advance(by: .hours(2))
            place.portal.change { $0.isDown = true }
            #expect(try await browser.get("/deconnexion?" + link).location == "/au-revoir")
            #expect(try await browser.get("/applis").location.hasPrefix("/connexion"))
        }
    }

    @Test("A person who gives up at the portal gets plain words and a way back")
    func declined() async throws {
        let place = try await Neighbourhood()
        try await place.open { client in
            var browser = Browser(client)
            let start = try await browser.get("/connexion")
            let callback = try place.portal.authorize(start.location)
            let state = try #require(URLComponents(string: callback)?.queryItems?.first { $0.name == "state" }?.value)
            let page = try await browser.get(
                ENTRoutes.callback.with([
                    ("error", "access_denied"), ("error_description", "<script>canary</script>"), ("state", state),
                    ("iss", HonestPortal.issuer),
                ]))
            #expect(page.status == 403 && page.html.contains("href=\"/connexion?retour"))
            #expect(!page.html.contains("canary"))
        }
    }

    @Test(
        "OA-03: no way back leads out of the ENT, nor round in a circle",
        arguments: [
            "//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/connexion",
            "/oidc/callback?x",
            "/deconnexion?jeton=x", "/charte", "", "/\r\nLocation: https://evil.example", "evil.example",
        ])
    func openRedirects(path: String) async throws {
        let place = try await Neighbourhood()
        try await place.open { client in
            var browser = Browser(client)
            let from = ENTRoutes.signIn.with([("retour", path)])
            let arrived = try await browser.signIn(place.portal, from: from)
            #expect(arrived.location == "/applis")
            let signedIn = try await browser.get(from)
            #expect(signedIn.location == "/applis")
        }
    }

    @Test("Preferences: theme and language, kept, and changed by nobody else")
    func preferences() async throws {
        let place = try await Neighbourhood()
        try await place.open { client in
            var browser = Browser(client)
            try await browser.enter(place.portal)
            let page = try await browser.get("/preferences")
            #expect(page.html.contains("value=\"college\" checked") || page.html.contains("data-theme=\"college\""))
            let token = try page.between("name=\"jeton\" value=\"", "\"")
            let foreign = try await browser.post(
                "/preferences", [("jeton", "x"), ("theme", "ecole"), ("langue", "en")])
            #expect(foreign.location == "/preferences")
            #expect(try await browser.get("/applis").html.contains("data-theme=\"college\""))
            let crossSite = try #require(HTTPField.Name("Sec-Fetch-Site"))
            let refused = try await browser.post(
                "/preferences", [("jeton", token), ("theme", "ecole")], headers: [crossSite: "cross-site"])
            #expect(refused.status == 403, "WEB-01")
            _ = try await browser.post("/preferences", [("jeton", token), ("theme", "<x>"), ("langue", "xx")])
            #expect(try await browser.get("/applis").html.contains("data-theme=\"college\""))
            let saved = try await browser.post(
                "/preferences", [("jeton", token), ("theme", "ecole"), ("langue", "ar")])
            #expect(saved.location == "/preferences?fait=1")
            let apps = try await browser.get("/applis")
            #expect(apps.html.contains("data-theme=\"ecole\"") && apps.html.contains("lang=\"ar\" dir=\"rtl\""))
        }
        try await place.open { client in
            var browser = Browser(client)
            try await browser.enter(place.portal)
            #expect(try await browser.get("/applis").html.contains("data-theme=\"ecole\""), "remembered")
        }
    }

    @Test("WEB-03: cookies that are tampered with, cut, doubled or junk are no session, and break nothing")
    func cookies() async throws {
        let place = try await Neighbourhood()
        try await place.open { client in
            var browser = Browser(client)
            try await browser.enter(place.portal)
            let name = "loge-demo-ent-session"
            let session = try #require(browser.cookies[name])
            #expect(try await browser.get("/applis").status == 200, "the control")
            let pending = try #require(try await fresh(client).cookies["loge-demo-ent-connexion"])
            for value in [
                "", "x", String(session.dropLast()), session + "A", session.replacing(".", with: ""), pending,
                String(repeating: "a", count: 5000), "%00", session + "; \(name)=other",
            ] {
                var hostile = Browser(client)
                hostile.cookies[name] = value
                #expect(try await hostile.get("/applis").location.hasPrefix("/connexion"), "\(value.prefix(20))")
            }
            place.clock.advance(by: .hours(8))
            #expect(try await browser.get("/applis").location.hasPrefix("/connexion"), "after eight hours")
        }
    }

    private func fresh(_ client: any TestClientProtocol) async throws -> Browser {
        var browser = Browser(client)
        _ = try await browser.get("/connexion")
        return browser
    }

    @Test("A person without a class, without a name, with odd claims")
    func oddClaims() async throws {
        let place = try await Neighbourhood()
        place.portal.change { $0.claims = ["ENTEleveClasses": 7, "ENTPersonProfils": [1], "name": ["x"]] }
        try await place.open { client in
            var browser = Browser(client)
            try await browser.enter(place.portal)
            let page = try await browser.get("/classe")
            #expect(page.status == 200 && page.html.contains("Aucune classe"))
        }
    }

    @Test("A memory file that is not ours is refused with a sentence, and left alone")
    func foreignMemory() async throws {
        let place = try await Neighbourhood()
        let file = place.folder + "/memory.json"
        try Data("not ours".utf8).write(to: URL(fileURLWithPath: file))
        await #expect(throws: MemoryError.self) { try await place.open { _ in } }
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "not ours")
    }
}
