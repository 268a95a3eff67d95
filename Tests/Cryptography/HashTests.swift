import Cryptography
import Testing

@Suite("Hashes, HMAC, HKDF, random")
struct HashTests {
    @Test("FIPS 180-4: SHA-256 and SHA-512 of the usual messages")
    func hashes() throws {
        #expect(
            try SHA256.hash("abc") == hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))
        #expect(
            try SHA256.hash([UInt8]()) == hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"))
        #expect(
            try SHA512.hash(Array("abc".utf8))
                == hex(
                    """
                    ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a
                    2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f
                    """))
    }

    struct HMACVector: Sendable, CustomStringConvertible {
        let name: String
        let key: [UInt8]
        let message: [UInt8]
        let code: String
        var description: String { name }
    }

    @Test("What comes a piece at a time has the digest of the whole")
    func pieces() {
        let message = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        for size in [1, 63, 64, 65, 70_000, 200_000] {
            let running = RunningSHA256()
            var rest = message[...]
            while !rest.isEmpty {
                running.update(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            #expect(running.finish() == SHA256.hash(message), "\(size)")
        }
        #expect(RunningSHA256().finish() == SHA256.hash([UInt8]()))
    }

    @Test(
        "RFC 4231: HMAC-SHA-256",
        arguments: [
            HMACVector(
                name: "case 1", key: [UInt8](repeating: 0x0B, count: 20), message: Array("Hi There".utf8),
                code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            HMACVector(
                name: "case 2", key: Array("Jefe".utf8), message: Array("what do ya want for nothing?".utf8),
                code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            HMACVector(
                name: "case 3", key: [UInt8](repeating: 0xAA, count: 20), message: [UInt8](repeating: 0xDD, count: 50),
                code: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            HMACVector(
                name: "case 4", key: Array(1...25), message: [UInt8](repeating: 0xCD, count: 50),
                code: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
            HMACVector(
                name: "case 6", key: [UInt8](repeating: 0xAA, count: 131),
                message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
        ])
    func hmac(vector: HMACVector) throws {
        #expect(try HMACSHA256.code(key: SecretBytes(vector.key), message: vector.message) == hex(vector.code))
    }

    @Test("RFC 5869, test case 3 (no salt, no info): the first 32 bytes")
    func hkdf() throws {
        let derived = HKDFSHA256.derive(from: SecretBytes([UInt8](repeating: 0x0B, count: 22)), info: "")
        #expect(
            try derived.withBytes { $0 } == hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"))
    }

    @Test("Other purposes and other keys give other secrets")
    func hkdfSeparation() {
        let key = SecretBytes([UInt8](repeating: 1, count: 32))
        let first = HKDFSHA256.derive(from: key, info: "a")
        #expect(first == HKDFSHA256.derive(from: key, info: "a"))
        #expect(first != HKDFSHA256.derive(from: key, info: "b"))
        #expect(first != HKDFSHA256.derive(from: SecretBytes([UInt8](repeating: 2, count: 32)), info: "a"))
    }

    @Test("Secrets are not printed, and compared by content")
    func secrets() {
        let secret = SecretBytes(utf8: "canary-of-the-house")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), String(describing: [secret]), dumped] {
            #expect(!text.contains("canary"))
            // 99 is the "c" of the canary.
            #expect(!text.contains("99"))
        }
        #expect(secret == SecretBytes(utf8: "canary-of-the-house"))
        #expect(secret != SecretBytes(utf8: "canary-of-the-housf"))
        #expect(secret != SecretBytes(utf8: "canary-of-the-hous"))
        #expect(SecretBytes([]) == SecretBytes([]))
    }

    @Test("Comparing in constant time compares bytes: canonically equal texts are not the same")
    func comparison() {
        #expect(constantTimeEqual("state", "state"))
        #expect(!constantTimeEqual("state", "State"))
        #expect(!constantTimeEqual("state", "state "))
        #expect(!constantTimeEqual("", "x"))
        #expect(constantTimeEqual("", ""))
        // Swift's == takes these for equal: composed and decomposed, and the sign of the kelvin for a K.
        #expect("\u{E9}" == "e\u{301}" && !constantTimeEqual("\u{E9}", "e\u{301}"))
        #expect("\u{212A}" == "K" && !constantTimeEqual("\u{212A}", "K"))
    }

    @Test("Random numbers stay below their limit and reach every value")
    func randomNumbers() {
        let random = SystemRandom()
        #expect(random.token(bits: 256).utf8.count == 43)
        #expect(random.token(bits: 128).utf8.count == 22)
        #expect(random.bytes(32) != random.bytes(32))
        var seen: Set<UInt32> = []
        for _ in 0..<2000 { seen.insert(random.number(below: 10)) }
        #expect(seen == Set(0..<10))
        #expect(random.number(below: 1) == 0)
    }

    /// Gives prepared bytes, one after the other.
    private final class Prepared: RandomSource, @unchecked Sendable {
        // Used by one test on one thread.
        private var rest: [UInt8]
        init(_ bytes: [UInt8]) { rest = bytes }
        func bytes(_ count: Int) -> [UInt8] {
            defer { rest.removeFirst(count) }
            return Array(rest.prefix(count))
        }
    }

    @Test("Draws that would favour small remainders are thrown away")
    func unbiased() {
        // 4294967295 is beyond the largest multiple of ten, 4294967290; the next draw counts.
        #expect(Prepared([255, 255, 255, 255, 0, 0, 0, 13]).number(below: 10) == 3)
        #expect(Prepared([255, 255, 255, 250, 0, 0, 0, 14]).number(below: 10) == 4)
        #expect(Prepared([255, 255, 255, 249, 0, 0, 0, 14]).number(below: 10) == 9)
    }
}
