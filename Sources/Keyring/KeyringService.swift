public import Logging
public import ServiceLifecycle

/// Keeps a keyring fresh while a server runs: takes up what other processes changed, and does what the schedule asks.
public struct KeyringService: Service {
    private let keyring: Keyring
    private let interval: Duration
    private let logger: Logger

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
                look()
                try await Task.sleep(for: interval)
            }
        }
    }

    private func look() {
        do {
            if try keyring.refresh() { logger.notice("keys taken up", metadata: ["event": "keys.refreshed"]) }
            for step in try keyring.advance() {
                logger.notice("key schedule: \(step)", metadata: ["event": "keys.advanced"])
            }
        } catch {
            // The keys in memory go on signing; the operator must hear of it.
            logger.error("the keyring cannot be refreshed: \(error)", metadata: ["event": "keys.failed"])
        }
    }
}
