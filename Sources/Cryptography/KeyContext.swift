internal import COpenSSL

/// Owner of one EVP_PKEY_CTX: one operation with one key.
@safe final class KeyContext {
    private let context: OpaquePointer
    /// EVP_PKEY_CTX_new_from_pkey takes a reference of its own; held all the same, so that nobody has to know that.
    private let key: KeyHandle

    init(_ key: KeyHandle) throws {
        let context = unsafe key.withPointer { unsafe EVP_PKEY_CTX_new_from_pkey(nil, $0, nil) }
        guard let context = unsafe context else { throw CryptographyError.openSSL("EVP_PKEY_CTX_new_from_pkey") }
        self.key = key
        unsafe self.context = context
    }

    deinit { unsafe EVP_PKEY_CTX_free(context) }

    /// Lends the pointer to `body`, which must not keep it.
    func withPointer<Result>(_ body: (OpaquePointer) throws -> Result) rethrows -> Result {
        try unsafe body(context)
    }
}
