import Clocks
import Cryptography
import Foundation
import JOSE
import Synchronization
import Testing

@testable import Keyring

@Suite("KEY-01: changes at once, and readings that come late")
struct RaceTests {
    private let policies = KeyPolicies([
        .tokenES256: KeyPolicy(rotateEvery: .days(10), publishBefore: .days(1), keepAfter: .days(3))
    ])

    @Test("Eight nodes that have all decided on the same keys: one change is made, the others see it and make none")
    func eightAtOnce() async throws {
        let home = try await TestVault(.shared)
        let store = try #require(home.store)
        var nodes: [Keyring] = []
        for _ in 0..<8 { nodes.append(try await home.open(policies)) }
        for (day, step) in [(9, "staged"), (1, "rotated"), (3, "retired")] {
            home.clock.advance(by: .days(Int64(day)))
            await store.gather(8)
            let before = await store.replacements.count
            let done = try await withThrowingTaskGroup(of: [String].self) { group in
                for node in nodes { group.addTask { try await node.advance() } }
                return try await group.reduce(into: [String]()) { $0 += $1 }
            }
            #expect(done.count == 1 && done.first?.hasPrefix(step) == true)
            let offers = await store.replacements.dropFirst(before)
            #expect(offers.count == 8 && offers.count { $0 } == 1, "all eight offered, one was taken")
            for node in nodes { try await node.refresh() }
            #expect(Set(nodes.map(\.publishedIDs)).count == 1)
        }
        #expect(nodes[0].states(.tokenES256) == [.retired, .current])
        #expect(try await home.files().count == KeyUse.allCases.count, "the keys of those who lost went nowhere")
    }

    @Test("Who comes second decides anew on what the first has made", arguments: VaultKind.allCases)
    func loserDecidesAgain(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let way = InterruptedVault(home.vault)
        let random = CountingRandom()
        let slow = try await home.open(random: random, by: way)
        let fast = try await home.open()
        way.at(.beforeReplacing) { try await fast.stage(.tokenEdDSA) }
        way.at(.beforeReplacing) { try await fast.stage(.session) }
        let staged = try await slow.stage(.tokenES256)
        #expect(random.count == 1, "the key of the first try serves the third")
        #expect(slow.states(.tokenEdDSA) == [.current, .next] && slow.states(.session) == [.current, .next])
        try await fast.refresh()
        #expect(fast.key(.tokenES256, .next)?.id == staged.id)
        #expect(fast.publishedIDs == slow.publishedIDs)
        #expect(try await home.files() == Set(slow.snapshot.records.map(\.fileName)))
    }

