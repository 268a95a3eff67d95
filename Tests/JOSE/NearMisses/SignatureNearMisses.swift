import Cryptography
import JOSE
import Testing

/// Signed tokens of one algorithm that are nearly right, generated from keys of our own.
struct SignatureNearMisses {
    typealias Case = NearMiss<String, JOSEError.Code>

    let algorithm: SignatureAlgorithm
    let key: PrivateKey
    let keys: JWKSet
    private let good: String

    /// Reasons for which a header of which one bit was turned is refused: whatever it has become.
    private static let headerCodes: Set<JOSEError.Code> = [
        .malformed, .algorithmNotAllowed, .unknownKey, .badSignature,
    ]

    init(_ algorithm: SignatureAlgorithm) throws {
        let tokens = try Tokens.get()
        self.algorithm = algorithm
        switch algorithm.keyKind {
        case .rsa: key = tokens.rsa
        case .p256: key = tokens.p256
        case .ed25519, .x25519: key = tokens.ed25519
        }
        keys = JWKSet([JWK(keyID: "k", algorithm: algorithm, key: try key.publicKey())])
        good = try TokenSigningKey(keyID: "k", algorithm: algorithm, key: key).sign(Tokens.claims)
    }

    func verify(_ token: String) throws -> VerifiedClaims {
        try UnverifiedJWS(compact: token).verified(by: keys, algorithms: [algorithm], types: [nil])
    }

    /// A token with this header, well signed.
    func signed(_ header: [UInt8]) throws -> String {
        let input = Base64URL.encode(header) + "." + Base64URL.encode(Tokens.claims.encoded)
        return input + "." + Base64URL.encode(try key.sign(Array(input.utf8), algorithm))
    }

    func all() throws -> [Case] { try headers() + spellings() + alterations() + numbers() }

    /// What must be accepted, or the refusals mean nothing.
    func controls() throws -> [String] {
        [good, try signed(Array("{\"kid\":\"k\",\"alg\":\"\(algorithm.rawValue)\",\"x\":[]}".utf8))]
    }

    private func headers() throws -> [Case] {
        let own = algorithm.rawValue
        let parts = CompactParts(good)
        var cases: [Case] = []
        for name in Spellings.none {
            let header = JSONValue.object(["alg": .string(name), "kid": "k"]).encoded
            let token = try signed(header)
            let unsigned = CompactParts(token).respelt(2, "")
            for (kind, token) in [("signed", token), ("unsigned", unsigned)] {
                cases.append(
                    Case(family: "AlgIsNone", name: "\(name), \(kind)", thing: token, codes: [.algorithmNotAllowed]))
            }
        }
        let ours = SignatureAlgorithm.allCases.map(\.rawValue).filter { $0 != own }
        for name in Spellings.otherAlgorithms(own) + ours {
            let token = try signed(JSONValue.object(["alg": .string(name), "kid": "k"]).encoded)
            cases.append(Case(family: "OtherAlgorithm", name: name, thing: token, codes: [.algorithmNotAllowed]))
        }
        for name in ["crit", "b64", "zip"] {
            for value: JSONValue in [.null, true, false, "", "DEF", ["exp"], ["b64"], [], [:], 1] {
                let header = JSONValue.object(["alg": .string(own), "kid": "k", name: value])
                cases.append(
                    Case(
                        family: "SpecialHeader", name: "\(name) \(value)", thing: try signed(header.encoded),
                        codes: [.unsupportedHeader]))
            }
        }
        let open = "{\"alg\":\"\(own)\",\"kid\":\"k\""
        for text in [
            "", "{", "[]", "null", "\"\"", open, open + "}}", open + ",}", open + ",\"alg\":\"\(own)\"}",
            open + ",\"\\u0061lg\":\"none\"}", open + ",\"kid\":\"k\"}", "{\"kid\":\"k\"}", "{\"alg\":null}",
            "{\"alg\":[\"\(own)\"]}", "{\"alg\":256}", "{\"ALG\":\"\(own)\"}", open + ",\"typ\":1}",
            "\u{FEFF}" + open + "}", open + "}\u{0}", open + ",\"x\":1e999}", open + ",\"x\":01}", open + ",'x':1}",
            open + ",\"x\":[[[[[1]]]]]}", open + ",\"x\":\"\\ud800\"}", open + "}/**/",
        ] {
            cases.append(
                Case(family: "HeaderJSON", name: text, thing: try signed(Array(text.utf8)), codes: [.malformed]))
        }
        for (index, header) in Spellings.flipped(try parts.bytes(0)).enumerated() {
            cases.append(
                Case(
                    family: "BitFlip", name: "header \(index)", thing: parts.replaced(0, header),
                    codes: Self.headerCodes))
        }
        return cases
    }

