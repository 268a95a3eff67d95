public import Clocks
internal import Dispatch
internal import Foundation
internal import GRDB
internal import Stores
public import StoresSQL

/// A database file as an operator handles it: read without changing it, copied while it is in use, prepared before it is put
/// in its place. Blocking: never on the cooperative pool; see ``reading(_:_:)``.
public final class SQLiteFile: SQLSession, Sendable {
    private let queue: DatabaseQueue
    private let counts = StatementCounts()

    /// Opens a file that is there, for reading alone.
    ///
    /// - Throws: ``StoreError``.
    public init(path: String) throws {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA trusted_schema = OFF") }
            queue = try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            throw StoreError(error)
        }
    }

    /// Lends the file at `path` to `body`, on a thread that may wait for the disk.
    ///
    /// - Throws: ``StoreError``, or what `body` throws.
    public static func reading<Value: Sendable>(
        _ path: String, _ body: @escaping @Sendable (SQLiteFile) throws -> Value
    ) async throws -> Value {
        try await onDiskThread {
            let file = try SQLiteFile(path: path)
            defer { file.close() }
            return try body(file)
        }
    }

    /// Closes it.
    public func close() { try? queue.close() }

    /// What the file still needs of the schema.
    ///
    /// - Throws: ``StoreError`` `.newerSchema`, or `.corrupted` when it is damaged or not ours.
    public func plan() throws -> SchemaPlan {
        try asked { db in try SchemaKeeper(migrations: Migration.all).plan(db) }
    }

    /// Runs a query.
    ///
    /// - Throws: ``StoreError``.
    public func rows(_ statement: SQLStatement, ordered arguments: [SQLValue]) throws -> [SQLRow] {
        try asked { [counts] db in
            try SQLiteSession(db: db, isReading: true, counts: counts).rows(statement, ordered: arguments)
        }
    }

    /// Nothing is changed here.
    ///
    /// - Throws: ``StoreError`` `.unexpected`, always.
    public func change(_ statement: SQLStatement, ordered arguments: [SQLValue]) throws -> Int {
        throw StoreError(.unexpected, "the file is open for reading alone")
    }

    /// Copies what is committed now into a new file, while others go on writing, and proves that the copy is whole. The copy
    /// is one single file, on the disk, for its owner only.
    ///
    /// - Parameters:
    ///   - path: where nothing is yet.
    ///   - progress: the pages copied so far, and all.
    /// - Returns: the steps of the schema that it has taken.
    /// - Throws: ``StoreError``.
    public func copy(to path: String, progress: @escaping @Sendable (_ done: Int, _ all: Int) -> Void) throws -> Int {
        do {
            Foundation.close(try FileForOwner.open(path))
            let target = try DatabaseQueue(path: path)
            let missing = try queue.read { source in
                // Read first: from here on the connection stays at one moment, however long the copy takes.
                let missing = try SchemaKeeper(migrations: Migration.all).plan(source).missing.count
                try target.writeWithoutTransaction { db in
                    try source.backup(to: db, pagesPerStep: 256) { step in
                        progress(step.completedPageCount, step.totalPageCount)
                    }
                }
                return missing
            }
            try target.writeWithoutTransaction { db in try Self.settleAsOneFile(db) }
            try target.close()
            return Migration.all.count - missing
        } catch {
            throw StoreError(error)
        }
    }

    /// Brings a file that nobody uses yet to the present schema and lets `body` change it, in one transaction; it stays one
    /// single file.
    ///
    /// - Throws: ``StoreError``.
    public static func prepare<Value: Sendable>(
        _ path: String, now: Instant, _ body: @escaping @Sendable (any SQLSession) throws -> Value
    ) async throws -> Value {
        try await onDiskThread {
            do {
                var configuration = Configuration()
                configuration.foreignKeysEnabled = true
                configuration.prepareDatabase { db in
                    try db.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA secure_delete = FAST")
                }
                let queue = try DatabaseQueue(path: path, configuration: configuration)
                let value = try queue.writeWithoutTransaction { db in
                    try db.execute(sql: "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL")
                    try SchemaKeeper(migrations: Migration.all).bringUpToDate(db, now: now)
                    var value: Value?
                    try db.inTransaction(.immediate) {
                        value = try body(SQLiteSession(db: db, isReading: false, counts: StatementCounts()))
                        return .commit
                    }
                    try settleAsOneFile(db)
                    return value
                }
                try queue.close()
                guard let value else { throw StoreError(.unexpected, "a transaction gave no result") }
                return value
            } catch {
                throw StoreError(error)
            }
        }
    }

    /// No side file, nothing damaged, no row without the one that it names.
    private static func settleAsOneFile(_ db: Database) throws {
        try db.execute(sql: "PRAGMA journal_mode = DELETE")
        let findings = try String.fetchAll(db, sql: "PRAGMA integrity_check(1)")
        guard findings == ["ok"] else {
            throw StoreError(.corrupted, "The database is damaged: \(findings.first ?? "no finding")")
        }
        guard try Row.fetchOne(db, sql: "PRAGMA foreign_key_check") == nil else {
            throw StoreError(.corrupted, "The database is damaged: a row names another that is not there")
        }
    }

    private func asked<Value>(_ question: (Database) throws -> Value) throws -> Value {
        do {
            return try queue.read(question)
        } catch {
            throw StoreError(error)
        }
    }

    private static func onDiskThread<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "loge.sqlite.file").async { continuation.resume(with: Result(catching: body)) }
        }
    }
}
