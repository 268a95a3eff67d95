import Clocks
import Cryptography
import JOSE
import Outbound

/// Asks the userinfo endpoint for the claims of the person whom an ID token named (OIDC Core §5.3).
struct UserinfoRequest: Sendable {
    let configuration: ProviderConfiguration
    let metadata: ProviderMetadata
    let documents: ProviderDocuments
    let http: any OutboundHTTP
    let now: Instant

    /// The claims; empty when userinfo is not used.
    func claims(
        of idToken: VerifiedIDToken, _ accessToken: SecretBytes
    ) async throws(ProviderError) -> VerifiedUserinfo {
        let members: [String: JSONValue]
        switch configuration.userinfo {
        case .unused: return VerifiedUserinfo(claims: [:])
        case .json:
            let body = try await answer(accessToken, "application/json")
            guard let object = (try? JSONValue(parsing: body))?.object else {
                throw ProviderError(.userinfoMalformed, "the answer is no JSON object, or names a member twice")
            }
            members = object
        case .signed(let algorithms):
            members = try await signed(answer(accessToken, "application/jwt"), algorithms)
        }
        // §5.3.2: the two must be the same person, else the token was swapped for another's.
        guard let subject = members["sub"]?.string, constantTimeEqual(subject, idToken.subject) else {
            throw ProviderError(.userinfoSubject, "the userinfo answer is about another subject")
        }
        return VerifiedUserinfo(claims: members)
    }

    /// Bearer in the header (RFC 6750 §2.1): tokens in bodies and addresses end up in logs.
    private func answer(_ accessToken: SecretBytes, _ type: String) async throws(ProviderError) -> [UInt8] {
        guard let endpoint = metadata.userinfoEndpoint else {
            throw ProviderError(.metadataUnsuitable, "the provider has no userinfo endpoint")
        }
        let token = accessToken.withBytes { String(decoding: $0, as: UTF8.self) }
        let request = OutboundRequest(.get, endpoint, accept: type, authorization: "Bearer " + token)
        let response = try await http.answer(to: request, orFailWith: .userinfoUnavailable)
        guard response.status == 200 else {
            throw ProviderError(.userinfoUnavailable, "the userinfo endpoint answered with status \(response.status)")
        }
        return try response.document(type, orFailWith: .userinfoMalformed)
    }

    private func signed(
        _ body: [UInt8], _ algorithms: Set<SignatureAlgorithm>
    ) async throws(ProviderError) -> [String: JSONValue] {
        let token: UnverifiedJWS
        do throws(JOSEError) {
            token = try UnverifiedJWS(compact: String(decoding: body, as: UTF8.self))
        } catch {
            throw ProviderError(.userinfoMalformed, error.reason)
        }
        let claims = try await documents.withKeys(
            { (keys: JWKSet) throws(JOSEError) in
                try token.verified(by: keys, algorithms: algorithms, types: [nil, "jwt"])
            },
            refetchWhen: { $0.code == .unknownKey || $0.code == .badSignature && token.claimedKeyID == nil },
            refusing: { ProviderError(.userinfoUntrusted, $0.reason) })
        // §5.3.2: signed, it names its issuer and us; it may expire.
        guard let issuer = claims["iss"]?.string, constantTimeEqual(issuer, configuration.issuer),
            let audiences = try? claims.audiences(),
            audiences.contains(where: { constantTimeEqual($0, configuration.clientID) })
        else { throw ProviderError(.userinfoUntrusted, "the answer is of another issuer or for another client") }
        if claims["exp"] != nil {
            guard let expiry = try? claims.instant("exp"), now < expiry + configuration.clockSkew else {
                throw ProviderError(.userinfoUntrusted, "the userinfo answer has expired")
            }
        }
        return claims.members
    }
}

/// Claims of the userinfo endpoint about the subject of the ID token. Only ``UserinfoRequest`` makes them.
struct VerifiedUserinfo: Sendable {
    let claims: [String: JSONValue]

    fileprivate init(claims: [String: JSONValue]) { self.claims = claims }
}
