import Clocks
import Cryptography
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing
import Web

@testable import InboxRole

@Suite("The mailbox's pages")
struct InboxRoleTests {
    private struct Listed: Decodable, Equatable {
        let id: Int
        let to: String
        let subject: String
        let body: String
        let date: String
        let links: [String]
    }

    /// Lends a client of a mailbox that holds `subjects`.
    private func withRole(
        _ subjects: [String], over socket: TestingSetup = .router,
        _ body: @Sendable @escaping (any TestClientProtocol) async throws -> Void
    ) async throws {
        let shelf = try MessageShelf(folder: nil, clock: ManualClock(Instant(secondsSinceEpoch: 1_788_244_200)))
        for (index, subject) in subjects.enumerated() {
            let text = "Subject: \(subject)\r\n\r\n<b>Code</b> & https://ent.example/lien?a=1&b=\(index)\r\n"
            try shelf.keep(
                SMTPEnvelope(from: "portail@ent.example", to: ["p\(index)@d.fr"], message: Array(text.utf8)))
        }
        let site = try #require(RoleSite(role: "inbox", publicURL: "http://localhost:8406"))
        let pages = try await Pages(role: "inbox")
        let router = Router(context: RoleContext.self)
        router.add(
            middleware: OutermostMiddleware(
                pages: pages, site: site, random: SystemRandom(), metrics: MetricsRegistry()))
        InboxRole(shelf: shelf, pages: pages, site: site).mount(on: router)
        try await Application(router: router).test(socket, body)
    }

    @Test("the list shows every message, escaped, the newest first")
    func list() async throws {
        try await withRole(["Un", "<script>Deux</script>", ""]) { client in
            try await client.execute(uri: "/", method: .get) { response in
                #expect(response.status == .ok)
                let page = String(buffer: response.body)
                for text in ["p0@d.fr", "&lt;script&gt;Deux", "(sans objet)"] { #expect(page.contains(text)) }
                #expect(!page.contains("<script>Deux"))
                let newest = try #require(page.firstRange(of: "/messages/3"))
                let oldest = try #require(page.firstRange(of: "/messages/1"))
                #expect(newest.lowerBound < oldest.lowerBound)
                #expect(response.headers[.cacheControl] == "no-store")
            }
        }
    }

    @Test("an empty mailbox says so")
    func empty() async throws {
        try await withRole([]) { client in
            try await client.execute(uri: "/", method: .get) { response in
                #expect(String(buffer: response.body).contains("Aucun message pour le moment."))
            }
            try await client.execute(uri: "/messages.json", method: .get) { response in
                #expect(String(buffer: response.body) == "[]")
            }
        }
    }

    @Test("a message shows its text as text, and its links as links")
    func message() async throws {
        try await withRole(["=?utf-8?B?w6lsw6h2ZQ==?="]) { client in
            try await client.execute(uri: "/messages/1", method: .get) { response in
                let page = String(buffer: response.body)
                #expect(page.contains("élève") && page.contains("&lt;b&gt;Code&lt;/b&gt;"))
                #expect(page.contains("href=\"https://ent.example/lien?a=1&amp;b=0\""))
            }
        }
    }

    @Test("unknown messages", arguments: ["/messages/2", "/messages/0", "/messages/-1", "/messages/x", "/messages/"])
    func unknown(_ path: String) async throws {
        try await withRole(["Un"]) { client in
            try await client.execute(uri: path, method: .get) { #expect($0.status == .notFound) }
        }
    }

    @Test("the list as JSON, whole and for one recipient")
    func json() async throws {
        try await withRole(["Un", "Deux"]) { client in
            try await client.execute(uri: "/messages.json", method: .get) { response in
                #expect(response.headers[.contentType] == "application/json")
                let listed = try JSONDecoder().decode([Listed].self, from: Data(response.body.readableBytesView))
                #expect(listed.map(\.subject) == ["Deux", "Un"])
                #expect(
                    listed.last
                        == Listed(
                            id: 1, to: "p0@d.fr", subject: "Un", body: "<b>Code</b> & https://ent.example/lien?a=1&b=0",
                            date: "2026-09-01T06:30:00Z", links: ["https://ent.example/lien?a=1&b=0"]))
            }
            try await client.execute(uri: "/messages.json?to=p1%40d.fr", method: .get) { response in
                let listed = try JSONDecoder().decode([Listed].self, from: Data(response.body.readableBytesView))
                #expect(listed.map(\.subject) == ["Deux"])
            }
        }
    }

    @Test("another site's name that points here reads nothing", arguments: ["/", "/messages/1", "/messages.json"])
    func rebinding(_ path: String) async throws {
        // Over a socket: the router alone has no Host.
        try await withRole(["Secret-7"], over: .ahc(.http)) { client in
            for (host, status) in [
                ("localhost:8406", HTTPResponse.Status.ok), ("127.0.0.1:1", .ok), ("[::1]:8406", .ok),
                ("evil.example:8406", .misdirectedRequest), ("localhost.evil.example", .misdirectedRequest),
            ] {
                try await client.execute(uri: path, method: .get, headers: [.host: host]) { response in
                    #expect(response.status == status, "\(host)")
                    #expect(String(buffer: response.body).contains("Secret-7") == (status == .ok))
                }
            }
        }
    }
}

extension HTTPField.Name {
    fileprivate static var host: HTTPField.Name { HTTPField.Name("Host") ?? .origin }
}
