internal import Dispatch
internal import Foundation
internal import Synchronization

/// Why a password was not hashed or verified.
public enum PasswordHasherError: Error, Equatable {
    /// Too many are waiting: come back after that long.
    case busy(retryAfter: Duration)
    /// The password is longer than ``PasswordHasher/longestPassword``: no work was done for it.
    case tooLong
}

/// Hashes passwords on threads of its own: as many at once as it has threads, then a short queue, then a refusal. The
/// cooperative pool never waits for it, and a flood of sign-ins costs neither memory nor the answers to everybody else.
public final class PasswordHasher: Sendable {
    /// The longest password looked at, in bytes.
    public static let longestPassword = 1024

    /// What a new hash costs.
    public let cost: Argon2id.Cost
    /// How many are hashed at once.
    public let width: Int
    /// How many may wait.
    public let queueLimit: Int

    private let queue = Queue()
    private let decoy: Decoy

    /// A hasher.
    ///
    /// - Parameters:
    ///   - cost: what a new hash costs.
    ///   - width: how many at once; the number of cores by default.
    ///   - queueLimit: how many may wait; by default what `width` cores do in about a second.
    ///   - random: makes the password that nobody has, against which unknown accounts are verified.
    public init(
        cost: Argon2id.Cost = Argon2id.Cost(), width: Int? = nil, queueLimit: Int? = nil, random: some RandomSource
    ) {
        let width = max(1, width ?? ProcessInfo.processInfo.activeProcessorCount)
        self.cost = cost
        self.width = width
        self.queueLimit = queueLimit ?? width * 50
        decoy = Decoy(password: SecretBytes(random.bytes(32)), cost: cost)
        let queue = queue
        for _ in 0..<width {
            let thread = Thread { queue.work() }
            thread.name = "password-hasher"
            thread.start()
        }
        // Made now, so that the first unknown account takes no longer than the next.
        _ = queue.add(limit: .max) { [decoy] in
            _ = try? decoy.text()
            return {}
        }
    }

    deinit { queue.close(threads: width) }

    /// How many are being hashed.
    public var running: Int { queue.counts.running }

    /// How many wait.
    public var waiting: Int { queue.counts.waiting }

    /// How many Argon2id computations were asked for and carried out so far.
    public var performed: Int { queue.performed }

    /// The Argon2id string of `password` at ``cost``.
    ///
    /// - Throws: ``PasswordHasherError``, or ``CryptographyError`` when memory is short.
    public func hash(_ password: SecretBytes) async throws -> String {
        let cost = cost
        return try await perform(password) { try Argon2id.hash(password: password, cost: cost) }
    }

    /// Whether `password` is the one that `text` was made of.
    ///
    /// - Parameter text: the stored string; `nil` for an account that does not exist or has no password: the answer is then
    ///   `false` after the same work (ENUM-01).
    /// - Throws: ``PasswordHasherError``, or ``CryptographyError`` when memory is short.
    public func verify(_ password: SecretBytes, against text: String?) async throws -> Bool {
        let decoy = decoy
        return try await perform(password) {
            let matches = try Argon2id.verify(password, against: text ?? decoy.text())
            return matches && text != nil
        }
    }

    /// Whether `text` was made at another cost than ``cost``.
    public func needsRehash(_ text: String) -> Bool { Argon2id.needsRehash(text, cost: cost) }

    private func perform<Value: Sendable>(
        _ password: SecretBytes, _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        guard password.count <= Self.longestPassword else { throw PasswordHasherError.tooLong }
        return try await withCheckedThrowingContinuation { continuation in
            let accepted = queue.add(limit: width + queueLimit) { [queue] in
                let result = Result { try work() }
                queue.count()
                return { continuation.resume(with: result) }
            }
            if !accepted {
                // About twenty hashes a second and thread, on slow machines: an upper bound, in whole seconds.
                let seconds = 1 + queueLimit / (width * 20)
                continuation.resume(throwing: PasswordHasherError.busy(retryAfter: .seconds(seconds)))
            }
        }
    }
}

extension PasswordHasher {
    /// What waits for a thread. The threads hold this and not the hasher, so that it can go.
    private final class Queue: Sendable {
        /// Does the work, and gives back how to tell whoever waits for it.
        typealias Job = @Sendable () -> () -> Void

        private struct State {
            /// A short queue: taking from its front may cost what its length costs.
            var jobs: [Job] = []
            var running = 0
            var performed = 0

            mutating func next() -> Job? {
                guard !jobs.isEmpty else { return nil }
                running += 1
                return jobs.removeFirst()
            }
        }

        private let state = Mutex(State())
        private let bell = DispatchSemaphore(value: 0)

        var counts: (running: Int, waiting: Int) { state.withLock { ($0.running, $0.jobs.count) } }

        var performed: Int { state.withLock { $0.performed } }

        /// Counts one computation; called before the one who waits for it goes on.
        func count() { state.withLock { $0.performed += 1 } }

        /// - Returns: `false` when `limit` jobs run or wait already.
        func add(limit: Int, _ job: @escaping Job) -> Bool {
            let accepted = state.withLock { state in
                guard state.running + state.jobs.count < limit else { return false }
                state.jobs.append(job)
                return true
            }
            if accepted { bell.signal() }
            return accepted
        }

        /// The life of one thread.
        func work() {
            while true {
                bell.wait()
                guard let job = state.withLock({ $0.next() }) else { return }
                let tell = job()
                // The place is free before anybody can ask for it.
                state.withLock { $0.running -= 1 }
                tell()
            }
        }

        /// Lets the threads go once nothing waits.
        func close(threads: Int) {
            for _ in 0..<threads { bell.signal() }
        }
    }

    /// The hash of a password that nobody has, made once.
    private final class Decoy: Sendable {
        private let password: SecretBytes
        private let cost: Argon2id.Cost
        private let made = Mutex<String?>(nil)

        init(password: SecretBytes, cost: Argon2id.Cost) {
            self.password = password
            self.cost = cost
        }

        func text() throws -> String {
            try made.withLock { made in
                if let made { return made }
                let text = try Argon2id.hash(password: password, cost: cost)
                made = text
                return text
            }
        }
    }
}
