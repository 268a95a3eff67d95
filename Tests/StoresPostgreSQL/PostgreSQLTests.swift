import Clocks
import Cryptography
import Foundation
import Logging
import PostgreSQLTesting
import Stores
import StoresSQL
import Testing

@testable import StoresPostgreSQL

/// One server for everything that does it no harm; each test has a database of its own.
@Suite("Stores in PostgreSQL", .server, .timeLimit(.minutes(5)))
struct PostgreSQLTests {
    /// A server that these tests stop and freeze: one test at a time.
    @Suite("Bad days", .server, .serialized)
    struct BadDays {}
}

/// Starts a server before a suite and removes it after the last test.
struct ServerTrait: SuiteTrait, TestScoping {
    @TaskLocal static var server: PostgreSQLServer?

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let server = try await PostgreSQLServer.start()
        let result: Result<Void, any Error>
        do {
            result = .success(try await Self.$server.withValue(server, operation: function))
        } catch {
            result = .failure(error)
        }
        await server.remove()
        try result.get()
    }
}

extension Trait where Self == ServerTrait {
    static var server: ServerTrait { ServerTrait() }
}

/// The server of this suite.
func server() throws -> PostgreSQLServer { try #require(ServerTrait.server) }

let testStart = Instant(secondsSinceEpoch: 1_788_244_200)

/// Settings of a database. Whoever wants to be refused says how soon: the machine may be busy.
func settings(
    _ url: String, password: String? = nil, connections: Int = 4, wait: Duration = .seconds(20),
    statementTimeout: Duration = .seconds(5), connectTimeout: Duration = .seconds(3)
) throws -> PostgreSQLSettings {
    try PostgreSQLSettings(
        url: SecretBytes(utf8: url), password: password.map(SecretBytes.init(utf8:)), connections: connections,
        wait: wait, statementTimeout: statementTimeout, connectTimeout: connectTimeout)
}

/// A logger that says nothing.
let silence = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Opens the stores, lends them, and closes them whatever happens.
func withStores<Value>(
    _ settings: PostgreSQLSettings, migrations: [Migration] = [],
    _ body: (PostgreSQLStores) async throws -> Value
) async throws -> Value {
    let stores = try await PostgreSQLStores.open(
        settings, clock: ManualClock(testStart), random: SystemRandom(), logger: silence, migrations: migrations)
    let result: Result<Value, any Error>
    do {
        result = .success(try await body(stores))
    } catch {
        result = .failure(error)
    }
    await stores.close()
    return try result.get()
}

/// The same on a fresh database of the suite's server.
func withStores<Value>(
    connections: Int = 4, wait: Duration = .seconds(20), _ body: (PostgreSQLStores) async throws -> Value
) async throws -> Value {
    let server = try server()
    let url = server.url(try await server.makeDatabase())
    return try await withStores(settings(url, connections: connections, wait: wait), body)
}

/// Fails unless `body` throws an error of that code; returns it.
@discardableResult
func expect<Value>(
    _ code: StoreError.Code, _ body: () async throws -> Value, sourceLocation: SourceLocation = #_sourceLocation
) async -> StoreError? {
    var caught: (any Error)?
    do { _ = try await body() } catch { caught = error }
    let error = caught as? StoreError
    #expect(error?.code == code, "\(String(describing: caught))", sourceLocation: sourceLocation)
    return error
}

/// Returns once `condition` holds; fails when it does not within `limit`.
func eventually(
    within limit: Duration = .seconds(10), _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record(what, sourceLocation: sourceLocation)
}

/// A table to play with, and statements on it.
enum Things {
    static let create = SQLStatement(
        "CREATE TABLE things (name TEXT PRIMARY KEY, amount BIGINT CHECK (amount >= 0), data BYTEA)")
    static let insert = SQLStatement("INSERT INTO things (name, amount, data) VALUES (:name, :amount, :data)")
    static let update = SQLStatement("UPDATE things SET amount = amount + :amount WHERE name = :name")
    static let all = SQLStatement("SELECT name, amount, data FROM things ORDER BY name COLLATE \"C\"")
    static let sleep = SQLStatement(
        "SELECT 1 AS one FROM pg_sleep(CAST(CAST(:milliseconds AS BIGINT) AS FLOAT) / 1000)")
    static let pid = SQLStatement("SELECT pg_backend_pid() AS pid")

    static func make(_ stores: PostgreSQLStores) async throws {
        _ = try await stores.engine.writeOne { try $0.change(create) }
    }

    static func add(_ name: String, _ session: any SQLSession, amount: Int64 = 1) throws {
        try session.change(insert, ["name": .text(name), "amount": .number(amount), "data": .null])
    }

    static func add(_ name: String, to stores: PostgreSQLStores) async throws {
        _ = try await stores.engine.writeOne { try add(name, $0) }
    }

    /// Opens so many connections and has `insert` prepared on each: what is sent next is the statement itself.
    static func warm(_ stores: PostgreSQLStores, _ count: Int) async throws {
        let all = Gate(count)
        try await together(count) { number in
            try await stores.engine.writeOne { session in
                try add("warm \(number)", session)
                all.pass()
            }
        }
    }

    static func amounts(_ stores: PostgreSQLStores) async throws -> [String: Int64] {
        let rows = try await stores.engine.read { try $0.rows(all) }
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.text("name"), try $0.number("amount")) })
    }
}
