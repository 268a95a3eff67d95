import Cryptography
import Testing

@Suite("Sealing: XAES-256-GCM")
struct SealingTests {
    private func key(_ byte: UInt8) throws -> SealingKey {
        try SealingKey(SecretBytes([UInt8](repeating: byte, count: 32)))
    }

    // C2SP XAES-256-GCM, test vectors. The purpose of the house is the additional data of the specification.

    @Test("C2SP XAES-256-GCM: the vector whose subkey has its highest bit clear")
    func firstVector() throws {
        let sealed = try key(0x01).seal(
            Array("XAES-256-GCM".utf8), purpose: "", nonce: Array("ABCDEFGHIJKLMNOPQRSTUVWX".utf8))
        #expect(try Array(sealed[24...]) == hex("ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"))
        #expect(try key(0x01).open(sealed, purpose: "") == Array("XAES-256-GCM".utf8))
    }

    @Test("C2SP XAES-256-GCM: the vector with additional data")
    func secondVector() throws {
        let sealed = try key(0x03).seal(
            Array("XAES-256-GCM".utf8), purpose: "c2sp.org/XAES-256-GCM",
            nonce: Array("ABCDEFGHIJKLMNOPQRSTUVWX".utf8))
        #expect(try Array(sealed[24...]) == hex("986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"))
    }

    @Test("Each value is sealed anew, and opens")
    func roundTrip() throws {
        let key = try key(7)
        for count in [0, 1, 15, 16, 17, 4096] {
            let plain = SystemRandom().bytes(count)
            let first = try key.seal(plain, purpose: "test", random: SystemRandom())
            let second = try key.seal(plain, purpose: "test", random: SystemRandom())
            #expect(first.count == count + SealingKey.overhead)
            #expect(first != second)
            #expect(try key.open(first, purpose: "test") == plain)
            #expect(try key.open(second, purpose: "test") == plain)
        }
    }

    @Test("A sealed value changed at any byte, by any bit, does not open")
    func tampered() throws {
        let key = try key(7)
        let sealed = try key.seal(Array("who you are".utf8), purpose: "test", random: SystemRandom())
        #expect(try key.open(sealed, purpose: "test") == Array("who you are".utf8))
        for index in sealed.indices {
            for bit in 0..<8 {
                var tampered = sealed
                tampered[index] ^= 1 << UInt8(bit)
                #expect(throws: CryptographyError(.notAuthentic, "")) { try key.open(tampered, purpose: "test") }
            }
        }
    }

    @Test("A sealed value cut or lengthened anywhere does not open")
    func cut() throws {
        let key = try key(7)
        let sealed = try key.seal(Array("who you are".utf8), purpose: "test", random: SystemRandom())
        for count in 0..<sealed.count {
            #expect(throws: CryptographyError(.notAuthentic, "")) {
                try key.open(Array(sealed[..<count]), purpose: "test")
            }
            #expect(throws: CryptographyError(.notAuthentic, "")) {
                try key.open(Array(sealed[(sealed.count - count)...]), purpose: "test")
            }
        }
        #expect(throws: CryptographyError(.notAuthentic, "")) { try key.open(sealed + [0], purpose: "test") }
        #expect(try key.open(sealed, purpose: "test") == Array("who you are".utf8))
    }

    @Test("A value sealed for one purpose, or under one key, does not open for another")
    func otherPurpose() throws {
        let sealed = try key(7).seal([1, 2, 3], purpose: "pending", random: SystemRandom())
        for purpose in ["", "session", "Pending", "pending ", "pending\u{0}"] {
            #expect(throws: CryptographyError(.notAuthentic, "")) { try key(7).open(sealed, purpose: purpose) }
        }
        #expect(throws: CryptographyError(.notAuthentic, "")) { try key(8).open(sealed, purpose: "pending") }
        #expect(try key(7).open(sealed, purpose: "pending") == [1, 2, 3])
    }

    @Test("A sealing key has 32 bytes", arguments: [0, 16, 24, 31, 33, 64])
    func keyLength(count: Int) {
        #expect(throws: CryptographyError(.unsuitableKey, "")) {
            try SealingKey(SecretBytes([UInt8](repeating: 1, count: count)))
        }
    }
}
