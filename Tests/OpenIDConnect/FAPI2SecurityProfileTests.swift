import Clocks
import Cryptography
import HTTPTypes
import JOSE
import LogeTesting
import Testing
import Web

/// The FAPI 2.0 Security Profile plan of the OpenID Foundation (`fapi2-security-profile-final-test-plan`; private_key_jwt,
/// DPoP, unsigned pushed requests, OpenID Connect), module by module under its name: discovery, the flow, the codes. The
/// other modules: ``FAPI2PushedRequestTests``, ``FAPI2ClientAssertionTests``, ``FAPI2ProofOfPossessionTests``.
@Suite("fapi2-security-profile-final-test-plan: flows and codes")
struct FAPI2SecurityProfileTests {
    /// The happy flow that most modules vary.
    @discardableResult
    private func flow(
        _ attempt: AuthorizationAttempt, _ portal: TestPortal, _ client: FAPIClient, _ more: [(String, String)] = [],
        location: SourceLocation = #_sourceLocation
    ) async throws -> (tokens: JSONAnswer, claims: VerifiedClaims, answer: AuthorizationAnswer) {
        let address = try await portal.address(pushing: attempt, as: client, more)
        let answer = try await portal.answer(at: address, to: attempt, in: portal.browser())
        HiddenChecks.answer(answer, to: attempt, location: location)
        let code = try #require(answer.code, sourceLocation: location)
        let tokens = try await portal.redeem(code, of: attempt, as: client)
        let claims = try await HiddenChecks.tokens(tokens, of: attempt, in: portal, type: "DPoP", location: location)
        let userInfo = try await portal.userInfo(tokens.accessToken, as: client)
        #expect(userInfo.status == 200, sourceLocation: location)
        #expect(userInfo["sub"] == claims["sub"], sourceLocation: location)
        return (tokens, claims, answer)
    }

    @Test("fapi2-security-profile-final-discovery-end-point-verification")
    func discovery() async throws {
        try await withFAPIPortal { portal, _, _ in
            let metadata = try await portal.send(.get, "/.well-known/openid-configuration")
            #expect(metadata["issuer"]?.string == TestPortal.origin)
            for name in [
                "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri",
                "pushed_authorization_request_endpoint",
            ] {
                #expect(metadata[name]?.string?.hasPrefix(TestPortal.origin + "/") == true, "\(name)")
            }
            #expect(metadata["authorization_response_iss_parameter_supported"] == true)
            #expect(metadata["code_challenge_methods_supported"] == ["S256"])
            #expect(metadata["response_types_supported"] == ["code"])
            #expect(metadata["dpop_signing_alg_values_supported"]?.array?.contains("ES256") == true)
            #expect(metadata["token_endpoint_auth_methods_supported"]?.array?.contains("private_key_jwt") == true)
            #expect(metadata["token_endpoint_auth_signing_alg_values_supported"]?.array?.contains("ES256") == true)
            #expect(metadata["claims_supported"]?.array?.contains("acr") == true)
            for (name, value) in metadata.json.object ?? [:] where name.contains("_alg_") {
                #expect(value.array?.contains { ["none", "HS256"].contains($0.string ?? "none") } == false, "\(name)")
            }
        }
    }

    @Test("fapi2-security-profile-final-happy-flow")
    func happyFlow() async throws {
        try await withFAPIPortal { portal, client, _ in
            let attempt = client.attempt()
            let pushed = try await portal.push(attempt, as: client)
            #expect(pushed.status == 201)
            #expect(pushed.headers[.cacheControl] == "no-store")
            #expect(pushed["request_uri"]?.string?.hasPrefix("urn:ietf:params:oauth:request_uri:") == true)
            // RFC 9126 §2.2, FAPI 2.0 §5.3.2.2: shorter than ten minutes.
            let life = try #require(pushed["expires_in"]?.integer)
            #expect((5..<600).contains(life))
            let claims = try await flow(attempt, portal, client).claims
            #expect(claims.algorithm == .es256)
            #expect(claims["acr"] == "https://refeds.org/profile/sfa")
        }
    }

    @Test("fapi2-security-profile-final-user-rejects-authentication")
    func userRejects() async throws {
        try await withFAPIPortal { portal, client, _ in
            let attempt = client.attempt()
            let browser = portal.browser()
            let address = try await portal.address(pushing: attempt, as: client)
            let page = try await browser.open(address, from: .crossSite)
            let link = try page.link("Revenir vers Application fapi")
            let answer = try attempt.answer(try await browser.open(link, from: .sameOrigin))
            HiddenChecks.answer(answer, to: attempt)
            #expect(answer.error == "access_denied")
        }
    }

