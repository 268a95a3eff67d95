import Clocks
import Foundation
import Hummingbird
import HummingbirdCore
import Keyring
import Logging
import Messaging
import NIOCore
import OpenIDConnectIssuer
import Outbound
import PortalRole
import ServiceLifecycle
import Stores
import Synchronization
import UnixSignals
import Web

/// Puts a portal on its listeners: the composition root that `serve` and `demo` share.
struct Server {
    let configuration: ServerConfiguration
    let keyring: Keyring
    let opened: OpenedStores
    let portal: Portal
    let metrics: MetricsRegistry
    let sender: OutboxSender
    /// The way out to applications.
    let http: GuardedHTTPClient?
    let logger: Logger

    static func compose(_ configuration: ServerConfiguration, creatingKeys: Bool, logger: Logger) async throws -> Server
    {
        for warning in configuration.warnings { logger.warning("\(warning)") }
        let opened: OpenedStores
        let keyring: Keyring
        switch configuration.keys.place {
        case .folder:
            // Keys first: a start that fails on them makes no database.
            keyring = try await Machine.keyring(configuration.keys, nil, creating: creatingKeys)
            opened = try await Machine.stores(configuration)
        case .database:
            opened = try await Machine.stores(configuration)
            keyring = try await Machine.keyring(configuration.keys, opened.stores, creating: creatingKeys)
        }
        await complete(keyring, logger)
        let metrics = MetricsRegistry()
        metrics.gauge("loge_resident_memory_bytes") { Double(Resident.bytes) }
        StoreMetrics.register(opened.stores, in: metrics)
        var http: GuardedHTTPClient?
        let portal = try await Portal.build(
            configuration.portal, keyring: keyring, stores: opened.stores,
            http: { policy in
                let client = GuardedHTTPClient(policy: policy)
                http = client
                return client
            }, clock: Machine.clock, random: Machine.random, metrics: metrics, logger: logger)
        let sender = OutboxSender(
            outbox: opened.stores.outbox,
            mail: configuration.mail.map { SMTPMailGateway(settings: $0, clock: Machine.clock) },
            clock: Machine.clock, random: Machine.random, idle: .seconds(2), logger: logger)
        return Server(
            configuration: configuration, keyring: keyring, opened: opened, portal: portal, metrics: metrics,
            sender: sender, http: http, logger: logger)
    }

    /// Gives keyrings of an earlier version the keys of the uses that came since. When that fails, those in memory serve
    /// all other uses, and the service of the keyring tries again.
    private static func complete(_ keyring: Keyring, _ logger: Logger) async {
        do {
            for use in try await keyring.complete() {
                logger.notice("made the first key for \(use.rawValue)", metadata: ["event": "keys.completed"])
            }
        } catch {
            logger.error("a use has no key yet: \(error)", metadata: ["event": "keys.failed"])
        }
    }

    /// Everything that has to run, beginning with what others stand on.
    func services(onListening: @escaping @Sendable (String) -> Void) -> [any Service] {
        let stores = opened.stores
        let clients = portal.clients
        let operations = Operations.router(metrics: metrics) {
            var reasons = clients.problems
            do { try await stores.maintenance.probe() } catch { reasons.append("the store does not answer: \(error)") }
            return reasons
        }
        // Services stop in the reverse of this order: what calls out stops before its client is closed.
        return [http.map { ClosingService(http: $0) }].compactMap(\.self) + portal.services + [
            sender,
            application(portal.router, at: configuration.listen, "portal", onListening),
            application(operations, at: configuration.operations, "operations", onListening),
        ]
    }

    func application<Context: RequestContext>(
        _ router: Router<Context>, at address: ListenAddress, _ name: String,
        _ onListening: @escaping @Sendable (String) -> Void
    ) -> any Service where Context.Source == ApplicationRequestContextSource {
        Application(
            router: router,
            // WEB-09: a connection that says nothing for a while is closed, and their number has an end.
            server: .http1(configuration: HTTP1Channel.Configuration(idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(20000)),
            onServerRunning: { _ in onListening(name) }, logger: logger)
    }

    /// A router with the middleware of every role.
    func router(_ pages: Pages, _ site: RoleSite) -> Router<RoleContext> {
        let router = Router(context: RoleContext.self)
        router.add(
            middleware: OutermostMiddleware(pages: pages, site: site, random: Machine.random, metrics: metrics))
        return router
    }

    /// Runs until a signal; what is under way is finished first.
    static func run(_ services: [any Service], logger: Logger) async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }
}

/// The memory that the process really holds.
enum Resident {
    /// Resident set size in bytes, from `/proc/self/statm`; 0 where there is none.
    static var bytes: Int {
        guard let data = FileManager.default.contents(atPath: "/proc/self/statm") else { return 0 }
        let fields = String(decoding: data, as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4096 : 0
    }
}

/// Counts listeners up until all answer.
final class Readiness: Sendable {
    private let open: Mutex<Set<String>>
    private let whenReady: @Sendable () -> Void

    init(_ names: Set<String>, whenReady: @escaping @Sendable () -> Void) {
        open = Mutex(names)
        self.whenReady = whenReady
    }

    func listening(_ name: String) {
        let isLast = open.withLock { open in open.remove(name) != nil && open.isEmpty }
        if isLast { whenReady() }
    }
}
