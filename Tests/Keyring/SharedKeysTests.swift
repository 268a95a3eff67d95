import Clocks
import Cryptography
import JOSE
import Stores
import Testing

@testable import Keyring

@Suite("KEY-01: keys in a database, on its bad days")
struct SharedKeysTests {
    private let policies = KeyPolicies([
        .tokenES256: KeyPolicy(rotateEvery: .days(10), publishBefore: .days(1), keepAfter: .days(3))
    ])

    private func open(
        _ policies: KeyPolicies = .standard, random: any RandomSource = SystemRandom()
    ) async throws -> (
        MemoryKeyStore, TestVault, Keyring
    ) {
        let home = try await TestVault(.shared)
        return (try #require(home.store), home, try await home.open(policies, random: random))
    }

    @Test("The database stops: the keys in memory go on, changes are refused, and all is well when it is back")
    func downAndBack() async throws {
        let (store, home, keyring) = try await open()
        let other = try await home.open()
        let before = keyring.snapshot.records
        try await other.stage(.tokenES256)
        await store.set(.down)
        for _ in 0..<3 {
            await #expect(throws: KeyringError(.unreachable, "")) { try await keyring.refresh() }
            await #expect(throws: KeyringError(.unreachable, "")) { try await keyring.stage(.tokenEdDSA) }
            #expect(keyring.snapshot.records == before)
            #expect(try holds(keyring.snapshot.signToken(["a": 1], .es256), keyring.snapshot.published))
        }
        await #expect(throws: KeyringError(.unreachable, "")) { try await home.open(creating: true) }
        await store.set(nil)
        #expect(try await keyring.refresh())
        #expect(keyring.states(.tokenES256) == [.current, .next])
        try await keyring.stage(.tokenEdDSA)
        #expect(try await home.open().publishedIDs == keyring.publishedIDs)
    }

    @Test("A read-only database: the schedule waits, and makes one key for all its tries")
    func readOnly() async throws {
        let random = CountingRandom()
        let (store, home, keyring) = try await open(policies, random: random)
        home.clock.advance(by: .days(9))
        await store.set(.readOnly)
        for _ in 0..<5 {
            #expect(try await !keyring.refresh())
            await #expect(throws: KeyringError(.fileFailure, "")) { try await keyring.advance() }
        }
        #expect(random.count == 1)
        await store.set(nil)
        #expect(try await keyring.advance().count == 1)
        #expect(random.count == 1)
        #expect(keyring.states(.tokenES256) == [.current, .next])
    }

    @Test("The answer to a change is lost: what was made is taken up by the next look, and its key serves once")
    func answerLost() async throws {
        let random = CountingRandom()
        let (store, home, keyring) = try await open(random: random)
        await store.set(.answerLost)
        await #expect(throws: KeyringError(.unreachable, "")) { try await keyring.stage(.tokenES256) }
        #expect(keyring.states(.tokenES256) == [.current], "nobody knows yet")
        await store.set(nil)
        #expect(try await keyring.refresh())
        let first = try #require(keyring.key(.tokenES256, .next)).id
        await #expect(throws: KeyringError(.notNow, "")) { try await keyring.stage(.tokenES256) }
        try await keyring.retire(first)
        let second = try await keyring.stage(.tokenES256)
        #expect(second.id != first)
        #expect(random.count == 2)
        #expect(try await home.open().states(.tokenES256) == [.current, .retired, .next])
    }

    @Test("A revocation whose answer is lost holds from the next look on")
    func lostRevocation() async throws {
        let (store, _, keyring) = try await open()
        let stolen = try #require(keyring.key(.tokenES256, .current)).id
        await store.set(.answerLost)
        await #expect(throws: KeyringError(.unreachable, "")) { try await keyring.revoke(stolen, reason: "stolen") }
        await store.set(nil)
        #expect(try await keyring.refresh())
        #expect(!keyring.publishedIDs.contains(stolen))
    }

    @Test("A database put back from a backup does not bring a revoked key back into a running server")
    func restored() async throws {
        let (store, home, keyring) = try await open()
        let old = try #require(await store.held)
        let stolen = try #require(keyring.key(.tokenES256, .current)).id
        try await keyring.revoke(stolen, reason: "stolen")
        let newest = try #require(await store.held)
        #expect(newest.revision == old.revision + 1)
        await store.put(old)
        for _ in 0..<2 {
            await #expect(throws: KeyringError(.outdated, "")) { try await keyring.refresh() }
            await #expect(throws: KeyringError(.outdated, "")) { try await keyring.stage(.tokenEdDSA) }
            #expect(!keyring.publishedIDs.contains(stolen))
        }
        // A restarted server takes what there is, and goes on from there.
        let restarted = try await home.open()
        #expect(restarted.publishedIDs.contains(stolen))
        try await restarted.revoke(stolen, reason: "stolen")
        #expect(await store.held?.revision == newest.revision, "as many changes, and others")
        #expect(try await keyring.refresh(), "the same number does not mean the same keys")
        #expect(keyring.publishedIDs == restarted.publishedIDs)
    }

    @Test("The keys vanish from the database: a running server keeps its own, and makes no new ones")
    func vanished() async throws {
        let (store, home, keyring) = try await open()
        await store.put(nil)
        await #expect(throws: KeyringError(.missing, "")) { try await keyring.refresh() }
        await #expect(throws: KeyringError(.missing, "")) { try await keyring.stage(.tokenES256) }
        await #expect(throws: KeyringError(.missing, "")) { try await home.open() }
        #expect(await store.held == nil)
        #expect(try holds(keyring.snapshot.signToken(["a": 1], .es256), keyring.snapshot.published))
    }

    @Test("Rows that are none of ours are refused, and a running server keeps its keys")
    func damaged() async throws {
        let (store, home, keyring) = try await open()
        let good = try #require(await store.held)
        let file = try #require(keyring.key(.tokenES256, .current)).fileName
        let cases: [(String, KeyringError.Code, [UInt8], [String: [UInt8]])] = [
            ("no manifest of ours", .damaged, Array("{}".utf8), good.files),
            ("a key is missing", .fileFailure, good.manifest, good.files.filter { $0.key != file }),
            ("a key is noise", .damaged, good.manifest, good.files.merging([file: [1, 2, 3]]) { $1 }),
        ]
        for (name, code, manifest, files) in cases {
            await store.put(StoredKeys(revision: good.revision + 1, manifest: manifest, files: files))
            await #expect(throws: KeyringError(code, ""), "\(name)") { try await keyring.refresh() }
            await #expect(throws: KeyringError(code, ""), "\(name)") { try await home.open() }
            await #expect(throws: KeyringError(code, ""), "\(name)") { try await keyring.stage(.tokenEdDSA) }
            #expect(await store.held?.manifest == manifest, "\(name): the evidence is left alone")
            #expect(try holds(keyring.snapshot.signToken(["a": 1], .es256), keyring.snapshot.published))
        }
        await store.put(StoredKeys(revision: good.revision + 2, manifest: good.manifest, files: good.files))
        #expect(try await keyring.refresh())
    }

    @Test("KEY-01: nothing private is given to the database in the clear")
    func nothingInTheClear() async throws {
        let (store, _, keyring) = try await open()
        try await keyring.stage(.tokenRS256)
        let held = try #require(await store.held)
        #expect(held.files.count == KeyUse.allCases.count + 1)
        for (name, file) in held.files {
            #expect(
                String(decoding: file, as: UTF8.self).hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), "\(name)")
        }
        #expect(!String(decoding: held.manifest, as: UTF8.self).contains("PRIVATE"))
    }
}