    @Test("fapi2-security-profile-final-ensure-authorization-request-without-state-success")
    func withoutState() async throws {
        try await withFAPIPortal { portal, client, _ in
            let answer = try await flow(client.attempt(["state": nil]), portal, client).answer
            #expect(answer.state == nil)
        }
    }

    @Test("fapi2-security-profile-final-ensure-authorization-request-without-nonce-success")
    func withoutNonce() async throws {
        try await withFAPIPortal { portal, client, _ in
            let claims = try await flow(client.attempt(["nonce": nil]), portal, client).claims
            #expect(claims["nonce"] == nil)
        }
    }

    @Test("fapi2-security-profile-final-ensure-authorization-request-with-long-state: 384 characters")
    func longState() async throws {
        try await withFAPIPortal { portal, client, _ in
            try await flow(client.attempt(["state": String(repeating: "aZ0-", count: 96)]), portal, client)
        }
    }

    @Test("fapi2-security-profile-final-ensure-authorization-request-with-long-nonce: 384 characters")
    func longNonce() async throws {
        try await withFAPIPortal { portal, client, _ in
            try await flow(client.attempt(["nonce": String(repeating: "aZ0-", count: 96)]), portal, client)
        }
    }

    @Test("fapi2-security-profile-final-ensure-authorization-request-with-64-char-nonce-success")
    func nonceOf64Characters() async throws {
        try await withFAPIPortal { portal, client, _ in
            try await flow(client.attempt(["nonce": String(repeating: "aZ0-", count: 16)]), portal, client)
        }
    }

    @Test("fapi2-security-profile-final-ensure-other-scope-order-succeeds")
    func otherScopeOrder() async throws {
        try await withFAPIPortal { portal, client, _ in
            let tokens = try await flow(client.attempt(["scope": "email profile openid"]), portal, client).tokens
            let userInfo = try await portal.userInfo(tokens.accessToken, as: client)
            #expect(userInfo["given_name"] == "Camille")
            #expect(userInfo["email"] == "camille@exemple.fr")
        }
    }

