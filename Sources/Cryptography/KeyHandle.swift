internal import COpenSSL

/// Owner of one EVP_PKEY, and of all that is done with it.
///
/// `@unchecked Sendable`: the key is never changed after it is made, and OpenSSL lets any number of threads sign and
/// verify with one EVP_PKEY, each with a context of its own.
@safe final class KeyHandle: @unchecked Sendable {
    private let key: OpaquePointer

    private init(takingOwnership key: OpaquePointer) { unsafe self.key = key }

    deinit { unsafe EVP_PKEY_free(key) }

    /// Lends the pointer to `body`, which must not keep it.
    func withPointer<Result>(_ body: (OpaquePointer) throws -> Result) rethrows -> Result {
        try unsafe body(key)
    }

    static func generate(_ kind: KeyKind) throws -> KeyHandle {
        ERR_clear_error()
        let key =
            switch kind {
            case .rsa: unsafe loge_generate_rsa(3072)
            case .p256: unsafe loge_generate_p256()
            case .ed25519: unsafe loge_generate_ed25519()
            case .x25519: unsafe loge_generate_x25519()
            }
        guard let key = unsafe key else { throw CryptographyError.openSSL("making a \(kind.rawValue) key") }
        return unsafe KeyHandle(takingOwnership: key)
    }

    /// The kind of the key; `nil` for kinds that the house does not use and for RSA under 2048 bits.
    var kind: KeyKind? {
        switch unsafe EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA: unsafe EVP_PKEY_get_bits(key) >= 2048 ? .rsa : nil
        case EVP_PKEY_EC: groupName == "prime256v1" ? .p256 : nil
        case EVP_PKEY_ED25519: .ed25519
        case EVP_PKEY_X25519: .x25519
        default: nil
        }
    }

    private var groupName: String {
        var name = [CChar](repeating: 0, count: 64)
        var length = 0
        guard unsafe EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1 else { return "" }
        return String(decoding: name.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The length of an RSA modulus in bytes, and so of all that is signed with it or encrypted to it.
    var modulusLength: Int { Int(unsafe EVP_PKEY_get_size(key)) }

    // MARK: Parameters

    func number(_ parameter: String) throws -> [UInt8] {
        ERR_clear_error()
        var number: OpaquePointer?
        guard unsafe EVP_PKEY_get_bn_param(key, parameter, &number) == 1, let number = unsafe number else {
            throw CryptographyError.openSSL("reading a key parameter")
        }
        defer { unsafe BN_clear_free(number) }
        var bytes = [UInt8](repeating: 0, count: (Int(unsafe BN_num_bits(number)) + 7) / 8)
        let written = unsafe BN_bn2bin(number, &bytes)
        return Array(bytes.prefix(Int(written)))
    }

    func rawPublic() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 32)
        var length = bytes.count
        guard unsafe EVP_PKEY_get_raw_public_key(key, &bytes, &length) == 1, length == 32 else {
            throw CryptographyError.openSSL("reading a public key")
        }
        return bytes
    }

    func rawPrivate() throws -> SecretBytes {
        var bytes = [UInt8](repeating: 0, count: 32)
        var length = bytes.count
        guard unsafe EVP_PKEY_get_raw_private_key(key, &bytes, &length) == 1, length == 32 else {
            throw CryptographyError.openSSL("reading a private key")
        }
        return SecretBytes(bytes)
    }

    static func ed25519(public bytes: [UInt8]) throws -> KeyHandle {
        ERR_clear_error()
        guard let key = unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count) else {
            throw CryptographyError.openSSL("reading an Ed25519 public key")
        }
        return unsafe KeyHandle(takingOwnership: key)
    }

    static func rsa(modulus: [UInt8], exponent: [UInt8]) throws -> KeyHandle {
        try unsafe build("RSA", what: "an RSA public key") { builder in
            guard let n = unsafe BN_bin2bn(modulus, Int32(modulus.count), nil) else { return nil }
            guard let e = unsafe BN_bin2bn(exponent, Int32(exponent.count), nil) else {
                unsafe BN_free(n)
                return nil
            }
            // The builder borrows the numbers until OSSL_PARAM_BLD_to_param has copied them.
            let release: () -> Void = {
                unsafe BN_free(n)
                unsafe BN_free(e)
            }
            guard unsafe OSSL_PARAM_BLD_push_BN(builder, loge_parameter_modulus(), n) == 1,
                unsafe OSSL_PARAM_BLD_push_BN(builder, loge_parameter_exponent(), e) == 1
            else {
                release()
                return nil
            }
            return release
        }
    }

    static func p256(point: [UInt8]) throws -> KeyHandle {
        // The builder keeps the pointer to the point until OSSL_PARAM_BLD_to_param has copied it.
        try unsafe point.withUnsafeBufferPointer { point in
            try unsafe build("EC", what: "a P-256 public key") { builder in
                guard
                    unsafe OSSL_PARAM_BLD_push_utf8_string(builder, loge_parameter_group(), loge_group_p256(), 0) == 1,
                    unsafe OSSL_PARAM_BLD_push_octet_string(
                        builder, loge_parameter_point(), point.baseAddress, point.count) == 1
                else { return nil }
                return {}
            }
        }
    }

    private static func build(
        _ type: String, what: String, _ push: (OpaquePointer) -> (() -> Void)?
    ) throws -> KeyHandle {
        ERR_clear_error()
        guard let builder = unsafe OSSL_PARAM_BLD_new() else { throw CryptographyError.openSSL("reading " + what) }
        defer { unsafe OSSL_PARAM_BLD_free(builder) }
        guard let release = unsafe push(builder) else { throw CryptographyError.openSSL("reading " + what) }
        let parameters = unsafe OSSL_PARAM_BLD_to_param(builder)
        release()
        guard let parameters = unsafe parameters else { throw CryptographyError.openSSL("reading " + what) }
        defer { unsafe OSSL_PARAM_free(parameters) }
        guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, type, nil) else {
            throw CryptographyError.openSSL("reading " + what)
        }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard unsafe EVP_PKEY_fromdata_init(context) == 1,
            unsafe EVP_PKEY_fromdata(context, &key, loge_public_key_selection(), parameters) == 1, let key = unsafe key
        else { throw CryptographyError.openSSL("reading " + what) }
        let handle = unsafe KeyHandle(takingOwnership: key)
        guard let check = unsafe EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else {
            throw CryptographyError.openSSL("checking " + what)
        }
        defer { unsafe EVP_PKEY_CTX_free(check) }
        // A point off the curve, or a modulus of one bit, is refused here and not at the first signature.
        guard unsafe EVP_PKEY_public_check(check) == 1 else { throw CryptographyError.openSSL("checking " + what) }
        return handle
    }
}

