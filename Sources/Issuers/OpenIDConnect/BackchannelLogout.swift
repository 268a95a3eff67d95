public import Clocks
public import Cryptography
import JOSE
public import Keyring
public import Outbound
public import SingleLogout
public import Stores
import Web

/// Tells clients that a session has ended, by a logout token (OpenID Connect Back-Channel Logout 1.0 §2.5).
public struct BackchannelLogout: LogoutNotifier {
    /// What a logout token says has happened (§2.4).
    static let event = "http://schemas.openid.net/event/backchannel-logout"
    /// The type of a logout token, so that it is taken for nothing else (§2.4, RFC 8725 §3.11).
    static let tokenType = "logout+jwt"
    /// §4 recommends two minutes at most.
    static let tokenLifetime = Duration.minutes(2)
    /// Short: a client that is slow now is told again later.
    public static let limits = OutboundPolicy.Limits(
        connect: .seconds(3), whole: .seconds(5), answerBytes: 65536)

    private let names: ClientNames
    private let clients: ClientRegistry
    private let keyring: Keyring
    private let http: any OutboundHTTP
    private let clock: any WallClock
    private let random: any RandomSource

    /// A notifier for the clients registered at the issuer `issuer`.
    ///
    /// - Parameter http: calls the clients, under ``policy(for:)``.
    public init(
        issuer: String, clients: ClientRegistry, keyring: Keyring, http: any OutboundHTTP, clock: any WallClock,
        random: any RandomSource
    ) {
        names = ClientNames(issuer: issuer)
        self.clients = clients
        self.keyring = keyring
        self.http = http
        self.clock = clock
        self.random = random
    }

    /// Whom the portal may call: the origins of the registered `backchannel_logout_uri`, as they are now (OA-23).
    public static func policy(for clients: ClientRegistry) -> OutboundPolicy {
        OutboundPolicy(limits: limits) { Set(clients.all.compactMap { $0.logout.backchannel?.origin }) }
    }

    /// Tells the client, if it wants to be told.
    public func tell(_ notice: LogoutNotice) async -> LogoutAnswer {
        guard let client = clients.client(notice.client) else {
            // A file that cannot be read may be its own: what is not known is not yet gone.
            return clients.problems.isEmpty
                ? .failed(LogoutFailure(.never, "the client is not registered any more"))
                : .failed(LogoutFailure(.notNow, "the client's file cannot be read"))
        }
        guard let address = client.logout.backchannel else { return .noChannel }
        let token: String
        do {
            token = try self.token(for: notice, at: client)
        } catch {
            return .failed(LogoutFailure(.notNow, "no logout token can be signed: \(error)"))
        }
        let form = Array(FormFields.encode([("logout_token", token)]).utf8)
        do throws(OutboundError) {
            let answer = try await http.send(OutboundRequest(.post(form: form), address, accept: "application/json"))
            return Self.answer(answer.status)
        } catch {
            return .failed(LogoutFailure(.notNow, error.description))
        }
    }

    /// §2.8: 200 is the answer of the standard, 204 what some frameworks make of an empty one.
    private static func answer(_ status: Int) -> LogoutAnswer {
        switch status {
        case 200, 204: .closed
        case 408, 425, 429, 500...599: .failed(LogoutFailure(.notNow, "answered \(status)"))
        default: .failed(LogoutFailure(.refused, "answered \(status)"))
        }
    }

    /// The logout token (§2.4): made anew for each try, so that it is never stale; never with a nonce, so that it is never
    /// taken for an ID token; encrypted for whoever receives encrypted ID tokens, as §2.4 recommends.
    private func token(for notice: LogoutNotice, at client: Client) throws -> String {
        let keys = keyring.snapshot
        let now = clock.now()
        let token = try keys.signToken(
            [
                "iss": .string(names.issuer), "aud": .string(client.id),
                "iat": .integer(now.secondsSinceEpoch),
                "exp": .integer((now + Self.tokenLifetime).secondsSinceEpoch),
                "jti": .string(random.token(bits: 128)), "events": [Self.event: [:]],
                "sub": .string(names.subject(of: notice.account, at: client, keys)),
                "sid": .string(names.sessionName(notice.session, at: client, keys)),
            ], client.idTokenAlgorithm, type: Self.tokenType)
        return try client.idTokenEncryption?.encrypt(nested: token, random: random) ?? token
    }
}
