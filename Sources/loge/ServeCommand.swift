import ArgumentParser
import Clocks
import Foundation
import JOSE
import Logging
import PortalRole
import Web

/// `loge serve`: the portal of an installation.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the portal of an installation until told to stop.",
        discussion: "Log lines are JSON, on standard error. SIGTERM and SIGINT finish what is under way, then stop.")
    @OptionGroup var installation: InstallationOptions
    @Option(name: .long, help: "trace, debug, info, notice, warning, error or critical.") var logLevel = "info"

    func run() async throws {
        let logger = Self.logger(level: logLevel)
        let server = try await Server.compose(try installation.load(), creatingKeys: false, logger: logger)
        let url = server.configuration.portal.site.origin
        let readiness = Readiness(["portal", "operations"]) {
            logger.notice("ready at \(url)", metadata: ["event": "server.ready"])
        }
        do {
            try await Server.run(server.services { readiness.listening($0) }, logger: logger)
        } catch {
            await server.opened.close()
            throw Failure.explaining(error, server.configuration)
        }
        await server.opened.close()
    }

    static func logger(level: String) -> Logger {
        let level = Logger.Level(rawValue: level) ?? .info
        LoggingSystem.bootstrap { JSONLinesHandler(label: $0, level: level, clock: Machine.clock) }
        return Logger(label: "loge")
    }
}

extension Failure {
    /// A listener that could not be opened, in words that say what to do.
    static func explaining(_ error: any Error, _ configuration: ServerConfiguration) -> any Error {
        let text = "\(error)"
        guard text.contains("errno: 98") || text.contains("Address already in use") else { return error }
        return Failure(
            "a port is taken (\(configuration.listen.port) or \(configuration.operations.port)): stop what listens there, "
                + "or choose another port")
    }
}

/// `loge check`: is the installation fit to serve?
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read everything that a server would read, and say what is wrong; nothing is changed.")
    @OptionGroup var installation: InstallationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let outcome = await CheckOutcome.check(installation)
        if output.json {
            Console.print(outcome.json.text)
        } else {
            for line in outcome.good { Console.print("ok       \(line)") }
            for line in outcome.warnings { Console.print("warning  \(line)") }
            for line in outcome.problems { Console.warn("wrong    \(line)") }
        }
        if !outcome.problems.isEmpty { throw ExitCode(1) }
    }
}
