import Clocks
import Cryptography
import HTTPTypes
import Hummingbird
import JOSE
import Keyring
import Logging
import NIOCore
import OAuth
import SignOn
import SignOnHTTP
import Stores
import Web

extension OpenIDProvider {
    /// `POST /oidc/token` (OpenID Connect Core §3.1.3).
    func token(_ request: Request, _ context: RoleContext) async throws -> Response {
        do {
            return try await redeem(request, context)
        } catch let refusal as TokenRefusal {
            let detail = refusal.detail.map { " (\($0))" } ?? ""
            context.logger.info("token refused: \(refusal.description)\(detail)", metadata: ["event": "token.refused"])
            return tokenError(refusal)
        } catch is FormFields.Failure {
            return tokenError(TokenRefusal(code: .invalidRequest, description: "the form is not understood"))
        } catch let error as HTTPError where error.status.code < 500 {
            return tokenError(
                TokenRefusal(code: .invalidRequest, description: "the body must be a small urlencoded form"))
        } catch let error as StoreError {
            context.logger.error("token: \(error)", metadata: ["event": "store.failed"])
            return json(
                .serviceUnavailable, ["error": .string(OAuthErrorCode.temporarilyUnavailable.rawValue)])
        }
    }

    /// The rules in their order: form, client, grant type, code, client of the code, address, PKCE, one use, account.
    private func redeem(_ request: Request, _ context: RoleContext) async throws -> Response {
        // OA-09: parameters stand in the body, and there only.
        guard (request.uri.query ?? "").isEmpty else {
            throw TokenRefusal(code: .invalidRequest, description: "parameters belong in the body")
        }
        let fields = try await request.formFields()
        if let name = fields.firstRepeated(among: Self.tokenParameters) {
            throw TokenRefusal(code: .invalidRequest, description: "\(name) stands twice")
        }
        let now = clock.now()
        let client = try await authenticatedClient(request, fields, now: now).client
        guard let grantType = fields["grant_type"] else {
            throw TokenRefusal(code: .invalidRequest, description: "grant_type is missing")
        }
        guard grantType == "authorization_code" else {
            throw TokenRefusal(code: .unsupportedGrantType, description: "only authorization_code is offered")
        }
        guard let text = fields["code"] else {
            throw TokenRefusal(code: .invalidRequest, description: "code is missing")
        }
        let keys = keyring.snapshot
        let refusal = TokenRefusal(code: .invalidGrant, description: "the code is not valid or has expired")
        // OA-05: another client's code; told in the same words as one that is no code.
        guard let code = AuthorizationCode.open(text, keys), code.client == client.id else { throw refusal }
        // OA-06 (RFC 6749 §4.1.3).
        guard let redirectURI = fields["redirect_uri"],
            constantTimeEqual(AuthorizationCode.hash(of: redirectURI), code.redirectURIHash)
        else { throw TokenRefusal(code: .invalidGrant, description: "redirect_uri is not the one of the request") }
        try checkVerifier(fields["code_verifier"], code.challenge)
        // The file may have begun to ask for PKCE after the code was given.
        guard code.challenge != nil || !client.requiresPKCE else { throw refusal }
        guard now < code.expiresAt else {
            // OA-04: used before, it is replayed, however late (RFC 6749 §4.1.2). Never used, nothing is written.
            try await codes.replay(code: code.id, now: now)
            throw refusal
        }
        return try await issue(code, to: client, keys, now: now)
    }

    private static let tokenParameters: Set<String> = [
        "grant_type", "code", "redirect_uri", "client_id", "client_secret", "code_verifier", "client_assertion",
        "client_assertion_type", "scope",
    ]

    /// OA-07 (RFC 7636 §4.6, RFC 9700 §4.8.2): no challenge without verifier, and no verifier without challenge.
    private func checkVerifier(_ text: String?, _ challenge: CodeChallenge?) throws(TokenRefusal) {
        switch (text, challenge) {
        case (nil, nil): return
        case (nil, _?): throw TokenRefusal(code: .invalidGrant, description: "code_verifier is missing")
        case (_?, nil):
            throw TokenRefusal(code: .invalidGrant, description: "code_verifier without code_challenge at the request")
        case (let text?, let challenge?):
            guard let verifier = CodeVerifier(parsing: text), challenge.isAnswered(by: verifier) else {
                throw TokenRefusal(code: .invalidGrant, description: "code_verifier does not answer the challenge")
            }
        }
    }

