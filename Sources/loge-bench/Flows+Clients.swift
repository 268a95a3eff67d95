import Clocks
import Cryptography
import Foundation
import JOSE
import OAuth
import OpenIDConnectIssuer
import Web

/// What a relying party asks without its person: refreshing and introspecting tokens.
extension Flows {
    /// refresh token → tokens, each worker its own family, one use after the other.
    func refreshWorker(_ index: Int) throws -> () throws -> Void {
        let connection = try HTTPConnection(port: port)
        let basic = Self.basic("es256")
        var token = try member("refresh_token", of: signedOn(index, "es256", connection, [], basic))
        return {
            let answer = try connection.post(
                OpenIDRoutes.token.path, form: "grant_type=refresh_token&refresh_token=\(token)", authorization: basic)
            token = try member("refresh_token", of: answer)
        }
    }

    /// The same by a client that signs an assertion for each request.
    func assertingRefreshWorker(_ index: Int) throws -> () throws -> Void {
        let connection = try HTTPConnection(port: port)
        let first = try signedOn(index, "asserting", connection, assertion(), nil)
        var token = try member("refresh_token", of: first)
        return {
            let fields = [("grant_type", "refresh_token"), ("refresh_token", token)]
            let answer = try connection.post(
                OpenIDRoutes.token.path, form: FormFields.encode(fields + (try assertion())), authorization: nil)
            token = try member("refresh_token", of: answer)
        }
    }

    /// One access token, asked about again and again.
    func introspectionWorker(_ index: Int) throws -> () throws -> Void {
        let connection = try HTTPConnection(port: port)
        let basic = Self.basic("es256")
        let token = try member("access_token", of: signedOn(index, "es256", connection, [], basic))
        return {
            let answer = try connection.post(
                OpenIDRoutes.introspect.path, form: "token=\(token)", authorization: basic)
            guard answer.status == 200, answer.body.count > 100 else {
                throw BenchError("not active: \(answer.status)")
            }
        }
    }

    private func signedOn(
        _ index: Int, _ client: String, _ connection: HTTPConnection, _ proof: [(String, String)], _ basic: String?
    ) throws -> HTTPConnection.Answer {
        let code = try Self.code(connection.get(Self.authorizePath(client), cookie: cookies[index % cookies.count]))
        let fields = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Self.redirectURI),
            ("code_verifier", Self.verifier),
        ]
        return try connection.post(
            OpenIDRoutes.token.path, form: FormFields.encode(fields + proof), authorization: basic)
    }

    private func assertion() throws -> [(String, String)] {
        let now = SystemClock().now().secondsSinceEpoch
        let claims: JSONValue = [
            "iss": "asserting", "sub": "asserting", "aud": .string(issuer), "iat": .integer(now),
            "exp": .integer(now + 60), "jti": .string(SystemRandom().token(bits: 128)),
        ]
        return [
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", try assertionKey.sign(claims)),
        ]
    }

    private func member(_ name: String, of answer: HTTPConnection.Answer) throws -> String {
        let body = String(decoding: answer.body, as: UTF8.self)
        guard answer.status == 200, let start = body.firstRange(of: "\"\(name)\":\"") else {
            throw BenchError("no \(name): \(answer.status) \(body)")
        }
        return String(body[start.upperBound...].prefix { $0 != "\"" })
    }
}
