import Foundation
import HTTPTypes
import JOSE
import LogeTesting
import Testing
import Web

/// Where answers go: to a registered address, letter by letter, and nowhere else.
@Suite("OA-01, OA-02, OA-03: redirect_uri")
struct RedirectURITests {
    private let party = TestParty.conformance

    /// Addresses that look like the registered `https://conformance.exemple.org/callback`, as they stand in the query.
    static let variants: [String] = {
        let plain = [
            // other hosts
            "https://evil.exemple.net/callback", "https://evil.conformance.exemple.org/callback",
            "https://conformance.exemple.org.evil.net/callback", "https://conformance.exemple.orgevil.net/callback",
            "https://conformance-exemple.org/callback", "https://exemple.org/callback", "https://conformance/callback",
            "https://conformance.exemple.org./callback", "https://conformance..exemple.org/callback",
            "https://CONFORMANCE.EXEMPLE.ORG/callback", "HTTPS://conformance.exemple.org/callback",
            "https://conformаnce.exemple.org/callback", "https://xn--conformnce-0ch.exemple.org/callback",
            "https://conformance。exemple。org/callback", "https://conformance.exemple.org\u{2024}evil.net/callback",
            "https://localhost/callback", "https://127.0.0.1/callback", "https://[::1]/callback",
            "https://[::ffff:127.0.0.1]/callback", "https://0/callback", "https://2130706433/callback",
            // userinfo, ports, schemes
            "https://conformance.exemple.org@evil.net/callback", "https://evil.net@conformance.exemple.org/callback",
            "https://conformance.exemple.org:evil@evil.net/callback",
            "https://user:pass@conformance.exemple.org/callback",
            "https://conformance.exemple.org:443/callback", "https://conformance.exemple.org:8443/callback",
            "https://conformance.exemple.org:/callback", "http://conformance.exemple.org/callback",
            "//conformance.exemple.org/callback", "conformance.exemple.org/callback", "/callback", "callback",
            "ftp://conformance.exemple.org/callback", "javascript:alert(1)//conformance.exemple.org/callback",
            "data:text/html,https://conformance.exemple.org/callback", "https:conformance.exemple.org/callback",
            "https:/conformance.exemple.org/callback", "https:///conformance.exemple.org/callback",
            "https:\\\\conformance.exemple.org\\callback", "https://conformance.exemple.org\\@evil.net/callback",
            "https://evil.net\\.conformance.exemple.org/callback", "com.exemple.app://callback",
            // paths
            "https://conformance.exemple.org", "https://conformance.exemple.org/",
            "https://conformance.exemple.org/callback/", "https://conformance.exemple.org/callback/x",
            "https://conformance.exemple.org/callbackx", "https://conformance.exemple.org/Callback",
            "https://conformance.exemple.org//callback", "https://conformance.exemple.org/./callback",
            "https://conformance.exemple.org/x/../callback", "https://conformance.exemple.org/callback/..",
            "https://conformance.exemple.org/callback/%2e%2e", "https://conformance.exemple.org/callback%252e%252e",
            "https://conformance.exemple.org/%63allback", "https://conformance.exemple.org/callback;x",
            "https://conformance.exemple.org/callback%00", "https://conformance.exemple.org/callback%0d%0aLocation:x",
            "https://conformance.exemple.org/callback\t", "https://conformance.exemple.org/callback ",
            " https://conformance.exemple.org/callback", "https://conformance.exemple.org/call\tback",
            "https://conformance.exemple.org/callback\r\nLocation: https://evil.net",
            "\u{FEFF}https://conformance.exemple.org/callback",
            "https://conformance.exemple.org/callback\u{0301}", "https://conformance.exemple.org/*",
            // queries and fragments
            "https://conformance.exemple.org/callback?", "https://conformance.exemple.org/callback?x=1",
            "https://conformance.exemple.org/callback?avec=question&x=1",
            "https://conformance.exemple.org/callback?x=1&avec=question",
            "https://conformance.exemple.org/callback?avec=question#",
            "https://conformance.exemple.org/callback?avec=autre",
            "https://conformance.exemple.org/callback?AVEC=question", "https://conformance.exemple.org/callback#",
            "https://conformance.exemple.org/callback#x", "https://conformance.exemple.org/callback&x=1",
            // other addresses of ours and of others
            "https://conformance-2.exemple.org/callback", "https://conformance.exemple.org/parti",
            "https://portail.exemple.fr/oidc/authorize", "", " ", "null", "*",
            "https://conformance.exemple.org/callback" + String(repeating: "a", count: 4_000),
        ]
        let raw = [
            "https://conformance.exemple.org/callback%00", "https://conformance.exemple.org/callback%",
            "https://conformance.exemple.org/callback%zz", "https://conformance.exemple.org/callback%ff",
            "https://conformance.exemple.org/callback&redirect_uri=https://evil.net/",
            "https://evil.net/&redirect_uri=https://conformance.exemple.org/callback",
            "https://conformance.exemple.org/callback&redirect_uri=https://conformance.exemple.org/callback",
        ]
        return plain.map(FormFields.escape) + raw
    }()

