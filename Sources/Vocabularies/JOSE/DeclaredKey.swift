internal import Cryptography

/// One public key as somebody declared it to us (RFC 7517 §4), read to the letter.
///
/// - no private and no symmetric member, whatever else it is
/// - `kid` is a short text without control characters
/// - `use`, `key_ops`, `alg` and `kty` agree; without any of the first three, the key is for signatures
/// - numbers are in their one spelling, RSA has 2048 to 4096 bits and a usual exponent, points are on their curve
///
/// Certificates (`x5c`, `x5u`, `x5t`) are neither read nor fetched.
struct DeclaredKey {
    enum Use {
        case signature(SignatureAlgorithm?)
        case encryption(KeyManagementAlgorithm?)

        var isSignature: Bool { if case .signature = self { true } else { false } }
    }

    let keyID: String?
    let use: Use
    let key: PublicKey

    private typealias Members = [String: JSONValue]

    init(_ json: JSONValue) throws(KeySetError) {
        guard let members = json.object else { throw KeySetError(.malformed, "a key is not an object") }
        for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] where members[name] != nil {
            throw KeySetError(.secretKey, "the key holds the secret member \(name)")
        }
        keyID = try Self.keyID(members)
        let kind = try Self.kind(members)
        use = try Self.use(members, kind)
        key = try Self.key(members, kind)
    }

    // MARK: Name, kind, use

    private static func text(_ name: String, _ members: Members) throws(KeySetError) -> String? {
        guard let value = members[name] else { return nil }
        guard let text = value.string else { throw KeySetError(.malformed, "\(name) is no text") }
        return text
    }

    private static func keyID(_ members: Members) throws(KeySetError) -> String? {
        guard let value = members["kid"] else { return nil }
        guard let text = value.string, (1...256).contains(text.utf8.count),
            !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
        else { throw KeySetError(.keyID, "kid is no short text") }
        return text
    }

    private static func kind(_ members: Members) throws(KeySetError) -> KeyKind {
        guard let type = try text("kty", members) else { throw KeySetError(.malformed, "kty is missing") }
        switch (type, try text("crv", members)) {
        case ("RSA", _): return .rsa
        case ("EC", "P-256"): return .p256
        case ("OKP", "Ed25519"): return .ed25519
        case ("EC", .some), ("OKP", .some): throw KeySetError(.noUse, "the curve is not used here")
        case ("EC", nil), ("OKP", nil): throw KeySetError(.malformed, "crv is missing")
        case ("oct", _): throw KeySetError(.secretKey, "the key is a symmetric one")
        default: throw KeySetError(.noUse, "the type of key is not used here")
        }
    }

    private static func use(_ members: Members, _ kind: KeyKind) throws(KeySetError) -> Use {
        let use: Use? =
            switch try text("use", members) {
            case nil: nil
            case "sig": .signature(nil)
            case "enc": .encryption(nil)
            default: throw KeySetError(.noUse, "the use is not known here")
            }
        let operations = try operations(members, kind)
        let algorithm: Use?
        if let name = try text("alg", members) {
            if let known = SignatureAlgorithm(rawValue: name) {
                algorithm = .signature(known)
            } else if let known = KeyManagementAlgorithm(rawValue: name) {
                algorithm = .encryption(known)
            } else {
                throw KeySetError(.noUse, "the algorithm is not used here")
            }
        } else {
            algorithm = nil
        }
        // RFC 7517 §4.3: use and key_ops are consistent. Nothing is encrypted to a key that nobody declared for it.
        let declared = [algorithm, use, operations].compactMap(\.self)
        let first = declared.first ?? .signature(nil)
        guard declared.allSatisfy({ $0.isSignature == first.isSignature }) else {
            throw KeySetError(.contradiction, "use, key_ops and alg do not agree")
        }
        let fits =
            switch first {
            case .signature(let algorithm): algorithm.map { $0.keyKind == kind } ?? true
            case .encryption(let algorithm): algorithm.map { $0.keyKind == kind } ?? (kind != .ed25519)
            }
        guard fits else { throw KeySetError(.contradiction, "the algorithm or use is not for this type of key") }
        return first
    }

    /// What `key_ops` says; `nil` when it is absent.
    private static func operations(_ members: Members, _ kind: KeyKind) throws(KeySetError) -> Use? {
        guard let value = members["key_ops"] else { return nil }
        guard let values = value.array, values.count <= 16, values.allSatisfy({ $0.string != nil }) else {
            throw KeySetError(.malformed, "key_ops is no short list of texts")
        }
        let operations = Set(values.compactMap(\.string))
        // RFC 7517 §4.3: "Duplicate key operation values MUST NOT be present in the array."
        guard operations.count == values.count else { throw KeySetError(.contradiction, "key_ops repeats itself") }
        let signs = !operations.isDisjoint(with: ["verify", "sign"])
        let encrypts = !operations.isDisjoint(
            with: ["encrypt", "decrypt", "wrapKey", "unwrapKey", "deriveKey", "deriveBits"])
        guard !(signs && encrypts) else { throw KeySetError(.contradiction, "key_ops mixes two uses") }
        let wanted: Set<String> =
            if signs {
                ["verify"]
            } else {
                kind == .rsa ? ["encrypt", "wrapKey"] : ["deriveKey", "deriveBits"]
            }
        guard !operations.isDisjoint(with: wanted) else {
            throw KeySetError(.noUse, "key_ops holds nothing to be done with a public key")
        }
        return signs ? .signature(nil) : .encryption(nil)
    }

    // MARK: Numbers

    private static func number(_ name: String, _ members: Members) throws(KeySetError) -> [UInt8] {
        guard let text = try text(name, members) else { throw KeySetError(.malformed, "\(name) is missing") }
        guard text.utf8.count <= 2048, let bytes = Base64URL.decode(text), !bytes.isEmpty else {
            throw KeySetError(.encoding, "\(name) is not base64url in its one spelling")
        }
        return bytes
    }

    private static func coordinate(_ name: String, _ members: Members) throws(KeySetError) -> [UInt8] {
        let bytes = try number(name, members)
        // RFC 7518 §6.2.1.2, RFC 8037 §2: as long as the curve wants it, zeros in front and all.
        guard bytes.count == 32 else { throw KeySetError(.encoding, "\(name) has not 32 bytes") }
        return bytes
    }

    private static func key(_ members: Members, _ kind: KeyKind) throws(KeySetError) -> PublicKey {
        let parameters: PublicKeyParameters
        switch kind {
        case .rsa: parameters = try rsa(n: number("n", members), e: number("e", members))
        case .p256: parameters = .p256(x: try coordinate("x", members), y: try coordinate("y", members))
        case .ed25519, .x25519: parameters = .ed25519(x: try coordinate("x", members))
        }
        do {
            return try PublicKey(parameters)
        } catch {
            throw KeySetError(.notAKey, "the numbers make no key")
        }
    }

    private static func rsa(n: [UInt8], e: [UInt8]) throws(KeySetError) -> PublicKeyParameters {
        // RFC 7518 §2, Base64urlUInt: no zeros in front.
        guard let first = n.first, first != 0, e.first != 0 else {
            throw KeySetError(.encoding, "a number has zeros in front")
        }
        // The upper end is not about strength: checking and using larger keys costs whoever is shown them.
        guard (2048...4096).contains(n.count * 8 - first.leadingZeroBitCount) else {
            throw KeySetError(.keySize, "an RSA key has 2048 to 4096 bits")
        }
        let exponent = e.suffix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard e.count <= 4, exponent >= 65537, exponent & 1 == 1 else {
            throw KeySetError(.exponent, "an RSA exponent is odd, 65537 at least and of 32 bits at most")
        }
        return .rsa(n: n, e: e)
    }
}
