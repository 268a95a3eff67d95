import Clocks
import Cryptography
import HTTPTypes
import JOSE
import Keyring
import LogeTesting
import Testing
import Web

/// Whatever we hand out or are handed, at every place that takes something of the kind: what is right there is taken, and
/// everything else is refused for the reason of that place (RFC 8725 §3.11, §3.12).
@Suite("JW-06: everything at every place")
struct CrossUseMatrixTests {
    /// A place that takes one kind of thing.
    enum Place: String, CaseIterable, CustomTestStringConvertible {
        case bearer = "access token at userinfo"
        case refresh = "refresh_token"
        case code = "code"
        case session = "session cookie"
        case hint = "id_token_hint"
        case logoutHint = "id_token_hint at logout"
        case assertion = "client_assertion"
        case secret = "client_secret"
        case requestURI = "request_uri"
        case proof = "DPoP proof"
        case introspection = "token at introspection"
        case pending = "pending sign-on"
        case confirmation = "confirmation of a logout"

        var testDescription: String { rawValue }

        /// What is right there.
        var takes: Set<String> {
            switch self {
            case .bearer: ["access token"]
            case .refresh: ["refresh token"]
            case .code: ["code"]
            case .session: ["session token"]
            case .secret: ["secret"]
            case .hint, .logoutHint: ["ID token"]
            case .assertion: ["client assertion"]
            case .requestURI: ["request_uri"]
            case .proof: ["DPoP proof"]
            case .introspection: ["access token", "refresh token"]
            case .pending: ["pending sign-on"]
            case .confirmation: ["logout confirmation"]
            }
        }
    }

    private static let party = TestParty(
        id: "matrice", secret: "secret-of-the-matrix-0123456789ab", refreshes: true)

    /// What the portal of a test knows: clients, their keys, the browser of one person.
    private struct Scene: Sendable {
        let portal: TestPortal
        let asserting: AssertingClient
        let receiving: ReceivingClient
        let prover: DPoPProver
        let browser: TestBrowser
        /// Of somebody who has not signed in yet.
        let waiting: TestBrowser
    }

    private func withScene(_ body: @Sendable (Scene) async throws -> Void) async throws {
        let (asserting, receiving) = (try AssertingClient(), try ReceivingClient())
        var options = TestPortalOptions()
        let party = Self.party
        options.parties = [
            asserting.party.id: try asserting.yaml(), receiving.party.id: try receiving.yaml(),
            party.id: """
            client_id: \(party.id)
            client_name: Matrice
            client_secret: \(party.secret)
            redirect_uris: ["\(party.redirectURI)"]
            post_logout_redirect_uris: ["https://\(party.id).exemple.org/parti"]
            grant_types: [authorization_code, refresh_token]
            userinfo_signed_response_alg: ES256

            """,
        ]
        try await withPortal(options) { portal in
            let browser = portal.browser()
            try await body(
                Scene(
                    portal: portal, asserting: asserting, receiving: receiving, prover: try DPoPProver(),
                    browser: browser, waiting: portal.browser()))
        }
    }

