internal import CPostgreSQL
internal import Clocks
internal import Foundation
internal import Stores

/// Owner of one connection of libpq, used by one thread. No call of it blocks longer than its deadline: the server may be
/// frozen, and the network may swallow what it is given. (One thing cannot be bounded: libpq looks a host name up with
/// the system's resolver. Nobody waits for a connection that is being opened, but the thread that opens it.)
@safe final class Connection {
    /// How long what may take.
    struct Limits: Sendable {
        /// Opening, all addresses together.
        var connect: Duration
        /// One statement, at the server.
        var statement: Duration
        /// A lock that somebody else holds.
        var lock: Duration = .seconds(3)
        /// Beyond `statement` the server is taken for frozen: it should have given up by itself.
        var answer: Duration { statement + .seconds(1) }
    }

    /// `nil` once it is closed.
    private var handle: OpaquePointer?
    let limits: Limits
    /// Why the connection ended; `nil` while it lives and when we are the ones who left.
    private(set) var failure: Failure?
    /// Whether it should be left at the next occasion, though it lives.
    private var isSpoilt = false
    private let isAbandoned: @Sendable () -> Bool
    var prepared = PreparedStatements()

    /// Opens a connection and sets its session up.
    ///
    /// - Parameter isAbandoned: asked a few times a second while the connection is being opened.
    /// - Throws: ``Failure``, in words for the operator.
    init(
        _ settings: PostgreSQLSettings, limits: Limits, isAbandoned: @escaping @Sendable () -> Bool = { false }
    ) throws(Failure) {
        self.limits = limits
        self.isAbandoned = isAbandoned
        let hosts = settings.hostCount
        let milliseconds = String(settings.connectTimeout.wholeMilliseconds)
        unsafe handle = settings.options.withParameters(
            fixed: ["client_encoding": "UTF8"],
            defaults: [
                "fallback_application_name": "loge", "keepalives": "1", "keepalives_idle": "10",
                "keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": milliseconds,
            ]
        ) { keywords, values in unsafe PQconnectStartParams(keywords, values, 0) }
        guard let handle = unsafe handle else { throw .lost("libpq has no memory for a connection") }
        // NOTICEs would go to the standard error, and may quote values.
        _ = unsafe PQsetNoticeReceiver(handle, { _, _ in }, nil)
        // Until it is open, errors have no fields to be read: the message is made to be the code and nothing else.
        _ = unsafe PQsetErrorVerbosity(handle, PQERRORS_SQLSTATE)
        do throws(Failure) {
            try unsafe open(handle, until: .now + limits.connect * max(1, hosts))
        } catch {
            let target = unsafe ConnectionTarget(handle)
            close()
            throw error.described(by: target)
        }
        // Asked now: a connection that fails is closed, and says nothing more.
        let target = unsafe ConnectionTarget(handle)
        do throws(Failure) {
            try setUp()
        } catch {
            close()
            throw error.described(by: target)
        }
    }

    deinit { close() }

    /// Whether the next statement may be given to it.
    var isUsable: Bool {
        guard let handle = unsafe handle, failure == nil, !isSpoilt else { return false }
        return unsafe PQstatus(handle) == CONNECTION_OK && PQtransactionStatus(handle) == PQTRANS_IDLE
    }

    /// Whether it is as it was left. A server that speaks unasked says good-bye: it restarts, or somebody ended the
    /// connection. (It may also report a changed parameter; a new connection is as good then.)
    var isQuiet: Bool {
        guard isUsable, let handle = unsafe handle else { return false }
        var entry = pollfd(fd: unsafe PQsocket(handle), events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, 0) == 0
    }

    /// "Closes the connection to the server. Also frees memory used by the PGconn object."
    func close() {
        guard let handle = unsafe handle else { return }
        unsafe self.handle = nil
        unsafe PQfinish(handle)
    }

    /// What the server told when the session began, such as `server_encoding`.
    func parameter(_ name: String) -> String? {
        guard let handle = unsafe handle, let value = unsafe PQparameterStatus(handle, name) else { return nil }
        return unsafe String(cString: value)
    }

    /// What the connection goes to.
    var target: ConnectionTarget? { unsafe handle.map { unsafe ConnectionTarget($0) } }

