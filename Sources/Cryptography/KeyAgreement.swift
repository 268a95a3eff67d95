internal import COpenSSL

extension PrivateKey {
    /// The secret that this key and `peer` share: ECDH on P-256 (NIST SP 800-56A §5.7.1.2), the 32 bytes of x.
    ///
    /// Not a key yet: ``ConcatKDF`` makes one of it.
    ///
    /// - Throws: ``CryptographyError`` `.unsuitableKey` for other kinds of key, `.libraryFailure` from OpenSSL.
    package func sharedSecret(with peer: PublicKey) throws -> SecretBytes {
        guard kind == .p256, peer.kind == .p256 else {
            throw CryptographyError(.unsuitableKey, "keys are agreed on P-256 only")
        }
        return try handle.agree(with: peer.handle)
    }
}

extension KeyHandle {
    fileprivate func agree(with peer: KeyHandle) throws -> SecretBytes {
        ERR_clear_error()
        let context = try KeyContext(self)
        return try unsafe context.withPointer { context in
            // The peer was checked to be on the curve when it was read; EVP_PKEY_derive_set_peer checks it once more.
            guard unsafe EVP_PKEY_derive_init(context) == 1,
                unsafe peer.withPointer({ unsafe EVP_PKEY_derive_set_peer(context, $0) }) == 1
            else { throw CryptographyError.openSSL("agreeing on a key") }
            var secret = [UInt8](repeating: 0, count: 32)
            defer { unsafe OPENSSL_cleanse(&secret, secret.count) }
            var length = secret.count
            guard unsafe EVP_PKEY_derive(context, &secret, &length) == 1, length == 32 else {
                throw CryptographyError.openSSL("agreeing on a key")
            }
            return SecretBytes(secret)
        }
    }
}

/// The Concat KDF (NIST SP 800-56A §5.8.1, now SP 800-56C §4) with SHA-256, through OpenSSL.
package enum ConcatKDF {
    /// Fetched once, as the digests are.
    nonisolated(unsafe) private static let kdf = unsafe EVP_KDF_fetch(nil, "SSKDF", nil)

    /// `count` bytes derived from a shared secret, for the purpose and the parties that `otherInfo` names.
    ///
    /// - Throws: ``CryptographyError`` `.libraryFailure` from OpenSSL.
    package static func derive(from secret: SecretBytes, otherInfo: [UInt8], count: Int) throws -> SecretBytes {
        ERR_clear_error()
        guard let context = unsafe EVP_KDF_CTX_new(kdf) else { throw CryptographyError.openSSL("EVP_KDF_CTX_new") }
        defer { unsafe EVP_KDF_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: count)
        defer { unsafe OPENSSL_cleanse(&output, output.count) }
        let status = secret.withBytes { bytes in
            unsafe loge_concat_kdf_sha256(
                context, bytes, bytes.count, otherInfo, otherInfo.count, &output, output.count)
        }
        guard status == 1 else { throw CryptographyError.openSSL("deriving a key") }
        return SecretBytes(output)
    }
}
