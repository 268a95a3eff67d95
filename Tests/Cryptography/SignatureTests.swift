import Cryptography
import Testing

@Suite("Signatures")
struct SignatureTests {
    // MARK: Known answers

    private func number(_ text: String) throws -> [UInt8] { try #require(Base64URL.decode(text)) }

    private func rfc7515RSAKey() throws -> PublicKey {
        let modulus =
            "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ"
            + "S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R"
            + "2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9"
            + "gb54h4FRWyuXpoQ"
        return try PublicKey(.rsa(n: number(modulus), e: number("AQAB")))
    }

    private let claims =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

    @Test("RFC 7515 A.2: RS256")
    func rfc7515RS256() throws {
        let signature = try number(
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU"
                + "Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6"
                + "_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVr"
                + "Bp0igcN_IoypGlUPQGe77Rw")
        let key = try rfc7515RSAKey()
        let input = Array(("eyJhbGciOiJSUzI1NiJ9." + claims).utf8)
        #expect(key.isValid(signature, of: input, .rs256))
        #expect(!key.isValid(signature, of: input + [0], .rs256))
        #expect(!key.isValid(signature, of: input, .ps256))
        #expect(!key.isValid(signature, of: input, .es256))
    }

    private func rfc7515ECKey() throws -> PublicKey {
        try PublicKey(
            .p256(
                x: number("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                y: number("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")))
    }

    private let rfc7515ECSignature =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

    @Test("RFC 7515 A.3: ES256")
    func rfc7515ES256() throws {
        let key = try rfc7515ECKey()
        let input = Array(("eyJhbGciOiJFUzI1NiJ9." + claims).utf8)
        #expect(key.isValid(try number(rfc7515ECSignature), of: input, .es256))
        #expect(!key.isValid(try number(rfc7515ECSignature), of: input + [0], .es256))
    }

    @Test("RFC 8032 §7.1: Ed25519, tests 1 to 3")
    func rfc8032() throws {
        let vectors = [
            (
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                """
                e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155
                5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b
                """
            ),
            (
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                """
                92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da
                085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00
                """
            ),
            (
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                """
                6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac
                18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a
                """
            ),
        ]
        for (point, message, signature) in vectors {
            let key = try PublicKey(.ed25519(x: hex(point)))
            #expect(key.isValid(try hex(signature), of: try hex(message), .edDSA))
            #expect(!key.isValid(try hex(signature), of: try hex(message) + [1], .edDSA))
        }
    }

    // MARK: Hostile signatures

    @Test("JW-02: ECDSA with r = 0, s = 0, r or s at or beyond the order of the curve is no signature")
    func psychicSignatures() throws {
        let order = try hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
        var beyond = order
        beyond[31] += 1
        let zero = [UInt8](repeating: 0, count: 32)
        let one = [UInt8](repeating: 0, count: 31) + [1]
        let full = [UInt8](repeating: 255, count: 32)
        let key = try rfc7515ECKey()
        let input = Array(("eyJhbGciOiJFUzI1NiJ9." + claims).utf8)
        let good = try number(rfc7515ECSignature)
        #expect(key.isValid(good, of: input, .es256), "the control")
        let hostile = [zero, one, order, beyond, full]
        for r in hostile + [Array(good[..<32])] {
            for s in hostile + [Array(good[32...])] where r + s != good {
                #expect(!key.isValid(r + s, of: input, .es256), "\(r) \(s)")
            }
        }
    }

    @Test("JW-02: a signature of another length, or with a bit turned, is none", arguments: SignatureAlgorithm.allCases)
    func mangled(algorithm: SignatureAlgorithm) throws {
        let key = try PrivateKey.generate(algorithm.keyKind)
        let message = Array("who you are".utf8)
        let signature = try key.sign(message, algorithm)
        let publicKey = try key.publicKey()
        #expect(publicKey.isValid(signature, of: message, algorithm), "the control")
        let lengths = [
            [], [0], [0] + signature, signature + [0], Array(signature.dropLast()), Array(signature.dropFirst()),
            signature + signature,
        ]
        for mangled in lengths { #expect(!publicKey.isValid(mangled, of: message, algorithm)) }
        for index in stride(from: 0, to: signature.count, by: 7) {
            var mangled = signature
            mangled[index] ^= 0x10
            #expect(!publicKey.isValid(mangled, of: message, algorithm))
        }
        #expect(!publicKey.isValid(signature, of: [], algorithm))
    }

    @Test("A DER signature is not taken for ES256 (RFC 7518 §3.4)")
    func derIsRefused() throws {
        let key = try rfc7515ECKey()
        let raw = try number(rfc7515ECSignature)
        let der = [0x30, 69, 0x02, 32] + raw[..<32] + [0x02, 33, 0] + raw[32...]
        #expect(!key.isValid(der, of: Array(("eyJhbGciOiJFUzI1NiJ9." + claims).utf8), .es256))
    }

    @Test("Keys sign and verify under the algorithms of their kind only")
    func kinds() throws {
        for kind in KeyKind.allCases {
            let key = try PrivateKey.generate(kind)
            #expect(key.kind == kind)
            for algorithm in SignatureAlgorithm.allCases {
                if algorithm.keyKind == kind {
                    let signature = try key.sign([1], algorithm)
                    #expect(try key.publicKey().isValid(signature, of: [1], algorithm))
                } else {
                    #expect(throws: CryptographyError(.unsuitableKey, "")) { try key.sign([1], algorithm) }
                    #expect(try !key.publicKey().isValid([UInt8](repeating: 1, count: 64), of: [1], algorithm))
                }
            }
        }
    }

    @Test("RS256 and PS256 signatures of one key are not taken for one another")
    func paddings() throws {
        let key = try PrivateKey.generate(.rsa)
        let publicKey = try key.publicKey()
        #expect(try publicKey.isValid(key.sign([1], .rs256), of: [1], .rs256))
        #expect(try !publicKey.isValid(key.sign([1], .rs256), of: [1], .ps256))
        #expect(try publicKey.isValid(key.sign([1], .ps256), of: [1], .ps256))
        #expect(try !publicKey.isValid(key.sign([1], .ps256), of: [1], .rs256))
    }
}
