import Clocks
import Cryptography
import Synchronization

@testable import Keyring

/// A vault on whose way something happens: the next answer of one kind waits while a step is taken.
final class InterruptedVault: KeyVault {
    /// Where the step is taken.
    enum Moment: Sendable {
        /// The contents have been read, and not been told yet.
        case read
        /// A change is about to be made.
        case beforeReplacing
        /// A change has been made, and not been told yet.
        case replaced
    }

    typealias Step = @Sendable () async throws -> Void

    let vault: any KeyVault
    private let steps = Mutex<[(Moment, Step)]>([])

    init(_ vault: any KeyVault) { self.vault = vault }

    var place: String { vault.place }

    /// Takes `step` once, at the next such moment.
    func at(_ moment: Moment, _ step: @escaping Step) { steps.withLock { $0.append((moment, step)) } }

    private func reach(_ moment: Moment) async throws {
        let step = steps.withLock { steps -> Step? in
            guard let index = steps.firstIndex(where: { $0.0 == moment }) else { return nil }
            return steps.remove(at: index).1
        }
        try await step?()
    }

    func stamp() async throws -> KeyVaultStamp? { try await vault.stamp() }

    func contents() async throws -> KeyVaultContents? {
        let contents = try await vault.contents()
        try await reach(.read)
        return contents
    }

    func replace(
        _ seen: KeyVaultContents?, manifest: [UInt8], adding files: [String: [UInt8]], removing names: [String]
    ) async throws -> KeyVaultStamp? {
        try await reach(.beforeReplacing)
        let stamp = try await vault.replace(seen, manifest: manifest, adding: files, removing: names)
        try await reach(.replaced)
        return stamp
    }
}

/// Opened once, by whoever lets others pass.
final class Gate: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func open() { continuation.finish() }

    func passed() async { for await _ in stream {} }
}

/// Randomness that counts: a keyring asks for it once for each key that it makes.
final class CountingRandom: RandomSource {
    private let asked = Counter()

    var count: Int { asked.value }

    func bytes(_ count: Int) -> [UInt8] {
        asked.count()
        var bytes = SystemRandom().bytes(count)
        // A name that would begin with a dash is drawn again, which is not another key.
        bytes[0] &= 0x7F
        return bytes
    }
}

/// Counts, whoever counts.
final class Counter: Sendable {
    private let number = Mutex(0)

    var value: Int { number.withLock { $0 } }

    func count() { number.withLock { $0 += 1 } }
}
