import Clocks
import Cryptography
import HTTPTypes
import JOSE
import LogeTesting
import Outbound
import SignOn
import SingleLogout
import Stores
import Testing
import Web

/// Back-Channel Logout (`oidcc-backchannel-rp-initiated-logout-certification-test-plan`, by module), OA-20, and every way in
/// which a session ends.
@Suite("OA-20: back-channel logout, oidcc-backchannel-rp-initiated-logout-certification-test-plan")
struct BackchannelLogoutTests {
    private let party = TestParty.conformance

    @Test("oidcc-backchannel-logout-discovery-endpoint-verification")
    func discovery() async throws {
        try await withPortal { portal in
            let document = try await portal.send(.get, "/.well-known/openid-configuration")
            #expect(document["backchannel_logout_supported"] == true)
            #expect(document["backchannel_logout_session_supported"] == true)
            #expect(document["end_session_endpoint"] == "https://portail.exemple.fr/oidc/logout")
            #expect(document["claims_supported"]?.array?.contains("sid") == true)
        }
    }

    @Test(
        "oidcc-backchannel-rp-initiated-logout",
        arguments: [TestParty.conformance, .ent, .teachers])
    func rpInitiated(_ party: TestParty) async throws {
        let peers = LogoutPeers()
        try await withPortal(.telling([party], peers)) { portal in
            let browser = portal.browser()
            let login = party.id == TestParty.teachers.id ? "paul.durand" : "camille.martin"
            let attempt = party.attempt()
            let idToken = try await portal.tokens(for: attempt, in: browser, as: login).idToken
            let identity = try await portal.claims(of: idToken, for: attempt)
            let out = try await browser.open(portal.logout(party, idToken, returning: true), from: .crossSite)
            // At once: no application is waited for on the way back.
            #expect(out.outside == "https://\(party.id).exemple.org/parti")
            #expect(peers.calls.isEmpty)
            await portal.logouts.deliverDue()
            let call = try #require(peers.calls.first)
            #expect(peers.calls.count == 1)
            #expect(call.url == party.backchannel)
            #expect(call.fields.map(\.name) == ["logout_token"])
            let claims = try await portal.logoutClaims(call.token, at: party)
            let now = portal.clock.now().secondsSinceEpoch
            #expect(
                Set(claims.members.keys) == ["iss", "aud", "iat", "exp", "jti", "events", "sub", "sid"])
            #expect(claims["iss"]?.string == TestPortal.origin)
            #expect(try claims.audiences() == [party.id])
            #expect(claims["iat"]?.integer == now && claims["exp"]?.integer == now + 120)
            #expect(claims["events"] == ["http://schemas.openid.net/event/backchannel-logout": [:]])
            #expect(claims["sub"] == identity["sub"] && claims["sid"] == identity["sid"])
            #expect(HiddenChecks.measuredBits(try claims.text("jti")) >= 64)
            #expect(try await portal.noticeStates() == [party.id: "delivered"])
            let silent = party.attempt(["prompt": "none"])
            #expect(try silent.answer(try await browser.open(silent.address)).error == "login_required")
        }
    }

    @Test("JW-06: a logout token is neither hint, nor code, nor assertion, nor access token, nor session")
    func crossUse() async throws {
        let peers = LogoutPeers()
        try await withPortal(.telling([party], peers)) { portal in
            let browser = portal.browser()
            let idToken = try await portal.tokens(for: party.attempt(), in: browser).idToken
            _ = try await browser.open(portal.logout(party, idToken))
            await portal.logouts.deliverDue()
            let token = try #require(peers.calls.first).token
            let again = portal.browser()
            let attempt = party.attempt()
            _ = try await portal.tokens(for: attempt, in: again)
            let asked = try await again.open(portal.logout(party, token, returning: true), from: .crossSite)
            #expect(asked.outside == nil)
            _ = try asked.form(with: "confirmation")
            HiddenChecks.refusal(try await portal.redeem(token, of: attempt), "invalid_grant")
            #expect(try await portal.userInfo(token).error == "invalid_token")
            let thief = portal.browser()
            thief.plant("__Host-loge-portal-session", token)
            #expect(try await thief.open("/").address != "/")
        }
    }

    @Test(
        "§2.4: who receives encrypted ID tokens receives encrypted logout tokens, signed alike",
        arguments: [(SignatureAlgorithm.ps256, KeyManagementAlgorithm.ecdhES), (.es256, .rsaOAEP256)])
    func encrypted(_ signature: SignatureAlgorithm, _ encryption: KeyManagementAlgorithm) async throws {
        let peers = LogoutPeers()
        let receiver = try ReceivingClient(signature, encryption)
        var options = try receiver.portal()
        options.http = peers.http
        options.parties[receiver.party.id]? += "backchannel_logout_uri: \"\(receiver.party.backchannel)\"\n"
        try await withPortal(options) { portal in
            let browser = portal.browser()
            _ = try await portal.tokens(for: receiver.party.attempt(), in: browser)
            _ = try await browser.submit(try await browser.open("/oidc/logout").form(with: "confirmation"))
            await portal.logouts.deliverDue()
            let token = try receiver.open(try #require(peers.calls.first).token)
            let claims = try await portal.logoutClaims(token, at: receiver.party)
            #expect(try claims.audiences() == [receiver.party.id])
        }
    }

    @Test("each try has a token of its own, signed when it is sent")
    func freshTokens() async throws {
        let peers = LogoutPeers()
        peers.answer(party.backchannel, status: 503)
        try await withPortal(.telling([party], peers)) { portal in
            let browser = portal.browser()
            let idToken = try await portal.tokens(for: party.attempt(), in: browser).idToken
            _ = try await browser.open(portal.logout(party, idToken, returning: true))
            await portal.logouts.deliverDue()
            portal.clock.advance(by: .minutes(10))
            peers.answer(party.backchannel, status: 200)
            await portal.logouts.deliverDue()
            let tokens = peers.calls.map(\.token)
            #expect(tokens.count == 2)
            let second = try await portal.logoutClaims(try #require(tokens.last), at: party)
            #expect(second["iat"]?.integer == portal.clock.now().secondsSinceEpoch)
            await #expect(throws: JOSEError.self) { try await portal.logoutClaims(tokens[0], at: party) }
            let first = try UnverifiedJWS(compact: tokens[0]).verified(
                by: try await portal.keySet(), algorithms: [party.algorithm], types: ["logout+jwt"])
            #expect(first["jti"] != second["jti"] && first["sid"] == second["sid"])
            #expect(try await portal.noticeStates() == [party.id: "delivered: answered 503"])
        }
    }

    /// Every way in which sessions end.
    enum Way: String, CaseIterable, Sendable {
        case page, oneOfTheList, allOthers, lock, mailedLink, reset, somebodyElse
    }

    @Test("BR-07: however the session ends, its applications are told, and only its", arguments: Way.allCases)
    func everyWay(_ way: Way) async throws {
        let peers = LogoutPeers()
        try await withPortal(.telling([.conformance, .ent], peers)) { portal in
            let browser = portal.browser()
            let attempt = party.attempt()
            let idToken = try await portal.tokens(for: attempt, in: browser).idToken
            let session = try await portal.claims(of: idToken, for: attempt)["sid"]
            let neighbour = portal.browser()
            _ = try await portal.tokens(for: TestParty.ent.attempt(), in: neighbour, as: "lea.petit")
            try await end(way, browser, portal)
            await portal.logouts.deliverDue()
            #expect(peers.calls.map(\.url) == [party.backchannel], "\(way)")
            let claims = try await portal.logoutClaims(try #require(peers.calls.first).token, at: party)
            #expect(claims["sid"] == session)
            #expect(try await neighbour.open("/").address == "/", "the neighbour stays")
        }
    }

    private func end(_ way: Way, _ browser: TestBrowser, _ portal: TestPortal) async throws {
        let camille = try await portal.account("camille.martin")
        switch way {
        case .page: _ = try await browser.submit(try await browser.open("/oidc/logout").form(with: "confirmation"))
        case .oneOfTheList, .allOthers:
            let other = portal.browser()
            try await other.signIn()
            let forms = try await other.open("/").scan().forms.filter { $0.action == "/mon-compte/sessions" }
            let field = way == .allOthers ? "toutes" : "session"
            _ = try await other.submit(try #require(forms.first { $0[field] != nil }))
        case .lock:
            _ = try await portal.stores.accounts.lock(camille.id, reason: "départ", now: portal.clock.now())
        case .mailedLink:
            let token = SecretHash(of: "a token of sufficient length")
            try await portal.stores.links.issue(
                MailedLink(
                    token: token, account: camille.id, purpose: .resetPassword, mail: "camille@exemple.fr",
                    expiresAt: portal.clock.now() + .hours(1)),
                message: OutboxMessage(
                    id: "m", kind: .mail, recipient: "camille@exemple.fr", subject: "s", body: "b",
                    expiresAt: portal.clock.now() + .hours(1)),
                now: portal.clock.now())
            let owner = try await portal.stores.links.resetPassword(with: token, to: "x", now: portal.clock.now())
            #expect(owner == camille.id)
        case .reset:
            _ = try await portal.stores.accounts.reset(
                camille.id, activationCode: SecretHash(of: "code"), expires: portal.clock.now() + .days(1),
                now: portal.clock.now())
        case .somebodyElse:
            // Another person signs in in the same browser: the session before is not merged, it ends.
            let again = TestParty.teachers.attempt(["prompt": "login"])
            _ = try await portal.tokens(for: again, in: browser, as: "paul.durand")
        }
    }

    @Test("what ends by itself, and what never was redeemed, tells nobody")
    func nothingToTell() async throws {
        let peers = LogoutPeers()
        try await withPortal(.telling([.conformance, .ent], peers)) { portal in
            let browser = portal.browser()
            _ = try await portal.tokens(for: party.attempt(), in: browser)
            portal.clock.advance(by: .hours(13))
            _ = try await browser.open("/oidc/logout")
            let other = portal.browser()
            _ = try await portal.code(for: TestParty.ent.attempt(), in: other)
            _ = try await other.submit(try await other.open("/oidc/logout").form(with: "confirmation"))
            await portal.logouts.deliverDue()
            #expect(peers.calls.isEmpty)
            #expect(try await portal.noticeStates().isEmpty)
        }
    }

    @Test("OA-19: a logout that is refused, or asks first, writes no row and tells nobody")
    func refusalsWriteNothing() async throws {
        let peers = LogoutPeers()
        try await withPortal(.telling([party], peers)) { portal in
            let browser = portal.browser()
            let idToken = try await portal.tokens(for: party.attempt(), in: browser).idToken
            let before = try portal.rows()
            let target = "https://conformance.exemple.org/parti"
            let requests: [[(String, String)]] = [
                [], [("state", "x")], [("post_logout_redirect_uri", target)],
                [("id_token_hint", idToken), ("post_logout_redirect_uri", "https://evil.exemple.net/")],
                [("id_token_hint", idToken), ("post_logout_redirect_uri", target + "?foo=bar")],
                [("id_token_hint", idToken + "x"), ("post_logout_redirect_uri", target)],
                [("id_token_hint", idToken), ("client_id", "ent")],
                [("id_token_hint", idToken), ("id_token_hint", idToken)], [("confirmation", "x")],
            ]
            for fields in requests {
                let got = try await browser.open("/oidc/logout?" + FormFields.encode(fields), from: .crossSite)
                #expect(got.outside == nil)
                let posted = try await browser.post("/oidc/logout", fields, from: .crossSite)
                #expect(posted.outside == nil)
            }
            let form = try await browser.open("/oidc/logout").form(with: "confirmation")
            #expect(try await browser.submit(form, from: .sameSite).status == 403)
            for state in ["", "x", form["confirmation"] ?? ""] {
                _ = try await browser.open("/oidc/logout/termine?" + FormFields.encode([("etat", state)]))
            }
            #expect(try portal.rows() == before)
            await portal.logouts.deliverDue()
            #expect(peers.calls.isEmpty)
            _ = try await browser.submit(form)
            await portal.logouts.deliverDue()
            #expect(peers.calls.count == 1, "the control: the person's own yes ends it")
        }
    }
}