    private func issue(
        _ code: AuthorizationCode, to client: Client, _ keys: KeyringSnapshot, now: Instant
    ) async throws -> Response {
        // Session and account as they are now: ended, locked or moved to another school, nothing is issued (BR-07).
        guard let live = try await exchange.directory.session(id: code.session), live.account.id == code.account,
            client.party.admits(profile: live.account.person.profile, school: live.account.person.school)
        else { throw TokenRefusal(code: .invalidGrant, description: "the session has ended") }
        let expiresAt = now + lifetimes.accessToken
        let outcome = try await codes.redeem(
            CodeRedemption(
                code: code.id, client: client.id, session: code.session, rememberedUntil: max(expiresAt, code.expiresAt)
            ),
            now: now)
        switch outcome {
        case .redeemed: break
        case .replayed:
            throw TokenRefusal(code: .invalidGrant, description: "the code was used; what it gave is revoked")
        case .sessionEnded: throw TokenRefusal(code: .invalidGrant, description: "the session has ended")
        }
        let accessToken = try AccessToken(
            code: code.id, client: client.id, session: code.session, account: code.account, scope: code.scope,
            claims: code.claims, expiresAt: expiresAt
        ).sealed(keys, random: random)
        let idToken = try self.idToken(code, client, live.account, accessToken: accessToken, keys, now: now)
        return json(
            .ok,
            [
                "access_token": .string(accessToken), "token_type": "Bearer",
                "expires_in": .integer(lifetimes.accessToken.wholeSeconds), "id_token": .string(idToken),
                "scope": .string(code.scope.description),
            ])
    }

    /// The ID token (OpenID Connect Core §2).
    private func idToken(
        _ code: AuthorizationCode, _ client: Client, _ account: Account, accessToken: String,
        _ keys: KeyringSnapshot, now: Instant
    ) throws -> String {
        var claims: [String: JSONValue] = [:]
        // Asked for singly (§5.5), cut to what the client may have; registered names are set after and cannot be overridden.
        let releasable = client.releasableAtMost
        for name in code.idTokenClaims {
            if let attribute = releasable[name], let value = Attribute.value(attribute, of: account) {
                claims[name] = value
            }
        }
        claims["iss"] = .string(issuer)
        claims["sub"] = .string(subject(of: account.id, at: client, keys))
        claims["aud"] = .string(client.id)
        claims["iat"] = .integer(now.secondsSinceEpoch)
        claims["exp"] = .integer((now + lifetimes.idToken).secondsSinceEpoch)
        claims["auth_time"] = .integer(code.authenticatedAt.secondsSinceEpoch)
        claims["acr"] = .string(code.acr)
        claims["amr"] = .array(code.amr.map(JSONValue.string))
        claims["sid"] = .string(sessionName(code.session, at: client, keys))
        claims["at_hash"] = .string(Self.leftHalf(of: accessToken, client.idTokenAlgorithm))
        if let nonce = code.nonce { claims["nonce"] = .string(nonce) }
        return try keys.signToken(.object(claims), client.idTokenAlgorithm)
    }

    /// The left half of the hash of a token (§3.1.3.6), by the hash of the algorithm: Ed25519 hashes with SHA-512, the
    /// others with SHA-256.
    private static func leftHalf(of token: String, _ algorithm: SignatureAlgorithm) -> String {
        switch algorithm {
        case .rs256, .ps256, .es256: Base64URL.encode(SHA256.hash(token).prefix(16))
        case .edDSA: Base64URL.encode(SHA512.hash(Array(token.utf8)).prefix(32))
        }
    }

    private func tokenError(_ refusal: TokenRefusal) -> Response {
        let status: HTTPResponse.Status = refusal.code == .invalidClient ? .unauthorized : .badRequest
        var response = json(
            status,
            ["error": .string(refusal.code.rawValue), "error_description": .string(refusal.description)])
        if refusal.challenges { response.headers[.wwwAuthenticate] = "Basic realm=\"Loge\"" }
        return response
    }

    /// A JSON answer that nobody keeps (OA-14).
    func json(_ status: HTTPResponse.Status, _ body: JSONValue) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "no-store"
        if let pragma = HTTPField.Name("Pragma") { headers[pragma] = "no-cache" }
        headers[.xContentTypeOptions] = "nosniff"
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body.encoded)))
    }
}