// MARK: PEM

extension KeyHandle {
    static func decode(encryptedPEM pem: [UInt8], passphrase: SecretBytes) throws -> KeyHandle {
        // PEM_read_bio_PrivateKey would accept an unencrypted key too: what is not encrypted is not a key file of ours.
        guard String(decoding: pem.prefix(200), as: UTF8.self).hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----") else {
            throw CryptographyError(.unreadableKey, "this is not an encrypted PKCS#8 key in PEM form")
        }
        ERR_clear_error()
        guard let bio = unsafe BIO_new_mem_buf(pem, Int32(pem.count)) else {
            throw CryptographyError.openSSL("reading a key file")
        }
        defer { unsafe BIO_free(bio) }
        // Without a callback the last argument is the passphrase itself, ended by a zero byte.
        let key = unsafe passphrase.withBytes { bytes in
            var terminated = bytes + [0]
            defer { unsafe OPENSSL_cleanse(&terminated, terminated.count) }
            return unsafe terminated.withUnsafeMutableBytes { buffer in
                unsafe PEM_read_bio_PrivateKey(bio, nil, nil, buffer.baseAddress)
            }
        }
        guard let key = unsafe key else {
            ERR_clear_error()
            throw CryptographyError(
                .wrongPassphrase, "the passphrase does not open the key file, or the file is damaged")
        }
        return unsafe KeyHandle(takingOwnership: key)
    }

    /// PKCS#8, PKCS#1 or SEC 1, in DER.
    static func decode(unencryptedDER der: SecretBytes) throws -> KeyHandle {
        ERR_clear_error()
        let key = unsafe der.withBytes { bytes in
            unsafe bytes.withUnsafeBufferPointer { buffer in
                var start = buffer.baseAddress
                return unsafe d2i_AutoPrivateKey(nil, &start, buffer.count)
            }
        }
        guard let key = unsafe key else { throw CryptographyError.openSSL("reading a private key") }
        return unsafe KeyHandle(takingOwnership: key)
    }

    func encryptedPEM(passphrase: SecretBytes) throws -> [UInt8] {
        ERR_clear_error()
        guard let bio = unsafe BIO_new(BIO_s_mem()) else { throw CryptographyError.openSSL("writing a key") }
        defer { unsafe BIO_free(bio) }
        // PKCS#8 with PBES2: PBKDF2-HMAC-SHA-256 and AES-256-CBC.
        let status = passphrase.withBytes { bytes in
            var characters = bytes.map { CChar(bitPattern: $0) }
            defer { unsafe OPENSSL_cleanse(&characters, characters.count) }
            return unsafe PEM_write_bio_PKCS8PrivateKey(
                bio, key, EVP_aes_256_cbc(), &characters, Int32(characters.count), nil, nil)
        }
        guard status == 1 else { throw CryptographyError.openSSL("writing a key") }
        return unsafe Self.bytes(of: bio)
    }

    func publicPEM() throws -> [UInt8] {
        ERR_clear_error()
        guard let bio = unsafe BIO_new(BIO_s_mem()) else { throw CryptographyError.openSSL("writing a public key") }
        defer { unsafe BIO_free(bio) }
        guard unsafe PEM_write_bio_PUBKEY(bio, key) == 1 else {
            throw CryptographyError.openSSL("writing a public key")
        }
        return unsafe Self.bytes(of: bio)
    }

    private static func bytes(of bio: OpaquePointer) -> [UInt8] {
        var start: UnsafeMutablePointer<CChar>?
        let count = unsafe loge_bio_bytes(bio, &start)
        guard count > 0, let start = unsafe start else { return [] }
        return unsafe UnsafeRawBufferPointer(start: start, count: count).map { $0 }
    }
}