    private func address(_ redirectURI: String, _ extra: String = "&prompt=none") -> String {
        "/oidc/authorize?response_type=code&client_id=conformance&scope=openid&state=x&redirect_uri=\(redirectURI)"
            + extra
    }

    @Test("OA-01: each variant ends on our own page, with no redirect and nothing written")
    func variantsAreRefused() async throws {
        #expect(Set(Self.variants).count >= 60)
        try await withPortal { portal in
            // Signed in, so that a variant taken for registered would be answered at once with a code.
            let browser = portal.browser()
            try await browser.signIn()
            let before = try portal.rows()
            for variant in Self.variants {
                let page = try await browser.open(address(variant), from: .crossSite)
                #expect(page.status == 400, "\(variant)")
                #expect(page.headers[.location] == nil, "\(variant)")
                let links = try page.scan().links.map(\.address)
                #expect(links.allSatisfy { LocalPath.isSafe($0) || $0 == "#contenu" }, "\(variant)")
            }
            #expect(try portal.rows() == before)
            // The control: what is registered is answered, with and without a query of its own.
            for registered in [
                "https://conformance.exemple.org/callback", "https://conformance.exemple.org/callback?avec=question",
            ] {
                let page = try await browser.open(address(FormFields.escape(registered)), from: .crossSite)
                let separator = registered.contains("?") ? "&" : "?"
                #expect(page.outside?.hasPrefix(registered + separator + "code=") == true)
            }
        }
    }