    /// Sends something and collects every answer to it.
    ///
    /// - Parameter send: gives 1 when libpq took it.
    /// - Throws: ``Failure``; the connection is closed unless it is `.refused`.
    func roundTrip(
        within limit: Duration? = nil, _ send: (OpaquePointer) -> Int32
    ) throws(Failure) -> [QueryResult] {
        let deadline = ContinuousClock.now + (limit ?? limits.answer)
        guard let handle = unsafe handle else { throw failure ?? .lost("the connection to PostgreSQL is closed") }
        do throws(Failure) {
            guard unsafe send(handle) == 1 else { throw .lost("the connection to PostgreSQL was lost") }
            try unsafe flush(handle, until: deadline)
            var results: [QueryResult] = []
            while let result = try unsafe nextResult(handle, until: deadline) {
                results.append(result)
                // A server that starts to copy would go on for ever.
                if result.failure?.kind == .lost { throw result.failure ?? .lost("the connection was lost") }
            }
            if let failure = results.lazy.compactMap(\.failure).first { throw failure }
            return results
        } catch {
            end(error)
            throw error
        }
    }

    /// Waits for something that the server says unasked. - Returns: whether there is something.
    ///
    /// - Throws: ``Failure``.
    func waitForInput(until deadline: ContinuousClock.Instant) throws(Failure) -> Bool {
        guard let handle = unsafe handle else { throw failure ?? .lost("the connection to PostgreSQL is closed") }
        do throws(Failure) {
            guard try unsafe wait(handle, for: POLLIN, until: deadline) else { return false }
            guard unsafe PQconsumeInput(handle) == 1 else { throw .lost("the connection was closed") }
            return true
        } catch {
            end(error)
            throw error
        }
    }

    /// The payloads of the notifications that came, in order.
    func notifications() -> [String] {
        guard let handle = unsafe handle else { return [] }
        var payloads: [String] = []
        while let notification = unsafe PQnotifies(handle) {
            // "Be sure to free it with PQfreemem."
            defer { unsafe PQfreemem(notification) }
            if let payload = unsafe notification.pointee.extra { payloads.append(unsafe String(cString: payload)) }
        }
        return payloads
    }
}

extension Connection {
    /// Gives the server the data that `sql`, a `COPY … FROM STDIN`, asks for.
    ///
    /// - Throws: ``Failure``; the connection is closed unless it is `.refused`.
    func copy(_ data: [UInt8], with sql: String) throws(Failure) {
        let deadline = ContinuousClock.now + limits.answer
        guard let handle = unsafe handle else { throw failure ?? .lost("the connection to PostgreSQL is closed") }
        do throws(Failure) {
            guard unsafe PQsendQuery(handle, sql) == 1 else { throw .lost("the connection to PostgreSQL was lost") }
            try unsafe flush(handle, until: deadline)
            guard let asked = try unsafe nextResult(handle, until: deadline) else {
                throw .lost("PostgreSQL gave no answer to COPY")
            }
            var refusal: Failure?
            if asked.status == PGRES_COPY_IN {
                try unsafe give(data, handle, until: deadline)
            } else {
                refusal = asked.failure ?? .lost("PostgreSQL did not ask for rows")
            }
            while let result = try unsafe nextResult(handle, until: deadline) { refusal = refusal ?? result.failure }
            if let refusal { throw refusal }
        } catch {
            end(error)
            throw error
        }
    }

