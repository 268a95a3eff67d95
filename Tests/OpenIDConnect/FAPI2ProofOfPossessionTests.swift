import Clocks
import Cryptography
import HTTPTypes
import JOSE
import LogeTesting
import Testing
import Web

/// The modules of the FAPI 2.0 Security Profile plan about DPoP (RFC 9449).
@Suite("fapi2-security-profile-final-test-plan: proof of possession")
struct FAPI2ProofOfPossessionTests {
    private static let now = TestPortal.start.secondsSinceEpoch

    @Test("fapi2-security-profile-final-ensure-holder-of-key-required")
    func proofRequired() async throws {
        try await withFAPIPortal { portal, client, _ in
            let attempt = client.attempt()
            let code = try await portal.code(pushing: attempt, as: client)
            try await portal.refusing(assertions: 1) {
                HiddenChecks.refusal(
                    try await portal.redeem(code, of: attempt, as: client, proof: .absent), "invalid_dpop_proof",
                    because: "is required")
            }
            let tokens = try await portal.redeem(code, of: attempt, as: client)
            #expect(tokens["token_type"] == "DPoP")
            // The token alone is worth nothing.
            #expect(try await portal.userInfo(tokens.accessToken).error == "invalid_token")
            let bare = try await portal.userInfo(tokens.accessToken, as: client, proof: .absent)
            #expect(bare.error == "invalid_dpop_proof")
            #expect(try await portal.userInfo(tokens.accessToken, as: client).status == 200)
        }
    }

    @Test("fapi2-security-profile-final-check-dpop-proof-nbf-exp: looked at when there, and not needed")
    func notBeforeAndExpiry() async throws {
        try await withFAPIPortal { portal, client, _ in
            let attempt = client.attempt()
            let code = try await portal.code(pushing: attempt, as: client)
            try await portal.refusing(assertions: 2) {
                for claims: [String: JSONValue?] in [
                    ["nbf": .integer(Self.now + 60), "exp": .integer(Self.now + 300)],
                    ["nbf": .integer(Self.now - 300), "exp": .integer(Self.now - 60)],
                ] {
                    let proof = try client.proof("POST", "/oidc/token", in: portal, claims: claims)
                    HiddenChecks.refusal(
                        try await portal.redeem(code, of: attempt, as: client, proof: .text(proof)),
                        "invalid_dpop_proof", because: "is not valid")
                }
            }
            let claims: [String: JSONValue?] = ["nbf": .integer(Self.now), "exp": .integer(Self.now + 60)]
            let proof = try client.proof("POST", "/oidc/token", in: portal, claims: claims)
            #expect(try await portal.redeem(code, of: attempt, as: client, proof: .text(proof)).status == 200)
        }
    }

    /// Everywhere, with a proof made at another time.
    private func clockDiffers(by seconds: Int64) async throws {
        try await withFAPIPortal { portal, client, _ in
            let claims: [String: JSONValue?] = ["iat": .integer(Self.now + seconds)]
            let attempt = client.attempt()
            let pushing = try client.proof("POST", "/oidc/par", in: portal, claims: claims)
            let code = try await portal.code(pushing: attempt, as: client, proof: .text(pushing))
            let redeeming = try client.proof("POST", "/oidc/token", in: portal, claims: claims)
            let tokens = try await portal.redeem(code, of: attempt, as: client, proof: .text(redeeming))
            #expect(tokens.status == 200)
            let using = try client.proof(
                "GET", "/oidc/userinfo", in: portal, accessToken: tokens.accessToken, claims: claims)
            #expect(try await portal.userInfo(tokens.accessToken, as: client, proof: .text(using)).status == 200)
        }
    }

    @Test("fapi2-security-profile-final-ensure-dpopproof-with-iat-10seconds-before-succeeds")
    func tenSecondsBefore() async throws { try await clockDiffers(by: -10) }

    @Test("fapi2-security-profile-final-ensure-dpopproof-with-iat-10seconds-after-succeeds")
    func tenSecondsAfter() async throws { try await clockDiffers(by: 10) }

    @Test("fapi2-security-profile-final-ensure-mismatched-dpop-jkt-fails: dpop_jkt and the proof at the push")
    func mismatchAtPush() async throws {
        try await withFAPIPortal { portal, client, other in
            try await portal.refusing(assertions: 1) {
                let refused = try await portal.push(
                    client.attempt(["dpop_jkt": other.prover.thumbprint]), as: client, proof: .own)
                HiddenChecks.refusal(refused, "invalid_dpop_proof", because: "dpop_jkt is another key's")
            }
            let right = client.attempt(["dpop_jkt": client.prover.thumbprint])
            #expect(try await portal.push(right, as: client, proof: .own).status == 201)
        }
    }

