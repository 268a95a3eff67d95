internal import Cryptography
internal import Stores
internal import StoresSQL

/// How a turn of a call on a connection ended.
enum Turn<Value: Sendable>: Sendable {
    /// The caller can be answered.
    case answered(Result<Value, any Error>)
    /// The connection was lost and nothing was carried out: the same again on another one, if there is time.
    case again(StoreError)
}

/// Runs bodies on a connection, as often as it takes. Synchronous: runs on a thread of the pool.
struct Transactions: Sendable {
    /// How often a transaction that lost a race is tried.
    static let tries = 8
    /// How often a call is tried whose connection was lost.
    static let turns = 3

    let origin: String
    let feed: ChangeFeed
    let meter: Meter
    let random: any RandomSource
    /// After that long, a transaction that lost a race is not tried again.
    let patience: Duration

    /// BEGIN, `body`, NOTIFY, COMMIT.
    func write<Value>(
        _ connection: Connection, _ turn: Int, _ body: (any SQLSession) throws -> Written<Value>
    ) -> Turn<Value> {
        racing(turn, turns: Self.turns) {
            try inTransaction(connection) { session in
                let written = try body(session)
                if session.failure == nil { try session.announce(written.changes, from: origin) }
                return written
            } end: { written throws(Ended) in
                try commit(connection)
                meter.committed()
                feed.publish(written.changes)
            }.value
        }
    }

    /// BEGIN, `body`, ROLLBACK.
    func tryOut(
        _ connection: Connection, _ turn: Int, _ body: (any SQLSession) throws -> Void
    ) -> Turn<Void> {
        racing(turn, turns: 1) {
            try inTransaction(connection, body) { () throws(Ended) in
                do throws(Failure) { try connection.command("ROLLBACK") } catch { throw Ended(error) }
            }
        }
    }

    /// `body`, whose one statement commits by itself.
    func writeOne<Value>(
        _ connection: Connection, _ turn: Int, _ body: (any SQLSession) throws -> Value
    ) -> Turn<Value> {
        racing(turn, turns: Self.turns) {
            let session = PostgreSQLSession(connection, limit: 1, meter: meter)
            let value = try alone(session, body) { failure in
                guard session.hasSent, failure.endsConnection else { return Ended(failure) }
                return Ended(outcomeUnknown: failure, "the statement")
            }
            meter.committed()
            return value
        }
    }

    /// `body`, which only reads.
    func read<Value>(
        _ connection: Connection, _ turn: Int, _ body: (any SQLSession) throws -> Value
    ) -> Turn<Value> {
        racing(turn, turns: 2) {
            try alone(PostgreSQLSession(connection, meter: meter), body) { Ended($0) }
        }
    }
}

/// Why an attempt ended without result, and what that allows.
private struct Ended: Error {
    enum Next {
        case refuse
        case raceAgain
        case reconnect
    }

    let next: Next
    let cause: any Error

    /// An error of the body itself.
    init(body cause: any Error) {
        next = .refuse
        self.cause = cause
    }

    /// A failure that undid everything.
    init(_ failure: Failure, cause: (any Error)? = nil) {
        switch failure.kind {
        // Nothing was done, and the next connection prepares it against the schema of today.
        case .refused(.stalePlan): next = .reconnect
        case .refused: next = failure.isLostRace ? .raceAgain : .refuse
        case .lost: next = .reconnect
        // The server has had its time; the caller has waited long enough.
        case .silent: next = .refuse
        }
        self.cause = cause ?? failure.error
    }

    /// A failure after which nobody knows whether `what` was carried out: never tried again.
    init(outcomeUnknown failure: Failure, _ what: String) {
        next = .refuse
        cause = StoreError(
            .unavailable,
            "no answer to \(what), so nobody can tell whether it was carried out: \(failure.error.reason)")
    }
}

extension Transactions {
    /// Tries again what lost a race, after a pause that grows.
    private func racing<Value>(_ turn: Int, turns: Int, _ attempt: () throws -> Value) -> Turn<Value> {
        let start = ContinuousClock.now
        var tries = 1
        while true {
            do {
                return .answered(.success(try attempt()))
            } catch let ended as Ended {
                let isInTime = ContinuousClock.now - start < patience
                switch ended.next {
                case .raceAgain where tries < Self.tries && isInTime:
                    meter.retried()
                    pause(after: tries)
                    tries += 1
                case .reconnect where turn + 1 < turns:
                    return .again(ended.cause as? StoreError ?? StoreError(.unavailable, "the connection was lost"))
                default: return .answered(.failure(ended.cause))
                }
            } catch {
                return .answered(.failure(error))
            }
        }
    }

    /// 5 ms, doubled each time, half of it by chance, so that those who collided do not meet again.
    private func pause(after tries: Int) {
        let longest = UInt32(5000) << UInt32(min(tries, 6))
        BlockingThread.sleep(.microseconds(Int64(longest / 2 + random.number(below: longest / 2))))
    }

    /// Runs `body` on statements that commit by themselves.
    private func alone<Value>(
        _ session: PostgreSQLSession, _ body: (any SQLSession) throws -> Value, _ ended: (Failure) -> Ended
    ) throws -> Value {
        do {
            let value = try body(session)
            // An error that the body swallowed is still an error.
            if let failure = session.failure { throw failure.error }
            return value
        } catch {
            throw session.failure.map(ended) ?? Ended(body: error)
        }
    }

    private func inTransaction<Value>(
        _ connection: Connection, _ body: (PostgreSQLSession) throws -> Value,
        end: (Value) throws(Ended) -> Void
    ) throws -> Value {
        do throws(Failure) { try connection.command("BEGIN") } catch { throw Ended(error) }
        let session = PostgreSQLSession(connection, meter: meter)
        let value: Value
        do {
            value = try body(session)
            if let failure = session.failure { throw failure.error }
        } catch {
            // When it fails too the connection is not used again, which undoes everything as well.
            do throws(Failure) { try connection.command("ROLLBACK") } catch {}
            throw session.failure.map { Ended($0, cause: error) } ?? Ended(body: error)
        }
        try end(value)
        return value
    }

    private func commit(_ connection: Connection) throws(Ended) {
        let done: String
        do throws(Failure) {
            done = try connection.command("COMMIT")
        } catch {
            throw error.endsConnection ? Ended(outcomeUnknown: error, "COMMIT") : Ended(error)
        }
        guard done == "COMMIT" else {
            throw Ended(body: StoreError(.unexpected, "PostgreSQL answered COMMIT with \(done)"))
        }
    }
}
