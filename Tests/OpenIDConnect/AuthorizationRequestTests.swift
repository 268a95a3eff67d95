import Clocks
import HTTPTypes
import JOSE
import LogeTesting
import Testing
import Web

/// What a request may be made of.
@Suite("OA-08, OA-09, OA-10, OA-11: requests and answers")
struct AuthorizationRequestTests {
    private let party = TestParty.conformance

    @Test(
        "OA-08: the code flow alone",
        arguments: [
            "token", "id_token", "id_token token", "code token", "code id_token", "code id_token token", "none", "CODE",
            " code", "code code", "code,token", "password",
        ])
    func responseTypes(_ type: String) async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            let attempt = party.attempt(["response_type": type])
            let answer = try attempt.answer(try await browser.open(attempt.address, from: .crossSite))
            HiddenChecks.answer(answer, to: attempt)
            #expect(answer.error == "unsupported_response_type")
        }
    }

    @Test(
        "OA-08: no other grant",
        arguments: [
            "password", "client_credentials", "implicit", "Refresh_token",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "urn:ietf:params:oauth:grant-type:token-exchange", "urn:ietf:params:oauth:grant-type:device_code", "",
            "Authorization_Code", "authorization_code ",
        ])
    func grantTypes(_ type: String) async throws {
        try await withPortal { portal in
            let fields = [
                ("grant_type", type), ("username", "camille.martin"), ("password", TestPortal.password),
                ("scope", "openid"),
            ]
            HiddenChecks.refusal(try await portal.token(fields, as: party), "unsupported_grant_type")
        }
    }

    @Test("OA-09: a known parameter that stands twice is refused, an unknown one is passed over")
    func repeatedParameters() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            let once = [
                "response_type": "code", "scope": "openid", "state": "x", "nonce": "n", "display": "page",
                "max_age": "10000", "ui_locales": "fr", "claims_locales": "fr", "login_hint": "x", "acr_values": "1",
                "claims": "{}", "prompt": "consent", "idp_hint": "ent", "response_mode": "query",
                "code_challenge_method": "S256", "id_token_hint": "x",
            ]
            for (name, value) in once {
                var attempt = party.attempt()
                attempt.parameters.removeAll { $0.0 == name }
                attempt.parameters += [(name, value), (name, value)]
                let answer = try attempt.answer(try await browser.open(attempt.address, from: .crossSite))
                #expect(answer.error == "invalid_request", "\(name)")
                #expect(answer.parameters["error_description"] == "\(name) stands twice")
            }
            var attempt = party.attempt()
            attempt.parameters += [("extra", "1"), ("extra", "2")]
            #expect(try attempt.answer(try await browser.open(attempt.address, from: .crossSite)).code != nil)
        }
    }

    @Test("OA-09: at the token endpoint too, and never parameters in the query")
    func repeatedTokenParameters() async throws {
        try await withPortal { portal in
            let attempt = party.attempt()
            let code = try await portal.code(for: attempt, in: portal.browser())
            let fields = [
                ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", party.redirectURI),
                ("client_id", "conformance"),
            ]
            for field in fields {
                HiddenChecks.refusal(try await portal.token(fields + [field], as: party), "invalid_request")
            }
            let header = ["Authorization": TestPortal.basic(party.id, party.secret)]
            let body = FormFields.encode(fields)
            let split = try await portal.send(.post, "/oidc/token?code=\(code)", headers: header, body: body)
            HiddenChecks.refusal(split, "invalid_request")
            let moved = try await portal.send(.post, "/oidc/token?" + body, headers: header, body: "")
            HiddenChecks.refusal(moved, "invalid_request")
            #expect(try await portal.token(fields, as: party).status == 200)
        }
    }

    @Test("OA-09: authorize by POST takes no query beside the body")
    func queryAndBody() async throws {
        try await withPortal { portal in
            let attempt = party.attempt()
            let page = try await portal.browser().post(
                "/oidc/authorize?scope=openid", attempt.parameters, from: .crossSite)
            #expect(page.status == 400)
            #expect(page.outside == nil)
        }
    }

    @Test(
        "the token endpoint answers to forms alone",
        arguments: [
            ("application/json", "{}"), ("multipart/form-data; boundary=x", "--x--"), ("text/plain", "grant_type=x"),
            ("", "x"),
        ])
    func contentTypes(_ sample: (type: String, body: String)) async throws {
        try await withPortal { portal in
            let headers = ["Authorization": TestPortal.basic(party.id, party.secret), "Content-Type": sample.type]
            let answer = try await portal.send(.post, "/oidc/token", headers: headers, body: sample.body)
            HiddenChecks.refusal(answer, "invalid_request")
        }
    }

    @Test("the token endpoint takes a charset and any letter case, as clients write them")
    func charset() async throws {
        try await withPortal { portal in
            let attempt = party.attempt()
            let code = try await portal.code(for: attempt, in: portal.browser())
            let headers = [
                "Authorization": TestPortal.basic(party.id, party.secret).replacing("Basic", with: "basic"),
                "Content-Type": "Application/X-WWW-Form-Urlencoded;charset=UTF-8",
            ]
            let body = FormFields.encode([
                ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", party.redirectURI),
            ])
            #expect(try await portal.send(.post, "/oidc/token", headers: headers, body: body).status == 200)
        }
    }

    @Test("OA-11: after a password the browser is sent on by 303, never by 307")
    func statusAfterPassword() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            let attempt = party.attempt(["idp_hint": "ent"])
            let page = try await browser.open(attempt.address, from: .crossSite)
            let form = try page.form(with: "secret")
            let sent = try await browser.submit(
                form, ["identifiant": "camille.martin", "secret": TestPortal.password], follows: false)
            #expect(sent.status == 303)
            #expect(sent.headers[.location]?.contains("cheval") == false)
            let resumed = try await browser.open(try #require(sent.headers[.location]), follows: false)
            #expect(resumed.status == 303)
            #expect(try attempt.answer(resumed).code != nil)
        }
    }

    @Test("OA-12, OA-14: answers are kept by nobody and leave no referrer")
    func answerHeaders() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            let page = try await browser.open(party.attempt().address, from: .crossSite)
            #expect(page.headers[.cacheControl] == "no-store")
            #expect(page.header("Referrer-Policy") == "no-referrer")
            #expect(page.body.isEmpty)
        }
    }

    @Test(
        "state travels as it came: long, spaced, in any script; or the client is told that it is too long",
        arguments: [
            "", " ", "a b+c%20d&e=f#g", "état é 日本語 🎒", String(repeating: "s", count: 2048), "\"<script>",
            String(repeating: "é", count: 1024), String(repeating: "🎒", count: 512),
        ])
    func states(_ state: String) async throws {
        try await withPortal { portal in
            let attempt = party.attempt(["state": state])
            let answer = try await portal.answer(to: attempt, in: portal.browser())
            HiddenChecks.answer(answer, to: attempt)
            if FormFields.escape(state).utf8.count < 5_000 {
                #expect(answer.code != nil)
            } else {
                #expect(answer.parameters["error_description"] == "the request is too long")
            }
        }
    }

    @Test("a request too long to be carried is answered, not lost")
    func longRequests() async throws {
        try await withPortal { portal in
            let claims = #"{"userinfo":{"\#(String(repeating: "é", count: 900))":null}}"#
            let attempt = party.attempt([
                "state": String(repeating: "é", count: 1024), "nonce": String(repeating: "é", count: 512),
                "claims": claims,
            ])
            let page = try await portal.browser().open(attempt.address, from: .crossSite)
            let answer = try attempt.answer(page)
            #expect(answer.error == "invalid_request")
            #expect(answer.parameters["error_description"] == "the request is too long")
            #expect(answer.state == attempt["state"])
        }
    }

    @Test("a posted request near the longest address is answered too", arguments: [8_100, 8_170, 8_180, 8_192, 9_000])
    func longPosts(_ length: Int) async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            var attempt = party.attempt(["acr_values": "x"])
            let missing = length - FormFields.encode(attempt.parameters).utf8.count
            attempt = party.attempt(["acr_values": String(repeating: "x", count: missing + 1)])
            let page = try await browser.post("/oidc/authorize", attempt.parameters, from: .sameSite)
            #expect(try attempt.answer(page).code != nil)
        }
    }

    @Test("what nobody knows is passed over, however long")
    func longUnknownParameters() async throws {
        try await withPortal { portal in
            let attempt = party.attempt(["extra": String(repeating: "x", count: 20_000)])
            let answer = try await portal.answer(to: attempt, in: portal.browser())
            #expect(answer.code != nil)
        }
    }

    @Test("WEB-06: no header can be written through state, nonce or hints")
    func headerInjection() async throws {
        try await withPortal { portal in
            for name in ["state", "nonce", "login_hint", "ui_locales", "acr_values", "display", "idp_hint"] {
                let value = "x\r\nSet-Cookie: evil=1\r\n\r\n<script>"
                let attempt = party.attempt([name: value, "prompt": "none"])
                let page = try await portal.browser().open(attempt.address, from: .crossSite)
                #expect(page.header("Set-Cookie")?.contains("evil") != true, "\(name)")
                #expect(page.headers[.location]?.contains("\r") == false, "\(name)")
                #expect(page.headers[.location]?.contains("\n") == false, "\(name)")
                #expect(page.status == 303)
            }
        }
    }
}
