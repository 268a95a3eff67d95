import Clocks
import Cryptography
import Foundation
import JOSE
import Outbound
import Testing

@testable import OpenIDConnectProvider

@Suite("Fit for the real providers, by configuration")
struct RealProviderTests {
    private static let franceConnect = "https://oidc.franceconnect.example/api/v2"

    /// As FranceConnect v2 wants it: credentials in the form, eidas1, signed userinfo, a prompt of its own.
    private func franceConnect() throws -> Journey {
        let journey = try Journey(issuer: Self.franceConnect) { configuration in
            var other = ProviderConfiguration(
                issuer: configuration.issuer, clientID: configuration.clientID,
                authentication: .secretPost(SecretBytes(utf8: EvilProvider.secret)),
                redirectURI: configuration.redirectURI)
            other.scopes = ["openid", "given_name", "family_name", "birthdate"]
            other.acrValues = ["eidas1"]
            other.acceptedACRs = ["eidas1", "eidas2", "eidas3"]
            other.userinfo = .signed([.es256])
            other.extraParameters = ["prompt": "login consent"]
            other.postLogoutRedirectURI = "https://portal.example/oidc/signed-out"
            configuration = other
        }
        journey.provider.spoil { $0.signsUserinfo = true }
        return journey
    }

    @Test("A FranceConnect-like sign-on: client_secret_post, acr, signed userinfo, paths under the issuer")
    func franceConnectLike() async throws {
        let journey = try franceConnect()
        let start = try await journey.relyingParty.start()
        #expect(start.url.hasPrefix(Self.franceConnect + "/authorize?"))
        let sent = try parameters(of: start.url)
        #expect(sent["scope"] == "openid given_name family_name birthdate")
        #expect(sent["acr_values"] == "eidas1")
        #expect(sent["prompt"] == "login consent")
        #expect(sent["redirect_uri"] == EvilProvider.redirectURI)
        // FranceConnect refuses a state and a nonce under 32 characters.
        #expect((sent["state"] ?? "").utf8.count >= 43 && (sent["nonce"] ?? "").utf8.count >= 43)
        let identity = try await journey.signIn()
        #expect(identity.claims["family_name"] == "Martin")
        #expect(identity.issuer == Self.franceConnect)
        #expect(try #require(journey.provider.requests("/token").first).authorization == nil)
    }

    @Test("oidcc-client-test-userinfo-signed: signed userinfo is verified like a token, and nothing else is taken")
    func signedUserinfo() async throws {
        let keys = try TestKeys.get()
        typealias Edit = @Sendable (inout EvilProvider.Members) -> Void
        let edits: [(ProviderError.Code, Edit)] = [
            (.userinfoSubject, { $0["sub"] = "mallory" }), (.userinfoUntrusted, { $0["iss"] = "https://evil.example" }),
            (.userinfoUntrusted, { $0["iss"] = nil }), (.userinfoUntrusted, { $0["aud"] = "other" }),
            (.userinfoUntrusted, { $0["aud"] = nil }), (.userinfoUntrusted, { $0["exp"] = 1 }),
            (.userinfoUntrusted, { $0["exp"] = "never" }),
        ]
        for (code, edit) in edits {
            try await franceConnect().expectRefusal(code) { $0.editUserinfo = edit }
        }
        func token(_ text: String) -> Result<OutboundResponse, OutboundError> {
            .success(OutboundResponse(status: 200, contentTypes: ["application/jwt"], body: Array(text.utf8)))
        }
        let claims: JSONValue = [
            "sub": "alice", "iss": .string(Self.franceConnect), "aud": .string(EvilProvider.clientID),
        ]
        let unsigned = Base64URL.encode(Array("{\"alg\":\"none\"}".utf8)) + "." + Base64URL.encode(claims.encoded) + "."
        for (code, text) in [
            (ProviderError.Code.userinfoUntrusted, unsigned), (.userinfoUntrusted, try keys.rsa.sign(claims)),
            (.userinfoUntrusted, try keys.otherP256.sign(claims)),
            (.userinfoUntrusted, try keys.p256.sign(claims, type: "at+jwt")), (.userinfoMalformed, "canary"),
            (.userinfoMalformed, "e30.e30.e30.e30.e30"),
        ] {
            try await franceConnect().expectRefusal(code) { $0.answers["/userinfo"] = token(text) }
        }
        try await franceConnect().expectRefusal(.userinfoMalformed, "plain JSON where a JWT was agreed") {
            $0.signsUserinfo = false
        }
        try await Journey().expectRefusal(.userinfoMalformed, "a JWT where JSON was agreed") { $0.signsUserinfo = true }
    }

    @Test("oidcc-client-test-nonce-unless-code-flow: the nonce is sent in the code flow too")
    func nonceIsAlwaysSent() async throws {
        let start = try await Journey().relyingParty.start()
        #expect(try parameters(of: start.url)["nonce"]?.utf8.count == 43)
    }

