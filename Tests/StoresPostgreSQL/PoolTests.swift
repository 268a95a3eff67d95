import Clocks
import Cryptography
import PostgreSQLTesting
import Stores
import StoresSQL
import Synchronization
import Testing

@testable import StoresPostgreSQL

extension PostgreSQLTests {
    @Suite("The pool")
    struct Pool {
        /// Keeps a thread of the pool busy until the latch is opened.
        private static func occupy(_ stores: PostgreSQLStores) async throws -> (Task<Void, any Error>, Latch) {
            let latch = Latch()
            let task = Task {
                try await stores.engine.read { session in
                    _ = try session.rows(Things.pid)
                    latch.wait()
                }
            }
            try await eventually("the thread is busy") { latch.isReached }
            return (task, latch)
        }

        private static func sleep(_ stores: PostgreSQLStores, _ milliseconds: Int64) async throws {
            _ = try await stores.engine.read { try $0.rows(Things.sleep, ["milliseconds": .number(milliseconds)]) }
        }

        @Test("No more connections are opened than allowed, and one is enough for who comes one after the other")
        func bound() async throws {
            let server = try server()
            let database = try await server.makeDatabase()
            let count = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = '\(database)'"
            try await withStores(settings(server.url(database), connections: 3)) { stores in
                for _ in 0..<20 { try await Self.sleep(stores, 1) }
                #expect(stores.stores.statistics().connections == 1)
                try await together(40) { _ in try await Self.sleep(stores, 20) }
                #expect(stores.stores.statistics().connections == 3)
                // And the listener.
                #expect(try await server.sql(count) == "4")
                #expect(stores.stores.statistics().refusals == 0)
            }
            try await eventually("every connection is closed") { try await server.sql(count) == "0" }
        }

        @Test("Who waits too long is refused, though every thread is busy")
        func timeout() async throws {
            try await withStores(connections: 1, wait: .milliseconds(200)) { stores in
                let (busy, latch) = try await Self.occupy(stores)
                try await together(5) { _ in
                    let error = await expect(.unavailable) { try await Self.sleep(stores, 1) }
                    #expect(error?.reason.contains("came free in time") == true)
                }
                #expect(stores.stores.statistics().refusals == 5)
                latch.open()
                try await busy.value
                try await Self.sleep(stores, 1)
            }
        }

        @Test("More than a thousand do not wait: the next one is refused at once")
        func crowd() async throws {
            try await withStores(connections: 1, wait: .seconds(60)) { stores in
                let (busy, latch) = try await Self.occupy(stores)
                let refused = Refused()
                let calls = Task {
                    try await together(1200) { _ in
                        do {
                            _ = try await stores.engine.read { try $0.rows(Things.pid) }
                        } catch let error as StoreError where error.reason.contains("1000 calls wait") {
                            refused.add()
                        }
                    }
                }
                try await eventually("the rest is refused") { refused.count == 200 }
                latch.open()
                try await busy.value
                try await calls.value
                #expect(refused.count == 200)
            }
        }

        @Test("Closing lets what runs come to its end, refuses what waits and what comes later")
        func close() async throws {
            let server = try server()
            let url = server.url(try await server.makeDatabase())
            try await withStores(settings(url, connections: 1)) { stores in
                let (running, latch) = try await Self.occupy(stores)
                let waiting = Task { try await Self.sleep(stores, 1) }
                // Only once it waits; how many wait is not ours to see.
                try await Task.sleep(for: .milliseconds(100))
                let closing = Task { await stores.close() }
                for call in [waiting, Task { try await Self.sleep(stores, 1) }] {
                    let error = await expect(.unavailable) { try await call.value }
                    #expect(error?.reason == "the database is closed")
                }
                latch.open()
                try await running.value
                await closing.value
                await stores.close()
                #expect(!stores.stores.hearsOthers())
            }
        }

        @Test("Stores that nobody closes end with their last owner")
        func forgotten() async throws {
            let server = try server()
            let database = try await server.makeDatabase()
            let count = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = '\(database)'"
            do {
                let stores = try await PostgreSQLStores.open(
                    settings(server.url(database)), clock: ManualClock(testStart), random: SystemRandom(),
                    logger: silence, migrations: [])
                try await Self.sleep(stores, 1)
                #expect(try await server.sql(count) == "2")
            }
            try await eventually("every connection is closed") { try await server.sql(count) == "0" }
        }
    }
}

/// Counts calls that were refused.
private final class Refused: Sendable {
    private let number = Mutex(0)

    var count: Int { number.withLock { $0 } }
    func add() { number.withLock { $0 += 1 } }
}
