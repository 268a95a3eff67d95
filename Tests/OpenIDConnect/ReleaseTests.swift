import Clocks
import Cryptography
import HTTPTypes
import JOSE
import LogeTesting
import Testing

/// What an application learns: what its file allows, about the person who is there, and the truth.
@Suite("OA-22, BR-09: what is released")
struct ReleaseTests {
    private let party = TestParty.ent

    private func claims(
        _ attempt: AuthorizationAttempt, _ portal: TestPortal, as login: String = "camille.martin"
    ) async throws -> (idToken: VerifiedClaims, userInfo: JSONAnswer) {
        let tokens = try await portal.tokens(for: attempt, in: portal.browser(), as: login)
        return (
            try await portal.claims(of: tokens.idToken, for: attempt), try await portal.userInfo(tokens.accessToken)
        )
    }

    @Test(
        "an unknown scope widens nothing, and is not granted",
        arguments: [
            "openid admin", "openid *", "openid profile:all", "openid PROFILE", "openid Email openid",
        ])
    func unknownScopes(_ scope: String) async throws {
        try await withPortal { portal in
            let attempt = party.attempt(["scope": scope])
            let tokens = try await portal.tokens(for: attempt, in: portal.browser())
            #expect(tokens["scope"] == "openid")
            let userInfo = try await portal.userInfo(tokens.accessToken)
            #expect(Set((userInfo.json.object ?? [:]).keys) == ["sub"])
        }
    }

    @Test("a client whose file names one claim receives that one, whatever it asks for")
    func narrowClient() async throws {
        try await withPortal { portal in
            let everything = #"{"name":null,"email":{"essential":true},"birth_date":null,"login":null,"mail":null}"#
            let attempt = TestParty.narrow.attempt([
                "scope": "openid profile email phone address school",
                "claims": #"{"userinfo":\#(everything),"id_token":\#(everything)}"#,
            ])
            let (idToken, userInfo) = try await claims(attempt, portal)
            #expect(userInfo.json.object?.filter { $0.key != "sub" } == ["nom": "Martin"])
            #expect(Set(idToken.members.keys).isSubset(of: HiddenChecks.unaskedClaims))
        }
    }

    @Test("the school's words come with the scope school, for who has them")
    func schoolScope() async throws {
        try await withPortal { portal in
            let attempt = party.attempt(["scope": "openid school"])
            let pupil = try await claims(attempt, portal).userInfo
            #expect(pupil["ENTPersonProfils"] == ["National_ELV"])
            #expect(pupil["ENTPersonStructRattachUAI"] == "0590116F")
            #expect(pupil["ENTEleveClasses"] == ["6e B"])
            #expect(pupil["birth_date"] == nil)
            let teacher = try await claims(party.attempt(["scope": "openid school"]), portal, as: "paul.durand")
                .userInfo
            #expect(teacher["ENTPersonProfils"] == ["National_ENS"])
            #expect(teacher["ENTEleveClasses"] == nil)
        }
    }

