import HTTPTypes
import JOSE
import HummingbirdTesting
import LogeTesting

/// The endpoints, through the router of a whole portal. What must hold whatever is sent: no answer is an error of ours, and
/// none leads a browser to an address that nobody registered.
enum EndpointTargets {
    static let all = [
        FuzzTarget(name: "authorize", subject: "the authorization endpoint") { authorize() },
        FuzzTarget(name: "token", subject: "the token endpoint") { TokenRequests().run },
        FuzzTarget(name: "requests", subject: "any request to the portal") { Requests().run },
    ]

    /// How often the rows are counted before and after a refused request: it costs more than the request.
    static let sampling = 32

    /// The first line: `GET` or `POST`, and `visitor` or `signed-in`. The rest: the query or the body.
    private static func authorize() -> FuzzTarget.Run {
        let portal = LivePortal.shared
        let cookies = portal.wait { try await Visitor.signedIn(at: $0) }
        let executions = Counter()
        return { input in
            let (head, rest) = FuzzText.cut(input)
            let parameters = String(decoding: rest.utf8.filter { $0 > 0x20 && $0 != 0x7F }, as: UTF8.self)
            var request = RawRequest(address: "/oidc/authorize?" + parameters)
            if head.hasPrefix("POST") {
                request = RawRequest(method: .post, address: "/oidc/authorize", body: parameters)
                request.headers[.contentType] = "application/x-www-form-urlencoded"
            }
            if head.hasSuffix("signed-in") { request.headers[.cookie] = cookies }
            let sent = request
            let isCounted = executions.next() % sampling == 0
            portal.wait { portal in
                let before = isCounted ? try portal.rows() : [:]
                let response = try await sent.send(to: portal)
                AnswerRules.check(response, to: sent)
                guard isCounted, response.headers[.location]?.contains("code=") != true else { return }
                hold(try portal.rows() == before, "a request without success writes a row")
            }
        }
    }
}

/// The token endpoint. The first line: `basic ID SECRET`, or anything else for a request without a header; the rest is the
/// body. `{code}`, `{verifier}`, `{redirect}` and `{secret}` stand for what the client `ent` really has, `{refresh}` and
/// `{other-secret}` for what `conformance` has.
private struct TokenRequests: Sendable {
    private struct Live: Sendable {
        let code: String
        let verifier: String
        let refresh: String
    }

    private static let party = TestParty.ent
    private static let other = TestParty.conformance
    private let browser: TestBrowser
    private let live: Held<Live>
    private let executions = Counter()

    init() {
        let (browser, first) = LivePortal.shared.wait { portal in
            let browser = portal.browser()
            try await browser.signIn()
            let tokens = try await portal.tokens(for: Self.other.attempt(), in: browser)
            guard let refresh = tokens["refresh_token"]?.string else {
                throw MissingPart(description: "no refresh token")
            }
            return (browser, try await Self.fresh(portal, browser, refresh))
        }
        self.browser = browser
        live = Held(first)
    }

    private static func fresh(
        _ portal: TestPortal, _ browser: TestBrowser, _ refresh: String
    ) async throws -> Live {
        let attempt = party.attempt()
        let code = try await portal.code(for: attempt, in: browser)
        return Live(code: code, verifier: attempt.verifier ?? "", refresh: refresh)
    }

    var run: FuzzTarget.Run {
        { input in
            let live = live.value
            let (head, rest) = FuzzText.cut(input)
            let words = [
                "{secret}": Self.party.secret, "{code}": live.code, "{verifier}": live.verifier,
                "{redirect}": FuzzText.escaped(Self.party.redirectURI), "{refresh}": live.refresh,
                "{other-secret}": Self.other.secret,
            ]
            let parts = FuzzText.filled(head, words).split(separator: " ", maxSplits: 2).map(String.init)
            var request = RawRequest(method: .post, address: "/oidc/token", body: FuzzText.filled(rest, words))
            request.headers[.contentType] = "application/x-www-form-urlencoded"
            if parts.count == 3, parts[0] == "basic" {
                request.headers[.authorization] = TestPortal.basic(parts[1], parts[2])
            }
            execute(request, live)
        }
    }

