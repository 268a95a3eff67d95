import Clocks
import Cryptography
import JOSE
import Logging
import Stores
import Synchronization
import Testing

@testable import Keyring

@Suite("KEY-01: the service that keeps a keyring fresh")
struct KeyringServiceTests {
    private let policies = KeyPolicies([
        .tokenES256: KeyPolicy(rotateEvery: .days(10), publishBefore: .days(1), keepAfter: .days(3))
    ])

    @Test("Takes up what another node has changed, and says so once", arguments: VaultKind.allCases)
    func takesUp(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let keyring = try await home.open()
        let log = Lines()
        let service = KeyringService(keyring: keyring, logger: log.logger)
        await service.look()
        #expect(log.events == [])
        let next = try await home.open().stage(.tokenES256)
        await service.look()
        await service.look()
        #expect(keyring.publishedIDs.contains(next.id))
        #expect(log.events == ["keys.refreshed"])
    }

    @Test("Does what the schedule asks, and says each step")
    func schedule() async throws {
        let home = try await TestVault(.shared)
        let keyring = try await home.open(policies)
        let log = Lines()
        let service = KeyringService(keyring: keyring, logger: log.logger)
        for days: Int64 in [8, 1, 1, 3] {
            home.clock.advance(by: .days(days))
            for _ in 0..<3 { await service.look() }
        }
        #expect(log.events == ["keys.advanced", "keys.advanced", "keys.advanced"])
        #expect(keyring.states(.tokenES256) == [.retired, .current])
    }

    @Test("While nothing changes, a look is one short question")
    func cheap() async throws {
        let home = try await TestVault(.shared)
        let store = try #require(home.store)
        let keyring = try await home.open()
        let service = KeyringService(keyring: keyring, logger: Lines().logger)
        let (readings, revisions) = (await store.readings, await store.revisions)
        for _ in 0..<5 { await service.look() }
        #expect(await store.readings == readings)
        #expect(await store.revisions == revisions + 5)
    }

    @Test("An outage is told once when it begins and once when it is over, however long; the keys go on")
    func outage() async throws {
        let home = try await TestVault(.shared)
        let store = try #require(home.store)
        let keyring = try await home.open()
        let log = Lines()
        let service = KeyringService(keyring: keyring, logger: log.logger)
        for _ in 0..<2 {
            await store.set(.down)
            for _ in 0..<10 {
                await service.look()
                #expect(try holds(keyring.snapshot.signToken(["a": 1], .es256), keyring.snapshot.published))
            }
            await store.set(nil)
            for _ in 0..<3 { await service.look() }
        }
        #expect(log.events == ["keys.failed", "keys.back", "keys.failed", "keys.back"])
        #expect(log.lines.map(\.level) == [.error, .notice, .error, .notice])
        #expect(log.lines.first?.text.contains("the database") == true)
    }

    @Test("A change made during an outage of a node is there when it is over")
    func changeDuringOutage() async throws {
        let home = try await TestVault(.shared)
        let store = try #require(home.store)
        let keyring = try await home.open()
        let other = try await home.open()
        let log = Lines()
        let service = KeyringService(keyring: keyring, logger: log.logger)
        await store.set(.down)
        await service.look()
        await store.set(nil)
        let stolen = try #require(keyring.key(.tokenES256, .current)).id
        try await other.revoke(stolen, reason: "stolen")
        await service.look()
        #expect(!keyring.publishedIDs.contains(stolen))
        #expect(log.events == ["keys.failed", "keys.refreshed", "keys.back"])
    }

    @Test("Another trouble is news, the same one is not")
    func otherTrouble() async throws {
        let folder = try await TestFolder()
        let good = try folder.read("manifest.json")
        let log = Lines()
        let service = KeyringService(keyring: try await folder.open(), logger: log.logger)
        try folder.write("{}", to: "manifest.json")
        for _ in 0..<3 { await service.look() }
        try folder.remove("manifest.json")
        for _ in 0..<3 { await service.look() }
        try folder.write(good, to: "manifest.json")
        for _ in 0..<3 { await service.look() }
        #expect(log.events == ["keys.failed", "keys.failed", "keys.refreshed", "keys.back"])
    }

    @Test("A schedule that cannot be written is told once, and done when it can")
    func readOnly() async throws {
        let home = try await TestVault(.shared)
        let store = try #require(home.store)
        let keyring = try await home.open(policies)
        let log = Lines()
        let service = KeyringService(keyring: keyring, logger: log.logger)
        home.clock.advance(by: .days(9))
        await store.set(.readOnly)
        for _ in 0..<5 { await service.look() }
        await store.set(nil)
        for _ in 0..<2 { await service.look() }
        #expect(log.events == ["keys.failed", "keys.advanced", "keys.back"])
    }

    @Test("Whoever hears of a change while a look is under way does not wait, and the change is seen")
    func lookDuringLook() async throws {
        let home = try await TestVault(.shared)
        let store = try #require(home.store)
        let way = InterruptedVault(home.vault)
        let keyring = try await home.open(by: way)
        let other = try await home.open()
        let service = KeyringService(keyring: keyring, logger: Lines().logger)
        try await other.stage(.tokenEdDSA)
        let stolen = try #require(keyring.key(.tokenES256, .current)).id
        let revisions = await store.revisions
        way.at(.read) {
            // The first look has its answer in its hands.
            try await other.revoke(stolen, reason: "stolen")
            for _ in 0..<5 { await service.look() }
        }
        await service.look()
        #expect(!keyring.publishedIDs.contains(stolen))
        #expect(await store.revisions == revisions + 2, "five notices, one more look")
    }

    @Test("Runs by itself until it is stopped, and says nothing about that", .timeLimit(.minutes(5)))
    func runs() async throws {
        let home = try await TestVault(.shared)
        let store = try #require(home.store)
        let keyring = try await home.open()
        let log = Lines()
        let service = KeyringService(keyring: keyring, interval: .milliseconds(1), logger: log.logger)
        let running = Task { try await service.run() }
        let stolen = try #require(keyring.key(.tokenES256, .current)).id
        try await home.open().revoke(stolen, reason: "stolen")
        while keyring.publishedIDs.contains(stolen) { try await Task.sleep(for: .milliseconds(1)) }
        running.cancel()
        try await running.value
        let asked = await store.revisions
        try await Task.sleep(for: .milliseconds(20))
        #expect(await store.revisions == asked)
        #expect(log.events == ["keys.refreshed"])
    }
}

/// What was logged.
private final class Lines: Sendable {
    struct Line: Sendable {
        let level: Logger.Level
        let event: String
        let text: String
    }

    private let all = Mutex<[Line]>([])

    var lines: [Line] { all.withLock { $0 } }

    var events: [String] { lines.map(\.event) }

    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let line = Line(
                level: event.level, event: event.metadata?["event"].map { "\($0)" } ?? "",
                text: "\(event.message)")
            lines.all.withLock { $0.append(line) }
        }
    }
}
