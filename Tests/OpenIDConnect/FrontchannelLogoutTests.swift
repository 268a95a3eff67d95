import Clocks
import HTTPTypes
import JOSE
import LogeTesting
import Stores
import Testing
import Web

/// Front-Channel Logout (`oidcc-frontchannel-rp-initiated-logout-certification-test-plan`, by module).
@Suite("Front-channel logout, oidcc-frontchannel-rp-initiated-logout-certification-test-plan")
struct FrontchannelLogoutTests {
    private let party = TestParty.conformance

    private func options(_ parties: [TestParty]) throws -> TestPortalOptions {
        var options = TestPortalOptions()
        for party in parties { options.parties.merge(try party.toldByTheBrowser) { $1 } }
        return options
    }

    private func frames(_ page: Page) throws -> [String] {
        try page.scan().tags.filter { $0.name == "iframe" }.map { $0.attributes["src"] ?? "" }
    }

    private func frameSources(_ page: Page) -> String? {
        page.header("Content-Security-Policy")?.split(separator: ";")
            .map { $0.drop { $0 == " " } }.first { $0.hasPrefix("frame-src") }.map(String.init)
    }

    @Test("oidcc-frontchannel-logout-discovery-endpoint-verification")
    func discovery() async throws {
        try await withPortal { portal in
            let document = try await portal.send(.get, "/.well-known/openid-configuration")
            #expect(document["frontchannel_logout_supported"] == true)
            #expect(document["frontchannel_logout_session_supported"] == true)
            #expect(document["end_session_endpoint"] == "https://portail.exemple.fr/oidc/logout")
        }
    }

    @Test("oidcc-frontchannel-rp-initiated-logout")
    func rpInitiated() async throws {
        try await withPortal(options([.conformance, .ent])) { portal in
            let browser = portal.browser()
            let attempt = party.attempt()
            let idToken = try await portal.tokens(for: attempt, in: browser).idToken
            let second = TestParty.ent.attempt()
            let other = try await portal.tokens(for: second, in: browser).idToken
            let address = portal.logout(party, idToken, returning: true) + "&state=%C3%A9%26x"
            let page = try await browser.open(address, from: .crossSite)
            #expect(page.status == 200)
            let target = "https://conformance.exemple.org/parti?state=%C3%A9%26x"
            var wanted: [String] = []
            for (party, attempt, token) in [(party, attempt, idToken), (.ent, second, other)] {
                let sid = try await portal.claims(of: token, for: attempt).text("sid")
                wanted.append(
                    party.frontchannel + "&" + FormFields.encode([("iss", TestPortal.origin), ("sid", sid)]))
            }
            #expect(try frames(page) == wanted)
            let sandboxes = try page.scan().tags.filter { $0.name == "iframe" }.map { $0.attributes["sandbox"] }
            #expect(sandboxes.allSatisfy { $0?.contains("top-navigation") == false }, "no frame may take the page away")
            // Without script the browser goes on after a moment, and there is a link; the script goes on sooner.
            #expect(page.header("Refresh") == "3; url=" + target)
            #expect(try page.link("Revenir vers Application conformance") == target)
            #expect(try page.scan().tags.contains { $0.name == "a" && $0.attributes["data-goes-on"] != nil })
            #expect(
                frameSources(page) == "frame-src https://conformance.exemple.org https://ent.exemple.org",
                "these and nobody else")
            let silent = party.attempt(["prompt": "none"])
            #expect(try silent.answer(try await browser.open(silent.address)).error == "login_required")
        }
    }

    @Test("WEB-04: no other page frames anything, and a logout without such an application goes back at once")
    func onlyThere() async throws {
        try await withPortal(options([.conformance])) { portal in
            let browser = portal.browser()
            let idToken = try await portal.tokens(for: TestParty.ent.attempt(), in: browser).idToken
            for path in ["/", "/oidc/logout", "/connexion", "/nulle-part"] {
                let page = try await browser.open(path)
                #expect(frameSources(page) == nil && page.header("Content-Security-Policy") != nil, "\(path)")
            }
            let out = try await browser.open(portal.logout(.ent, idToken, returning: true), from: .crossSite)
            #expect(out.outside == "https://ent.exemple.org/parti")
        }
    }

    @Test("whoever confirms on our own page gets the frames too; the page says that nobody heard an answer")
    func confirmed() async throws {
        try await withPortal(options([.conformance])) { portal in
            let browser = portal.browser()
            _ = try await portal.tokens(for: party.attempt(), in: browser)
            _ = try await portal.tokens(for: TestParty.ent.attempt(), in: browser)
            let page = try await browser.submit(try await browser.open("/oidc/logout").form(with: "confirmation"))
            #expect(try frames(page).count == 1)
            #expect(page.header("Refresh") == nil)
            let words = try page.scan().words
            #expect(words.contains("Application conformance prévenu par votre navigateur"))
            #expect(words.contains("Application ent à fermer vous-même"))
        }
    }

    @Test("a state so long that no address holds the page: the same page, at once")
    func longState() async throws {
        try await withPortal(options([.conformance])) { portal in
            let browser = portal.browser()
            let idToken = try await portal.tokens(for: party.attempt(), in: browser).idToken
            let fields = [
                ("id_token_hint", idToken), ("post_logout_redirect_uri", "https://conformance.exemple.org/parti"),
                ("state", String(repeating: "s", count: 9000)),
            ]
            let page = try await browser.post("/oidc/logout", fields, from: .sameSite)
            #expect(page.status == 200 && page.hops == ["/oidc/logout"])
            #expect(try frames(page).count == 1)
            #expect(page.header("Refresh")?.hasSuffix("sss") == true)
            #expect(browser[cookie: "session"] == nil)
        }
    }
}