    private func spellings() throws -> [Case] {
        let parts = CompactParts(good)
        var cases: [Case] = []
        for index in 0..<3 {
            for (name, text) in Spellings.modified(parts.parts[index]) {
                cases.append(
                    Case(
                        family: "ModifiedPadding", name: "part \(index): \(name)", thing: parts.respelt(index, text),
                        codes: [.malformed]))
            }
        }
        let (header, payload, signature) = (parts.parts[0], parts.parts[1], parts.parts[2])
        let json = "{\"payload\":\"\(payload)\",\"protected\":\"\(header)\",\"signature\":\"\(signature)\"}"
        let envelope = try Envelopes.get().agreement.encryptionKey().encrypt(nested: good, random: SystemRandom())
        for (name, text) in [
            ("flattened JSON", json), ("general JSON", "{\"payload\":\"\(payload)\",\"signatures\":[\(json)]}"),
            ("encrypted", envelope), ("two parts", header + "." + payload), ("one part", header), ("nothing", ""),
            ("four parts", good + "."), ("a dot in front", "." + good), ("five parts", good + ".." + signature),
            ("two tokens", good + "." + good), ("a list", good + "," + good), ("Bearer", "Bearer " + good),
            ("quoted", "\"" + good + "\""), ("JWT:", "JWT:" + good),
        ] {
            cases.append(Case(family: "WrongPrimitive", name: name, thing: text, codes: [.malformed]))
        }
        return cases
    }

    private func alterations() throws -> [Case] {
        let parts = CompactParts(good)
        let signature = try parts.bytes(2)
        var cases: [Case] = []
        func add(_ family: String, _ name: String, _ token: String) {
            cases.append(Case(family: family, name: name, thing: token, codes: [.badSignature]))
        }
        for (index, bytes) in Spellings.flipped(try parts.bytes(1)).enumerated() {
            add("BitFlip", "payload \(index)", parts.replaced(1, bytes))
        }
        for (index, bytes) in Spellings.flipped(signature).enumerated() {
            add("BitFlip", "signature \(index)", parts.replaced(2, bytes))
        }
        for bytes in Spellings.resized(signature, step: algorithm.keyKind == .rsa ? 5 : 1) {
            add("Truncated", "\(bytes.count) bytes", parts.replaced(2, bytes))
        }
        let second = CompactParts(
            try TokenSigningKey(keyID: "k", algorithm: algorithm, key: key).sign(["sub": "bob"]))
        add("Exchanged", "payload", parts.respelt(1, second.parts[1]))
        add("Exchanged", "signature", parts.respelt(2, second.parts[2]))
        add("Exchanged", "detached payload", parts.respelt(1, ""))
        let tokens = try Tokens.get()
        for other in [tokens.rsa, tokens.p256, tokens.ed25519] {
            for name in SignatureAlgorithm.allCases where name.keyKind == other.kind && name != algorithm {
                let input = Array((parts.parts[0] + "." + parts.parts[1]).utf8)
                add("WrongPrimitive", "signed with \(name)", parts.replaced(2, try other.sign(input, name)))
            }
        }
        for secret in try PublicSpellings.all(key.publicKey()) {
            let input = Array((parts.parts[0] + "." + parts.parts[1]).utf8)
            let code = HMACSHA256.code(key: SecretBytes(secret), message: input)
            add("WrongPrimitive", "HMAC with the public key", parts.replaced(2, code))
        }
        let stranger = try PrivateKey.generate(algorithm.keyKind == .rsa ? .p256 : algorithm.keyKind)
        if stranger.kind == algorithm.keyKind {
            let input = Array((parts.parts[0] + "." + parts.parts[1]).utf8)
            add("OtherKey", "of the same kind", parts.replaced(2, try stranger.sign(input, algorithm)))
        }
        return cases
    }

    /// Numbers at the edges of what a signature may be.
    private func numbers() throws -> [Case] {
        let parts = CompactParts(good)
        let signature = try parts.bytes(2)
        func made(_ name: String, _ bytes: [UInt8]) -> Case {
            Case(family: "EdgeValue", name: name, thing: parts.replaced(2, bytes), codes: [.badSignature])
        }
        switch algorithm {
        case .es256: return EdgeNumbers.p256(signature).map { made($0.0, $0.1) }
        case .edDSA: return EdgeNumbers.ed25519(signature).map { made($0.0, $0.1) }
        case .rs256, .ps256:
            guard case .rsa(let modulus, _) = try key.publicKey().parameters() else { return [] }
            return EdgeNumbers.rsa(signature, modulus).map { made($0.0, $0.1) }
        }
    }
}
