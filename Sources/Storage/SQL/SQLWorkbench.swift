/// A connection of one's own, for long work: temporary tables, rows by the hundred thousand, one long transaction.
/// Synchronous: it runs on a thread of its own.
public protocol SQLWorkbench: SQLSession {
    /// Runs statements that have no parameters, in the words of ``Migration``: `TEXT`, `BIGINT`, `BYTEA`. They end with
    /// `;` at the end of a line.
    ///
    /// - Throws: ``StoreError``.
    func define(_ statements: String) throws
    /// Adds rows to a temporary table, as fast as the engine can.
    ///
    /// - Throws: ``StoreError``.
    func load(_ rows: RowBatch, into table: String, columns: [String]) throws
    /// Begins the one transaction that changes what others see. Reads before it may be of different moments.
    ///
    /// - Parameter lock: a number; whoever holds it keeps others out who begin with the same one.
    /// - Throws: ``StoreError`` `.unavailable` when somebody else is writing and does not end soon.
    func begin(lock: Int64) throws
    /// Makes everything since ``begin(lock:)`` durable.
    ///
    /// - Throws: ``StoreError``.
    func commit() throws
    /// Takes everything since ``begin(lock:)`` back.
    ///
    /// - Throws: ``StoreError``.
    func rollback() throws
}

/// Rows on their way into a table, side by side in one buffer: texts and whole numbers, none of them NULL.
public struct RowBatch: Sendable {
    /// The type of a column.
    public enum Column: Sendable, Hashable {
        /// `TEXT`.
        case text
        /// `BIGINT`.
        case number
    }

    /// The columns, in order.
    public let columns: [Column]
    /// The texts, one behind the other.
    public private(set) var bytes: [UInt8] = []
    /// Row by row: a number itself, or where a text ends in ``bytes``; it begins where the one before ended.
    public private(set) var cells: [Int64] = []

    /// No rows yet.
    public init(_ columns: [Column]) { self.columns = columns }

    /// Adds a text: the next cell.
    public mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        cells.append(Int64(bytes.count))
    }

    /// Adds a number: the next cell.
    public mutating func append(_ number: Int64) { cells.append(number) }

    /// The whole rows.
    public var count: Int { cells.count / columns.count }
    /// Whether there is none.
    public var isEmpty: Bool { cells.isEmpty }

    /// Forgets the rows, and keeps the memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        cells.removeAll(keepingCapacity: true)
    }
}
