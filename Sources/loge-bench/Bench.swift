import ArgumentParser
import Cryptography
import Foundation
import HTTPTypes
import Hummingbird
import JOSE
import Keyring
import OpenIDConnectIssuer
import Synchronization
import Web

/// Measures Loge against the raw cost of what it does, in one run on one machine, as ratios.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "loge-bench",
        abstract: "Measure sign-ons, password sign-ins, discovery, start-up and memory as ratios of their raw cost.",
        subcommands: [Run.self, Bare.self, Base.self, BaseImporting.self], defaultSubcommand: Run.self)
}

/// A bare Hummingbird server, the yardstick: one small answer and nothing else.
struct Bare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The yardstick: a server with one small answer.")
    @Option var port: Int
    @Option var size = 13

    func run() async throws {
        let router = Router(context: BasicRequestContext.self)
        let text = String(repeating: "x", count: size)
        router.get("/") { _, _ in text }
        router.post("/") { request, _ in
            _ = try await request.body.collect(upTo: 65536)
            return text
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)))
        try await application.run()
    }
}

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Measure everything and print the table.")
    @Option(name: .long, help: "The loge program to measure.") var program = ".build/release/loge"
    @Option(name: .long, help: "Seconds for each measurement.") var seconds = 4.0
    @Option(name: .long, help: "The first of ten free ports.") var port = 18400
    @Option(name: .long, help: "Connections at once.") var connections = 8
    @Option(name: .long, help: "Live sessions, each of another person.") var sessions = 5000

    private func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    func run() async throws {
        say("preparing an installation with \(sessions) people and sessions …")
        let installation = try await Installation.make(port: port, sessions: sessions, accounts: sessions)
        defer { installation.remove() }
        var table = Table()
        let starts = try startTimes(installation)
        let bare = try ServerProcess(
            CommandLine.arguments[0], ["bare", "--port", String(port + 2)], port: port + 2)
        defer { bare.stop() }
        _ = try bare.waitUntilReady("/", port: port + 2, since: .now)
        let server = try ServerProcess(
            program, ["serve", "--config", installation.folder + "/loge.yaml", "--log-level", "error"], port: port)
        defer { server.stop() }
        _ = try server.waitUntilReady("/readyz", port: port + 1, since: .now)
        let raw = try rawCosts()
        let flows = Flows(installation: installation)
        say("discovery, key set, sign-on, whole flow …")
        // Yardstick and measurement take turns, so that a noisy moment strikes both.
        let discovery = try interleaved({ try getRate($0, OpenIDRoutes.discovery.path) })
        table.row("(c) discovery", discovery.measured, "bare answer", discovery.bare, aim: 0.80)
        let jwks = try interleaved({ try getRate($0, OpenIDRoutes.jwks.path) })
        table.row("(c) key set", jwks.measured, "bare answer", jwks.bare, aim: 0.80)
        let signOn = try interleaved({ _ in try rate { try flows.signOnWorker($0) } })
        table.row("(a) sign-on, live session", signOn.measured, "bare answer", signOn.bare, aim: nil)
        for (name, signatures) in [("es256", raw.es256), ("eddsa", raw.edDSA), ("rs256", raw.rs256)] {
            let whole = try interleaved({ _ in try rate { try flows.wholeFlowWorker($0, client: name) } })
            // Three bare answers and one signature, one after the other on the same cores.
            let allowed = 1 / (3 / whole.bare + 1 / signatures)
            table.row(
                "(a) whole flow, \(name.uppercased())", whole.measured, "3 bare + signature", allowed,
                aim: name == "es256" ? 0.35 : nil)
        }
        say("refresh, introspection, client assertions …")
        try measureClients(&table, flows, raw)
        say("10,000 sign-ons for the memory …")
        let memory = try memoryAfterSignOns(10000, flows, installation)
        say("password sign-ins …")
        let passwords = try flows.passwordWorker()
        let argonBefore = try rawArgon2id()
        let signIns = try Load.perSecond(threads: connections, seconds: seconds * 2, passwords)
        let argon = (argonBefore + (try rawArgon2id())) / 2
        table.row("(b) password sign-ins", signIns, "raw Argon2id, same cost", argon, aim: 0.90)
        server.stop()
        let matrix = EngineMatrix(
            program: program, port: port + 4, barePort: port + 2, seconds: seconds, connections: connections,
            sessions: sessions, database: ProcessInfo.processInfo.environment["LOGE_BENCH_DATABASE"],
            signatures: raw.es256)
        let statements = try await matrix.measure(&table, say: say)
        print(table.text)
        print(statements.joined(separator: "\n"))
        print("")
        print(
            "raw signatures per second, all cores: ES256 \(Int(raw.es256)), EdDSA \(Int(raw.edDSA)), RS256 (3072) \(Int(raw.rs256))"
        )
        let best = starts.min() ?? .zero
        let median = starts.sorted()[starts.count / 2]
        print(
            "(d) start until /readyz answers: best \(best.milliseconds) ms, median \(median.milliseconds) ms (aim: under 300)"
        )
        print(
            "(d) resident memory after 10,000 sign-ons: \(memory.before / 1_000_000) MB before, \(memory.after / 1_000_000) MB after (aim: under 80)"
        )
    }

    /// What clients ask without a person.
    private func measureClients(_ table: inout Table, _ flows: Flows, _ raw: RawCosts) throws {
        let refresh = try interleaved({ _ in try rate { try flows.refreshWorker($0) } })
        // One answer, and the signature of the ID token.
        table.row(
            "(e) refresh, secret", refresh.measured, "bare + signature", 1 / (1 / refresh.bare + 1 / raw.es256),
            aim: 0.35)
        let asserting = try interleaved({ _ in try rate { try flows.assertingRefreshWorker($0) } })
        // The load client signs the assertion on the same cores, Loge verifies it and signs the ID token.
        let allowed = 1 / (1 / asserting.bare + 2 / raw.es256 + 1 / raw.es256Verified)
        table.row(
            "(e) refresh, private_key_jwt", asserting.measured, "bare + 2 signatures + 1 verified", allowed, aim: 0.35)
        let introspection = try interleaved({ _ in try rate { try flows.introspectionWorker($0) } })
        table.row("(e) introspection", introspection.measured, "bare answer", introspection.bare, aim: 0.35)
    }

    private func rate(_ make: @escaping @Sendable (Int) throws -> (() throws -> Void)) throws -> Double {
        try Load.perSecond(threads: connections, seconds: seconds / 2, make)
    }

    private func getRate(_ port: Int, _ path: String) throws -> Double {
        try rate { _ in
            let connection = try HTTPConnection(port: port)
            return {
                guard try connection.get(path).status == 200 else { throw BenchError("\(path) did not answer 200") }
            }
        }
    }

    /// Two rounds each, in turns: bare, measured, measured, bare.
    private func interleaved(_ measure: (Int) throws -> Double) throws -> (measured: Double, bare: Double) {
        let first = try getRate(port + 2, "/")
        let one = try measure(port)
        let two = try measure(port)
        let second = try getRate(port + 2, "/")
        return ((one + two) / 2, (first + second) / 2)
    }

    private func startTimes(_ installation: Installation) throws -> [Duration] {
        say("starting and stopping …")
        return try (0..<5).map { _ in
            let start = ContinuousClock.now
            let server = try ServerProcess(
                program, ["serve", "--config", installation.folder + "/loge.yaml", "--log-level", "error"], port: port)
            defer { server.stop() }
            return try server.waitUntilReady("/readyz", port: port + 1, since: start)
        }
    }

    /// How often a second, on all cores.
    private struct RawCosts {
        let es256: Double
        let es256Verified: Double
        let edDSA: Double
        let rs256: Double
    }

    private func rawCosts() throws -> RawCosts {
        say("raw signatures …")
        func measure(_ kind: KeyKind, _ algorithm: SignatureAlgorithm) throws -> Double {
            let key = try PrivateKey.generate(kind)
            let message = [UInt8](repeating: 7, count: 600)
            return try Load.perSecond(threads: ProcessInfo.processInfo.activeProcessorCount, seconds: seconds / 2) {
                _ in
                { _ = try key.sign(message, algorithm) }
            }
        }
        let key = try PrivateKey.generate(.p256)
        let message = [UInt8](repeating: 7, count: 600)
        let signature = try key.sign(message, .es256)
        let publicKey = try key.publicKey()
        let verified = try Load.perSecond(
            threads: ProcessInfo.processInfo.activeProcessorCount, seconds: seconds / 2
        ) { _ in
            { guard publicKey.isValid(signature, of: message, .es256) else { throw BenchError("not valid") } }
        }
        return RawCosts(
            es256: try measure(.p256, .es256), es256Verified: verified, edDSA: try measure(.ed25519, .edDSA),
            rs256: try measure(.rsa, .rs256))
    }

    private func rawArgon2id() throws -> Double {
        let password = SecretBytes(utf8: Installation.password)
        let hash = try Argon2id.hash(password: password, cost: Argon2id.Cost())
        return try Load.perSecond(threads: ProcessInfo.processInfo.activeProcessorCount, seconds: seconds) { _ in
            { guard try Argon2id.verify(password, against: hash) else { throw BenchError("Argon2id said no") } }
        }
    }

    private func memoryAfterSignOns(
        _ count: Int, _ flows: Flows, _ installation: Installation
    ) throws -> (before: Int, after: Int) {
        func resident() throws -> Int {
            let text = String(
                decoding: try HTTPConnection(port: installation.operationsPort).get("/metrics").body, as: UTF8.self)
            for line in text.split(separator: "\n") where line.hasPrefix("loge_resident_memory_bytes ") {
                return Int(Double(line.split(separator: " ")[1]) ?? 0)
            }
            throw BenchError("the server does not tell its memory")
        }
        let before = try resident()
        let left = Mutex(count)
        let group = DispatchGroup()
        let failures = Mutex(0)
        for index in 0..<connections {
            group.enter()
            Thread.detachNewThread {
                defer { group.leave() }
                do {
                    let work = try flows.wholeFlowWorker(index, client: "es256")
                    while left.withLock({ left in
                        left -= 1
                        return left >= 0
                    }) { try work() }
                } catch {
                    failures.withLock { $0 += 1 }
                }
            }
        }
        group.wait()
        guard failures.withLock({ $0 }) == 0 else { throw BenchError("a sign-on failed") }
        return (before, try resident())
    }
}

extension Duration {
    var milliseconds: Int { Int(components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000) }
}

/// The rows of the result.
struct Table {
    private var rows: [[String]] = [["WHAT", "PER SECOND", "AGAINST", "PER SECOND", "RATIO", "AIM"]]

    mutating func row(_ what: String, _ measured: Double, _ against: String, _ reference: Double, aim: Double?) {
        let ratio = measured / reference
        let verdict = aim.map { "\(Int($0 * 100)) %" + (ratio >= $0 ? "" : ", falls short") } ?? ""
        rows.append([
            what, String(Int(measured)), against, String(Int(reference)), "\(Int((ratio * 100).rounded())) %", verdict,
        ])
    }

    var text: String {
        let widths = (0..<6).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
