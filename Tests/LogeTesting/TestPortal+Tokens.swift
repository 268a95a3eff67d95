import Clocks
import Cryptography
import Foundation
public import HTTPTypes
import HummingbirdTesting
public import JOSE
import NIOCore
import Web

extension TestPortal {
    /// One request as a program sends it.
    public func send(
        _ method: HTTPRequest.Method, _ address: String, headers: [String: String] = [:], body: String? = nil
    ) async throws -> JSONAnswer {
        var fields = HTTPFields()
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return try await send(method, address, fields: fields, body: body)
    }

    /// The same, with headers that may stand twice.
    public func send(
        _ method: HTTPRequest.Method, _ address: String, fields: HTTPFields, body: String? = nil
    ) async throws -> JSONAnswer {
        var fields = fields
        if body != nil, fields[.contentType] == nil { fields[.contentType] = "application/x-www-form-urlencoded" }
        let response = try await client.executeRequest(
            uri: address, method: method, headers: fields, body: body.map { ByteBuffer(string: $0) })
        let json = try? JSONValue(parsing: Array(response.body.readableBytesView))
        return JSONAnswer(
            status: response.status.code, headers: response.headers, json: json ?? .null,
            text: String(buffer: response.body))
    }

    /// Asks the token endpoint, with the client's own way of authentication.
    public func token(_ fields: [(String, String)], as party: TestParty) async throws -> JSONAnswer {
        try await ask("/oidc/token", fields, as: party)
    }

    /// Asks an endpoint for clients, with the client's own way of authentication.
    public func ask(_ path: String, _ fields: [(String, String)], as party: TestParty) async throws -> JSONAnswer {
        var fields = fields
        var headers: [String: String] = [:]
        if party.posts {
            fields += [("client_id", party.id), ("client_secret", party.secret)]
        } else {
            headers["Authorization"] = Self.basic(party.id, party.secret)
        }
        return try await send(.post, path, headers: headers, body: FormFields.encode(fields))
    }

    /// Uses a refresh token.
    public func refresh(
        _ token: String, as party: TestParty, _ more: [(String, String)] = []
    ) async throws -> JSONAnswer {
        try await self.token([("grant_type", "refresh_token"), ("refresh_token", token)] + more, as: party)
    }

    /// The value of an Authorization header for HTTP Basic (RFC 6749 §2.3.1).
    public static func basic(_ id: String, _ secret: String) -> String {
        let pair = FormFields.escape(id) + ":" + FormFields.escape(secret)
        return "Basic " + Data(pair.utf8).base64EncodedString()
    }

    /// Redeems a code as the client of the attempt would.
    ///
    /// - Parameter changes: fields to add or replace; `nil` takes one away.
    public func redeem(
        _ code: String, of attempt: AuthorizationAttempt, as party: TestParty? = nil,
        _ changes: KeyValuePairs<String, String?> = [:]
    ) async throws -> JSONAnswer {
        var fields = [("grant_type", "authorization_code"), ("code", code)]
        if let address = attempt["redirect_uri"] { fields.append(("redirect_uri", address)) }
        if let verifier = attempt.verifier { fields.append(("code_verifier", verifier)) }
        for (name, value) in changes {
            fields.removeAll { $0.0 == name }
            if let value { fields.append((name, value)) }
        }
        return try await token(fields, as: party ?? attempt.party)
    }

    /// Asks userinfo.
    public func userInfo(
        _ accessToken: String, method: HTTPRequest.Method = .get, scheme: String = "Bearer"
    ) async throws -> JSONAnswer {
        try await send(method, "/oidc/userinfo", headers: ["Authorization": "\(scheme) \(accessToken)"])
    }

    /// The published key set.
    ///
    /// - Throws: ``MissingPart`` or `JOSEError`.
    public func keySet() async throws -> JWKSet {
        let answer = try await send(.get, "/oidc/jwks")
        guard answer.status == 200 else { throw MissingPart(description: "no key set") }
        return try JWKSet(parsing: answer.json.encoded)
    }

    /// The claims of an ID token, as its client proves them (OpenID Connect Core §3.1.3.7).
    ///
    /// - Throws: `JOSEError`, or ``MissingPart`` for a claim that is not as the client expects it.
    public func claims(of idToken: String, for attempt: AuthorizationAttempt) async throws -> VerifiedClaims {
        try await claims(of: idToken, for: attempt, nonce: attempt["nonce"])
    }

    /// The same, of an ID token with this nonce, or without one.
    public func claims(
        of idToken: String, for attempt: AuthorizationAttempt, nonce: String?
    ) async throws -> VerifiedClaims {
        let claims = try UnverifiedJWS(compact: idToken).verified(
            by: try await keySet(), algorithms: [attempt.party.algorithm], types: [nil, "jwt"])
        try claims.checkTimes(now: clock.now())
        guard claims["iss"]?.string == origin, try claims.audiences() == [attempt.party.id],
            claims["nonce"]?.string == nonce, try !claims.text("sub").isEmpty
        else { throw MissingPart(description: "iss, aud, nonce or sub is not as expected") }
        return claims
    }

    /// Goes all the way for `attempt` in `browser`: the answer that arrives at the client.
    ///
    /// - Parameter login: signs in when the portal asks.
    /// - Throws: ``MissingPart`` when no answer arrives.
    public func answer(
        to attempt: AuthorizationAttempt, in browser: TestBrowser, as login: String = "camille.martin"
    ) async throws -> AuthorizationAnswer {
        var page = try await browser.open(attempt.address, from: .crossSite)
        if !attempt.isAnswered(by: page) { page = try await browser.enter(page, as: login) }
        return try attempt.answer(page)
    }

    /// A code for `attempt`.
    ///
    /// - Throws: ``MissingPart`` when an error arrives instead.
    public func code(
        for attempt: AuthorizationAttempt, in browser: TestBrowser, as login: String = "camille.martin"
    ) async throws -> String {
        let answer = try await answer(to: attempt, in: browser, as: login)
        guard let code = answer.code else { throw MissingPart(description: "no code: \(answer.parameters)") }
        return code
    }

    /// Tokens for `attempt`.
    ///
    /// - Throws: ``MissingPart`` when they are refused.
    public func tokens(
        for attempt: AuthorizationAttempt, in browser: TestBrowser, as login: String = "camille.martin"
    ) async throws -> JSONAnswer {
        let answer = try await redeem(try await code(for: attempt, in: browser, as: login), of: attempt)
        guard answer.status == 200 else { throw MissingPart(description: "no tokens: \(answer.json.text)") }
        return answer
    }
}
