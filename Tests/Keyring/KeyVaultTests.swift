import Clocks
import Cryptography
import Foundation
import JOSE
import Synchronization
import Testing

@testable import Keyring

@Suite("KEY-01: what a vault promises")
struct KeyVaultTests {
    private let text = Array("a manifest".utf8)

    @Test("A vault is empty until it is given something, and then gives it back", arguments: VaultKind.allCases)
    func givesBack(kind: VaultKind) async throws {
        let vault = try await TestVault(kind, empty: true).vault
        #expect(try await vault.stamp() == nil)
        #expect(try await vault.contents() == nil)
        let stamp = try #require(
            try await vault.replace(nil, manifest: text, adding: ["a.pem": [1], "b.pem": [2]], removing: []))
        let held = try #require(try await vault.contents())
        #expect(held.stamp == stamp)
        #expect(try await vault.stamp() == stamp)
        #expect(held.manifest == text)
        #expect(held.files == ["a.pem": [1], "b.pem": [2]])
    }

    @Test(
        "A change decided on what is there is made whole; one decided on less is refused whole",
        arguments: VaultKind.allCases)
    func firstWins(kind: VaultKind) async throws {
        let vault = try await TestVault(kind, empty: true).vault
        _ = try await vault.replace(nil, manifest: text, adding: ["a.pem": [1]], removing: [])
        let seen = try #require(try await vault.contents())
        let second = try #require(
            try await vault.replace(seen, manifest: text + [1], adding: ["b.pem": [2]], removing: ["a.pem"]))
        #expect(second != seen.stamp)
        let held = try #require(try await vault.contents())
        #expect(held.stamp == second && held.manifest == text + [1] && held.files == ["b.pem": [2]])
        for late in [seen, nil] {
            let made = try await vault.replace(
                late, manifest: text + [2], adding: ["c.pem": [3]], removing: ["b.pem"])
            #expect(made == nil)
            let after = try #require(try await vault.contents())
            #expect(after.stamp == second && after.manifest == held.manifest && after.files == held.files)
        }
    }

    @Test("Of eight that decide on the same, one wins", arguments: VaultKind.allCases)
    func eight(kind: VaultKind) async throws {
        let vault = try await TestVault(kind, empty: true).vault
        let text = text
        for round in 0..<5 {
            let seen = try await vault.contents()
            let won = try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<8 {
                    group.addTask {
                        try await vault.replace(
                            seen, manifest: text + [UInt8(round), UInt8(index)],
                            adding: ["\(round)-\(index).pem": [UInt8(index)]], removing: []) != nil
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(won == 1)
            let held = try #require(try await vault.contents())
            #expect(held.files.count == round + 1, "the losers left nothing")
            let winner = try #require(held.manifest.last)
            #expect(held.files["\(round)-\(winner).pem"] == [winner])
        }
    }

    @Test("What was seen in another vault is nothing to this one")
    func otherVault() async throws {
        let folder = try await TestVault(.folder)
        let seen = try #require(try await folder.vault.contents())
        for isEmpty in [true, false] {
            let shared = try await TestVault(.shared, empty: isEmpty).vault
            let before = try await shared.contents()
            #expect(try await shared.replace(seen, manifest: text, adding: [:], removing: []) == nil)
            #expect(try await shared.contents()?.stamp == before?.stamp)
        }
    }

    @Test("A folder that changes while it is read is read again: manifest and files are of one moment")
    func changesWhileRead() async throws {
        let folder = try await TestFolder(empty: true)
        let vault = folder.vault
        // Each manifest names one file; the others make reading take longer.
        let padding = Dictionary(uniqueKeysWithValues: (0..<50).map { ("0-\($0).pem", [UInt8]()) })
        _ = try await vault.replace(
            nil, manifest: Array("1".utf8), adding: padding.merging(["1.pem": [1]]) { $1 }, removing: [])
        let isOver = Flag()
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                for round in 2..<300 {
                    let seen = try #require(try await vault.contents())
                    let made = try await vault.replace(
                        seen, manifest: Array("\(round)".utf8), adding: ["\(round).pem": [1]],
                        removing: ["\(round - 1).pem"])
                    #expect(made != nil)
                }
                isOver.raise()
                return 0
            }
            for _ in 0..<2 {
                group.addTask {
                    var halves = 0
                    while !isOver.isUp {
                        let held = try #require(try await vault.contents())
                        if held.files[String(decoding: held.manifest, as: UTF8.self) + ".pem"] == nil { halves += 1 }
                    }
                    return halves
                }
            }
            let halves = try await group.reduce(0, +)
            #expect(halves == 0, "manifests without their file")
        }
    }

    // MARK: Carrying

    @Test(
        "Keys are carried from one vault to another: what was signed, sealed and called by a subject holds there",
        arguments: VaultKind.allCases, VaultKind.allCases)
    func carry(from: VaultKind, to: VaultKind) async throws {
        let source = try await TestVault(from)
        let old = try await source.open()
        let retired = try #require(old.key(.tokenEdDSA, .current))
        try await old.revoke(retired.id, reason: "gone")
        try await old.stage(.tokenES256)
        let token = try old.snapshot.signToken(["a": 1], .rs256)
        let sealed = try old.snapshot.seal([7], purpose: "x", random: SystemRandom())
        let target = try await TestVault(to, empty: true)
        let count = try await Keyring.carry(from: source.vault, to: target.vault)
        #expect(count == KeyUse.allCases.count + 1)
        let before = try #require(try await source.vault.contents())
        let after = try #require(try await target.vault.contents())
        #expect(after.manifest == before.manifest && after.files == before.files)
        let new = try await target.open()
        #expect(holds(token, new.snapshot.published))
        #expect(try new.snapshot.open(sealed, purpose: "x") == [7])
        #expect(new.snapshot.publishedJSON == old.snapshot.publishedJSON)
        #expect(
            new.snapshot.pairwiseSubject(sector: "s", account: "a")
                == old.snapshot.pairwiseSubject(sector: "s", account: "a"))
        try await new.rotate(.tokenES256, ignoringPublication: true)
    }

    @Test("Nothing is carried over keys that are there", arguments: VaultKind.allCases, VaultKind.allCases)
    func carryOverOthers(from: VaultKind, to: VaultKind) async throws {
        let source = try await TestVault(from)
        try await source.open().stage(.tokenES256)
        let target = try await TestVault(to)
        let before = try #require(try await target.vault.contents())
        await #expect(throws: KeyringError(.occupied, "")) {
            try await Keyring.carry(from: source.vault, to: target.vault)
        }
        let after = try #require(try await target.vault.contents())
        #expect(after.stamp == before.stamp && after.manifest == before.manifest && after.files == before.files)
        await #expect(throws: KeyringError(.occupied, ""), "not even over themselves") {
            try await Keyring.carry(from: source.vault, to: source.vault)
        }
    }

    @Test("Half a keyring is not carried, and none is said to be none", arguments: VaultKind.allCases)
    func carryHalf(kind: VaultKind) async throws {
        let target = try await TestVault(kind, empty: true)
        await #expect(throws: KeyringError(.missing, "")) {
            try await Keyring.carry(from: TestVault(.folder, empty: true).vault, to: target.vault)
        }
        let folder = try await TestFolder()
        let name = try #require(try await folder.open().key(.sealing, .current)).fileName
        try FileManager.default.removeItem(atPath: folder.file(name))
        await #expect(throws: KeyringError(.fileFailure, "")) {
            try await Keyring.carry(from: folder.vault, to: target.vault)
        }
        try folder.write("{}", to: "manifest.json")
        await #expect(throws: KeyringError(.damaged, "")) {
            try await Keyring.carry(from: folder.vault, to: target.vault)
        }
        #expect(try await target.vault.contents() == nil)
    }

    @Test("A file without a line is not carried")
    func carryOrphan() async throws {
        let folder = try await TestFolder()
        try folder.write("-----BEGIN ENCRYPTED PRIVATE KEY-----", to: "token-es256-orphan.pem")
        let target = try await TestVault(.shared, empty: true)
        try await Keyring.carry(from: folder.vault, to: target.vault)
        #expect(try await !target.files().contains("token-es256-orphan.pem"))
        #expect(try await target.open().snapshot.records.count == KeyUse.allCases.count)
    }
}

/// Something that comes to be so, once.
private final class Flag: Sendable {
    private let state = Mutex(false)

    var isUp: Bool { state.withLock { $0 } }

    func raise() { state.withLock { $0 = true } }
}
