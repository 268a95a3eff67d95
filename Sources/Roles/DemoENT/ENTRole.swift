public import Clocks
public import Cryptography
import HTTPTypes
public import Hummingbird
public import Keyring
public import Logging
import OpenIDConnectProvider
public import Outbound
public import Web

/// A small ENT that signs people in through the portal, as any application does: by OpenID Connect, on the wire.
///
/// Owns its pages, its session and its little memory. Knows of people what the portal tells it, and nobody's password.
public struct ENTRole: Sendable {
    let configuration: ENTConfiguration
    let relyingParty: RelyingParty
    let memory: ENTMemory
    let signOns: SignOnCookie
    let sessions: SessionCookie
    /// Says that a sign-on was begun again without being asked, so that it is not done for ever.
    let restarted: RoleCookie
    let pages: Pages
    let clock: any WallClock
    let random: any RandomSource
    let logger: Logger

    /// The ENT.
    ///
    /// - Parameters:
    ///   - keyring: the ENT's own; seals its cookies.
    ///   - http: reaches the portal.
    /// - Throws: `ProviderError` for an unusable registration, ``MemoryError``.
    public init(
        _ configuration: ENTConfiguration, keyring: Keyring, http: any OutboundHTTP, pages: Pages,
        clock: any WallClock, random: any RandomSource, logger: Logger
    ) throws {
        self.configuration = configuration
        relyingParty = try RelyingParty(
            configuration: configuration.provider, http: http, spentStates: SpentStatesInMemory(clock: clock),
            clock: clock, random: random)
        memory = try ENTMemory(file: configuration.memoryFile, clock: clock)
        signOns = SignOnCookie(site: configuration.site, keyring: keyring, random: random)
        sessions = SessionCookie(site: configuration.site, keyring: keyring, random: random)
        restarted = RoleCookie("reprise", at: configuration.site)
        self.pages = pages
        self.clock = clock
        self.random = random
        self.logger = logger
    }

    /// Mounts the routes, the static files included.
    public func mount(on router: Router<RoleContext>) {
        pages.mount(on: router, site: configuration.site)
        router.get("\(ENTRoutes.welcome.path)") { request, _ in try await welcome(request) }
        router.get("\(ENTRoutes.signIn.path)") { request, _ in try await signIn(request) }
        router.get("\(ENTRoutes.callback.path)") { request, _ in try await callback(request) }
        router.post("\(ENTRoutes.backchannelLogout.path)") { request, _ in try await backchannelLogout(request) }
        router.get("\(ENTRoutes.charter.path)") { request, _ in try await showCharter(request) }
        router.post("\(ENTRoutes.charter.path)") { request, _ in try await acceptCharter(request) }
        router.get("\(ENTRoutes.apps.path)") { request, _ in try await entered(request, apps) }
        router.get("\(ENTRoutes.classroom.path)") { request, _ in try await entered(request, classroom) }
        router.get("\(ENTRoutes.news.path)") { request, _ in try await entered(request, news) }
        router.get("\(ENTRoutes.preferences.path)") { request, _ in try await entered(request, showPreferences) }
        router.post("\(ENTRoutes.preferences.path)") { request, _ in try await savePreferences(request) }
        router.get("\(ENTRoutes.signOut.path)") { request, _ in try await signOut(request) }
        router.get("\(ENTRoutes.signedOut.path)") { request, _ in try await signedOut(request) }
    }

    /// Who is signed in, if the session has not been ended.
    func visitor(of request: Request) async -> Visitor? {
        guard let visitor = sessions.visitor(in: request.headers, now: clock.now()),
            await !memory.hasEnded(visitor)
        else { return nil }
        return visitor
    }

    /// A page of the inside: for who is signed in and has accepted the charter. Others are sent where that is done, and
    /// come back here.
    func entered(
        _ request: Request, _ page: (Request, ENTVisit) async throws -> Response
    ) async throws -> Response {
        let back = [(ENTRoutes.returnField, request.uri.string)]
        guard let visitor = await visitor(of: request) else {
            return .redirectWithin(ENTRoutes.signIn.with(back))
        }
        let person = await memory.person(visitor.key)
        guard person.charter == configuration.charterVersion else {
            return .redirectWithin(ENTRoutes.charter.with(back))
        }
        return try await page(request, visit(visitor, person, request))
    }

    /// How pages are shown to this visitor.
    func visit(_ visitor: Visitor, _ person: ENTMemory.Person, _ request: Request) -> ENTVisit {
        let view = PageView(
            language: pages.language(of: request, site: configuration.site),
            theme: person.theme ?? visitor.usualTheme, path: request.uri.path)
        return ENTVisit(visitor: visitor, person: person, view: view, texts: pages.texts(view.language))
    }
}

/// One request of somebody who is inside.
struct ENTVisit: Sendable {
    let visitor: Visitor
    let person: ENTMemory.Person
    let view: PageView
    let texts: Texts

    /// What the head of every inner page shows: the name, and the way out.
    var signedIn: PageValue {
        [
            "name": .text(visitor.name),
            "logoutURL": .text(ENTRoutes.signOut.with([(ENTRoutes.tokenField, visitor.token)])),
        ]
    }

    /// The navigation, with this page marked.
    var nav: PageValue {
        let entries = [
            ("nav_apps", ENTRoutes.apps), ("nav_class", ENTRoutes.classroom), ("nav_news", ENTRoutes.news),
            ("nav_preferences", ENTRoutes.preferences),
        ]
        return .list(
            entries.map { key, route in
                [
                    "label": .text(texts.text("ent", key)), "url": .text(route.path),
                    "current": .flag(route.path == view.path),
                ]
            })
    }
}
