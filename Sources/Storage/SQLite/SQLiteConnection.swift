internal import Clocks
internal import Foundation
internal import GRDB
internal import Stores

/// What every store of this engine works with: reads side by side, writes in groups.
struct SQLiteConnection: Sendable {
    private let pool: DatabasePool
    private let writes: WriteQueue

    init(pool: DatabasePool, writes: WriteQueue) {
        self.pool = pool
        self.writes = writes
    }

    /// Reads a consistent snapshot that holds every write answered before.
    func read<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await pool.read(body)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw StoreError(error)
        }
    }

    /// Writes; returns when it is on the disk. See ``WriteQueue/write(_:)``.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Written<Value>
    ) async throws -> Value {
        try await writes.write(body)
    }

    /// Writes and takes it back. See ``WriteQueue/tryOut(_:)``.
    func tryOut(_ body: @escaping @Sendable (Database) throws -> Void) async throws { try await writes.tryOut(body) }
}

extension Database {
    /// Runs a statement, prepared once a connection. - Returns: how many rows it changed.
    @discardableResult
    func change(_ sql: String, _ arguments: StatementArguments) throws -> Int {
        try cachedStatement(sql: sql).execute(arguments: arguments)
        return changesCount
    }

    /// The rows of a query (or of a statement with RETURNING), prepared once a connection.
    func rows(_ sql: String, _ arguments: StatementArguments) throws -> [Row] {
        try Row.fetchAll(cachedStatement(sql: sql), arguments: arguments)
    }

    /// The one row of a query, prepared once a connection.
    func row(_ sql: String, _ arguments: StatementArguments) throws -> Row? {
        try rows(sql, arguments).first
    }
}

extension Instant {
    /// As stored.
    var stored: Int64 { millisecondsSinceEpoch }
}

extension SecretHash {
    /// As stored.
    var stored: Data { Data(bytes) }
}
