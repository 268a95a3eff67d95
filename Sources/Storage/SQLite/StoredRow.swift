internal import Clocks
internal import GRDB
internal import Stores

/// A row on its way to a domain value. What is missing or of a wrong kind is an error that names table, column and key,
/// never the value.
struct StoredRow {
    private let row: Row
    private let table: String
    private let key: String

    /// A row of `table` whose primary key is in the column `key`.
    init(_ row: Row, of table: String, key column: String) {
        self.row = row
        self.table = table
        key = (row[column] as DatabaseValue).description
    }

    /// A text.
    func text(_ column: String) throws -> String { try require(column, optionalText(column)) }

    /// A text that may be absent.
    func optionalText(_ column: String) throws -> String? { try read(column) }

    /// A whole number.
    func number(_ column: String) throws -> Int64 { try require(column, read(column)) }

    /// A whole number that may be absent.
    func optionalNumber(_ column: String) throws -> Int64? { try read(column) }

    /// A yes or no, stored as 1 or 0.
    func flag(_ column: String) throws -> Bool { try number(column) != 0 }

    /// An instant, stored as milliseconds since the epoch.
    func instant(_ column: String) throws -> Instant {
        Instant(millisecondsSinceEpoch: try number(column))
    }

    /// An instant that may be absent.
    func optionalInstant(_ column: String) throws -> Instant? {
        try optionalNumber(column).map(Instant.init(millisecondsSinceEpoch:))
    }

    /// A value that `parse` understands.
    func value<Value>(_ column: String, _ parse: (String) -> Value?) throws -> Value {
        try require(column, parse(text(column)))
    }

    /// A value that `parse` understands, or that is absent.
    func optionalValue<Value>(_ column: String, _ parse: (String) -> Value?) throws -> Value? {
        guard let text = try optionalText(column) else { return nil }
        return try require(column, parse(text))
    }

    /// The 32 bytes of a hash.
    func hash(_ column: String) throws -> SecretHash {
        let stored: DatabaseValue = row[column]
        guard case .blob(let bytes) = stored.storage, bytes.count == 32 else { throw corrupted(column) }
        return SecretHash(bytes: Array(bytes))
    }

    /// The error that says that the column holds what no version of Loge writes.
    func corrupted(_ column: String) -> StoreError {
        StoreError(.corrupted, "\(table).\(column) of the row \(key) holds what Loge never writes")
    }

    private func read<Value: DatabaseValueConvertible>(_ column: String) throws -> Value? {
        let stored: DatabaseValue = row[column]
        if stored.isNull { return nil }
        return try require(column, Value.fromDatabaseValue(stored))
    }

    private func require<Value>(_ column: String, _ value: Value?) throws -> Value {
        guard let value else { throw corrupted(column) }
        return value
    }
}
