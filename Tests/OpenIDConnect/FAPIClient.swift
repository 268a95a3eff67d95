import Clocks
import Cryptography
import HTTPTypes
import JOSE
import LogeTesting
import Testing
import Web

/// A client as the FAPI 2.0 Security Profile wants it: private_key_jwt under ES256, pushed requests, PKCE, DPoP.
struct FAPIClient: Sendable {
    /// What comes in the `DPoP` header.
    enum Proof: Sendable {
        /// Nothing.
        case absent
        /// A proof by the client's key.
        case own
        /// This.
        case text(String)
    }

    let asserting: AssertingClient
    let prover: DPoPProver

    var party: TestParty { asserting.party }

    init(id: String = "fapi") throws {
        asserting = try AssertingClient(.es256, id: id, refreshes: true)
        prover = try DPoPProver()
    }

    /// Its file.
    func yaml() throws -> String {
        try asserting.yaml() + """
            client_uri: https://\(party.id).exemple.org/
            require_pushed_authorization_requests: true
            dpop_bound_access_tokens: true
            grant_types: [authorization_code, refresh_token]
            scope: openid profile email

            """
    }

    /// An authorization request.
    func attempt(_ changes: KeyValuePairs<String, String?> = [:]) -> AuthorizationAttempt { party.attempt(changes) }

    /// A DPoP proof for one request.
    func proof(
        _ method: String = "POST", _ path: String, in portal: TestPortal, accessToken: String? = nil,
        header: [String: JSONValue?] = [:], claims: [String: JSONValue?] = [:]
    ) throws -> String {
        try prover.proof(
            method, path, at: portal.clock.now(), accessToken: accessToken, header: header, claims: claims)
    }
}

/// Lends a portal that knows two such clients.
func withFAPIPortal(
    log: TestLog? = nil,
    _ body: @Sendable (_ portal: TestPortal, _ client: FAPIClient, _ other: FAPIClient) async throws -> Void
) async throws {
    let (client, other) = (try FAPIClient(), try FAPIClient(id: "fapi-2"))
    var options = TestPortalOptions()
    options.parties = [client.party.id: try client.yaml(), other.party.id: try other.yaml()]
    options.log = log
    try await withPortal(options) { try await body($0, client, other) }
}

extension TestPortal {
    /// One request of the client to an endpoint for clients, with an assertion of its own unless another one is given.
    func ask(
        _ path: String, _ fields: [(String, String)], as client: FAPIClient, assertion: String? = nil,
        proof: FAPIClient.Proof
    ) async throws -> JSONAnswer {
        var headers: [String: String] = [:]
        switch proof {
        case .absent: break
        case .own: headers["DPoP"] = try client.proof("POST", path, in: self)
        case .text(let text): headers["DPoP"] = text
        }
        let proved = AssertingClient.fields(try assertion ?? client.asserting.assertion(at: clock.now()))
        return try await send(.post, path, headers: headers, body: FormFields.encode(fields + proved))
    }

    /// Pushes the request (RFC 9126 §2.1).
    func push(
        _ attempt: AuthorizationAttempt, as client: FAPIClient, assertion: String? = nil,
        proof: FAPIClient.Proof = .absent
    ) async throws -> JSONAnswer {
        try await ask("/oidc/par", attempt.parameters, as: client, assertion: assertion, proof: proof)
    }

    /// The address that a browser is sent to with a pushed request.
    static func address(_ requestURI: String, of client: String, _ more: [(String, String)] = []) -> String {
        "/oidc/authorize?" + FormFields.encode([("client_id", client), ("request_uri", requestURI)] + more)
    }

    /// The same, once the request is pushed.
    ///
    /// - Throws: `MissingPart` when it is refused.
    func address(
        pushing attempt: AuthorizationAttempt, as client: FAPIClient, proof: FAPIClient.Proof = .absent,
        _ more: [(String, String)] = []
    ) async throws -> String {
        let answer = try await push(attempt, as: client, proof: proof)
        guard answer.status == 201, let uri = answer["request_uri"]?.string else {
            throw MissingPart(description: "not pushed: \(answer.json.text)")
        }
        return Self.address(uri, of: client.party.id, more)
    }

    /// What arrives at the client when the browser opens `address`.
    ///
    /// - Throws: `MissingPart` when nothing does.
    func answer(
        at address: String, to attempt: AuthorizationAttempt, in browser: TestBrowser
    ) async throws -> AuthorizationAnswer {
        var page = try await browser.open(address, from: .crossSite)
        if !attempt.isAnswered(by: page) { page = try await browser.enter(page) }
        return try attempt.answer(page)
    }

    /// A code for a pushed request.
    ///
    /// - Throws: `MissingPart` when an error arrives instead.
    func code(
        pushing attempt: AuthorizationAttempt, as client: FAPIClient, proof: FAPIClient.Proof = .absent,
        in browser: TestBrowser? = nil
    ) async throws -> String {
        let address = try await address(pushing: attempt, as: client, proof: proof)
        let answer = try await answer(at: address, to: attempt, in: browser ?? self.browser())
        guard let code = answer.code else { throw MissingPart(description: "no code: \(answer.parameters)") }
        return code
    }

    /// Redeems a code as the client would.
    ///
    /// - Parameter changes: fields to add or replace; `nil` takes one away.
    func redeem(
        _ code: String, of attempt: AuthorizationAttempt, as client: FAPIClient, assertion: String? = nil,
        proof: FAPIClient.Proof = .own, _ changes: KeyValuePairs<String, String?> = [:]
    ) async throws -> JSONAnswer {
        var fields = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", attempt.party.redirectURI),
            ("code_verifier", attempt.verifier ?? ""),
        ]
        for (name, value) in changes {
            fields.removeAll { $0.0 == name }
            if let value { fields.append((name, value)) }
        }
        return try await ask("/oidc/token", fields, as: client, assertion: assertion, proof: proof)
    }

    /// Uses a refresh token.
    func refresh(
        _ token: String, as client: FAPIClient, proof: FAPIClient.Proof = .own, _ more: [(String, String)] = []
    ) async throws -> JSONAnswer {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)] + more
        return try await ask("/oidc/token", fields, as: client, proof: proof)
    }

    /// Asks userinfo with a bound token.
    func userInfo(
        _ accessToken: String, as client: FAPIClient, scheme: String = "DPoP", proof: FAPIClient.Proof = .own
    ) async throws -> JSONAnswer {
        var headers = ["Authorization": scheme + " " + accessToken]
        switch proof {
        case .absent: break
        case .own: headers["DPoP"] = try client.proof("GET", "/oidc/userinfo", in: self, accessToken: accessToken)
        case .text(let text): headers["DPoP"] = text
        }
        return try await send(.get, "/oidc/userinfo", headers: headers)
    }

    /// Tokens for a pushed request.
    ///
    /// - Throws: `MissingPart` when they are refused.
    func tokens(
        pushing attempt: AuthorizationAttempt, as client: FAPIClient, in browser: TestBrowser? = nil
    ) async throws -> JSONAnswer {
        let code = try await code(pushing: attempt, as: client, in: browser)
        let answer = try await redeem(code, of: attempt, as: client)
        guard answer.status == 200 else { throw MissingPart(description: "no tokens: \(answer.json.text)") }
        return answer
    }

    /// Runs what must be refused: it writes no row, but one for each assertion that proved the client before.
    func refusing(
        assertions: Int, location: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
    ) async throws {
        var before = try rows()
        try await body()
        before["single_uses", default: 0] += assertions
        #expect(try rows() == before, sourceLocation: location)
    }
}