    /// Everything, by name; all of it fresh.
    private func everything(_ scene: Scene) async throws -> [String: String] {
        let (portal, browser, party) = (scene.portal, scene.browser, Self.party)
        // Before the person is known: a form that carries the sign-on.
        let waiting = try await scene.waiting.open(party.attempt().address, from: .crossSite)
        let pending = try #require(try waiting.scan().forms.compactMap { $0["s"] }.first)
        let attempt = party.attempt()
        let tokens = try await portal.tokens(for: attempt, in: browser)
        let code = try await portal.code(for: party.attempt(), in: browser)
        let pushed = try await portal.ask("/oidc/par", party.attempt(["prompt": "none"]).parameters, as: party)
        let encrypted = try await portal.tokens(for: scene.receiving.party.attempt(), in: browser)
        let confirmation = try await browser.open("/oidc/logout").form(with: "confirmation")
        let now = portal.clock.now()
        let idToken = try await portal.claims(of: tokens.idToken, for: attempt)
        // As the sender of logouts makes it, signed by the same key (Back-Channel Logout §2.4).
        let logout: JSONValue = [
            "iss": .string(TestPortal.origin), "aud": .string(party.id), "sub": .string(try idToken.text("sub")),
            "sid": .string(try idToken.text("sid")), "jti": "one", "iat": .integer(now.secondsSinceEpoch),
            "exp": .integer(now.secondsSinceEpoch + 120),
            "events": ["http://schemas.openid.net/event/backchannel-logout": [:]],
        ]
        return [
            "pending sign-on": pending, "access token": tokens.accessToken, "ID token": tokens.idToken, "code": code,
            "refresh token": try #require(tokens["refresh_token"]?.string),
            "userinfo": try await portal.userInfo(tokens.accessToken).text,
            "encrypted ID token": encrypted.idToken,
            "encrypted userinfo": try await portal.userInfo(encrypted.accessToken).text,
            "request_uri": try #require(pushed["request_uri"]?.string),
            "client assertion": try scene.asserting.assertion(at: now),
            "DPoP proof": try scene.prover.proof("POST", "/oidc/token", at: now),
            "logout token": try portal.keyring.snapshot.signToken(logout, .es256, type: "logout+jwt"),
            "session token": try #require(browser[cookie: "session"]),
            "browser cookie": try #require(browser[cookie: "navigateur"]),
            "logout confirmation": try #require(confirmation["confirmation"]), "secret": party.secret,
        ]
    }

    @Test("JW-06", arguments: Place.allCases)
    func matrix(_ place: Place) async throws {
        try await withScene { scene in
            let things = try await everything(scene)
            #expect(things.count == 16)
            // What is right may be used up, or end the session: it comes last.
            let order = things.keys.sorted { left, right in
                (place.takes.contains(left) ? 1 : 0, left) < (place.takes.contains(right) ? 1 : 0, right)
            }
            for name in order {
                let thing = try #require(things[name])
                let isTaken = try await takes(place, thing, name, scene)
                #expect(isTaken == place.takes.contains(name), "\(name) as \(place.rawValue)")
            }
        }
    }

    /// Whether the thing is taken there; a refusal is the one of the place.
    private func takes(_ place: Place, _ thing: String, _ name: String, _ scene: Scene) async throws -> Bool {
        switch place {
        case .bearer, .introspection, .proof: try await atResource(place, thing, name, scene)
        case .refresh, .code, .assertion, .secret: try await atTokenEndpoint(place, thing, name, scene)
        case .session, .pending, .confirmation: try await atPortal(place, thing, name, scene)
        case .hint, .logoutHint, .requestURI: try await atAuthorization(place, thing, name, scene)
        }
    }

