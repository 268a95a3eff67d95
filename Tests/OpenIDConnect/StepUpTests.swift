import Clocks
import Cryptography
import HTTPTypes
import JOSE
import LogeTesting
import SignOn
import Stores
import Testing
import Web

/// What an application is told of how well somebody proved who they are: the truth, and nothing when that is not enough.
@Suite("BR-08, OA-22: step-up")
struct StepUpTests {
    private static let single = AuthenticationContext.singleFactor.rawValue
    private static let multi = AuthenticationContext.multiFactor.rawValue
    private let party = TestParty.ent

    /// The `claims` parameter that asks for one of these contexts.
    private static func wish(_ values: [String], isEssential: Bool = true) -> String {
        let list = JSONValue.array(values.map(JSONValue.string)).text
        return #"{"id_token":{"acr":{"essential":\#(isEssential),"values":\#(list)}}}"#
    }

    /// Requests that only several factors would satisfy.
    private static let demands: [KeyValuePairs<String, String?>] = [
        ["claims": wish([multi])], ["claims": wish(["urn:inconnu", multi])],
        ["claims": #"{"id_token":{"acr":{"essential":true,"value":"\#(multi)"}}}"#],
        // What is voluntary satisfies no demand.
        ["claims": wish([multi]), "acr_values": single], ["claims": wish([multi]), "acr_values": multi + " " + single],
        ["claims": wish(["urn:inconnu"]), "acr_values": single], ["claims": wish(["urn:inconnu"])],
    ]

    private func withPrompt(
        _ prompt: String?, _ changes: KeyValuePairs<String, String?>, of party: TestParty
    ) -> AuthorizationAttempt {
        var attempt = party.attempt(["prompt": prompt])
        for (name, value) in changes { attempt.parameters.append((name, value ?? "")) }
        return attempt
    }

    @Test(
        "a password does not satisfy a demand for several factors: told so at once, nobody is asked", arguments: demands
    )
    func unmet(_ demand: KeyValuePairs<String, String?>) async throws {
        try await withPortal { portal in
            let here = portal.browser()
            try await here.signIn()
            try await portal.refusing(assertions: 0) {
                for browser in [here, portal.browser()] {
                    for prompt in [nil, "none", "login", "consent"] {
                        let attempt = withPrompt(prompt, demand, of: party)
                        let page = try await browser.open(attempt.address, from: .crossSite)
                        #expect(page.hops.count == 1)
                        let answer = try attempt.answer(page)
                        HiddenChecks.answer(answer, to: attempt)
                        #expect(answer.error == "unmet_authentication_requirements", "\(prompt ?? "")")
                    }
                }
            }
            // The control: the same request without the demand.
            #expect(try await portal.answer(to: party.attempt(), in: here).code != nil)
        }
    }

    @Test("a demand that was pushed is refused there when no context of it is offered, else when the person arrives")
    func unmetWhenPushed() async throws {
        try await withFAPIPortal { portal, client, _ in
            let here = portal.browser()
            try await here.signIn()
            let unknown = client.attempt(["claims": Self.wish(["urn:inconnu"])])
            HiddenChecks.refusal(
                try await portal.push(unknown, as: client), "unmet_authentication_requirements", because: "acr values")
            for prompt in [nil, "none"] {
                let attempt = client.attempt(["claims": Self.wish([Self.multi]), "prompt": prompt])
                let address = try await portal.address(pushing: attempt, as: client)
                try await portal.refusing(assertions: 0) {
                    for browser in [here, portal.browser()] {
                        let answer = try attempt.answer(try await browser.open(address, from: .crossSite))
                        HiddenChecks.answer(answer, to: attempt)
                        #expect(answer.error == "unmet_authentication_requirements")
                    }
                }
            }
            // A request that cannot be met is not used up: who proves more in the meantime is let in.
            let attempt = client.attempt(["claims": Self.wish([Self.multi])])
            let address = try await portal.address(pushing: attempt, as: client)
            #expect(try attempt.answer(try await here.open(address, from: .crossSite)).code == nil)
            try await portal.reauthenticate(here, as: .multiFactor, by: ["pwd", "otp"])
            let code = try attempt.answer(try await here.open(address, from: .crossSite)).code
            let tokens = try await portal.redeem(try #require(code), of: attempt, as: client)
            #expect(try await portal.claims(of: tokens.idToken, for: attempt)["acr"]?.string == Self.multi)
        }
    }

    /// The claims of a silent sign-on.
    private func silentClaims(
        _ changes: KeyValuePairs<String, String?>, _ portal: TestPortal, _ browser: TestBrowser
    ) async throws -> VerifiedClaims {
        let attempt = withPrompt("none", changes, of: party)
        let tokens = try await portal.tokens(for: attempt, in: browser)
        return try await portal.claims(of: tokens.idToken, for: attempt)
    }

    @Test("a session of several factors satisfies one and several, and the ID token says when and how")
    func met() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            portal.clock.advance(by: .minutes(5))
            try await portal.reauthenticate(browser, as: .multiFactor, by: ["pwd", "otp"])
            let raisedAt = portal.clock.now().secondsSinceEpoch
            portal.clock.advance(by: .minutes(1))
            for values in [[Self.multi], [Self.single], [Self.single, Self.multi], ["urn:inconnu", Self.single]] {
                let claims = try await silentClaims(["claims": Self.wish(values)], portal, browser)
                #expect(claims["acr"]?.string == Self.multi, "\(values)")
                #expect(claims["amr"] == ["pwd", "otp"])
                #expect(claims["auth_time"]?.integer == raisedAt)
            }
            // Still nothing that nobody offers.
            let attempt = withPrompt(nil, ["claims": Self.wish(["urn:inconnu"])], of: party)
            let refused = try attempt.answer(try await browser.open(attempt.address, from: .crossSite))
            #expect(refused.error == "unmet_authentication_requirements")
        }
    }

