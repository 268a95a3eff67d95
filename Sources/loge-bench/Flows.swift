import Cryptography
import Foundation
import OAuth
import OpenIDConnectIssuer
import Synchronization
import Web

/// What a relying party and a browser send, made ready.
struct Flows: Sendable {
    private let port: Int
    private let cookies: [String]
    private let logins: [String]

    init(installation: Installation) {
        port = installation.port
        cookies = installation.sessionCookies
        logins = installation.logins
    }

    private static let verifier = "bench-verifier-0123456789-abcdefghijklmnopqrstuvwxyz"
    private static let redirectURI = "http://localhost:1/back"

    private static func authorizePath(_ client: String) -> String {
        let challenge = Base64URL.encode(SHA256.hash(verifier))
        return OpenIDRoutes.authorize.with([
            ("response_type", "code"), ("client_id", client), ("redirect_uri", redirectURI),
            ("scope", "openid profile email school"), ("state", "0123456789abcdef0123456789abcdef"),
            ("nonce", "0123456789abcdef0123456789abcdef"), ("code_challenge", challenge),
            ("code_challenge_method", "S256"),
        ])
    }

    private static func code(_ answer: HTTPConnection.Answer) throws -> String {
        guard answer.status == 303, let location = answer.header("location"),
            let start = location.firstRange(of: "code="), location.hasPrefix(redirectURI)
        else { throw BenchError("no code: \(answer.status) \(answer.header("location") ?? "")") }
        return String(location[start.upperBound...].prefix { $0 != "&" })
    }

    /// authorize → code, each time another person.
    func signOnWorker(_ index: Int) throws -> () throws -> Void {
        let connection = try HTTPConnection(port: port)
        let path = Self.authorizePath("es256")
        var next = index * 617
        return {
            next += 1
            _ = try Self.code(connection.get(path, cookie: cookies[next % cookies.count]))
        }
    }

    /// authorize → code → token → userinfo.
    func wholeFlowWorker(_ index: Int, client: String) throws -> () throws -> Void {
        let connection = try HTTPConnection(port: port)
        let path = Self.authorizePath(client)
        let basic = "Basic " + Data("\(client):\(Installation.secret)".utf8).base64EncodedString()
        let redirect = FormFields.escape(Self.redirectURI)
        var next = index * 617
        return {
            next += 1
            let code = try Self.code(connection.get(path, cookie: cookies[next % cookies.count]))
            let token = try connection.post(
                OpenIDRoutes.token.path,
                form:
                    "grant_type=authorization_code&code=\(code)&redirect_uri=\(redirect)&code_verifier=\(Self.verifier)",
                authorization: basic)
            let body = String(decoding: token.body, as: UTF8.self)
            guard token.status == 200, let start = body.firstRange(of: "\"access_token\":\"") else {
                throw BenchError("no token: \(token.status) \(body)")
            }
            let accessToken = body[start.upperBound...].prefix { $0 != "\"" }
            let info = try connection.get(OpenIDRoutes.userInfo.path, authorization: "Bearer \(accessToken)")
            guard info.status == 200, info.body.count > 20 else { throw BenchError("no userinfo: \(info.status)") }
        }
    }

    /// One password sign-in, each time another person; the carried sign-on is used again, as any tab may.
    func passwordWorker() throws -> @Sendable (Int) throws -> (() throws -> Void) {
        let connection = try HTTPConnection(port: port)
        let answer = try connection.get(Self.authorizePath("es256"))
        guard let location = answer.header("location"), let start = location.firstRange(of: "?s="),
            let cookie = answer.header("set-cookie")?.prefix(while: { $0 != ";" })
        else { throw BenchError("no sign-on to carry: \(answer.status)") }
        let state = String(location[start.upperBound...])
        let browser = String(cookie)
        let next = Mutex(0)
        let port = port
        let logins = logins
        return { _ in
            let connection = try HTTPConnection(port: port)
            return {
                let index = next.withLock { next in
                    next += 1
                    return next
                }
                let login = logins[index % logins.count]
                let form = FormFields.encode([("identifiant", login), ("secret", Installation.password)])
                let answer = try connection.post(
                    "/compte/connexion", form: "s=\(state)&porte=ent&" + form, cookie: browser)
                guard answer.status == 303 else { throw BenchError("no sign-in: \(answer.status)") }
            }
        }
    }
}
