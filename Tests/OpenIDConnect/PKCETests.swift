import Cryptography
import JOSE
import LogeTesting
import OAuth
import Testing

/// PKCE (RFC 7636): S256 alone, required unless a client is let off by name.
@Suite("OA-07: PKCE")
struct PKCETests {
    private let party = TestParty.ent

    @Test(
        "refused at authorize: no challenge, plain, and what is no challenge",
        arguments: [
            ["code_challenge": nil, "code_challenge_method": nil], ["code_challenge": nil],
            ["code_challenge_method": nil],
            ["code_challenge_method": "plain"], ["code_challenge_method": "s256"], ["code_challenge_method": ""],
            ["code_challenge": ""], ["code_challenge": "x"], ["code_challenge": String(repeating: "A", count: 42)],
            ["code_challenge": String(repeating: "A", count: 44)],
            ["code_challenge": String(repeating: "*", count: 43)],
            // 43 characters whose last one holds stray bits: no SHA-256 is written so.
            ["code_challenge": String(repeating: "B", count: 43)],
        ] as [[String: String?]])
    func refusedAtAuthorize(_ changes: [String: String?]) async throws {
        try await withPortal { portal in
            var attempt = party.attempt()
            for (name, value) in changes {
                attempt.parameters.removeAll { $0.0 == name }
                if let value { attempt.parameters.append((name, value)) }
            }
            let browser = portal.browser()
            try await browser.signIn()
            let answer = try attempt.answer(try await browser.open(attempt.address, from: .crossSite))
            HiddenChecks.answer(answer, to: attempt)
            #expect(answer.error == "invalid_request")
            #expect(answer.parameters["error_description"]?.contains("code_challenge") == true)
        }
    }

    @Test("refused at token: no verifier, a wrong one, one of a wrong form")
    func refusedAtToken() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let attempt = party.attempt()
            let code = try await portal.code(for: attempt, in: browser)
            let right = try #require(attempt.verifier)
            let wrong: [String?] = [
                nil, "", right + "A", String(right.dropLast()), right.lowercased(), String(right.reversed()),
                attempt["code_challenge"], String(repeating: "a", count: 42), String(repeating: "a", count: 129),
                right.replacing("A", with: "+") + "+", right + "\u{e9}", " " + right, party.attempt().verifier,
                String(repeating: "a", count: 4_000),
            ]
            for verifier in wrong where verifier != right {
                let refused = try await portal.redeem(code, of: attempt, ["code_verifier": verifier])
                HiddenChecks.refusal(refused, "invalid_grant")
            }
            #expect(try await portal.redeem(code, of: attempt).status == 200)
        }
    }

    @Test("verifiers of 43 and 128 characters are taken, of 42 and 129 not", arguments: [42, 43, 128, 129])
    func lengths(_ length: Int) async throws {
        let text = String(repeating: "aZ09-._~", count: 17).prefix(length)
        let challenge = Base64URL.encode(SHA256.hash(String(text)))
        try await withPortal { portal in
            let attempt = party.attempt(["code_challenge": challenge])
            let code = try await portal.code(for: attempt, in: portal.browser())
            let answer = try await portal.redeem(code, of: attempt, ["code_verifier": String(text)])
            #expect(answer.status == ((43...128).contains(length) ? 200 : 400))
        }
    }

    @Test("a verifier without a challenge is refused (downgrade, RFC 9700 §4.8.2)")
    func verifierWithoutChallenge() async throws {
        try await withPortal { portal in
            let attempt = TestParty.conformance.attempt()
            let code = try await portal.code(for: attempt, in: portal.browser())
            let verifier = try #require(TestParty.ent.attempt().verifier)
            let refused = try await portal.redeem(code, of: attempt, ["code_verifier": verifier])
            HiddenChecks.refusal(refused, "invalid_grant")
            #expect(try await portal.redeem(code, of: attempt).status == 200)
        }
    }

    @Test("the verifier of one request opens no code of another (code injection)")
    func injectedCode() async throws {
        try await withPortal { portal in
            let stolen = party.attempt()
            let code = try await portal.code(for: stolen, in: portal.browser())
            let attacker = party.attempt()
            HiddenChecks.refusal(try await portal.redeem(code, of: attacker), "invalid_grant")
        }
    }
}
