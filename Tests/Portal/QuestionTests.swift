import Clocks
import HTTPTypes
import LogeTesting
import Testing

/// J1: the portal's three questions, as data.
@Suite("J1: the portal's questions")
struct QuestionTests {
    private let party = TestParty.ent

    private func labels(_ form: HTMLForm, _ name: String) -> [String] {
        form.choices.filter { $0.name == name }.map(\.value)
    }

    @Test("profile, level, account: then the application receives its answer")
    func threeQuestions() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let attempt = party.attempt()
            var page = try await browser.open(attempt.address, from: .crossSite)
            var form = try page.form(with: "profil")
            #expect(labels(form, "profil") == ["eleve", "representant", "invite"])
            #expect(try page.scan().words.contains("Pour continuer vers Application ent"))
            page = try await browser.submit(form, ["profil": "eleve"])
            form = try page.form(with: "niveau")
            #expect(labels(form, "niveau") == ["ecole", "college"])
            #expect(try page.scan().words.contains("Élève"))
            page = try await browser.submit(form, ["niveau": "college"])
            #expect(page.body.contains("data-theme=\"college\""))
            form = try page.form(with: "mode")
            #expect(labels(form, "mode") == ["ent", "secours"])
            page = try await browser.submit(form, ["mode": "secours", "memoriser": "non"])
            #expect(page.address.contains("porte=secours"))
            #expect(page.body.contains("data-theme=\"college\""))
            let values = ["identifiant": "camille.martin", "secret": TestPortal.password]
            let answer = try attempt.answer(try await browser.submit(try page.form(with: "secret"), values))
            #expect(answer.code != nil)
            #expect(answer.state == attempt["state"])
            #expect(browser.refusedCookies.isEmpty)
        }
    }

    @Test(
        "a choice with one answer is told, not asked",
        arguments: [
            ("eleve", "ecole"), ("representant", nil), ("invite", nil),
        ])
    func singleAnswers(_ sample: (profile: String, level: String?)) async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            var page = try await browser.open(party.attempt().address, from: .crossSite)
            page = try await browser.submit(try page.form(with: "profil"), ["profil": sample.profile])
            if let level = sample.level {
                page = try await browser.submit(try page.form(with: "niveau"), ["niveau": level])
            }
            let form = try page.form(with: "memoriser")
            #expect(form["mode"] == "ent")
            #expect(labels(form, "mode").isEmpty)
            #expect(form["memoriser"] == "non")
            #expect(try page.scan().words.contains("Compte de l’ENT"))
            #expect(try await browser.submit(form).address.hasPrefix("/compte/connexion?"))
        }
    }

    @Test(
        "answers that the plan does not know are as if not given",
        arguments: [
            ("profil=inconnu", "profil"), ("profil=", "profil"), ("niveau=college", "profil"),
            ("profil=eleve&niveau=lycee", "niveau"),
            ("profil=eleve&niveau=", "niveau"), ("profil=Eleve", "profil"), ("profil=invite&niveau=lycee", "memoriser"),
        ])
    func unknownAnswers(_ sample: (query: String, next: String)) async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let page = try await browser.open(party.attempt().address, from: .crossSite)
            let state = try #require(try page.form(with: "profil")["s"])
            let next = try await browser.open("/connexion?s=\(state)&changer=1&\(sample.query)")
            #expect(next.status == 200)
            _ = try next.form(with: sample.next)
        }
    }

    @Test(
        "a door that the level does not have is refused in words, and what was chosen stays",
        arguments: [
            nil, "", "inconnue", "ENT",
        ])
    func unknownDoors(_ mode: String?) async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            var page = try await browser.open(party.attempt().address, from: .crossSite)
            page = try await browser.submit(try page.form(with: "profil"), ["profil": "eleve"])
            page = try await browser.submit(try page.form(with: "niveau"), ["niveau": "college"])
            var values = ["memoriser": "oui"]
            if let mode { values["mode"] = mode }
            let refused = try await browser.submit(try page.form(with: "mode"), values)
            #expect(refused.status == 400)
            let scan = try refused.scan()
            #expect(scan.words.contains("Choisissez un compte pour continuer."))
            #expect(try refused.form(with: "mode")["memoriser"] == "oui")
            #expect(browser[cookie: "memoire"] == nil)
            // The door of another level by a form made by hand.
            let state = try #require(try refused.form(with: "mode")["s"])
            let made = [("s", state), ("profil", "eleve"), ("niveau", "ecole"), ("mode", "secours")]
            #expect(try await browser.post("/connexion", made).status == 400)
        }
    }

    @Test("the back button: any earlier page still works, another answer leads elsewhere")
    func backButton() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let attempt = party.attempt()
            let first = try await browser.open(attempt.address, from: .crossSite)
            let second = try await browser.submit(try first.form(with: "profil"), ["profil": "eleve"])
            let third = try await browser.submit(try second.form(with: "niveau"), ["niveau": "college"])
            let door = try await browser.submit(try third.form(with: "mode"), ["mode": "ent"])
            // Back, twice, and forth by another way.
            _ = try await browser.open(second.address).form(with: "niveau")
            let other = try await browser.submit(try first.form(with: "profil"), ["profil": "invite"])
            let sameDoor = try await browser.submit(try other.form(with: "memoriser"))
            let values = ["identifiant": "camille.martin", "secret": TestPortal.password]
            #expect(try attempt.answer(try await browser.submit(try sameDoor.form(with: "secret"), values)).code != nil)
            // The page left behind works as well: it signs in once more and answers once more.
            #expect(try attempt.answer(try await browser.submit(try door.form(with: "secret"), values)).code != nil)
        }
    }

    @Test("two tabs: each application receives its own answer, in whatever order")
    func twoTabs() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let one = TestParty.ent.attempt()
            let two = TestParty.conformance.attempt()
            let first = try await browser.open(one.address, from: .crossSite)
            let second = try await browser.open(two.address, from: .crossSite)
            #expect(try two.answer(try await browser.enter(second)).state == two["state"])
            #expect(try one.answer(try await browser.enter(first)).state == one["state"])
        }
    }

    @Test("« Changer » leads back to the question")
    func changing() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            var page = try await browser.open(party.attempt().address, from: .crossSite)
            page = try await browser.submit(try page.form(with: "profil"), ["profil": "eleve"])
            page = try await browser.submit(try page.form(with: "niveau"), ["niveau": "college"])
            let links = try page.scan().links.filter { $0.words.hasPrefix("Changer") }.map(\.address)
            #expect(links.count == 2)
            _ = try await browser.open(try #require(links.first)).form(with: "profil")
            _ = try await browser.open(try #require(links.last)).form(with: "niveau")
        }
    }

    @Test("idp_hint leads straight to the door; one that does not exist is passed over")
    func hint() async throws {
        try await withPortal { portal in
            for (hint, isKnown) in [
                ("ent", true), ("secours", true), ("inconnue", false), ("", false), ("../ent", false),
            ] {
                let attempt = party.attempt(["idp_hint": hint])
                let page = try await portal.browser().open(attempt.address, from: .crossSite)
                #expect(page.address.hasPrefix("/compte/connexion?") == isKnown, "\(hint)")
                #expect(page.status == 200)
            }
        }
    }

    @Test("going back to the application: it is told access_denied")
    func cancelled() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let attempt = party.attempt()
            let page = try await browser.open(attempt.address, from: .crossSite)
            let state = try #require(try page.form(with: "profil")["s"])
            let answer = try attempt.answer(try await browser.open("/oidc/authorize/resume?annuler=1&s=\(state)"))
            #expect(answer.error == "access_denied")
            #expect(answer.state == attempt["state"])
            #expect(answer.issuer == TestPortal.origin)
        }
    }

    @Test("the language of the browser, of the application, of the person: the last word is the person's")
    func languages() async throws {
        try await withPortal { portal in
            let browser = portal.browser(language: "pt-BR,fr;q=0.5")
            var page = try await browser.open("/")
            #expect(page.headers[.contentLanguage] == "pt")
            page = try await browser.open(party.attempt(["ui_locales": "tr"]).address, from: .crossSite)
            #expect(page.headers[.contentLanguage] == "tr")
            page = try await browser.open(try page.link("العربية"))
            #expect(page.headers[.contentLanguage] == "ar")
            #expect(page.body.contains("dir=\"rtl\""))
            #expect(page.address.hasPrefix("/connexion?s="))
            #expect(try await browser.open("/connexion/memoire").headers[.contentLanguage] == "ar")
            browser[cookie: "langue"] = "../../fr"
            #expect(try await browser.open("/connexion/memoire").headers[.contentLanguage] == "pt")
        }
    }

    @Test("home without a session: the questions; with one: the services, and no second question")
    func home() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let page = try await browser.open("/")
            #expect(page.address.hasPrefix("/connexion?s="))
            let home = try await browser.enter(page)
            #expect(home.address == "/")
            let scan = try home.scan()
            #expect(scan.words.contains("Bonjour Camille"))
            #expect(scan.links.contains { $0.address == "https://ent.exemple.org/" })
            // Not for pupils.
            #expect(!scan.links.contains { $0.address == "https://enseignants.exemple.org/" })
            #expect(try await browser.open("/").hops.count == 1)
        }
    }
}
