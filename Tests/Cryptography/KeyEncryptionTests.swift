import Cryptography
import Testing

@Suite("Agreeing on keys and encrypting them")
struct KeyEncryptionTests {
    private static let shared = Result { try PrivateKey.generate(.rsa) }

    @Test("RFC 7518 Appendix C: the Concat KDF")
    func concatKDF() throws {
        let agreed: [UInt8] = [
            158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49, 110, 163, 218, 128, 106,
            72, 246, 218, 167, 121, 140, 254, 144, 196,
        ]
        let info: [UInt8] = [
            0, 0, 0, 7, 65, 49, 50, 56, 71, 67, 77, 0, 0, 0, 5, 65, 108, 105, 99, 101, 0, 0, 0, 3, 66, 111, 98, 0, 0, 0,
            128,
        ]
        let key = try ConcatKDF.derive(from: SecretBytes(agreed), otherInfo: info, count: 16)
        #expect(key.withBytes { Base64URL.encode($0) } == "VqqN6vgjbSBcIijNcacQGg")
        // SHA-256 of counter, secret and info, block by block (NIST SP 800-56A §5.8.1).
        let blocks = SHA256.hash([0, 0, 0, 1] + agreed + info) + SHA256.hash([0, 0, 0, 2] + agreed + info)
        for count in [1, 31, 32, 33, 64] {
            let key = try ConcatKDF.derive(from: SecretBytes(agreed), otherInfo: info, count: count)
            #expect(key == SecretBytes(Array(blocks[..<count])))
        }
    }

    @Test("Two keys on P-256 agree, and a third does not")
    func agreement() throws {
        let (one, other, third) = (
            try PrivateKey.generate(.p256), try PrivateKey.generate(.p256), try PrivateKey.generate(.p256)
        )
        let secret = try one.sharedSecret(with: other.publicKey())
        #expect(secret.count == 32)
        #expect(try other.sharedSecret(with: one.publicKey()) == secret)
        #expect(try third.sharedSecret(with: one.publicKey()) != secret)
        for kind in [KeyKind.rsa, .ed25519, .x25519] {
            let key = kind == .rsa ? try Self.shared.get() : try PrivateKey.generate(kind)
            #expect(throws: CryptographyError(.unsuitableKey, "")) { try key.sharedSecret(with: one.publicKey()) }
            #expect(throws: CryptographyError(.unsuitableKey, "")) { try one.sharedSecret(with: key.publicKey()) }
        }
    }

    @Test("JW-09: a point that is not on P-256 becomes no key to agree with")
    func invalidPoints() throws {
        let five = try hex("0000000000000000000000000000000000000000000000000000000000000005")
        let onCurve = try hex("459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc")
        #expect(throws: Never.self, "the control") { try PublicKey(.p256(x: five, y: onCurve)) }
        let one = [UInt8](repeating: 0, count: 31) + [1]
        let zero = [UInt8](repeating: 0, count: 32)
        let prime = try hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff")
        let fivePlusPrime = try hex("ffffffff00000001000000000000000000000001000000000000000000000004")
        let twist = try hex("de17b2671045fe58740248c17a8bd2fb2ef7c3c49b01da9f903efa3dcda669c7")
        let bad: [(String, [UInt8], [UInt8])] = [
            ("another y", five, one), ("the point at infinity as zeros", zero, zero), ("order 2 elsewhere", five, zero),
            ("on the twist", one, twist), ("x and y exchanged", onCurve, five), ("x beyond p", fivePlusPrime, onCurve),
            ("x of p", prime, onCurve), ("y of p", five, prime), ("33 bytes", [0] + five, onCurve),
            ("31 bytes", Array(five.dropFirst()), onCurve), ("nothing", [], []),
        ]
        for (name, x, y) in bad {
            #expect(throws: CryptographyError.self, "\(name)") { try PublicKey(.p256(x: x, y: y)) }
        }
    }

    @Test("JW-09: points of Ed25519 of small order, of mixed order or in another spelling become no key")
    func edwardsPoints() throws {
        let good = try hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        #expect(throws: Never.self, "the control") { try PublicKey(.ed25519(x: good)) }
        let bad = [
            "0100000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0200000000000000000000000000000000000000000000000000000000000000",
        ]
        for text in bad {
            #expect(throws: CryptographyError(.unsuitableKey, ""), "\(text)") { try PublicKey(.ed25519(x: hex(text))) }
        }
    }

    @Test("OAEP: what was encrypted to a key comes back from it, and from no other")
    func transport() throws {
        let key = try Self.shared.get()
        let secret = SecretBytes([UInt8](0..<32))
        let other = try PrivateKey.generate(.rsa)
        for hash in [OAEPHash.sha1, .sha256] {
            let encrypted = try key.publicKey().encrypt(secret, oaep: hash)
            #expect(encrypted.count == 384)
            #expect(try key.decrypt(encrypted, oaep: hash) == secret)
            #expect(try key.publicKey().encrypt(secret, oaep: hash) != encrypted, "a fresh seed")
            #expect(throws: CryptographyError(.notAuthentic, "")) {
                try key.decrypt(encrypted, oaep: hash == .sha1 ? .sha256 : .sha1)
            }
            #expect(throws: CryptographyError(.notAuthentic, "")) { try other.decrypt(encrypted, oaep: hash) }
        }
        for kind in [KeyKind.p256, .ed25519] {
            let key = try PrivateKey.generate(kind)
            #expect(throws: CryptographyError(.unsuitableKey, "")) {
                try key.publicKey().encrypt(secret, oaep: .sha256)
            }
            #expect(throws: CryptographyError(.unsuitableKey, "")) { try key.decrypt([0], oaep: .sha256) }
        }
    }

    @Test("JW-09: whatever is wrong with an encrypted key, the answer is the same")
    func oneAnswer() throws {
        let key = try Self.shared.get()
        let encrypted = try key.publicKey().encrypt(SecretBytes([1, 2, 3]), oaep: .sha256)
        #expect(try key.decrypt(encrypted, oaep: .sha256) == SecretBytes([1, 2, 3]), "the control")
        guard case .rsa(let modulus, _) = try key.publicKey().parameters() else {
            Issue.record("not an RSA key")
            return
        }
        var changed = encrypted
        changed[200] ^= 1
        var reasons: Set<String> = []
        let bad: [[UInt8]] = [
            [], [0], [1], changed, Array(encrypted.dropLast()), encrypted + [0], [0] + encrypted,
            [UInt8](repeating: 0, count: 384), [UInt8](repeating: 0, count: 383) + [1], modulus,
            [UInt8](repeating: 255, count: 384), [UInt8](repeating: 255, count: 10_000),
        ]
        for (index, text) in bad.enumerated() {
            let error = #expect(throws: CryptographyError.self, "case \(index)") {
                try key.decrypt(text, oaep: .sha256)
            }
            #expect(error?.code == .notAuthentic, "case \(index)")
            if let error { reasons.insert(error.reason) }
        }
        // One that begins with a zero is the same number without it (RFC 8017 §7.1.2, step 1 b).
        var zero = encrypted
        for _ in 0..<10_000 where zero.first != 0 {
            zero = try key.publicKey().encrypt(SecretBytes([1, 2, 3]), oaep: .sha256)
        }
        try #require(zero.first == 0)
        #expect(try key.decrypt(zero, oaep: .sha256) == SecretBytes([1, 2, 3]), "the control")
        #expect(throws: CryptographyError(.notAuthentic, "")) {
            try key.decrypt(Array(zero.dropFirst()), oaep: .sha256)
        }
        #expect(reasons.count == 1)
    }
}
