import Clocks
import HTTPTypes
import LogeTesting
import Testing

/// J1: what a browser remembers, when the person asked for it.
@Suite("J1: the memory of a browser")
struct MemoryTests {
    private let party = TestParty.ent

    /// Chooses the way of a pupil in a collège, and what to remember.
    @discardableResult
    private func choose(_ remember: String, in browser: TestBrowser) async throws -> Page {
        var page = try await browser.open(party.attempt().address + "&x=1", from: .crossSite)
        if page.address.hasPrefix("/compte") { page = try await browser.open(try page.link("Changer")) }
        page = try await browser.submit(try page.form(with: "profil"), ["profil": "eleve"])
        page = try await browser.submit(try page.form(with: "niveau"), ["niveau": "college"])
        return try await browser.submit(try page.form(with: "mode"), ["mode": "secours", "memoriser": remember])
    }

    @Test("Non is the default and keeps nothing; Oui leads straight to the door next time, and says so")
    func remembered() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await choose("non", in: browser)
            #expect(browser[cookie: "memoire"] == nil)
            _ = try await browser.open(party.attempt().address, from: .crossSite).form(with: "profil")
            try await choose("oui", in: browser)
            #expect(browser[cookie: "memoire"] != nil)
            let attempt = party.attempt()
            let page = try await browser.open(attempt.address, from: .crossSite)
            #expect(page.address.contains("porte=secours"))
            #expect(try page.scan().words.contains("Vous entrez par Compte de secours, élève, collège."))
            #expect(try attempt.answer(try await browser.enter(page)).code != nil)
        }
    }

    @Test("the choice can be changed there, and Non forgets it")
    func changed() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await choose("oui", in: browser)
            let page = try await browser.open(party.attempt().address, from: .crossSite)
            _ = try await browser.open(try page.link("Changer")).form(with: "profil")
            try await choose("non", in: browser)
            #expect(browser[cookie: "memoire"] == nil)
        }
    }

    @Test("it can be seen, and erased by a form of our own")
    func seenAndErased() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            #expect(
                try await browser.open("/connexion/memoire").scan().words.contains("Ce navigateur ne retient rien."))
            try await choose("oui", in: browser)
            let page = try await browser.open("/connexion/memoire")
            let words = try page.scan().words
            for word in ["Élève", "Collège", "Compte de secours"] { #expect(words.contains(word)) }
            let form = try #require(try page.scan().forms.first { $0.method == "post" })
            #expect(try await browser.submit(form, from: .sameSite).status == 403)
            #expect(browser[cookie: "memoire"] != nil)
            let erased = try await browser.submit(form)
            #expect(try erased.scan().words.contains("C’est effacé."))
            #expect(browser[cookie: "memoire"] == nil)
            _ = try await browser.open(party.attempt().address, from: .crossSite).form(with: "profil")
        }
    }

    @Test("a memory that we did not seal, or changed, is no memory")
    func tampered() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await choose("oui", in: browser)
            let memory = try #require(browser[cookie: "memoire"])
            var bad = ["", "x", "a.b", #"{"profile":"eleve","door":"ent"}"#, String(memory.reversed()), memory + "A"]
            for index in stride(from: 0, to: memory.count, by: 7) {
                var characters = Array(memory)
                characters[index] = characters[index] == "A" ? "B" : "A"
                bad.append(String(characters))
            }
            for text in bad where text != memory {
                browser[cookie: "memoire"] = text
                let page = try await browser.open(party.attempt().address, from: .crossSite)
                _ = try page.form(with: "profil")
            }
            browser[cookie: "memoire"] = memory
            #expect(try await browser.open(party.attempt().address, from: .crossSite).address.contains("porte=secours"))
        }
    }

    @Test("it lasts a year, and no longer than its door")
    func lifetime() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await choose("oui", in: browser)
            let memory = try #require(browser[cookie: "memoire"])
            portal.clock.advance(by: .days(365) - .seconds(1))
            #expect(try await browser.open(party.attempt().address, from: .crossSite).address.contains("porte=secours"))
            portal.clock.advance(by: .seconds(1))
            // Kept longer than it was asked to, by a browser that does not count.
            browser.plant("__Host-loge-portal-memoire", memory)
            _ = try await browser.open(party.attempt().address, from: .crossSite).form(with: "profil")
        }
        try await withPortal { portal in
            let browser = portal.browser()
            try await choose("oui", in: browser)
            var options = TestPortalOptions()
            options.plan = TestPortal.planYAML.replacing("[ent, secours]", with: "[ent]")
            try await portal.withNeighbour(options) { after in
                let moved = browser.moved(to: after.client)
                _ = try await moved.open(party.attempt().address, from: .crossSite).form(with: "profil")
                #expect(try await moved.open("/connexion/memoire").scan().words.contains("ne retient rien"))
            }
        }
    }
}
