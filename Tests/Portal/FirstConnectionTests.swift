import Accounts
import Clocks
import HTTPTypes
import JOSE
import LogeTesting
import School
import Stores
import Testing

/// J2: the first connection, and what else stands between a person and an application.
@Suite("J2: first connection and obligations")
struct FirstConnectionTests {
    private let party = TestParty.ent
    private static let newPassword = "une girafe verte 7"

    /// The page of the first connection, on the way to `attempt`.
    private func firstPage(
        _ portal: TestPortal, _ browser: TestBrowser, _ attempt: AuthorizationAttempt,
        code: String = TestPortal.activationCode
    ) async throws -> Page {
        try await browser.enter(
            try await browser.open(attempt.address, from: .crossSite), as: "nouveau.venu", secret: code)
    }

    @Test(
        "the letter's code, a new password, the charter: and the application receives its answer",
        arguments: [
            TestPortal.activationCode, TestPortal.activationCode.lowercased(),
            TestPortal.activationCode.replacing("-", with: ""),
            " " + TestPortal.activationCode.replacing("-", with: " "),
        ])
    func activation(_ code: String) async throws {
        try await withPortal(TestPortalOptions(charterVersion: 1)) { portal in
            let browser = portal.browser()
            let attempt = party.attempt()
            let page = try await firstPage(portal, browser, attempt, code: code)
            #expect(page.status == 200)
            let words = try page.scan().words
            #expect(words.contains("Bonjour Nora"))
            #expect(words.contains("nouveau.venu"))
            let values = [
                "motDePasse": Self.newPassword, "confirmation": Self.newPassword, "charte": "oui",
                "mail": "nora@exemple.fr", "mobile": "06 12 34 56 78",
            ]
            let answer = try attempt.answer(try await browser.submit(try page.form(with: "motDePasse"), values))
            #expect(answer.code != nil)
            let account = try await portal.account("nouveau.venu")
            #expect(account.mail == "nora@exemple.fr")
            #expect(!account.mailVerified)
            #expect(account.charter?.version == 1)
            // The code is dead, the password works, and nothing is asked any more.
            let other = portal.browser()
            let refused = try await other.enter(try await other.open("/"), as: "nouveau.venu", secret: code)
            #expect(refused.status == 401)
            try await other.signIn(as: "nouveau.venu", secret: Self.newPassword)
        }
    }

    @Test(
        "every mistake is told, what was typed stays, passwords are not shown again",
        arguments: [
            (["motDePasse": "court", "confirmation": "court"], "trop court"),
            (["confirmation": "une autre girafe"], "Les deux mots de passe sont différents"),
            (["motDePasse": "azertyuiop123", "confirmation": "azertyuiop123"], "trop courant"),
            (["motDePasse": "nouveau.venu 2026", "confirmation": "nouveau.venu 2026"], "ressemble trop"),
            (
                ["motDePasse": TestPortal.activationCode, "confirmation": TestPortal.activationCode],
                "votre code d’activation"
            ),
            (["motDePasse": "", "confirmation": ""], "trop court"), (["mail": ""], "Donnez une adresse mail"),
            (["mail": "pas une adresse"], "ne semble pas complète"),
            (["mobile": "12"], "ne semble pas être celui d’un mobile"),
            (["charte": "non"], "Cochez la case"),
        ])
    func mistakes(_ sample: (changes: [String: String], words: String)) async throws {
        try await withPortal(TestPortalOptions(charterVersion: 1, mailRequired: true)) { portal in
            let browser = portal.browser()
            let attempt = party.attempt()
            let page = try await firstPage(portal, browser, attempt)
            let good = [
                "motDePasse": Self.newPassword, "confirmation": Self.newPassword, "charte": "oui",
                "mail": "nora@exemple.fr", "mobile": "06 12 34 56 78",
            ]
            let typed = good.merging(sample.changes) { $1 }
            let refused = try await browser.submit(try page.form(with: "motDePasse"), typed)
            #expect(refused.status == 422)
            #expect(try refused.scan().words.contains(sample.words))
            let form = try refused.form(with: "motDePasse")
            #expect(form["mail"] == typed["mail"])
            #expect(form["mobile"] == typed["mobile"])
            #expect(form["charte"] == (typed["charte"] == "oui" ? "oui" : nil))
            #expect(form["motDePasse"] == "")
            #expect(form["confirmation"] == "")
            #expect(!refused.body.contains(Self.newPassword))
            // Nothing was used up: corrected, it goes through.
            let account = try await portal.account("nouveau.venu")
            #expect(account.stage == .awaitingActivation(expires: TestPortal.start + .days(30)))
            #expect(try attempt.answer(try await browser.submit(form, good)).code != nil)
        }
    }

