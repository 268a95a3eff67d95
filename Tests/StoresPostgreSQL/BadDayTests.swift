import PostgreSQLTesting
import Stores
import StoresSQL
import Synchronization
import Testing

@testable import StoresPostgreSQL

/// How long an outage may take to be over for us once it is over for the server.
private let recovery = Duration.seconds(5)

extension PostgreSQLTests.BadDays {
    private func withThings(
        wait: Duration = .seconds(20), statementTimeout: Duration = .seconds(5), endurance: Duration = .seconds(2),
        _ body: (PostgreSQLServer, PostgreSQLStores) async throws -> Void
    ) async throws {
        let server = try server()
        let database = server.url(try await server.makeDatabase())
        var settings = try settings(database, connections: 3, wait: wait, statementTimeout: statementTimeout)
        settings.endurance = endurance
        try await withStores(settings) { stores in
            try await Things.make(stores)
            try await Things.warm(stores, 3)
            try await body(server, stores)
        }
    }

    /// Calls again until it works.
    private func recovers(_ stores: PostgreSQLStores, _ name: String) async throws {
        try await eventually(within: recovery, "it works again") {
            (try? await stores.engine.writeOne { try Things.add(name, $0) }) != nil
        }
        try await eventually(within: recovery, "it hears again") { stores.stores.hearsOthers() }
        // All of it, not one lucky thread.
        try await together(6) { number in
            _ = try await stores.engine.writeOne { try Things.add("\(name) \(number)", $0) }
        }
    }

    @Test("A server that restarts while nobody asks is not noticed by who asks next")
    func restartedWhileIdle() async throws {
        try await withThings { server, stores in
            try await server.stop()
            try await server.start()
            try await together(3) { number in
                _ = try await stores.engine.writeOne { try Things.add("\(number)", $0) }
            }
            try await recovers(stores, "later")
        }
    }

    @Test("While the server is stopped calls are refused, at once after a while; when it is back they work")
    func stopped() async throws {
        try await withThings(wait: .milliseconds(500)) { server, stores in
            try await server.stop()
            let error = await expect(.unavailable) { try await stores.engine.writeOne { try Things.add("a", $0) } }
            #expect(error?.reason.contains("cannot be reached") == true, "\(error?.reason ?? "")")
            try await eventually("calls are refused at once") {
                do {
                    _ = try await stores.engine.read { try $0.rows(Things.all) }
                } catch let error as StoreError where error.reason.hasPrefix("the database is out of reach") {
                    return true
                } catch is StoreError {}
                return false
            }
            #expect(!stores.stores.hearsOthers())
            await expect(.unavailable) { try await stores.engine.tryOut { _ in } }
            try await server.start()
            try await recovers(stores, "b")
            #expect(try await Things.amounts(stores)["a"] == nil)
        }
    }

    @Test("A short outage is waited out: nobody is refused")
    func shortOutage() async throws {
        try await withThings(endurance: .seconds(20)) { server, stores in
            try await server.stop()
            let calls = (0..<6).map { number in
                Task { try await stores.engine.writeOne { try Things.add("\(number)", $0) } }
            }
            try await Task.sleep(for: .milliseconds(300))
            try await server.start()
            for call in calls { try await call.value }
            #expect(try await Things.amounts(stores).count == 9)
        }
    }

    @Test("A server that loses its power in the middle of transactions keeps what it confirmed and nothing else")
    func crashed() async throws {
        try await withThings { server, stores in
            let confirmed = Names()
            let writers = (0..<4).map { writer in
                Task {
                    for number in 0..<10_000 {
                        let name = "\(writer)-\(number)"
                        do {
                            try await stores.engine.write { session in
                                try Things.add(name, session)
                                try Things.add(name + " too", session)
                                return Written(())
                            }
                        } catch is StoreError { return }
                        confirmed.add(name)
                    }
                }
            }
            try await eventually("they write") { confirmed.all.count > 50 }
            try await server.stop("immediate")
            for writer in writers { try await writer.value }
            try await server.start()
            try await recovers(stores, "later")
            let kept = Set(try await Things.amounts(stores).keys)
            #expect(confirmed.all.subtracting(kept) == [])
            for name in kept where !name.hasPrefix("later") && !name.hasPrefix("warm") && !name.hasSuffix(" too") {
                #expect(kept.contains(name + " too"))
            }
        }
    }

    @Test("A frozen server hangs nobody, is noticed within a second or so, and is back when it thaws")
    func frozen() async throws {
        try await withThings(wait: .milliseconds(500), statementTimeout: .milliseconds(1500)) { server, stores in
            _ = try await stores.engine.writeOne { try Things.add("before", $0) }
            server.freeze()
            defer { server.thaw() }
            let calls = (0..<12).map { number in
                Task { try await stores.engine.writeOne { try Things.add("\(number)", $0) } }
            }
            try await eventually(within: .seconds(3), "it is no more heard") { !stores.stores.hearsOthers() }
            let start = ContinuousClock.now
            for call in calls { await expect(.unavailable) { try await call.value } }
            // A limit, far beyond what it takes: a statement may take 1.5 s here.
            #expect(ContinuousClock.now - start < .seconds(15))
            try await eventually("calls are refused at once") { stores.isOutOfReach }
            let error = await expect(.unavailable) { try await stores.engine.read { try $0.rows(Things.all) } }
            #expect(error?.reason.hasPrefix("the database is out of reach") == true)
            server.thaw()
            try await recovers(stores, "after")
            #expect(try await Things.amounts(stores)["before"] == 1)
        }
    }

    @Test("Stores of a frozen server can be closed, and none are opened on it")
    func frozenAtTheEnds() async throws {
        try await withThings { server, stores in
            server.freeze()
            defer { server.thaw() }
            let call = Task { try await stores.engine.read { try $0.rows(Things.all) } }
            let error = await expect(.unavailable) {
                try await withStores(settings(server.url("postgres"), connectTimeout: .milliseconds(500))) { _ in }
            }
            #expect(error?.reason.contains("does not answer") == true)
            await stores.close()
            await expect(.unavailable) { try await call.value }
        }
    }

    @Test("A server slower than a statement may take is 'try later', and fast again is fast again")
    func slow() async throws {
        try await withThings { server, stores in
            let slow = SQLStatement(
                "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(30); RETURN NEW; END'"
            )
            let trigger = SQLStatement(
                "CREATE TRIGGER slow BEFORE INSERT ON things FOR EACH ROW EXECUTE FUNCTION slow()")
            for statement in [slow, trigger] { _ = try await stores.engine.writeOne { try $0.change(statement) } }
            let calls = (0..<3).map { number in
                Task {
                    try await stores.engine.write { session in
                        try Things.add("\(number)", session)
                        return Written(())
                    }
                }
            }
            for call in calls {
                let error = await expect(.unavailable) { try await call.value }
                #expect(error?.reason.contains("57014") == true)
            }
            try await server.sql("SELECT 1")
            let drop = SQLStatement("DROP TRIGGER slow ON things")
            _ = try await stores.engine.writeOne { try $0.change(drop) }
            try await recovers(stores, "fast")
        }
    }
}

/// Names that several tasks write down.
private final class Names: Sendable {
    private let names = Mutex<Set<String>>([])

    var all: Set<String> { names.withLock { $0 } }

    func add(_ name: String) { names.withLock { _ = $0.insert(name) } }
}
