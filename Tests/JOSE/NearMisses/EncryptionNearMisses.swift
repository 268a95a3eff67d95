import Cryptography
import JOSE
import Testing

/// Encrypted tokens of one algorithm that are nearly right, generated from keys of our own.
struct EncryptionNearMisses {
    typealias Case = NearMiss<String, JWEError.Code>

    let reader: TokenDecryptionKey
    private let good: String
    private let text = Array("who you are".utf8)

    private static let headerCodes: Set<JWEError.Code> = [
        .malformed, .algorithmNotAllowed, .unknownKey, .notDecrypted,
    ]

    init(_ algorithm: KeyManagementAlgorithm) throws {
        let tokens = try Tokens.get()
        reader = try TokenDecryptionKey(
            keyID: "k", algorithm: algorithm, key: algorithm.keyKind == .rsa ? tokens.rsa : tokens.p256)
        good = try reader.encryptionKey().encrypt(text, contentType: "JWT", random: SystemRandom())
    }

    func read(_ token: String) throws -> DecryptedContent {
        try UnverifiedJWE(compact: token).decrypted(
            by: [reader], algorithms: [reader.algorithm], random: SystemRandom())
    }

    func controls() -> [String] { [good] }

    func all() throws -> [Case] { try headers() + spellings() + alterations() + transports() }

    private func header(_ changes: [String: JSONValue?]) throws -> String {
        let parts = CompactParts(good)
        var members = try #require(JSONValue(parsing: try parts.bytes(0)).object)
        for (name, value) in changes { members[name] = value }
        return parts.replaced(0, JSONValue.object(members).encoded)
    }

    private func headers() throws -> [Case] {
        let parts = CompactParts(good)
        var cases: [Case] = []
        func add(_ family: String, _ name: String, _ token: String, _ codes: Set<JWEError.Code>) {
            cases.append(Case(family: family, name: name, thing: token, codes: codes))
        }
        let ours = KeyManagementAlgorithm.allCases.map(\.rawValue).filter { $0 != reader.algorithm.rawValue }
        let names =
            Spellings.otherAlgorithms(reader.algorithm.rawValue).filter { $0 != reader.algorithm.rawValue }
            .filter { KeyManagementAlgorithm(rawValue: $0) == nil }
        for name in names + ours + Spellings.none + ["A256KW", "PBES2-HS256+A128KW", "A256GCMKW", "ECDH-ES+A256KW"] {
            add("OtherAlgorithm", "alg \(name)", try header(["alg": .string(name)]), [.algorithmNotAllowed])
        }
        for name in [
            "", "none", "a256gcm", "A256GCM ", "A128GCM", "A192GCM", "A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512",
            "A256CTR", "C20P", "XC20P", "A256GCMKW", "RSA-OAEP", "A256GCM\u{0}",
        ] {
            add("OtherAlgorithm", "enc \(name)", try header(["enc": .string(name)]), [.algorithmNotAllowed])
        }
        for name in ["zip", "crit", "b64"] {
            for value: JSONValue in ["DEF", "GZ", "", .null, true, false, ["zip"], [], 1] {
                let family = name == "zip" ? "CompressedPlaintext" : "SpecialHeader"
                add(family, "\(name) \(value)", try header([name: value]), [.unsupportedHeader])
            }
        }
        for name in ["alg", "enc"] {
            for value: JSONValue? in [nil, .null, 1, true, ["A256GCM"], [:]] {
                add("HeaderJSON", "\(name) \(value?.text ?? "absent")", try header([name: value]), [.malformed])
            }
        }
        // What changes nothing but a name is covered by the tag all the same.
        for (name, value) in [("typ", "JWT"), ("x", 1), ("cty", "json"), ("jku", "https://x")] as [(String, JSONValue)]
        {
            add("HeaderJSON", "\(name) added", try header([name: value]), [.notDecrypted])
        }
        add("HeaderJSON", "cty removed", try header(["cty": nil]), [.notDecrypted])
        add("HeaderJSON", "kid removed", try header(["kid": nil]), [.notDecrypted])
        add("HeaderJSON", "kid of another", try header(["kid": "j"]), [.unknownKey])
        for (index, bytes) in Spellings.flipped(try parts.bytes(0)).enumerated() {
            add("BitFlip", "header \(index)", parts.replaced(0, bytes), Self.headerCodes)
        }
        return cases
    }

