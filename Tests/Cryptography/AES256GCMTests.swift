import Cryptography
import Testing

@Suite("AES-256-GCM (NIST SP 800-38D)")
struct AES256GCMTests {
    private let key = SecretBytes([UInt8](0..<32))
    private let nonce = [UInt8](100..<112)

    @Test("Known answers: test cases 13 to 16 of the specification of GCM")
    func knownAnswers() throws {
        let zeros = [UInt8](repeating: 0, count: 32)
        let feff = try hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
        let long = try hex(
            """
            d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
            1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255
            """)
        let sealed = try hex(
            """
            522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa
            8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad
            """)
        let cafe = try hex("cafebabefacedbaddecaf888")
        let cases: [([UInt8], [UInt8], [UInt8], [UInt8], [UInt8], String)] = [
            (zeros, Array(zeros[..<12]), [], [], [], "530f8afbc74536b9a963b4f1c4cb738b"),
            (
                zeros, Array(zeros[..<12]), Array(zeros[..<16]), [], try hex("cea7403d4d606b6e074ec5d3baf39d18"),
                "d0d1c8a799996bf0265b98b5d48ab919"
            ),
            (feff, cafe, long, [], sealed, "b094dac5d93471bdec1a502270e3cc6c"),
            (
                feff, cafe, Array(long[..<60]), try hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
                Array(sealed[..<60]), "76fc6ece0f4e1768cddf8853bb2d551b"
            ),
        ]
        for (key, nonce, plaintext, additional, ciphertext, tag) in cases {
            let key = SecretBytes(key)
            let made = try AES256GCM.encrypt(plaintext, key: key, nonce: nonce, additional: additional)
            #expect(made.ciphertext == ciphertext)
            #expect(made.tag == (try hex(tag)))
            let read = try AES256GCM.decrypt(
                ciphertext, tag: made.tag, key: key, nonce: nonce, additional: additional)
            #expect(read == plaintext)
        }
    }

    @Test("JW-09: a tag of another length is refused, and so is anything changed by one bit")
    func altered() throws {
        let message = Array("who you are".utf8)
        let made = try AES256GCM.encrypt(message, key: key, nonce: nonce, additional: [7])
        func read(
            _ ciphertext: [UInt8], _ tag: [UInt8], _ key: SecretBytes? = nil, _ nonce: [UInt8]? = nil,
            _ additional: [UInt8] = [7]
        ) throws -> [UInt8] {
            try AES256GCM.decrypt(
                ciphertext, tag: tag, key: key ?? self.key, nonce: nonce ?? self.nonce, additional: additional)
        }
        #expect(try read(made.ciphertext, made.tag) == message, "the control")
        for length in [0, 1, 4, 8, 12, 13, 14, 15] {
            #expect(throws: CryptographyError(.notAuthentic, ""), "a tag of \(length) bytes") {
                try read(made.ciphertext, Array(made.tag[..<length]))
            }
        }
        for bit in 0..<128 {
            var tag = made.tag
            tag[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: CryptographyError(.notAuthentic, "")) { try read(made.ciphertext, tag) }
        }
        for index in message.indices {
            var ciphertext = made.ciphertext
            ciphertext[index] ^= 0x80
            #expect(throws: CryptographyError(.notAuthentic, "")) { try read(ciphertext, made.tag) }
        }
        var otherNonce = nonce
        otherNonce[11] ^= 1
        let others: [(SecretBytes?, [UInt8]?, [UInt8])] = [
            (SecretBytes([UInt8](1...32)), nil, [7]), (nil, otherNonce, [7]), (nil, nil, []), (nil, nil, [7, 0]),
        ]
        for (key, nonce, additional) in others {
            #expect(throws: CryptographyError(.notAuthentic, "")) {
                try read(made.ciphertext, made.tag, key, nonce, additional)
            }
        }
        #expect(throws: CryptographyError(.notAuthentic, "")) { try read(made.ciphertext + [0], made.tag) }
        #expect(throws: CryptographyError(.notAuthentic, "")) { try read([], made.tag) }
        #expect(throws: CryptographyError(.notAuthentic, "")) { try read(made.ciphertext, made.tag + [0]) }
    }

    @Test("Keys and nonces of other lengths never reach OpenSSL, which would read beyond their ends")
    func lengths() throws {
        #expect(throws: Never.self) { try AES256GCM.encrypt([1], key: key, nonce: nonce, additional: []) }
        for length in [0, 16, 24, 31, 33] {
            let short = SecretBytes([UInt8](repeating: 1, count: length))
            #expect(throws: CryptographyError(.unsuitableKey, "")) {
                try AES256GCM.encrypt([1], key: short, nonce: nonce, additional: [])
            }
            #expect(throws: CryptographyError(.unsuitableKey, "")) {
                try AES256GCM.decrypt([1], tag: nonce + [0, 0, 0, 0], key: short, nonce: nonce, additional: [])
            }
        }
        for length in [0, 1, 8, 11, 13, 16] {
            #expect(throws: CryptographyError(.unsuitableKey, "")) {
                try AES256GCM.encrypt([1], key: key, nonce: [UInt8](repeating: 1, count: length), additional: [])
            }
        }
    }
}