    private func atResource(_ place: Place, _ thing: String, _ name: String, _ scene: Scene) async throws -> Bool {
        let portal = scene.portal
        switch place {
        case .bearer:
            let answer = try await portal.userInfo(thing)
            if answer.status != 200 { #expect(answer.status == 401 && answer.error == "invalid_token", "\(name)") }
            return answer.status == 200
        case .introspection:
            let answer = try await portal.ask("/oidc/introspect", [("token", thing)], as: Self.party)
            #expect(answer.status == 200, "\(name)")
            if answer["active"] != true { #expect(answer.json == ["active": false], "nothing is told: \(name)") }
            return answer["active"] == true
        default:
            let basic = TestPortal.basic(Self.party.id, Self.party.secret)
            let answer = try await portal.send(
                .post, "/oidc/token", headers: ["Authorization": basic, "DPoP": thing],
                body: "grant_type=refresh_token&refresh_token=x")
            // The proof is looked at first, so that only a good one gets as far as the token that is none.
            if name == "DPoP proof" {
                HiddenChecks.refusal(answer, "invalid_grant")
                return answer["error_description"]?.string?.contains("DPoP") == false
            }
            return try await bindsNothing(thing, name, scene)
        }
    }

    /// A code is not redeemed beside a header that is no proof.
    private func bindsNothing(_ thing: String, _ name: String, _ scene: Scene) async throws -> Bool {
        let attempt = Self.party.attempt()
        let code = try await scene.portal.code(for: attempt, in: scene.browser)
        let basic = TestPortal.basic(Self.party.id, Self.party.secret)
        let fields = FormFields.encode([
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Self.party.redirectURI),
            ("code_verifier", attempt.verifier ?? ""),
        ])
        let answer = try await scene.portal.send(
            .post, "/oidc/token", headers: ["Authorization": basic, "DPoP": thing], body: fields)
        if answer.status != 200 { HiddenChecks.refusal(answer, "invalid_dpop_proof") }
        return answer.status == 200
    }

    private func atTokenEndpoint(_ place: Place, _ thing: String, _ name: String, _ scene: Scene) async throws -> Bool {
        let portal = scene.portal
        let answer: JSONAnswer
        let refusal: String
        switch place {
        case .refresh: (answer, refusal) = (try await portal.refresh(thing, as: Self.party), "invalid_grant")
        case .code:
            let fields = [
                ("grant_type", "authorization_code"), ("code", thing), ("redirect_uri", Self.party.redirectURI),
            ]
            (answer, refusal) = (try await portal.token(fields, as: Self.party), "invalid_grant")
            // Without its verifier even the code is refused, for that reason: it was read.
            let words = answer["error_description"]?.string ?? ""
            HiddenChecks.refusal(answer, refusal)
            return words == "code_verifier is missing"
        case .assertion:
            answer = try await portal.prove(AssertingClient.fields(thing))
            // The client is proved, and its code is none.
            if answer.error == "invalid_grant" { return true }
            refusal = "invalid_client"
        default:
            let headers = ["Authorization": TestPortal.basic(Self.party.id, thing)]
            answer = try await portal.send(
                .post, "/oidc/token", headers: headers, body: "grant_type=authorization_code")
            // The client is proved, and brings no code.
            if answer.error == "invalid_request" { return true }
            refusal = "invalid_client"
        }
        if answer.status != 200 { HiddenChecks.refusal(answer, refusal) }
        return answer.status == 200
    }

    private func atPortal(_ place: Place, _ thing: String, _ name: String, _ scene: Scene) async throws -> Bool {
        let party = Self.party
        let silent = party.attempt(["prompt": "none"])
        switch place {
        case .session:
            let thief = scene.browser.copy()
            thief[cookie: "session"] = thing
            let answer = try silent.answer(try await thief.open(silent.address, from: .crossSite))
            if answer.code == nil { #expect(answer.error == "login_required", "\(name)") }
            return answer.code != nil
        case .pending:
            // A form of ours, sent with something else in the place of the sign-on.
            let page = try await scene.waiting.open(party.attempt().address, from: .crossSite)
            let answer = try await scene.waiting.submit(page.form(with: "profil"), ["profil": "invite", "s": thing])
            if answer.status != 200 { #expect(answer.status == 400, "\(name)") }
            return answer.status == 200
        default:
            let page = try await scene.browser.open("/oidc/logout")
            let form = try page.form(with: "confirmation")
            let answer = try await scene.browser.submit(form, ["confirmation": thing])
            let isOut = scene.browser[cookie: "session"] == nil
            if !isOut {
                #expect(throws: Never.self, "asked again: \(name)") { try answer.form(with: "confirmation") }
            }
            return isOut
        }
    }

    private func atAuthorization(_ place: Place, _ thing: String, _ name: String, _ scene: Scene) async throws -> Bool {
        let (browser, party) = (scene.browser, Self.party)
        switch place {
        case .hint:
            let attempt = party.attempt(["id_token_hint": thing, "prompt": "none"])
            let answer = try attempt.answer(try await browser.open(attempt.address, from: .crossSite))
            if answer.code == nil { #expect(answer.error == "invalid_request", "\(name)") }
            return answer.code != nil
        case .logoutHint:
            let address = FormFields.encode([
                ("id_token_hint", thing), ("post_logout_redirect_uri", "https://\(party.id).exemple.org/parti"),
            ])
            let page = try await browser.open("/oidc/logout?" + address, from: .crossSite)
            if browser[cookie: "session"] != nil {
                #expect(throws: Never.self, "asked first: \(name)") { try page.form(with: "confirmation") }
                return false
            }
            return true
        default:
            let fields = FormFields.encode([("client_id", party.id), ("request_uri", thing)])
            let page = try await browser.open("/oidc/authorize?" + fields, from: .crossSite)
            if page.outside == nil { #expect(page.status == 400, "\(name)") }
            return page.outside?.contains("code=") == true
        }
    }
}
