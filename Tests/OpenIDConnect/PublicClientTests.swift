import Clocks
import Cryptography
import HTTPTypes
import LogeTesting
import Testing

/// Clients of the method `none`: what binds them to their codes is PKCE.
@Suite("OA-07, OA-15: public clients")
struct PublicClientTests {
    private let party = TestParty(id: "publique")

    private func withPublicPortal(_ body: @Sendable (TestPortal) async throws -> Void) async throws {
        var options = TestPortalOptions()
        options.parties = [
            party.id: """
            client_id: \(party.id)
            client_name: Application publique
            redirect_uris: ["\(party.redirectURI)"]
            token_endpoint_auth_method: none

            """
        ]
        try await withPortal(options, body)
    }

    @Test("a code becomes tokens with the name and the verifier alone")
    func happyFlow() async throws {
        try await withPublicPortal { portal in
            let attempt = party.attempt()
            let code = try await portal.code(for: attempt, in: portal.browser())
            let tokens = try await portal.redeem(code, of: attempt, proving: [("client_id", party.id)])
            _ = try await HiddenChecks.tokens(tokens, of: attempt, in: portal)
        }
    }

    @Test("OA-07: without PKCE there is no code; without the right verifier no tokens, and no row")
    func pkce() async throws {
        try await withPublicPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            for changes: KeyValuePairs<String, String?> in [
                ["code_challenge": nil, "code_challenge_method": nil], ["code_challenge_method": "plain"],
                ["code_challenge": nil],
            ] {
                let attempt = party.attempt(changes)
                let answer = try attempt.answer(try await browser.open(attempt.address, from: .crossSite))
                #expect(answer.error == "invalid_request")
            }
            let attempt = party.attempt()
            let code = try await portal.code(for: attempt, in: browser)
            let before = try portal.rows()
            for verifier in [nil, "", party.attempt().verifier] {
                var fields = [("grant_type", "authorization_code"), ("code", code), ("client_id", party.id)]
                fields.append(("redirect_uri", party.redirectURI))
                if let verifier { fields.append(("code_verifier", verifier)) }
                let body = fields.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
                HiddenChecks.refusal(try await portal.send(.post, "/oidc/token", body: body), "invalid_grant")
            }
            #expect(try portal.rows() == before)
            let tokens = try await portal.redeem(code, of: attempt, proving: [("client_id", party.id)])
            #expect(tokens.status == 200)
        }
    }

    @Test("OA-15: a secret, an assertion or a Basic header is refused, even an empty one")
    func otherMethods() async throws {
        try await withPublicPortal { portal in
            let before = try portal.rows()
            let name = ("client_id", party.id)
            HiddenChecks.refusal(try await portal.prove([name, ("client_secret", "")]), "invalid_client")
            HiddenChecks.refusal(
                try await portal.prove([name, ("client_secret", "0123456789abcdef")]), "invalid_client")
            let signing = try AssertingClient(.es256, id: party.id)
            let assertion = AssertingClient.fields(try signing.assertion(at: portal.clock.now()))
            HiddenChecks.refusal(try await portal.prove(assertion + [name]), "invalid_client")
            for secret in ["", "x"] {
                let headers = ["Authorization": TestPortal.basic(party.id, secret)]
                HiddenChecks.refusal(try await portal.prove([], headers: headers), "invalid_client")
            }
            #expect(try portal.rows() == before)
            #expect(try await portal.prove([name]).error == "invalid_grant")
        }
    }

    @Test("OA-15: a client with a secret is not public because it leaves the secret out (PrOfESSOS: none, nONe)")
    func downgrade() async throws {
        try await withPublicPortal { portal in
            for party in [TestParty.conformance, .conformancePost, .ent] {
                let attempt = party.attempt()
                let code = try await portal.code(for: attempt, in: portal.browser())
                let before = try portal.rows()
                let refused = try await portal.redeem(code, of: attempt, proving: [("client_id", party.id)])
                HiddenChecks.refusal(refused, "invalid_client")
                #expect(try portal.rows() == before)
                #expect(try await portal.redeem(code, of: attempt).status == 200)
            }
        }
    }

    @Test("OA-05: a public client cannot redeem another one's code, nor another one its")
    func foreignCode() async throws {
        try await withPublicPortal { portal in
            let mine = party.attempt()
            let code = try await portal.code(for: mine, in: portal.browser())
            HiddenChecks.refusal(try await portal.redeem(code, of: mine, as: .ent), "invalid_grant")
            let theirs = TestParty.ent.attempt()
            let other = try await portal.code(for: theirs, in: portal.browser())
            let refused = try await portal.redeem(other, of: theirs, proving: [("client_id", party.id)])
            HiddenChecks.refusal(refused, "invalid_grant")
            #expect(try await portal.redeem(code, of: mine, proving: [("client_id", party.id)]).status == 200)
            #expect(try await portal.redeem(other, of: theirs).status == 200)
        }
    }
}
