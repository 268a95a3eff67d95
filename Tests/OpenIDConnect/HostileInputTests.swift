import Clocks
import HTTPTypes
import JOSE
import LogeTesting
import Stores
import Testing
import Web

/// Whatever arrives: a plain refusal, nothing written, and the next person is served.
@Suite("Hostile input: sizes, escapes, cookies, headers")
struct HostileInputTests {
    private let party = TestParty.conformance

    static let posts = [
        "/oidc/authorize", "/oidc/token", "/oidc/userinfo", "/oidc/logout", "/connexion", "/connexion/memoire",
        "/compte/connexion", "/compte/premiere-connexion", "/compte/mot-de-passe-oublie",
        "/compte/nouveau-mot-de-passe",
        "/mon-compte/sessions",
    ]
    static let gets = [
        "/", "/oidc/authorize", "/oidc/authorize/resume", "/oidc/userinfo", "/oidc/logout", "/oidc/jwks", "/connexion",
        "/connexion/memoire", "/connexion/retour", "/compte/connexion", "/compte/premiere-connexion",
        "/compte/mot-de-passe-oublie", "/compte/nouveau-mot-de-passe", "/langue", "/.well-known/openid-configuration",
    ]

    /// Bodies that are no small form.
    static let bodies: [(name: String, body: String)] = [
        ("10 MB of one field", "x=" + String(repeating: "a", count: 10_000_000)),
        ("100,000 fields", String(repeating: "a=b&", count: 100_000)),
        ("101 fields", String(repeating: "a=b&", count: 101)),
        ("64 kB and a byte", "x=" + String(repeating: "a", count: 65_535)), ("a cut escape", "s=%"),
        ("a cut escape", "s=%2"),
        ("a wrong escape", "s=%zz"), ("overlong UTF-8", "s=%c0%80"), ("a surrogate", "s=%ed%a0%80"),
        ("a lone byte", "s=%ff"),
        ("a zero byte", "s=%00"), ("a zero byte in a name", "a%00b=c"), ("a raw zero byte", "s=\u{0}"),
        ("a zero byte in the login", "identifiant=camille.martin%00&secret=x"),
    ]

    @Test("WEB-08: bodies", arguments: posts)
    func bodies(_ path: String) async throws {
        try await withPortal { portal in
            let before = try portal.rows()
            for sample in Self.bodies {
                let answer = try await portal.send(.post, path, body: sample.body)
                // Userinfo does not read its body: the missing token is what counts.
                let expected = path == "/oidc/userinfo" ? [401] : [400, 413]
                #expect(expected.contains(answer.status), "\(sample.name): \(answer.status)")
                #expect(answer.headers[.location] == nil, "\(sample.name)")
            }
            for type in ["application/json", "multipart/form-data; boundary=x", "text/plain", "*/*", ""] {
                let answer = try await portal.send(.post, path, headers: ["Content-Type": type], body: "s=x")
                #expect(path == "/oidc/userinfo" || [400, 415].contains(answer.status), "\(type): \(answer.status)")
            }
            #expect(try portal.rows() == before)
            try await portal.browser().signIn()
        }
    }

