import Clocks
import Cryptography
import Foundation
import JOSE
import Testing

@testable import Keyring

/// A use that came after the first keyrings, and nodes of two versions on one vault.
@Suite("KEY-01: keyrings that are older than a use")
struct LaterUseTests {
    /// The uses that the first keyrings had.
    private static let firstUses = [
        "token-rs256", "token-es256", "token-eddsa", "session", "sealing", "subjects",
    ]

    /// What a node of the first version makes of a manifest: it refuses one with a use that it does not know, and what
    /// stands beside `version` and `keys` is not there for it.
    private func asFirstVersion(_ manifest: [UInt8]) throws -> [UInt8] {
        let json = try #require(try JSONSerialization.jsonObject(with: Data(manifest)) as? [String: Any])
        let keys = try #require(json["keys"] as? [[String: Any]])
        for key in keys {
            let use = try #require(key["use"] as? String)
            #expect(Self.firstUses.contains(use), "the first version would refuse the manifest")
        }
        let own: [String: Any] = ["version": try #require(json["version"]), "keys": keys]
        return Array(try JSONSerialization.data(withJSONObject: own, options: [.sortedKeys]))
    }

    /// Lets a node of the first version write, having changed nothing that it knows; `also` tells what else it changes.
    private func writeAsFirstVersion(
        _ vault: any KeyVault, also change: (String) -> String = { $0 }
    ) async throws {
        let held = try #require(try await vault.contents())
        let text = change(String(decoding: try asFirstVersion(held.manifest), as: UTF8.self))
        let unnamed = held.files.keys.filter { !text.contains($0.split(separator: ".")[0].suffix(12)) }
        #expect(unnamed.allSatisfy { $0.hasPrefix("token-ps256-") })
        let made = try await vault.replace(held, manifest: Array(text.utf8), adding: [:], removing: unnamed)
        #expect(made != nil)
    }

    private func kinds(_ keyring: Keyring) -> Set<KeyUse> { Set(keyring.snapshot.records.map(\.use)) }

    @Test("A keyring of the first version serves at once, and gets what it lacks", arguments: VaultKind.allCases)
    func upgrade(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        try await writeAsFirstVersion(home.vault)
        let keyring = try await home.open()
        let before = keyring.snapshot
        #expect(kinds(keyring) == Set(KeyUse.allCases).subtracting([.tokenPS256]))
        #expect(throws: KeyringError(.unknownKey, "")) { try before.signToken(["a": 1], .ps256) }
        for algorithm in [SignatureAlgorithm.rs256, .es256, .edDSA] {
            #expect(try holds(before.signToken(["a": 1], algorithm), before.published))
        }
        #expect(try await keyring.complete() == [.tokenPS256])
        #expect(try await keyring.complete() == [])
        let after = keyring.snapshot
        #expect(after.records.filter { $0.use != .tokenPS256 } == before.records, "what was there stays as it was")
        #expect(keyring.states(.tokenPS256) == [.current])
        #expect(try holds(after.signToken(["a": 1], .ps256), after.published))
        #expect(String(decoding: after.publishedJSON, as: UTF8.self).contains("\"PS256\""))
        let again = try await home.open()
        #expect(again.snapshot.records == after.records)
        #expect(try await home.files() == Set(after.records.map(\.fileName)))
    }

    @Test("Eight nodes that lack a key at once make one", arguments: VaultKind.allCases)
    func parallelCompletion(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        try await writeAsFirstVersion(home.vault)
        var nodes: [Keyring] = []
        for _ in 0..<8 { nodes.append(try await home.open()) }
        let made = try await withThrowingTaskGroup(of: [KeyUse].self) { group in
            for node in nodes { group.addTask { try await node.complete() } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(made == [.tokenPS256], "one of them made it")
        let key = try #require(nodes[0].key(.tokenPS256, .current))
        for node in nodes { #expect(node.key(.tokenPS256, .current) == key) }
        #expect(try await home.files() == Set(nodes[0].snapshot.records.map(\.fileName)), "no file without a line")
    }

    @Test("A node of the first version beside newer ones reads, writes and revokes", arguments: VaultKind.allCases)
    func mixedVersions(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let keyring = try await home.open()
        let lost = try #require(keyring.key(.tokenPS256, .current))
        let es256 = try #require(keyring.key(.tokenES256, .current))
        // The older node supersedes a key and knows nothing of the later use, nor keeps it.
        try await writeAsFirstVersion(home.vault) { text in
            text.replacing("\"id\":\"\(es256.id)\"", with: "\"revocation\":\"noted\",\"id\":\"\(es256.id)\"")
        }
        #expect(try await keyring.refresh())
        #expect(keyring.key(.tokenES256, .current)?.revocation == "noted", "what the other changed is taken up")
        #expect(keyring.key(.tokenPS256, .current) == nil)
        #expect(try holds(keyring.snapshot.signToken(["a": 1], .es256), keyring.snapshot.published))
        // The schedule, which runs every second, makes it anew, and then rests.
        #expect(try await keyring.advance() == ["made the first key for token-ps256"])
        #expect(try await keyring.advance() == [])
        let found = try #require(keyring.key(.tokenPS256, .current))
        #expect(found.id != lost.id)
        #expect(try holds(keyring.snapshot.signToken(["a": 1], .ps256), keyring.snapshot.published))
        #expect(!keyring.publishedIDs.contains(lost.id))
        #expect(try await !home.files().contains(lost.fileName))
        // What it wrote, the older node can read.
        _ = try asFirstVersion(try await home.manifest())
    }

    @Test("A use that only a still later version knows is passed over", arguments: VaultKind.allCases)
    func laterStill(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let held = try #require(try await home.vault.contents())
        let text = String(decoding: held.manifest, as: UTF8.self)
        #expect(text.contains("\"later_keys\""), "the control")
        let later = "\"later_keys\" : [ {\"use\":\"token-of-tomorrow\",\"state\":\"nowhere\"},"
        let pattern = try Regex("\"later_keys\" : \\[")
        let manifest = text.replacing(pattern, with: later)
        #expect(manifest != text)
        _ = try await home.vault.replace(held, manifest: Array(manifest.utf8), adding: [:], removing: [])
        let keyring = try await home.open()
        #expect(kinds(keyring) == Set(KeyUse.allCases))
        // But what it does not understand of a use that it knows, it refuses.
        let damaged = text.replacing(pattern, with: "\"later_keys\" : [ {\"use\":\"token-ps256\"},")
        let now = try #require(try await home.vault.contents())
        _ = try await home.vault.replace(now, manifest: Array(damaged.utf8), adding: [:], removing: [])
        await #expect(throws: KeyringError(.damaged, "")) { try await home.open() }
    }

    @Test("A vault that cannot be written: all other uses are served, and the key is made only once")
    func readOnly() async throws {
        let home = try await TestVault(.shared)
        try await writeAsFirstVersion(home.vault)
        let store = try #require(home.store)
        await store.set(.readOnly)
        let random = CountingRandom()
        let keyring = try await home.open(random: random)
        for _ in 0..<3 {
            await #expect(throws: KeyringError(.fileFailure, "")) { try await keyring.complete() }
            await #expect(throws: KeyringError(.fileFailure, "")) { try await keyring.advance() }
        }
        #expect(random.count == 1, "RSA keys take their time")
        #expect(try holds(keyring.snapshot.signToken(["a": 1], .rs256), keyring.snapshot.published))
        await store.set(nil)
        #expect(try await keyring.advance() == ["made the first key for token-ps256"])
        #expect(random.count == 1)
    }

    @Test("Staged by hand where there is none yet: a first key signs, a next one waits", arguments: VaultKind.allCases)
    func staging(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        try await writeAsFirstVersion(home.vault)
        let keyring = try await home.open()
        let next = try await keyring.stage(.tokenPS256)
        #expect(keyring.states(.tokenPS256) == [.current, .next])
        #expect(keyring.key(.tokenPS256, .next)?.id == next.id)
        #expect(try await home.open().states(.tokenPS256) == [.current, .next])
    }
}
