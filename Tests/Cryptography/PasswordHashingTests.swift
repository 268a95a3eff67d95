import Cryptography
import Foundation
import Testing

/// What a test can afford: the smallest cost that libsodium takes.
private let cheap = Argon2id.Cost(memoryKiB: 8, passes: 1)

@Suite("Argon2id, RFC 9106, through libsodium")
struct Argon2idTests {
    @Test("The default cost is 19 MiB and two passes, and stands in the string")
    func format() throws {
        let text = try Argon2id.hash(password: SecretBytes(utf8: "motdepasse"), cost: Argon2id.Cost())
        #expect(text.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(try Argon2id.verify(SecretBytes(utf8: "motdepasse"), against: text))
        #expect(try !Argon2id.verify(SecretBytes(utf8: "motdepassE"), against: text))
    }

    @Test("A string of the reference implementation (argon2 CLI) verifies")
    func known() throws {
        // From the test suite of the reference implementation, https://github.com/P-H-C/phc-winner-argon2 (src/test.c):
        // hashtest(version, 2, 16, 1, "password", "somesalt", …, Argon2_id).
        let text =
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
        #expect(try Argon2id.verify(SecretBytes(utf8: "password"), against: text))
        #expect(try !Argon2id.verify(SecretBytes(utf8: "passwore"), against: text))
    }

    @Test(
        "PW-01: what is in the password counts to the last byte",
        arguments: [
            ("a\0b", "a\0c"), ("", "\0"), ("é", "e\u{301}"), (" a ", "a"), ("🦊🦊", "🦊"),
            (String(repeating: "x", count: 72) + "a", String(repeating: "x", count: 72) + "b"),
            (String(repeating: "x", count: 1023) + "a", String(repeating: "x", count: 1023) + "b"),
        ])
    func everyByte(_ right: String, _ wrong: String) throws {
        let text = try Argon2id.hash(password: SecretBytes(utf8: right), cost: cheap)
        #expect(try Argon2id.verify(SecretBytes(utf8: right), against: text))
        #expect(try !Argon2id.verify(SecretBytes(utf8: wrong), against: text))
    }

    @Test("Two hashes of one password differ")
    func salted() throws {
        let password = SecretBytes(utf8: "soleil")
        #expect(
            try Argon2id.hash(password: password, cost: cheap) != Argon2id.hash(password: password, cost: cheap))
    }

    @Test("What is no such string verifies nothing", arguments: ["", "x", "$argon2id$", "$1$abc$def", "\0"])
    func malformed(_ text: String) throws {
        #expect(try !Argon2id.verify(SecretBytes(utf8: ""), against: text))
        #expect(Argon2id.needsRehash(text, cost: cheap))
    }

    @Test("Another cost wants a rehash, the same does not")
    func rehash() throws {
        let text = try Argon2id.hash(password: SecretBytes(utf8: "x"), cost: cheap)
        #expect(!Argon2id.needsRehash(text, cost: cheap))
        #expect(Argon2id.needsRehash(text, cost: Argon2id.Cost(memoryKiB: 16, passes: 1)))
        #expect(Argon2id.needsRehash(text, cost: Argon2id.Cost(memoryKiB: 8, passes: 2)))
    }

    @Test("A cost outside libsodium's limits is an error, not a weak hash")
    func impossibleCost() {
        #expect(throws: CryptographyError(.libraryFailure, "")) {
            try Argon2id.hash(password: SecretBytes(utf8: "x"), cost: Argon2id.Cost(memoryKiB: 1, passes: 1))
        }
        #expect(throws: CryptographyError(.libraryFailure, "")) {
            try Argon2id.hash(password: SecretBytes(utf8: "x"), cost: Argon2id.Cost(memoryKiB: 8, passes: 0))
        }
    }
}

@Suite("The password hasher", .timeLimit(.minutes(2)))
struct PasswordHasherTests {
    @Test("It hashes and verifies, and an account without a password never matches")
    func both() async throws {
        let hasher = PasswordHasher(cost: cheap, random: SystemRandom())
        let text = try await hasher.hash(SecretBytes(utf8: "coucou"))
        #expect(try await hasher.verify(SecretBytes(utf8: "coucou"), against: text))
        #expect(try await !hasher.verify(SecretBytes(utf8: "coucoU"), against: text))
        #expect(try await !hasher.verify(SecretBytes(utf8: "coucou"), against: nil))
        #expect(hasher.performed == 4)
        #expect(!hasher.needsRehash(text))
    }

    @Test("Not even the decoy's own password opens an account that is not there")
    func decoy() async throws {
        struct Constant: RandomSource {
            func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 7, count: count) }
        }
        let hasher = PasswordHasher(cost: cheap, random: Constant())
        #expect(try await !hasher.verify(SecretBytes([UInt8](repeating: 7, count: 32)), against: nil))
    }

    @Test("PW-01: a password of a megabyte is refused before any work")
    func tooLong() async throws {
        let hasher = PasswordHasher(cost: cheap, random: SystemRandom())
        let megabyte = SecretBytes([UInt8](repeating: 0x61, count: 1 << 20))
        await #expect(throws: PasswordHasherError.tooLong) { try await hasher.hash(megabyte) }
        await #expect(throws: PasswordHasherError.tooLong) { try await hasher.verify(megabyte, against: nil) }
        #expect(hasher.performed == 0)
        let longest = SecretBytes([UInt8](repeating: 0x61, count: PasswordHasher.longestPassword))
        #expect(try await hasher.verify(longest, against: hasher.hash(longest)))
    }

    @Test("As many at once as it is wide, then a short queue, then a refusal that says when to come back")
    func bounded() async throws {
        // Slow enough that all 40 are there before the first is done.
        let slow = Argon2id.Cost(memoryKiB: 65536, passes: 4)
        let hasher = PasswordHasher(cost: slow, width: 2, queueLimit: 6, random: SystemRandom())
        // The decoy comes first: let it pass.
        _ = try await hasher.verify(SecretBytes(utf8: "x"), against: nil)
        // What each of the 40 saw: how many ran, or `nil` when it was turned away.
        let outcomes = try await withThrowingTaskGroup(of: Int?.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    do {
                        _ = try await hasher.hash(SecretBytes(utf8: "x"))
                        return hasher.running
                    } catch PasswordHasherError.busy(let retryAfter) {
                        #expect(retryAfter >= .seconds(1))
                        return nil
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let done = outcomes.compactMap { $0 }
        #expect(done.count >= 8)
        #expect(done.count < 40)
        #expect(done.allSatisfy { $0 <= 2 })
        #expect(hasher.waiting == 0)
        // Nothing of the crowd is left behind.
        _ = try await hasher.hash(SecretBytes(utf8: "x"))
    }

    @Test("The cooperative pool goes on while every thread hashes")
    func elsewhere() async throws {
        let slow = Argon2id.Cost(memoryKiB: 131_072, passes: 4)
        let hasher = PasswordHasher(cost: slow, width: 1, queueLimit: 64, random: SystemRandom())
        let crowd = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 { group.addTask { _ = try await hasher.hash(SecretBytes(utf8: "x")) } }
                try await group.waitForAll()
            }
        }
        while hasher.waiting < 4 { await Task.yield() }
        let before = hasher.performed
        // As many tasks as it takes to fill the pool many times over: they run although eight hashes are not done.
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<64 { group.addTask { await Task.yield() } }
        }
        #expect(hasher.performed - before < 8)
        try await crowd.value
    }
}
