internal import COpenSSL

/// Digests fetched once: EVP_sha256() would make OpenSSL 3.0 look it up at each signature.
enum Digests {
    nonisolated(unsafe) static let sha256 = unsafe EVP_MD_fetch(nil, "SHA2-256", nil)
    nonisolated(unsafe) static let sha1 = unsafe EVP_MD_fetch(nil, "SHA1", nil)
}

/// Owner of one EVP_MD_CTX.
@safe private final class DigestContext {
    let pointer: OpaquePointer

    init() throws {
        guard let pointer = unsafe EVP_MD_CTX_new() else { throw CryptographyError.openSSL("EVP_MD_CTX_new") }
        unsafe self.pointer = pointer
    }

    deinit { unsafe EVP_MD_CTX_free(pointer) }
}

extension KeyHandle {
    func sign(_ message: [UInt8], _ algorithm: SignatureAlgorithm) throws -> [UInt8] {
        guard kind == algorithm.keyKind else {
            throw CryptographyError(.unsuitableKey, "\(algorithm.rawValue) does not sign with this kind of key")
        }
        ERR_clear_error()
        let context = try DigestContext()
        return try unsafe withPointer { key in
            var parameters: OpaquePointer?
            let digest = unsafe algorithm == .edDSA ? nil : Digests.sha256
            guard unsafe EVP_DigestSignInit(context.pointer, &parameters, digest, nil, key) == 1 else {
                throw CryptographyError.openSSL("signing")
            }
            try unsafe Self.setPadding(parameters, algorithm)
            var length = 0
            guard unsafe EVP_DigestSign(context.pointer, nil, &length, message, message.count) == 1 else {
                throw CryptographyError.openSSL("signing")
            }
            var signature = [UInt8](repeating: 0, count: length)
            guard unsafe EVP_DigestSign(context.pointer, &signature, &length, message, message.count) == 1 else {
                throw CryptographyError.openSSL("signing")
            }
            signature.removeSubrange(length...)
            return algorithm == .es256 ? try ECDSASignature.raw(fromDER: signature) : signature
        }
    }

    func verify(_ signature: [UInt8], of message: [UInt8], _ algorithm: SignatureAlgorithm) -> Bool {
        guard kind == algorithm.keyKind else { return false }
        // RFC 8017 §8.1.2, step 1: for PSS, OpenSSL takes a signature whose leading zeros were left out.
        if kind == .rsa, signature.count != modulusLength { return false }
        let encoded: [UInt8]
        if algorithm == .es256 {
            guard let der = ECDSASignature.der(fromRaw: signature) else { return false }
            encoded = der
        } else {
            encoded = signature
        }
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let context = try? DigestContext() else { return false }
        return unsafe withPointer { key in
            var parameters: OpaquePointer?
            let digest = unsafe algorithm == .edDSA ? nil : Digests.sha256
            guard unsafe EVP_DigestVerifyInit(context.pointer, &parameters, digest, nil, key) == 1,
                (try? unsafe Self.setPadding(parameters, algorithm)) != nil
            else { return false }
            return unsafe EVP_DigestVerify(context.pointer, encoded, encoded.count, message, message.count) == 1
        }
    }

    private static func setPadding(_ parameters: OpaquePointer?, _ algorithm: SignatureAlgorithm) throws {
        guard algorithm == .ps256 else { return }
        guard unsafe EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1,
            // RFC 7518 §3.5: the salt is as long as the hash. MGF1 uses the same hash, as OpenSSL does by itself.
            unsafe EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1
        else { throw CryptographyError.openSSL("choosing the RSA padding") }
    }
}

/// The two spellings of an ECDSA signature on P-256: DER for OpenSSL, R and S side by side for JOSE (RFC 7518 §3.4).
enum ECDSASignature {
    static func raw(fromDER der: [UInt8]) throws -> [UInt8] {
        try unsafe der.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            guard let signature = unsafe d2i_ECDSA_SIG(nil, &start, buffer.count) else {
                throw CryptographyError.openSSL("reading an ECDSA signature")
            }
            defer { unsafe ECDSA_SIG_free(signature) }
            var raw = [UInt8](repeating: 0, count: 64)
            let written = unsafe raw.withUnsafeMutableBufferPointer { output -> Bool in
                guard let base = output.baseAddress else { return false }
                return unsafe BN_bn2binpad(ECDSA_SIG_get0_r(signature), base, 32) == 32
                    && BN_bn2binpad(ECDSA_SIG_get0_s(signature), base + 32, 32) == 32
            }
            guard written else { throw CryptographyError.openSSL("writing an ECDSA signature") }
            return raw
        }
    }

    /// `nil` for any length but 64; OpenSSL itself refuses R and S of zero or beyond the order of the curve.
    static func der(fromRaw raw: [UInt8]) -> [UInt8]? {
        guard raw.count == 64, let signature = unsafe ECDSA_SIG_new() else { return nil }
        defer { unsafe ECDSA_SIG_free(signature) }
        guard let r = unsafe BN_bin2bn(Array(raw[..<32]), 32, nil) else { return nil }
        guard let s = unsafe BN_bin2bn(Array(raw[32...]), 32, nil) else {
            unsafe BN_free(r)
            return nil
        }
        // ECDSA_SIG_set0 "transfers the memory management of the values to the ECDSA_SIG object" (manual), on success.
        guard unsafe ECDSA_SIG_set0(signature, r, s) == 1 else {
            unsafe BN_free(r)
            unsafe BN_free(s)
            return nil
        }
        var start: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_ECDSA_SIG(signature, &start)
        guard count > 0, let start = unsafe start else { return nil }
        defer { unsafe loge_openssl_free(start) }
        return unsafe UnsafeBufferPointer(start: start, count: Int(count)).map { $0 }
    }
}
