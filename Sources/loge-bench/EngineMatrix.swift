import Foundation
import OpenIDConnectIssuer
import Stores
import Web

/// The same sign-ons on each engine, on one node and on two that share its database.
struct EngineMatrix {
    let program: String
    let port: Int
    let barePort: Int
    let seconds: Double
    let connections: Int
    let sessions: Int
    /// The shared database; `nil` leaves its rows out.
    let database: String?
    /// Raw ES256 signatures a second, all cores.
    let signatures: Double

    func measure(_ table: inout Table, say: (String) -> Void) async throws -> [String] {
        var lines: [String] = []
        for (engine, database) in [("SQLite", nil), ("PostgreSQL", database)] {
            if engine == "PostgreSQL", database == nil {
                say("no PostgreSQL given: its rows are left out (scripts/bench starts one)")
                continue
            }
            let installation = try await Installation.make(
                port: port, sessions: sessions, accounts: sessions, database: database)
            defer { installation.remove() }
            for nodes in [1, 2] {
                say("whole flow on \(engine), \(nodes == 1 ? "one node" : "two nodes") …")
                lines += try run(installation, engine, nodes, &table)
            }
        }
        return lines
    }

    private func run(
        _ installation: Installation, _ engine: String, _ nodes: Int, _ table: inout Table
    ) throws -> [String] {
        let servers = try (0..<nodes).map { node in
            try ServerProcess(
                program, ["serve", "--config", installation.folder + "/loge.yaml", "--log-level", "error"],
                port: port + 2 * node,
                environment: [
                    "LOGE_LISTEN_PORT": "\(port + 2 * node)", "LOGE_OPERATIONS_PORT": "\(port + 2 * node + 1)",
                ])
        }
        defer { for server in servers { server.stop() } }
        for server in servers {
            _ = try server.waitUntilReady("/readyz", port: server.port + 1, since: .now)
        }
        let ports = servers.map(\.port)
        let flows = Flows(installation: installation, ports: ports)
        let counted = try statements(flows, ports)
        let name = "(e) whole flow ES256, \(engine), \(nodes == 1 ? "1 node" : "2 nodes")"
        let before = try ports.map { try StoreCounters(operations: $0 + 1) }
        let first = try bareRate()
        let rate = try Load.perSecond(threads: connections, seconds: seconds) {
            try flows.wholeFlowWorker($0, client: "es256")
        }
        let bare = (first + (try bareRate())) / 2
        table.row(name, rate, "3 bare + signature", 1 / (3 / bare + 1 / signatures), aim: nil)
        let after = try ports.map { try StoreCounters(operations: $0 + 1) }
        var lines = ["", "\(engine), \(nodes == 1 ? "one node" : "two nodes (begun on one, redeemed on the other)")"]
        lines += counted
        if engine == "PostgreSQL" {
            let waits = zip(before, after).map { $1.waits(since: $0) }.reduce(StoreCounters.noWaits) {
                zip($0, $1).map(+)
            }
            lines.append("  wait for a connection, p99: \(StoreCounters.percentile(99, waits))")
        }
        return lines
    }

    private func bareRate() throws -> Double {
        let port = barePort
        return try Load.perSecond(threads: connections, seconds: seconds / 2) { _ in
            let connection = try HTTPConnection(port: port)
            return { guard try connection.get("/").status == 200 else { throw BenchError("no bare answer") } }
        }
    }

    /// How many statements each step of a sign-on costs, warm: everybody has been seen once by each node.
    private func statements(_ flows: Flows, _ ports: [Int]) throws -> [String] {
        let rounds = 500
        func cost(_ what: String, aim: String, _ step: () throws -> Void) throws -> String {
            let before = try ports.map { try StoreCounters(operations: $0 + 1) }
            for _ in 0..<rounds { try step() }
            let after = try ports.map { try StoreCounters(operations: $0 + 1) }
            let reads = zip(before, after).map { $1.reads - $0.reads }.reduce(0, +)
            let writes = zip(before, after).map { $1.writes - $0.writes }.reduce(0, +)
            func each(_ count: Int) -> String { String(format: "%.2f", Double(count) / Double(rounds)) }
            let label = what.padding(toLength: 44, withPad: " ", startingAt: 0)
            return "  \(label) \(each(reads)) reads, \(each(writes)) writes  (aim: \(aim))"
        }
        let steps = try flows.steps(ports)
        for _ in 0..<2 * rounds { try steps.wholeFlow() }
        return [
            try cost("before anybody is identified", aim: "none", steps.beforeIdentification),
            try cost("sign-on with a live session", aim: "none", steps.signOn),
            try cost("redemption", aim: "at most 1 and 1", steps.redemption),
            try cost("userinfo", aim: "1 read", steps.userInfo),
            try cost("password sign-in", aim: "-", steps.password),
        ]
    }
}

/// What `/metrics` says of the stores of one node.
struct StoreCounters {
    let reads: Int
    let writes: Int
    /// Cumulated, as Prometheus wants it.
    private let buckets: [Int]

    static let noWaits = [Int](repeating: 0, count: StoreStatistics.waitBounds.count + 1)

    init(operations port: Int) throws {
        let text = String(decoding: try HTTPConnection(port: port).get("/metrics").body, as: UTF8.self)
        func value(_ name: String) throws -> Int {
            for line in text.split(separator: "\n") where line.hasPrefix(name + " ") {
                if let value = Int(line.split(separator: " ")[1]) { return value }
            }
            throw BenchError("the server does not tell \(name)")
        }
        reads = try value("loge_store_reads_total")
        writes = try value("loge_store_writes_total")
        buckets = text.split(separator: "\n").filter { $0.hasPrefix("loge_store_wait_seconds_bucket") }
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
    }

    /// How many fell into each bucket since `earlier`.
    func waits(since earlier: StoreCounters) -> [Int] {
        let differences = zip(buckets, earlier.buckets).map { $0 - $1 }
        return zip(differences, [0] + differences).map { $0 - $1 }
    }

    /// The bound under which so many of a hundred stayed.
    static func percentile(_ percent: Int, _ waits: [Int]) -> String {
        let total = waits.reduce(0, +)
        guard total > 0 else { return "nobody waited" }
        var seen = 0
        for (index, count) in waits.enumerated() {
            seen += count
            guard seen * 100 >= total * percent else { continue }
            guard index < StoreStatistics.waitBounds.count else { break }
            return "at most \(StoreStatistics.waitBounds[index]) µs"
        }
        return "over \(StoreStatistics.waitBounds.last ?? 0) µs"
    }
}
