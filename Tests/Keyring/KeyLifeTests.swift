import Clocks
import Cryptography
import Foundation
import JOSE
import Testing

@testable import Keyring

@Suite("KEY-01: the life of a key")
struct KeyLifeTests {
    private let claims: JSONValue = ["sub": "alice"]

    @Test(
        "A new keyring has one current key for each use, and publishes those of the tokens",
        arguments: VaultKind.allCases)
    func creation(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let keyring = try await home.open()
        for use in KeyUse.allCases { #expect(keyring.states(use) == [.current]) }
        #expect(keyring.snapshot.published.keys.compactMap(\.algorithm) == [.rs256, .es256, .edDSA, .ps256])
        for algorithm in SignatureAlgorithm.allCases {
            #expect(try holds(keyring.snapshot.signToken(claims, algorithm), keyring.snapshot.published))
        }
        guard case .rsa(let n, _) = try #require(keyring.snapshot.published.keys.first).key.parameters() else {
            Issue.record("the first key is no RSA key")
            return
        }
        #expect(n.count == 384, "3072 bits")
        #expect(Set(keyring.snapshot.records.map(\.id)).count == KeyUse.allCases.count)
    }

    @Test(
        "KEY-01: a next key is published before it signs, for as long as caches may be without it",
        arguments: VaultKind.allCases)
    func publishBeforeSigning(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let keyring = try await home.open()
        let old = try #require(keyring.key(.tokenES256, .current))
        let cached = keyring.snapshot.published
        let next = try await keyring.stage(.tokenES256)
        #expect(keyring.key(.tokenES256, .next)?.id == next.id)
        #expect(keyring.publishedIDs.contains(next.id))
        #expect(try UnverifiedJWS(compact: keyring.snapshot.signToken(claims, .es256)).claimedKeyID == old.id)
        #expect(try holds(keyring.snapshot.signToken(claims, .es256), cached))
        let publishedBefore = keyring.snapshot.published
        for wait in [Duration.seconds(0), .hours(23), .seconds(3599)] {
            home.clock.advance(by: wait)
            await #expect(throws: KeyringError(.notNow, "")) { try await keyring.rotate(.tokenES256) }
            #expect(keyring.key(.tokenES256, .current)?.id == old.id)
        }
        home.clock.advance(by: .seconds(1))
        let before = try keyring.snapshot.signToken(claims, .es256)
        try await keyring.rotate(.tokenES256)
        let after = try keyring.snapshot.signToken(claims, .es256)
        #expect(try UnverifiedJWS(compact: after).claimedKeyID == next.id)
        #expect(holds(after, publishedBefore), "a cache from before the rotation knows the new key")
        #expect(holds(before, keyring.snapshot.published), "what the old key signed still holds")
        #expect(keyring.key(.tokenES256, .retiring)?.id == old.id)
    }

    @Test("A rotation may be forced when waiting is worse", arguments: VaultKind.allCases)
    func forcedRotation(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let keyring = try await home.open()
        let next = try await keyring.stage(.tokenES256)
        try await keyring.rotate(.tokenES256, ignoringPublication: true)
        #expect(keyring.key(.tokenES256, .current)?.id == next.id)
    }

    @Test("Steps that the state does not allow are refused, and change nothing", arguments: VaultKind.allCases)
    func refusedSteps(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let keyring = try await home.open()
        try await keyring.stage(.tokenES256)
        let manifest = try await home.manifest()
        let files = try await home.files()
        let current = try #require(keyring.key(.tokenES256, .current)).id
        let steps: [(String, KeyringError.Code, () async throws -> Void)] = [
            ("stage twice", .notNow, { try await keyring.stage(.tokenES256) }),
            ("stage subjects", .notNow, { try await keyring.stage(.subjects) }),
            ("rotate without next", .notNow, { try await keyring.rotate(.tokenRS256) }),
            (
                "rotate without next, forced", .notNow,
                { try await keyring.rotate(.tokenRS256, ignoringPublication: true) }
            ),
            ("retire the current", .notNow, { try await keyring.retire(current) }),
            ("retire the current, forced", .notNow, { try await keyring.retire(current, ignoringLifetime: true) }),
            ("retire nothing", .unknownKey, { try await keyring.retire("nothing") }),
            ("revoke nothing", .unknownKey, { try await keyring.revoke("nothing", reason: "x") }),
        ]
        for (name, code, step) in steps {
            await #expect(throws: KeyringError(code, ""), "\(name)") { try await step() }
            #expect(try await home.manifest() == manifest, "\(name)")
            #expect(try await home.files() == files, "\(name)")
        }
        let subjects = try #require(keyring.key(.subjects, .current)).id
        await #expect(throws: KeyringError(.notNow, "")) { try await keyring.revoke(subjects, reason: "x") }
        #expect(try await home.manifest() == manifest)
    }

