import Clocks
import Cryptography
import JOSE
import Testing

@testable import Keyring

@Suite("KEY-01: the schedule")
struct ScheduleTests {
    private let policies = KeyPolicies([
        .tokenES256: KeyPolicy(rotateEvery: .days(10), publishBefore: .days(1), keepAfter: .days(3))
    ])

    @Test("Stages, rotates and retires by itself, each at its time", arguments: VaultKind.allCases)
    func days(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let keyring = try await home.open(policies)
        var seen: [String] = []
        for hour in 0..<(24 * 24) {
            for step in try await keyring.advance() {
                seen.append("day \(hour / 24) hour \(hour % 24): \(step.split(separator: " ")[0])")
            }
            home.clock.advance(by: .hours(1))
        }
        #expect(
            seen == [
                "day 9 hour 0: staged", "day 10 hour 0: rotated", "day 13 hour 0: retired", "day 19 hour 0: staged",
                "day 20 hour 0: rotated", "day 23 hour 0: retired",
            ])
        #expect(keyring.states(.tokenES256) == [.retired, .retired, .current])
        #expect(keyring.states(.tokenRS256) == [.current], "no schedule, no rotation")
    }

    @Test(
        "Whatever is signed at any hour holds for a cache as old as allowed, and for as long as it may live",
        arguments: VaultKind.allCases)
    func everyHour(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let keyring = try await home.open(policies)
        var caches: [JWKSet] = []
        var tokens: [String] = []
        for hour in 0..<(24 * 26) {
            _ = try await keyring.advance()
            let snapshot = keyring.snapshot
            caches.append(snapshot.published)
            tokens.append(try snapshot.signToken(["hour": .integer(Int64(hour))], .es256))
            let oldestCache = caches[max(0, hour - 23)]
            #expect(holds(tokens[hour], oldestCache), "hour \(hour): signed by a key that a cache does not know")
            let oldestToken = tokens[max(0, hour - 71)]
            #expect(holds(oldestToken, snapshot.published), "hour \(hour): a living token lost its key")
            home.clock.advance(by: .hours(1))
        }
        #expect(Set(keyring.snapshot.records.filter { $0.use == .tokenES256 }.map(\.id)).count == 3)
    }

    @Test("A server that was off for a year publishes first and signs a day later", arguments: VaultKind.allCases)
    func longOff(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let keyring = try await home.open(policies)
        let old = try #require(keyring.key(.tokenES256, .current)).id
        home.clock.advance(by: .days(365))
        #expect(try await keyring.advance().count == 1)
        #expect(keyring.key(.tokenES256, .current)?.id == old)
        #expect(keyring.states(.tokenES256) == [.current, .next])
        #expect(try await keyring.advance().isEmpty)
        home.clock.advance(by: .days(1))
        #expect(try await keyring.advance().count == 1)
        #expect(keyring.states(.tokenES256) == [.retiring, .current])
    }

    @Test(
        "The house's policies: nothing is due on the first day, every use but subjects within ninety",
        arguments: VaultKind.allCases)
    func standard(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let keyring = try await home.open()
        #expect(try await keyring.advance().isEmpty)
        home.clock.advance(by: .days(89))
        let staged = try await keyring.advance()
        #expect(staged.count == 6)
        #expect(keyring.states(.subjects) == [.current])
    }

    @Test("Eight nodes at once do each step once", arguments: VaultKind.allCases)
    func parallelAdvance(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        var nodes: [Keyring] = []
        for _ in 0..<8 { nodes.append(try await home.open(policies)) }
        for day in [9, 1, 3] {
            home.clock.advance(by: .days(Int64(day)))
            let done = try await withThrowingTaskGroup(of: Int.self) { group in
                for node in nodes { group.addTask { try await node.advance().count } }
                return try await group.reduce(0, +)
            }
            #expect(done == 1)
            for node in nodes { try await node.refresh() }
            #expect(Set(nodes.map(\.publishedIDs)).count == 1)
        }
        #expect(nodes[0].states(.tokenES256) == [.retired, .current])
    }
}
