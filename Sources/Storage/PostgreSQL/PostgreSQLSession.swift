internal import Stores
internal import StoresSQL

/// A connection, lent to one body. Remembers what went wrong, whatever the body makes of the error: a transaction that
/// failed is not committed, and one that lost a race or its connection can be tried again.
final class PostgreSQLSession: SQLSession {
    private let connection: Connection
    private let limit: Int
    private let meter: Meter
    private var count = 0

    /// The first thing that went wrong between us and the server.
    private(set) var failure: Failure?
    /// Whether a statement is on its way, or was: from then on only the answer tells what became of it.
    private(set) var hasSent = false

    /// - Parameter limit: how many statements the body may run.
    init(_ connection: Connection, limit: Int = .max, meter: Meter) {
        self.connection = connection
        self.limit = limit
        self.meter = meter
    }

    func change(_ statement: SQLStatement, ordered arguments: [SQLValue]) throws -> Int {
        try run(statement, arguments).result.count
    }

    func rows(_ statement: SQLStatement, ordered arguments: [SQLValue]) throws -> [SQLRow] {
        let (result, prepared) = try run(statement, arguments)
        let columns = prepared.columns ?? result.columns
        prepared.columns = columns
        return try result.rows(columns)
    }

    /// Tells the other nodes, when the transaction is committed.
    ///
    /// - Throws: ``StoreError``.
    func announce(_ changes: [StoreChange], from origin: String) throws {
        guard !changes.isEmpty else { return }
        let payload = ChangeNote(origin: origin, changes: changes).text
        _ = try run(Self.notify, [.text(ChangeNote.channel), .text(payload)], isCounted: false)
    }

    private static let notify = SQLStatement("SELECT pg_notify(:channel, :payload)")

    private func run(
        _ statement: SQLStatement, _ arguments: [SQLValue], isCounted: Bool = true
    ) throws -> (result: QueryResult, prepared: PreparedStatement) {
        // PostgreSQL carries out nothing more in a transaction that failed.
        if let failure { throw failure.error }
        guard count < limit else {
            throw StoreError(.unexpected, "more than \(limit) statement where each commits by itself")
        }
        let encoded = try BinaryArguments(arguments)
        count += isCounted ? 1 : 0
        do throws(Failure) {
            let prepared = try connection.prepare(statement, arguments)
            if isCounted { meter.ran(prepared) }
            hasSent = true
            return (try connection.run(prepared, encoded), prepared)
        } catch {
            failure = error
            throw error.error
        }
    }
}
