import Clocks
import Cryptography
import Foundation
import HTTPTypes
import JOSE
import LogeTesting
import OpenIDConnectIssuer
import Testing
import Web

/// Failed client authentications are counted by client and place, and slowed down (OA-15).
@Suite("OA-15: failed client authentications")
struct ClientFailuresTests {
    private let party = TestParty.conformance
    private static let free = 3
    private static let wrong = "0123456789abcdef0123456789abcdef"

    private func options(proxies: Set<String> = [], overSockets: Bool = false) -> TestPortalOptions {
        var options = TestPortalOptions()
        options.failedClientAuthentications = Self.free
        options.trustedProxies = proxies
        options.overSockets = overSockets
        return options
    }

    /// Asks for what nobody has: `invalid_grant` says that the client was believed.
    private func ask(
        _ portal: TestPortal, _ party: TestParty, _ secret: String, at path: String = "/oidc/token",
        for address: String? = nil
    ) async throws -> JSONAnswer {
        var headers = ["Authorization": TestPortal.basic(party.id, secret)]
        headers["X-Forwarded-For"] = address
        let body = "grant_type=authorization_code&code=x&redirect_uri=y&token=z"
        return try await portal.send(.post, path, headers: headers, body: body)
    }

    private func isSlowedDown(
        _ answer: JSONAnswer, seconds: Int, location: SourceLocation = #_sourceLocation
    ) {
        #expect(answer.status == 429, sourceLocation: location)
        #expect(answer.error == "temporarily_unavailable", sourceLocation: location)
        #expect(answer["error_description"] == "too many failed authentications", sourceLocation: location)
        #expect(answer.headers[.retryAfter] == String(seconds), sourceLocation: location)
        #expect(answer.headers[.cacheControl] == "no-store", sourceLocation: location)
    }

    @Test("OA-15: after three failures nobody is believed there for the rest of the minute; others are not harmed")
    func limit() async throws {
        try await withPortal(options()) { portal in
            let before = try portal.rows()
            for _ in 0..<Self.free {
                HiddenChecks.refusal(try await ask(portal, party, Self.wrong), "invalid_client")
            }
            portal.clock.advance(by: .seconds(10))
            isSlowedDown(try await ask(portal, party, Self.wrong), seconds: 50)
            // The right secret neither: otherwise the answer would tell it.
            isSlowedDown(try await ask(portal, party, party.secret), seconds: 50)
            #expect(try await ask(portal, .conformance2, TestParty.conformance2.secret).error == "invalid_grant")
            portal.clock.advance(by: .milliseconds(49_999))
            isSlowedDown(try await ask(portal, party, party.secret), seconds: 1)
            portal.clock.advance(by: .milliseconds(1))
            #expect(try await ask(portal, party, party.secret).error == "invalid_grant")
            // And it begins anew.
            for _ in 0..<Self.free {
                HiddenChecks.refusal(try await ask(portal, party, Self.wrong), "invalid_client")
            }
            isSlowedDown(try await ask(portal, party, party.secret), seconds: 60)
            #expect(try portal.rows() == before)
        }
    }

