import Cryptography
import Foundation
import HTTPTypes
import JOSE
import LogeTesting
import Testing

/// What the conformance suite checks in every module beside what its name says (security.md §1.0).
enum HiddenChecks {
    /// The claims that an ID token of the code flow may hold without having been asked for singly.
    static let unaskedClaims: Set<String> = [
        "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "sid",
    ]

    /// The bits of a text by the frequencies of its characters (Shannon), as the suite measures them.
    static func measuredBits(_ text: String) -> Double {
        let count = Double(text.count)
        let frequencies = Dictionary(text.map { ($0, 1.0) }, uniquingKeysWith: +).values
        return -frequencies.reduce(0) { $0 + $1 * log2($1 / count) }
    }

    /// The answer at the client's address: `state` echoed, `iss` right (RFC 9207), an error in the characters of RFC 6749
    /// §4.1.2.1, a code that cannot be guessed.
    static func answer(
        _ answer: AuthorizationAnswer, to attempt: AuthorizationAttempt, location: SourceLocation = #_sourceLocation
    ) {
        #expect(answer.state == attempt["state"], sourceLocation: location)
        #expect(answer.issuer == TestPortal.origin, sourceLocation: location)
        #expect((answer.code == nil) != (answer.error == nil), sourceLocation: location)
        for name in ["error", "error_description"] {
            #expect(isErrorText(answer.parameters[name] ?? ""), sourceLocation: location)
        }
        #expect(Set(answer.parameters.keys).isSubset(of: ["code", "error", "error_description", "state", "iss"]))
        if let code = answer.code { #expect(measuredBits(code) >= 128, sourceLocation: location) }
    }

    /// The tokens: form, entropy, `at_hash`, nothing in the ID token that nobody asked for.
    ///
    /// - Parameters:
    ///   - type: `token_type`.
    ///   - isRefreshed: the ID token has no nonce then (OpenID Connect Core §12.2).
    static func tokens(
        _ tokens: JSONAnswer, of attempt: AuthorizationAttempt, in portal: TestPortal, type: String = "Bearer",
        isRefreshed: Bool = false, location: SourceLocation = #_sourceLocation
    ) async throws -> VerifiedClaims {
        #expect(tokens.status == 200, sourceLocation: location)
        #expect(tokens.headers[.contentType] == "application/json", sourceLocation: location)
        #expect(tokens.headers[.cacheControl] == "no-store", sourceLocation: location)
        #expect(tokens["token_type"]?.string == type, sourceLocation: location)
        #expect(tokens["expires_in"]?.integer == 600, sourceLocation: location)
        #expect(measuredBits(tokens.accessToken) >= 128, sourceLocation: location)
        #expect((tokens["refresh_token"] != nil) == attempt.party.refreshes, sourceLocation: location)
        if let token = tokens["refresh_token"]?.string {
            #expect(measuredBits(token) >= 128, sourceLocation: location)
        }
        let claims = try await portal.claims(
            of: tokens.idToken, for: attempt, nonce: isRefreshed ? nil : attempt["nonce"])
        #expect(Set(claims.members.keys).isSubset(of: unaskedClaims), sourceLocation: location)
        // By the hash of the algorithm (OpenID Connect Core §3.1.3.6).
        let half =
            attempt.party.algorithm == .edDSA
            ? SHA512.hash(Array(tokens.accessToken.utf8)).prefix(32) : SHA256.hash(tokens.accessToken).prefix(16)
        #expect(claims["at_hash"]?.string == Base64URL.encode(half), sourceLocation: location)
        let header = try UnverifiedJWS(compact: tokens.idToken)
        #expect(header.claimedKeyID != nil, sourceLocation: location)
        return claims
    }

    /// A refusal of the token endpoint: the error, 400 and JSON (RFC 6749 §5.2); 401 for `invalid_client` alone.
    static func refusal(
        _ answer: JSONAnswer, _ error: String, location: SourceLocation = #_sourceLocation
    ) {
        #expect(answer.error == error, sourceLocation: location)
        #expect(answer.status == (error == "invalid_client" ? 401 : 400), sourceLocation: location)
        #expect(answer.headers[.contentType] == "application/json", sourceLocation: location)
        #expect(answer.headers[.cacheControl] == "no-store", sourceLocation: location)
        #expect(isErrorText(answer["error_description"]?.string ?? ""), sourceLocation: location)
    }

    /// The same, for this reason.
    static func refusal(
        _ answer: JSONAnswer, _ error: String, because reason: String, location: SourceLocation = #_sourceLocation
    ) {
        refusal(answer, error, location: location)
        let description = answer["error_description"]?.string ?? ""
        #expect(description.contains(reason), sourceLocation: location)
    }

    private static func isErrorText(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20...0x21).contains($0) || (0x23...0x5B).contains($0) || (0x5D...0x7E).contains($0) }
    }
}
