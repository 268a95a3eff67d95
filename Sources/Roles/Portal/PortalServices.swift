import Clocks
import Keyring
import Logging
import OpenIDConnectIssuer
import ServiceLifecycle
import SignOn
import Stores

/// Tells the copies in memory what the store says has changed.
struct ChangesService: Service {
    let stores: StoreSet
    let directory: SessionDirectory
    let keyring: Keyring
    let clients: ClientRegistry
    let keys: KeyringService
    let logger: Logger

    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await change in stores.changes().cancelOnGracefulShutdown() { directory.apply(change) }
            }
            group.addTask {
                // Apart from the above: reading keys and clients takes a moment, a revocation must not wait for it.
                for await change in stores.changes().cancelOnGracefulShutdown() { await takeUp(change) }
            }
            group.addTask {
                // A revoked session key takes the tokens that it signed along within a second.
                var known = sessionKeys()
                while !Task.isCancelled, !Task.isShuttingDownGracefully {
                    try? await Task.sleep(for: .milliseconds(500))
                    let present = sessionKeys()
                    if present != known { directory.forgetTokens() }
                    known = present
                }
            }
        }
    }

    private func takeUp(_ change: StoreChange) async {
        if change == .keys || change == .everything { await keys.look() }
        if change == .relyingParties || change == .everything {
            for line in await clients.refresh() {
                logger.notice("relying parties: \(line)", metadata: ["event": "parties.changed"])
            }
        }
    }

    private func sessionKeys() -> [String] {
        keyring.snapshot.records.filter { $0.use == .session && $0.state != .retired }.map(\.id)
    }
}

/// Removes what nothing needs any more, a little at a time.
struct MaintenanceService: Service {
    let stores: StoreSet
    let clock: any WallClock
    let logger: Logger

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try await Task.sleep(for: .seconds(60))
                do {
                    while try await stores.maintenance.purge(limit: 1000, now: clock.now()) >= 1000 {}
                } catch {
                    logger.warning("cleaning up: \(error)", metadata: ["event": "store.failed"])
                }
            }
        }
    }
}
