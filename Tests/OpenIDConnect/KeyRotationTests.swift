import Clocks
import Cryptography
import HTTPTypes
import JOSE
import Keyring
import LogeTesting
import SignOn
import Testing

/// Keys change in the middle of everything, and nobody notices; once retired they count for nothing.
@Suite("KEY-01, J14: rotation in the middle of a sign-on")
struct KeyRotationTests {
    private let party = TestParty.ent
    private static let uses = KeyUse.allCases.filter(\.rotates)

    /// Stages and rotates every key, as an operator would by hand.
    private func rotate(_ portal: TestPortal, _ uses: [KeyUse] = uses) async throws {
        for use in uses {
            try await portal.keyring.stage(use)
            try await portal.keyring.rotate(use, ignoringPublication: true)
        }
        portal.directory.forgetTokens()
    }

    /// Takes every retiring key out before its time.
    private func retire(_ portal: TestPortal) async throws {
        for record in portal.keyring.snapshot.records where record.state == .retiring {
            try await portal.keyring.retire(record.id, ignoringLifetime: true)
        }
        portal.directory.forgetTokens()
    }

    private func isSignedIn(_ browser: TestBrowser) async throws -> Bool {
        let attempt = party.attempt(["prompt": "none"])
        return try attempt.answer(try await browser.open(attempt.address, from: .crossSite)).code != nil
    }

    @Test("before every step of one sign-on, each key in turn", arguments: uses)
    func everyStep(_ use: KeyUse) async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let attempt = party.attempt()
            var page = try await browser.open(attempt.address, from: .crossSite)
            try await rotate(portal, [use])
            page = try await browser.submit(try page.form(with: "profil"), ["profil": "invite"])
            try await rotate(portal, [use])
            page = try await browser.submit(try page.form(with: "memoriser"), ["mode": "ent"])
            try await rotate(portal, [use])
            let values = ["identifiant": "camille.martin", "secret": TestPortal.password]
            page = try await browser.submit(try page.form(with: "secret"), values, follows: false)
            try await rotate(portal, [use])
            page = try await browser.open(try #require(page.headers[.location]))
            try await rotate(portal, [use])
            let tokens = try await portal.redeem(try #require(try attempt.answer(page).code), of: attempt)
            try await rotate(portal, [use])
            #expect(try await portal.userInfo(tokens.accessToken).status == 200)
            _ = try await portal.claims(of: tokens.idToken, for: attempt)
        }
    }

    @Test("a key stays until nothing that it made can live, unless somebody insists")
    func kept() async throws {
        try await withPortal { portal in
            try await rotate(portal)
            for record in portal.keyring.snapshot.records where record.state == .retiring {
                await #expect(throws: KeyringError.self) { try await portal.keyring.retire(record.id) }
            }
            portal.clock.advance(by: .days(31))
            for record in portal.keyring.snapshot.records where record.state == .retiring {
                try await portal.keyring.retire(record.id)
            }
        }
    }

    @Test("pending, session, code and token of before the rotation go on; new ones carry the new keys")
    func afterRotation() async throws {
        try await withPortal { portal in
            let waiting = portal.browser()
            let pendingAttempt = party.attempt()
            let pending = try await waiting.open(pendingAttempt.address, from: .crossSite)
            let browser = portal.browser()
            let attempt = party.attempt()
            let code = try await portal.code(for: attempt, in: browser)
            let first = try await portal.tokens(for: party.attempt(), in: browser)
            try await rotate(portal)
            #expect(try pendingAttempt.answer(try await waiting.enter(pending)).code != nil)
            #expect(try await isSignedIn(browser))
            let redeemed = try await portal.redeem(code, of: attempt)
            #expect(redeemed.status == 200)
            #expect(try await portal.userInfo(first.accessToken).status == 200)
            // The ID token of before is still provable with the published keys, and good as a hint.
            let old = try UnverifiedJWS(compact: first.idToken)
            let new = try UnverifiedJWS(compact: redeemed.idToken)
            #expect(old.claimedKeyID != new.claimedKeyID)
            for token in [old, new] {
                _ = try token.verified(by: try await portal.keySet(), algorithms: [.es256], types: [nil])
            }
            let hinted = party.attempt(["id_token_hint": first.idToken, "prompt": "none"])
            #expect(try hinted.answer(try await browser.open(hinted.address, from: .crossSite)).code != nil)
            let subject = try await portal.claims(of: redeemed.idToken, for: attempt)["sub"]
            #expect(try await portal.userInfo(first.accessToken)["sub"] == subject)
        }
    }

