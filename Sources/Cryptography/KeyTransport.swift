internal import COpenSSL

/// The hash inside RSAES-OAEP (RFC 8017 §7.1), for the label and for MGF1 alike.
package enum OAEPHash: Sendable, Hashable {
    /// SHA-1, as `RSA-OAEP` wants it (RFC 7518 §4.3). OAEP does not rest on its resistance to collisions.
    case sha1
    /// SHA-256, as `RSA-OAEP-256` wants it.
    case sha256
}

extension PublicKey {
    /// `secret` encrypted to the owner of this RSA key.
    ///
    /// - Throws: ``CryptographyError`` `.unsuitableKey` for another kind of key, `.libraryFailure` from OpenSSL.
    package func encrypt(_ secret: SecretBytes, oaep hash: OAEPHash) throws -> [UInt8] {
        guard kind == .rsa else { throw CryptographyError(.unsuitableKey, "OAEP wants an RSA key") }
        ERR_clear_error()
        let context = try KeyContext(handle)
        return try unsafe context.withPointer { context in
            guard unsafe EVP_PKEY_encrypt_init(context) == 1 else {
                throw CryptographyError.openSSL("encrypting a key")
            }
            try unsafe KeyHandle.setOAEP(context, hash)
            return try secret.withBytes { bytes in
                var length = 0
                guard unsafe EVP_PKEY_encrypt(context, nil, &length, bytes, bytes.count) == 1 else {
                    throw CryptographyError.openSSL("encrypting a key")
                }
                var output = [UInt8](repeating: 0, count: length)
                guard unsafe EVP_PKEY_encrypt(context, &output, &length, bytes, bytes.count) == 1 else {
                    throw CryptographyError.openSSL("encrypting a key")
                }
                return Array(output.prefix(length))
            }
        }
    }
}

extension PrivateKey {
    private static let notEncryptedToThis = CryptographyError(.notAuthentic, "the key was not encrypted to this one")

    /// The secret that was encrypted to this RSA key.
    ///
    /// - Throws: ``CryptographyError`` `.notAuthentic` when it was not, whatever is wrong with it; `.unsuitableKey` for
    ///   another kind of key.
    package func decrypt(_ encrypted: [UInt8], oaep hash: OAEPHash) throws -> SecretBytes {
        guard kind == .rsa else { throw CryptographyError(.unsuitableKey, "OAEP wants an RSA key") }
        // RFC 8017 §7.1.2, step 1 b: OpenSSL takes one whose leading zeros were left out. The length is no secret.
        guard encrypted.count == handle.modulusLength else { throw Self.notEncryptedToThis }
        ERR_clear_error()
        defer { ERR_clear_error() }
        let context = try KeyContext(handle)
        return try unsafe context.withPointer { context in
            guard unsafe EVP_PKEY_decrypt_init(context) == 1 else {
                throw CryptographyError.openSSL("decrypting a key")
            }
            try unsafe KeyHandle.setOAEP(context, hash)
            var length = 0
            guard unsafe EVP_PKEY_decrypt(context, nil, &length, encrypted, encrypted.count) == 1 else {
                throw CryptographyError.openSSL("decrypting a key")
            }
            var output = [UInt8](repeating: 0, count: length)
            defer { unsafe OPENSSL_cleanse(&output, output.count) }
            // One answer for a wrong length, number or padding: OAEP with more than one is an oracle (Manger, 2001).
            guard unsafe EVP_PKEY_decrypt(context, &output, &length, encrypted, encrypted.count) == 1 else {
                throw Self.notEncryptedToThis
            }
            var secret = Array(output.prefix(length))
            defer { unsafe OPENSSL_cleanse(&secret, secret.count) }
            return SecretBytes(secret)
        }
    }
}

extension KeyHandle {
    fileprivate static func setOAEP(_ context: OpaquePointer, _ hash: OAEPHash) throws {
        let digest =
            switch hash {
            case .sha1: unsafe Digests.sha1
            case .sha256: unsafe Digests.sha256
            }
        guard unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1,
            unsafe EVP_PKEY_CTX_set_rsa_oaep_md(context, digest) == 1,
            unsafe EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest) == 1
        else { throw CryptographyError.openSSL("choosing the RSA padding") }
    }
}
