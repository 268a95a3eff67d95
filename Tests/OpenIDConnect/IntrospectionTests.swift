import Accounts
import Clocks
import HTTPTypes
import JOSE
import LogeTesting
import SignOn
import Stores
import Testing
import Web

/// Introspection (RFC 7662) and revocation (RFC 7009).
@Suite("RFC 7662, RFC 7009: introspection and revocation")
struct IntrospectionTests {
    private let party = TestParty.conformance

    private static let inactive: JSONValue = ["active": false]

    private func introspect(
        _ token: String, _ portal: TestPortal, as party: TestParty, hint: String? = nil
    ) async throws -> JSONAnswer {
        try await portal.ask(
            "/oidc/introspect", [("token", token)] + (hint.map { [("token_type_hint", $0)] } ?? []), as: party)
    }

    private func revoke(
        _ token: String, _ portal: TestPortal, as party: TestParty, hint: String? = nil
    ) async throws -> JSONAnswer {
        try await portal.ask(
            "/oidc/revoke", [("token", token)] + (hint.map { [("token_type_hint", $0)] } ?? []), as: party)
    }

    private static func options() -> TestPortalOptions {
        var options = TestPortalOptions()
        options.parties["service"] = """
            client_id: service
            client_name: Téléservice
            client_secret: secret-of-the-service-0123456789
            redirect_uris: ["https://service.exemple.org/callback"]
            introspects: [conformance]

            """
        options.parties["publique"] = """
            client_id: publique
            client_name: Application publique
            redirect_uris: ["https://publique.exemple.org/callback"]
            token_endpoint_auth_method: none

            """
        return options
    }

    private let service = TestParty(id: "service", secret: "secret-of-the-service-0123456789")

