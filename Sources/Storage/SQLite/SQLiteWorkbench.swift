internal import Clocks
internal import Dispatch
internal import Foundation
internal import GRDB
internal import GRDBSQLite
internal import Stores
internal import StoresSQL

/// A connection of one's own to the embedded database. Temporary tables lie in a file of their own, so that filling them
/// keeps nobody from writing; ``begin(lock:)`` does.
struct SQLiteWorkbench: SQLWorkbench {
    private let session: SQLiteSession
    private var db: Database { session.db }

    /// Opens a connection for `body` and closes it.
    ///
    /// - Throws: ``StoreError``, or what `body` throws.
    static func open<Value: Sendable>(
        _ path: String, _ body: @escaping @Sendable (any SQLWorkbench) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "loge.sqlite.workbench").async {
                continuation.resume(with: Result { try run(path, body) })
            }
        }
    }

    private static func run<Value>(_ path: String, _ body: (any SQLWorkbench) throws -> Value) throws -> Value {
        // A replacement of the whole file must wait for us, as for a server.
        let lock = try DatabaseLock(path: path, .shared)
        defer { lock.release() }
        var configuration = Configuration()
        configuration.label = "loge.sqlite.workbench"
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { db in
            // 48 MB for the base, 48 MB for the temporary tables: the same, however large the files are.
            try db.execute(
                sql: """
                    PRAGMA trusted_schema = OFF; PRAGMA secure_delete = FAST; PRAGMA cache_size = -49152;
                    PRAGMA temp_store = FILE; PRAGMA temp.cache_size = -49152; PRAGMA cache_spill = ON
                    """)
        }
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            return try queue.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                defer { if db.isInsideTransaction { try? db.rollback() } }
                return try body(
                    SQLiteWorkbench(session: SQLiteSession(db: db, isReading: false, counts: StatementCounts())))
            }
        } catch let error as DatabaseError {
            throw StoreError(error)
        }
    }

    func change(_ statement: SQLStatement, ordered arguments: [SQLValue]) throws -> Int {
        try told { try session.change(statement, ordered: arguments) }
    }

    func rows(_ statement: SQLStatement, ordered arguments: [SQLValue]) throws -> [SQLRow] {
        try told { try session.rows(statement, ordered: arguments) }
    }

    func define(_ statements: String) throws {
        try told {
            let words = statements.replacing("BIGINT", with: "INTEGER").replacing("BYTEA", with: "BLOB")
            try db.execute(sql: words)
        }
    }

    func begin(lock: Int64) throws { try told { try db.beginTransaction(.immediate) } }
    func commit() throws { try told { try db.commit() } }
    func rollback() throws { try told { try db.rollback() } }

    func load(_ rows: RowBatch, into table: String, columns: [String]) throws {
        guard !rows.isEmpty else { return }
        try told {
            let marks = columns.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
            let text = "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(marks))"
            let statement = try db.cachedStatement(sql: text)
            let insert = {
                try unsafe Self.insert(rows, statement.sqliteStatement)
                return Database.TransactionCompletion.commit
            }
            // Deferred: what goes into a temporary table locks nobody out of the base.
            if db.isInsideTransaction { try db.inSavepoint(insert) } else { try db.inTransaction(.deferred, insert) }
        }
    }

    /// Binds and steps, row by row, without a Swift value in between.
    private static func insert(_ rows: RowBatch, _ statement: OpaquePointer) throws {
        defer {
            unsafe sqlite3_reset(statement)
            unsafe sqlite3_clear_bindings(statement)
        }
        // One byte more, so that even an empty text has an address: none would mean NULL.
        try unsafe (rows.bytes + [0]).withUnsafeBytes { bytes in
            guard let base = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress else { return }
            var start = 0
            var cell = 0
            while cell < rows.cells.count {
                var place: Int32 = 0
                for column in rows.columns {
                    let value = rows.cells[cell]
                    cell += 1
                    place += 1
                    switch column {
                    case .number: try check(unsafe sqlite3_bind_int64(statement, place, value), is: SQLITE_OK)
                    case .text:
                        // Not copied: the buffer outlives the step.
                        let length = Int32(Int(value) - start)
                        let code = unsafe sqlite3_bind_text(statement, place, base + start, length, nil)
                        try check(code, is: SQLITE_OK)
                        start = Int(value)
                    }
                }
                try check(unsafe sqlite3_step(statement), is: SQLITE_DONE)
                try check(unsafe sqlite3_reset(statement), is: SQLITE_OK)
            }
        }
    }

    private static func check(_ code: Int32, is expected: Int32) throws {
        guard code == expected else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }

    private func told<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let error as DatabaseError { throw StoreError(error) }
    }
}
