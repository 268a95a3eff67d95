import HTTPTypes
import Testing
import Web

@Suite("Origins, paths and the address of the client")
struct AddressTests {
    @Test(
        "an origin is scheme, host and port in lower case, and nothing else",
        arguments: [
            ("https://portail.exemple.fr", true), ("http://localhost:8400", true), ("https://[::1]:8400", true),
            ("https://127.0.0.1", true), ("https://a.b:65535", true), ("", false), ("portail.exemple.fr", false),
            ("ftp://a.b", false), ("https://", false), ("https://a.b/", false), ("https://a.b/x", false),
            ("https://a.b?x", false),
            ("https://A.b", false), ("HTTPS://a.b", false), ("https://u@a.b", false), ("https://a.b:", false),
            ("https://a.b:0", false), ("https://a.b:65536", false), ("https://a.b:x", false), ("https://a.b:+1", false),
            ("https://a.b:0443", false),
            ("https://a b", false), ("https://é.fr", false), ("https://a_b.fr", false), ("https://a.b\\@c.d", false),
            ("https://[zz]", false), ("javascript:alert(1)", false), ("https://a.b#", false), ("//a.b", false),
        ])
    func origins(_ sample: (text: String, isOrigin: Bool)) {
        #expect((Origin(parsing: sample.text) != nil) == sample.isOrigin)
    }

    @Test(
        "the origin of an address",
        arguments: [
            ("https://a.b/x?y#z", "https://a.b"), ("https://a.b:8443?x", "https://a.b:8443"),
            ("https://a.b", "https://a.b"),
            ("http://[::1]:80/x", "http://[::1]:80"), ("https://u@a.b/x", nil), ("https://a.b\\x/y", nil),
            ("data:x", nil),
            ("https://a.b@c.d/", nil), ("/x", nil), ("", nil), ("x://a.b/", nil),
        ])
    func originOf(_ sample: (address: String, expected: String?)) {
        #expect(Origin(of: sample.address)?.description == sample.expected)
    }

    @Test(
        "a role stands at an https origin, or on the loopback",
        arguments: [
            ("https://portail.exemple.fr", true), ("https://portail.exemple.fr/", true),
            ("http://localhost:8400", true),
            ("http://127.0.0.1:8400/", true), ("http://[::1]", true), ("http://portail.exemple.fr", false),
            ("https://portail.exemple.fr/chemin", false), ("https://portail.exemple.fr//", false),
            ("http://localhost.evil.net", false),
            ("http://10.0.0.1", false), ("", false),
        ])
    func sites(_ sample: (url: String, isSite: Bool)) {
        let site = RoleSite(role: "portal", publicURL: sample.url)
        #expect((site != nil) == sample.isSite)
        if let site { #expect(!site.origin.hasSuffix("/")) }
    }

    @Test(
        "OA-03: a local path leads nowhere else",
        arguments: [
            ("/", true), ("/a/b?c=d&e=%2F#f", true), ("", false), ("a", false), ("//evil", false), ("/\\evil", false),
            ("\\evil", false), ("/a\\b", false), ("https://evil", false), ("/a b", false), ("/\t/evil", false),
            ("/é", false),
            ("/a\r\nb", false), ("/\u{0}", false), ("/\u{7f}", false), (" /", false), ("?x", false), ("#x", false),
            ("/" + String(repeating: "a", count: 8191), true), ("/" + String(repeating: "a", count: 8192), false),
        ])
    func localPaths(_ sample: (path: String, isSafe: Bool)) {
        #expect(LocalPath.isSafe(sample.path) == sample.isSafe)
    }

    @Test(
        "OA-24: the address that tries are counted under",
        arguments: [
            // Nobody in front: the peer, whatever the header says.
            ("192.0.2.7", nil, "192.0.2.7"), ("192.0.2.7", "203.0.113.9", "192.0.2.7"), (nil, "203.0.113.9", nil),
            ("2001:db8:1:2:3:4:5:6", nil, "2001:db8:1:2::/64"), ("2001:db8::1", nil, "2001:db8:0:0::/64"),
            ("::1", nil, "0:0:0:0::/64"),
            ("::ffff:192.0.2.7", nil, "192.0.2.7"), ("2001:0DB8::1", nil, "2001:db8:0:0::/64"), ("nonsense", nil, nil),
            // Behind our proxy 10.0.0.1: the last address that is not ours, from the right.
            ("10.0.0.1", "203.0.113.9", "203.0.113.9"), ("10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
            ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
            ("10.0.0.1", "1.1.1.1,203.0.113.9 ,10.0.0.2,10.0.0.1", "203.0.113.9"),
            ("10.0.0.1", "2001:db8::9", "2001:db8:0:0::/64"), ("10.0.0.1", nil, "10.0.0.1"),
            ("10.0.0.1", "", "10.0.0.1"),
            // Unreadable: counted as the proxy itself, never as somebody that the client names.
            ("10.0.0.1", "unknown", "10.0.0.1"), ("10.0.0.1", "203.0.113.9, garbage", "10.0.0.1"),
            ("10.0.0.1", "203.0.113.9:4711", "10.0.0.1"), ("10.0.0.1", "203.0.113.256", "10.0.0.1"),
            ("10.0.0.1", "1.2.3", "10.0.0.1"),
            ("10.0.0.1", String(repeating: "1.1.1.1,", count: 300), "10.0.0.1"), ("10.0.0.1", "10.0.0.2", "10.0.0.1"),
        ] as [(String?, String?, String?)])
    func clientAddresses(_ sample: (peer: String?, header: String?, expected: String?)) throws {
        let address = ClientAddress(trustedProxies: ["10.0.0.1", "10.0.0.2"])
        var headers = HTTPFields()
        headers[try #require(HTTPField.Name("X-Forwarded-For"))] = sample.header
        #expect(address.range(peer: sample.peer, headers: headers) == sample.expected)
    }
}
