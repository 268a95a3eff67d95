internal import Stores
internal import StoresSQL

/// The engine of the stores on a pool of connections.
struct PostgreSQLEngine: SQLEngine {
    let pool: ConnectionPool
    let transactions: Transactions
    let settings: PostgreSQLSettings

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> Value
    ) async throws -> Value {
        try await pool.perform { [transactions] in transactions.read($0, $1, body) }
    }

    func writeOne<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> Value
    ) async throws -> Value {
        try await pool.perform { [transactions] in transactions.writeOne($0, $1, body) }
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> Written<Value>
    ) async throws -> Value {
        try await pool.perform { [transactions] in transactions.write($0, $1, body) }
    }

    func tryOut(_ body: @escaping @Sendable (any SQLSession) throws -> Void) async throws {
        try await pool.perform { [transactions] in transactions.tryOut($0, $1, body) }
    }

    /// See ``PostgreSQLWorkbench``.
    func atWorkbench<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLWorkbench) throws -> Value
    ) async throws -> Value {
        try await PostgreSQLWorkbench.open(settings, body)
    }
}
