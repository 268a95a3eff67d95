public import Clocks
public import HTTPTypes
public import Hummingbird
public import SignOn
import Stores
public import Web

/// What issuers and providers share on the wire: the browser's cookies, the carried sign-on, and the way from one to the
/// next. It knows no protocol and no door.
public struct SignOnExchange: Sendable {
    /// The portal's questions.
    public static let portal = Route("/connexion")
    /// The field that carries the sign-on, in addresses and forms.
    public static let stateField = "s"

    /// The portal on the web.
    public let site: RoleSite
    /// The live sessions.
    public let directory: SessionDirectory
    /// Begins and ends sessions.
    public let desk: SessionDesk
    /// Seals of this node.
    public let seals: Seals
    private let pendings: PendingSignOns
    private let clock: any WallClock
    private let sessionCookie: RoleCookie
    private let browserCookie: RoleCookie

    /// The exchange at `site`.
    public init(
        site: RoleSite, directory: SessionDirectory, desk: SessionDesk, seals: Seals, pendings: PendingSignOns,
        clock: any WallClock
    ) {
        self.site = site
        self.directory = directory
        self.desk = desk
        self.seals = seals
        self.pendings = pendings
        self.clock = clock
        sessionCookie = RoleCookie("session", at: site)
        browserCookie = RoleCookie("navigateur", at: site)
    }

    /// The time.
    public func now() -> Instant { clock.now() }

    /// The session of the browser; `nil` without one.
    ///
    /// - Throws: `StoreError`.
    public func session(of request: Request) async throws -> LiveSession? {
        try await directory.session(token: sessionCookie.value(in: request.headers))
    }

    /// Whether the browser sent the token of a session, live or not.
    public func carriesSession(_ request: Request) -> Bool { sessionCookie.value(in: request.headers) != nil }

    /// Gives the browser a session's token.
    public func setSession(_ token: String, in headers: inout HTTPFields) {
        sessionCookie.set(token, in: &headers)
    }

    /// Renews the token of a session in use, when it is time.
    ///
    /// - Throws: `CryptographyError` from OpenSSL.
    public func renew(_ live: LiveSession, in headers: inout HTTPFields) throws {
        if let token = try desk.renewedToken(for: live) { setSession(token, in: &headers) }
    }

    /// Makes the browser forget its session, and what it cached of our pages: the computer may be shared.
    public func forgetSession(in headers: inout HTTPFields) {
        sessionCookie.erase(in: &headers)
        if let name = HTTPField.Name("Clear-Site-Data") { headers[name] = "\"cache\"" }
    }

    /// The longest sign-on that goes into an address, with room for what our pages add to it: proxies commonly read request
    /// lines of 8 kB.
    private static let longestState = 7000

    /// Sends the browser to the portal with the sign-on in its hands. No store is asked or written.
    ///
    /// - Throws: ``TooLongToCarry``, else our own mistakes only.
    public func sendToPortal(_ requested: Requested, from request: Request) throws -> Response {
        var headers = HTTPFields()
        let state = try carry(requested, from: request, in: &headers)
        guard state.utf8.count <= Self.longestState else { throw TooLongToCarry() }
        return .redirectWithin(Self.portal.with([(Self.stateField, state)]), headers: headers)
    }

    /// The sign-on as text, bound to this browser, which gets its cookie here when it has none.
    ///
    /// - Throws: our own mistakes only.
    public func carry(
        _ requested: Requested, from request: Request, in headers: inout HTTPFields
    ) throws -> String {
        let cookie: String
        if let present = browserCookie.value(in: request.headers), present.utf8.count <= 64 {
            cookie = present
        } else {
            cookie = pendings.freshBrowserCookie()
            browserCookie.set(cookie, maximumAge: PendingSignOns.lifetime, in: &headers)
        }
        return try pendings.carry(requested, browserCookie: cookie)
    }

    /// The sign-on that a field carries.
    ///
    /// - Throws: ``Web/Problem`` with a way on: begin again at the portal, in one touch.
    public func takeUp(_ state: String?, from request: Request) throws(Problem) -> PendingSignOn {
        guard let state else {
            throw Problem(.badRequest, .expired, action: .restart, detail: "no carried sign-on")
        }
        do {
            return try pendings.takeUp(state, browserCookie: browserCookie.value(in: request.headers))
        } catch {
            switch error {
            case .unreadable:
                throw Problem(
                    .badRequest, .expired, action: .restart,
                    detail: "carried sign-on unreadable or too old")
            case .noCookie:
                throw Problem(
                    .badRequest, .cookies, action: .retry,
                    actionURL: Self.portal.with([(Self.stateField, state)]), detail: "browser sent no cookie back")
            case .otherBrowser:
                throw Problem(
                    .forbidden, .otherBrowser, action: .restart,
                    detail: "carried sign-on of another browser (OA-21)")
            }
        }
    }

    /// Sends the browser back to the issuer, which looks at the session and answers or asks again.
    ///
    /// - Throws: our own mistakes only.
    public func resume(_ requested: Requested, from request: Request, headers: HTTPFields) throws -> Response {
        var headers = headers
        let state = try carry(requested, from: request, in: &headers)
        return .redirectWithin(
            Route(requested.request.resumePath).with([(Self.stateField, state)]), headers: headers)
    }
}

/// The application's request is so long that no address would hold it.
public struct TooLongToCarry: Error {}
