import Clocks
import Cryptography
import Foundation
import JOSE
import Testing

@testable import Keyring

@Suite("KEY-01: several nodes on one vault")
struct SeveralNodesTests {
    @Test("A change by one is taken up by the other, and no sign-in fails in between", arguments: VaultKind.allCases)
    func refresh(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let one = try await home.open()
        let two = try await home.open()
        #expect(try await !two.refresh())
        let next = try await one.stage(.tokenES256)
        #expect(!two.publishedIDs.contains(next.id))
        #expect(try await two.refresh())
        #expect(try await !two.refresh())
        #expect(two.publishedIDs == one.publishedIDs)
        home.clock.advance(by: .days(1))
        try await one.rotate(.tokenES256)
        // Not refreshed yet: each accepts what the other signs.
        #expect(try holds(one.snapshot.signToken(["a": 1], .es256), two.snapshot.published))
        #expect(try holds(two.snapshot.signToken(["a": 1], .es256), one.snapshot.published))
        #expect(try await two.refresh())
        #expect(try UnverifiedJWS(compact: two.snapshot.signToken(["a": 1], .es256)).claimedKeyID == next.id)
    }

    @Test("A revocation reaches the other node by its next look", arguments: VaultKind.allCases)
    func revocation(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let one = try await home.open()
        let two = try await home.open()
        let token = try two.snapshot.signToken(["a": 1], .es256)
        try await one.revoke(try #require(one.key(.tokenES256, .current)).id, reason: "stolen")
        #expect(try await two.refresh())
        #expect(!holds(token, two.snapshot.published))
    }

    @Test("A change by one builds on a change by the other that it has not seen", arguments: VaultKind.allCases)
    func noLostChange(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let one = try await home.open()
        let two = try await home.open()
        let first = try await one.stage(.tokenES256)
        let second = try await two.stage(.tokenEdDSA)
        #expect(two.publishedIDs.isSuperset(of: [first.id, second.id]))
        await #expect(throws: KeyringError(.notNow, "")) { try await two.stage(.tokenES256) }
        try await one.refresh()
        #expect(one.publishedIDs == two.publishedIDs)
    }

    @Test(
        "KEY-01: eight rotations at once, by two keyrings: one next key, then one current key",
        arguments: VaultKind.allCases)
    func parallelRotations(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let keyrings = [try await home.open(), try await home.open()]
        func attempt(_ step: @escaping @Sendable (Keyring) async throws -> Void) async -> [KeyringError.Code?] {
            await withTaskGroup(of: KeyringError.Code?.self) { group in
                for index in 0..<8 {
                    let keyring = keyrings[index % 2]
                    group.addTask {
                        do {
                            try await step(keyring)
                            return nil
                        } catch {
                            return (error as? KeyringError)?.code ?? .damaged
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
        let staged = await attempt { try await $0.stage(.tokenES256) }
        #expect(staged.count { $0 == nil } == 1)
        #expect(staged.count { $0 == .notNow } == 7)
        home.clock.advance(by: .days(1))
        let rotated = await attempt { try await $0.rotate(.tokenES256) }
        #expect(rotated.count { $0 == nil } == 1)
        #expect(rotated.count { $0 == .notNow } == 7)
        for keyring in keyrings {
            try await keyring.refresh()
            #expect(keyring.states(.tokenES256) == [.retiring, .current])
            #expect(try holds(keyring.snapshot.signToken(["a": 1], .es256), keyring.snapshot.published))
        }
        #expect(keyrings[0].publishedIDs == keyrings[1].publishedIDs)
        #expect(try await home.files() == Set(keyrings[0].snapshot.records.map(\.fileName)), "no file without a line")
    }

    @Test("Eight nodes that find no keyring make one", arguments: VaultKind.allCases)
    func parallelCreation(kind: VaultKind) async throws {
        let home = try await TestVault(kind, empty: true)
        let published = try await withThrowingTaskGroup(of: Set<String>.self) { group in
            for _ in 0..<8 { group.addTask { try await home.open(creating: true).publishedIDs } }
            return try await group.reduce(into: Set<Set<String>>()) { $0.insert($1) }
        }
        #expect(published.count == 1)
    }

    @Test("Signing goes on in the midst of rotations, and every token holds", arguments: VaultKind.allCases)
    func signingUnderRotation(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let signer = try await home.open()
        let operatorKeyring = try await home.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for _ in 0..<6 {
                    try await operatorKeyring.stage(.tokenES256)
                    try await operatorKeyring.rotate(.tokenES256, ignoringPublication: true)
                    try await signer.refresh()
                }
            }
            for _ in 0..<2 {
                group.addTask {
                    for _ in 0..<300 {
                        let snapshot = signer.snapshot
                        let token = try snapshot.signToken(["a": 1], .es256)
                        #expect(
                            holds(token, snapshot.published), "signed by a key that the same snapshot does not publish")
                        await Task.yield()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(signer.states(.tokenES256).count == 7)
    }
}
