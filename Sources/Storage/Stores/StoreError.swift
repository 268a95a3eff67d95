/// A store that could not answer. "Not found" is never an error: it is `nil` or `false`.
public struct StoreError: Error, Equatable, CustomStringConvertible {
    /// What callers switch on.
    public enum Code: Sendable, Equatable {
        /// The engine is out of reach, busy beyond its time-out, or shutting down: try again later.
        case unavailable
        /// No room is left on the disk, or the database is read-only.
        case cannotWrite
        /// A row that no version of Loge writes, or a file that is no database.
        case corrupted
        /// The schema was made by a newer Loge.
        case newerSchema
        /// A unique value is taken (a login, a code); names the column, never the value.
        case conflict
        /// Anything else: our own mistake.
        case unexpected
    }

    /// What happened, for code.
    public let code: Code
    /// What happened, for the log: SQL names and engine codes, never values.
    public let reason: String

    /// An error of kind `code`.
    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    /// The reason.
    public var description: String { reason }

    /// Two errors are equal when their codes are.
    public static func == (left: StoreError, right: StoreError) -> Bool { left.code == right.code }
}