    private func spellings() throws -> [Case] {
        let parts = CompactParts(good)
        var cases: [Case] = []
        for index in 0..<5 where !parts.parts[index].isEmpty {
            for (name, text) in Spellings.modified(parts.parts[index]) {
                cases.append(
                    Case(
                        family: "ModifiedPadding", name: "part \(index): \(name)", thing: parts.respelt(index, text),
                        codes: [.malformed]))
            }
        }
        let signed = try Tokens.get().token(header: ["alg": "ES256"])
        for (name, text) in [
            ("a signed token", signed), ("four parts", parts.parts.dropLast().joined(separator: ".")),
            ("six parts", good + "."), ("nothing", ""), ("dots", "...."), ("two", good + "." + good),
            ("JSON", "{\"protected\":\"\(parts.parts[0])\",\"ciphertext\":\"\(parts.parts[3])\"}"),
        ] {
            cases.append(Case(family: "WrongPrimitive", name: name, thing: text, codes: [.malformed]))
        }
        return cases
    }

    private func alterations() throws -> [Case] {
        let parts = CompactParts(good)
        let second = CompactParts(try reader.encryptionKey().encrypt(text, contentType: "JWT", random: SystemRandom()))
        var cases: [Case] = []
        func add(_ family: String, _ name: String, _ token: String, _ code: JWEError.Code) {
            cases.append(Case(family: family, name: name, thing: token, codes: [code]))
        }
        for index in 1..<5 {
            let bytes = try parts.bytes(index)
            // RSA takes its time.
            for (place, flipped) in Spellings.flipped(bytes, step: index == 1 ? 3 : 1).enumerated() {
                add("BitFlip", "part \(index), \(place)", parts.replaced(index, flipped), .notDecrypted)
            }
            if !bytes.isEmpty {
                add("Exchanged", "part \(index)", parts.respelt(index, second.parts[index]), .notDecrypted)
            }
        }
        for index in [2, 4] {
            for bytes in Spellings.resized(try parts.bytes(index)) {
                add("Truncated", "part \(index): \(bytes.count) bytes", parts.replaced(index, bytes), .malformed)
            }
        }
        for bytes in Spellings.resized(try parts.bytes(3)) {
            add("Truncated", "text of \(bytes.count) bytes", parts.replaced(3, bytes), .notDecrypted)
        }
        if reader.algorithm != .ecdhES {
            for bytes in Spellings.resized(try parts.bytes(1), step: 11) {
                let code: JWEError.Code = bytes.isEmpty ? .malformed : .notDecrypted
                add("Truncated", "key of \(bytes.count) bytes", parts.replaced(1, bytes), code)
            }
        } else {
            for count in [1, 16, 32, 40, 256] {
                let key = [UInt8](repeating: 1, count: count)
                add("Truncated", "a key beside the agreed one, \(count) bytes", parts.replaced(1, key), .malformed)
            }
        }
        return cases
    }

    /// The way of the content key.
    private func transports() throws -> [Case] {
        try reader.algorithm == .ecdhES ? agreements() : encryptedKeys()
    }