    @Test("a wish is no demand: acr_values and voluntary claims are answered with the truth")
    func wishes() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            let wishes: [KeyValuePairs<String, String?>] = [
                ["acr_values": Self.multi], ["acr_values": Self.multi + " " + Self.single],
                ["claims": Self.wish([Self.multi], isEssential: false)],
                ["claims": #"{"id_token":{"acr":{"essential":true}}}"#], ["claims": #"{"id_token":{"acr":null}}"#],
                ["claims": #"{"userinfo":{"acr":{"essential":true,"value":"\#(Self.multi)"}}}"#],
            ]
            for wish in wishes {
                #expect(try await silentClaims(wish, portal, browser)["acr"]?.string == Self.single, "\(wish)")
            }
            try await portal.reauthenticate(browser, as: .multiFactor, by: ["pwd", "otp"])
            for wish in wishes {
                #expect(try await silentClaims(wish, portal, browser)["acr"]?.string == Self.multi, "\(wish)")
            }
        }
    }

    @Test("a password given again makes a session of one factor of it, which satisfies no demand for several")
    func lowered() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            try await portal.reauthenticate(browser, as: .multiFactor, by: ["pwd", "otp"])
            // Asked for anew, several factors cannot be proved: no page would help.
            for changes: KeyValuePairs<String, String?> in [
                ["claims": Self.wish([Self.multi]), "prompt": "login"],
                ["claims": Self.wish([Self.multi]), "max_age": "0"],
            ] {
                let attempt = party.attempt(changes)
                let answer = try attempt.answer(try await browser.open(attempt.address, from: .crossSite))
                #expect(answer.error == "unmet_authentication_requirements")
            }
            _ = try await silentClaims(["claims": Self.wish([Self.multi])], portal, browser)
            // With the weaker one among those demanded, a password does, and no more is said.
            let attempt = party.attempt(["claims": Self.wish([Self.multi, Self.single]), "prompt": "login"])
            let page = try await browser.open(attempt.address, from: .crossSite)
            #expect(page.outside == nil)
            let code = try #require(try attempt.answer(try await browser.enter(page)).code)
            let tokens = try await portal.redeem(code, of: attempt)
            let claims = try await portal.claims(of: tokens.idToken, for: attempt)
            #expect(claims["acr"]?.string == Self.single)
            #expect(claims["amr"] == ["pwd"])
            let after = withPrompt("none", ["claims": Self.wish([Self.multi])], of: party)
            let refused = try after.answer(try await browser.open(after.address, from: .crossSite))
            #expect(refused.error == "unmet_authentication_requirements")
        }
    }

    @Test("after a resumed sign-on the demand stands: the session may have become weaker on the way")
    func resumed() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            // A charter that nobody has accepted yet: a page stands between the person and the application.
            try await portal.withNeighbour(TestPortalOptions(charterVersion: 1)) { neighbour in
                let moved = browser.moved(to: neighbour.client)
                try await neighbour.reauthenticate(moved, as: .multiFactor, by: ["pwd", "otp"])
                let attempt = party.attempt(["claims": Self.wish([Self.multi])])
                let page = try await moved.open(attempt.address, from: .crossSite)
                #expect(page.outside == nil)
                let hop = try #require(page.hops.first { $0.contains("?s=") })
                let state = try #require(hop.split(separator: "?s=").last?.split(separator: "&").first)
                let silent = withPrompt("none", ["claims": Self.wish([Self.multi])], of: party)
                let told = try silent.answer(try await moved.open(silent.address, from: .crossSite))
                #expect(told.error == "interaction_required")
                try await neighbour.reauthenticate(moved, as: .singleFactor, by: ["pwd"])
                let resumed = try await moved.open("/oidc/authorize/resume?s=\(state)")
                let answer = try attempt.answer(resumed)
                HiddenChecks.answer(answer, to: attempt)
                #expect(answer.error == "unmet_authentication_requirements")
            }
        }
    }

    @Test("a resumed sign-on that a password satisfies is answered, with what the password proved")
    func resumedWithPassword() async throws {
        try await withPortal { portal in
            for values in [[Self.single], [Self.multi, Self.single]] {
                let attempt = party.attempt(["claims": Self.wish(values)])
                let tokens = try await portal.tokens(for: attempt, in: portal.browser())
                let claims = try await portal.claims(of: tokens.idToken, for: attempt)
                #expect(claims["acr"]?.string == Self.single)
                #expect(claims["auth_time"]?.integer == portal.clock.now().secondsSinceEpoch)
            }
        }
    }

    @Test("a code tells of its own sign-on, whatever the session became before it was redeemed")
    func codes() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            let since = portal.clock.now().secondsSinceEpoch
            let attempt = party.attempt()
            let code = try await portal.code(for: attempt, in: browser)
            portal.clock.advance(by: .seconds(20))
            try await portal.reauthenticate(browser, as: .multiFactor, by: ["pwd", "otp"])
            let tokens = try await portal.redeem(code, of: attempt)
            let claims = try await portal.claims(of: tokens.idToken, for: attempt)
            #expect(claims["acr"]?.string == Self.single)
            #expect(claims["amr"] == ["pwd"])
            #expect(claims["auth_time"]?.integer == since)
        }
    }

    @Test("a refreshed ID token tells of the sign-on that it came from, raised and lowered sessions alike")
    func refreshed() async throws {
        let client = TestParty.conformance
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            /// Tokens of a silent sign-on, and what their ID token says of it.
            func grant() async throws -> (attempt: AuthorizationAttempt, token: String, claims: VerifiedClaims) {
                let attempt = client.attempt(["prompt": "none"])
                let tokens = try await portal.tokens(for: attempt, in: browser)
                return (
                    attempt, try #require(tokens["refresh_token"]?.string),
                    try await portal.claims(of: tokens.idToken, for: attempt)
                )
            }
            let weak = try await grant()
            portal.clock.advance(by: .minutes(1))
            try await portal.reauthenticate(browser, as: .multiFactor, by: ["pwd", "otp"])
            let strong = try await grant()
            portal.clock.advance(by: .minutes(1))
            try await portal.reauthenticate(browser, as: .singleFactor, by: ["pwd"])
            portal.clock.advance(by: .minutes(1))
            for (granted, acr) in [(weak, Self.single), (strong, Self.multi)] {
                let answer = try await portal.refresh(granted.token, as: client)
                let claims = try await portal.claims(of: answer.idToken, for: granted.attempt, nonce: nil)
                #expect(claims["acr"]?.string == acr)
                for name in ["acr", "amr", "auth_time", "sub"] {
                    #expect(claims[name] == granted.claims[name], "\(name)")
                }
                #expect(claims["iat"] != granted.claims["iat"])
            }
        }
    }
}
