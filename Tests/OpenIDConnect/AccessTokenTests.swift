import Clocks
import HTTPTypes
import JOSE
import LogeTesting
import Testing
import Web

/// Access tokens: for one client and one portal, for what was granted, for ten minutes, in a header.
@Suite("OA-14: access tokens")
struct AccessTokenTests {
    private let party = TestParty.conformance

    /// Asks an endpoint for clients about a token.
    private func ask(
        _ path: String, _ token: String, _ portal: TestPortal, as party: TestParty
    ) async throws -> JSONAnswer {
        let headers = ["Authorization": TestPortal.basic(party.id, party.secret)]
        return try await portal.send(.post, path, headers: headers, body: FormFields.encode([("token", token)]))
    }

    @Test("OA-14: for one audience: another client learns nothing of it, and ends nothing")
    func audience() async throws {
        try await withPortal { portal in
            let token = try await portal.tokens(for: party.attempt(), in: portal.browser()).accessToken
            #expect(try await ask("/oidc/introspect", token, portal, as: party)["active"] == true)
            for other in [TestParty.conformance2, .ent, .teachers] {
                let answer = try await ask("/oidc/introspect", token, portal, as: other)
                #expect(answer.json == ["active": false], "\(other.id)")
                // RFC 7009 §2.2: answered like the owner, and nothing happens.
                #expect(try await ask("/oidc/revoke", token, portal, as: other).status == 200)
            }
            #expect(try await portal.userInfo(token).status == 200)
            #expect(try await ask("/oidc/revoke", token, portal, as: party).status == 200)
            #expect(try await portal.userInfo(token).error == "invalid_token")
        }
    }

    @Test("OA-14: nothing of it can be read, and it is no JWT that an API would take by its signature alone")
    func opaque() async throws {
        try await withPortal { portal in
            let attempt = party.attempt(["scope": "openid profile email"])
            let token = try await portal.tokens(for: attempt, in: portal.browser()).accessToken
            #expect((try? UnverifiedJWS(compact: token)) == nil)
            for word in ["camille", "conformance", "profile", "id-camille"] { #expect(!token.contains(word)) }
        }
    }

    @Test("OA-14: minimal scope: what was granted, never more; a refreshed one may reach less far")
    func scope() async throws {
        try await withPortal { portal in
            /// The names that userinfo tells.
            func names(_ token: String) async throws -> Set<String> {
                Set((try await portal.userInfo(token).json.object ?? [:]).keys)
            }
            let least = try await portal.tokens(for: party.attempt(), in: portal.browser())
            #expect(try await names(least.accessToken) == ["sub"])
            let attempt = party.attempt(["scope": "openid email profile"])
            let more = try await portal.tokens(for: attempt, in: portal.browser())
            #expect(try await names(more.accessToken).isSuperset(of: ["email", "given_name"]))
            let refreshToken = try #require(more["refresh_token"]?.string)
            let less = try await portal.refresh(refreshToken, as: party, [("scope", "openid email")])
            #expect(less["scope"] == "openid email")
            #expect(try await names(less.accessToken) == ["sub", "email", "email_verified"])
            #expect(try await ask("/oidc/introspect", less.accessToken, portal, as: party)["scope"] == "openid email")
        }
    }

    @Test("OA-14: ten minutes, to the millisecond, and introspection says the same")
    func lifetime() async throws {
        try await withPortal { portal in
            let tokens = try await portal.tokens(for: party.attempt(), in: portal.browser())
            #expect(tokens["expires_in"] == 600)
            let end = portal.clock.now().secondsSinceEpoch + 600
            portal.clock.advance(by: .milliseconds(599_999))
            #expect(try await portal.userInfo(tokens.accessToken).status == 200)
            #expect(try await ask("/oidc/introspect", tokens.accessToken, portal, as: party)["exp"]?.integer == end)
            portal.clock.advance(by: .milliseconds(1))
            #expect(try await portal.userInfo(tokens.accessToken).error == "invalid_token")
            let after = try await ask("/oidc/introspect", tokens.accessToken, portal, as: party)
            #expect(after.json == ["active": false])
        }
    }

    @Test("OA-14: in the one header and nowhere else: query, body, cookie, two headers")
    func headerOnly() async throws {
        try await withPortal { portal in
            let token = try await portal.tokens(for: party.attempt(), in: portal.browser()).accessToken
            let query = "access_token=" + token
            #expect(try await portal.send(.get, "/oidc/userinfo?" + query).status == 401)
            #expect(try await portal.send(.post, "/oidc/userinfo", body: query).status == 401)
            for name in ["Cookie", "X-Access-Token", "Proxy-Authorization", "X-Authorization", "DPoP"] {
                for value in [token, "Bearer " + token, query] {
                    let answer = try await portal.send(.get, "/oidc/userinfo", headers: [name: value])
                    #expect(answer.status == 401, "\(name)")
                }
            }
            var twice = HTTPFields()
            for _ in 0..<2 { twice.append(HTTPField(name: .authorization, value: "Bearer " + token)) }
            #expect(try await portal.send(.get, "/oidc/userinfo", fields: twice).status == 401)
            #expect(try await portal.userInfo(token).status == 200)
        }
    }

    @Test("OA-14: nobody keeps an answer that holds a token or speaks of one, good or bad")
    func unkept() async throws {
        try await withFAPIPortal { portal, client, _ in
            let attempt = client.attempt()
            var answers = [try await portal.push(attempt, as: client)]
            let code = try await portal.code(pushing: attempt, as: client)
            let tokens = try await portal.redeem(code, of: attempt, as: client)
            let refreshToken = try #require(tokens["refresh_token"]?.string)
            answers += [
                tokens, try await portal.refresh(refreshToken, as: client),
                try await portal.userInfo(tokens.accessToken, as: client), try await portal.userInfo("x", as: client),
                try await portal.redeem("x", of: attempt, as: client),
                try await portal.push(client.attempt(["scope": nil]), as: client),
                try await portal.send(.get, "/oidc/token"), try await portal.send(.get, "/oidc/userinfo"),
            ]
            for path in ["/oidc/introspect", "/oidc/revoke"] {
                for token in [tokens.accessToken, "x"] {
                    answers.append(try await portal.ask(path, [("token", token)], as: client, proof: .absent))
                }
                answers.append(try await portal.send(.post, path, body: "token=x"))
            }
            #expect(Set(answers.map(\.status)) == [200, 201, 400, 401, 405])
            for answer in answers {
                #expect(answer.headers[.cacheControl] == "no-store", "\(answer.json.text.prefix(60))")
                #expect(answer.headers[.xContentTypeOptions] == "nosniff")
            }
        }
    }
}