    @Test("what a retired key made is refused, in plain words, and everybody can begin again")
    func afterRetirement() async throws {
        try await withPortal { portal in
            let waiting = portal.browser()
            let pending = try await waiting.open(party.attempt().address, from: .crossSite)
            let browser = portal.browser()
            let attempt = party.attempt()
            let code = try await portal.code(for: attempt, in: browser)
            let tokens = try await portal.tokens(for: party.attempt(), in: browser)
            try await rotate(portal)
            try await retire(portal)
            let lost = try await waiting.submit(try pending.form(with: "profil"), ["profil": "invite"])
            #expect(lost.status == 400)
            #expect(try lost.scan().words.contains("La page était ouverte depuis longtemps"))
            #expect(try await !isSignedIn(browser))
            HiddenChecks.refusal(try await portal.redeem(code, of: attempt), "invalid_grant")
            #expect(try await portal.userInfo(tokens.accessToken).error == "invalid_token")
            let hinted = party.attempt(["id_token_hint": tokens.idToken, "prompt": "none"])
            let answer = try hinted.answer(try await browser.open(hinted.address, from: .crossSite))
            #expect(answer.error == "invalid_request")
            // Begin again: the same subject as ever.
            let again = party.attempt()
            let fresh = try await portal.tokens(for: again, in: browser)
            let claims = try await portal.claims(of: fresh.idToken, for: again)
            let payload = try #require(Base64URL.decode(String(tokens.idToken.split(separator: ".")[1])))
            #expect(try JSONValue(parsing: payload)["sub"] == claims["sub"])
        }
    }

    @Test("a next key is published before it signs")
    func publishedFirst() async throws {
        try await withPortal { portal in
            let before = try await portal.keySet().keys.count
            let staged = try await portal.keyring.stage(.tokenES256)
            #expect(try await portal.keySet().keys.count == before + 1)
            #expect(try await portal.keySet().keys.contains { $0.keyID == staged.id })
            let tokens = try await portal.tokens(for: party.attempt(), in: portal.browser())
            #expect(try UnverifiedJWS(compact: tokens.idToken).claimedKeyID != staged.id)
        }
    }

    @Test("a neighbour takes the rotation up: a sign-on begun here ends there, with keys that are new there")
    func neighbour() async throws {
        try await withPortal { portal in
            try await portal.withNeighbour { neighbour in
                let browser = portal.browser()
                let attempt = party.attempt()
                let page = try await browser.open(attempt.address, from: .crossSite)
                try await rotate(portal)
                let fresh = try await browser.open(attempt.address, from: .crossSite)
                try await neighbour.keyring.refresh()
                let there = browser.moved(to: neighbour.client)
                #expect(try attempt.answer(try await there.enter(page)).code != nil)
                let code = try #require(try attempt.answer(try await there.enter(fresh)).code)
                #expect(try await portal.redeem(code, of: attempt).status == 200)
            }
        }
    }

    @Test("a restart loses nothing: page, session, code and token of before")
    func restart() async throws {
        try await withPortal { portal in
            let waiting = portal.browser()
            let pendingAttempt = party.attempt()
            let pending = try await waiting.open(pendingAttempt.address, from: .crossSite)
            let browser = portal.browser()
            let attempt = party.attempt()
            let code = try await portal.code(for: attempt, in: browser)
            let tokens = try await portal.tokens(for: party.attempt(), in: browser)
            try await portal.withNeighbour { after in
                #expect(try pendingAttempt.answer(try await waiting.moved(to: after.client).enter(pending)).code != nil)
                #expect(try await isSignedIn(browser.moved(to: after.client)))
                #expect(try await after.redeem(code, of: attempt).status == 200)
                HiddenChecks.refusal(try await after.redeem(code, of: attempt), "invalid_grant")
                #expect(try await after.userInfo(tokens.accessToken).status == 200)
            }
        }
    }
}
