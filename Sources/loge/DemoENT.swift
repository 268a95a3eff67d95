import Cryptography
import DemoENTRole
import Foundation
import Hummingbird
import Keyring
import OpenIDConnectProvider
import Outbound
import ServiceLifecycle
import Web

/// The demo ENT as a service: it meets the portal on the wire only.
enum DemoENT {
    static func services(
        _ files: DemoFiles, _ server: Server, _ listening: @escaping @Sendable (String) -> Void
    ) async throws -> [any Service] {
        let addresses = files.addresses
        let folder = files.folder + "/demo-ent"
        guard let site = RoleSite(role: "demo-ent", publicURL: addresses.ent) else {
            throw Failure("the demo ENT has no address")
        }
        guard let secret = FileManager.default.contents(atPath: files.entSecret),
            let passphrase = FileManager.default.contents(atPath: files.folder + "/passphrase")
        else { throw Failure("the secrets of the demo are gone from \(files.folder): start over with --fresh") }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let keyring = try await Keyring.open(
            KeysFolder(path: folder + "/keys"), passphrase: SecretBytes(Array(passphrase)), creating: true,
            clock: Machine.clock, random: Machine.random)
        let http = GuardedHTTPClient(
            policy: try OutboundPolicy(origins: [], insecurePlainLoopback: [addresses.portal]))
        let role = try ENTRole(
            ENTConfiguration(
                site: site, issuer: addresses.portal, clientID: "demo-ent", clientSecret: SecretBytes(Array(secret)),
                memoryFile: folder + "/memory.json", endpointSecurity: .insecurePlainLoopback),
            keyring: keyring, http: http, pages: try await Pages(role: "demo-ent"), clock: Machine.clock,
            random: Machine.random, logger: server.logger)
        let router = server.router(try await Pages(role: "demo-ent"), site)
        role.mount(on: router)
        return [
            ClosingService(http: http), KeyringService(keyring: keyring, logger: server.logger),
            server.application(
                router, at: ListenAddress(host: "localhost", port: addresses.entPort), "demo-ent", listening),
        ]
    }
}

/// Closes a client's connections when everything that uses it has stopped.
struct ClosingService: Service {
    let http: GuardedHTTPClient

    func run() async throws {
        try? await gracefulShutdown()
        await http.shutdown()
    }
}