    /// The code is bound to the client's key: another key redeems nothing, the right one does.
    private func isBound(
        _ changes: KeyValuePairs<String, String?>, pushing: FAPIClient.Proof, _ portal: TestPortal,
        _ client: FAPIClient, _ other: FAPIClient, location: SourceLocation = #_sourceLocation
    ) async throws {
        let attempt = client.attempt(changes)
        let code = try await portal.code(pushing: attempt, as: client, proof: pushing)
        try await portal.refusing(assertions: 1, location: location) {
            let proof = try other.proof("POST", "/oidc/token", in: portal)
            HiddenChecks.refusal(
                try await portal.redeem(code, of: attempt, as: client, proof: .text(proof)), "invalid_grant",
                because: "of another key", location: location)
        }
        let tokens = try await portal.redeem(code, of: attempt, as: client)
        #expect(tokens.status == 200, sourceLocation: location)
        #expect(try await portal.userInfo(tokens.accessToken, as: client).status == 200, sourceLocation: location)
    }

    @Test("fapi2-security-profile-final-ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt")
    func mismatchWithProof() async throws {
        try await withFAPIPortal { portal, client, other in
            try await isBound([:], pushing: .own, portal, client, other)
        }
    }

    @Test("fapi2-security-profile-final-ensure-token-endpoint-fails-with-mismatched-dpop-jkt: pushed with dpop_jkt")
    func mismatchWithThumbprint() async throws {
        try await withFAPIPortal { portal, client, other in
            let changes: KeyValuePairs<String, String?> = ["dpop_jkt": client.prover.thumbprint]
            try await isBound(changes, pushing: .absent, portal, client, other)
        }
    }

    /// The whole flow with a bound code.
    private func bindingSucceeds(
        _ changes: KeyValuePairs<String, String?>, pushing: FAPIClient.Proof, _ portal: TestPortal,
        _ client: FAPIClient
    ) async throws {
        let attempt = client.attempt(changes)
        let code = try await portal.code(pushing: attempt, as: client, proof: pushing)
        let tokens = try await portal.redeem(code, of: attempt, as: client)
        _ = try await HiddenChecks.tokens(tokens, of: attempt, in: portal, type: "DPoP")
        #expect(try await portal.userInfo(tokens.accessToken, as: client).status == 200)
    }

    @Test("fapi2-security-profile-final-ensure-dpopproof-at-par-endpoint-binding-success")
    func bindingByProof() async throws {
        try await withFAPIPortal { portal, client, _ in try await bindingSucceeds([:], pushing: .own, portal, client) }
    }

    @Test("fapi2-security-profile-final-ensure-dpop-auth-code-binding-success: dpop_jkt, alone and with the proof")
    func bindingByThumbprint() async throws {
        try await withFAPIPortal { portal, client, _ in
            let changes: KeyValuePairs<String, String?> = ["dpop_jkt": client.prover.thumbprint]
            try await bindingSucceeds(changes, pushing: .absent, portal, client)
            try await bindingSucceeds(changes, pushing: .own, portal, client)
        }
    }

    /// Proofs that prove nothing: changes of header or claims, and the reason that the log then gives.
    private static let defects: [(reason: String, header: [String: JSONValue?], claims: [String: JSONValue?])] = [
        ("another type", ["typ": "jwt"], [:]), ("another type", ["typ": nil], [:]),
        ("not allowed", ["alg": "none"], [:]), ("not allowed", ["alg": "HS256"], [:]),
        ("not allowed", ["alg": "RS256"], [:]), ("jwk", ["jwk": nil], [:]), ("jwk", ["jwk": "x"], [:]),
        ("jti is missing", [:], ["jti": nil]), ("htm is missing", [:], ["htm": nil]),
        ("htm is another method", [:], ["htm": "PUT"]), ("htm is another method", [:], ["htm": "get"]),
        ("htu is missing", [:], ["htu": nil]),
        ("htu is another address", [:], ["htu": "https://autre.exemple.net/oidc/userinfo"]),
        ("htu is another address", [:], ["htu": .string(TestPortal.origin + "/oidc/jwks")]),
        ("iat is missing", [:], ["iat": nil]), ("too old", [:], ["iat": .integer(now - 61)]),
        ("too old", [:], ["iat": .integer(now - 86_400)]), ("from the future", [:], ["iat": .integer(now + 11)]),
        ("from the future", [:], ["iat": .integer(now + 86_400)]), ("ath is missing", [:], ["ath": nil]),
        ("ath is the hash of another", [:], ["ath": .string(Base64URL.encode(SHA256.hash("x")))]),
        ("ath is missing", [:], ["ath": ""]),
    ]

