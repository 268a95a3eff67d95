internal import CPostgreSQL
internal import Clocks
internal import Stores
internal import StoresSQL

/// A connection of one's own to the shared database. Its statements may take hours: nobody waits for them but the command
/// that gave them.
struct PostgreSQLWorkbench: SQLWorkbench {
    /// How long a statement may take, and how long it waits for a lock.
    private static let limits = Connection.Limits(connect: .seconds(10), statement: .hours(6), lock: .seconds(30))

    private let connection: Connection
    private let session: PostgreSQLSession

    /// Opens a connection for `body` and closes it, which takes back what was not committed.
    ///
    /// - Throws: ``StoreError``, or what `body` throws.
    static func open<Value: Sendable>(
        _ settings: PostgreSQLSettings, _ body: @escaping @Sendable (any SQLWorkbench) throws -> Value
    ) async throws -> Value {
        try await BlockingThread.run("loge.pg.workbench") {
            var limits = limits
            limits.connect = settings.connectTimeout
            let connection: Connection
            do throws(Failure) {
                connection = try Connection(settings, limits: limits)
                // Between two statements of one transaction a report may be counted.
                try connection.command("SET idle_in_transaction_session_timeout = '10min'; SET work_mem = '64MB'")
                try connection.command("SET maintenance_work_mem = '128MB'; SET temp_buffers = '64MB'")
            } catch {
                throw error.error
            }
            defer { connection.close() }
            return try body(
                PostgreSQLWorkbench(
                    connection: connection, session: PostgreSQLSession(connection, meter: Meter())))
        }
    }

    func change(_ statement: SQLStatement, ordered arguments: [SQLValue]) throws -> Int {
        try session.change(statement, ordered: arguments)
    }

    func rows(_ statement: SQLStatement, ordered arguments: [SQLValue]) throws -> [SQLRow] {
        try session.rows(statement, ordered: arguments)
    }

    func define(_ statements: String) throws {
        try command(statements.replacing(" TEXT", with: " TEXT COLLATE \"C\""))
    }

    func begin(lock: Int64) throws {
        try command("BEGIN")
        let held = try row(SQLStatement("SELECT pg_try_advisory_xact_lock(:lock) AS held"), ["lock": .number(lock)])
        guard try held?.flag("held") == true else {
            try command("ROLLBACK")
            throw StoreError(.unavailable, "somebody else is writing at the same time")
        }
    }

    func commit() throws { try command("COMMIT") }
    func rollback() throws { try command("ROLLBACK") }

    func load(_ rows: RowBatch, into table: String, columns: [String]) throws {
        guard !rows.isEmpty else { return }
        let data = try rows.binary()
        do throws(Failure) {
            try connection.copy(
                data, with: "COPY \(table) (\(columns.joined(separator: ", "))) FROM STDIN (FORMAT binary)")
        } catch {
            throw error.error
        }
    }

    private func command(_ text: String) throws {
        do throws(Failure) { try connection.command(text) } catch { throw error.error }
    }
}

extension RowBatch {
    /// The rows as COPY takes them in its binary format (PostgreSQL's manual, COPY, "Binary Format").
    ///
    /// - Throws: ``StoreError`` for a text that PostgreSQL cannot hold.
    fileprivate func binary() throws -> [UInt8] {
        var data: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00, 0, 0, 0, 0, 0, 0, 0, 0]
        data.reserveCapacity(bytes.count + cells.count * 12 + count * 2 + 21)
        guard !bytes.contains(0) else {
            throw StoreError(.unexpected, "a text holds U+0000, which PostgreSQL cannot store")
        }
        var start = 0
        var cell = 0
        while cell < cells.count {
            Self.append(Int16(columns.count), to: &data)
            for column in columns {
                let value = cells[cell]
                cell += 1
                switch column {
                case .number:
                    Self.append(Int32(8), to: &data)
                    Self.append(value, to: &data)
                case .text:
                    let end = Int(value)
                    Self.append(Int32(end - start), to: &data)
                    data.append(contentsOf: bytes[start..<end])
                    start = end
                }
            }
        }
        Self.append(Int16(-1), to: &data)
        return data
    }

    /// Big endian.
    private static func append(_ number: some FixedWidthInteger, to data: inout [UInt8]) {
        var shift = number.bitWidth
        while shift > 0 {
            shift -= 8
            data.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
