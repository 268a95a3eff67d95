import Clocks
import Cryptography
import HTTPTypes
import JOSE
import LogeTesting
import Testing

/// ID tokens and userinfo, signed and encrypted as the client's file says.
@Suite("Signed and encrypted answers")
struct ProtectedAnswersTests {
    private static let pairs = SignatureAlgorithm.allCases.flatMap { signature in
        KeyManagementAlgorithm.allCases.map { (signature, $0) }
    }

    /// A client of that algorithm whose userinfo is signed.
    private func signing(_ algorithm: SignatureAlgorithm) -> (TestParty, TestPortalOptions) {
        let party = TestParty(id: "signee", secret: "secret-of-the-signed-one-0123456", algorithm: algorithm)
        var options = TestPortalOptions()
        options.parties = [
            party.id: """
            client_id: \(party.id)
            client_name: Application signée
            client_secret: \(party.secret)
            redirect_uris: ["\(party.redirectURI)"]
            scope: openid profile email
            id_token_signed_response_alg: \(algorithm.rawValue)
            userinfo_signed_response_alg: \(algorithm.rawValue)

            """
        ]
        return (party, options)
    }

    /// The claims of a userinfo answer that is signed, as its client proves them.
    private func userInfoClaims(
        _ token: String, for party: TestParty, in portal: TestPortal
    ) async throws -> VerifiedClaims {
        let claims = try UnverifiedJWS(compact: token).verified(
            by: try await portal.keySet(), algorithms: [party.algorithm], types: ["jwt"])
        #expect(claims["iss"]?.string == TestPortal.origin)
        #expect(try claims.audiences() == [party.id])
        #expect(claims["exp"] == nil && claims["iat"] == nil && claims["nonce"] == nil, "no ID token")
        return claims
    }

    private func checkHeaders(_ answer: JSONAnswer) {
        #expect(answer.status == 200)
        #expect(answer.headers[.contentType] == "application/jwt")
        #expect(answer.headers[.cacheControl] == "no-store")
    }

    @Test("oidcc-idtoken-rs256")
    func idTokenRS256() async throws { try await expectIDToken(.rs256) }

    @Test("oidcc-idtoken-signature: the one algorithm of each client", arguments: SignatureAlgorithm.allCases)
    func idTokenSignature(_ algorithm: SignatureAlgorithm) async throws { try await expectIDToken(algorithm) }