    @Test("fapi2-security-profile-final-test-claims-parameter-identity-claims")
    func claimsParameter() async throws {
        try await withFAPIPortal { portal, client, _ in
            let attempt = client.attempt(["claims": #"{"id_token":{"given_name":{"essential":true}}}"#])
            let tokens = try await portal.tokens(pushing: attempt, as: client)
            #expect(try await portal.claims(of: tokens.idToken, for: attempt)["given_name"] == "Camille")
        }
    }

    @Test("fapi2-security-profile-final-access-token-type-header-case-sensitivity")
    func schemeInAnyLetterCase() async throws {
        try await withFAPIPortal { portal, client, _ in
            let token = try await flow(client.attempt(), portal, client).tokens.accessToken
            for scheme in ["dpop", "DPOP", "DpOp"] {
                #expect(try await portal.userInfo(token, as: client, scheme: scheme).status == 200, "\(scheme)")
            }
            // A bound token is no bearer token, in any letter case.
            for scheme in ["Bearer", "bearer", "Basic"] {
                #expect(try await portal.userInfo(token, as: client, scheme: scheme).status == 401, "\(scheme)")
            }
        }
    }

    @Test("fapi2-security-profile-final-ensure-authorization-code-is-bound-to-client")
    func codeOfAnotherClient() async throws {
        try await withFAPIPortal { portal, client, other in
            let attempt = client.attempt()
            let code = try await portal.code(pushing: attempt, as: client)
            try await portal.refusing(assertions: 1) {
                HiddenChecks.refusal(
                    try await portal.redeem(code, of: attempt, as: other), "invalid_grant",
                    because: "the code is not valid")
            }
            #expect(try await portal.redeem(code, of: attempt, as: client).status == 200)
        }
    }

    @Test("fapi2-security-profile-final-attempt-reuse-authorization-code-after-one-second")
    func codeReuse() async throws {
        try await withFAPIPortal { portal, client, _ in
            let attempt = client.attempt()
            let code = try await portal.code(pushing: attempt, as: client)
            let tokens = try await portal.redeem(code, of: attempt, as: client)
            #expect(try await portal.userInfo(tokens.accessToken, as: client).status == 200)
            portal.clock.advance(by: .seconds(1))
            HiddenChecks.refusal(
                try await portal.redeem(code, of: attempt, as: client), "invalid_grant", because: "the code was used")
            // What the first use got is revoked (RFC 6749 §4.1.2): access and refresh token.
            #expect(try await portal.userInfo(tokens.accessToken, as: client).error == "invalid_token")
            let refreshToken = try #require(tokens["refresh_token"]?.string)
            HiddenChecks.refusal(try await portal.refresh(refreshToken, as: client), "invalid_grant")
        }
    }

    @Test("fapi2-security-profile-final-ensure-token-endpoint-fails-with-expired-auth-code: after 60 seconds")
    func expiredCode() async throws {
        try await withFAPIPortal { portal, client, _ in
            let attempt = client.attempt()
            let browser = portal.browser()
            let late = try await portal.code(pushing: attempt, as: client, in: browser)
            portal.clock.advance(by: .seconds(60))
            try await portal.refusing(assertions: 1) {
                HiddenChecks.refusal(
                    try await portal.redeem(late, of: attempt, as: client), "invalid_grant", because: "has expired")
            }
            let control = client.attempt()
            let code = try await portal.code(pushing: control, as: client, in: browser)
            portal.clock.advance(by: .seconds(59))
            #expect(try await portal.redeem(code, of: control, as: client).status == 200)
        }
    }

    @Test("fapi2-security-profile-final-ensure-pkce-code-verifier-required")
    func verifierRequired() async throws {
        try await withFAPIPortal { portal, client, _ in
            let attempt = client.attempt()
            let code = try await portal.code(pushing: attempt, as: client)
            try await portal.refusing(assertions: 1) {
                let refused = try await portal.redeem(code, of: attempt, as: client, ["code_verifier": nil])
                HiddenChecks.refusal(refused, "invalid_grant", because: "code_verifier is missing")
            }
            #expect(try await portal.redeem(code, of: attempt, as: client).status == 200)
        }
    }

    @Test("fapi2-security-profile-final-incorrect-pkce-code-verifier-rejected")
    func incorrectVerifier() async throws {
        try await withFAPIPortal { portal, client, _ in
            let attempt = client.attempt()
            let code = try await portal.code(pushing: attempt, as: client)
            try await portal.refusing(assertions: 1) {
                let wrong = try #require(client.attempt().verifier)
                let refused = try await portal.redeem(code, of: attempt, as: client, ["code_verifier": wrong])
                HiddenChecks.refusal(refused, "invalid_grant", because: "does not answer the challenge")
            }
            #expect(try await portal.redeem(code, of: attempt, as: client).status == 200)
        }
    }

    @Test("fapi2-security-profile-final-ensure-client-id-in-token-endpoint: another client's name beside the assertion")
    func clientIDInTokenEndpoint() async throws {
        try await withFAPIPortal { portal, client, other in
            let attempt = client.attempt()
            let code = try await portal.code(pushing: attempt, as: client)
            try await portal.refusing(assertions: 0) {
                for name in [other.party.id, "inconnue", ""] {
                    let refused = try await portal.redeem(code, of: attempt, as: client, ["client_id": name])
                    HiddenChecks.refusal(refused, "invalid_client", because: "client authentication failed")
                }
            }
            let named = try await portal.redeem(code, of: attempt, as: client, ["client_id": client.party.id])
            #expect(named.status == 200)
        }
    }

    @Test("fapi2-security-profile-final-refresh-token")
    func refreshToken() async throws {
        try await withFAPIPortal { portal, client, other in
            let attempt = client.attempt()
            let (tokens, first, _) = try await flow(attempt, portal, client)
            let token = try #require(tokens["refresh_token"]?.string)
            portal.clock.advance(by: .seconds(1))
            // Without the client, without a proof, by another client: refused, and the token lives on.
            try await portal.refusing(assertions: 2) {
                let fields = [("grant_type", "refresh_token"), ("refresh_token", token)]
                let headers = ["DPoP": try client.proof("POST", "/oidc/token", in: portal)]
                for extra in [[], [("client_id", client.party.id)]] {
                    let anonymous = try await portal.send(
                        .post, "/oidc/token", headers: headers, body: FormFields.encode(fields + extra))
                    HiddenChecks.refusal(anonymous, "invalid_client")
                }
                HiddenChecks.refusal(
                    try await portal.refresh(token, as: client, proof: .absent), "invalid_dpop_proof",
                    because: "is required")
                HiddenChecks.refusal(
                    try await portal.refresh(token, as: other), "invalid_grant", because: "refresh token is not valid")
            }
            let refreshed = try await portal.refresh(token, as: client)
            let second = try await HiddenChecks.tokens(
                refreshed, of: attempt, in: portal, type: "DPoP", isRefreshed: true)
            for name in ["iss", "sub", "aud", "auth_time", "acr"] { #expect(second[name] == first[name], "\(name)") }
            #expect(second["iat"] != first["iat"])
            #expect(try await portal.userInfo(refreshed.accessToken, as: client)["sub"] == first["sub"])
            // A scope beyond the grant.
            let next = try #require(refreshed["refresh_token"]?.string)
            HiddenChecks.refusal(
                try await portal.refresh(next, as: client, [("scope", "openid email")]), "invalid_scope",
                because: "not within")
        }
    }
}
