import Cryptography
import JOSE
import Testing

@Suite("The sender's key of ECDH-ES (RFC 7518 §4.6.1.1)")
struct EphemeralKeyTests {
    private func encoded(_ hexadecimal: String) throws -> JSONValue {
        let digits = Array(hexadecimal.utf8)
        let bytes = try stride(from: 0, to: digits.count, by: 2).map { index in
            try #require(UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16))
        }
        return .string(Base64URL.encode(bytes))
    }

    @Test("JW-09: a point that is not on the curve is refused like any other wrong key")
    func invalidPoints() throws {
        let envelopes = try Envelopes.get()
        let zero = String(repeating: "00", count: 32)
        let five = String(repeating: "00", count: 31) + "05"
        let one = String(repeating: "00", count: 31) + "01"
        let onCurve = "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc"
        let prime = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
        let points = [
            ("another point of the curve", five, onCurve), ("another y", five, one), ("infinity as zeros", zero, zero),
            ("a point of order 2 of another curve", five, zero),
            ("on the twist", one, "de17b2671045fe58740248c17a8bd2fb2ef7c3c49b01da9f903efa3dcda669c7"),
            ("x and y exchanged", onCurve, five),
            ("x beyond p", "ffffffff00000001000000000000000000000001000000000000000000000004", onCurve),
            ("x of p", prime, onCurve), ("all ones", String(repeating: "ff", count: 32), onCurve),
        ]
        #expect(throws: Never.self, "the control") { try envelopes.read(envelopes.agreed()) }
        var reasons: Set<String> = []
        for (name, x, y) in points {
            let (x, y) = (try encoded(x), try encoded(y))
            let token = try envelopes.agreed { _, key in key.merge(["x": x, "y": y]) { $1 } }
            let error = #expect(throws: JWEError.self, "\(name)") { try envelopes.read(token) }
            #expect(error?.code == .notDecrypted, "\(name)")
            if let error { reasons.insert(error.reason) }
        }
        #expect(reasons.count == 1, "a point on the curve and one off it cannot be told apart")
    }

    @Test("JW-09: what is no public key on P-256 at all is malformed")
    func malformed() throws {
        let envelopes = try Envelopes.get()
        let absent: JSONValue = "absent"
        let changes: [(String, JSONValue)] = [
            ("kty", absent), ("kty", "OKP"), ("kty", "oct"), ("kty", 1), ("crv", absent), ("crv", "P-384"),
            ("crv", "p-256"), ("crv", "X25519"), ("crv", ["P-256"]), ("x", absent), ("y", absent), ("x", "AAAA"),
            ("x", .string(String(repeating: "A", count: 44))), ("x", 5), ("x", ""), ("x", .null),
            ("y", .string(String(repeating: "A", count: 42) + "B")),
            ("y", .string(String(repeating: "A", count: 43) + "=")),
            ("d", "AAAA"),
        ]
        #expect(throws: Never.self, "the control") { try envelopes.read(envelopes.agreed { _, _ in }) }
        for (name, value) in changes {
            let token = try envelopes.agreed { _, key in key[name] = value == absent ? nil : value }
            envelopes.expect(.malformed, token, "\(name) \(value)")
        }
        for value: JSONValue in [absent, .null, [:], [], 1, true, "{\"kty\":\"EC\"}"] {
            envelopes.expect(.malformed, try envelopes.agreed { members, _ in members["epk"] = value }, "epk \(value)")
        }
        envelopes.expect(
            .malformed, try envelopes.agreed { members, key in members["epk"] = [.object(key)] }, "a list of one key")
        envelopes.expect(
            .malformed, try envelopes.agreed { members, key in members["epk"] = .string(JSONValue.object(key).text) },
            "a key as text")
        // Names of a key that mean nothing here change nothing.
        let inert = try envelopes.agreed { _, key in key.merge(["kid": "x", "use": "sig", "x5u": "https://x"]) { $1 } }
        #expect(throws: Never.self) { try envelopes.read(inert) }
    }
}