    @Test(
        "KEY-01: a retiring key stays as long as anything it signed may live, and then is gone",
        arguments: VaultKind.allCases)
    func retirement(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let keyring = try await home.open()
        let old = try #require(keyring.key(.tokenES256, .current))
        let token = try keyring.snapshot.signToken(claims, .es256)
        try await keyring.stage(.tokenES256)
        try await keyring.rotate(.tokenES256, ignoringPublication: true)
        home.clock.advance(by: .days(30) - .seconds(1))
        await #expect(throws: KeyringError(.notNow, "")) { try await keyring.retire(old.id) }
        #expect(holds(token, keyring.snapshot.published))
        #expect(try await home.files().contains(old.fileName))
        home.clock.advance(by: .seconds(1))
        try await keyring.retire(old.id)
        #expect(!holds(token, keyring.snapshot.published), "a token of a retired key is refused")
        #expect(!keyring.publishedIDs.contains(old.id))
        #expect(try await !home.files().contains(old.fileName), "its private half is deleted")
        #expect(keyring.key(.tokenES256, .retired)?.id == old.id, "its line stays")
        await #expect(throws: KeyringError(.notNow, "")) { try await keyring.retire(old.id) }
    }

    @Test("A next key that is not wanted is taken back", arguments: VaultKind.allCases)
    func retireNext(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let keyring = try await home.open()
        let next = try await keyring.stage(.tokenES256)
        try await keyring.retire(next.id)
        #expect(keyring.states(.tokenES256) == [.current, .retired])
        #expect(!keyring.publishedIDs.contains(next.id))
        await #expect(throws: Never.self) { try await keyring.stage(.tokenES256) }
    }

    @Test(
        "KEY-01: an emergency revocation replaces the current key at once, by its next or a fresh one",
        arguments: VaultKind.allCases, [true, false])
    func revocation(kind: VaultKind, hasNext: Bool) async throws {
        let home = try await TestVault(kind)
        let keyring = try await home.open()
        let stolen = try #require(keyring.key(.tokenES256, .current))
        let token = try keyring.snapshot.signToken(claims, .es256)
        let next = hasNext ? try await keyring.stage(.tokenES256) : nil
        try await keyring.revoke(stolen.id, reason: "stolen")
        #expect(!holds(token, keyring.snapshot.published))
        #expect(try await !home.files().contains(stolen.fileName))
        let current = try #require(keyring.key(.tokenES256, .current))
        if let next { #expect(current.id == next.id) }
        #expect(try holds(keyring.snapshot.signToken(claims, .es256), keyring.snapshot.published))
        let line = try #require(keyring.snapshot.records.first { $0.id == stolen.id })
        #expect(line.state == .retired && line.revocation == "stolen" && line.retiredAt == TestFolder.start)
    }

    @Test("Keys that no longer sign can be revoked before their time", arguments: VaultKind.allCases)
    func revokeRetiring(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let keyring = try await home.open()
        let old = try #require(keyring.key(.tokenEdDSA, .current))
        let token = try keyring.snapshot.signToken(claims, .edDSA)
        try await keyring.stage(.tokenEdDSA)
        try await keyring.rotate(.tokenEdDSA, ignoringPublication: true)
        #expect(holds(token, keyring.snapshot.published))
        try await keyring.revoke(old.id, reason: "doubt")
        #expect(!holds(token, keyring.snapshot.published))
        #expect(keyring.states(.tokenEdDSA) == [.retired, .current])
    }

    @Test(
        "KEY-01: what was sealed, and sessions, outlive a rotation and die with the key", arguments: VaultKind.allCases)
    func sealedAcrossRotation(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let keyring = try await home.open()
        let sealed = try keyring.snapshot.seal([1, 2, 3], purpose: "pending", random: SystemRandom())
        let session = try keyring.snapshot.signSession(["sid": "s"])
        let oldSealing = try #require(keyring.key(.sealing, .current)).id
        let oldSession = try #require(keyring.key(.session, .current)).id
        for use in [KeyUse.sealing, .session] {
            try await keyring.stage(use)
            #expect(try keyring.snapshot.open(sealed, purpose: "pending") == [1, 2, 3])
            home.clock.advance(by: .minutes(5))
            try await keyring.rotate(use)
        }
        #expect(try keyring.snapshot.open(sealed, purpose: "pending") == [1, 2, 3])
        #expect(try keyring.snapshot.verifySession(session)["sid"] == "s")
        let newer = try keyring.snapshot.seal([4], purpose: "pending", random: SystemRandom())
        #expect(!newer.hasPrefix(oldSealing + "."))
        home.clock.advance(by: .days(2))
        for id in [oldSealing, oldSession] { try await keyring.retire(id) }
        #expect(throws: CryptographyError(.notAuthentic, "")) { try keyring.snapshot.open(sealed, purpose: "pending") }
        #expect(throws: JOSEError(.unknownKey, "")) { try keyring.snapshot.verifySession(session) }
        #expect(try keyring.snapshot.open(newer, purpose: "pending") == [4])
    }

    @Test(
        "A node that knows the next sealing and session key opens what a faster node made with it",
        arguments: VaultKind.allCases)
    func overlapAhead(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let slow = try await home.open()
        let fast = try await home.open()
        for use in [KeyUse.sealing, .session] { try await fast.stage(use) }
        try await slow.refresh()
        for use in [KeyUse.sealing, .session] { try await fast.rotate(use, ignoringPublication: true) }
        // The slow node has not refreshed since.
        let sealed = try fast.snapshot.seal([7], purpose: "x", random: SystemRandom())
        #expect(try slow.snapshot.open(sealed, purpose: "x") == [7])
        #expect(try slow.snapshot.verifySession(fast.snapshot.signSession(["a": 1]))["a"] == 1)
        #expect(try fast.snapshot.verifySession(slow.snapshot.signSession(["a": 2]))["a"] == 2)
    }

    @Test("What was not sealed here does not open", arguments: VaultKind.allCases)
    func foreignSealed(kind: VaultKind) async throws {
        let keyring = try await TestVault(kind).open()
        let sealed = try keyring.snapshot.seal([1], purpose: "x", random: SystemRandom())
        #expect(try keyring.snapshot.open(sealed, purpose: "x") == [1], "the control")
        let dot = try #require(sealed.firstIndex(of: "."))
        let body = sealed[sealed.index(after: dot)...]
        for hostile in [
            "", ".", String(body), "." + body, "other." + body, sealed + "A", sealed + "=", String(sealed.dropLast()),
            sealed.replacing(".", with: ".."), String(sealed[...dot]),
        ] {
            #expect(throws: CryptographyError(.notAuthentic, ""), "\(hostile)") {
                try keyring.snapshot.open(hostile, purpose: "x")
            }
        }
        #expect(throws: CryptographyError(.notAuthentic, "")) { try keyring.snapshot.open(sealed, purpose: "y") }
    }

