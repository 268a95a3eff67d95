public import Logging
public import ServiceLifecycle
import Synchronization

/// Keeps a keyring fresh while a server runs: takes up what others changed, and does what the schedule asks. While that
/// fails, the keys in memory go on, and the operator is told once.
public final class KeyringService: Service {
    private struct State {
        var isLooking = false
        var looksAgain = false
        var trouble: KeyringError.Code?
    }

    private let keyring: Keyring
    private let interval: Duration
    private let logger: Logger
    private let state = Mutex(State())

    /// A service over `keyring` that looks every `interval`.
    public init(keyring: Keyring, interval: Duration = .seconds(1), logger: Logger) {
        self.keyring = keyring
        self.interval = interval
        self.logger = logger
    }

    /// Looks until the server stops.
    public func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.look()
                try await Task.sleep(for: self.interval)
            }
        }
    }

    /// Looks now: for whoever hears that the keys have changed. When a look is under way already, that one looks once more
    /// before it ends, and this call returns at once.
    public func look() async {
        let isFirst = state.withLock { state in
            state.looksAgain = true
            defer { state.isLooking = true }
            return !state.isLooking
        }
        guard isFirst else { return }
        while begin() { await lookOnce() }
    }

    /// Whether there is anything to look for since the last look began.
    private func begin() -> Bool {
        state.withLock { state in
            state.isLooking = state.looksAgain
            state.looksAgain = false
            return state.isLooking
        }
    }

    private func lookOnce() async {
        do {
            if try await keyring.refresh() { logger.notice("keys taken up", metadata: ["event": "keys.refreshed"]) }
            for step in try await keyring.advance() {
                logger.notice("key schedule: \(step)", metadata: ["event": "keys.advanced"])
            }
            if changeTrouble(to: nil) {
                logger.notice("the keys are kept up to date again", metadata: ["event": "keys.back"])
            }
        } catch {
            // Whoever stops the server cuts a look short: no trouble.
            guard !Task.isCancelled else { return }
            // The keys in memory go on signing; the operator must hear of it, and not every second.
            if changeTrouble(to: (error as? KeyringError)?.code ?? .unreachable) {
                logger.error(
                    "the keys cannot be kept up to date, and those in memory go on: \(error)",
                    metadata: ["event": "keys.failed"])
            }
        }
    }

    /// - Returns: whether that is news.
    private func changeTrouble(to trouble: KeyringError.Code?) -> Bool {
        state.withLock { state in
            defer { state.trouble = trouble }
            return state.trouble != trouble
        }
    }
}
