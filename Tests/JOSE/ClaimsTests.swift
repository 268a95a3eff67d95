import Clocks
import Cryptography
import JOSE
import Testing

@Suite("Claims (RFC 7519)")
struct ClaimsTests {
    private func claims(_ json: String) throws -> VerifiedClaims {
        let tokens = try Tokens.get()
        return try tokens.verify(tokens.token(header: ["alg": "ES256"], payload: Array(json.utf8)))
    }

    private let now = Instant(secondsSinceEpoch: 1_788_244_200)

    @Test(
        "JW-05: a date is whole seconds, and nothing else",
        arguments: [
            "\"1788244200\"", "1788244200.0", "1788244200.5", "1e300", "1788244200e0", "-1", "253402300800",
            "9223372036854775808", "null", "true", "[1788244200]", "{}", "\"\"",
        ])
    func dates(value: String) throws {
        for name in ["exp", "nbf", "iat"] {
            let others = ["exp": 2_000_000_000, "nbf": 1, "iat": 1].filter { $0.key != name }
            let rest = others.map { ",\"\($0.key)\":\($0.value)" }.joined()
            let good = try claims("{\"\(name)\":1788244200\(rest)}")
            #expect(throws: Never.self) { try good.checkTimes(now: now) }
            let bad = try claims("{\"\(name)\":\(value)\(rest)}")
            #expect(throws: JOSEError(.badClaim, ""), "\(name)") { try bad.checkTimes(now: now) }
            #expect(throws: JOSEError(.badClaim, "")) { try bad.instant(name) }
        }
    }

    @Test("exp, nbf and iat are held to the second, with the clocks' difference allowed for")
    func times() throws {
        let seconds = now.secondsSinceEpoch
        let skew = Duration.seconds(60)
        let cases: [(String, Bool)] = [
            ("{\"exp\":\(seconds - 59)}", true), ("{\"exp\":\(seconds - 60)}", false), ("{}", false),
            ("{\"exp\":\(seconds + 1),\"nbf\":\(seconds + 60)}", true),
            ("{\"exp\":\(seconds + 1),\"nbf\":\(seconds + 61)}", false),
            ("{\"exp\":\(seconds + 1),\"iat\":\(seconds + 60)}", true),
            ("{\"exp\":\(seconds + 1),\"iat\":\(seconds + 61)}", false),
        ]
        for (json, holds) in cases {
            let claims = try claims(json)
            if holds {
                #expect(throws: Never.self, "\(json)") { try claims.checkTimes(now: now, skew: skew) }
            } else {
                #expect(throws: JOSEError(.badClaim, ""), "\(json)") { try claims.checkTimes(now: now, skew: skew) }
            }
        }
    }

    @Test("JW-05: aud is a text or a list of texts")
    func audiences() throws {
        #expect(try claims("{\"aud\":\"a\"}").audiences() == ["a"])
        #expect(try claims("{\"aud\":[\"a\",\"b\"]}").audiences() == ["a", "b"])
        for value in ["\"\"", "[]", "1", "[1]", "[\"a\",1]", "null", "{}", "[[\"a\"]]", "true"] {
            let bad = try claims("{\"aud\":\(value)}")
            #expect(throws: JOSEError(.badClaim, ""), "\(value)") { try bad.audiences() }
        }
        #expect(throws: JOSEError(.badClaim, "")) { try claims("{}").audiences() }
    }

    @Test("JW-05: a text claim is a text that is not empty")
    func texts() throws {
        #expect(try claims("{\"sub\":\"alice\"}").text("sub") == "alice")
        for value in ["\"\"", "1", "null", "[\"alice\"]", "{\"sub\":\"alice\"}", "true"] {
            let bad = try claims("{\"sub\":\(value)}")
            #expect(throws: JOSEError(.badClaim, ""), "\(value)") { try bad.text("sub") }
        }
        #expect(throws: JOSEError(.badClaim, "")) { try claims("{}").text("sub") }
    }
}
