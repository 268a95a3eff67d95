import Clocks
import Cryptography
import HTTPTypes
import JOSE
import LogeTesting
import Stores
import Testing

/// The authorization code: one use, sixty seconds, bound to everything that it was given for.
@Suite("OA-04, OA-05, OA-06: the authorization code")
struct AuthorizationCodeTests {
    private let party = TestParty.ent

    @Test("OA-04: 64 redemptions at once have one winner, and the replays revoke what it got")
    func parallelRedemptions() async throws {
        try await withPortal { portal in
            let attempt = party.attempt()
            let code = try await portal.code(for: attempt, in: portal.browser())
            let answers = try await withThrowingTaskGroup(of: JSONAnswer.self) { group in
                for _ in 0..<64 { group.addTask { try await portal.redeem(code, of: attempt) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let winners = answers.filter { $0.status == 200 }
            #expect(winners.count == 1)
            #expect(answers.filter { $0.error == "invalid_grant" }.count == 63)
            let winner = try #require(winners.first)
            #expect(try await portal.userInfo(winner.accessToken).error == "invalid_token")
        }
    }

    @Test("OA-04: two nodes over one store redeem a code once")
    func twoNodes() async throws {
        try await withPortal { portal in
            try await portal.withNeighbour { neighbour in
                for _ in 0..<8 {
                    let attempt = party.attempt()
                    let code = try await portal.code(for: attempt, in: portal.browser())
                    async let here = portal.redeem(code, of: attempt)
                    async let there = neighbour.redeem(code, of: attempt)
                    let statuses = try await [here.status, there.status].sorted()
                    #expect(statuses == [200, 400])
                }
            }
        }
    }

    @Test("OA-04: a code lives sixty seconds, to the millisecond")
    func lifetime() async throws {
        try await withPortal { portal in
            let attempt = party.attempt()
            let browser = portal.browser()
            let late = try await portal.code(for: attempt, in: browser)
            let good = try await portal.code(for: attempt, in: browser)
            portal.clock.advance(by: .milliseconds(59_999))
            #expect(try await portal.redeem(good, of: attempt).status == 200)
            portal.clock.advance(by: .milliseconds(1))
            HiddenChecks.refusal(try await portal.redeem(late, of: attempt), "invalid_grant")
        }
    }

    @Test("OA-04: replayed by its own client after its minute, a code still revokes what its use got")
    func lateReplay() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let attempt = party.attempt()
            let (used, unused) = (
                try await portal.code(for: attempt, in: browser), try await portal.code(for: attempt, in: browser)
            )
            let tokens = try await portal.redeem(used, of: attempt)
            portal.clock.advance(by: .minutes(5))
            let before = try portal.rows()
            // Whoever lacks a part of what the code was given for proves no theft.
            HiddenChecks.refusal(try await portal.redeem(used, of: attempt, as: .conformance), "invalid_grant")
            HiddenChecks.refusal(try await portal.redeem(used, of: attempt, ["code_verifier": nil]), "invalid_grant")
            HiddenChecks.refusal(try await portal.redeem(used, of: attempt, ["redirect_uri": nil]), "invalid_grant")
            HiddenChecks.refusal(try await portal.redeem(unused, of: attempt), "invalid_grant")
            #expect(try portal.rows() == before)
            #expect(try await portal.userInfo(tokens.accessToken).status == 200)
            HiddenChecks.refusal(try await portal.redeem(used, of: attempt), "invalid_grant")
            #expect(try await portal.userInfo(tokens.accessToken).error == "invalid_token")
            #expect(try portal.rows() == before)
        }
    }

    @Test("OA-04: a code changed at any place is refused, and the right one still works")
    func tamperedCodes() async throws {
        try await withPortal { portal in
            let attempt = party.attempt()
            let code = try await portal.code(for: attempt, in: portal.browser())
            let before = try portal.rows()
            for text in Mutations.of(code) {
                HiddenChecks.refusal(try await portal.redeem(text, of: attempt), "invalid_grant")
            }
            HiddenChecks.refusal(try await portal.redeem("", of: attempt), "invalid_grant")
            HiddenChecks.refusal(try await portal.redeem(code, of: attempt, ["code": nil]), "invalid_request")
            #expect(try portal.rows() == before)
            #expect(try await portal.redeem(code, of: attempt).status == 200)
        }
    }

    @Test("OA-04: nothing of a code stands in the store")
    func nothingStored() async throws {
        try await withPortal { portal in
            let before = try portal.rows()
            let browser = portal.browser()
            try await browser.signIn()
            _ = try await portal.code(for: party.attempt(), in: browser)
            let after = try portal.rows()
            // The session alone: a code is carried until it is used.
            #expect(after["sessions"] == (before["sessions"] ?? 0) + 1)
            #expect(after["code_redemptions"] == 0)
        }
    }

    @Test("OA-05: another client cannot redeem it, by any mixture of identifiers and secrets; the owner still can")
    func foreignClient() async throws {
        try await withPortal { portal in
            let attempt = TestParty.conformance.attempt()
            let code = try await portal.code(for: attempt, in: portal.browser())
            HiddenChecks.refusal(try await portal.redeem(code, of: attempt, as: .conformance2), "invalid_grant")
            HiddenChecks.refusal(try await portal.redeem(code, of: attempt, as: .conformancePost), "invalid_grant")
            let fields = "grant_type=authorization_code&code=\(code)&redirect_uri=\(party.redirectURI)"
            let none = try await portal.send(.post, "/oidc/token", body: fields)
            HiddenChecks.refusal(none, "invalid_client")
            let mixed = try await portal.send(
                .post, "/oidc/token",
                headers: ["Authorization": TestPortal.basic("conformance", TestParty.conformance2.secret)], body: fields
            )
            HiddenChecks.refusal(mixed, "invalid_client")
            let named = try await portal.redeem(code, of: attempt, as: .conformance2, ["client_id": "conformance"])
            HiddenChecks.refusal(named, "invalid_request")
            #expect(try await portal.redeem(code, of: attempt).status == 200)
        }
    }

    @Test(
        "OA-06: redirect_uri must be the one of the request",
        arguments: [
            nil, "", "https://ent.exemple.org/callback/", "https://ent.exemple.org/callback?avec=question",
            "https://ent.exemple.org/Callback", "https://ENT.exemple.org/callback", "https://evil.exemple.net/callback",
            "https://ent.exemple.org/callback ", "https://conformance.exemple.org/callback",
        ])
    func otherRedirectURI(_ address: String?) async throws {
        try await withPortal { portal in
            let attempt = party.attempt()
            let code = try await portal.code(for: attempt, in: portal.browser())
            let refused = try await portal.redeem(code, of: attempt, ["redirect_uri": address])
            HiddenChecks.refusal(refused, "invalid_grant")
            #expect(try await portal.redeem(code, of: attempt).status == 200)
        }
    }

    @Test("OA-04: bound to the session: it ends, the code ends")
    func endedSession() async throws {
        try await withPortal { portal in
            let attempt = party.attempt()
            let browser = portal.browser()
            let code = try await portal.code(for: attempt, in: browser)
            let account = try await portal.account("camille.martin")
            _ = try await portal.stores.sessions.endAll(of: account.id, except: nil, now: portal.clock.now())
            HiddenChecks.refusal(try await portal.redeem(code, of: attempt), "invalid_grant")
        }
    }

    @Test("OA-15: client authentication by the registered method and no other")
    func clientAuthentication() async throws {
        try await withPortal { portal in
            let form = "grant_type=authorization_code&code=x&redirect_uri=y"
            let secret = TestParty.conformance.secret
            func refused(_ header: String?, _ fields: String = "", _ error: String = "invalid_client") async throws {
                let headers = header.map { ["Authorization": $0] } ?? [:]
                let answer = try await portal.send(.post, "/oidc/token", headers: headers, body: form + fields)
                HiddenChecks.refusal(answer, error)
                let challenge = answer.headers[.wwwAuthenticate]
                if error == "invalid_client", header != nil { #expect(challenge?.hasPrefix("Basic ") == true) }
            }
            try await refused(nil)
            try await refused(nil, "&client_id=conformance")
            try await refused(nil, "&client_id=conformance&client_secret=")
            // The method of another registration, both ways.
            try await refused(nil, "&client_id=conformance&client_secret=\(secret)")
            try await refused(TestPortal.basic("conformance-post", TestParty.conformancePost.secret))
            for wrong in [
                "", "x", secret.uppercased(), secret + "x", String(secret.dropLast()), " " + secret, secret + "%00",
            ] {
                try await refused(TestPortal.basic("conformance", wrong))
            }
            try await refused(TestPortal.basic("", ""))
            try await refused(TestPortal.basic("inconnue", secret))
            for header in ["Basic", "Basic ", "Basic !!!!", "Basic Y29uZm9ybWFuY2U=", "Bearer x", "Basic x y", "x"] {
                try await refused(header)
            }
            try await refused(
                TestPortal.basic("conformance", secret), "&client_id=conformance&client_secret=\(secret)",
                "invalid_request")
            try await refused(nil, "&client_assertion=x&client_assertion_type=y&client_id=conformance")
            // The control: who authenticates is told about the code.
            try await refused(TestPortal.basic("conformance", secret), "", "invalid_grant")
            try await refused(
                nil, "&client_id=conformance-post&client_secret=\(TestParty.conformancePost.secret)", "invalid_grant")
        }
    }
}
