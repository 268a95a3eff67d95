import Accounts
public import Clocks
public import Cryptography
public import Hummingbird
public import Keyring
import LocalAccountsProvider
public import Logging
public import OpenIDConnectIssuer
public import Outbound
public import ServiceLifecycle
public import SignOn
import SignOnHTTP
public import SingleLogout
public import Stores
public import Web

/// The portal, put together: called by `serve`, by `demo` and by every test.
public struct Portal {
    /// The pages and endpoints.
    public let router: Router<RoleContext>
    /// What has to run beside them.
    public let services: [any Service]
    /// The registered clients.
    public let clients: ClientRegistry
    /// The live sessions of this node.
    public let directory: SessionDirectory
    /// Hashes passwords, a few at a time.
    public let hasher: PasswordHasher
    /// Tells the applications that sessions have ended; one of the services.
    public let logouts: LogoutSender

    /// Puts the portal together.
    ///
    /// - Parameter http: the way out to applications, under a policy of ours; the caller closes it.
    /// - Throws: what loading the pages throws.
    public static func build(
        _ configuration: PortalConfiguration, keyring: Keyring, stores: StoreSet,
        http: (OutboundPolicy) -> any OutboundHTTP, clock: any WallClock, random: any RandomSource,
        metrics: MetricsRegistry, logger: Logger
    ) async throws -> Portal {
        let site = configuration.site
        let pages = try await Pages(role: "portal", theme: configuration.theme)
        let clients = ClientRegistry(configuration.relyingParties, store: stores.relyingParties)
        for line in await clients.refresh() { logger.info("relying parties: \(line)") }
        let tokens = SessionTokens(keyring: keyring, lifetimes: configuration.sessions)
        let directory = SessionDirectory(stores: stores, tokens: tokens, clock: clock)
        let desk = SessionDesk(
            stores: stores, directory: directory, tokens: tokens, lifetimes: configuration.sessions, clock: clock,
            random: random)
        let seals = Seals(keyring: keyring, clock: clock, random: random)
        let exchange = SignOnExchange(
            site: site, directory: directory, desk: desk, seals: seals,
            pendings: PendingSignOns(seals: seals, random: random), clock: clock)
        let hasher = PasswordHasher(cost: configuration.passwordCost, random: random)
        let rules = configuration.firstConnection
        let addresses = ClientAddress(trustedProxies: configuration.trustedProxies)
        let openID = OpenIDProvider(
            site: site, clients: clients, keyring: keyring, exchange: exchange, stores: stores,
            obligations: ObligationRules(requiresMail: rules.mailRequired, charterVersion: rules.charterVersion),
            lifetimes: configuration.tokens, addresses: addresses,
            failedAuthentications: configuration.failedClientAuthentications, clock: clock, random: random, pages: pages
        )
        let portal = PortalDesk(
            exchange: exchange, plan: configuration.plan, clients: clients, clock: clock, pages: pages)
        let accounts = LocalAccountsProvider(
            exchange: exchange, accounts: stores.accounts,
            signIns: SignInService(
                accounts: stores.accounts, attempts: stores.attempts, hasher: hasher, policies: configuration.attempts),
            activations: ActivationService(accounts: stores.accounts, hasher: hasher),
            recovery: RecoveryService(
                stores: stores, hasher: hasher, policies: configuration.attempts,
                settings: RecoverySettings(serviceName: configuration.serviceName) { token in
                    site.url(LocalAccountsRoutes.newPassword.with([("jeton", token)]))
                }, random: random),
            hasher: hasher, rules: rules,
            parties: { request in request.party.flatMap { clients.client($0)?.party } },
            remembered: portal.remembered,
            addresses: addresses, clock: clock, pages: pages)
        let router = Router(context: RoleContext.self)
        router.add(middleware: OutermostMiddleware(pages: pages, site: site, random: random, metrics: metrics))
        pages.mount(on: router, site: site)
        openID.mount(on: router)
        accounts.mount(on: router)
        portal.mount(on: router)
        metrics.gauge("loge_password_hashing_running") { Double(hasher.running) }
        metrics.gauge("loge_password_hashing_waiting") { Double(hasher.waiting) }
        let logouts = LogoutSender(
            stores: stores,
            notifier: BackchannelLogout(
                issuer: site.origin, clients: clients, keyring: keyring,
                http: http(BackchannelLogout.policy(for: clients)), clock: clock, random: random),
            clock: clock, random: random, settings: configuration.logouts,
            observe: { metrics.count("loge_logout_notices_total", ["outcome": $0.rawValue]) }, logger: logger)
        metrics.gauge("loge_logout_notices_waiting") { Double(logouts.counts.waiting) }
        metrics.gauge("loge_logout_notices_dead") { Double(logouts.counts.dead) }
        let keyringService = KeyringService(keyring: keyring, logger: logger)
        let services: [any Service] = [
            keyringService,
            ClientRegistryService(registry: clients, logger: logger),
            KeySetReadingsService(readings: openID.keySetReadings, logger: logger),
            ChangesService(
                stores: stores, directory: directory, keyring: keyring, clients: clients, keys: keyringService,
                logger: logger),
            MaintenanceService(stores: stores, clock: clock, logger: logger),
            logouts,
        ]
        return Portal(
            router: router, services: services, clients: clients, directory: directory, hasher: hasher,
            logouts: logouts)
    }
}
