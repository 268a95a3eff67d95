import Clocks
import Cryptography
import HTTPTypes
import Hummingbird
import JOSE
import OAuth
import Stores
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
    /// What the log says beyond the description; never a secret or a token.
    var detail: String?
    /// After how long trying again makes sense, for whoever failed too often.
    var retryAfter: Duration?
}

/// What a request brings to prove its client: one thing and no other (RFC 6749 §2.3).
private enum ClientProof {
    case secret(id: String, secret: String, ClientAuthenticationMethod)
    case assertion(String)
    /// A name without a proof: a public client's.
    case name(String)

    /// The client that it speaks of, whoever sent it.
    var claimedName: String? {
        switch self {
        case .secret(let id, _, _), .name(let id): id
        case .assertion(let text): (try? UnverifiedJWS(compact: text))?.claimedIssuer
        }
    }

    /// - Returns: `nil` when the request does not say who it is.
    init?(basic: (id: String, secret: String)?, _ fields: FormFields) throws(TokenRefusal) {
        let id = fields["client_id"]
        let secret = fields["client_secret"]
        let assertion = fields["client_assertion"]
        let asserts = assertion != nil || fields["client_assertion_type"] != nil
        guard [basic != nil, secret != nil, asserts].count(where: { $0 }) <= 1 else {
            throw TokenRefusal(code: .invalidRequest, description: "two ways of client authentication at once")
        }
        if let basic {
            guard id == nil || id == basic.id else {
                throw TokenRefusal(code: .invalidRequest, description: "two client identifiers")
            }
            self = .secret(id: basic.id, secret: basic.secret, .clientSecretBasic)
        } else if asserts {
            guard let assertion, fields["client_assertion_type"] == ClientAssertion.type else { return nil }
            self = .assertion(assertion)
        } else if let id {
            self = secret.map { .secret(id: id, secret: $0, .clientSecretPost) } ?? .name(id)
        } else {
            return nil
        }
    }
}

extension OpenIDProvider {
    /// The client that sent the request (OpenID Connect Core §9): by the method of its registration and no other (OA-15).
    /// Whoever fails is told the same, known or not; whoever fails too often from one place is not even looked at for a while.
    ///
    /// - Throws: ``TokenRefusal``; `StoreError` when an assertion cannot be looked up.
    func authenticatedClient(
        _ request: Request, _ fields: FormFields, from address: String, now: Instant
    ) async throws -> AuthenticatedClient {
        let basic = try basicCredentials(request.headers)
        let proof = try ClientProof(basic: basic, fields)
        let name = proof?.claimedName ?? ""
        if let wait = clientFailures.wait(name, from: address, now: now) {
            throw TokenRefusal(
                code: .temporarilyUnavailable, description: "too many failed authentications", retryAfter: wait)
        }
        do {
            return try await authenticated(proof, fields, triesBasic: basic != nil, now: now)
        } catch let refusal as TokenRefusal {
            clientFailures.note(name, from: address, now: now)
            throw refusal
        }
    }

    private func authenticated(
        _ proof: ClientProof?, _ fields: FormFields, triesBasic: Bool, now: Instant
    ) async throws -> AuthenticatedClient {
        var refusal = TokenRefusal(
            code: .invalidClient, description: "client authentication failed", challenges: triesBasic)
        switch proof {
        case .secret(let id, let secret, let method)?:
            guard let client = client(id, holding: secret), client.authenticationMethod == method else {
                throw refusal
            }
            return AuthenticatedClient(client)
        case .assertion(let text)?:
            do {
                let (client, assertion) = try asserted(text, fields["client_id"], now: now)
                // Last of all: what is refused for another reason is not used up, and leaves no row.
                guard
                    try await singleUses.use(
                        SecretHash(of: assertion.use), as: .clientAssertion, rememberedUntil: assertion.forgottenAt)
                else { throw JOSEError(.badClaim, "the jti was used before") }
                return AuthenticatedClient(client)
            } catch let error as JOSEError {
                refusal.detail = error.reason
                throw refusal
            }
        case .name(let id)?:
            guard let client = clients.client(id), client.authenticationMethod == .none else { throw refusal }
            return AuthenticatedClient(client)
        case nil: throw refusal
        }
    }

    /// The client that knows this secret.
    private func client(_ id: String, holding secret: String) -> Client? {
        guard !secret.isEmpty, secret.utf8.count <= 1024 else { return nil }
        let hash = SHA256.hash(secret)
        let client = clients.client(id)
        // The comparison is made for unknown clients too, against a hash that nothing has.
        let known = client?.secretHashes ?? [[UInt8](repeating: 0, count: 32)]
        var isRight = false
        for candidate in known where constantTimeEqual(candidate, hash) { isRight = true }
        return isRight ? client : nil
    }

    /// The client whose assertion this is, whether used before or not. A `client_id` beside it must name the same one
    /// (RFC 7521 §4.2).
    private func asserted(
        _ text: String, _ formID: String?, now: Instant
    ) throws(JOSEError) -> (client: Client, assertion: ClientAssertion) {
        let token = try UnverifiedJWS(compact: text)
        guard let id = token.claimedIssuer, formID == nil || formID == id, let client = clients.client(id),
            client.authenticationMethod == .privateKeyJWT
        else { throw JOSEError(.badClaim, "no client of this method is named") }
        return (client, try ClientAssertion(token, of: client, audience: issuer, now: now))
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
