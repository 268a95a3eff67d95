internal import GRDB
internal import Stores

extension StoreError {
    /// The engine's error in the words of the stores. GRDB's own description has SQL but no values; only the message and
    /// the codes are kept, which name tables and columns.
    init(_ error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError:
            let code = error.extendedResultCode
            self.init(
                Self.code(for: code), "SQLite \(code.rawValue): \(error.message ?? "no message")")
        default: self.init(.unexpected, "unexpected error: \(type(of: error))")
        }
    }

    /// https://sqlite.org/rescode.html
    private static func code(for result: ResultCode) -> Code {
        switch result {
        case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY: return .conflict
        default: break
        }
        switch result.primaryResultCode {
        case .SQLITE_FULL, .SQLITE_READONLY, .SQLITE_IOERR, .SQLITE_PERM: return .cannotWrite
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_NOMEM, .SQLITE_INTERRUPT, .SQLITE_CANTOPEN, .SQLITE_MISUSE:
            // MISUSE is what GRDB answers once the connection is closed.
            return .unavailable
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: return .corrupted
        default: return .unexpected
        }
    }
}