    @Test("ACT-01: a code works once, also in two tabs and sixteen times at once")
    func once() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let form = try await firstPage(portal, browser, party.attempt()).form(with: "motDePasse")
            let values = ["motDePasse": Self.newPassword, "confirmation": Self.newPassword]
            let outcomes = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<16 {
                    group.addTask { try await browser.submit(form, values).outside != nil }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 }.count == 1)
            #expect(try portal.rows()["sessions"] == 1)
            #expect(try await browser.submit(form, values).status == 400)
        }
    }

    @Test("ACT-01: an expired code, a wrong one and another person's are refused like a wrong password")
    func deadCodes() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let wrong = String(TestPortal.activationCode.reversed())
            for (login, secret) in [("nouveau.venu", wrong), ("lea.petit", TestPortal.activationCode)] {
                let page = try await browser.enter(try await browser.open("/"), as: login, secret: secret)
                #expect(page.status == 401)
                #expect(try page.scan().words.contains("n’est pas le bon"))
            }
            portal.clock.advance(by: .days(30))
            let late = try await firstPage(portal, browser, party.attempt())
            #expect(late.status == 401)
        }
    }

    @Test("the charter's next version is asked once, of everybody, before anything else")
    func raisedCharter() async throws {
        try await withPortal(TestPortalOptions(charterVersion: 1)) { portal in
            let browser = portal.browser()
            try await browser.signIn()
            try await portal.withNeighbour(TestPortalOptions(charterVersion: 2)) { after in
                let moved = browser.moved(to: after.client)
                let silent = party.attempt(["prompt": "none"])
                let answer = try silent.answer(try await moved.open(silent.address, from: .crossSite))
                #expect(answer.error == "interaction_required")
                let attempt = party.attempt()
                let page = try await moved.enter(try await moved.open(attempt.address, from: .crossSite))
                let form = try page.form(with: "charte")
                #expect(!form.controls.contains("motDePasse"))
                #expect(!form.controls.contains("mail"))
                let refused = try await moved.submit(form)
                #expect(refused.status == 422)
                #expect(try refused.scan().words.contains("Cochez la case"))
                let done = try await moved.submit(try refused.form(with: "charte"), ["charte": "oui"])
                #expect(try attempt.answer(done).code != nil)
                #expect(try await after.account("camille.martin").charter?.version == 2)
                #expect(try silent.answer(try await moved.open(silent.address, from: .crossSite)).code != nil)
            }
        }
    }

    @Test("a password that must be changed: not into the same one, then once for all")
    func mustChange() async throws {
        try await withPortal { portal in
            let person = Person(givenName: "Zoé", familyName: "Change", profile: .pupil)
            try await portal.add("zoe.change", person, mustChange: true)
            let browser = portal.browser()
            let attempt = party.attempt()
            let page = try await browser.enter(
                try await browser.open(attempt.address, from: .crossSite), as: "zoe.change")
            var form = try page.form(with: "motDePasse")
            #expect(!form.controls.contains("charte"))
            let same = ["motDePasse": TestPortal.password, "confirmation": TestPortal.password]
            let refused = try await browser.submit(form, same)
            #expect(refused.status == 422)
            #expect(try refused.scan().words.contains("C’est déjà votre mot de passe"))
            #expect(try portal.rows()["sessions"] == 0)
            form = try refused.form(with: "motDePasse")
            let values = ["motDePasse": Self.newPassword, "confirmation": Self.newPassword]
            #expect(try attempt.answer(try await browser.submit(form, values)).code != nil)
            let other = portal.browser()
            #expect(try await other.enter(try await other.open("/"), as: "zoe.change").status == 401)
            try await other.signIn(as: "zoe.change", secret: Self.newPassword)
        }
    }

    @Test("a mail address where one is required")
    func requiredMail() async throws {
        try await withPortal(TestPortalOptions(mailRequired: true)) { portal in
            let browser = portal.browser()
            let page = try await browser.enter(try await browser.open("/"), as: "lea.petit")
            let refused = try await browser.submit(try page.form(with: "mail"), ["mail": "x"])
            #expect(refused.status == 422)
            let done = try await browser.submit(try refused.form(with: "mail"), ["mail": "lea@exemple.fr"])
            #expect(done.address == "/")
            #expect(try await portal.account("lea.petit").mail == "lea@exemple.fr")
        }
    }

    @Test("BR-01: a proof given before a reset opens nothing after it")
    func proofBeforeReset() async throws {
        try await withPortal(TestPortalOptions(mailRequired: true)) { portal in
            // A thief who knows the password stands at the page that asks a mail address.
            let thief = portal.browser()
            let waiting = try await thief.enter(try await thief.open("/"), as: "lea.petit")
            let form = try waiting.form(with: "mail")
            portal.clock.advance(by: .minutes(5))
            _ = try await portal.administration.reset("lea.petit", now: portal.clock.now())
            let refused = try await thief.submit(form, ["mail": "voleur@exemple.net"])
            #expect(refused.status == 400)
            #expect(try await portal.account("lea.petit").mail == nil)
            #expect(try portal.rows()["sessions"] == 0)
        }
    }

    @Test("auth_time is when the proof was given, not when the page was filled in (OA-22)")
    func timeOfProof() async throws {
        try await withPortal(TestPortalOptions(mailRequired: true)) { portal in
            let browser = portal.browser()
            let attempt = party.attempt()
            let page = try await browser.enter(
                try await browser.open(attempt.address, from: .crossSite), as: "lea.petit")
            portal.clock.advance(by: .minutes(10))
            let done = try await browser.submit(try page.form(with: "mail"), ["mail": "lea@exemple.fr"])
            let tokens = try await portal.redeem(try #require(try attempt.answer(done).code), of: attempt)
            let claims = try await portal.claims(of: tokens.idToken, for: attempt)
            #expect(claims["auth_time"]?.integer == TestPortal.start.secondsSinceEpoch)
        }
    }

    @Test("coming by the address of the form, or with nothing carried, leads to the beginning")
    func byAddress() async throws {
        try await withPortal { portal in
            let page = try await portal.browser().open("/compte/premiere-connexion")
            #expect(page.address.hasPrefix("/connexion?s="))
            for fields in [[], [("e", "")], [("e", "x.y")]] as [[(String, String)]] {
                let refused = try await portal.browser().post("/compte/premiere-connexion", fields)
                #expect(refused.status == 400)
                #expect(try refused.scan().links.contains { $0.words == "Recommencer" })
            }
        }
    }
}