    private func give(
        _ data: [UInt8], _ handle: OpaquePointer, until deadline: ContinuousClock.Instant
    ) throws(Failure) {
        let piece = 1 << 16
        var start = 0
        while start < data.count {
            let end = min(start + piece, data.count)
            let sent = unsafe data[start..<end].withUnsafeBytes { bytes in
                unsafe PQputCopyData(handle, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
            }
            switch sent {
            case 1: start = end
            // "The return value is 0 if the data could not be queued because of full buffers."
            case 0: try unsafe flush(handle, until: deadline)
            default: throw .lost("the connection to PostgreSQL was lost")
            }
        }
        while true {
            switch unsafe PQputCopyEnd(handle, nil) {
            case 1: return try unsafe flush(handle, until: deadline)
            case 0: try unsafe flush(handle, until: deadline)
            default: throw .lost("the connection to PostgreSQL was lost")
            }
        }
    }

    private func end(_ cause: Failure) {
        if case .refused(let state) = cause.kind {
            if state.spoilsConnection { isSpoilt = true }
            return
        }
        failure = cause
        close()
    }

    private func open(_ handle: OpaquePointer, until deadline: ContinuousClock.Instant) throws(Failure) {
        guard unsafe PQstatus(handle) != CONNECTION_BAD else { throw .lost(unsafe Self.message(handle)) }
        // "Behave as if PQconnectPoll last returned PGRES_POLLING_WRITING."
        var step = PGRES_POLLING_WRITING
        while step != PGRES_POLLING_OK {
            let events: Int32
            switch step {
            case PGRES_POLLING_READING: events = POLLIN
            case PGRES_POLLING_WRITING: events = POLLOUT
            default: throw .lost(unsafe Self.message(handle))
            }
            var slice = ContinuousClock.now
            repeat {
                guard !isAbandoned() else { throw .lost("the connection is not needed any more") }
                guard slice < deadline else { throw .silent("PostgreSQL does not answer") }
                slice = min(deadline, ContinuousClock.now + .milliseconds(250))
            } while try unsafe !wait(handle, for: events, until: slice)
            step = unsafe PQconnectPoll(handle)
        }
        guard unsafe PQsetnonblocking(handle, 1) == 0 else { throw .lost("the connection cannot be made non-blocking") }
    }

    private func setUp() throws(Failure) {
        let statement = limits.statement.wholeMilliseconds
        // Stronger settings of `synchronous_commit` are the operator's choice; with weaker ones a used code could come
        // back after a power cut.
        let sql = """
            SET standard_conforming_strings = on;
            SET statement_timeout = \(statement);
            SET lock_timeout = \(limits.lock.wholeMilliseconds);
            SET idle_in_transaction_session_timeout = 10000;
            SET default_transaction_isolation = 'read committed';
            SELECT set_config('synchronous_commit', 'on', false)
            WHERE current_setting('synchronous_commit') IN ('off', 'local')
            """
        _ = try unsafe roundTrip(within: limits.connect) { handle in unsafe PQsendQuery(handle, sql) }
    }

    /// "If it returns 1, wait for the socket to become read- or write-ready."
    private func flush(_ handle: OpaquePointer, until deadline: ContinuousClock.Instant) throws(Failure) {
        while true {
            switch unsafe PQflush(handle) {
            case 0: return
            case 1: break
            default: throw .lost("the connection to PostgreSQL was lost")
            }
            guard try unsafe wait(handle, for: POLLIN | POLLOUT, until: deadline) else {
                throw .silent("PostgreSQL takes nothing")
            }
            guard unsafe PQconsumeInput(handle) == 1 else { throw .lost("the connection to PostgreSQL was lost") }
        }
    }

    private func nextResult(
        _ handle: OpaquePointer, until deadline: ContinuousClock.Instant
    ) throws(Failure) -> QueryResult? {
        while unsafe PQisBusy(handle) == 1 {
            guard try unsafe wait(handle, for: POLLIN, until: deadline) else {
                throw .silent("PostgreSQL does not answer")
            }
            guard unsafe PQconsumeInput(handle) == 1 else { throw .lost("the connection to PostgreSQL was lost") }
        }
        guard let result = unsafe PQgetResult(handle) else { return nil }
        return unsafe QueryResult(takingOwnership: result)
    }

    /// Waits for the socket. - Returns: false when the deadline came first.
    private func wait(
        _ handle: OpaquePointer, for events: Int32, until deadline: ContinuousClock.Instant
    ) throws(Failure) -> Bool {
        while true {
            var entry = pollfd(fd: unsafe PQsocket(handle), events: Int16(events), revents: 0)
            guard entry.fd >= 0 else { throw .lost("the connection to PostgreSQL was lost") }
            let left = max(.zero, ContinuousClock.now.duration(to: deadline))
            // Rounded up: a wait of less than a millisecond would spin.
            let ready = unsafe poll(&entry, 1, Int32(min(left.wholeMilliseconds + 1, 60_000)))
            if ready > 0 { return true }
            guard ready == 0 || errno == EINTR else { throw .lost("poll: errno \(errno)") }
            if ContinuousClock.now >= deadline { return false }
        }
    }

    /// What libpq says of a connection that did not come about.
    private static func message(_ handle: OpaquePointer) -> String {
        unsafe PQerrorMessage(handle).map { unsafe String(cString: $0) } ?? ""
    }
}
