public import Cryptography

/// A public key as a JSON Web Key (RFC 7517): for signatures, with its identifier and its one algorithm.
public struct JWK: Sendable {
    /// `kid`, when the set names it.
    public let keyID: String?
    /// `alg`, when the set fixes it.
    public let algorithm: SignatureAlgorithm?
    /// The key.
    public let key: PublicKey

    /// A key with its identifier and algorithm.
    public init(keyID: String?, algorithm: SignatureAlgorithm?, key: PublicKey) {
        self.keyID = keyID
        self.algorithm = algorithm
        self.key = key
    }

    /// The key as JSON: public members only.
    ///
    /// - Throws: `CryptographyError` for a key that is never published.
    public func json() throws -> JSONValue {
        var members = try key.jwkMembers().object ?? [:]
        members["use"] = "sig"
        if let keyID { members["kid"] = .string(keyID) }
        if let algorithm { members["alg"] = .string(algorithm.rawValue) }
        return .object(members)
    }

    /// Reads one member of a set; `nil` for a key that we have no use for (another type, curve, use or algorithm), as
    /// RFC 7517 §5 asks.
    ///
    /// - Throws: ``JOSEError`` `.unsuitableKey` for what must not stand in a public set at all: a private or symmetric key.
    public init?(json: JSONValue) throws(JOSEError) {
        guard let members = json.object else { throw JOSEError(.unsuitableKey, "a key is not an object") }
        // JW-10: a set that gives away a private key is no set to trust.
        for name in ["d", "p", "q", "dp", "dq", "qi", "k", "oth"] where members[name] != nil {
            throw JOSEError(.unsuitableKey, "the set holds a private or symmetric key")
        }
        if let use = members["use"], use != "sig" { return nil }
        if let operations = members["key_ops"]?.array, !operations.contains("verify") { return nil }
        if let name = members["alg"] {
            guard let known = name.string.flatMap(SignatureAlgorithm.init(rawValue:)) else { return nil }
            algorithm = known
        } else {
            algorithm = nil
        }
        if let identifier = members["kid"] {
            guard let text = identifier.string, text.utf8.count <= 256 else {
                throw JOSEError(.unsuitableKey, "a key identifier is no short text")
            }
            keyID = text
        } else {
            keyID = nil
        }
        func bytes(_ name: String) -> [UInt8]? { members[name]?.string.flatMap { Base64URL.decode($0) } }
        let parameters: PublicKeyParameters
        switch (members["kty"]?.string, members["crv"]?.string) {
        case ("RSA", nil):
            guard let n = bytes("n"), let e = bytes("e") else { return nil }
            parameters = .rsa(n: n, e: e)
        case ("EC", "P-256"):
            guard let x = bytes("x"), let y = bytes("y") else { return nil }
            parameters = .p256(x: x, y: y)
        case ("OKP", "Ed25519"):
            guard let x = bytes("x") else { return nil }
            parameters = .ed25519(x: x)
        default: return nil
        }
        guard let key = try? PublicKey(parameters) else { return nil }
        if let algorithm, algorithm.keyKind != key.kind { return nil }
        self.key = key
    }
}

/// A set of public keys (RFC 7517 §5).
public struct JWKSet: Sendable {
    /// The most keys that a foreign set may hold.
    public static let maximumCount = 64

    /// The keys, in the order of the set.
    public let keys: [JWK]

    /// A set of keys.
    public init(_ keys: [JWK]) { self.keys = keys }

    /// Reads a set.
    ///
    /// - Throws: ``JOSEError`` when it is no set, holds too many keys, two keys of one identifier, or a secret one.
    public init(parsing bytes: some Collection<UInt8>) throws(JOSEError) {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: bytes, maximumLength: 262_144, maximumDepth: 6)
        } catch {
            throw JOSEError(.malformed, "the key set is not JSON")
        }
        guard let entries = json["keys"]?.array else { throw JOSEError(.malformed, "the key set has no keys") }
        guard entries.count <= Self.maximumCount else { throw JOSEError(.unsuitableKey, "the key set is too large") }
        var keys: [JWK] = []
        var identifiers: Set<String> = []
        for entry in entries {
            guard let key = try JWK(json: entry) else { continue }
            if let identifier = key.keyID, !identifiers.insert(identifier).inserted {
                throw JOSEError(.unsuitableKey, "the key set names two keys alike")
            }
            keys.append(key)
        }
        self.keys = keys
    }

    /// The set as JSON.
    ///
    /// - Throws: `CryptographyError` for a key that is never published.
    public func json() throws -> JSONValue {
        ["keys": .array(try keys.map { try $0.json() })]
    }

    /// The keys that may have made a signature: of that algorithm, and of that identifier when the header names one. A
    /// header without one leaves all keys of the algorithm (OIDC Core §10.1 lets a set of one key go without).
    public func candidates(for algorithm: SignatureAlgorithm, keyID: String?) -> [PublicKey] {
        keys.compactMap { entry in
            guard entry.key.kind == algorithm.keyKind, entry.algorithm == nil || entry.algorithm == algorithm else {
                return nil
            }
            if let keyID, entry.keyID != keyID { return nil }
            return entry.key
        }
    }
}
