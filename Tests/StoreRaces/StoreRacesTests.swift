import Clocks
import Cryptography
import Foundation
import PostgreSQLTesting
import Stores
import Testing

/// What must be used once, asked for by two processes at once, and after their sudden end. The processes are real:
/// `store-racer`, beside the tests.
@Suite("Races and crashes between processes", .serialized, .timeLimit(.minutes(5)))
struct StoreRacesTests {
    /// What can be won once, in the words of `store-racer`.
    static let verbs = [
        "redeem", "refresh", "use-once", "use-pushed-request", "use-proof", "activate", "reset-password", "verify-mail",
        "reserve", "reauthenticate", "end",
        "replace-keys", "take-message", "add-login",
    ]

    @Test(
        "OA-04, OA-13, ACT-01: two processes with 32 tasks each: one of the 64 wins, on every engine",
        arguments: Engine.allCases)
    func races(_ engine: Engine) async throws {
        try await withEngine(engine) { place in
            for verb in Self.verbs {
                let database = try await place.fresh()
                try await database.prepare()
                let racers = try [Racer(database.name, verb, 32), Racer(database.name, verb, 32)]
                defer { for racer in racers { racer.kill() } }
                for racer in racers { try #require(racer.line() == "ready", "\(verb)") }
                for racer in racers { try racer.go() }
                let won = racers.compactMap { $0.won() }
                #expect(won.count == 2, "\(verb): a process failed")
                #expect(won.reduce(0, +) == 1, "\(verb): \(won)")
                for racer in racers { racer.finish() }
            }
        }
    }

    @Test("What a process was told it won stays won after its kill -9, on every engine", arguments: Engine.allCases)
    func killed(_ engine: Engine) async throws {
        try await withEngine(engine) { place in
            for verb in Self.verbs {
                let database = try await place.fresh()
                try await database.prepare()
                let first = try Racer(database.name, verb, 1)
                try #require(first.line() == "ready")
                try first.go()
                #expect(first.won() == 1, "\(verb): the positive control")
                first.kill()
                let second = try Racer(database.name, verb, 8)
                defer { second.kill() }
                try #require(second.line() == "ready")
                try second.go()
                #expect(second.won() == 0, "\(verb): it came back to life")
            }
        }
    }

    @Test(
        "A process killed in the middle of its work leaves each code used or not, never used twice",
        arguments: Engine.allCases)
    func killedInTheMiddle(_ engine: Engine) async throws {
        try await withEngine(engine) { place in
            for pause in [1, 20, 60, 150] {
                let database = try await place.fresh()
                try await database.prepare()
                let racer = try Racer(database.name, "redeem-many", 4000)
                try #require(racer.line() == "ready")
                try racer.go()
                try await Task.sleep(for: .milliseconds(pause))
                racer.kill()
                try await Self.check(database, usedUpTo: racer.told())
            }
        }
    }

    @Test("What PostgreSQL answered survives its own kill -9")
    func serverKilled() async throws {
        try await withEngine(.postgresql) { place in
            let server = try #require(place.server)
            let database = try await place.fresh()
            try await database.prepare()
            let racer = try Racer(database.name, "redeem-many", 4000)
            defer { racer.kill() }
            try #require(racer.line() == "ready")
            try racer.go()
            try #require(racer.line() == "used 0", "nothing is answered: the test would say nothing")
            try await Task.sleep(for: .milliseconds(100))
            // No process of the server gets the chance to write anything: what was answered must have been written.
            try await server.kill()
            racer.kill()
            let told = racer.told(from: 1)
            try await server.start()
            try await Self.check(database, usedUpTo: told)
        }
    }

    @Test(
        "Every answer waits for the disk: syncs are counted, not assumed",
        arguments: [nil, "off"] as [String?])
    func syncsOfPostgreSQL(_ synchronousCommit: String?) async throws {
        // Also on a server that was told not to wait: what Loge consumes must not come back.
        let settings = synchronousCommit.map { ["synchronous_commit": $0] } ?? [:]
        try await withEngine(.postgresql, settings) { place in
            let server = try #require(place.server)
            let database = try await place.fresh()
            try await database.prepare()
            func syncs() async throws -> Int {
                // What a connection did is told by its end at the latest.
                try await Task.sleep(for: .milliseconds(1200))
                return Int(try await server.sql("SELECT wal_sync FROM pg_stat_wal")) ?? 0
            }
            let before = try await syncs()
            let racer = try Racer(database.name, "redeem-many", 40)
            try #require(racer.line() == "ready")
            try racer.go()
            #expect(racer.told() == 40)
            racer.finish()
            #expect(try await syncs() - before >= 40)
        }
    }

    @Test("Every answer of SQLite waits for the disk: syncs are counted, not assumed", .enabled(if: Racer.canTrace))
    func syncsOfSQLite() async throws {
        try await withEngine(.sqlite) { place in
            let database = try await place.fresh()
            try await database.prepare()
            let trace = String(database.name.dropFirst("sqlite:".count)) + ".trace"
            let racer = try Racer(database.name, "redeem-many", 40, tracedTo: trace)
            try #require(racer.line() == "ready")
            let before = try Racer.syncs(in: trace)
            try racer.go()
            #expect(racer.told() == 40)
            racer.finish()
            #expect(try Racer.syncs(in: trace) - before >= 40)
        }
    }

    /// Every code that was told used is used; those after the next are not.
    private static func check(_ database: SharedDatabase, usedUpTo told: Int) async throws {
        try await database.open { stores in
            for index in 0..<told {
                let outcome = try await stores.codes.redeem(code(index), now: now)
                #expect(outcome == .replayed, "code \(index)")
            }
            // The one under way when the end came may be either; nobody was told.
            let next = try await stores.codes.redeem(code(told + 1), now: now)
            #expect(next == .redeemed, "the positive control")
        }
    }

    static func code(_ index: Int) -> CodeRedemption {
        CodeRedemption(
            code: "code-\(index)", client: "ent", session: SessionID("session"), rememberedUntil: now + .hours(1))
    }
}

/// Where the databases of a test are.
struct Place {
    let engine: Engine
    /// Of the test's own, with PostgreSQL.
    let server: PostgreSQLServer?
    let folder: String

    /// A database of its own, empty.
    func fresh() async throws -> SharedDatabase {
        guard let server else {
            return SharedDatabase(engine: engine, name: "sqlite:\(folder)/\(UUID().uuidString).sqlite")
        }
        return SharedDatabase(engine: engine, name: server.url(try await server.makeDatabase()))
    }
}

/// Lends a place for databases, gone afterwards.
func withEngine(
    _ engine: Engine, _ settings: [String: String] = [:], _ body: (Place) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "loge-races-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    guard engine == .postgresql else { return try await body(Place(engine: engine, server: nil, folder: folder)) }
    let server = try await PostgreSQLServer.start(settings)
    do {
        try await body(Place(engine: engine, server: server, folder: folder))
        await server.remove()
    } catch {
        await server.remove()
        throw error
    }
}