    @Test("OA-01: another client's address is refused, for each pair of clients")
    func foreignAddresses() async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            for client in TestParty.all {
                for other in TestParty.all {
                    let attempt = client.attempt(["redirect_uri": other.redirectURI, "prompt": "none"])
                    let page = try await browser.open(attempt.address, from: .crossSite)
                    #expect((page.outside == nil) == (client.id != other.id), "\(client.id) at \(other.id)")
                }
            }
        }
    }

    @Test("OA-02: until client and address are proved there is a page and no redirect")
    func errorsBeforeValidation() async throws {
        let address = FormFields.escape(party.redirectURI)
        let rest = "&response_type=code&scope=openid&state=x"
        let queries = [
            "", "client_id=", "client_id=inconnue&redirect_uri=\(address)", "redirect_uri=\(address)",
            "client_id=conformance", "client_id=Conformance&redirect_uri=\(address)",
            "client_id=conformance&client_id=conformance&redirect_uri=\(address)",
            "client_id=conformance&client_id=ent&redirect_uri=\(address)",
            "client_id=%00&redirect_uri=\(address)", "client_id=conformance%20&redirect_uri=\(address)",
            "client_id[]=conformance&redirect_uri=\(address)", "CLIENT_ID=conformance&redirect_uri=\(address)",
            "client_id=../parties/conformance&redirect_uri=\(address)", "client_id=*&redirect_uri=\(address)",
        ]
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            for query in queries {
                let page = try await browser.open("/oidc/authorize?" + query + rest, from: .crossSite)
                #expect(page.status == 400, "\(query)")
                #expect(page.headers[.location] == nil, "\(query)")
                #expect(page.header("Content-Type") == "text/html; charset=utf-8", "\(query)")
            }
        }
    }

    @Test("OA-02: from then on every error goes to the address proved, with state and iss")
    func errorsAfterValidation() async throws {
        let samples: [(changes: KeyValuePairs<String, String?>, error: String)] = [
            (["response_type": nil], "invalid_request"), (["response_type": "token"], "unsupported_response_type"),
            (["response_mode": "fragment"], "invalid_request"), (["scope": "profile"], "invalid_scope"),
            (["scope": nil], "invalid_scope"), (["scope": "openid \"x"], "invalid_scope"),
            (["prompt": "none login"], "invalid_request"), (["prompt": "create"], "invalid_request"),
            (["max_age": "-1"], "invalid_request"), (["max_age": "1e3"], "invalid_request"),
            (["max_age": "99999999999999999999"], "invalid_request"), (["claims": "[]"], "invalid_request"),
            (["claims": "{"], "invalid_request"), (["claims": #"{"id_token":{"sub":1}}"#], "invalid_request"),
            (["request": "x"], "request_not_supported"), (["request_uri": "x"], "request_uri_not_supported"),
            (["registration": "{}"], "registration_not_supported"),
            (["nonce": String(repeating: "n", count: 1025)], "invalid_request"),
            (["nonce": "a\u{1}b"], "invalid_request"), (["login_hint": "a\nb"], "invalid_request"),
            (["id_token_hint": "x"], "invalid_request"), (["prompt": "none"], "login_required"),
        ]
        try await withPortal { portal in
            let before = try portal.rows()
            for sample in samples {
                let attempt = party.attempt(sample.changes)
                let page = try await portal.browser().open(attempt.address, from: .crossSite)
                let answer = try attempt.answer(page)
                HiddenChecks.answer(answer, to: attempt)
                #expect(answer.error == sample.error, "\(sample.changes)")
                #expect(page.status == 303)
            }
            #expect(try portal.rows() == before)
        }
    }

    /// Values that would lead away, were a field taken for an address to go to.
    static let elsewhere = [
        "https://evil.exemple.net/", "//evil.exemple.net/", "///evil.exemple.net", "/\\evil.exemple.net",
        "\\\\evil.exemple.net",
        "/\t/evil.exemple.net", "\t//evil.exemple.net", "http:evil.exemple.net", "https:evil.exemple.net",
        "javascript:alert(1)", "data:text/html,x", "/%0d%0aLocation:%20https://evil.exemple.net",
        "/\r\nLocation: https://evil.exemple.net",
        "https://portail.exemple.fr.evil.net/", "https://portail.exemple.fr@evil.net/", "evil.exemple.net", ".evil.net",
        "@evil.net", "",
    ]

    @Test(
        "OA-03: no field of a page leads away: language, memory, logout",
        arguments: [
            "/langue?code=en&retour=", "/connexion/memoire?retour=", "/oidc/logout?post_logout_redirect_uri=",
            "/oidc/logout?state=", "/?retour=", "/connexion?s=x&retour=", "/compte/nouveau-mot-de-passe?jeton=",
            "/oidc/authorize/resume?annuler=1&s=",
        ])
    func openRedirectors(_ prefix: String) async throws {
        try await withPortal { portal in
            for value in Self.elsewhere {
                for browser in [portal.browser(), portal.browser()] {
                    let page = try await browser.open(prefix + FormFields.escape(value), follows: false)
                    if let location = page.headers[.location] {
                        #expect(LocalPath.isSafe(location), "\(prefix)\(value)")
                    }
                    let links = try page.scan().links.map(\.address)
                    #expect(
                        links.allSatisfy { LocalPath.isSafe($0) || $0.hasPrefix("#") }, "\(prefix)\(value): \(links)")
                    #expect(page.status < 500)
                }
            }
        }
    }
}
