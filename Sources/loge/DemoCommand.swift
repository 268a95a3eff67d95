import ArgumentParser
import Clocks
import Foundation
import InboxRole
import JOSE
import Logging
import PortalRole
import ServiceLifecycle
import Stores
import Web

/// `loge demo`: every role on the loopback, with invented people.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start everything on this machine with invented people, and print where and who.",
        discussion: """
            Ports: the portal on the base, the demo ENT on base + 3, the inbox on base + 6 (its mail server on base + 8), \
            operations on base + 9. Everything is reachable from this machine only. Ctrl-C stops it; the data stays.
            """)

    @Option(name: .long, help: "The folder of the demo's data.") var data: [String] = []
    @Option(name: .long, help: "The first of its ports.") var portBase = 8400
    @Flag(name: .long, help: "Start over: forget what the folder holds.") var fresh = false
    @OptionGroup var output: OutputOptions
    @Option(name: .long, help: "trace, debug, info, notice, warning, error or critical.") var logLevel = "warning"

    func validate() throws {
        guard (1024...65000).contains(portBase) else {
            throw ValidationError("--port-base is a number from 1024 to 65000.")
        }
    }

    func run() async throws {
        // The last one given wins: `scripts/run --data` comes after the script's own.
        let folder = data.last ?? ProcessInfo.processInfo.environment["LOGE_DATA"] ?? ".data"
        let logger = Serve.logger(level: logLevel)
        let files = DemoFiles(folder: folder, addresses: DemoAddresses(base: portBase))
        if fresh { try Self.forget(folder) }
        try files.write()
        let configuration = try ServerConfiguration.load(files.configuration, environment: [:])
        let server = try await Server.compose(configuration, creatingKeys: true, logger: logger)
        let people = try await DemoPeople.prepare(
            in: folder, accounts: server.opened.stores.accounts, cost: configuration.portal.passwordCost)
        let report = DemoReport(files: files, people: people)
        let isJSON = output.json
        let readiness = Readiness(["portal", "operations", "inbox", "smtp", "demo-ent"]) {
            Console.print(isJSON ? report.json.text : report.text)
        }
        let listening: @Sendable (String) -> Void = { readiness.listening($0) }
        var services = server.services(onListening: listening)
        services += try await Self.inbox(files, server, listening)
        services += try await DemoENT.services(files, server, listening)
        do {
            try await Server.run(services, logger: logger)
        } catch {
            await server.opened.close()
            throw Self.explaining(error, portBase)
        }
        await server.opened.close()
    }

    private static func inbox(
        _ files: DemoFiles, _ server: Server, _ listening: @escaping @Sendable (String) -> Void
    ) async throws -> [any Service] {
        let addresses = files.addresses
        guard let site = RoleSite(role: "inbox", publicURL: addresses.inbox) else {
            throw Failure("the inbox has no address")
        }
        let shelf = try MessageShelf(folder: files.folder + "/inbox", clock: Machine.clock)
        let pages = try await Pages(role: "inbox")
        let router = server.router(pages, site)
        InboxRole(shelf: shelf, pages: pages, site: site).mount(on: router)
        return [
            SMTPReceiver(port: addresses.smtpPort, shelf: shelf, logger: server.logger) { _ in listening("smtp") },
            server.application(
                router, at: ListenAddress(host: "localhost", port: addresses.inboxPort), "inbox", listening),
        ]
    }

    private static func forget(_ folder: String) throws {
        guard FileManager.default.fileExists(atPath: folder) else { return }
        // Only a folder that a demo made is ever removed.
        guard FileManager.default.fileExists(atPath: folder + "/loge.yaml") else {
            throw Failure("\(folder) is not the folder of a demo: --fresh removes nothing there, choose another --data")
        }
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            throw Failure("\(folder) cannot be removed: check its rights")
        }
    }

    private static func explaining(_ error: any Error, _ base: Int) -> any Error {
        let text = "\(error)"
        guard text.contains("errno: 98") || text.contains("Address already in use") else { return error }
        return Failure(
            "a port from \(base) to \(base + 9) is taken: stop what listens there (another demo?), or choose --port-base"
        )
    }
}

/// What the demo says once everything answers.
struct DemoReport: Sendable {
    let json: JSONValue
    let text: String

    init(files: DemoFiles, people: [DemoPerson]) {
        let addresses = files.addresses
        let folder = URL(fileURLWithPath: files.folder).path
        json = [
            "ready": true, "portal": .string(addresses.portal), "demo_ent": .string(addresses.ent),
            "inbox": .string(addresses.inbox), "operations": .string(addresses.operations),
            "data": .string(folder), "relying_parties": .string(folder + "/relying-parties"),
            "keys": .string(folder + "/keys"), "people": .array(people.map(\.json)),
        ]
        var lines = [
            "", "  Open  \(addresses.ent)  (the demo ENT; sign in through the portal)", "",
            "  portal      \(addresses.portal)", "  inbox       \(addresses.inbox)  (every mail that the demo sends)",
            "  operations  \(addresses.operations)/metrics", "  data        \(folder)", "",
        ]
        let width = people.map(\.login.count).max() ?? 0
        for person in people {
            let secret = person.password.map { "password \($0)" } ?? "code \(person.activationCode ?? "")"
            let padding = String(repeating: " ", count: width - person.login.count + 2)
            lines.append("  \(person.login)\(padding)\(secret)  \(person.goodFor)")
        }
        lines += ["", "  Ctrl-C stops it; the data stays. --fresh starts over."]
        text = lines.joined(separator: "\n")
    }
}
