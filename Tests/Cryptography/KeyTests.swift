import Cryptography
import Testing

@Suite("Keys")
struct KeyTests {
    private let passphrase = SecretBytes(utf8: "une phrase de passe")

    @Test("A key comes back from its encrypted file", arguments: KeyKind.allCases)
    func roundTrip(kind: KeyKind) throws {
        let key = try PrivateKey.generate(kind)
        let pem = try key.encryptedPEM(passphrase: passphrase)
        #expect(String(decoding: pem, as: UTF8.self).hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"))
        let again = try PrivateKey(encryptedPEM: pem, passphrase: passphrase)
        #expect(again.kind == kind)
        #expect(try again.publicKey().pem() == key.publicKey().pem())
        #expect("\(key)" == "(private \(kind.rawValue) key)")
    }

    @Test("A wrong passphrase opens nothing", arguments: ["", "une phrase de pass", "Une phrase de passe", "x"])
    func wrongPassphrase(text: String) throws {
        let pem = try PrivateKey.generate(.ed25519).encryptedPEM(passphrase: passphrase)
        #expect(throws: Never.self) { try PrivateKey(encryptedPEM: pem, passphrase: passphrase) }
        #expect(throws: CryptographyError(.wrongPassphrase, "")) {
            try PrivateKey(encryptedPEM: pem, passphrase: SecretBytes(utf8: text))
        }
    }

    @Test("A key file that is not an encrypted PKCS#8 key is refused")
    func unreadable() throws {
        let publicPEM = try PrivateKey.generate(.p256).publicKey().pem()
        // The key of RFC 8032 §7.1, TEST 1: known to everybody.
        let kind = "PRIVATE KEY"
        let plain = """
            -----BEGIN \(kind)-----
            MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
            -----END \(kind)-----

            """
        for bytes in [[], publicPEM, Array(plain.utf8), Array("-----BEGIN".utf8), [UInt8](repeating: 0, count: 4096)] {
            #expect(throws: CryptographyError(.unreadableKey, "")) {
                try PrivateKey(encryptedPEM: bytes, passphrase: passphrase)
            }
        }
        let pem = try PrivateKey.generate(.ed25519).encryptedPEM(passphrase: passphrase)
        for count in stride(from: 60, to: pem.count - 40, by: 24) {
            #expect(throws: CryptographyError.self) {
                try PrivateKey(encryptedPEM: Array(pem[..<count]), passphrase: passphrase)
            }
        }
    }

    @Test("A public key comes back from its numbers", arguments: [KeyKind.rsa, .p256, .ed25519])
    func numbers(kind: KeyKind) throws {
        let key = try PrivateKey.generate(kind).publicKey()
        let again = try PublicKey(key.parameters())
        #expect(try again.pem() == key.pem())
        #expect(again.kind == kind)
    }

    @Test("Numbers that make no key are refused")
    func badNumbers() throws {
        guard case .rsa(let n, let e) = try PrivateKey.generate(.rsa).publicKey().parameters(),
            case .p256(let x, let y) = try PrivateKey.generate(.p256).publicKey().parameters()
        else {
            Issue.record("other parameters than asked for")
            return
        }
        #expect(throws: Never.self) { try PublicKey(.rsa(n: n, e: e)) }
        #expect(throws: Never.self) { try PublicKey(.p256(x: x, y: y)) }
        var offCurve = y
        offCurve[31] ^= 1
        let short = [UInt8](repeating: 0, count: 31) + [5]
        let bad: [PublicKeyParameters] = [
            .rsa(n: Array(n.prefix(64)), e: e),
            .rsa(n: Array(n.prefix(255)), e: e),
            .rsa(n: [UInt8](repeating: 0, count: 256) + [1], e: e),
            .rsa(n: [UInt8](repeating: 255, count: 1025), e: e),
            .rsa(n: n, e: []), .rsa(n: n, e: [1]), .rsa(n: n, e: [2]), .rsa(n: n, e: [0]),
            .rsa(n: [], e: e),
            .p256(x: x, y: offCurve), .p256(x: [], y: []), .p256(x: Array(x.dropLast()), y: y),
            .p256(x: x + [0], y: y), .p256(x: [UInt8](repeating: 0, count: 32), y: [UInt8](repeating: 0, count: 32)),
            .p256(x: [UInt8](repeating: 255, count: 32), y: y), .p256(x: short, y: short),
            .ed25519(x: []), .ed25519(x: [UInt8](repeating: 0, count: 31)),
            .ed25519(x: [UInt8](repeating: 9, count: 33)),
        ]
        for (index, parameters) in bad.enumerated() {
            #expect(throws: CryptographyError.self, "case \(index)") { try PublicKey(parameters) }
        }
    }

    @Test("JW-10: an RSA key of 1024 bits is refused, as a file and as numbers, zeros in front or not")
    func shortRSA() throws {
        // A throw-away key: openssl genrsa 1024 | openssl pkcs8 -topk8 -v2 aes-256-cbc
        let kind = "ENCRYPTED PRIVATE KEY"
        let pem = """
            -----BEGIN \(kind)-----
            MIIC3TBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQIuI4t3ObxGtMCAggA
            MAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBBJT6RXWLjR2M0TULKbV+wjBIIC
            gIsRsKdqRBrbrAA7MtQ3cOANvQRtKp0U8yXYYwkINmJpbcD3ht/ITG+3vBYNYTWC
            oRwhAEhwmH12lGCW4m+pgvQYYM5ONHBAeu1UtuVhJfJ0aOgyWtAZNP0CMLvV1oSk
            wjDoWQomhpQlRUjZGcUD38AIm0Be/RdPSbcdhfQBlnqIUZ7oZQZ5Y4KHxwQ0mwgh
            ZN6EmfybmGJcDACgGVd81bsy0h9NEAD/UIfYwNIlv0pF9N8EXOj2CPtV0RLUrJSn
            HI1vdSatrARoqVWPex/GowB6fpe1but1VS7ABPqEj8JOgS2T3+F5eDi6JEKPkEd5
            rjt2zI6kE039odz3MKdkkkeyUz4QLk0sNhM68e8rTIh+J7xkZiy7Y0LdvdyZ+yCe
            WCh1YZZkRlrqRJbcD/ZzZKvooSh/B+jrSll0+BL5C5L5azhHY3hmFe7WI11xw9dl
            DXP9pzakTlFD+0WnYBKXgr32c47oA4+sRuTsb/bF2Mrxe6NfwEIgNlqV/Y0hugyt
            dVkFNIFcT2IQG71SH0xzXE0FXJGQzEslt0GczBl69OY0vwcy3O/o6vtiNrvFWVkA
            hqTERf+gt3ORan/UE71jIxqMgI1ElDA5GDwRLqvCPO5Ps+rTSGffQ4XnAI3G9J2F
            Y+4KApnO0jHcJYQI68y32DJCoomz/AgH29plf7HrNA4AIYaOOqXRvR7p7tN9QMGO
            qgfbIqEWsVbsHm6ZxjsqsNuUcQnofx1I+L4g2wWkytaeb1L72oXU64wrCy2vLCy5
            lmzYG9DqlsUu9V2SLxspaCi+3GPlD4QIOlmZvG/sDd37StNDnx/vbgDIUFkQscgs
            86zuhnr4CV+xv4ftx61qb4U=
            -----END \(kind)-----

            """
        #expect(throws: CryptographyError(.unsuitableKey, "")) {
            try PrivateKey(encryptedPEM: Array(pem.utf8), passphrase: passphrase)
        }
        let modulus = try hex(
            """
            b696f8b4c101110dde120aa7ec396a3d1eb8713efa947407da8e7b7ec56499ae
            766a596ab0724d8f3c3f013f43101bfdc29ef8c9be8804b7b755cf39965aa11c
            cdaa396e73ae0cd187569e0c29821426014c70cf0cae578776183f36b1be1f10
            2ee93d922025850d4c135fb1adb07337c2d9ba646441da395ad337112e4a3b5d
            """)
        for zeros in [0, 128, 200] {
            #expect(throws: CryptographyError(.unsuitableKey, ""), "\(zeros) zeros") {
                try PublicKey(.rsa(n: [UInt8](repeating: 0, count: zeros) + modulus, e: [1, 0, 1]))
            }
        }
    }

    @Test("Secrets are derived from keys of 25519, and each purpose has its own")
    func derivedSecrets() throws {
        let key = try PrivateKey.generate(.x25519)
        let pem = try key.encryptedPEM(passphrase: passphrase)
        let again = try PrivateKey(encryptedPEM: pem, passphrase: passphrase)
        #expect(try key.derivedSecret(for: "a") == again.derivedSecret(for: "a"))
        #expect(try key.derivedSecret(for: "a") != key.derivedSecret(for: "b"))
        #expect(try key.derivedSecret(for: "a") != PrivateKey.generate(.x25519).derivedSecret(for: "a"))
        for kind in [KeyKind.rsa, .p256] {
            #expect(throws: CryptographyError(.unsuitableKey, "")) {
                try PrivateKey.generate(kind).derivedSecret(for: "a")
            }
        }
        #expect(throws: CryptographyError(.unsuitableKey, "")) { try key.publicKey().parameters() }
    }
}
