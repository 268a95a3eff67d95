internal import CSodium

/// What OpenSSL does not check of an Ed25519 public key.
enum Ed25519Point {
    /// Whether the 32 bytes are a point of edwards25519: in its one canonical spelling, of the main subgroup.
    static func isValid(_ bytes: [UInt8]) -> Bool {
        precondition(bytes.count == Int(crypto_core_ed25519_BYTES))
        return unsafe crypto_core_ed25519_is_valid_point(bytes) == 1
    }
}
