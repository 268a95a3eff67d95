public import Stores

/// One connection, lent for a moment. Synchronous: it runs on a thread of the engine, never on the cooperative pool.
public protocol SQLSession {
    /// Runs a statement that changes rows. - Returns: how many it changed.
    ///
    /// - Parameter arguments: in the order of the statement's parameters.
    /// - Throws: ``StoreError``.
    func change(_ statement: SQLStatement, ordered arguments: [SQLValue]) throws -> Int
    /// Runs a query, or a statement with RETURNING. - Returns: its rows.
    ///
    /// - Throws: ``StoreError``.
    func rows(_ statement: SQLStatement, ordered arguments: [SQLValue]) throws -> [SQLRow]
}

extension SQLSession {
    /// Runs a statement that changes rows. - Returns: how many it changed.
    ///
    /// - Throws: ``StoreError``.
    @discardableResult
    public func change(_ statement: SQLStatement, _ arguments: KeyValuePairs<String, SQLValue> = [:]) throws -> Int {
        try change(statement, ordered: statement.ordered(arguments))
    }

    /// Runs a query, or a statement with RETURNING. - Returns: its rows.
    ///
    /// - Throws: ``StoreError``.
    public func rows(_ statement: SQLStatement, _ arguments: KeyValuePairs<String, SQLValue> = [:]) throws -> [SQLRow] {
        try rows(statement, ordered: statement.ordered(arguments))
    }

    /// The first row of a query, or of a statement with RETURNING.
    ///
    /// - Throws: ``StoreError``.
    public func row(_ statement: SQLStatement, _ arguments: KeyValuePairs<String, SQLValue> = [:]) throws -> SQLRow? {
        try rows(statement, arguments).first
    }
}

/// What one write gives back: its result, and what changed when it is committed.
public struct Written<Value: Sendable>: Sendable {
    /// The result for the caller.
    public let value: Value
    /// What to tell the feeds, here and on the other nodes.
    public let changes: [StoreChange]

    /// A result that changed `changes`.
    public init(_ value: Value, _ changes: [StoreChange] = []) {
        self.value = value
        self.changes = changes
    }
}

/// An engine that the stores of ``StoreSet`` run on: SQLite in this process, or PostgreSQL for many nodes.
///
/// A body may run more than once (a transaction that lost a race is tried again): it changes nothing but the database.
public protocol SQLEngine: Sendable {
    /// Runs one query on what is committed.
    ///
    /// - Throws: ``StoreError``.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> Value
    ) async throws -> Value

    /// Runs exactly one changing statement, which commits by itself: one way to the server and back. Nothing is
    /// announced. Returns when it is durable.
    ///
    /// - Throws: ``StoreError``; `.unavailable` also when nobody can tell whether it was carried out.
    func writeOne<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> Value
    ) async throws -> Value

    /// Runs a transaction; returns when it is durable, after the feed of this process was told what changed. The other
    /// nodes are told by the same commit.
    ///
    /// A statement sees what was committed before it began (`READ COMMITTED`): a transaction locks first what it decides
    /// on.
    /// Rows are locked in this order: accounts, sessions, everything else.
    ///
    /// - Throws: ``StoreError``, `body`'s own or the one of the transaction; `.unavailable` also when nobody can tell
    ///   whether it was carried out.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> Written<Value>
    ) async throws -> Value

    /// Runs a transaction and takes it back: proves that the engine can be written to.
    ///
    /// - Throws: ``StoreError``.
    func tryOut(_ body: @escaping @Sendable (any SQLSession) throws -> Void) async throws

    /// Lends a connection of its own, on a thread of its own, for as long as `body` takes. What `body` began and did not
    /// commit is taken back. Nothing is announced.
    ///
    /// - Throws: ``StoreError``, or what `body` throws.
    func atWorkbench<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLWorkbench) throws -> Value
    ) async throws -> Value
}
