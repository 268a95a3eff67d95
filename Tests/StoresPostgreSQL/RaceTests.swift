import PostgreSQLTesting
import Stores
import StoresSQL
import Synchronization
import Testing

@testable import StoresPostgreSQL

extension PostgreSQLTests {
    @Suite("Races")
    struct Races {
        @Test("Two transactions that wait for each other both pass in the end")
        func deadlock() async throws {
            try await withStores { stores in
                try await Things.make(stores)
                for name in ["a", "b"] { _ = try await stores.engine.writeOne { try Things.add(name, $0, amount: 0) } }
                let first = Gate(2)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for order in [["a", "b"], ["b", "a"]] {
                        group.addTask {
                            try await stores.engine.write { session in
                                try session.change(Things.update, ["amount": .number(1), "name": .text(order[0])])
                                // In the first try only: each has a row that the other wants.
                                first.pass()
                                try session.change(Things.update, ["amount": .number(1), "name": .text(order[1])])
                                return Written(())
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await Things.amounts(stores) == ["a": 2, "b": 2])
                #expect(stores.stores.statistics().retries == 1)
            }
        }

        @Test("A transaction that cannot be put in order with another one is tried again")
        func serialization() async throws {
            try await withStores { stores in
                try await Things.make(stores)
                _ = try await stores.engine.writeOne { try Things.add("a", $0, amount: 0) }
                let isolation = SQLStatement("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
                let set = SQLStatement("UPDATE things SET amount = :amount WHERE name = 'a'")
                let both = Gate(2)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<2 {
                        group.addTask {
                            try await stores.engine.write { session in
                                _ = try session.change(isolation)
                                let amount = try session.row(Things.all)?.number("amount") ?? 0
                                both.pass()
                                try session.change(set, ["amount": .number(amount + 1)])
                                return Written(())
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await Things.amounts(stores) == ["a": 2])
                #expect(stores.stores.statistics().retries >= 1)
            }
        }

        @Test("A race that is never won ends in 'try later', after a bounded number of tries")
        func hopeless() async throws {
            try await withStores { stores in
                let raise = SQLStatement("DO $$BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END$$")
                let tries = Mutex(0)
                let error = await expect(.unavailable) {
                    try await stores.engine.write { session in
                        tries.withLock { $0 += 1 }
                        return Written(try session.change(raise))
                    }
                }
                #expect(error?.reason.contains("40001") == true)
                #expect(tries.withLock { $0 } == Transactions.tries)
            }
        }

        @Test("Of many who take the same thing, one gets it")
        func oneWinner() async throws {
            try await withStores(connections: 8) { stores in
                try await Things.make(stores)
                _ = try await stores.engine.writeOne { try Things.add("ticket", $0) }
                let take = SQLStatement("DELETE FROM things WHERE name = 'ticket' RETURNING name")
                let winners = try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<64 {
                        group.addTask { try await stores.engine.writeOne { try $0.rows(take).count } }
                    }
                    return try await group.reduce(0, +)
                }
                #expect(winners == 1)
            }
        }
    }
}

/// Keeps threads of the pool waiting until it is opened.
final class Latch: Sendable {
    private let state = Mutex((isReached: false, isOpen: false))

    var isReached: Bool { state.withLock { $0.isReached } }
    func open() { state.withLock { $0.isOpen = true } }

    func wait() {
        state.withLock { $0.isReached = true }
        let deadline = ContinuousClock.now + .seconds(30)
        while !state.withLock({ $0.isOpen }), ContinuousClock.now < deadline { BlockingThread.sleep(.milliseconds(1)) }
    }
}

/// Lets nobody pass until so many have come; afterwards everybody. For threads of the pool, which may block.
final class Gate: Sendable {
    private let missing: Mutex<Int>

    init(_ count: Int) { missing = Mutex(count) }

    func pass() {
        missing.withLock { $0 -= 1 }
        let deadline = ContinuousClock.now + .seconds(5)
        while missing.withLock({ $0 > 0 }), ContinuousClock.now < deadline { BlockingThread.sleep(.milliseconds(1)) }
    }
}