    @Test("WEB-08: queries", arguments: gets)
    func queries(_ path: String) async throws {
        try await withPortal { portal in
            let before = try portal.rows()
            for sample in Self.bodies {
                let answer = try await portal.send(.get, path + "?" + sample.body)
                #expect(answer.status < 500, "\(sample.name): \(answer.status)")
                if let location = answer.headers[.location] { #expect(LocalPath.isSafe(location), "\(sample.name)") }
            }
            #expect(try portal.rows() == before)
            try await portal.browser().signIn()
        }
    }

    @Test("WEB-03: cookies that are junk, huge, doubled or of another life", arguments: gets)
    func cookies(_ path: String) async throws {
        try await withPortal { portal in
            let browser = portal.browser()
            try await browser.signIn()
            let good = try #require(browser[cookie: "session"])
            let name = "__Host-loge-portal-session"
            let junk = [
                "", "=", ";", ";;;", "=;=", name, name + "=", name + "=" + String(repeating: "a", count: 100_000),
                name + "=\u{7f}\u{1}", String(repeating: "a=b; ", count: 20_000), name + "=\"" + good + "\"",
                "loge-portal-session=" + good, name + "=a.b.c", name + "=x; \(name)=y", "\(name)=\(good); \(name)=x",
                "\(name.lowercased())=\(good)", "__Host-loge-portal-navigateur=" + String(repeating: "n", count: 5_000),
                "__Host-loge-portal-memoire=" + String(repeating: "m", count: 4_097),
                "__Host-loge-portal-langue=../../etc",
            ]
            for header in junk {
                let answer = try await portal.send(.get, path, headers: ["Cookie": header])
                #expect(answer.status < 500, "\(path) \(header.prefix(80))")
                // None of them is somebody's session.
                if path == "/" { #expect(answer.status == 303, "\(header.prefix(80))") }
            }
            let control = try await portal.send(.get, "/", headers: ["Cookie": "a=b; \(name)=\(good); c=d"])
            #expect(control.status == 200)
        }
    }

    @Test("WEB-02: a cookie tossed in from a neighbouring host: two of one name, neither is believed")
    func tossedCookie() async throws {
        try await withPortal { portal in
            let victim = portal.browser()
            try await victim.signIn()
            let attacker = portal.browser()
            try await attacker.signIn(as: "lea.petit")
            let name = "__Host-loge-portal-session"
            let both = [try #require(victim[cookie: "session"]), try #require(attacker[cookie: "session"])]
            for pair in [both, both.reversed()] {
                let header = pair.map { "\(name)=\($0)" }.joined(separator: "; ")
                #expect(try await portal.send(.get, "/", headers: ["Cookie": header]).status == 303)
            }
            let one = try await portal.send(.get, "/", headers: ["Cookie": "\(name)=\(both[0]); \(name)=\(both[0])"])
            #expect(one.status == 200)
        }
    }

    @Test(
        "OA-24: no header shapes an address, a cookie or the issuer",
        arguments: [
            ["Host": "evil.exemple.net"], ["X-Forwarded-Host": "evil.exemple.net"], ["X-Forwarded-Proto": "http"],
            ["Forwarded": "for=1.2.3.4;host=evil.exemple.net;proto=http"], ["X-Original-URL": "/evil"],
            ["X-Rewrite-URL": "/evil"], ["X-HTTP-Method-Override": "POST"], ["X-Forwarded-For": "not an address"],
            ["X-Forwarded-Prefix": "//evil.exemple.net"], ["X-Forwarded-Server": "evil.exemple.net"],
        ])
    func forwardedHeaders(_ headers: [String: String]) async throws {
        try await withPortal { portal in
            let plain = try await portal.send(.get, "/.well-known/openid-configuration")
            let shaped = try await portal.send(.get, "/.well-known/openid-configuration", headers: headers)
            #expect(shaped.json == plain.json)
            let browser = portal.browser()
            var page = try await browser.open(party.attempt().address, from: .crossSite, headers: headers)
            #expect(!page.body.contains("evil"))
            page = try await browser.enter(page)
            #expect(page.outside?.contains("iss=https%3A%2F%2Fportail.exemple.fr") == true)
            #expect(browser.cookieNames.allSatisfy { $0.hasPrefix("__Host-") })
            // The mail of a forgotten password is built on the configured address (CVE-2025-64101).
            let fields = [("identifiant", "camille.martin")]
            #expect(try await browser.post("/compte/mot-de-passe-oublie", fields, headers: headers).status == 200)
            let now = portal.clock.now()
            let mails = try await portal.stores.outbox.take(limit: 10, lease: .seconds(1), now: now)
            #expect(mails.count == 1)
            #expect(mails.first?.body.contains("https://portail.exemple.fr/compte/nouveau-mot-de-passe?jeton=") == true)
            #expect(mails.first?.body.contains("evil") == false)
        }
    }

    @Test(
        "WEB-07: other methods and other spellings of a path reach nothing",
        arguments: [
            "/oidc/../oidc/token", "/oidc/authorize/..;/token", "/OIDC/token", "/oidc%2ftoken", "/oidc/token/x",
            "/oidc/token.json", "/./oidc/token", "/oidc/token%00", "/..%2f..%2fetc/passwd",
            "/static/x/../../pages/head.mustache",
            "/static/..%2f..%2ftexts/fr.yaml/x", "/static/x/loge.css", "/.git/config", "/texts/fr.yaml",
        ])
    func paths(_ path: String) async throws {
        try await withPortal { portal in
            for method in [HTTPRequest.Method.get, .post, .put, .delete, .patch, .options, .head, .trace] {
                let headers = ["Authorization": TestPortal.basic(party.id, party.secret)]
                let answer = try await portal.send(method, path, headers: headers, body: "grant_type=x")
                #expect([400, 404, 405].contains(answer.status), "\(method) \(answer.status)")
                #expect(answer["error"] == nil)
            }
        }
    }

    @Test(
        "WEB-07: a method that an endpoint does not have",
        arguments: [
            HTTPRequest.Method.put, .delete, .patch, .trace, .connect,
        ])
    func methods(_ method: HTTPRequest.Method) async throws {
        try await withPortal { portal in
            for path in Self.posts + Self.gets {
                let answer = try await portal.send(method, path, body: "")
                #expect([404, 405].contains(answer.status), "\(path)")
            }
            let token = try await portal.send(.get, "/oidc/token")
            #expect(token.status == 405)
            #expect(token.headers[.allow] == "POST")
        }
    }

    @Test("WEB-10: no page tells what is inside")
    func nothingInside() async throws {
        try await withPortal { portal in
            for path in Self.gets + ["/nulle-part"] {
                let page = try await portal.browser().open(path + "?s=%zz", follows: false)
                for word in ["Swift", "Hummingbird", "SQL", ".swift", "Error", "/tmp", "Loge/", "nginx", "exception"] {
                    #expect(!page.body.contains(word), "\(path): \(word)")
                }
                #expect(page.header("Server") == nil)
            }
        }
    }
}
