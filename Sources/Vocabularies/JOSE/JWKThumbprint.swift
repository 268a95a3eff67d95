public import Cryptography

extension PublicKey {
    /// The thumbprint of the key (RFC 7638, RFC 8037 §2) with SHA-256, as base64url: the same whatever else a JWK of it
    /// holds, and what `jkt` of RFC 9449 is.
    ///
    /// - Throws: `CryptographyError` for a key that is never published.
    public func jwkThumbprint() throws -> String {
        // RFC 7638 §3.2: the required members only, in the order of their names, without white space; §3.3: nothing to
        // escape in them.
        Base64URL.encode(SHA256.hash(try jwkMembers().encoded))
    }

    /// The members that make up the key, and no others.
    func jwkMembers() throws -> JSONValue {
        switch try parameters() {
        case .rsa(let n, let e):
            ["kty": "RSA", "n": .string(Base64URL.encode(n)), "e": .string(Base64URL.encode(e))]
        case .p256(let x, let y):
            ["kty": "EC", "crv": "P-256", "x": .string(Base64URL.encode(x)), "y": .string(Base64URL.encode(y))]
        case .ed25519(let x): ["kty": "OKP", "crv": "Ed25519", "x": .string(Base64URL.encode(x))]
        }
    }
}