    private func execute(_ request: RawRequest, _ live: Live) {
        let isCounted = executions.next() % EndpointTargets.sampling == 0
        let next = LivePortal.shared.wait { portal -> Live? in
            let before = isCounted ? try portal.rows() : [:]
            let response = try await request.send(to: portal)
            AnswerRules.check(response, to: request)
            guard response.status == .ok else {
                if isCounted { hold(try portal.rows() == before, "a refused token request writes a row") }
                return nil
            }
            let fields = FuzzText.fields(request.body ?? "")
            if fields["grant_type"] == ["refresh_token"] {
                let isRight = isBy(Self.other, request, fields) && fields["refresh_token"] == [live.refresh]
                hold(isRight, "tokens for a refresh token that is not the client's: \(request)")
                return nil
            }
            let isRight =
                isBy(Self.party, request, fields) && fields["grant_type"] == ["authorization_code"]
                && fields["code"] == [live.code] && fields["redirect_uri"] == [Self.party.redirectURI]
                && fields["code_verifier"] == [live.verifier]
            hold(isRight, "tokens for a request that is not the client's: \(request)")
            return try await Self.fresh(portal, browser, live.refresh)
        }
        if let next { self.live.value = next }
    }

    /// Told by other means than the endpoint's own: the client's name and secret are there, letter for letter, in the header.
    private func isBy(_ party: TestParty, _ request: RawRequest, _ fields: [String: [String]]) -> Bool {
        request.headers[.authorization] == TestPortal.basic(party.id, party.secret)
            && [nil, [party.id]].contains(fields["client_id"])
    }
}

/// Any request: the first line `METHOD /path visitor` or `… signed-in`, then headers, an empty line, the body. `{state}`
/// stands for a sign-on that waits in this browser, `{token}` for a live access token, `{basic}` for a client's
/// authentication.
private struct Requests: Sendable {
    private let visitor: Held<Visitor>
    private let executions = Counter()

    init() { visitor = Held(LivePortal.shared.wait { try await Visitor.make(at: $0) }) }

    var run: FuzzTarget.Run {
        { input in
            // Requests may end the session or use the person's tries up: now and then everything begins anew.
            if executions.next() % 512 == 511, let fresh = LivePortal.shared.wait({ try? await Visitor.make(at: $0) }) {
                visitor.value = fresh
            }
            let visitor = visitor.value
            let (top, body) = FuzzText.cut(input, at: "\n\n")
            let lines = top.split(separator: "\n").map { FuzzText.filled(String($0), visitor.words) }
            let words = (lines.first ?? "").split(separator: " ").map(String.init)
            guard words.count >= 2, let method = HTTPRequest.Method(words[0]) else { return }
            var request = RawRequest(method: method, address: words[1])
            guard request.isHTTP else { return }
            for line in lines.dropFirst().prefix(20) {
                let halves = line.split(separator: ":", maxSplits: 1).map(String.init)
                guard halves.count == 2, let name = HTTPField.Name(halves[0]) else { continue }
                request.headers.append(HTTPField(name: name, value: String(halves[1].drop { $0 == " " })))
            }
            if words.last == "signed-in" { request.headers.append(HTTPField(name: .cookie, value: visitor.cookies)) }
            if method != .get, method != .head { request.body = FuzzText.filled(body, visitor.words) }
            execute(request, visitor)
        }
    }

    private func execute(_ request: RawRequest, _ visitor: Visitor) {
        LivePortal.shared.wait { portal in
            let response = try await request.send(to: portal)
            AnswerRules.check(response, to: request)
            guard request.address.hasPrefix("/oidc/userinfo"), response.status == .ok else { return }
            let isCarried = "\(request.headers[.authorization] ?? "")\(request.body ?? "")".contains(
                visitor.accessToken)
            hold(isCarried || request.method == .options, "userinfo answers without the token")
        }
    }
}
