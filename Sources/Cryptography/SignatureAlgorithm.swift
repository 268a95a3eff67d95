/// The signature algorithms of the house, by their JOSE names (RFC 7518 §3.1, RFC 8037 §3.1).
public enum SignatureAlgorithm: String, Sendable, Hashable, CaseIterable, Codable {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    case rs256 = "RS256"
    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes.
    case ps256 = "PS256"
    /// ECDSA on P-256 with SHA-256.
    case es256 = "ES256"
    /// EdDSA on edwards25519.
    case edDSA = "EdDSA"

    /// The kind of key that the algorithm wants.
    public var keyKind: KeyKind {
        switch self {
        case .rs256, .ps256: .rsa
        case .es256: .p256
        case .edDSA: .ed25519
        }
    }
}

/// The kinds of key that the house keeps.
public enum KeyKind: String, Sendable, Hashable, CaseIterable, Codable {
    /// RSA, 3072 bits when we make it, never under 2048 when others do.
    case rsa = "RSA"
    /// The curve P-256.
    case p256 = "P-256"
    /// The curve edwards25519, for signatures.
    case ed25519 = "Ed25519"
    /// The curve Curve25519: its 32 secret bytes are what sealing keys are derived from.
    case x25519 = "X25519"
}
