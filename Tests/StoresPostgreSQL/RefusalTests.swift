import PostgreSQLTesting
import Stores
import StoresSQL
import Testing

@testable import StoresPostgreSQL

extension PostgreSQLTests {
    /// What the server says no to, and what becomes of it.
    @Suite("Refusals")
    struct Refusals {
        @Test("A taken value is a conflict that names the constraint, never the value")
        func unique() async throws {
            try await withStores { stores in
                try await Things.make(stores)
                _ = try await stores.engine.writeOne { try Things.add("confidential", $0) }
                let error = await expect(.conflict) {
                    try await stores.engine.writeOne { try Things.add("confidential", $0) }
                }
                #expect(error?.reason == "PostgreSQL 23505, table things, constraint things_pkey")
            }
        }

        @Test("A broken CHECK is our own mistake, and tells no value either")
        func check() async throws {
            try await withStores { stores in
                try await Things.make(stores)
                let error = await expect(.unexpected) {
                    try await stores.engine.writeOne { try Things.add("confidential", $0, amount: -1) }
                }
                #expect(error?.reason == "PostgreSQL 23514, table things, constraint things_amount_check")
            }
        }

        @Test("An unknown table is told by name")
        func unknownTable() async throws {
            try await withStores { stores in
                let statement = SQLStatement("SELECT 1 AS one FROM nowhere")
                let error = await expect(.unexpected) { try await stores.engine.read { try $0.rows(statement) } }
                #expect(error?.reason.contains("\"nowhere\"") == true)
            }
        }

        @Test("A statement that takes too long, and a lock that somebody keeps, are 'try later'")
        func timeouts() async throws {
            try await withStores { stores in
                let slow = await expect(.unavailable) {
                    try await stores.engine.read { try $0.rows(Things.sleep, ["milliseconds": .number(30_000)]) }
                }
                #expect(slow?.reason.contains("57014") == true)
                try await Things.make(stores)
                let alter = SQLStatement("LOCK TABLE things")
                let holder = Task {
                    try await stores.engine.tryOut { session in
                        _ = try session.change(alter)
                        for _ in 0..<4 { _ = try session.rows(Things.sleep, ["milliseconds": .number(1000)]) }
                    }
                }
                try await eventually("the lock is held") {
                    let held = SQLStatement(
                        "SELECT COUNT(*) AS count FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted")
                    return try await stores.engine.read { try $0.row(held)?.number("count") } ?? 0 > 0
                }
                let locked = SQLStatement("SET LOCAL lock_timeout = 100")
                let error = await expect(.unavailable) {
                    try await stores.engine.write { session in
                        _ = try session.change(locked)
                        return Written(try session.rows(Things.all))
                    }
                }
                #expect(error?.reason.contains("55P03") == true)
                try await holder.value
            }
        }

        @Test("A read-only database cannot be written to, and can be again without a restart")
        func readOnly() async throws {
            let server = try server()
            let database = try await server.makeDatabase()
            try await withStores(settings(server.url(database))) { stores in
                try await Things.make(stores)
                try await server.sql("ALTER DATABASE \(database) SET default_transaction_read_only = on")
                try await server.sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(database)'")
                try await eventually("it is read-only") {
                    let flag = SQLStatement("SELECT current_setting('transaction_read_only') AS flag")
                    return try await stores.engine.read { try $0.row(flag)?.text("flag") } == "on"
                }
                let error = await expect(.cannotWrite) {
                    try await stores.engine.write { session in
                        try Things.add("a", session)
                        return Written(())
                    }
                }
                #expect(error?.reason.contains("25006") == true)
                await expect(.cannotWrite) { try await stores.engine.tryOut { try Things.add("a", $0) } }
                try await server.sql("ALTER DATABASE \(database) SET default_transaction_read_only = off")
                try await eventually("it can be written to again") {
                    (try? await stores.engine.writeOne { try Things.add("a", $0) }) != nil
                }
            }
        }

        @Test("An error that the body swallows is not committed")
        func swallowed() async throws {
            try await withStores { stores in
                try await Things.make(stores)
                _ = try await stores.engine.writeOne { try Things.add("a", $0) }
                await expect(.conflict) {
                    try await stores.engine.write { session in
                        try Things.add("b", session)
                        try? Things.add("a", session)
                        return Written(())
                    }
                }
                #expect(try await Things.amounts(stores) == ["a": 1])
            }
        }

        @Test("What a body throws comes out, and nothing of it stays")
        func thrown() async throws {
            struct Mine: Error {}
            try await withStores { stores in
                try await Things.make(stores)
                await #expect(throws: Mine.self) {
                    try await stores.engine.write { session -> Written<Void> in
                        try Things.add("b", session)
                        throw Mine()
                    }
                }
                #expect(try await Things.amounts(stores) == [:])
            }
        }

        @Test("A try-out writes, and nothing of it stays")
        func triedOut() async throws {
            try await withStores { stores in
                try await Things.make(stores)
                try await stores.engine.tryOut { session in
                    try Things.add("b", session)
                    guard try session.rows(Things.all).count == 1 else {
                        throw StoreError(.corrupted, "nothing written")
                    }
                }
                #expect(try await Things.amounts(stores) == [:])
            }
        }

        @Test("Where each statement commits by itself, a second one is refused")
        func onlyOne() async throws {
            try await withStores { stores in
                try await Things.make(stores)
                await expect(.unexpected) {
                    try await stores.engine.writeOne { session in
                        try Things.add("a", session)
                        try Things.add("b", session)
                    }
                }
                #expect(try await Things.amounts(stores) == ["a": 1])
            }
        }
    }
}
