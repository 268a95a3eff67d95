import Clocks
import HTTPTypes
import LogeTesting
import SignOn
import Stores
import Testing

/// J15: a person sees and ends their own sessions, and nobody else's.
@Suite("J15: the list of sessions")
struct SessionListTests {
    private func forms(_ page: Page) throws -> [HTMLForm] {
        try page.scan().forms.filter { $0.action == "/mon-compte/sessions" }
    }

    private func isSignedIn(_ browser: TestBrowser) async throws -> Bool {
        try await browser.open("/").address == "/"
    }

    @Test("one session: shown, with nothing to end; two: the other one can be ended")
    func endOne() async throws {
        try await withPortal { portal in
            let here = portal.browser()
            let alone = try await here.signIn()
            #expect(try alone.scan().words.contains("Firefox sur Linux"))
            #expect(try forms(alone).isEmpty)
            let there = portal.browser()
            try await there.signIn()
            let home = try await here.open("/")
            let form = try #require(try forms(home).first { $0["session"] != nil })
            #expect(try forms(home).filter { $0["session"] != nil }.count == 1)
            let done = try await here.submit(form)
            #expect(try done.scan().words.contains("L’appareil est déconnecté."))
            #expect(try await !isSignedIn(there))
            #expect(try await isSignedIn(here))
        }
    }

    @Test("all others at once")
    func endAll() async throws {
        try await withPortal { portal in
            let here = portal.browser()
            try await here.signIn()
            let others = [portal.browser(), portal.browser(), portal.browser()]
            for browser in others { try await browser.signIn() }
            let neighbour = portal.browser()
            try await neighbour.signIn(as: "lea.petit")
            let form = try #require(try forms(try await here.open("/")).first { $0["toutes"] != nil })
            let done = try await here.submit(form)
            #expect(try done.scan().words.contains("Tous les autres appareils sont déconnectés."))
            for browser in others { #expect(try await !isSignedIn(browser)) }
            #expect(try await isSignedIn(here))
            #expect(try await isSignedIn(neighbour))
        }
    }

    @Test("another person's session cannot be ended, by any field; nor one's own by another site")
    func foreignSessions() async throws {
        try await withPortal { portal in
            let victim = portal.browser()
            try await victim.signIn(as: "lea.petit")
            let account = try await portal.account("lea.petit")
            let now = portal.clock.now()
            let id = try #require(try await portal.stores.sessions.sessions(of: account.id, now: now).first).id
                .description
            let attacker = portal.browser()
            try await attacker.signIn()
            let second = portal.browser()
            try await second.signIn()
            let form = try #require(try forms(try await attacker.open("/")).first { $0["session"] != nil })
            _ = try await attacker.submit(form, ["session": id])
            _ = try await attacker.submit(form, ["session": id, "compte": id])
            _ = try await attacker.post("/mon-compte/sessions", [("compte", id), ("toutes", "1")])
            _ = try await portal.browser().post("/mon-compte/sessions", [("compte", id), ("toutes", "1")])
            _ = try await portal.browser().post("/mon-compte/sessions", [("compte", id), ("session", id)])
            #expect(try await isSignedIn(victim))
            // From another site: nothing; the control is our own page.
            #expect(try await attacker.submit(form, from: .sameSite).status == 403)
            #expect(try await isSignedIn(second))
            _ = try await attacker.submit(form)
            #expect(try await !isSignedIn(second))
        }
    }

    @Test("the form of whoever sat here before does nothing for who sits here now (WEB-01)")
    func staleForm() async throws {
        try await withPortal { portal in
            let other = portal.browser()
            try await other.signIn(as: "lea.petit")
            let shared = portal.browser()
            try await shared.signIn()
            try await portal.browser().signIn()
            let stale = try #require(try forms(try await shared.open("/")).first { $0["toutes"] != nil })
            _ = try await portal.answer(to: TestParty.ent.attempt(["prompt": "login"]), in: shared, as: "lea.petit")
            _ = try await shared.submit(stale)
            #expect(try await isSignedIn(other))
            #expect(try await isSignedIn(shared))
        }
    }
}
