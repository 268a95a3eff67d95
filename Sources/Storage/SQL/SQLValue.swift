public import Clocks
internal import Cryptography
public import Stores

/// A value on its way into or out of a database: the three types that the schema uses, and nothing.
public enum SQLValue: Sendable, Hashable {
    /// NULL.
    case null
    /// `TEXT`.
    case text(String)
    /// `BIGINT`: numbers, instants as milliseconds since the epoch, flags as 0 or 1.
    case number(Int64)
    /// `BYTEA`.
    case bytes([UInt8])

    /// A text that may be absent.
    public static func optional(_ text: String?) -> SQLValue { text.map(SQLValue.text) ?? .null }
    /// A number that may be absent.
    public static func optional(_ number: Int64?) -> SQLValue { number.map(SQLValue.number) ?? .null }
    /// A yes or no.
    public static func flag(_ flag: Bool) -> SQLValue { .number(flag ? 1 : 0) }
    /// An instant, by the millisecond.
    public static func instant(_ instant: Instant) -> SQLValue { .number(instant.millisecondsSinceEpoch) }
    /// The 32 bytes of a hash.
    public static func hash(_ hash: SecretHash) -> SQLValue { .bytes(hash.bytes) }
}
