import Cryptography
import PostgreSQLTesting
import Stores
import StoresSQL
import Synchronization
import Testing

@testable import StoresPostgreSQL

extension PostgreSQLTests {
    @Suite("Changes")
    struct Changes {
        @Test("A node hears of others what they committed, and of itself what it told itself, once")
        func heard() async throws {
            let server = try server()
            let database = try settings(server.url(try await server.makeDatabase()))
            try await withStores(database) { one in
                try await withStores(database) { other in
                    #expect(one.stores.hearsOthers())
                    #expect(other.stores.hearsOthers())
                    let ears = [Ear(one), Ear(other)]
                    let mine: [StoreChange] = [.account(AccountID("a-1_")), .session(SessionID("S")), .keys]
                    let theirs: [StoreChange] = [.relyingParties, .session(SessionID("T"))]
                    try await one.engine.write { _ in Written((), mine) }
                    try await eventually("the node tells itself") { ears[0].heard == mine }
                    try await eventually("the other node hears") { ears[1].heard == mine }
                    try await other.engine.write { _ in Written((), theirs) }
                    // Nothing of its own came back: it would have come before.
                    try await eventually("the first node hears") { ears[0].heard == mine + theirs }
                    try await eventually("the other node tells itself") { ears[1].heard.count >= 5 }
                    #expect(ears[1].heard == mine + theirs)
                }
            }
        }

        @Test("What is undone is not told")
        func undone() async throws {
            let server = try server()
            let database = try settings(server.url(try await server.makeDatabase()))
            try await withStores(database) { one in
                try await withStores(database) { other in
                    let ears = [Ear(one), Ear(other)]
                    let fail = SQLStatement("SELECT 1 / 0 AS zero")
                    await expect(.unexpected) {
                        try await one.engine.write { session in
                            _ = try? session.rows(fail)
                            return Written((), [.keys])
                        }
                    }
                    try await one.engine.write { _ in Written((), [.relyingParties]) }
                    try await eventually("the next change is heard") { ears.allSatisfy { !$0.heard.isEmpty } }
                    #expect(ears.map(\.heard) == [[.relyingParties], [.relyingParties]])
                }
            }
        }

        @Test("More than fits into a notification is everything, for the others")
        func tooMuch() async throws {
            let server = try server()
            let database = try settings(server.url(try await server.makeDatabase()))
            try await withStores(database) { one in
                try await withStores(database) { other in
                    let ear = Ear(other)
                    let many = (0..<1000).map { StoreChange.session(SessionID("session-\($0)")) }
                    try await one.engine.write { _ in Written((), many) }
                    try await eventually("the other node hears") { ear.heard == [.everything] }
                }
            }
        }

        @Test("After a gap, everything may have changed")
        func reconnected() async throws {
            let server = try server()
            let database = try await server.makeDatabase()
            try await withStores(settings(server.url(database))) { stores in
                let ear = Ear(stores)
                try await server.sql(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = '\(database)' AND query = 'SELECT 1' OR query LIKE 'LISTEN%' AND datname = '\(database)'
                    """)
                try await eventually("everything") { ear.heard == [.everything] }
                try await eventually("it hears again") { stores.stores.hearsOthers() }
                // What suspicion there was is cleared: nobody is refused.
                try await eventually("the pool trusts the server") {
                    try await !stores.engine.read { try $0.rows(Things.pid) }.isEmpty
                }
            }
        }

        @Test(
            "A note comes back as it was written",
            arguments: [
                (
                    [StoreChange.account(AccountID("a")), .session(SessionID("-_9")), .keys, .relyingParties],
                    "n aa s-_9 k r"
                ),
                ([.everything], "n *"),
            ])
        func notes(_ changes: [StoreChange], _ text: String) {
            #expect(ChangeNote(origin: "n", changes: changes).text == text)
            #expect(ChangeNote(text) == ChangeNote(origin: "n", changes: changes))
        }

        @Test(
            "What is not understood, or cannot be written, is everything",
            arguments: ["", "n", "n ", "n x", "n a", "n s", "n kk", "n k  k", "n z1 k", "n * aa"])
        func unknownNotes(_ text: String) {
            #expect(ChangeNote(text).changes == [.everything])
        }

        @Test("An identifier that would break the note is everything")
        func oddIdentifiers() {
            for odd in ["", "a b", "é", "a\nb"] {
                #expect(ChangeNote(origin: "n", changes: [.account(AccountID(odd))]).text == "n *")
            }
            let long = ChangeNote(origin: "n", changes: [.account(AccountID(String(repeating: "a", count: 7999)))])
            #expect(long.text == "n *")
        }
    }
}

/// Writes down what a feed says.
final class Ear: Sendable {
    private let changes = Mutex<[StoreChange]>([])
    private let feed: AsyncStream<StoreChange>
    private let pending = Mutex<Task<Void, Never>?>(nil)

    init(_ stores: PostgreSQLStores) {
        feed = stores.stores.changes()
        let task = Task { [weak self, feed] in
            for await change in feed { self?.changes.withLock { $0.append(change) } }
        }
        pending.withLock { $0 = task }
    }

    deinit { pending.withLock { $0?.cancel() } }

    var heard: [StoreChange] { changes.withLock { $0 } }
}
