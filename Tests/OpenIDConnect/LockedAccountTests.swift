import Accounts
import Clocks
import Foundation
import HTTPTypes
import JOSE
import LogeTesting
import OpenIDConnectIssuer
import Stores
import Testing

/// Whoever is shut out is shut out at every entrance, also in what was open before.
@Suite("BR-07: locked, ended, removed: refused at each entrance")
struct LockedAccountTests {
    private let party = TestParty.ent

    /// Everything that a person had open when the door was shut.
    private struct Open: Sendable {
        let browser: TestBrowser
        let accessToken: String
        let attempt: AuthorizationAttempt
        let code: String
        let resume: String
    }

    private func opened(_ portal: TestPortal) async throws -> Open {
        let browser = portal.browser()
        // Stopped between the password and the issuer: the sign-on stands in the address.
        let waiting = try await browser.open(party.attempt(["idp_hint": "ent"]).address, from: .crossSite)
        let sent = try await browser.submit(
            try waiting.form(with: "secret"), ["identifiant": "camille.martin", "secret": TestPortal.password],
            follows: false)
        let attempt = party.attempt()
        return Open(
            browser: browser,
            accessToken: try await portal.tokens(for: party.attempt(), in: browser).accessToken, attempt: attempt,
            code: try await portal.code(for: attempt, in: browser), resume: try #require(sent.headers[.location]))
    }

    /// Nothing is open any more: authorize, silent authorize, resume, token, userinfo, home.
    private func isShut(_ portal: TestPortal, _ open: Open, location: SourceLocation = #_sourceLocation) async throws {
        let silent = party.attempt(["prompt": "none"])
        let hasEnded = try await eventually {
            try silent.answer(try await open.browser.open(silent.address, from: .crossSite)).error == "login_required"
        }
        #expect(hasEnded, sourceLocation: location)
        let asked = try await open.browser.open(party.attempt().address, from: .crossSite)
        #expect(asked.outside == nil, sourceLocation: location)
        #expect(asked.address.hasPrefix("/connexion"), sourceLocation: location)
        let resumed = try await open.browser.open(open.resume)
        #expect(resumed.outside == nil, sourceLocation: location)
        #expect(resumed.address.hasPrefix("/compte/connexion"), sourceLocation: location)
        HiddenChecks.refusal(
            try await portal.redeem(open.code, of: open.attempt), "invalid_grant", location: location)
        #expect(try await portal.userInfo(open.accessToken).error == "invalid_token", sourceLocation: location)
        #expect(try await open.browser.open("/").address.hasPrefix("/connexion"), sourceLocation: location)
    }

    @Test("control: with nothing shut, all of it is open")
    func control() async throws {
        try await withPortal { portal in
            let open = try await opened(portal)
            #expect(try await open.browser.open(open.resume).outside != nil)
            #expect(try await portal.redeem(open.code, of: open.attempt).status == 200)
            #expect(try await portal.userInfo(open.accessToken).status == 200)
            #expect(try await open.browser.open("/").status == 200)
        }
    }

    @Test("a locked account, and its password opens nothing")
    func locked() async throws {
        try await withPortal(TestPortalOptions(runsServices: true)) { portal in
            let open = try await opened(portal)
            _ = try await portal.administration.lock("camille.martin", reason: "essai", now: portal.clock.now())
            try await isShut(portal, open)
            let page = try await open.browser.enter(try await open.browser.open("/"))
            #expect(page.status == 401)
            // Unlocked, a new sign-in works; what was open stays shut.
            _ = try await portal.administration.unlock("camille.martin")
            try await isShut(portal, open)
            let cameIn = try await eventually {
                try await open.browser.enter(try await open.browser.open("/")).address == "/"
            }
            #expect(cameIn)
        }
    }

    @Test("an account put back to its letter")
    func reset() async throws {
        try await withPortal(TestPortalOptions(runsServices: true)) { portal in
            let open = try await opened(portal)
            _ = try await portal.administration.reset("camille.martin", now: portal.clock.now())
            try await isShut(portal, open)
        }
    }

    @Test("a session ended by the operator, by this node or by another")
    func endedSession() async throws {
        try await withPortal(TestPortalOptions(runsServices: true)) { portal in
            let open = try await opened(portal)
            try await portal.withNeighbour { neighbour in
                let id = try await neighbour.account("camille.martin").id
                _ = try await neighbour.stores.sessions.endAll(of: id, except: nil, now: portal.clock.now())
            }
            try await isShut(portal, open)
        }
    }

    @Test("locked on the very way: between the proof and the session, and while settling")
    func lockedOnTheWay() async throws {
        try await withPortal(TestPortalOptions(runsServices: true)) { portal in
            let browser = portal.browser()
            let settle = try await browser.enter(
                try await browser.open("/"), as: "nouveau.venu", secret: TestPortal.activationCode)
            _ = try await portal.administration.lock("nouveau.venu", reason: "essai", now: portal.clock.now())
            let values = ["motDePasse": "une girafe verte 7", "confirmation": "une girafe verte 7"]
            let refused = try await browser.submit(try settle.form(with: "motDePasse"), values)
            #expect(refused.status == 400)
            #expect(try portal.rows()["sessions"] == 0)
            let account = try await portal.account("nouveau.venu")
            #expect(account.stage == .awaitingActivation(expires: TestPortal.start + .days(30)))
        }
    }

    @Test("a client removed from the folder: no entrance of its own is left, the person stays at the portal")
    func removedClient() async throws {
        try await withPortal { portal in
            let open = try await opened(portal)
            try FileManager.default.removeItem(atPath: portal.folder + "/parties/ent.yaml")
            #expect(await portal.clients.refresh() == ["ent.yaml: removed"])
            for address in [party.attempt().address, open.resume, open.resume + "&annuler=1"] {
                let page = try await open.browser.open(address)
                #expect(page.status == 400)
                #expect(page.outside == nil)
            }
            HiddenChecks.refusal(try await portal.redeem(open.code, of: open.attempt), "invalid_client")
            #expect(try await portal.userInfo(open.accessToken).error == "invalid_token")
            #expect(try await open.browser.open("/").status == 200)
        }
    }

    @Test("a redirect_uri taken out of the file while a sign-on waits: the answer goes nowhere")
    func removedAddress() async throws {
        try await withPortal { portal in
            let open = try await opened(portal)
            let path = portal.folder + "/parties/ent.yaml"
            let yaml = try String(contentsOfFile: path, encoding: .utf8)
            try yaml.replacing(party.redirectURI + "\"", with: party.redirectURI + "/neuf\"")
                .write(toFile: path, atomically: true, encoding: .utf8)
            #expect(await portal.clients.refresh().count == 1)
            let page = try await open.browser.open(open.resume)
            #expect(page.status == 400)
            #expect(page.outside == nil)
        }
    }

    @Test("a person who is not admitted any more gets no tokens for the code and no userinfo")
    func closedApplication() async throws {
        try await withPortal { portal in
            let open = try await opened(portal)
            let path = portal.folder + "/parties/ent.yaml"
            let yaml = try String(contentsOfFile: path, encoding: .utf8)
            try (yaml + "profiles: [National_ENS]\n").write(toFile: path, atomically: true, encoding: .utf8)
            #expect(await portal.clients.refresh().count == 1)
            HiddenChecks.refusal(try await portal.redeem(open.code, of: open.attempt), "invalid_grant")
            #expect(try await portal.userInfo(open.accessToken).error == "invalid_token")
            #expect(try await open.browser.open(open.resume).status == 403)
        }
    }
}
