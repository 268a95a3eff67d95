internal import CPostgreSQL
internal import Stores
internal import StoresSQL

/// Owner of one result of libpq: "You should free it with PQclear when it is no longer needed."
@safe final class QueryResult {
    private let result: OpaquePointer

    init(takingOwnership result: OpaquePointer) { unsafe self.result = result }

    deinit { unsafe PQclear(result) }

    var status: ExecStatusType { unsafe PQresultStatus(result) }

    /// What the server says that it did, such as `COMMIT`.
    var commandTag: String { unsafe Self.text(PQcmdStatus(result)) ?? "" }

    /// How many rows the statement changed or gave.
    var count: Int { Int(unsafe Self.text(PQcmdTuples(result)) ?? "") ?? 0 }

    /// Why the statement failed; `nil` when it did not.
    var failure: Failure? {
        switch status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return nil
        case PGRES_FATAL_ERROR: break
        default: return .lost("PostgreSQL answered with what nobody asked for (\(status.rawValue))")
        }
        guard let code = unsafe Self.text(loge_postgresql_sqlstate(result)) else {
            // Written by libpq itself: the connection broke.
            return .lost("the connection to PostgreSQL was lost")
        }
        let state = SQLSTATE(code)
        let error = StoreError(state.code, reason(code, state))
        // The severity of an error after which the server closes the connection.
        let severity = unsafe Self.text(loge_postgresql_severity(result))
        let isLast = severity == "FATAL" || severity == "PANIC"
        return Failure(kind: isLast ? .lost : .refused(state), error: error)
    }

    /// Names and codes, never values: the fields DETAIL and CONTEXT are not even read.
    private func reason(_ code: String, _ state: SQLSTATE) -> String {
        var reason = "PostgreSQL \(code)"
        if let table = unsafe Self.text(loge_postgresql_table(result)) { reason += ", table \(table)" }
        if let column = unsafe Self.text(loge_postgresql_column(result)) { reason += ", column \(column)" }
        if let constraint = unsafe Self.text(loge_postgresql_constraint(result)) {
            reason += ", constraint \(constraint)"
        }
        if state.hasHarmlessMessage, let message = unsafe Self.text(loge_postgresql_message(result)) {
            reason += ": \(message)"
        }
        return reason
    }

    /// The names of the columns.
    var columns: SQLColumns {
        SQLColumns((0..<(unsafe PQnfields(result))).map { unsafe Self.text(PQfname(result, $0)) ?? "?" })
    }

    /// The rows.
    ///
    /// - Parameter columns: of an earlier result of the same prepared statement: PostgreSQL refuses to run it once they
    ///   differ.
    /// - Throws: ``StoreError`` `.unexpected` for a type that the schema does not use.
    func rows(_ columns: SQLColumns) throws -> [SQLRow] {
        let kinds = try columns.names.indices.map { column in
            let type = unsafe PQftype(result, Int32(column))
            guard let kind = ColumnKind(type), unsafe PQfformat(result, Int32(column)) == 1 else {
                throw StoreError(
                    .unexpected, "the column \(columns.names[column]) has the type \(type), which Loge never uses")
            }
            return kind
        }
        return try (0..<(unsafe PQntuples(result))).map { row in
            let values = try kinds.indices.map { column in
                guard unsafe PQgetisnull(result, row, Int32(column)) == 0 else { return SQLValue.null }
                // "This value belongs to the PGresult": copied before it goes.
                let bytes = unsafe UnsafeRawBufferPointer(
                    start: PQgetvalue(result, row, Int32(column)),
                    count: Int(PQgetlength(result, row, Int32(column))))
                guard let value = unsafe kinds[column].value(bytes) else {
                    throw StoreError(.corrupted, "the column \(columns.names[column]) holds what its type cannot hold")
                }
                return value
            }
            return SQLRow(columns: columns, values: values)
        }
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String? {
        guard let pointer = unsafe pointer else { return nil }
        return unsafe String(cString: pointer)
    }
}

/// How the binary form of a type is read.
private enum ColumnKind {
    case text
    case number
    case bytes

    /// The numbers are those of `pg_type.dat`, fixed for ever.
    init?(_ type: Oid) {
        switch type {
        case 25, 1043, 19: self = .text  // text, varchar, name
        case 20, 23, 21, 16: self = .number  // int8, int4, int2, bool
        case 17: self = .bytes  // bytea
        default: return nil
        }
    }

    func value(_ bytes: UnsafeRawBufferPointer) -> SQLValue? {
        switch self {
        case .text: return unsafe String(validating: bytes, as: UTF8.self).map(SQLValue.text)
        case .bytes: return unsafe .bytes(Array(bytes))
        case .number:
            guard let first = unsafe bytes.first, bytes.count <= 8 else { return nil }
            // Big endian, two's complement; a bool is one byte, 0 or 1.
            let sign: Int64 = first & 0x80 == 0 ? 0 : -1
            return unsafe .number(bytes.reduce(sign) { $0 << 8 | Int64($1) })
        }
    }
}