    private func encryptedKeys() throws -> [Case] {
        let own: OAEPHash = reader.algorithm == .rsaOAEP ? .sha1 : .sha256
        let other: OAEPHash = reader.algorithm == .rsaOAEP ? .sha256 : .sha1
        let parts = CompactParts(good)
        let header = Array(parts.parts[0].utf8)
        let publicKey = try reader.key.publicKey()
        func token(_ contentKey: [UInt8], _ encrypted: [UInt8]) throws -> String {
            // Under the first 32 bytes, or as many as there are and zeros.
            let padded = Array((contentKey + [UInt8](repeating: 0, count: 32)).prefix(32))
            let nonce = SystemRandom().bytes(12)
            let sealed = try AES256GCM.encrypt(text, key: SecretBytes(padded), nonce: nonce, additional: header)
            return ([parts.parts[0]] + [encrypted, nonce, sealed.ciphertext, sealed.tag].map { Base64URL.encode($0) })
                .joined(separator: ".")
        }
        let right = SystemRandom().bytes(32)
        #expect(throws: Never.self, "the control") {
            try read(token(right, publicKey.encrypt(SecretBytes(right), oaep: own)))
        }
        var cases: [Case] = []
        func add(_ family: String, _ name: String, _ token: String) {
            cases.append(Case(family: family, name: name, thing: token, codes: [.notDecrypted]))
        }
        add("OtherOAEP", "another hash", try token(right, publicKey.encrypt(SecretBytes(right), oaep: other)))
        for count in [0, 1, 15, 16, 24, 31, 33, 48, 64] {
            let key = SystemRandom().bytes(count)
            let encrypted = try publicKey.encrypt(SecretBytes(key), oaep: own)
            add("ContentKeyLength", "\(count) bytes", try token(key, encrypted))
        }
        guard case .rsa(let modulus, _) = try publicKey.parameters() else { return cases }
        for (name, number) in EdgeNumbers.rsa(try parts.bytes(1), modulus) {
            add("EdgeValue", name, parts.replaced(1, number))
        }
        // The key as it is, as if it had been encrypted by nothing.
        add("Pkcs15WithOaepKey", "PKCS #1 v1.5 padding, not encrypted", try token(right, pkcs1(right, modulus.count)))
        add("Pkcs15WithOaepKey", "no padding, not encrypted", try token(right, [0] + right))
        let signed = try reader.key.sign(right, .rs256)
        add("Pkcs15WithOaepKey", "a signature in place of the key", try token(right, signed))
        return cases
    }

    private func pkcs1(_ key: [UInt8], _ count: Int) -> [UInt8] {
        [0, 2] + [UInt8](repeating: 0xA5, count: count - 3 - key.count) + [0] + key
    }

    private func agreements() throws -> [Case] {
        var cases: [Case] = []
        let parts = CompactParts(good)
        let members = try #require(JSONValue(parsing: try parts.bytes(0))["epk"]?.object)
        func with(_ changes: [String: JSONValue?]) throws -> String {
            var key = members
            for (name, value) in changes { key[name] = value }
            return try header(["epk": .object(key)])
        }
        for name in ["x", "y"] {
            let number = try #require(members[name]?.string.flatMap { Base64URL.decode($0) })
            for (index, bytes) in Spellings.flipped(number).enumerated() {
                cases.append(
                    Case(
                        family: "InvalidCurve", name: "\(name), byte \(index)",
                        thing: try with([name: .string(Base64URL.encode(bytes))]), codes: [.notDecrypted]))
            }
            for bytes in Spellings.resized(number) where bytes.count != 32 {
                cases.append(
                    Case(
                        family: "InvalidCurve", name: "\(name) of \(bytes.count) bytes",
                        thing: try with([name: .string(Base64URL.encode(bytes))]), codes: [.malformed]))
            }
            for (spelling, text) in Spellings.modified(Base64URL.encode(number)) {
                cases.append(
                    Case(
                        family: "ModifiedPadding", name: "\(name): \(spelling)", thing: try with([name: .string(text)]),
                        codes: [.malformed]))
            }
            for value: JSONValue? in [nil, .null, 1, [], ""] {
                cases.append(
                    Case(
                        family: "InvalidCurve", name: "\(name) \(value?.text ?? "absent")",
                        thing: try with([name: value]),
                        codes: [.malformed]))
            }
        }
        for (name, value) in [
            ("kty", "OKP"), ("kty", "RSA"), ("kty", "oct"), ("kty", nil), ("crv", "P-384"), ("crv", "X25519"),
            ("crv", "secp256k1"), ("crv", "p-256"), ("crv", nil), ("d", "AAAA"),
        ] as [(String, JSONValue?)] {
            cases.append(
                Case(
                    family: "InvalidCurve", name: "\(name) \(value?.text ?? "absent")", thing: try with([name: value]),
                    codes: [.malformed]))
        }
        for value: JSONValue? in [nil, .null, "key", [], 1] {
            cases.append(
                Case(
                    family: "InvalidCurve", name: "epk \(value?.text ?? "absent")", thing: try header(["epk": value]),
                    codes: [.malformed]))
        }
        return cases
    }
}
