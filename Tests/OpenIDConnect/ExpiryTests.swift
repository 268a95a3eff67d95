import Clocks
import HTTPTypes
import JOSE
import LogeTesting
import SignOn
import Testing

/// Everything ends when it should, not a moment later and not a moment before.
@Suite("Lifetimes")
struct ExpiryTests {
    private let party = TestParty.ent

    private func isSignedIn(_ browser: TestBrowser) async throws -> Bool {
        let attempt = party.attempt(["prompt": "none"])
        return try attempt.answer(try await browser.open(attempt.address, from: .crossSite)).code != nil
    }

    @Test("an access token lives ten minutes")
    func accessToken() async throws {
        try await withPortal { portal in
            let tokens = try await portal.tokens(for: party.attempt(), in: portal.browser())
            portal.clock.advance(by: .minutes(10) - .milliseconds(1))
            #expect(try await portal.userInfo(tokens.accessToken).status == 200)
            portal.clock.advance(by: .milliseconds(1))
            #expect(try await portal.userInfo(tokens.accessToken).error == "invalid_token")
        }
    }

    @Test("an ID token says ten minutes")
    func idToken() async throws {
        try await withPortal { portal in
            let attempt = party.attempt()
            let tokens = try await portal.tokens(for: attempt, in: portal.browser())
            let claims = try await portal.claims(of: tokens.idToken, for: attempt)
            #expect(claims["iat"]?.integer == portal.clock.now().secondsSinceEpoch)
            #expect(claims["exp"]?.integer == portal.clock.now().secondsSinceEpoch + 600)
        }
    }

    @Test("a session nobody uses ends after two hours")
    func idleSession() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            let idle = browser.copy()
            portal.clock.advance(by: .hours(2) - .seconds(1))
            #expect(try await isSignedIn(browser))
            portal.clock.advance(by: .seconds(1))
            // The copy kept the first token; the browser was given a new one when it was used.
            #expect(try await !isSignedIn(idle))
            #expect(try await isSignedIn(browser))
            portal.clock.advance(by: .hours(2) - .seconds(1))
            #expect(try await !isSignedIn(browser))
        }
    }

    @Test("a session in use ends after twelve hours all the same, with what it gave")
    func absoluteSession() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            for _ in 0..<11 {
                portal.clock.advance(by: .hours(1))
                #expect(try await isSignedIn(browser))
            }
            portal.clock.advance(by: .hours(1) - .seconds(30))
            let tokens = try await portal.tokens(for: party.attempt(), in: browser)
            let attempt = party.attempt()
            let code = try await portal.code(for: attempt, in: browser)
            portal.clock.advance(by: .seconds(30))
            #expect(try await !isSignedIn(browser))
            #expect(try await portal.userInfo(tokens.accessToken).error == "invalid_token")
            HiddenChecks.refusal(try await portal.redeem(code, of: attempt), "invalid_grant")
        }
    }

    @Test("the old token of a session dies at a new proof of identity (WEB-02)")
    func generations() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            let thief = browser.copy()
            #expect(try await isSignedIn(thief))
            let attempt = party.attempt(["prompt": "login"])
            let page = try await browser.enter(try await browser.open(attempt.address, from: .crossSite))
            #expect(try attempt.answer(page).code != nil)
            #expect(try await !isSignedIn(thief))
            #expect(try await isSignedIn(browser))
            #expect(try portal.rows()["sessions"] == 1)
        }
    }

    @Test("a sign-on left open goes on until the next day, then says so and offers to begin again")
    func pendingSignOn() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let attempt = party.attempt(["idp_hint": "ent"])
            let form = try await browser.open(attempt.address, from: .crossSite).form(with: "secret")
            let other = try await browser.open(attempt.address, from: .crossSite).form(with: "secret")
            let values = ["identifiant": "camille.martin", "secret": TestPortal.password]
            portal.clock.advance(by: PendingSignOns.lifetime - .seconds(1))
            #expect(try attempt.answer(try await browser.submit(form, values)).code != nil)
            portal.clock.advance(by: .seconds(1))
            let late = try await browser.submit(other, values)
            #expect(late.status == 400)
            let scan = try late.scan()
            #expect(scan.words.contains("La page était ouverte depuis longtemps"))
            #expect(scan.links.contains { $0.words == "Recommencer" && $0.address == "/" })
        }
    }

    @Test("the page that settles what is open lives an hour")
    func unsettled() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let page = try await browser.enter(
                try await browser.open("/"), as: "nouveau.venu", secret: TestPortal.activationCode)
            let form = try page.form(with: "motDePasse")
            let values = ["motDePasse": "une girafe verte 7", "confirmation": "une girafe verte 7"]
            portal.clock.advance(by: .hours(1))
            #expect(try await browser.submit(form, values).status == 400)
            let again = try await browser.enter(
                try await browser.open("/"), as: "nouveau.venu", secret: TestPortal.activationCode)
            portal.clock.advance(by: .hours(1) - .seconds(1))
            #expect(try await browser.submit(try again.form(with: "motDePasse"), values).address == "/")
        }
    }

    @Test("nothing from the future is believed: a clock that went back")
    func clockWentBack() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let attempt = party.attempt(["idp_hint": "ent"])
            let form = try await browser.open(attempt.address, from: .crossSite).form(with: "secret")
            portal.clock.advance(by: .zero - .hours(1))
            let values = ["identifiant": "camille.martin", "secret": TestPortal.password]
            #expect(try await browser.submit(form, values).status == 400)
        }
    }
}
