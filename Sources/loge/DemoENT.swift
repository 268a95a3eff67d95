import DemoENTRole
import Hummingbird
import ServiceLifecycle
import Web

/// The demo ENT as a service: it meets the portal on the wire only.
enum DemoENT {
    static func service(
        _ files: DemoFiles, _ server: Server, _ listening: @escaping @Sendable (String) -> Void
    ) async throws -> any Service {
        let addresses = files.addresses
        guard let site = RoleSite(role: "demo-ent", publicURL: addresses.ent) else {
            throw Failure("the demo ENT has no address")
        }
        let pages = try await Pages(role: "demo-ent")
        let router = server.router(pages, site)
        return server.application(
            router, at: ListenAddress(host: "localhost", port: addresses.entPort), "demo-ent", listening)
    }
}