    @Test("fapi2-security-profile-final-dpop-negative-tests: at userinfo, each for its reason, without a row")
    func atUserInfo() async throws {
        let log = TestLog()
        try await withFAPIPortal(log: log) { portal, client, other in
            let token = try await portal.tokens(pushing: client.attempt(), as: client).accessToken
            func refused(_ proof: String, _ error: String, _ reason: String) async throws {
                let told = log.lines.count
                let answer = try await portal.userInfo(token, as: client, proof: .text(proof))
                #expect(answer.status == 401, "\(reason)")
                #expect(answer.error == error, "\(reason)")
                let challenge = answer.headers[values: .wwwAuthenticate].first { $0.hasPrefix("DPoP ") }
                #expect(challenge?.contains(error) == true)
                #expect(log.lines(after: told).contains { $0.contains(reason) }, "\(log.lines(after: told))")
            }
            try await portal.refusing(assertions: 0) {
                for defect in Self.defects {
                    let proof = try client.proof(
                        "GET", "/oidc/userinfo", in: portal, accessToken: token, header: defect.header,
                        claims: defect.claims)
                    try await refused(proof, "invalid_dpop_proof", defect.reason)
                }
                // Another key's proof, good in itself; and that key's name over this key's signature.
                let strange = try other.proof("GET", "/oidc/userinfo", in: portal, accessToken: token)
                try await refused(strange, "invalid_token", "of another key")
                let header: [String: JSONValue?] = ["jwk": try other.prover.jwk()]
                let forged = try client.proof(
                    "GET", "/oidc/userinfo", in: portal, accessToken: token, header: header)
                try await refused(forged, "invalid_dpop_proof", "signature")
                // A private key in the header.
                var secret = try client.prover.jwk().object ?? [:]
                secret["d"] = .string(Base64URL.encode(SHA256.hash("x")))
                let told = try client.proof(
                    "GET", "/oidc/userinfo", in: portal, accessToken: token, header: ["jwk": .object(secret)])
                try await refused(told, "invalid_dpop_proof", "jwk")
                for text in ["", "x", "a.b.c"] { try await refused(text, "invalid_dpop_proof", "compact form") }
            }
            #expect(try await portal.userInfo(token, as: client).status == 200)
        }
    }

    @Test("fapi2-security-profile-final-dpop-negative-tests: a proof is used once, at each endpoint")
    func replays() async throws {
        try await withFAPIPortal { portal, client, _ in
            let pushing = try client.proof("POST", "/oidc/par", in: portal)
            #expect(try await portal.push(client.attempt(), as: client, proof: .text(pushing)).status == 201)
            HiddenChecks.refusal(
                try await portal.push(client.attempt(), as: client, proof: .text(pushing)), "invalid_dpop_proof",
                because: "used before")
            let (one, two) = (client.attempt(), client.attempt())
            let browser = portal.browser()
            let codes = [
                try await portal.code(pushing: one, as: client, in: browser),
                try await portal.code(pushing: two, as: client, in: browser),
            ]
            let redeeming = try client.proof("POST", "/oidc/token", in: portal)
            let tokens = try await portal.redeem(codes[0], of: one, as: client, proof: .text(redeeming))
            #expect(tokens.status == 200)
            try await portal.refusing(assertions: 1) {
                HiddenChecks.refusal(
                    try await portal.redeem(codes[1], of: two, as: client, proof: .text(redeeming)),
                    "invalid_dpop_proof", because: "used before")
            }
            // The code was not used up by that.
            #expect(try await portal.redeem(codes[1], of: two, as: client).status == 200)
            let using = try client.proof("GET", "/oidc/userinfo", in: portal, accessToken: tokens.accessToken)
            #expect(try await portal.userInfo(tokens.accessToken, as: client, proof: .text(using)).status == 200)
            try await portal.refusing(assertions: 0) {
                let again = try await portal.userInfo(tokens.accessToken, as: client, proof: .text(using))
                #expect(again.error == "invalid_dpop_proof")
            }
        }
    }

    @Test("fapi2-security-profile-final-dpop-negative-tests: one endpoint's proof at another, two at once")
    func elsewhere() async throws {
        try await withFAPIPortal { portal, client, _ in
            let attempt = client.attempt()
            let code = try await portal.code(pushing: attempt, as: client)
            let wrong = try client.proof("POST", "/oidc/par", in: portal)
            try await portal.refusing(assertions: 1) {
                HiddenChecks.refusal(
                    try await portal.redeem(code, of: attempt, as: client, proof: .text(wrong)), "invalid_dpop_proof",
                    because: "is not valid")
            }
            let token = try #require(
                try await portal.redeem(code, of: attempt, as: client)["access_token"]?.string)
            var headers: HTTPFields = [.authorization: "DPoP " + token]
            let name = try #require(HTTPField.Name("DPoP"))
            for _ in 0..<2 {
                let proof = try client.proof("GET", "/oidc/userinfo", in: portal, accessToken: token)
                headers.append(HTTPField(name: name, value: proof))
            }
            try await portal.refusing(assertions: 0) {
                let answer = try await portal.send(.get, "/oidc/userinfo", fields: headers)
                #expect(answer.error == "invalid_dpop_proof")
            }
            #expect(try await portal.userInfo(token, as: client).status == 200)
        }
    }
}