    @Test("Without userinfo, the ID token says it all and the endpoint is not called")
    func withoutUserinfo() async throws {
        let journey = try Journey { $0.userinfo = .unused }
        journey.provider.spoil {
            $0.editMetadata = { $0["userinfo_endpoint"] = nil }
            $0.editClaims = { $0["given_name"] = "Alice" }
        }
        #expect(try await journey.signIn().claims["given_name"] == "Alice")
        #expect(journey.provider.requests("/userinfo").isEmpty)
    }

    @Test(
        "oidcc-client-test-rp-init-logout: hint, client, address and state; nothing where the provider has no such place"
    )
    func signOut() async throws {
        let journey = try franceConnect()
        let identity = try await journey.signIn()
        let url = try #require(try await journey.relyingParty.logoutURL(idToken: identity.idToken, state: "s t"))
        #expect(url.hasPrefix(Self.franceConnect + "/session/end?"))
        let sent = try parameters(of: url)
        #expect(sent["id_token_hint"] == identity.idToken.compact)
        #expect(sent["post_logout_redirect_uri"] == "https://portal.example/oidc/signed-out")
        #expect(sent["state"] == "s t")
        #expect(sent["client_id"] == EvilProvider.clientID)
        // The hint survives the role's session, and never prints itself.
        let kept = try JSONDecoder().decode(
            [IDTokenHint].self, from: JSONEncoder().encode([identity.idToken]))
        #expect(kept == [identity.idToken])
        var dumped = "\(identity.idToken)"
        dump(identity.idToken, to: &dumped)
        #expect(!dumped.contains("eyJ"))

        let without = try Journey()
        without.provider.spoil { $0.editMetadata = { $0["end_session_endpoint"] = nil } }
        let other = try await without.signIn()
        #expect(try await without.relyingParty.logoutURL(idToken: other.idToken, state: nil) == nil)
    }

    @Test("An authorization endpoint with a query of its own keeps it")
    func endpointWithQuery() async throws {
        let journey = try Journey()
        journey.provider.spoil { $0.editMetadata = { $0["authorization_endpoint"] = "https://op.example/a?tenant=7" } }
        let start = try await journey.relyingParty.start()
        #expect(start.url.hasPrefix("https://op.example/a?tenant=7&response_type=code&"))
    }

    @Test("A configuration that could only fail, or fail open, is refused at the start")
    func configurations() throws {
        #expect(throws: Never.self) { try Journey() }
        #expect(throws: Never.self) {
            try Journey(issuer: "http://127.0.0.1:8402") { $0.endpointSecurity = .insecurePlainLoopback }
        }
        let unusable: [(String, String, @Sendable (inout ProviderConfiguration) -> Void)] = [
            ("http", "http://op.example", { _ in }),
            ("http on the loopback, unasked", "http://127.0.0.1:8402", { _ in }),
            ("http elsewhere", "http://op.example", { $0.endpointSecurity = .insecurePlainLoopback }),
            ("no address", "op.example", { _ in }), ("a query", "https://op.example?x", { _ in }),
            ("no algorithm", EvilProvider.issuer, { $0.idTokenAlgorithms = [] }),
            ("no userinfo algorithm", EvilProvider.issuer, { $0.userinfo = .signed([]) }),
            ("no openid", EvilProvider.issuer, { $0.scopes = ["profile"] }),
            ("acr asked, none expected", EvilProvider.issuer, { $0.acrValues = ["eidas1"] }),
            ("state set by hand", EvilProvider.issuer, { $0.extraParameters = ["state": "x"] }),
            ("a request object", EvilProvider.issuer, { $0.extraParameters = ["request_uri": "x"] }),
            (
                "an empty secret", EvilProvider.issuer,
                {
                    $0 = ProviderConfiguration(
                        issuer: $0.issuer, clientID: "c", authentication: .secretPost(SecretBytes([])),
                        redirectURI: $0.redirectURI)
                }
            ),
        ]
        for (name, issuer, change) in unusable {
            #expect(throws: ProviderError(.configurationUnusable, ""), "\(name)") {
                try Journey(issuer: issuer, change)
            }
        }
    }

    @Test("An option of one sign-on cannot take the place of a parameter of the protocol")
    func reservedOptions() async throws {
        let journey = try Journey()
        var options = AuthorizationOptions()
        options.parameters = ["login_hint": "alice & co", "ui_locales": "fr"]
        let sent = try await parameters(of: journey.relyingParty.start(options).url)
        #expect(sent["login_hint"] == "alice & co")
        for name in ["client_id", "redirect_uri", "nonce", "code_challenge", "scope", "request"] {
            var hostile = AuthorizationOptions()
            hostile.parameters = [name: "x"]
            await #expect(throws: ProviderError(.configurationUnusable, ""), "\(name)") {
                try await journey.relyingParty.start(hostile)
            }
        }
    }

    @Test("Every reason has words for people, which tell nothing of the check")
    func words() {
        for code in ProviderError.Code.allCases {
            let error = ProviderError(code, "detail of the log")
            #expect(!error.publicSentence.isEmpty)
            #expect(!error.publicSentence.contains("detail"))
            #expect(!error.publicSentence.contains(code.rawValue))
            #expect(error.description.hasPrefix(code.rawValue))
        }
        #expect(Set(ProviderError.Code.allCases.map { ProviderError($0, "").publicSentence }).count == 4)
    }
}
