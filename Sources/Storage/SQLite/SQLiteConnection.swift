internal import Clocks
internal import Foundation
internal import GRDB
internal import Stores
internal import StoresSQL
internal import Synchronization

/// The embedded engine: reads side by side, writes in groups.
struct SQLiteEngine: SQLEngine {
    private let pool: DatabasePool
    private let writes: WriteQueue
    private let counts: StatementCounts

    init(pool: DatabasePool, writes: WriteQueue, counts: StatementCounts) {
        self.pool = pool
        self.writes = writes
        self.counts = counts
    }

    /// Reads a consistent snapshot that holds every write answered before.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> Value
    ) async throws -> Value {
        do {
            return try await pool.read { [counts] db in try body(SQLiteSession(db: db, isReading: true, counts: counts))
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            throw StoreError(error)
        }
    }

    func writeOne<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> Value
    ) async throws -> Value {
        try await writes.write { [counts] db in
            Written(try body(SQLiteSession(db: db, isReading: false, counts: counts)))
        }
    }

    /// See ``WriteQueue/write(_:)``.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> Written<Value>
    ) async throws -> Value {
        try await writes.write { [counts] db in try body(SQLiteSession(db: db, isReading: false, counts: counts)) }
    }

    /// See ``WriteQueue/tryOut(_:)``.
    func tryOut(_ body: @escaping @Sendable (any SQLSession) throws -> Void) async throws {
        try await writes.tryOut { [counts] db in
            try body(SQLiteSession(db: db, isReading: false, counts: counts))
        }
    }

    /// See ``SQLiteWorkbench``.
    func atWorkbench<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLWorkbench) throws -> Value
    ) async throws -> Value {
        try await SQLiteWorkbench.open(pool.path, body)
    }
}

/// How many statements were run.
final class StatementCounts: Sendable {
    let reads = Atomic<Int64>(0)
    let writes = Atomic<Int64>(0)
}

/// A connection of the pool, lent for one read or one place in a transaction.
struct SQLiteSession: SQLSession {
    let db: Database
    let isReading: Bool
    let counts: StatementCounts

    func change(_ statement: SQLStatement, ordered arguments: [SQLValue]) throws -> Int {
        count()
        // Prepared once a connection.
        try db.cachedStatement(sql: statement.sqlite).execute(arguments: Self.bound(arguments))
        return db.changesCount
    }

    func rows(_ statement: SQLStatement, ordered arguments: [SQLValue]) throws -> [SQLRow] {
        count()
        let prepared = try db.cachedStatement(sql: statement.sqlite)
        let cursor = try Row.fetchCursor(prepared, arguments: Self.bound(arguments))
        let columns = SQLColumns(prepared.columnNames)
        var rows: [SQLRow] = []
        while let row = try cursor.next() {
            rows.append(SQLRow(columns: columns, values: try row.databaseValues.map { try SQLValue($0) }))
        }
        return rows
    }

    private func count() {
        if isReading {
            counts.reads.add(1, ordering: .relaxed)
        } else {
            counts.writes.add(1, ordering: .relaxed)
        }
    }

    private static func bound(_ arguments: [SQLValue]) -> StatementArguments {
        StatementArguments(arguments.map(\.databaseValue))
    }
}

extension SQLValue {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .text(let text): text.databaseValue
        case .number(let number): number.databaseValue
        case .bytes(let bytes): Data(bytes).databaseValue
        }
    }

    fileprivate init(_ value: DatabaseValue) throws {
        switch value.storage {
        case .null: self = .null
        case .string(let text): self = .text(text)
        case .int64(let number): self = .number(number)
        case .blob(let bytes): self = .bytes(Array(bytes))
        case .double: throw StoreError(.corrupted, "a number is not whole: no table of ours has such a column")
        }
    }
}
