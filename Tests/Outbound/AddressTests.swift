import Outbound
import Testing

@Suite("Addresses and origins, read so that nobody reads them otherwise")
struct AddressTests {
    @Test(
        "Addresses that are right",
        arguments: [
            ("https://idp.example", "https://idp.example"),
            ("https://idp.example/", "https://idp.example"),
            ("https://idp.example/a/b?c=d&e=%2F", "https://idp.example"),
            ("https://idp.example?x=1", "https://idp.example"),
            ("https://idp.example:8443/x", "https://idp.example:8443"),
            ("https://idp.example:443/x", "https://idp.example"),
            ("http://127.0.0.1:8400/x", "http://127.0.0.1:8400"),
            ("http://[::1]:8400", "http://[::1]:8400"),
            ("http://localhost/", "http://localhost"),
            ("http://localhost:80/", "http://localhost"),
            ("https://xn--coles-9ra.example/", "https://xn--coles-9ra.example"),
            ("https://10.0.0.7/x", "https://10.0.0.7"),
            ("https://idp.example/x@y:z//../%00", "https://idp.example"),
        ])
    func accepted(text: String, origin: String) throws {
        let url = try OutboundURL(parsing: text)
        #expect(url.origin.description == origin)
        #expect(url.text == text)
    }

    @Test(
        "OA-23: addresses that two readers could understand differently",
        arguments: [
            "", "https://", "https:///x", "https:/idp.example", "//idp.example", "idp.example", "HTTPS://idp.example",
            "ftp://idp.example", "file:///etc/passwd", "javascript:alert(1)", "gopher://idp.example",
            "data:text/html,x",
            "https://IDP.example", "https://idp.example:0", "https://idp.example:65536", "https://idp.example:",
            "https://idp.example:08443", "https://idp.example:+1", "https://idp.example:8443:1",
            "https://user@idp.example",
            "https://user:secret@idp.example", "https://idp.example@evil.example", "https://idp.example\\@evil.example",
            "https://idp.example\\x", "https://idp.example/a b", "https://idp.example/\n", "https://idp.example/\t",
            "https://idp.example/\u{0}", "https://idp.example/é", "https://écoles.example", "https://idp.example#x",
            "https://idp.example/x#y", "https://idp.example/%", "https://idp.example/%4", "https://idp.example/%zz",
            "https://idp.example/<x>", "https://idp.example/\"", "https://idp..example", "https://.example",
            "https://idp.example.", "https://-idp.example", "https://idp-.example", "https://idp_x.example",
            "https://127.1", "https://127.0.1", "https://2130706433", "https://0x7f.0.0.1", "https://0x7f000001",
            "https://0177.0.0.1", "https://127.0.0.01", "https://127.0.0.256", "https://127.0.0.1.",
            "https://1.2.3.4.5",
            "https://[::ffff:127.0.0.1]", "https://[::]", "https://[0:0:0:0:0:0:0:1]", "https://[::1", "https://::1",
            "https://[::1]x", "https://idp.example%2eevil.example", "https://idp.example%00", " https://idp.example",
            "https://idp\u{3002}example", "https://\u{2460}.example", "https://idp.example{x}", "https://a|b",
        ])
    func refused(text: String) {
        #expect(throws: OutboundError.addressMalformed) { try OutboundURL(parsing: text) }
    }

    @Test("Length has its limit, to the byte")
    func length() {
        let start = "https://idp.example/"
        let full = start + String(repeating: "a", count: 2048 - start.utf8.count)
        #expect(throws: Never.self) { try OutboundURL(parsing: full) }
        #expect(throws: OutboundError.addressMalformed) { try OutboundURL(parsing: full + "a") }
        let label = String(repeating: "a", count: 63)
        #expect(throws: Never.self) { try OutboundURL(parsing: "https://\(label).example") }
        #expect(throws: OutboundError.addressMalformed) { try OutboundURL(parsing: "https://\(label)a.example") }
    }

    @Test("The policy lets its own origins pass, and no other")
    func policy() throws {
        let policy = try OutboundPolicy(
            origins: ["https://idp.example", "https://other.example:8443"],
            insecurePlainLoopback: ["http://127.0.0.1:8400"])
        for allowed in [
            "https://idp.example/x", "https://idp.example:443/x", "https://other.example:8443",
            "http://127.0.0.1:8400/x",
        ] {
            #expect(throws: Never.self, "\(allowed)") { try policy.check(OutboundURL(parsing: allowed)) }
        }
        for refused in [
            "https://idp.example:8443", "https://other.example", "https://idp.example.evil.example",
            "https://127.0.0.1:8400",
            "https://evil.example", "https://169.254.169.254/latest/meta-data",
        ] {
            let url = try OutboundURL(parsing: refused)
            #expect(throws: OutboundError.originNotAllowed(url.origin), "\(refused)") { try policy.check(url) }
        }
        for insecure in [
            "http://idp.example", "http://127.0.0.1:8401", "http://127.0.0.1", "http://localhost:8400",
            "http://[::1]:8400",
        ] {
            let url = try OutboundURL(parsing: insecure)
            #expect(throws: OutboundError.insecureOrigin(url.origin), "\(insecure)") { try policy.check(url) }
        }
    }

    @Test("A policy that would call elsewhere without TLS cannot be made")
    func badPolicies() throws {
        #expect(throws: OutboundError.insecureOrigin(try OutboundOrigin(parsing: "http://idp.example"))) {
            try OutboundPolicy(origins: ["http://idp.example"])
        }
        #expect(throws: OutboundError.insecureOrigin(try OutboundOrigin(parsing: "http://127.0.0.1"))) {
            try OutboundPolicy(origins: ["http://127.0.0.1"])
        }
        for host in ["http://idp.example", "http://10.0.0.7", "http://127.0.0.2", "http://localhost.evil.example"] {
            #expect(throws: OutboundError.insecureOrigin(try OutboundOrigin(parsing: host))) {
                try OutboundPolicy(origins: [], insecurePlainLoopback: [host])
            }
        }
        for malformed in ["https://idp.example/", "https://idp.example/x", "idp.example", "*", "https://*.example"] {
            #expect(throws: OutboundError.addressMalformed) { try OutboundPolicy(origins: [malformed]) }
        }
    }

    @Test("Media types are read without their parameters; two are none")
    func mediaTypes() {
        func type(_ values: String...) -> String? {
            OutboundResponse(status: 200, contentTypes: values, body: []).mediaType
        }
        #expect(type("application/json") == "application/json")
        #expect(type("Application/JSON ; charset=utf-8") == "application/json")
        #expect(type(" \tapplication/jwt") == "application/jwt")
        #expect(type() == nil)
        #expect(type("") == nil)
        #expect(type(" ") == nil)
        #expect(type("application/json", "text/html") == nil)
        let response = OutboundResponse(status: 200, contentTypes: ["text/html"], body: [1])
        #expect(throws: OutboundError.wrongContentType) { try response.body(ofType: "application/json") }
        #expect(throws: Never.self) { try response.body(ofType: "application/json", "text/html") }
    }

    @Test("Requests and answers are never printed")
    func printing() throws {
        let url = try OutboundURL(parsing: "https://idp.example/token?canary=1")
        let request = OutboundRequest(
            .post(form: Array("client_secret=canary".utf8)), url, accept: "canary", authorization: "Basic canary")
        let response = OutboundResponse(status: 200, contentTypes: ["canary"], body: Array("canary".utf8))
        var text = "\(request)\(response)" + String(reflecting: request) + String(reflecting: response)
        dump(request, to: &text)
        dump(response, to: &text)
        #expect(!text.contains("canary"))
    }
}
