import Clocks
import Cryptography
import HTTPTypes
import JOSE
import LogeTesting
import Testing
import Web

/// The steps of PrOfESSOS at an OpenID provider about who the client is and who the person is.
@Suite("PrOfESSOS at the provider: client authentication, sub-claim spoofing")
struct ProfessosOPIdentityTests {
    private let party = TestParty.conformance
    private let posting = TestParty.conformancePost
    private static let wrong = "0123456789abcdef0123456789abcdef"

    // MARK: Client authentication

    /// The code of a client redeemed with this proof.
    private func redeem(
        _ code: String, of attempt: AuthorizationAttempt, _ portal: TestPortal, basic: String?,
        _ proof: [(String, String)]
    ) async throws -> JSONAnswer {
        let fields = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", attempt.party.redirectURI),
        ]
        let headers = basic.map { ["Authorization": $0] } ?? [:]
        return try await portal.send(.post, "/oidc/token", headers: headers, body: FormFields.encode(fields + proof))
    }

    /// Refused with this proof, without a row; the code lives on for its client.
    private func isRefused(
        _ party: TestParty, basic: String? = nil, _ proof: [(String, String)] = [],
        location: SourceLocation = #_sourceLocation
    ) async throws {
        try await withPortal { portal in
            let attempt = party.attempt()
            let code = try await portal.code(for: attempt, in: portal.browser())
            try await portal.refusing(assertions: 0, location: location) {
                let refused = try await redeem(code, of: attempt, portal, basic: basic, proof)
                HiddenChecks.refusal(refused, "invalid_client", location: location)
                let challenge = refused.headers[.wwwAuthenticate]
                // RFC 6749 §5.2.
                #expect((challenge?.hasPrefix("Basic ") == true) == (basic != nil), sourceLocation: location)
            }
            #expect(try await portal.redeem(code, of: attempt).status == 200, sourceLocation: location)
        }
    }

    @Test("professos-op-client-authentication-control: the right secret, by the registered method")
    func control() async throws {
        try await withPortal { portal in
            for party in [party, posting] {
                let tokens = try await portal.tokens(for: party.attempt(), in: portal.browser())
                #expect(try await portal.userInfo(tokens.accessToken).status == 200)
            }
        }
    }

    @Test("professos-op-client-authentication-1: a random secret in Basic")
    func randomSecretBasic() async throws {
        try await isRefused(party, basic: TestPortal.basic(party.id, Self.wrong))
    }

    @Test("professos-op-client-authentication-2: a random secret in POST")
    func randomSecretPost() async throws {
        try await isRefused(posting, [("client_id", posting.id), ("client_secret", Self.wrong)])
    }

    @Test("professos-op-client-authentication-3: an empty secret in Basic")
    func emptySecretBasic() async throws { try await isRefused(party, basic: TestPortal.basic(party.id, "")) }

    @Test("professos-op-client-authentication-4: an empty secret in POST")
    func emptySecretPost() async throws {
        try await isRefused(posting, [("client_id", posting.id), ("client_secret", "")])
    }

    @Test("professos-op-client-authentication-5: no secret in Basic, not even a colon")
    func noSecretBasic() async throws {
        try await isRefused(party, basic: "Basic " + Base64URL.encode(Array(party.id.utf8)))
    }

    @Test("professos-op-client-authentication-6: no secret in POST")
    func noSecretPost() async throws { try await isRefused(posting, [("client_id", posting.id)]) }

    @Test("professos-op-client-authentication-7: a random client in Basic")
    func randomClientBasic() async throws {
        try await isRefused(party, basic: TestPortal.basic("au-hasard", party.secret))
    }

    @Test("professos-op-client-authentication-8: a random client in POST")
    func randomClientPost() async throws {
        try await isRefused(posting, [("client_id", "au-hasard"), ("client_secret", posting.secret)])
    }

    @Test("professos-op-client-authentication-9: an empty client in Basic")
    func emptyClientBasic() async throws { try await isRefused(party, basic: TestPortal.basic("", party.secret)) }

    @Test("professos-op-client-authentication-10: an empty client in POST, and none")
    func emptyClientPost() async throws {
        try await isRefused(posting, [("client_id", ""), ("client_secret", posting.secret)])
        try await isRefused(posting, [("client_secret", posting.secret)])
    }

    @Test("professos-op-client-authentication-11: method confusion, POST for a client of Basic")
    func confusionPost() async throws {
        try await isRefused(party, [("client_id", party.id), ("client_secret", party.secret)])
    }

    @Test("professos-op-client-authentication-12: method confusion, Basic for a client of POST")
    func confusionBasic() async throws {
        try await isRefused(posting, basic: TestPortal.basic(posting.id, posting.secret))
    }

    /// An assertion with this header and signature, for a client that has a secret and for one that signs.
    private func isRefused(_ header: JSONValue, signature: [UInt8], because reason: String) async throws {
        let client = try AssertingClient()
        let log = TestLog()
        var options = try client.portal()
        options.log = log
        try await withPortal(options) { portal in
            let now = portal.clock.now()
            try await portal.refusing(assertions: 0) {
                for party in [party, client.party] {
                    var claims = client.claims(at: now)
                    claims["iss"] = .string(party.id)
                    claims["sub"] = .string(party.id)
                    let text = [header.encoded, JSONValue.object(claims).encoded, signature].map(Base64URL.encode)
                    let told = log.lines.count
                    let refused = try await portal.prove(AssertingClient.fields(text.joined(separator: ".")))
                    HiddenChecks.refusal(refused, "invalid_client", because: "client authentication failed")
                    let lines = log.lines(after: told).joined(separator: "\n")
                    let expected = party.id == client.party.id ? reason : "no client of this method"
                    #expect(lines.contains(expected), "\(lines)")
                }
            }
            let good = AssertingClient.fields(try client.assertion(at: now))
            #expect(try await portal.prove(good).error == "invalid_grant")
        }
    }

    @Test("professos-op-client-authentication-13: client_secret_jwt with a bad signature")
    func secretJWT() async throws {
        try await isRefused(
            ["alg": "HS256"], signature: SHA256.hash("au hasard"), because: "an algorithm that is not allowed")
    }

    @Test("professos-op-client-authentication-14: an assertion under none")
    func none() async throws {
        try await isRefused(["alg": "none"], signature: [], because: "an algorithm that is not allowed")
    }

    @Test("professos-op-client-authentication-15: an assertion under nONe")
    func noneInOtherLetters() async throws {
        try await isRefused(["alg": "nONe"], signature: [], because: "an algorithm that is not allowed")
    }

    // MARK: Sub-claim spoofing

    /// A request that wants the victim's subject while somebody else is here: she is never named, and nobody else in her
    /// place. Whoever is here may ask for themselves.
    private func isSpoofed(
        _ changes: @Sendable (_ subject: String, _ idToken: String) -> KeyValuePairs<String, String?>,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        try await withPortal { portal in
            func parameters(of login: String) async throws -> (String, KeyValuePairs<String, String?>) {
                let attempt = party.attempt()
                let token = try await portal.tokens(for: attempt, in: portal.browser(), as: login).idToken
                let subject = try await portal.claims(of: token, for: attempt).text("sub")
                return (subject, changes(subject, token))
            }
            func attempt(_ changes: KeyValuePairs<String, String?>, prompt: String?) -> AuthorizationAttempt {
                var attempt = party.attempt(["prompt": prompt])
                for (name, value) in changes { attempt.parameters.append((name, value ?? "")) }
                return attempt
            }
            let (_, hers) = try await parameters(of: "lea.petit")
            let (own, mine) = try await parameters(of: "camille.martin")
            let browser = portal.browser()
            try await browser.signIn(as: "camille.martin")
            try await portal.refusing(assertions: 0, location: location) {
                let silent = attempt(hers, prompt: "none")
                let answer = try silent.answer(try await browser.open(silent.address, from: .crossSite))
                HiddenChecks.answer(answer, to: silent, location: location)
                #expect(answer.error == "login_required", sourceLocation: location)
                #expect(
                    answer.parameters["error_description"] == "another person is signed in", sourceLocation: location)
            }
            let asking = attempt(hers, prompt: nil)
            let page = try await browser.open(asking.address, from: .crossSite)
            #expect(page.outside == nil, sourceLocation: location)
            let again = try asking.answer(try await browser.enter(page, as: "camille.martin"))
            #expect(again.error == "login_required", sourceLocation: location)
            let right = attempt(mine, prompt: "none")
            let code = try right.answer(try await browser.open(right.address, from: .crossSite)).code
            let tokens = try await portal.redeem(try #require(code, sourceLocation: location), of: right)
            #expect(
                try await portal.claims(of: tokens.idToken, for: right)["sub"]?.string == own, sourceLocation: location)
            #expect(try await portal.userInfo(tokens.accessToken)["sub"]?.string == own, sourceLocation: location)
        }
    }

    @Test("professos-op-sub-claim-spoofing-1: claims, id_token, value")
    func idTokenValue() async throws {
        try await isSpoofed { subject, _ in ["claims": #"{"id_token":{"sub":{"value":"\#(subject)"}}}"#] }
    }

    @Test("professos-op-sub-claim-spoofing-2: claims, userinfo, value")
    func userInfoValue() async throws {
        try await isSpoofed { subject, _ in
            ["claims": #"{"userinfo":{"sub":{"essential":true,"value":"\#(subject)"}}}"#]
        }
    }

    @Test("professos-op-sub-claim-spoofing-3: claims, id_token, an array")
    func idTokenArray() async throws {
        try await isSpoofed { subject, _ in ["claims": #"{"id_token":{"sub":{"values":["\#(subject)"]}}}"#] }
        try await refusesTwo("id_token")
    }

    @Test("professos-op-sub-claim-spoofing-4: claims, userinfo, an array")
    func userInfoArray() async throws {
        try await isSpoofed { subject, _ in ["claims": #"{"userinfo":{"sub":{"values":["\#(subject)"]}}}"#] }
        try await refusesTwo("userinfo")
    }

    @Test("professos-op-sub-claim-spoofing-5: id_token_hint")
    func hint() async throws { try await isSpoofed { _, idToken in ["id_token_hint": idToken] } }

    /// Two subjects at once, whosever they are.
    private func refusesTwo(_ part: String) async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            try await portal.refusing(assertions: 0) {
                for wish in [#"{"values":["a","b"]}"#, #"{"value":"a","values":["b"]}"#] {
                    let attempt = party.attempt(["claims": #"{"\#(part)":{"sub":\#(wish)}}"#])
                    let answer = try attempt.answer(try await browser.open(attempt.address, from: .crossSite))
                    HiddenChecks.answer(answer, to: attempt)
                    #expect(answer.error == "invalid_request")
                    #expect(answer.parameters["error_description"] == "claims asks for several subjects")
                }
            }
        }
    }
}