    @Test("Who comes second with a step that was done meanwhile is told so", arguments: VaultKind.allCases)
    func loserIsRefused(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let way = InterruptedVault(home.vault)
        let slow = try await home.open(by: way)
        let fast = try await home.open()
        let next = try await fast.stage(.tokenES256)
        way.at(.beforeReplacing) { try await fast.rotate(.tokenES256, ignoringPublication: true) }
        await #expect(throws: KeyringError(.notNow, "")) {
            try await slow.rotate(.tokenES256, ignoringPublication: true)
        }
        #expect(fast.key(.tokenES256, .current)?.id == next.id, "rotated once")
        #expect(try await home.open().states(.tokenES256) == [.retiring, .current])
    }

    @Test("Who is second for ever gives up, and says so")
    func alwaysSecond() async throws {
        struct Late: KeyVault {
            let vault: any KeyVault
            let offers = Counter()
            var place: String { vault.place }
            func stamp() async throws -> KeyVaultStamp? { try await vault.stamp() }
            func contents() async throws -> KeyVaultContents? { try await vault.contents() }
            func replace(
                _ seen: KeyVaultContents?, manifest: [UInt8], adding files: [String: [UInt8]], removing names: [String]
            ) async throws -> KeyVaultStamp? {
                offers.count()
                return nil
            }
        }
        let home = try await TestVault(.shared)
        let late = Late(vault: home.vault)
        let random = CountingRandom()
        let keyring = try await home.open(random: random, by: late)
        await #expect(throws: KeyringError(.contended, "")) { try await keyring.stage(.tokenRS256) }
        #expect((2...100).contains(late.offers.value))
        #expect(random.count == 1, "one key for all tries")
        #expect(keyring.states(.tokenRS256) == [.current])
    }

    @Test("KEY-01: a slow reading that lost to a revocation does not bring the key back", arguments: VaultKind.allCases)
    func slowRefresh(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let way = InterruptedVault(home.vault)
        let node = try await home.open(by: way)
        let other = try await home.open()
        let stolen = try #require(node.key(.tokenES256, .current)).id
        let token = try node.snapshot.signToken(["a": 1], .es256)
        try await other.stage(.tokenEdDSA)
        // What the reading has in its hands still holds the key.
        way.at(.read) { try await node.revoke(stolen, reason: "stolen") }
        #expect(try await !node.refresh())
        #expect(!holds(token, node.snapshot.published))
        #expect(node.states(.tokenES256) == [.retired, .current])
        #expect(node.key(.tokenEdDSA, .next) != nil, "the control: the revocation built on the other's change")
        #expect(try await !node.refresh())
    }

    @Test(
        "KEY-01: a reading begun in the midst of a revocation does not bring the key back",
        arguments: VaultKind.allCases)
    func refreshDuringRevocation(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let way = InterruptedVault(home.vault)
        let node = try await home.open(by: way)
        let other = try await home.open()
        let stolen = try #require(node.key(.tokenES256, .current)).id
        try await other.stage(.tokenEdDSA)
        let (decided, reading, revoked) = (Gate(), Gate(), Gate())
        try await withThrowingTaskGroup(of: Void.self) { group in
            way.at(.beforeReplacing) {
                way.at(.read) {
                    reading.open()
                    await revoked.passed()
                }
                decided.open()
                await reading.passed()
            }
            group.addTask {
                try await node.revoke(stolen, reason: "stolen")
                revoked.open()
            }
            group.addTask {
                await decided.passed()
                try await node.refresh()
            }
            try await group.waitForAll()
        }
        #expect(node.key(.tokenES256, .current)?.id != stolen)
        #expect(!node.publishedIDs.contains(stolen))
    }

    @Test(
        "KEY-01: a revocation by another, read while a change of our own is under way, is not undone by it",
        arguments: VaultKind.allCases)
    func ownChangeOlderThanReading(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let way = InterruptedVault(home.vault)
        let node = try await home.open(by: way)
        let other = try await home.open()
        let stolen = try #require(node.key(.tokenES256, .current)).id
        let wasGone = Mutex(false)
        way.at(.replaced) {
            try await other.revoke(stolen, reason: "stolen")
            try await node.refresh()
            wasGone.withLock { $0 = !node.publishedIDs.contains(stolen) }
        }
        try await node.stage(.tokenEdDSA)
        #expect(!wasGone.withLock { $0 } || !node.publishedIDs.contains(stolen), "gone once is gone for good")
        try await node.refresh()
        #expect(!node.publishedIDs.contains(stolen))
        #expect(node.states(.tokenEdDSA) == [.current, .next])
    }

    @Test("Two changes at once in one process: the later one holds", arguments: VaultKind.allCases)
    func twoChangesInOneProcess(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let way = InterruptedVault(home.vault)
        let node = try await home.open(by: way)
        let stolen = try #require(node.key(.tokenES256, .current)).id
        let revocation = Mutex<Task<Void, any Error>?>(nil)
        way.at(.replaced) {
            // The first change is made and not taken up yet: time enough for the second, if it did not wait.
            revocation.withLock { $0 = Task { try await node.revoke(stolen, reason: "stolen") } }
            for _ in 0..<50 where node.publishedIDs.contains(stolen) { try await Task.sleep(for: .milliseconds(10)) }
        }
        try await node.stage(.tokenEdDSA)
        try await #require(revocation.withLock { $0 }).value
        #expect(!node.publishedIDs.contains(stolen))
        #expect(node.states(.tokenEdDSA) == [.current, .next])
    }

    @Test("Opening in the midst of changes never sees half of one")
    func openingUnderChanges() async throws {
        let home = try await TestVault(.folder)
        let operatorKeyring = try await home.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for _ in 0..<30 {
                    let id = try #require(operatorKeyring.key(.session, .current)).id
                    try await operatorKeyring.revoke(id, reason: "again")
                }
            }
            for _ in 0..<2 {
                group.addTask { for _ in 0..<40 { _ = try await home.open() } }
            }
            try await group.waitForAll()
        }
        #expect(operatorKeyring.states(.session).count == 31)
    }

    @Test("Making keys leaves the cooperative pool alone", .timeLimit(.minutes(5)))
    func ownThreads() async throws {
        /// Stands still until it is let go; gives up after a minute, which is a failure.
        final class Blocking: RandomSource {
            let bell = DispatchSemaphore(value: 0)
            let inside = Counter()
            let timeouts = Counter()
            func bytes(_ count: Int) -> [UInt8] {
                inside.count()
                if bell.wait(timeout: .now() + .seconds(60)) == .timedOut { timeouts.count() }
                return SystemRandom().bytes(count)
            }
        }
        let random = Blocking()
        let count = ProcessInfo.processInfo.activeProcessorCount + 2
        var keyrings: [Keyring] = []
        for _ in 0..<count { keyrings.append(try await TestVault(.shared).open(random: random)) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for keyring in keyrings { group.addTask { try await keyring.stage(.tokenES256) } }
            group.addTask {
                // Needs a thread of the pool while all of those stand still.
                while random.inside.value < count { try await Task.sleep(for: .milliseconds(1)) }
                for _ in 0..<count { random.bell.signal() }
            }
            try await group.waitForAll()
        }
        #expect(random.timeouts.value == 0)
        #expect(keyrings.allSatisfy { $0.states(.tokenES256) == [.current, .next] }, "the control")
    }
}
