import Clocks
import Cryptography
import DemoENTRole
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JOSE
import Keyring
import Logging
import NIOCore
import OpenIDConnectProvider
import Outbound
import Synchronization
import Testing
import Web

/// A portal inside the test process that is honest, and as brief as can be.
final class HonestPortal: OutboundHTTP {
    static let issuer = "http://localhost:8400"

    struct State: Sendable {
        var subject = "alice"
        var claims: [String: JSONValue] = [
            "name": "Alice Martin", "ENTPersonProfils": ["National_ELV"], "ENTEleveNiveau": "college",
            "ENTEleveClasses": ["6e <B>"],
        ]
        var isDown = false
        var grants: [String: [String: String]] = [:]
    }

    private let clock: ManualClock
    private let key: TokenSigningKey
    private let state = Mutex(State())

    init(clock: ManualClock) throws {
        self.clock = clock
        key = TokenSigningKey(keyID: "k", algorithm: .es256, key: try .generate(.p256))
    }

    func change(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    /// Signs the person in at once; gives the path of the callback.
    func authorize(_ location: String) throws -> String {
        let address = try #require(URLComponents(string: location))
        #expect(location.hasPrefix(Self.issuer + "/authorize?"))
        let fields = Dictionary((address.queryItems ?? []).map { ($0.name, $0.value ?? "") }) { first, _ in first }
        #expect(fields["redirect_uri"] == "http://localhost:8403/oidc/callback")
        let code = UUID().uuidString
        state.withLock { $0.grants[code] = fields }
        return ENTRoutes.callback.with([("code", code), ("state", fields["state"] ?? ""), ("iss", Self.issuer)])
    }

    func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse {
        let now = clock.now().secondsSinceEpoch
        let (isDown, subject, claims) = state.withLock { ($0.isDown, $0.subject, $0.claims) }
        guard !isDown else { throw .unreachable(request.url.origin) }
        let path = request.url.text.dropFirst(Self.issuer.count)
        do {
            switch path {
            case "/.well-known/openid-configuration":
                return answer([
                    "issuer": .string(Self.issuer), "authorization_endpoint": .string(Self.issuer + "/authorize"),
                    "token_endpoint": .string(Self.issuer + "/token"), "jwks_uri": .string(Self.issuer + "/jwks"),
                    "userinfo_endpoint": .string(Self.issuer + "/userinfo"),
                    "end_session_endpoint": .string(Self.issuer + "/end-session"),
                    "authorization_response_iss_parameter_supported": true,
                ])
            case "/jwks":
                return answer(
                    try JWKSet([JWK(keyID: "k", algorithm: .es256, key: key.key.publicKey())]).json())
            case "/token":
                guard case .post(let form) = request.method,
                    let fields = URLComponents(string: "/?" + String(decoding: form, as: UTF8.self))?.queryItems,
                    let code = fields.first(where: { $0.name == "code" })?.value,
                    let grant = state.withLock({ $0.grants.removeValue(forKey: code) })
                else { return answer(["error": "invalid_grant"], status: 400) }
                let token = try key.sign([
                    "iss": .string(Self.issuer), "sub": .string(subject), "aud": "demo-ent", "iat": .integer(now),
                    "exp": .integer(now + 60), "nonce": .string(grant["nonce"] ?? ""),
                    "sid": .string("session of " + subject),
                ])
                return answer(["access_token": "a", "token_type": "Bearer", "id_token": .string(token)])
            default: return answer(.object(claims.merging(["sub": .string(subject)]) { $1 }))
            }
        } catch {
            return OutboundResponse(status: 500, contentTypes: [], body: [])
        }
    }

    /// A logout token about a person's session, or whatever `edit` makes of it.
    func logoutToken(_ subject: String, _ edit: (inout [String: JSONValue]) -> Void = { _ in }) throws -> String {
        let now = clock.now().secondsSinceEpoch
        var claims: [String: JSONValue] = [
            "iss": .string(Self.issuer), "aud": "demo-ent", "iat": .integer(now), "exp": .integer(now + 120),
            "jti": .string(UUID().uuidString), "sub": .string(subject), "sid": .string("session of " + subject),
            "events": ["http://schemas.openid.net/event/backchannel-logout": [:]],
        ]
        edit(&claims)
        return try key.sign(.object(claims), type: "logout+jwt")
    }

    private func answer(_ json: JSONValue, status: Int = 200) -> OutboundResponse {
        OutboundResponse(status: status, contentTypes: ["application/json"], body: json.encoded)
    }
}

/// One ENT, its portal, and the folder that it keeps its memory in.
final class Neighbourhood: Sendable {
    let clock: ManualClock
    let portal: HonestPortal
    let folder: String
    private let keyring: Keyring

