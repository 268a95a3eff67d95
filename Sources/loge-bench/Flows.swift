import Cryptography
import Foundation
import JOSE
import OAuth
import OpenIDConnectIssuer
import Synchronization
import Web

/// What a relying party and a browser send, made ready.
struct Flows: Sendable {
    /// The nodes. A sign-on is begun on one of them and redeemed on the next.
    private let ports: [Int]
    let cookies: [String]
    private let logins: [String]
    /// What the client `asserting` signs with.
    let assertionKey: TokenSigningKey
    /// The issuer, for assertions.
    let issuer: String

    var port: Int { ports[0] }

    init(installation: Installation, ports: [Int]? = nil) {
        self.ports = ports ?? [installation.port]
        cookies = installation.sessionCookies
        logins = installation.logins
        assertionKey = installation.assertionKey
        issuer = "http://localhost:\(installation.port)"
    }

    static let verifier = "bench-verifier-0123456789-abcdefghijklmnopqrstuvwxyz"
    static let redirectURI = "http://localhost:1/back"

    static func authorizePath(_ client: String) -> String {
        let challenge = Base64URL.encode(SHA256.hash(verifier))
        return OpenIDRoutes.authorize.with([
            ("response_type", "code"), ("client_id", client), ("redirect_uri", redirectURI),
            ("scope", "openid profile email school"), ("state", "0123456789abcdef0123456789abcdef"),
            ("nonce", "0123456789abcdef0123456789abcdef"), ("code_challenge", challenge),
            ("code_challenge_method", "S256"),
        ])
    }

    static func code(_ answer: HTTPConnection.Answer) throws -> String {
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
        let connections = try ports.map { try HTTPConnection(port: $0) }
        let path = Self.authorizePath(client)
        let basic = Self.basic(client)
        var next = index * 617
        return {
            next += 1
            let (one, other) = (connections[next % connections.count], connections[(next + 1) % connections.count])
            let code = try Self.code(one.get(path, cookie: cookies[next % cookies.count]))
            let accessToken = try Self.redeem(code, on: other, basic)
            try Self.readUserInfo(accessToken, on: one)
        }
    }

    static func basic(_ client: String) -> String {
        "Basic " + Data("\(client):\(Installation.secret)".utf8).base64EncodedString()
    }

    private static func redeem(_ code: String, on connection: HTTPConnection, _ basic: String) throws -> String {
        let redirect = FormFields.escape(redirectURI)
        let token = try connection.post(
            OpenIDRoutes.token.path,
            form: "grant_type=authorization_code&code=\(code)&redirect_uri=\(redirect)&code_verifier=\(verifier)",
            authorization: basic)
        let body = String(decoding: token.body, as: UTF8.self)
        guard token.status == 200, let start = body.firstRange(of: "\"access_token\":\"") else {
            throw BenchError("no token: \(token.status) \(body)")
        }
        return String(body[start.upperBound...].prefix { $0 != "\"" })
    }

    private static func readUserInfo(_ accessToken: String, on connection: HTTPConnection) throws {
        let info = try connection.get(OpenIDRoutes.userInfo.path, authorization: "Bearer \(accessToken)")
        guard info.status == 200, info.body.count > 20 else { throw BenchError("no userinfo: \(info.status)") }
    }

    /// The steps of a sign-on, each to be repeated by itself while statements are counted. Few people take turns, so that
    /// every node has seen them.
    struct Steps {
        let beforeIdentification: () throws -> Void
        let signOn: () throws -> Void
        let redemption: () throws -> Void
        let userInfo: () throws -> Void
        let password: () throws -> Void
        let wholeFlow: () throws -> Void
    }

    func steps(_ ports: [Int]) throws -> Steps {
        let connections = try ports.map { try HTTPConnection(port: $0) }
        let path = Self.authorizePath("es256")
        let basic = Self.basic("es256")
        var turn = 0
        func connection(_ offset: Int = 0) -> HTTPConnection { connections[(turn + offset) % connections.count] }
        func code() throws -> String {
            turn += 1
            return try Self.code(connection().get(path, cookie: cookies[turn / 2 % 50]))
        }
        var codes: [String] = []
        var tokens: [String] = []
        let signIn = try passwordWorker()(0)
        return Steps(
            beforeIdentification: {
                turn += 1
                let away = try connection().get(path)
                guard away.status == 303, let portal = away.header("location"),
                    let browser = away.header("set-cookie")?.prefix(while: { $0 != ";" })
                else { throw BenchError("nobody was sent to the portal: \(away.status)") }
                var page = try connection(1).get(Self.path(of: portal), cookie: String(browser))
                if page.status == 303, let door = page.header("location") {
                    page = try connection().get(Self.path(of: door), cookie: String(browser))
                }
                guard page.status == 200 else { throw BenchError("no page: \(page.status)") }
            },
            signOn: { codes.append(try code()) },
            redemption: {
                turn += 1
                if codes.isEmpty { throw BenchError("no code is left") }
                tokens.append(try Self.redeem(codes.removeLast(), on: connection(), basic))
            },
            userInfo: {
                turn += 1
                guard let token = tokens.popLast() else { throw BenchError("no token is left") }
                try Self.readUserInfo(token, on: connection())
            },
            password: { try signIn() },
            wholeFlow: {
                let token = try Self.redeem(try code(), on: connection(1), basic)
                try Self.readUserInfo(token, on: connection())
            })
    }

    private static func path(of address: String) -> String {
        guard let scheme = address.firstRange(of: "://"),
            let slash = address[scheme.upperBound...].firstIndex(of: "/")
        else { return address }
        return String(address[slash...])
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
