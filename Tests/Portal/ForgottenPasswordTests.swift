import Accounts
import Clocks
import Foundation
import HTTPTypes
import JOSE
import LogeTesting
import Stores
import Testing

/// J8, PW-04, MAIL-01: forgotten passwords, by a mailed link.
@Suite("J8, PW-04, MAIL-01: forgotten password")
struct ForgottenPasswordTests {
    private static let newPassword = "une girafe verte 7"
    private static let values = ["motDePasse": newPassword, "confirmation": newPassword]

    /// Asks for a link. - Returns: the address in the mail.
    private func link(
        _ portal: TestPortal, for typed: String = "camille.martin", in browser: TestBrowser? = nil
    ) async throws -> String {
        let browser = browser ?? portal.browser()
        let form = try await browser.open("/compte/mot-de-passe-oublie").form(with: "identifiant")
        let sent = try await browser.submit(form, ["identifiant": typed])
        #expect(try sent.scan().words.contains("Si cet identifiant existe"))
        let mails = try await portal.stores.outbox.take(limit: 10, lease: .seconds(1), now: portal.clock.now())
        let body = try #require(mails.last).body
        let start = try #require(body.range(of: TestPortal.origin + "/compte/nouveau-mot-de-passe?jeton="))
        return String(body[start.lowerBound...].prefix { !$0.isWhitespace })
    }

    @Test("the way: ask, mail, look, choose, sign in; every session ends")
    func wholeWay() async throws {
        try await withPortal(TestPortalOptions(runsServices: true)) { portal in
            let open = portal.browser()
            try await open.signIn()
            let tokens = try await portal.tokens(for: TestParty.ent.attempt(), in: open)
            let address = try await link(portal)
            // In another browser than the one that asked: mails are read on the phone.
            let phone = portal.browser()
            let page = try await phone.open(address, from: .crossSite)
            #expect(page.header("Referrer-Policy") == "no-referrer")
            #expect(try page.scan().words.contains("Choisissez un nouveau mot de passe"))
            let done = try await phone.submit(try page.form(with: "motDePasse"), Self.values)
            #expect(try done.scan().words.contains("Votre mot de passe est changé."))
            #expect(try await portal.userInfo(tokens.accessToken).error == "invalid_token")
            #expect(try await open.open("/").address.hasPrefix("/connexion"))
            let fresh = portal.browser()
            #expect(try await fresh.enter(try await fresh.open("/")).status == 401)
            try await fresh.signIn(secret: Self.newPassword)
            #expect(try await portal.account("camille.martin").mailVerified)
        }
    }

    @Test("MAIL-01: looking does not use the link, whoever looks; choosing does, once")
    func once() async throws {
        try await withPortal { portal in
            let address = try await link(portal)
            let path = String(address.dropFirst(TestPortal.origin.count))
            for _ in 0..<3 {
                #expect(try await portal.browser().open(address).status == 200)
                _ = try await portal.send(.head, path)
            }
            let form = try await portal.browser().open(address).form(with: "motDePasse")
            let changed = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 {
                    let browser = portal.browser()
                    group.addTask { try await browser.submit(form, Self.values).status == 200 }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(changed == 1)
            let dead = try await portal.browser().open(address)
            #expect(dead.status == 404)
            #expect(try dead.scan().words.contains("Ce lien ne marche plus"))
        }
    }

    @Test(
        "a password that will not do is told, and the link lives on",
        arguments: [
            (["motDePasse": "court", "confirmation": "court"], "trop court"),
            (["confirmation": "autre"], "Les deux mots de passe sont différents"),
            (["motDePasse": "camille.martin1", "confirmation": "camille.martin1"], "ressemble trop"),
        ])
    func mistakes(_ sample: (changes: [String: String], words: String)) async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let page = try await browser.open(try await link(portal), from: .crossSite)
            let typed = Self.values.merging(sample.changes) { $1 }
            let refused = try await browser.submit(try page.form(with: "motDePasse"), typed)
            #expect(refused.status == 422)
            #expect(try refused.scan().words.contains(sample.words))
            let done = try await browser.submit(try refused.form(with: "motDePasse"), Self.values)
            #expect(done.status == 200)
        }
    }

    @Test("a link dies: after an hour, by a newer one, by signing in, by a lock; and no other token is one")
    func deadLinks() async throws {
        try await withPortal { portal in
            let old = try await link(portal)
            let new = try await link(portal)
            #expect(try await portal.browser().open(old).status == 404)
            #expect(try await portal.browser().open(new).status == 200)
            portal.clock.advance(by: .hours(1))
            #expect(try await portal.browser().open(new).status == 404)
            let third = try await link(portal)
            try await portal.browser().signIn()
            #expect(try await portal.browser().open(third).status == 404)
            let fourth = try await link(portal)
            _ = try await portal.administration.lock("camille.martin", reason: "essai", now: portal.clock.now())
            #expect(try await portal.browser().open(fourth).status == 404)
            let token = try #require(fourth.split(separator: "=").last)
            for text in ["", "x", String(token.dropLast()), token + "A", String(token.reversed()), token.uppercased()] {
                let page = try await portal.browser().open("/compte/nouveau-mot-de-passe?jeton=\(text)")
                #expect(page.status == 404)
                let posted = try await portal.browser().post(
                    "/compte/nouveau-mot-de-passe", [("jeton", text)] + Self.values.map { ($0.key, $0.value) })
                #expect(posted.status == 404)
            }
        }
    }

    @Test("an empty field is told; nothing is written")
    func emptyField() async throws {
        try await withPortal { portal in
            let before = try portal.rows()
            for typed in ["", "   "] {
                let page = try await portal.browser().post("/compte/mot-de-passe-oublie", [("identifiant", typed)])
                #expect(page.status == 400)
                #expect(try page.scan().words.contains("Tapez votre identifiant."))
            }
            #expect(try portal.rows() == before)
        }
    }

    @Test("the way back leads to the application that the person came from")
    func wayBack() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let attempt = TestParty.ent.attempt(["idp_hint": "ent"])
            let page = try await browser.open(attempt.address, from: .crossSite)
            let asking = try await browser.open(try page.link("Mot de passe oublié"))
            let sent = try await browser.submit(try asking.form(with: "identifiant"), ["identifiant": "camille.martin"])
            let back = try await browser.open(try sent.link("Revenir à la connexion"))
            #expect(try attempt.answer(try await browser.enter(back)).code != nil)
        }
    }
}