    private func expectIDToken(_ algorithm: SignatureAlgorithm) async throws {
        let (party, options) = signing(algorithm)
        try await withPortal(options) { portal in
            let attempt = party.attempt()
            let tokens = try await portal.tokens(for: attempt, in: portal.browser())
            _ = try await HiddenChecks.tokens(tokens, of: attempt, in: portal)
            let header = try UnverifiedJWS(compact: tokens.idToken)
            #expect(header.claimedAlgorithm == algorithm.rawValue)
            let keys = try await portal.keySet()
            #expect(keys.keys.first { $0.keyID == header.claimedKeyID }?.algorithm == algorithm)
            for other in SignatureAlgorithm.allCases where other != algorithm {
                #expect(throws: JOSEError(.algorithmNotAllowed, "")) {
                    try header.verified(by: keys, algorithms: [other], types: [nil])
                }
            }
        }
    }

    @Test("oidcc-userinfo-rs256")
    func userInfoRS256() async throws { try await expectSignedUserInfo(.rs256) }

    @Test("OpenID Connect Core §5.3.2: signed userinfo, by each algorithm", arguments: SignatureAlgorithm.allCases)
    func userInfo(_ algorithm: SignatureAlgorithm) async throws { try await expectSignedUserInfo(algorithm) }

    private func expectSignedUserInfo(_ algorithm: SignatureAlgorithm) async throws {
        let (party, options) = signing(algorithm)
        try await withPortal(options) { portal in
            let attempt = party.attempt(["scope": "openid profile"])
            let tokens = try await portal.tokens(for: attempt, in: portal.browser())
            let subject = try await portal.claims(of: tokens.idToken, for: attempt)["sub"]
            for method in [HTTPRequest.Method.get, .post] {
                let answer = try await portal.userInfo(tokens.accessToken, method: method)
                checkHeaders(answer)
                let claims = try await userInfoClaims(answer.text, for: party, in: portal)
                #expect(claims["sub"] == subject)
                #expect(claims["given_name"] == "Camille")
            }
            // What is wrong is told as ever.
            let refused = try await portal.userInfo(tokens.accessToken + "x")
            #expect(refused.status == 401 && refused.error == "invalid_token")
            #expect(refused.headers[.contentType] == "application/json")
            // And whoever did not ask for it gets JSON.
            let plain = try await portal.tokens(for: TestParty.ent.attempt(), in: portal.browser())
            let answer = try await portal.userInfo(plain.accessToken)
            #expect(answer.headers[.contentType] == "application/json" && answer["sub"] != nil)
            #expect(answer["iss"] == nil && answer["aud"] == nil)
        }
    }

    @Test("nested: signed by each algorithm, encrypted by each, opened by the client alone", arguments: pairs)
    func nested(_ signature: SignatureAlgorithm, _ encryption: KeyManagementAlgorithm) async throws {
        let client = try ReceivingClient(signature, encryption)
        try await withPortal(try client.portal()) { portal in
            let attempt = client.party.attempt(["scope": "openid profile"])
            let tokens = try await portal.tokens(for: attempt, in: portal.browser())
            let idToken = try client.open(tokens.idToken)
            let claims = try await portal.claims(of: idToken, for: attempt)
            let half =
                signature == .edDSA
                ? SHA512.hash(Array(tokens.accessToken.utf8)).prefix(32) : SHA256.hash(tokens.accessToken).prefix(16)
            #expect(claims["at_hash"]?.string == Base64URL.encode(half))
            let answer = try await portal.userInfo(tokens.accessToken)
            checkHeaders(answer)
            let told = try await userInfoClaims(client.open(answer.text), for: client.party, in: portal)
            #expect(told["sub"] == claims["sub"] && told["given_name"] == "Camille")
            for token in [tokens.idToken, answer.text] {
                let header = try ReceivingClient.header(token)
                var expected: [String: JSONValue] = [
                    "alg": .string(encryption.rawValue), "enc": "A256GCM", "kid": "enc-1", "cty": "JWT",
                ]
                expected["epk"] = encryption == .ecdhES ? header["epk"] : nil
                #expect(header == expected, "nothing of the person stands in the header")
                let stranger = try client.stranger()
                #expect(throws: JWEError(.notDecrypted, "")) { try client.open(token, with: stranger) }
                #expect(!token.contains(try #require(idToken.split(separator: ".").first)))
            }
            // Asked again, another key and another nonce.
            let again = try await portal.userInfo(tokens.accessToken)
            #expect(
                Set(again.text.split(separator: ".")).isDisjoint(
                    with: Set(answer.text.split(separator: ".").dropFirst())))
        }
    }

    @Test("OA-19: an encrypted ID token is no hint, what was inside is one; userinfo never is")
    func hints() async throws {
        let client = try ReceivingClient()
        try await withPortal(try client.portal()) { portal in
            let browser = portal.browser()
            let tokens = try await portal.tokens(for: client.party.attempt(), in: browser)
            let idToken = try client.open(tokens.idToken)
            let userInfo = try await portal.userInfo(tokens.accessToken).text
            let before = try portal.rows()
            let logout = "/oidc/logout?post_logout_redirect_uri=https://chiffree.exemple.org/parti&id_token_hint="
            for (name, hint) in [
                ("encrypted ID token", tokens.idToken), ("userinfo", userInfo),
                ("its inside", try client.open(userInfo)),
            ] {
                let attempt = client.party.attempt(["id_token_hint": hint, "prompt": "none"])
                let answer = try attempt.answer(try await browser.open(attempt.address, from: .crossSite))
                #expect(answer.error == "invalid_request", "\(name)")
                let page = try await browser.open(logout + hint, from: .crossSite)
                #expect(page.status == 200 && page.outside == nil, "\(name)")
                #expect(throws: Never.self, "asked first: \(name)") { try page.form(with: "confirmation") }
            }
            #expect(try portal.rows() == before)
            let attempt = client.party.attempt(["id_token_hint": idToken, "prompt": "none"])
            let answer = try attempt.answer(try await browser.open(attempt.address, from: .crossSite))
            #expect(answer.code != nil)
            let left = try await browser.open(logout + idToken, from: .crossSite)
            #expect(left.outside == "https://chiffree.exemple.org/parti")
        }
    }

    @Test("ASVS 16.2.5: nothing of a sign-on with encrypted answers stands in the log, at its finest")
    func log() async throws {
        let client = try ReceivingClient(.ps256, .rsaOAEP256)
        let log = TestLog()
        var options = try client.portal()
        options.log = log
        try await withPortal(options) { portal in
            let attempt = client.party.attempt(["scope": "openid profile"])
            let code = try await portal.code(for: attempt, in: portal.browser())
            let tokens = try await portal.redeem(code, of: attempt)
            let userInfo = try await portal.userInfo(tokens.accessToken).text
            let replayed = try await portal.redeem(code, of: attempt)
            #expect(replayed.error == "invalid_grant")
            let inner = [try client.open(tokens.idToken), try client.open(userInfo)]
            var secrets = inner + [tokens.idToken, userInfo, tokens.accessToken, code, client.party.secret]
            secrets += inner.flatMap { $0.split(separator: ".").map(String.init) }
            let claims = try await portal.claims(of: inner[0], for: attempt)
            secrets += [try claims.text("sub"), try claims.text("nonce"), try claims.text("at_hash")]
            #expect(!log.lines.isEmpty)
            #expect(log.lines.contains { $0.contains("token refused") }, "the control")
            for secret in secrets { #expect(!log.lines.contains { $0.contains(secret) }) }
        }
    }
}