    @Test("RFC 7662 §2.2: a client learns of its own tokens, a resource server of those that are used at it")
    func active() async throws {
        try await withPortal(Self.options()) { portal in
            let attempt = party.attempt(["scope": "openid profile"])
            let tokens = try await portal.tokens(for: attempt, in: portal.browser())
            let subject = try await portal.claims(of: tokens.idToken, for: attempt)["sub"]
            let own = try await introspect(tokens.accessToken, portal, as: party, hint: "refresh_token")
            #expect(own.status == 200)
            #expect(own.headers[.cacheControl] == "no-store")
            #expect(
                own.json == [
                    "active": true, "iss": .string(TestPortal.origin), "client_id": "conformance",
                    "scope": "openid profile", "sub": subject ?? .null, "token_type": "Bearer",
                    "exp": .integer(portal.clock.now().secondsSinceEpoch + 600),
                ])
            let atService = try await introspect(tokens.accessToken, portal, as: service)
            #expect(atService["active"] == true)
            // The name that the service itself would know the person by.
            let there = TestParty(id: "service", secret: service.secret).attempt()
            let thereTokens = try await portal.tokens(for: there, in: portal.browser())
            let known = try await portal.claims(of: thereTokens.idToken, for: there)["sub"]
            #expect(atService["sub"] == known)
            #expect(atService["sub"] != subject)
            let refresh = try #require(tokens["refresh_token"]?.string)
            let ofRefresh = try await introspect(refresh, portal, as: party)
            #expect(ofRefresh["active"] == true)
            #expect(ofRefresh["sub"] == subject)
            #expect(ofRefresh["token_type"] == nil)
        }
    }

    @Test("JW-06: whatever is not an active token of the asker has one answer, to the byte")
    func inactive() async throws {
        try await withPortal(Self.options()) { portal in
            let browser = portal.browser()
            let attempt = party.attempt()
            let code = try await portal.code(for: attempt, in: browser)
            let tokens = try await portal.redeem(code, of: attempt)
            let refresh = try #require(tokens["refresh_token"]?.string)
            let others = try await portal.tokens(for: TestParty.conformance2.attempt(), in: portal.browser())
            let before = try portal.rows()
            let foreign: [(String, TestParty)] = [
                (tokens.idToken, party), (code, party), ("", party), ("x", party), (tokens.accessToken + "A", party),
                (tokens.accessToken, .ent), (tokens.accessToken, .conformance2), (others.accessToken, party),
                (others.accessToken, service), (refresh, service), (refresh, .conformance2),
            ]
            for (token, asker) in foreign {
                let answer = try await introspect(token, portal, as: asker)
                #expect(answer.status == 200)
                #expect(answer.json == Self.inactive)
            }
            #expect(try portal.rows() == before)
            #expect(try await introspect(tokens.accessToken, portal, as: party)["active"] == true)
            portal.clock.advance(by: .minutes(10))
            #expect(try await introspect(tokens.accessToken, portal, as: party).json == Self.inactive)
            #expect(try await introspect(refresh, portal, as: party)["active"] == true)
            let next = try await portal.refresh(refresh, as: party)
            #expect(try await introspect(refresh, portal, as: party).json == Self.inactive)
            #expect(try await introspect(next.accessToken, portal, as: party)["active"] == true)
            _ = try await portal.administration.lock("camille.martin", reason: "essai", now: portal.clock.now())
            portal.directory.apply(.everything)
            #expect(try await introspect(next.accessToken, portal, as: party).json == Self.inactive)
            #expect(try await introspect(next.accessToken, portal, as: service).json == Self.inactive)
            let last = try #require(next["refresh_token"]?.string)
            #expect(try await introspect(last, portal, as: party).json == Self.inactive)
        }
    }

    @Test("RFC 7662 §2.1: nobody asks without proof; a public client has none")
    func authentication() async throws {
        try await withPortal(Self.options()) { portal in
            let tokens = try await portal.tokens(for: party.attempt(), in: portal.browser())
            let field = ("token", tokens.accessToken)
            for fields in [[field], [field, ("client_id", "publique")], [field, ("client_id", "conformance")]] {
                let answer = try await portal.send(.post, "/oidc/introspect", body: FormFields.encode(fields))
                HiddenChecks.refusal(answer, "invalid_client")
            }
            let wrong = TestParty(id: "conformance", secret: "wrong-wrong-wrong-wrong")
            HiddenChecks.refusal(try await introspect(tokens.accessToken, portal, as: wrong), "invalid_client")
            HiddenChecks.refusal(try await portal.ask("/oidc/introspect", [], as: party), "invalid_request")
            #expect(try await portal.send(.get, "/oidc/introspect?token=x").status == 405)
        }
    }

    @Test("RFC 7009 §2: revoking either token ends all that came of the sign-on at this client", arguments: [0, 1])
    func revocation(_ which: Int) async throws {
        try await withPortal(Self.options()) { portal in
            let browser = portal.browser()
            let tokens = try await portal.tokens(for: party.attempt(), in: browser)
            let elsewhere = try await portal.tokens(for: TestParty.ent.attempt(), in: browser)
            let again = try await portal.tokens(for: party.attempt(), in: browser)
            let refresh = try #require(tokens["refresh_token"]?.string)
            let revoked = try await revoke(
                [refresh, tokens.accessToken][which], portal, as: party, hint: "no_such_hint")
            #expect(revoked.status == 200)
            #expect(revoked.headers[.cacheControl] == "no-store")
            #expect(try await portal.userInfo(tokens.accessToken).error == "invalid_token")
            HiddenChecks.refusal(try await portal.refresh(refresh, as: party), "invalid_grant")
            #expect(try await introspect(tokens.accessToken, portal, as: party).json == Self.inactive)
            // Another application, and another sign-on, go on.
            #expect(try await portal.userInfo(elsewhere.accessToken).status == 200)
            #expect(try await portal.userInfo(again.accessToken).status == 200)
        }
    }

    @Test("RFC 7009 §2.2: what cannot be revoked is answered like what was, and nothing changes")
    func nothing() async throws {
        try await withPortal(Self.options()) { portal in
            let tokens = try await portal.tokens(for: party.attempt(), in: portal.browser())
            let refresh = try #require(tokens["refresh_token"]?.string)
            let before = try portal.rows()
            for token in [tokens.accessToken, refresh] {
                for asker in [TestParty.conformance2, service] {
                    #expect(try await revoke(token, portal, as: asker).status == 200)
                }
            }
            for token in ["", "x", tokens.idToken] { #expect(try await revoke(token, portal, as: party).status == 200) }
            HiddenChecks.refusal(try await portal.ask("/oidc/revoke", [], as: party), "invalid_request")
            let bare = try await portal.send(.post, "/oidc/revoke", body: FormFields.encode([("token", refresh)]))
            HiddenChecks.refusal(bare, "invalid_client")
            #expect(try portal.rows() == before)
            #expect(try await portal.userInfo(tokens.accessToken).status == 200)
            #expect(try await portal.refresh(refresh, as: party).status == 200)
        }
    }
}
