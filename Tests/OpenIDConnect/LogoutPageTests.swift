import Clocks
import HTTPTypes
import LogeTesting
import Outbound
import SingleLogout
import Stores
import Testing
import Web

/// The page after a sign-out tells of each application what is true at that moment.
@Suite("The logout page tells the truth")
struct LogoutPageTests {
    private let parties = [TestParty.conformance, .ent]

    /// A browser that entered the parties and one without a channel, and has left.
    private func left(_ portal: TestPortal, language: String = "fr") async throws -> (browser: TestBrowser, page: Page)
    {
        let browser = portal.browser(language: language)
        for party in parties + [.narrow] { _ = try await portal.tokens(for: party.attempt(), in: browser) }
        let form = try await browser.open("/oidc/logout").form(with: "confirmation")
        return (browser, try await browser.submit(form))
    }

    @Test("closed when the application said so, while the page waits; to be closed by hand without a channel")
    func closed() async throws {
        let peers = LogoutPeers()
        try await withPortal(.telling(parties, peers, runsServices: true)) { portal in
            let (_, page) = try await left(portal)
            #expect(page.status == 200 && page.header("Cache-Control") == "no-store")
            let words = try page.scan().words
            #expect(words.contains("Application conformance fermé"))
            #expect(words.contains("Application ent fermé"))
            #expect(words.contains("Application etroite à fermer vous-même"))
            #expect(try page.link("Application etroite") == "https://etroite.exemple.org/")
            #expect(!words.contains("Voir où cela en est"), "nothing is under way")
            #expect(try page.scan().tags.allSatisfy { $0.name != "iframe" && $0.name != "script" })
        }
    }

    @Test("closing while it is tried; the same page says closed later, and by hand when it was given up")
    func pending() async throws {
        let peers = LogoutPeers()
        for party in parties { peers.answer(party.backchannel, status: 503) }
        try await withPortal(.telling(parties, peers)) { portal in
            let (browser, page) = try await left(portal)
            let words = try page.scan().words
            #expect(words.contains("Application conformance fermeture en cours : nous réessayons"))
            #expect(!words.contains("fermé "))
            await portal.logouts.deliverDue()
            let again = try page.link("Voir où cela en est")
            #expect(try await browser.open(again).scan().words.contains("ent fermeture en cours"))
            peers.answer(TestParty.conformance.backchannel, status: 200)
            peers.answer(TestParty.ent.backchannel, status: 400)
            for _ in 0..<3 {
                portal.clock.advance(by: .minutes(5))
                await portal.logouts.deliverDue()
            }
            let later = try await browser.open(again).scan().words
            #expect(later.contains("Application conformance fermé"))
            #expect(later.contains("Application ent à fermer vous-même"))
            #expect(!later.contains("canary"))
            // Any node tells it, after a restart too.
            try await portal.withNeighbour { neighbour in
                let there = try await browser.moved(to: neighbour.client).open(again).scan().words
                #expect(there.contains("Application conformance fermé"))
            }
        }
    }

    @Test("whoever asked for the end is closed; the way back leads there")
    func initiator() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let idToken = try await portal.tokens(for: TestParty.ent.attempt(), in: browser).idToken
            let page = try await browser.open(portal.logout(.ent, idToken), from: .crossSite)
            #expect(try page.scan().words.contains("Application ent fermé"))
            #expect(try page.link("Revenir vers Application ent") == "https://ent.exemple.org/")
        }
    }

    @Test("in every language, with its words for every state", arguments: Language.allCases)
    func languages(_ language: Language) async throws {
        let peers = LogoutPeers()
        peers.answer(TestParty.ent.backchannel, status: 503)
        var options = try TestPortalOptions.telling(parties, peers, runsServices: true)
        options.parties.merge(try TestParty.narrow.toldByTheBrowser) { $1 }
        try await withPortal(options) { portal in
            let (_, page) = try await left(portal, language: language.rawValue)
            #expect(page.header("Content-Language") == language.rawValue)
            let pages = try await Pages(role: "portal")
            let texts = pages.texts(language)
            let words = try page.scan().words
            for key in ["closed", "pending", "asked", "pending_help", "reload", "shared_computer"] {
                let text = texts.text("logout", key)
                #expect(text != "logout." + key && words.contains(text), "\(language) \(key)")
            }
            #expect(!texts.text("logout", "unknown").contains("logout."))
            #expect(!texts.text("logout", "unknown_help").contains("logout."))
        }
    }

    @Test("OA-03, OA-24: a carried end that is not ours, too old, or of another kind shows nothing and leads nowhere")
    func carried() async throws {
        let peers = LogoutPeers()
        try await withPortal(.telling(parties, peers, runsServices: true)) { portal in
            let (browser, page) = try await left(portal)
            let address = page.address
            #expect(address.hasPrefix("/oidc/logout/termine?etat="))
            let state = String(address.dropFirst("/oidc/logout/termine?etat=".count))
            for bad in Mutations.of(state).prefix(60) + ["", "x"] {
                let shown = try await browser.open("/oidc/logout/termine?" + FormFields.encode([("etat", bad)]))
                #expect(shown.status == 200 && shown.outside == nil)
                #expect(try !shown.scan().words.contains("Application"))
            }
            #expect(try await browser.open(address).scan().words.contains("Application ent fermé"), "the control")
            portal.clock.advance(by: .minutes(30))
            #expect(try await !browser.open(address).scan().words.contains("Application"))
        }
    }

    @Test("whoever has signed in again is not told that they are out")
    func signedInAgain() async throws {
        try await withPortal { portal in
            let (browser, page) = try await left(portal)
            try await browser.signIn()
            #expect(try await browser.open(page.address).address == "/")
        }
    }
}
