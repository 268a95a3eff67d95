import Cryptography
import HTTPTypes
import Hummingbird
import OAuth
import Web

/// A client that has proved itself.
struct AuthenticatedClient: Sendable {
    let client: Client

    fileprivate init(_ client: Client) { self.client = client }
}

/// Why a token request is refused (RFC 6749 §5.2).
struct TokenRefusal: Error {
    let code: OAuthErrorCode
    let description: String
    /// Answered with a challenge, when the client tried HTTP Basic.
    var challenges = false
}

extension OpenIDProvider {
    /// The client that sent the request (OpenID Connect Core §9): by the method of its registration and no other (OA-15).
    func authenticatedClient(_ request: Request, _ fields: FormFields) throws(TokenRefusal) -> AuthenticatedClient {
        let basic = try basicCredentials(request.headers)
        let formID = fields["client_id"]
        let formSecret = fields["client_secret"]
        if basic != nil, formSecret != nil {
            throw TokenRefusal(code: .invalidRequest, description: "two ways of client authentication at once")
        }
        if fields["client_assertion"] != nil || fields["client_assertion_type"] != nil {
            throw TokenRefusal(code: .invalidClient, description: "client assertions are not offered")
        }
        if let basic, let formID, formID != basic.id {
            throw TokenRefusal(code: .invalidRequest, description: "two client identifiers")
        }
        let method: ClientAuthenticationMethod = basic == nil ? .clientSecretPost : .clientSecretBasic
        let refusal = TokenRefusal(
            code: .invalidClient, description: "client authentication failed", challenges: basic != nil)
        guard let id = basic?.id ?? formID, let secret = basic?.secret ?? formSecret, !secret.isEmpty,
            secret.utf8.count <= 1024
        else { throw refusal }
        let hash = SHA256.hash(secret)
        let client = clients.client(id)
        // The comparison is made for unknown clients too, against a hash that nothing has.
        let known = client?.secretHashes ?? [[UInt8](repeating: 0, count: 32)]
        var isRight = false
        for candidate in known where constantTimeEqual(candidate, hash) { isRight = true }
        guard isRight, let client, client.authenticationMethod == method else { throw refusal }
        return AuthenticatedClient(client)
    }

    /// RFC 6749 §2.3.1: identifier and secret are form-encoded before they are joined and base64-encoded.
    private func basicCredentials(_ headers: HTTPFields) throws(TokenRefusal) -> (id: String, secret: String)? {
        let values = headers[values: .authorization]
        guard let header = values.first else { return nil }
        let refusal = TokenRefusal(
            code: .invalidClient, description: "the Authorization header is not understood", challenges: true)
        guard values.count == 1, header.utf8.count <= 4096 else { throw refusal }
        let parts = header.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "basic", let bytes = Base64.decode(String(parts[1])),
            let text = String(validating: bytes, as: UTF8.self), let colon = text.firstIndex(of: ":"),
            let decoded = try? FormFields(parsing: "i=\(text[..<colon])&s=\(text[text.index(after: colon)...])"),
            decoded.pairs.count == 2, let id = decoded["i"], let secret = decoded["s"]
        else { throw refusal }
        return (id, secret)
    }
}

/// Base 64 with padding (RFC 4648 §4), for HTTP Basic.
enum Base64 {
    static func decode(_ text: String) -> [UInt8]? {
        let unpadded = text.hasSuffix("==") ? text.dropLast(2) : text.hasSuffix("=") ? text.dropLast() : text[...]
        guard !unpadded.contains(where: { "=-_".contains($0) }) else { return nil }
        return Base64URL.decode(unpadded.replacing("+", with: "-").replacing("/", with: "_"))
    }
}