    @Test("OA-15: two failures a minute slow nobody down, and success is not counted")
    func fewFailures() async throws {
        try await withPortal(options()) { portal in
            for _ in 0..<5 {
                for _ in 0..<2 {
                    HiddenChecks.refusal(try await ask(portal, party, Self.wrong), "invalid_client")
                }
                for _ in 0..<5 { #expect(try await ask(portal, party, party.secret).error == "invalid_grant") }
                portal.clock.advance(by: .seconds(60))
            }
        }
    }

    @Test("OA-15: failures at any endpoint for clients count together, and slow down at each of them")
    func endpoints() async throws {
        let paths = ["/oidc/token", "/oidc/par", "/oidc/introspect", "/oidc/revoke"]
        try await withPortal(options()) { portal in
            for path in paths.prefix(3) {
                HiddenChecks.refusal(try await ask(portal, party, Self.wrong, at: path), "invalid_client")
            }
            for path in paths { isSlowedDown(try await ask(portal, party, party.secret, at: path), seconds: 60) }
        }
    }

    @Test("OA-15: of a secret only its hash is kept: in memory, and in the database nothing")
    func hashed() async throws {
        try await withPortal(options()) { portal in
            #expect(try await ask(portal, party, party.secret).error == "invalid_grant")
            let client = try #require(portal.clients.client(party.id))
            #expect(client.secretHashes == [SHA256.hash(party.secret)])
            var told = ""
            dump(client, to: &told)
            #expect(told.contains(party.redirectURI))
            #expect(!told.contains(party.secret))
            for name in ["portal.sqlite", "portal.sqlite-wal"] {
                let bytes = FileManager.default.contents(atPath: portal.folder + "/" + name) ?? Data()
                #expect(bytes.firstRange(of: Data(party.secret.utf8)) == nil, "\(name)")
            }
        }
    }

    @Test("OA-15: every way of failing counts for the client that is named")
    func ways() async throws {
        let client = try AssertingClient()
        var options = options()
        options.parties = [client.party.id: try client.yaml()]
        try await withPortal(options) { portal in
            let now = portal.clock.now()
            let stranger = try AssertingClient()
            HiddenChecks.refusal(
                try await portal.prove(AssertingClient.fields(try stranger.assertion(at: now))), "invalid_client")
            HiddenChecks.refusal(try await portal.prove([("client_id", client.party.id)]), "invalid_client")
            let secret = [("client_id", client.party.id), ("client_secret", Self.wrong)]
            HiddenChecks.refusal(try await portal.prove(secret), "invalid_client")
            let before = try portal.rows()
            let good = AssertingClient.fields(try client.assertion(at: now))
            isSlowedDown(try await portal.prove(good), seconds: 60)
            // Not looked at, it was not used up.
            #expect(try portal.rows() == before)
            portal.clock.advance(by: .seconds(60))
            #expect(try await portal.prove(good).error == "invalid_grant")
        }
    }

    @Test("OA-15: whoever names nobody, or somebody unknown, slows down nobody else")
    func unknown() async throws {
        try await withPortal(options()) { portal in
            for _ in 0..<Self.free {
                HiddenChecks.refusal(try await portal.prove([]), "invalid_client")
                HiddenChecks.refusal(try await portal.prove([("client_id", "inconnue")]), "invalid_client")
            }
            isSlowedDown(try await portal.prove([]), seconds: 60)
            // The answer does not tell that it is unknown.
            isSlowedDown(try await portal.prove([("client_id", "inconnue")]), seconds: 60)
            #expect(try await ask(portal, party, party.secret).error == "invalid_grant")
        }
    }

    @Test("OA-15: an attacker in one place does not lock the client out in another; an IPv6 /64 is one place")
    func places() async throws {
        try await withPortal(options(proxies: ["127.0.0.1"], overSockets: true)) { portal in
            for address in ["203.0.113.9", "192.0.2.1, 203.0.113.9", "203.0.113.9"] {
                HiddenChecks.refusal(try await ask(portal, party, Self.wrong, for: address), "invalid_client")
            }
            isSlowedDown(try await ask(portal, party, party.secret, for: "203.0.113.9"), seconds: 60)
            for address in ["203.0.113.10", "198.51.100.7", "2001:db8::1", nil] {
                #expect(try await ask(portal, party, party.secret, for: address).error == "invalid_grant")
            }
            for address in ["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:ffff::3"] {
                HiddenChecks.refusal(try await ask(portal, party, Self.wrong, for: address), "invalid_client")
            }
            isSlowedDown(try await ask(portal, party, party.secret, for: "2001:db8:1:2:a::4"), seconds: 60)
            #expect(try await ask(portal, party, party.secret, for: "2001:db8:1:3::1").error == "invalid_grant")
        }
    }

    @Test("OA-15, OA-24: without a proxy that is believed, a header names no other place")
    func untrustedHeader() async throws {
        try await withPortal(options(overSockets: true)) { portal in
            for address in ["203.0.113.1", "203.0.113.2", "203.0.113.3"] {
                HiddenChecks.refusal(try await ask(portal, party, Self.wrong, for: address), "invalid_client")
            }
            isSlowedDown(try await ask(portal, party, party.secret, for: "203.0.113.4"), seconds: 60)
        }
    }
}
