internal import GRDB
internal import Stores
internal import StoresSQL
internal import Synchronization

/// Group commit: the writes that arrive while the disk is busy with the previous ones share one transaction and one
/// `fsync`. Each has a savepoint of its own, so that a refused one undoes nothing but itself; nobody is answered before
/// the COMMIT. Everything runs on the queue of GRDB's writer connection, never on the cooperative pool.
final class WriteQueue: Sendable {
    /// What has been written so far.
    struct Statistics: Sendable, Equatable {
        /// Writes asked for.
        var operations = 0
        /// Transactions that carried them.
        var transactions = 0
    }

    /// One write that waits. `perform` runs it and gives back how to answer once the transaction has ended: with `nil`
    /// when it was committed, with the reason when it was not.
    private struct Operation: Sendable {
        let perform: @Sendable (Database) -> Attempted
        let refuse: @Sendable (StoreError) -> Void
    }

    private struct Attempted {
        let changes: [StoreChange]
        let answer: (StoreError?) -> Void
        let failure: StoreError?
    }

    private struct State {
        var waiting: [Operation] = []
        var draining = false
        var closed = false
        var statistics = Statistics()
    }

    /// More than that many do not share a transaction, so that the first does not wait too long for the last.
    private static let largestBatch = 256

    private let pool: DatabasePool
    private let feed: ChangeFeed
    private let state = Mutex(State())

    init(pool: DatabasePool, feed: ChangeFeed) {
        self.pool = pool
        self.feed = feed
    }

    /// How many writes and transactions there were.
    var statistics: Statistics { state.withLock { $0.statistics } }

    /// Runs `body` in a savepoint of a shared transaction; returns when it is on the disk.
    ///
    /// - Throws: ``StoreError``, `body`'s own or the one of the transaction that carried it.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Written<Value>
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
            enqueue(
                Operation(
                    perform: { db in
                        let result = Self.inSavepoint(db, body)
                        switch result {
                        case .success(let written):
                            return Attempted(
                                changes: written.changes,
                                answer: { failure in
                                    if let failure {
                                        continuation.resume(throwing: failure)
                                    } else {
                                        continuation.resume(returning: written.value)
                                    }
                                }, failure: nil)
                        case .failure(let failure):
                            return Attempted(
                                changes: [], answer: { _ in continuation.resume(throwing: failure) }, failure: failure)
                        }
                    },
                    refuse: { continuation.resume(throwing: $0) }))
        }
    }

    /// Runs `body` in a transaction of its own and takes it back: nothing reaches the file, nobody else notices.
    ///
    /// - Throws: ``StoreError``.
    func tryOut(_ body: @escaping @Sendable (Database) throws -> Void) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            pool.asyncWriteWithoutTransaction { db in
                continuation.resume(
                    with: Result {
                        do {
                            try db.inTransaction(.immediate) {
                                try body(db)
                                return .rollback
                            }
                        } catch {
                            throw StoreError(error)
                        }
                    })
            }
        }
    }

    /// Accepts no more writes; those that wait are still carried out.
    func close() {
        state.withLock { $0.closed = true }
    }

    private func enqueue(_ operation: Operation) {
        let accepted = state.withLock { state in
            guard !state.closed else { return false }
            state.waiting.append(operation)
            state.statistics.operations += 1
            // Inside the lock, so that closing comes before or after it.
            if !state.draining { pool.asyncWriteWithoutTransaction { [self] db in drain(db) } }
            state.draining = true
            return true
        }
        if !accepted { operation.refuse(StoreError(.unavailable, "the database is closed")) }
    }

    /// Carries out one batch. What arrived meanwhile gets a turn of its own, so that others who use the connection (the
    /// watch for foreign writes) are not kept out; after ``close()`` it is carried out at once, before the file goes.
    private func drain(_ db: Database) {
        var goesOn = true
        while goesOn {
            let batch = state.withLock { state in
                let batch = Array(state.waiting.prefix(Self.largestBatch))
                state.waiting.removeFirst(batch.count)
                state.statistics.transactions += 1
                return batch
            }
            carryOut(batch, db)
            goesOn = state.withLock { state in
                state.draining = !state.waiting.isEmpty
                guard state.draining, !state.closed else { return state.draining }
                pool.asyncWriteWithoutTransaction { [self] db in drain(db) }
                return false
            }
        }
    }

    private func carryOut(_ batch: [Operation], _ db: Database) {
        do {
            try db.beginTransaction(.immediate)
        } catch {
            let failure = StoreError(error)
            for operation in batch { operation.refuse(failure) }
            return
        }
        var attempted: [Attempted] = []
        for (index, operation) in batch.enumerated() {
            attempted.append(operation.perform(db))
            // Some errors (a full disk, a failed read) make SQLite roll the whole transaction back by itself.
            guard db.isInsideTransaction else {
                let cause = attempted.last?.failure ?? StoreError(.unexpected, "the transaction was lost")
                for attempt in attempted { attempt.answer(cause) }
                for operation in batch[(index + 1)...] { operation.refuse(cause) }
                return
            }
        }
        var failure: StoreError?
        do {
            try db.commit()
        } catch {
            failure = StoreError(error)
            try? db.rollback()
        }
        if failure == nil { feed.publish(attempted.flatMap(\.changes)) }
        for attempt in attempted { attempt.answer(failure) }
    }

    private static func inSavepoint<Value>(
        _ db: Database, _ body: (Database) throws -> Written<Value>
    ) -> Result<Written<Value>, StoreError> {
        do {
            var written: Written<Value>?
            try db.inSavepoint {
                written = try body(db)
                return .commit
            }
            guard let written else { return .failure(StoreError(.unexpected, "a savepoint gave no result")) }
            return .success(written)
        } catch {
            return .failure(StoreError(error))
        }
    }
}
