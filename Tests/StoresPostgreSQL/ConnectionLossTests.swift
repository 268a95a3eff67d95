import PostgreSQLTesting
import Stores
import StoresSQL
import Synchronization
import Testing

@testable import StoresPostgreSQL

extension PostgreSQLTests {
    /// Connections that break, and how often what was on its way is carried out.
    @Suite("Lost connections")
    struct LostConnections {
        /// Ends every connection of the database but the one that asks.
        private static let kill = SQLStatement(
            """
            SELECT pg_terminate_backend(pid, 1000) AS gone FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """)

        /// Opens the stores directly and through a proxy.
        private func withProxy(
            _ body: (_ proxied: PostgreSQLStores, CuttingProxy, _ direct: PostgreSQLStores) async throws -> Void
        ) async throws {
            let server = try server()
            let database = try await server.makeDatabase()
            let proxy = try CuttingProxy(to: server.port)
            defer { proxy.close() }
            try await withStores(settings(proxy.url(database), connections: 1)) { proxied in
                try await withStores(settings(server.url(database), connections: 1)) { direct in
                    try await Things.make(direct)
                    try await body(proxied, proxy, direct)
                }
            }
        }

        @Test("Cut between COMMIT and its answer: not tried again, and said to be unknown")
        func afterCommit() async throws {
            try await withProxy { proxied, proxy, direct in
                let bodies = Mutex(0)
                let ear = Ear(proxied)
                let before = proxy.count("COMMIT")
                proxy.cut(.after("COMMIT"))
                let error = await expect(.unavailable) {
                    try await proxied.engine.write { session in
                        bodies.withLock { $0 += 1 }
                        try Things.add("a", session)
                        return Written((), [.keys])
                    }
                }
                #expect(error?.reason.contains("no answer to COMMIT, so nobody can tell") == true)
                #expect(proxy.cuts == 1)
                #expect(proxy.count("COMMIT") == before + 1)
                #expect(bodies.withLock { $0 } == 1)
                #expect(ear.heard == [])
                try await eventually("it was carried out") { try await Things.amounts(direct) == ["a": 1] }
                // The line is whole again, without anybody's help.
                _ = try await proxied.engine.writeOne { try Things.add("b", $0) }
            }
        }

        @Test("Cut before COMMIT gets there: the client cannot know either, and does not try again")
        func beforeCommit() async throws {
            try await withProxy { proxied, proxy, direct in
                proxy.cut(.before("COMMIT"))
                await expect(.unavailable) {
                    try await proxied.engine.write { session in
                        try Things.add("a", session)
                        return Written(())
                    }
                }
                #expect(proxy.cuts == 1)
                let amounts = try await Things.amounts(direct)
                #expect(amounts == [:])
            }
        }

        @Test("Cut before anything was sent: tried again, carried out once")
        func beforeBegin() async throws {
            try await withProxy { proxied, proxy, direct in
                let before = proxy.count("BEGIN")
                proxy.cut(.before("BEGIN"))
                try await proxied.engine.write { session in
                    try Things.add("a", session)
                    return Written(())
                }
                #expect(proxy.cuts == 1)
                #expect(proxy.count("BEGIN") == before + 2)
                #expect(try await Things.amounts(direct) == ["a": 1])
            }
        }

        @Test("Cut while the session is being set up: told when the stores are opened, tried again later")
        func whileOpening() async throws {
            try await withProxy { proxied, proxy, direct in
                proxy.cut(.before("SET standard"))
                try await Things.add("a", to: proxied)
                #expect(proxy.cuts == 1)
                proxy.cut(.before("SET standard"))
                let database = try settings(proxy.url("postgres"))
                let error = await expect(.unavailable) { try await PostgreSQLStores.facts(database) }
                #expect(error?.reason.contains("127.0.0.1:\(proxy.port) cannot be reached") == true)
                #expect(proxy.cuts == 2)
            }
        }

        @Test("A backend killed in the middle of a transaction: tried again, carried out once")
        func killedInTransaction() async throws {
            try await withStores(connections: 2) { stores in
                try await Things.make(stores)
                let bodies = Mutex(0)
                let reached = Mutex(false)
                let goOn = Mutex(false)
                let write = Task {
                    try await stores.engine.write { session in
                        try Things.add("a", session)
                        let isFirst = bodies.withLock { bodies in
                            bodies += 1
                            return bodies == 1
                        }
                        reached.withLock { $0 = true }
                        while isFirst, !goOn.withLock({ $0 }) { BlockingThread.sleep(.milliseconds(5)) }
                        try Things.add("b", session)
                        return Written(())
                    }
                }
                try await eventually("the transaction runs") { reached.withLock { $0 } }
                _ = try await stores.engine.read { try $0.rows(Self.kill) }
                goOn.withLock { $0 = true }
                try await write.value
                #expect(bodies.withLock { $0 } == 2)
                #expect(try await Things.amounts(stores) == ["a": 1, "b": 1])
            }
        }

        @Test("A statement that commits by itself and is killed on its way is not tried again; a reading one is, once")
        func killedAlone() async throws {
            try await withStores(connections: 2) { stores in
                try await Things.make(stores)
                let slowInsert = SQLStatement("INSERT INTO things (name) SELECT 'a' FROM pg_sleep(3)")
                let count = SQLStatement(
                    "SELECT COUNT(*) AS count FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
                )
                let bodies = Mutex(0)
                for isReading in [false, true] {
                    bodies.withLock { $0 = 0 }
                    let body: @Sendable (any SQLSession) throws -> Int = { session in
                        bodies.withLock { $0 += 1 }
                        return isReading
                            ? try session.rows(Things.sleep, ["milliseconds": .number(3000)]).count
                            : try session.change(slowInsert)
                    }
                    let call = Task {
                        isReading ? try await stores.engine.read(body) : try await stores.engine.writeOne(body)
                    }
                    try await eventually("it is on its way") {
                        try await stores.engine.read { try $0.row(count)?.number("count") } == 1
                    }
                    _ = try await stores.engine.read { try $0.rows(Self.kill) }
                    if isReading {
                        #expect(try await call.value == 1)
                    } else {
                        let error = await expect(.unavailable) { try await call.value }
                        #expect(error?.reason.contains("nobody can tell") == true)
                    }
                    #expect(bodies.withLock { $0 } == (isReading ? 2 : 1))
                }
                #expect(try await Things.amounts(stores) == [:])
            }
        }

        @Test("Idle connections that were closed meanwhile are replaced before anybody notices")
        func killedIdle() async throws {
            try await withStores(connections: 3) { stores in
                try await Things.make(stores)
                try await Things.warm(stores, 3)
                #expect(stores.stores.statistics().connections == 3)
                let server = try server()
                let database = SQLStatement("SELECT current_database() AS name")
                let name = try await stores.engine.read { try $0.row(database)?.text("name") } ?? ""
                try await server.sql(
                    "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE datname = '\(name)'")
                try await together(3) { number in
                    _ = try await stores.engine.writeOne { try Things.add("\(number)", $0) }
                }
                #expect(try await Things.amounts(stores).count == 6)
            }
        }
    }
}

/// Runs `body` so many times side by side.
func together(_ count: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<count { group.addTask { try await body(number) } }
        try await group.waitForAll()
    }
}