    private static let keys = Task {
        let path = NSTemporaryDirectory() + "loge-ent-keys-\(UUID().uuidString)"
        return try await Keyring.open(
            KeysFolder(path: path), passphrase: SecretBytes(utf8: "test"), creating: true,
            clock: ManualClock(Instant(secondsSinceEpoch: 1_788_242_400)), random: SystemRandom())
    }

    init() async throws {
        clock = ManualClock(Instant(secondsSinceEpoch: 1_788_242_400))
        portal = try HonestPortal(clock: clock)
        keyring = try await Self.keys.value
        folder = NSTemporaryDirectory() + "loge-ent-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Starts an ENT over the folder, and lets `body` walk a browser to it.
    func open(charterVersion: Int = 1, _ body: @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        let site = try #require(RoleSite(role: "demo-ent", publicURL: "http://localhost:8403"))
        let configuration = ENTConfiguration(
            site: site, issuer: HonestPortal.issuer, clientID: "demo-ent", clientSecret: SecretBytes(utf8: "secret"),
            memoryFile: folder + "/memory.json", charterVersion: charterVersion,
            endpointSecurity: .insecurePlainLoopback)
        let pages = try await Pages(role: "demo-ent")
        let router = Router(context: RoleContext.self)
        router.add(
            middleware: OutermostMiddleware(
                pages: pages, site: site, random: SystemRandom(), metrics: MetricsRegistry()))
        try ENTRole(
            configuration, keyring: keyring, http: portal, pages: pages, clock: clock, random: SystemRandom(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ).mount(on: router)
        try await Application(router: router).test(.router) { client in try await body(client) }
    }
}

/// A browser without JavaScript: keeps cookies, follows nothing by itself.
struct Browser {
    let client: any TestClientProtocol
    var cookies: [String: String] = [:]

    init(_ client: any TestClientProtocol) { self.client = client }

    struct Page {
        let status: Int
        let location: String
        let html: String
        let headers: HTTPFields

        /// The first thing in the page between two texts.
        func between(_ start: String, _ end: String) throws -> String {
            let from = try #require(html.firstRange(of: start)?.upperBound)
            let to = try #require(html[from...].firstRange(of: end)?.lowerBound)
            return String(html[from..<to]).replacing("&amp;", with: "&").replacing("&#x3D;", with: "=")
        }
    }

    mutating func get(_ path: String, headers: HTTPFields = HTTPFields()) async throws -> Page {
        try await send(path, .get, headers, nil)
    }

    mutating func post(
        _ path: String, _ fields: [(String, String)], headers: HTTPFields = HTTPFields()
    ) async throws -> Page {
        var headers = headers
        headers[.contentType] = "application/x-www-form-urlencoded"
        return try await send(path, .post, headers, ByteBuffer(string: FormFields.encode(fields)))
    }

    private mutating func send(
        _ path: String, _ method: HTTPRequest.Method, _ extra: HTTPFields, _ body: ByteBuffer?
    ) async throws -> Page {
        var headers = extra
        if !cookies.isEmpty {
            headers[.cookie] = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
        }
        let response = try await client.execute(uri: path, method: method, headers: headers, body: body)
        for text in response.headers[values: .setCookie] {
            #expect(text.contains("; HttpOnly") && text.contains("; SameSite=Lax") && text.contains("; Path=/"))
            let pair = try #require(text.split(separator: ";").first)
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies[String(parts[0])] = text.contains("Max-Age=0") ? nil : String(parts[1])
            #expect(parts[1].utf8.count < 3900, "browsers keep no cookie of more than 4096 bytes")
        }
        return Page(
            status: Int(response.status.code), location: response.headers[.location] ?? "",
            html: String(buffer: response.body), headers: response.headers)
    }

    /// Signs in; gives the page that the ENT leads to then.
    mutating func signIn(_ portal: HonestPortal, from path: String = "/connexion") async throws -> Page {
        let start = try await get(path)
        #expect(start.status == 303)
        return try await get(portal.authorize(start.location))
    }

    /// Signs in and accepts the charter where it is shown.
    mutating func enter(_ portal: HonestPortal) async throws {
        let arrived = try await signIn(portal)
        let page = try await get(arrived.location)
        guard page.status == 303 else { return }
        let charter = try await get(page.location)
        let token = try charter.between("name=\"jeton\" value=\"", "\"")
        let done = try await post("/charte", [("jeton", token), ("charte", "oui"), ("retour", "/applis")])
        #expect(done.location == "/applis")
    }
}
