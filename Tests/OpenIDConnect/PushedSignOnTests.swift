import Clocks
import Foundation
import HTTPTypes
import JOSE
import LogeTesting
import OpenIDConnectIssuer
import Testing
import Web

/// A pushed request on its way through the pages: bound to its browser, and worth what was pushed.
@Suite("OA-21, OA-22: pushed requests and refreshed tokens")
struct PushedSignOnTests {
    @Test("OA-21: a sign-on of a pushed request is refused in another browser, at each entrance, and not used up")
    func otherBrowser() async throws {
        try await withFAPIPortal { portal, client, _ in
            let attempt = client.attempt()
            let own = portal.browser()
            let page = try await own.open(try await portal.address(pushing: attempt, as: client), from: .crossSite)
            let state = try #require(try page.form(with: "profil")["s"])
            let stranger = portal.browser()
            try await stranger.signIn(as: "lea.petit")
            let visitor = portal.browser()
            _ = try await visitor.open(TestParty.ent.attempt().address, from: .crossSite)
            try await portal.refusing(assertions: 0) {
                for address in [
                    "/connexion?s=\(state)", "/compte/connexion?s=\(state)&porte=ent",
                    "/oidc/authorize/resume?s=\(state)", "/oidc/authorize/resume?annuler=1&s=\(state)",
                    "/connexion/retour?s=\(state)",
                ] {
                    for browser in [stranger, visitor] {
                        let refused = try await browser.open(address, from: .crossSite)
                        #expect(refused.status == 403, "\(address.prefix(30))")
                        #expect(refused.outside == nil)
                        #expect(try refused.scan().words.contains("dans un autre navigateur"))
                    }
                }
            }
            let code = try #require(try attempt.answer(try await own.enter(page)).code)
            #expect(try await portal.redeem(code, of: attempt, as: client).status == 200)
        }
    }

    @Test("OA-22: pushed or beside what was pushed, an unknown scope is not granted and releases nothing")
    func unknownScopes() async throws {
        try await withFAPIPortal { portal, client, _ in
            for scope in ["openid admin", "openid *", "openid PROFILE", "openid address school"] {
                let attempt = client.attempt(["scope": scope])
                let more = [
                    ("scope", "openid profile email"), ("claims", #"{"userinfo":{"name":{"essential":true}}}"#),
                    ("acr_values", "https://refeds.org/profile/mfa"), ("max_age", "0"),
                ]
                let address = try await portal.address(pushing: attempt, as: client, more)
                let answer = try await portal.answer(at: address, to: attempt, in: portal.browser())
                let tokens = try await portal.redeem(try #require(answer.code), of: attempt, as: client)
                #expect(tokens["scope"] == "openid", "\(scope)")
                let userInfo = try await portal.userInfo(tokens.accessToken, as: client)
                #expect(Set((userInfo.json.object ?? [:]).keys) == ["sub"], "\(scope)")
            }
        }
    }

    @Test("OA-22: a refresh asks for no more than was granted, by scope or by claims, and keeps its token when it does")
    func refreshed() async throws {
        try await withFAPIPortal { portal, client, _ in
            let tokens = try await portal.tokens(pushing: client.attempt(), as: client)
            let token = try #require(tokens["refresh_token"]?.string)
            try await portal.refusing(assertions: 4) {
                for scope in ["openid profile", "openid admin", "profile", "openid \"x"] {
                    let refused = try await portal.refresh(token, as: client, [("scope", scope)])
                    HiddenChecks.refusal(refused, "invalid_scope", because: "not within")
                }
            }
            let claims = ("claims", #"{"userinfo":{"name":{"essential":true}},"id_token":{"name":null}}"#)
            let refreshed = try await portal.refresh(token, as: client, [claims, ("acr_values", "x")])
            #expect(refreshed["scope"] == "openid")
            let userInfo = try await portal.userInfo(refreshed.accessToken, as: client)
            #expect(Set((userInfo.json.object ?? [:]).keys) == ["sub"])
        }
    }

    @Test("OA-22, BR-07: what the file allows no more is released no more, by old tokens and by refreshed ones")
    func narrowedFile() async throws {
        let party = TestParty.conformance
        try await withPortal { portal in
            let attempt = party.attempt([
                "scope": "openid profile email", "claims": #"{"id_token":{"email":null},"userinfo":{"email":null}}"#,
            ])
            let tokens = try await portal.tokens(for: attempt, in: portal.browser())
            #expect(try await portal.userInfo(tokens.accessToken)["email"] == "camille@exemple.fr")
            let file = try #require(TestParty.yaml(of: party))
            let narrowed = file.replacing("scope: openid profile email phone address school", with: "scope: openid")
            #expect(narrowed != file)
            try Data(narrowed.utf8).write(to: URL(filePath: "\(portal.folder)/parties/\(party.id).yaml"))
            #expect(await portal.clients.refresh().count == 1)
            let refreshed = try await portal.refresh(try #require(tokens["refresh_token"]?.string), as: party)
            let claims = try await portal.claims(of: refreshed.idToken, for: attempt, nonce: nil)
            #expect(Set(claims.members.keys).isSubset(of: HiddenChecks.unaskedClaims))
            for token in [tokens.accessToken, refreshed.accessToken] {
                let userInfo = try await portal.userInfo(token)
                #expect(Set((userInfo.json.object ?? [:]).keys) == ["sub"])
            }
        }
    }
}
