import Cryptography
import JOSE

/// A successful answer of the token endpoint (RFC 6749 §5.1, OIDC Core §3.1.3.3). Its ID token is not verified yet.
struct TokenResponse: Sendable {
    let accessToken: SecretBytes
    let idToken: UnverifiedJWS
    let hint: IDTokenHint

    init(parsing bytes: [UInt8]) throws(ProviderError) {
        guard let members = (try? JSONValue(parsing: bytes))?.object else {
            throw ProviderError(.tokenMalformed, "the token answer is no JSON object, or names a member twice")
        }
        guard members["token_type"]?.string?.lowercased() == "bearer" else {
            throw ProviderError(.tokenMalformed, "the token answer has no token_type Bearer")
        }
        // Only what may stand in a header is taken as an access token.
        guard let accessToken = members["access_token"]?.string, !accessToken.isEmpty,
            accessToken.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw ProviderError(.tokenMalformed, "the token answer has no access_token") }
        guard let idToken = members["id_token"]?.string else {
            throw ProviderError(.tokenMalformed, "the token answer has no id_token")
        }
        self.accessToken = SecretBytes(utf8: accessToken)
        hint = IDTokenHint(idToken)
        do throws(JOSEError) {
            self.idToken = try UnverifiedJWS(compact: idToken)
        } catch {
            throw ProviderError(idToken: error)
        }
    }
}

/// The `error` of a refusal by the token endpoint.
struct TokenErrorName: Sendable {
    let text: String

    init?(parsing bytes: [UInt8]) {
        guard let error = (try? JSONValue(parsing: bytes))?["error"]?.string else { return nil }
        text = ErrorName(error).text
    }
}

/// An ID token kept for the sign-out (`id_token_hint`): never printed.
public struct IDTokenHint: Sendable, Hashable, Codable, CustomStringConvertible, CustomReflectable {
    let compact: String

    init(_ compact: String) { self.compact = compact }

    /// Reads what ``encode(to:)`` wrote.
    public init(from decoder: any Decoder) throws {
        compact = try decoder.singleValueContainer().decode(String.self)
    }

    /// Writes the token, for a place that is sealed or on the server.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(compact)
    }

    /// Never the token.
    public var description: String { "(ID token)" }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
