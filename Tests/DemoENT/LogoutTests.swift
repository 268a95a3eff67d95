import Clocks
import Foundation
import HTTPTypes
import HummingbirdTesting
import JOSE
import NIOCore
import Synchronization
import Testing
import Web

@testable import DemoENTRole

/// The portal tells the ENT that a session has ended (OpenID Connect Back-Channel Logout).
@Suite("The demo ENT: sessions that the portal ends")
struct LogoutTests {
    private func tell(
        _ client: any TestClientProtocol, _ token: String?, field: String = "logout_token"
    ) async throws
        -> TestResponse
    {
        try await client.execute(
            uri: ENTRoutes.backchannelLogout.path, method: .post,
            headers: [.contentType: "application/x-www-form-urlencoded"],
            body: ByteBuffer(string: token.map { FormFields.encode([(field, $0)]) } ?? ""))
    }

    @Test(
        "the session ends, also for who kept the cookie, and after a restart; the neighbour's goes on; the next one begins"
    )
    func ends() async throws {
        let place = try await Neighbourhood()
        let held = Mutex<[String: String]>([:])
        try await place.open { client in
            var alice = Browser(client)
            try await alice.enter(place.portal)
            place.portal.change { $0.subject = "bob" }
            var bob = Browser(client)
            try await bob.enter(place.portal)
            var kept = alice
            let answer = try await tell(client, place.portal.logoutToken("alice"))
            #expect(answer.status == .ok && answer.headers[.cacheControl] == "no-store")
            #expect(try await alice.get("/applis").location.hasPrefix("/connexion"))
            #expect(try await kept.get("/applis").location.hasPrefix("/connexion"))
            #expect(try await bob.get("/applis").status == 200)
            held.withLock { $0 = kept.cookies }
        }
        try await place.open { client in
            var restarted = Browser(client)
            restarted.cookies = held.withLock { $0 }
            let page = try await restarted.get("/applis")
            #expect(page.location.hasPrefix("/connexion"), "remembered")
        }
    }

    @Test("by the person alone: what began before has ended, what begins after has not")
    func byPerson() async throws {
        let place = try await Neighbourhood()
        try await place.open { client in
            var browser = Browser(client)
            try await browser.enter(place.portal)
            place.clock.advance(by: .minutes(1))
            let answer = try await tell(client, place.portal.logoutToken("alice") { $0["sid"] = nil })
            #expect(answer.status == .ok)
            #expect(try await browser.get("/applis").location.hasPrefix("/connexion"))
            place.clock.advance(by: .seconds(2))
            var again = Browser(client)
            try await again.enter(place.portal)
            #expect(try await again.get("/applis").status == 200)
        }
    }

    @Test("OA-20: what is no good logout token is answered with 400, ends nothing, and echoes nothing")
    func refused() async throws {
        let place = try await Neighbourhood()
        try await place.open { client in
            var browser = Browser(client)
            try await browser.enter(place.portal)
            let good = try place.portal.logoutToken("alice")
            let bad: [String?] = [
                nil, "", "canary", good + "x",
                try place.portal.logoutToken("alice") { $0["aud"] = "canary" },
                try place.portal.logoutToken("alice") { $0["nonce"] = "canary" },
                try place.portal.logoutToken("alice") { $0["exp"] = .integer(1) },
            ]
            for token in bad {
                let answer = try await tell(client, token)
                #expect(answer.status == .badRequest)
                let body = String(buffer: answer.body)
                #expect(body == "{\"error\":\"invalid_request\"}" && answer.headers[.cacheControl] == "no-store")
            }
            #expect(try await tell(client, good, field: "token").status == .badRequest)
            let wrongType = try await client.execute(
                uri: ENTRoutes.backchannelLogout.path, method: .post, headers: [.contentType: "application/json"],
                body: ByteBuffer(string: "{}"))
            #expect(wrongType.status == .unsupportedMediaType)
            #expect(try await browser.get("/applis").status == 200)
            #expect(try await tell(client, good).status == .ok, "the control")
            #expect(try await tell(client, good).status == .badRequest, "once")
            #expect(try await browser.get("/applis").location.hasPrefix("/connexion"))
        }
    }

    @Test("a memory of an earlier version, without such ends, is read")
    func earlierMemory() async throws {
        let place = try await Neighbourhood()
        try Data(#"{"ended":{},"people":{}}"#.utf8).write(to: URL(fileURLWithPath: place.folder + "/memory.json"))
        try await place.open { client in
            var browser = Browser(client)
            try await browser.enter(place.portal)
            _ = try await tell(client, place.portal.logoutToken("alice"))
            #expect(try await browser.get("/applis").location.hasPrefix("/connexion"))
        }
    }
}
