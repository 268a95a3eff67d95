import Cryptography
import JOSE
import Testing

/// Examples of the standards in forms that are not ours, or under headers that nobody understands.
private enum OtherForms {
    /// RFC 7515, Appendix E: a critical header with a name that nobody knows.
    static let critical = """
        eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJTkVEIl0sDQogImh0dHA6Ly9leGFtcGxlLmNvbS9VTk\
        RFRklORUQiOnRydWUNCn0.RkFJTA.
        """
    /// RFC 7519, §6.1: unsecured.
    static let unsecured = """
        eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn\
        VlfQ.
        """
    /// RFC 7797, §4.2: a payload that is not encoded, and detached.
    static let unencoded = """
        eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19..A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY
        """
    /// RFC 7516, A.5: the flattened JSON form.
    static let flattenedEncryption = """
        {"protected":"eyJlbmMiOiJBMTI4Q0JDLUhTMjU2In0","unprotected":{"jku":"https://server.example.com/keys.jwks"},\
        "header":{"alg":"A128KW","kid":"7"},"encrypted_key":"6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ",\
        "iv":"AxY8DCtDaGlsbGljb3RoZQ","ciphertext":"KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY",\
        "tag":"Mz-VPPyU4RlcuYv1IwIvzw"}
        """
}

@Suite("JW-05, JW-09: forms and headers of the standards that are not ours")
struct StandardFormTests {
    private func verify(_ token: String, _ jwk: String = RFC7515.a3Key) throws -> VerifiedClaims {
        try UnverifiedJWS(compact: token).verified(
            by: StandardKey.clientSet(jwk).signatureKeys, algorithms: Set(SignatureAlgorithm.allCases), types: [nil])
    }

    private func header(_ token: String) throws -> JSONValue {
        let part = try #require(token.split(separator: ".").first)
        return try JSONValue(parsing: try #require(Base64URL.decode(String(part))))
    }

    @Test("RFC 7515 E and RFC 7797 §4.2: what is critical and not understood")
    func critical() throws {
        #expect(throws: Never.self, "the control") { try verify(RFC7515.a3Token) }
        #expect(try header(OtherForms.critical)["http://example.com/UNDEFINED"] == true)
        #expect(try header(OtherForms.unencoded)["b64"] == false)
        for token in [OtherForms.critical, OtherForms.unencoded] {
            #expect(throws: JOSEError(.unsupportedHeader, "")) { try verify(token) }
        }
    }

    @Test("RFC 7519 §6.1: an unsecured token")
    func unsecured() throws {
        #expect(try header(OtherForms.unsecured) == ["alg": "none"])
        #expect(throws: JOSEError(.algorithmNotAllowed, "")) { try verify(OtherForms.unsecured) }
    }

    @Test("RFC 7515 A.7: the flattened JSON form of A.3; RFC 7516 A.5")
    func flattened() throws {
        let parts = RFC7515.a3Token.split(separator: ".").map(String.init)
        let json = """
            {"payload":"\(parts[1])","protected":"\(parts[0])","header":{"kid":"e9bc097a-ce51-4036-9562-d2ade882db0d"},\
            "signature":"\(parts[2])"}
            """
        #expect(throws: JOSEError(.malformed, "")) { try verify(json) }
        #expect(throws: JWEError(.malformed, "")) { try UnverifiedJWE(compact: OtherForms.flattenedEncryption) }
    }

    @Test("RFC 7515 F and RFC 7520 §4.5: detached content is content that was not signed")
    func detached() throws {
        for (token, code) in [
            (RFC7515.a3Token, JOSEError.Code.badSignature), (RFC7520.hs256Token, .algorithmNotAllowed),
        ] {
            let parts = token.split(separator: ".").map(String.init)
            #expect(throws: JOSEError(code, "")) { try verify(parts[0] + ".." + parts[2]) }
        }
    }
}
