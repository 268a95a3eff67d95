import Clocks
import Keyring
public import Logging
public import ServiceLifecycle
import Stores
import Synchronization

/// Which applications read the key set, as far as it can be known: reading needs no name, so what counts is that it was read
/// from a place where the application also proves itself. An application that never reads it again will refuse everybody
/// at the next rotation of keys; the operator sees it before (`loge parties readers`).
///
/// Kept in memory until ``KeySetReadingsService`` writes it down: no request waits for it.
public final class KeySetReadings: Sendable {
    private struct Place: Hashable {
        let address: String
        let client: String?
    }

    /// A reading waits so long for a client to be seen at its place: the first comes before the first proof.
    static let patience = Duration.minutes(10)
    private static let capacity = 10000

    private let store: any KeySetReaderStore
    private let keyring: Keyring
    private let clock: any WallClock
    private let waiting = Mutex<[Place: Instant]>([:])

    init(store: any KeySetReaderStore, keyring: Keyring, clock: any WallClock) {
        self.store = store
        self.keyring = keyring
        self.clock = clock
    }

    /// Somebody read the key set, or a client proved itself.
    func saw(_ client: String?, from address: String?) {
        guard let address else { return }
        let now = clock.now()
        let place = Place(address: address, client: client)
        waiting.withLock { waiting in
            guard waiting.count < Self.capacity || waiting[place] != nil else { return }
            waiting[place] = now
        }
    }

    /// Writes down what was seen.
    ///
    /// - Throws: `StoreError`; what was seen is written the next time then.
    public func writeDown() async throws {
        let taken = waiting.withLock { waiting in
            defer { waiting = [:] }
            return waiting
        }
        guard !taken.isEmpty else { return }
        let now = clock.now()
        let keys = keyring.snapshot
        // What is kept of a place is a code that tells nothing without the keys of this installation.
        var addresses: [String: String] = [:]
        let sightings = taken.map { place, at in
            let reader = keys.pairwiseSubject(sector: "key set readers", account: place.address)
            addresses[reader] = place.address
            return KeySetSighting(reader: reader, client: place.client, at: at)
        }
        do {
            let left = try await store.note(sightings)
            keep(left.filter { now < $0.at + Self.patience }, addresses)
        } catch {
            keep(sightings, addresses)
            throw error
        }
    }

    private func keep(_ sightings: [KeySetSighting], _ addresses: [String: String]) {
        waiting.withLock { waiting in
            for sighting in sightings where waiting.count < Self.capacity {
                guard let address = addresses[sighting.reader] else { continue }
                let place = Place(address: address, client: sighting.client)
                waiting[place] = max(waiting[place] ?? sighting.at, sighting.at)
            }
        }
    }
}

/// Writes down, now and then, who reads the key set.
public struct KeySetReadingsService: Service {
    private let readings: KeySetReadings
    private let interval: Duration
    private let logger: Logger

    /// A service that writes every `interval`, and once more when the server stops.
    public init(readings: KeySetReadings, interval: Duration = .seconds(30), logger: Logger) {
        self.readings = readings
        self.interval = interval
        self.logger = logger
    }

    /// Writes until the server stops.
    public func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try await Task.sleep(for: interval)
                await write()
            }
        }
        await write()
    }

    private func write() async {
        do {
            try await readings.writeDown()
        } catch {
            logger.warning(
                "who reads the key set could not be written down: \(error)", metadata: ["event": "store.failed"])
        }
    }
}