    @Test("PrOfESSOS sub-claim spoofing: claims asked for by name cannot replace what we say")
    func registeredClaims() async throws {
        try await withPortal { portal in
            let names = [
                "iss", "aud", "exp", "iat", "nonce", "auth_time", "acr", "amr", "sid", "at_hash", "azp",
            ]
            let wishes = names.map { #""\#($0)":{"value":"evil","values":["evil"]}"# }.joined(separator: ",")
            let attempt = party.attempt(["claims": #"{"id_token":{\#(wishes)},"userinfo":{\#(wishes)}}"#])
            let (idToken, userInfo) = try await claims(attempt, portal)
            #expect(!JSONValue.object(idToken.members).text.contains("evil"))
            #expect(Set((userInfo.json.object ?? [:]).keys) == ["sub"])
            #expect(idToken["acr"] == "https://refeds.org/profile/sfa")
            #expect(idToken["amr"] == ["pwd"])
        }
    }

    @Test("PrOfESSOS sub-claim spoofing: another person's sub is never told", arguments: ["id_token", "userinfo"])
    func victimsSubject(_ part: String) async throws {
        try await withPortal { portal in
            let victim = try await claims(party.attempt(), portal, as: "lea.petit").idToken.text("sub")
            for wish in [
                #"{"value":"\#(victim)"}"#, #"{"values":["\#(victim)"]}"#, #"{"essential":true,"value":"\#(victim)"}"#,
            ] {
                let browser = portal.browser()
                try await browser.signIn(as: "camille.martin")
                let silent = party.attempt(["claims": #"{"\#(part)":{"sub":\#(wish)}}"#, "prompt": "none"])
                let answer = try silent.answer(try await browser.open(silent.address, from: .crossSite))
                #expect(answer.error == "login_required")
                // Asked once, and told when the wrong person comes again.
                let asking = party.attempt(["claims": #"{"\#(part)":{"sub":\#(wish)}}"#])
                let page = try await browser.open(asking.address, from: .crossSite)
                #expect(page.outside == nil)
                #expect(try asking.answer(try await browser.enter(page)).error == "login_required")
                // The right person is welcome.
                let right = party.attempt(["claims": #"{"\#(part)":{"sub":\#(wish)}}"#])
                #expect(try await portal.answer(to: right, in: portal.browser(), as: "lea.petit").code != nil)
            }
            let two = party.attempt(["claims": #"{"\#(part)":{"sub":{"values":["\#(victim)","x"]}}}"#])
            let refused = try two.answer(try await portal.browser().open(two.address, from: .crossSite))
            #expect(refused.error == "invalid_request")
        }
    }

    @Test("PrOfESSOS sub-claim spoofing: id_token_hint of somebody else, or of another client")
    func victimsHint() async throws {
        try await withPortal { portal in
            let victims = try await portal.tokens(for: party.attempt(), in: portal.browser(), as: "lea.petit").idToken
            let browser = portal.browser()
            try await browser.signIn(as: "camille.martin")
            let silent = party.attempt(["id_token_hint": victims, "prompt": "none"])
            let answer = try silent.answer(try await browser.open(silent.address, from: .crossSite))
            #expect(answer.error == "login_required")
            let foreign = TestParty.conformance.attempt(["id_token_hint": victims])
            let refused = try foreign.answer(try await browser.open(foreign.address, from: .crossSite))
            #expect(refused.error == "invalid_request")
            for hint in Mutations.of(victims).prefix(60) {
                let bad = party.attempt(["id_token_hint": hint, "prompt": "none"])
                let answer = try bad.answer(try await browser.open(bad.address, from: .crossSite))
                #expect(answer.error == "invalid_request", "\(hint)")
            }
        }
    }

    @Test("subjects: the same for one person at one client for ever, another at another client, no account key in it")
    func subjects() async throws {
        try await withPortal { portal in
            let first = try await claims(party.attempt(), portal).idToken.text("sub")
            portal.clock.advance(by: .days(3))
            let later = try await claims(party.attempt(), portal).idToken.text("sub")
            let elsewhere = try await claims(TestParty.conformance.attempt(), portal).idToken.text("sub")
            let somebody = try await claims(party.attempt(), portal, as: "lea.petit").idToken.text("sub")
            #expect(first == later)
            #expect(Set([first, elsewhere, somebody]).count == 3)
            #expect(!first.contains("camille"))
        }
    }

    @Test("BR-08: acr asked for as essential is never claimed of a weaker proof")
    func essentialContext() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            func answer(_ acr: String, prompt: String? = nil) async throws -> AuthorizationAnswer {
                let wish = #"{"id_token":{"acr":{"essential":true,"value":"\#(acr)"}}}"#
                let attempt = party.attempt(["claims": wish, "prompt": prompt])
                return try attempt.answer(try await browser.open(attempt.address, from: .crossSite))
            }
            #expect(try await answer("https://refeds.org/profile/mfa").error == "unmet_authentication_requirements")
            #expect(try await answer("https://refeds.org/profile/mfa", prompt: "none").code == nil)
            #expect(try await answer("urn:unknown").error == "unmet_authentication_requirements")
            #expect(try await answer("https://refeds.org/profile/sfa").code != nil)
        }
    }

    @Test("who is not admitted reads why, the application is told, and learns nothing else")
    func notAdmitted() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn(as: "camille.martin")
            let attempt = TestParty.teachers.attempt()
            let page = try await browser.open(attempt.address, from: .crossSite)
            #expect(page.status == 403)
            #expect(page.outside == nil)
            #expect(try page.scan().words.contains("Application enseignants"))
            let link = try page.link("Revenir vers")
            #expect(link.hasPrefix("https://enseignants.exemple.org/callback?error=access_denied&"))
            let silent = TestParty.teachers.attempt(["prompt": "none"])
            let answer = try silent.answer(try await browser.open(silent.address, from: .crossSite))
            HiddenChecks.answer(answer, to: silent)
            #expect(answer.error == "access_denied")
            // The control, in EdDSA.
            let teacher = try await claims(TestParty.teachers.attempt(), portal, as: "paul.durand")
            #expect(teacher.idToken.algorithm == .edDSA)
            #expect(teacher.userInfo.status == 200)
        }
    }

    @Test(
        "at_hash is the left half of the hash of the client's algorithm (OpenID Connect Core §3.1.3.6)",
        arguments: [(TestParty.conformance, 22), (.ent, 22), (.teachers, 43)])
    func accessTokenHash(_ party: TestParty, _ length: Int) async throws {
        try await withPortal { portal in
            let attempt = party.attempt()
            let tokens = try await portal.tokens(for: attempt, in: portal.browser(), as: "paul.durand")
            let claims = try await HiddenChecks.tokens(tokens, of: attempt, in: portal)
            #expect(claims["at_hash"]?.string?.utf8.count == length)
        }
    }
}
