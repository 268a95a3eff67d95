internal import COpenSSL

/// Owner of one EVP_CIPHER_CTX.
@safe final class CipherContext {
    private let context: OpaquePointer

    init() throws {
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw CryptographyError.openSSL("EVP_CIPHER_CTX_new") }
        unsafe self.context = context
    }

    deinit { unsafe EVP_CIPHER_CTX_free(context) }

    func encryptBlocks(_ blocks: [UInt8], key: [UInt8]) throws -> [UInt8] {
        ERR_clear_error()
        var output = [UInt8](repeating: 0, count: blocks.count + 16)
        var length: Int32 = 0
        guard unsafe EVP_EncryptInit_ex2(context, Ciphers.aes256ECB, key, nil, nil) == 1,
            unsafe EVP_CIPHER_CTX_set_padding(context, 0) == 1,
            unsafe EVP_EncryptUpdate(context, &output, &length, blocks, Int32(blocks.count)) == 1,
            length == Int32(blocks.count)
        else { throw CryptographyError.openSSL("AES-256") }
        return Array(output[..<blocks.count])
    }

    func encrypt(_ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], additional: [UInt8]) throws -> [UInt8] {
        ERR_clear_error()
        var output = [UInt8](repeating: 0, count: plaintext.count + 16)
        var tag = [UInt8](repeating: 0, count: 16)
        var length: Int32 = 0
        guard unsafe EVP_EncryptInit_ex2(context, Ciphers.aes256GCM, key, nonce, nil) == 1,
            unsafe EVP_EncryptUpdate(context, nil, &length, additional, Int32(additional.count)) == 1,
            unsafe EVP_EncryptUpdate(context, &output, &length, plaintext, Int32(plaintext.count)) == 1,
            length == Int32(plaintext.count)
        else { throw CryptographyError.openSSL("AES-256-GCM") }
        var rest = [UInt8](repeating: 0, count: 16)
        guard unsafe EVP_EncryptFinal_ex(context, &rest, &length) == 1,
            unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag) == 1
        else { throw CryptographyError.openSSL("AES-256-GCM") }
        output.replaceSubrange(plaintext.count..., with: tag)
        return output
    }

    func decrypt(_ sealed: [UInt8], key: [UInt8], nonce: [UInt8], additional: [UInt8]) throws -> [UInt8] {
        ERR_clear_error()
        let count = sealed.count - 16
        var tag = Array(sealed[count...])
        var output = [UInt8](repeating: 0, count: count + 16)
        var length: Int32 = 0
        guard unsafe EVP_DecryptInit_ex2(context, Ciphers.aes256GCM, key, nonce, nil) == 1,
            unsafe EVP_DecryptUpdate(context, nil, &length, additional, Int32(additional.count)) == 1,
            unsafe EVP_DecryptUpdate(context, &output, &length, sealed, Int32(count)) == 1,
            unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, &tag) == 1
        else { throw CryptographyError.openSSL("AES-256-GCM") }
        var rest = [UInt8](repeating: 0, count: 16)
        // Nothing decrypted is looked at before the tag has been checked here.
        guard unsafe EVP_DecryptFinal_ex(context, &rest, &length) == 1 else {
            ERR_clear_error()
            throw CryptographyError(
                .notAuthentic, "the sealed value was altered, or sealed under another key or purpose")
        }
        return Array(output[..<count])
    }
}

/// Ciphers fetched once: EVP_aes_256_gcm() would make OpenSSL 3.0 look them up at each use.
private enum Ciphers {
    nonisolated(unsafe) static let aes256GCM = unsafe EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)
    nonisolated(unsafe) static let aes256ECB = unsafe EVP_CIPHER_fetch(nil, "AES-256-ECB", nil)
}
