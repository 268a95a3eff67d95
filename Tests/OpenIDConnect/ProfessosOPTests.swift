import Clocks
import Cryptography
import HTTPTypes
import JOSE
import LogeTesting
import Testing
import Web

/// The steps of PrOfESSOS (Ruhr-Universität Bochum) at an OpenID provider: redirects, codes and PKCE. The others:
/// ``ProfessosOPIdentityTests``. Each has its control, and a refused request writes no row.
@Suite("PrOfESSOS at the provider: codes, addresses, flows, PKCE")
struct ProfessosOPTests {
    private let party = TestParty.conformance
    private let other = TestParty.conformance2

    // MARK: Code reuse

    /// A code that was redeemed, what it got, and the attempt.
    private func redeemed(_ portal: TestPortal) async throws -> (String, AuthorizationAttempt, JSONAnswer) {
        let attempt = party.attempt()
        let code = try await portal.code(for: attempt, in: portal.browser())
        let tokens = try await portal.redeem(code, of: attempt)
        #expect(try await portal.userInfo(tokens.accessToken).status == 200)
        return (code, attempt, tokens)
    }

    @Test("professos-op-code-reuse-1: by the same client, and what the first use got is revoked")
    func codeReuseSameClient() async throws {
        try await withPortal { portal in
            let (code, attempt, tokens) = try await redeemed(portal)
            try await portal.refusing(assertions: 0) {
                HiddenChecks.refusal(
                    try await portal.redeem(code, of: attempt), "invalid_grant", because: "the code was used")
            }
            #expect(try await portal.userInfo(tokens.accessToken).error == "invalid_token")
        }
    }

    @Test("professos-op-code-reuse-2: by another client, which revokes nothing")
    func codeReuseOtherClient() async throws {
        try await withPortal { portal in
            let (code, attempt, tokens) = try await redeemed(portal)
            try await portal.refusing(assertions: 0) {
                HiddenChecks.refusal(
                    try await portal.redeem(code, of: attempt, as: other), "invalid_grant",
                    because: "the code is not valid")
            }
            #expect(try await portal.userInfo(tokens.accessToken).status == 200)
        }
    }

    @Test("professos-op-code-reuse-3: without credentials, which revokes nothing")
    func codeReuseWithoutCredentials() async throws {
        try await withPortal { portal in
            let (code, attempt, tokens) = try await redeemed(portal)
            try await portal.refusing(assertions: 0) {
                for proof in [[], [("client_id", party.id)]] {
                    HiddenChecks.refusal(
                        try await portal.redeem(code, of: attempt, proving: proof), "invalid_client",
                        because: "client authentication failed")
                }
            }
            #expect(try await portal.userInfo(tokens.accessToken).status == 200)
        }
    }

    // MARK: The address of the request

