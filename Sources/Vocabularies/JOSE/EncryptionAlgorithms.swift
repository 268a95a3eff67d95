public import Cryptography

/// How the key of an encrypted token reaches its reader, by the JOSE names (RFC 7518 §4.1). There are no others: RSA1_5,
/// `dir`, the key wraps and the passwords (PBES2) are refused by having no name here.
public enum KeyManagementAlgorithm: String, Sendable, Hashable, CaseIterable, Codable {
    /// ECDH on P-256 with a fresh key of the sender; what is agreed on is the content key (RFC 7518 §4.6).
    case ecdhES = "ECDH-ES"
    /// RSAES-OAEP with SHA-1 and MGF1 with SHA-1 (RFC 7518 §4.3).
    case rsaOAEP = "RSA-OAEP"
    /// RSAES-OAEP with SHA-256 and MGF1 with SHA-256 (RFC 7518 §4.3).
    case rsaOAEP256 = "RSA-OAEP-256"

    /// The kind of key that the algorithm wants.
    public var keyKind: KeyKind {
        switch self {
        case .ecdhES: .p256
        case .rsaOAEP, .rsaOAEP256: .rsa
        }
    }

    /// The hash of OAEP; `nil` for what is not OAEP.
    var oaepHash: OAEPHash? {
        switch self {
        case .ecdhES: nil
        case .rsaOAEP: .sha1
        case .rsaOAEP256: .sha256
        }
    }
}

/// How the content of an encrypted token is encrypted, by its JOSE name (RFC 7518 §5.1).
public enum ContentEncryptionAlgorithm: String, Sendable, Hashable, CaseIterable, Codable {
    /// AES-256-GCM (RFC 7518 §5.3).
    case a256GCM = "A256GCM"
}
