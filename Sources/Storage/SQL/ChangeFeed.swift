public import Stores
internal import Synchronization

/// Tells everybody who listens what was committed. A listener that falls behind loses details, never the news: it gets
/// `.everything` as soon as it has room again.
public final class ChangeFeed: Sendable {
    private struct Listener {
        let continuation: AsyncStream<StoreChange>.Continuation
        /// Something did not fit: `.everything` is due.
        var fellBehind = false

        mutating func tell(_ change: StoreChange) {
            settle()
            guard !fellBehind else { return }
            if case .dropped = continuation.yield(change) { fellBehind = true }
        }

        mutating func settle() {
            guard fellBehind else { return }
            if case .enqueued = continuation.yield(.everything) { fellBehind = false }
        }
    }

    private struct State {
        var listeners: [Int: Listener] = [:]
        var next = 0
        var finished = false
    }

    private let state = Mutex(State())
    private let capacity: Int

    /// A feed whose listeners may be `capacity` changes behind.
    public init(capacity: Int = 1024) { self.capacity = capacity }

    /// A feed of its own, from now on.
    public func listen() -> AsyncStream<StoreChange> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: StoreChange.self, bufferingPolicy: .bufferingOldest(capacity))
        let number: Int? = state.withLock { state in
            guard !state.finished else { return nil }
            state.next += 1
            state.listeners[state.next] = Listener(continuation: continuation)
            return state.next
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            // Taken out of the lock before it is released: freeing a continuation may call back.
            let gone = self?.state.withLock { $0.listeners.removeValue(forKey: number) }
            _ = gone
        }
        return stream
    }

    /// Tells every listener.
    public func publish(_ changes: [StoreChange]) {
        guard !changes.isEmpty else { return }
        state.withLock { state in
            for number in state.listeners.keys {
                for change in changes { state.listeners[number]?.tell(change) }
            }
        }
    }

    /// Pays what is due to those who fell behind. Called from time to time.
    public func catchUp() {
        state.withLock { state in
            for number in state.listeners.keys { state.listeners[number]?.settle() }
        }
    }

    /// Ends every feed.
    public func finish() {
        let listeners = state.withLock { state in
            state.finished = true
            defer { state.listeners = [:] }
            return state.listeners.values.map(\.continuation)
        }
        for continuation in listeners { continuation.finish() }
    }
}
