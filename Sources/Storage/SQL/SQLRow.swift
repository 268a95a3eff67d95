public import Clocks
public import Stores

/// The names of the columns of a result, shared by its rows.
public final class SQLColumns: Sendable {
    /// The names, in order.
    public let names: [String]
    private let places: [String: Int]

    /// Columns named `names`.
    public init(_ names: [String]) {
        self.names = names
        places = Dictionary(zip(names, names.indices)) { first, _ in first }
    }

    func place(_ name: String) -> Int? { places[name] }
}

/// A row on its way to a domain value. What is missing or of a wrong kind is an error that names the column, never the
/// value.
public struct SQLRow: Sendable {
    /// The names of the columns.
    public let columns: SQLColumns
    /// The values, in the same order.
    public let values: [SQLValue]

    /// A row of a result.
    public init(columns: SQLColumns, values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// A text.
    public func text(_ column: String) throws -> String { try require(column, optionalText(column)) }

    /// A text that may be absent.
    public func optionalText(_ column: String) throws -> String? {
        switch try value(column) {
        case .null: return nil
        case .text(let text): return text
        default: throw corrupted(column)
        }
    }

    /// A whole number.
    public func number(_ column: String) throws -> Int64 { try require(column, optionalNumber(column)) }

    /// A whole number that may be absent.
    public func optionalNumber(_ column: String) throws -> Int64? {
        switch try value(column) {
        case .null: return nil
        case .number(let number): return number
        default: throw corrupted(column)
        }
    }

    /// A yes or no, stored as 1 or 0.
    public func flag(_ column: String) throws -> Bool { try number(column) != 0 }

    /// An instant, stored as milliseconds since the epoch.
    public func instant(_ column: String) throws -> Instant { Instant(millisecondsSinceEpoch: try number(column)) }

    /// An instant that may be absent.
    public func optionalInstant(_ column: String) throws -> Instant? {
        try optionalNumber(column).map(Instant.init(millisecondsSinceEpoch:))
    }

    /// A value that `parse` understands.
    public func value<Value>(_ column: String, _ parse: (String) -> Value?) throws -> Value {
        try require(column, parse(text(column)))
    }

    /// A value that `parse` understands, or that is absent.
    public func optionalValue<Value>(_ column: String, _ parse: (String) -> Value?) throws -> Value? {
        guard let text = try optionalText(column) else { return nil }
        return try require(column, parse(text))
    }

    /// Bytes.
    public func bytes(_ column: String) throws -> [UInt8] {
        guard case .bytes(let bytes) = try value(column) else { throw corrupted(column) }
        return bytes
    }

    /// The 32 bytes of a hash.
    public func hash(_ column: String) throws -> SecretHash {
        let bytes = try bytes(column)
        guard bytes.count == 32 else { throw corrupted(column) }
        return SecretHash(bytes: bytes)
    }

    /// The error that says that the column holds what no version of Loge writes. The first column, the key as a rule,
    /// tells the operator which row it is.
    public func corrupted(_ column: String) -> StoreError {
        StoreError(
            .corrupted, "\(column) of the row \(columns.names.first ?? "?") = \(name) holds what Loge never writes")
    }

    private var name: String {
        switch values.first {
        case .text(let text): text
        case .number(let number): String(number)
        default: "?"
        }
    }

    /// The value of a column, of whatever kind.
    public func any(_ column: String) throws -> SQLValue { try value(column) }

    private func value(_ column: String) throws -> SQLValue {
        guard let place = columns.place(column), place < values.count else {
            throw StoreError(.unexpected, "the query gives no column \(column)")
        }
        return values[place]
    }

    private func require<Value>(_ column: String, _ value: Value?) throws -> Value {
        guard let value else { throw corrupted(column) }
        return value
    }
}