    /// Query text in which this address stands is refused on a page of ours; the registered address is answered.
    private func isRefusedAtAuthorize(
        _ address: String, escaped: Bool = false, location: SourceLocation = #_sourceLocation
    ) async throws {
        let start = "/oidc/authorize?response_type=code&client_id=\(party.id)&scope=openid&state=x&redirect_uri="
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            try await portal.refusing(assertions: 0, location: location) {
                let page = try await browser.open(
                    start + (escaped ? address : FormFields.escape(address)), from: .crossSite)
                #expect(page.status == 400, sourceLocation: location)
                #expect(page.headers[.location] == nil, sourceLocation: location)
                #expect(
                    try page.scan().words.contains("Nous ne connaissons pas ce service"), sourceLocation: location)
            }
            let page = try await browser.open(start + FormFields.escape(party.redirectURI), from: .crossSite)
            #expect(page.outside?.hasPrefix(party.redirectURI + "?code=") == true, sourceLocation: location)
        }
    }

    @Test("professos-op-redirect-uri-authorize-1: another client's")
    func othersAddress() async throws { try await isRefusedAtAuthorize(other.redirectURI) }

    @Test("professos-op-redirect-uri-authorize-2: a subdomain")
    func subdomain() async throws { try await isRefusedAtAuthorize("https://sous.conformance.exemple.org/callback") }

    @Test("professos-op-redirect-uri-authorize-3: another path")
    func path() async throws { try await isRefusedAtAuthorize("https://conformance.exemple.org/callback/autre") }

    @Test("professos-op-redirect-uri-authorize-4: a top-level domain appended")
    func topLevelDomain() async throws {
        try await isRefusedAtAuthorize("https://conformance.exemple.org.attaquant.net/callback")
    }

    @Test("professos-op-redirect-uri-authorize-5: userinfo A, the registered host as user name")
    func userInfoA() async throws {
        try await isRefusedAtAuthorize("https://conformance.exemple.org@attaquant.net/callback")
    }

    @Test("professos-op-redirect-uri-authorize-6: userinfo B, the registered host as user name with a password")
    func userInfoB() async throws {
        try await isRefusedAtAuthorize("https://conformance.exemple.org:443@attaquant.net/callback")
    }

    @Test("professos-op-redirect-uri-authorize-7: userinfo C, a foreign host as user name")
    func userInfoC() async throws {
        try await isRefusedAtAuthorize("https://attaquant.net@conformance.exemple.org/callback")
    }

    @Test("professos-op-redirect-uri-authorize-8: userinfo D, the at sign escaped once more")
    func userInfoD() async throws {
        try await isRefusedAtAuthorize("https://conformance.exemple.org%40attaquant.net/callback")
    }

    @Test("professos-op-redirect-uri-authorize-9: parameter pollution A, the registered address first")
    func pollutionA() async throws {
        let evil = FormFields.escape("https://attaquant.net/callback")
        try await isRefusedAtAuthorize(
            FormFields.escape(party.redirectURI) + "&redirect_uri=" + evil, escaped: true)
    }

    @Test("professos-op-redirect-uri-authorize-10: parameter pollution B, the registered address last")
    func pollutionB() async throws {
        let evil = FormFields.escape("https://attaquant.net/callback")
        try await isRefusedAtAuthorize(
            evil + "&redirect_uri=" + FormFields.escape(party.redirectURI), escaped: true)
    }

    // MARK: The address at the token endpoint

    private func isRefusedAtToken(_ address: String?, location: SourceLocation = #_sourceLocation) async throws {
        try await withPortal { portal in
            let attempt = party.attempt()
            let code = try await portal.code(for: attempt, in: portal.browser())
            try await portal.refusing(assertions: 0, location: location) {
                HiddenChecks.refusal(
                    try await portal.redeem(code, of: attempt, ["redirect_uri": address]), "invalid_grant",
                    because: "redirect_uri is not the one of the request", location: location)
            }
            #expect(try await portal.redeem(code, of: attempt).status == 200, sourceLocation: location)
        }
    }

    @Test("professos-op-redirect-uri-token-1: absent")
    func tokenWithoutAddress() async throws { try await isRefusedAtToken(nil) }

    @Test("professos-op-redirect-uri-token-2: another client's")
    func tokenOthersAddress() async throws { try await isRefusedAtToken(other.redirectURI) }

    @Test("professos-op-redirect-uri-token-3: another path")
    func tokenPath() async throws { try await isRefusedAtToken("https://conformance.exemple.org/callback/autre") }

    @Test("professos-op-redirect-uri-token-4: a subdomain")
    func tokenSubdomain() async throws {
        try await isRefusedAtToken("https://sous.conformance.exemple.org/callback")
    }

    @Test("professos-op-redirect-uri-token-5: a top-level domain appended")
    func tokenTopLevelDomain() async throws {
        try await isRefusedAtToken("https://conformance.exemple.org.attaquant.net/callback")
    }

    // MARK: Open redirector, code substitution, message flows

    @Test("professos-op-open-redirector-1: an invalid scope sends nobody to an address that is not registered")
    func invalidScope() async throws {
        try await withPortal { portal in
            try await portal.refusing(assertions: 0) {
                for scope in ["invalide", "", "openid\u{7f}"] {
                    let evil = party.attempt(["scope": scope, "redirect_uri": "https://attaquant.net/callback"])
                    let page = try await portal.browser().open(evil.address, from: .crossSite)
                    #expect(page.status == 400)
                    #expect(page.headers[.location] == nil)
                    #expect(!page.body.contains("attaquant"))
                }
                let control = party.attempt(["scope": "invalide"])
                let answer = try control.answer(try await portal.browser().open(control.address, from: .crossSite))
                #expect(answer.error == "invalid_scope")
            }
        }
    }

    /// A code of the first client in the hands of the second one.
    private func isSubstituted(_ address: String) async throws {
        try await withPortal { portal in
            let attempt = party.attempt()
            let code = try await portal.code(for: attempt, in: portal.browser())
            try await portal.refusing(assertions: 0) {
                HiddenChecks.refusal(
                    try await portal.redeem(code, of: attempt, as: other, ["redirect_uri": address]), "invalid_grant",
                    because: "the code is not valid")
            }
            #expect(try await portal.redeem(code, of: attempt).status == 200)
        }
    }

    @Test("professos-op-code-substitution-1: another client's code, with that client's address")
    func substitutionWithTheirAddress() async throws { try await isSubstituted(party.redirectURI) }

    @Test("professos-op-code-substitution-2: another client's code, with one's own address")
    func substitutionWithOwnAddress() async throws { try await isSubstituted(other.redirectURI) }

    /// Another flow than the registered one is answered with this error, in the query and with nothing else.
    private func isOtherFlow(_ name: String, _ values: [String], _ error: String) async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            try await portal.refusing(assertions: 0) {
                for value in values {
                    let attempt = party.attempt([name: value])
                    let answer = try attempt.answer(try await browser.open(attempt.address, from: .crossSite))
                    HiddenChecks.answer(answer, to: attempt)
                    #expect(answer.error == error, "\(value)")
                    #expect(answer.parameters["error_description"]?.contains(name) == true, "\(value)")
                }
            }
            _ = try await portal.code(for: party.attempt(), in: browser)
        }
    }

    @Test("professos-op-message-flow-confusion-1: response_type")
    func responseType() async throws {
        try await isOtherFlow(
            "response_type", ["token", "id_token", "id_token token", "code id_token", "code token"],
            "unsupported_response_type")
    }

    @Test("professos-op-message-flow-confusion-2: response_mode")
    func responseMode() async throws {
        try await isOtherFlow("response_mode", ["fragment", "web_message", "query.jwt", "x"], "invalid_request")
    }

    // MARK: PKCE

    @Test("professos-op-pkce-control: challenge and verifier that belong together")
    func pkceControl() async throws {
        try await withPortal { portal in
            let tokens = try await portal.tokens(for: TestParty.ent.attempt(), in: portal.browser())
            #expect(try await portal.userInfo(tokens.accessToken).status == 200)
        }
    }

    private func isRefusedVerifier(_ verifier: String?, because reason: String) async throws {
        try await withPortal { portal in
            let attempt = TestParty.ent.attempt()
            let code = try await portal.code(for: attempt, in: portal.browser())
            try await portal.refusing(assertions: 0) {
                HiddenChecks.refusal(
                    try await portal.redeem(code, of: attempt, ["code_verifier": verifier]), "invalid_grant",
                    because: reason)
            }
            #expect(try await portal.redeem(code, of: attempt).status == 200)
        }
    }

    @Test("professos-op-pkce-1: an invalid verifier")
    func pkceInvalid() async throws {
        try await isRefusedVerifier(String(repeating: "x", count: 43), because: "does not answer the challenge")
    }

    @Test("professos-op-pkce-2: no verifier")
    func pkceMissing() async throws { try await isRefusedVerifier(nil, because: "code_verifier is missing") }

    private func isRefusedChallenge(
        _ changes: KeyValuePairs<String, String?>, because reason: String
    ) async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            try await portal.refusing(assertions: 0) {
                let attempt = TestParty.ent.attempt(changes)
                let answer = try attempt.answer(try await browser.open(attempt.address, from: .crossSite))
                HiddenChecks.answer(answer, to: attempt)
                #expect(answer.error == "invalid_request")
                #expect(answer.parameters["error_description"]?.contains(reason) == true)
            }
        }
    }

    @Test("professos-op-pkce-3: no challenge")
    func pkceWithoutChallenge() async throws {
        try await isRefusedChallenge(
            ["code_challenge": nil, "code_challenge_method": nil], because: "code_challenge is required")
    }

    @Test("professos-op-pkce-4: downgrade to plain, at the request and at the redemption")
    func pkceDowngrade() async throws {
        try await isRefusedChallenge(["code_challenge_method": "plain"], because: "must be S256")
        try await isRefusedChallenge(["code_challenge_method": nil], because: "must be S256")
        try await withPortal { portal in
            let attempt = TestParty.ent.attempt()
            let code = try await portal.code(for: attempt, in: portal.browser())
            try await portal.refusing(assertions: 0) {
                // The challenge itself, which the attacker saw, answers only plain.
                HiddenChecks.refusal(
                    try await portal.redeem(code, of: attempt, ["code_verifier": attempt["code_challenge"]]),
                    "invalid_grant", because: "does not answer the challenge")
            }
        }
    }

    @Test("professos-op-pkce-5: the verifier of another request")
    func pkceOfAnotherRequest() async throws {
        try await isRefusedVerifier(
            TestParty.ent.attempt().verifier ?? "", because: "does not answer the challenge")
    }
}