    @Test("JW-06: sessions and tokens are not taken for one another", arguments: VaultKind.allCases)
    func sessionsAreNotTokens(kind: VaultKind) async throws {
        let keyring = try await TestVault(kind).open()
        let snapshot = keyring.snapshot
        let session = try snapshot.signSession(["sub": "alice"])
        #expect(throws: Never.self) { try snapshot.verifySession(session) }
        #expect(!holds(session, snapshot.published), "the session key is not published")
        let token = try snapshot.signToken(["sub": "alice"], .es256)
        #expect(throws: JOSEError(.wrongType, "")) { try snapshot.verifySession(token) }
        let disguised = try snapshot.signToken(["sub": "alice"], .es256, type: "session+jwt")
        #expect(throws: JOSEError(.unknownKey, "")) { try snapshot.verifySession(disguised) }
    }

    @Test(
        "Pairwise subjects never change, tell sectors and people apart, and tell nothing", arguments: VaultKind.allCases
    )
    func pairwiseSubjects(kind: VaultKind) async throws {
        let home = try await TestVault(kind)
        let keyring = try await home.open()
        let subject = keyring.snapshot.pairwiseSubject(sector: "ent.example", account: "alice")
        #expect(subject.utf8.count == 43)
        for use in KeyUse.allCases where use.rotates && use.keyKind != .rsa {
            try await keyring.stage(use)
            try await keyring.rotate(use, ignoringPublication: true)
        }
        #expect(keyring.snapshot.pairwiseSubject(sector: "ent.example", account: "alice") == subject)
        #expect(try await home.open().snapshot.pairwiseSubject(sector: "ent.example", account: "alice") == subject)
        var seen: Set<String> = [subject]
        for (sector, account) in [
            ("ent.example", "bob"), ("pronote.example", "alice"), ("ent.examplea", "lice"), ("", "ent.examplealice"),
            ("11:ent.example", "alice"), ("ent.example", ""), ("é", "x"), ("e\u{301}", "x"),
        ] {
            #expect(seen.insert(keyring.snapshot.pairwiseSubject(sector: sector, account: account)).inserted)
        }
    }
}
