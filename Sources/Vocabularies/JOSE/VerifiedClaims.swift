public import Clocks
public import Cryptography

/// The claims of a token whose signature was proved. Only the verifier makes one.
public struct VerifiedClaims: Sendable {
    /// The members of the claims set.
    public let members: [String: JSONValue]
    /// The algorithm of the signature.
    public let algorithm: SignatureAlgorithm

    /// The claim of that name.
    public subscript(_ name: String) -> JSONValue? { members[name] }

    /// A text claim that must be there and not empty.
    ///
    /// - Throws: ``JOSEError`` `.badClaim`.
    public func text(_ name: String) throws(JOSEError) -> String {
        guard let text = members[name]?.string, !text.isEmpty else {
            throw JOSEError(.badClaim, "\(name) is missing or no text")
        }
        return text
    }

    /// A NumericDate claim (RFC 7519 §2), whole seconds; `nil` when absent.
    ///
    /// - Throws: ``JOSEError`` `.badClaim` for text, fractions, negative and absurd values.
    public func instant(_ name: String) throws(JOSEError) -> Instant? {
        guard let value = members[name] else { return nil }
        // Year 9999 bounds what arithmetic has to bear.
        guard let seconds = value.integer, (0...253_402_300_799).contains(seconds) else {
            throw JOSEError(.badClaim, "\(name) is no date in whole seconds")
        }
        return Instant(secondsSinceEpoch: seconds)
    }

    /// The audiences (RFC 7519 §4.1.3): one text or a list of texts.
    ///
    /// - Throws: ``JOSEError`` `.badClaim` when missing, empty or of another form.
    public func audiences() throws(JOSEError) -> [String] {
        switch members["aud"] {
        case .string(let text) where !text.isEmpty: return [text]
        case .array(let values) where !values.isEmpty:
            let texts = values.compactMap(\.string)
            guard texts.count == values.count else { throw JOSEError(.badClaim, "aud holds something that is no text") }
            return texts
        default: throw JOSEError(.badClaim, "aud is missing or no text")
        }
    }

    /// Checks `exp` (must be there), `nbf` and `iat` against the clock.
    ///
    /// - Parameter skew: how far the two clocks may differ.
    /// - Throws: ``JOSEError`` `.badClaim`.
    public func checkTimes(now: Instant, skew: Duration = .seconds(60)) throws(JOSEError) {
        guard let expiry = try instant("exp") else { throw JOSEError(.badClaim, "exp is missing") }
        guard now < expiry + skew else { throw JOSEError(.badClaim, "the token has expired") }
        if let notBefore = try instant("nbf"), now + skew < notBefore {
            throw JOSEError(.badClaim, "the token is not valid yet")
        }
        if let issuedAt = try instant("iat"), now + skew < issuedAt {
            throw JOSEError(.badClaim, "the token comes from the future")
        }
    }
}
