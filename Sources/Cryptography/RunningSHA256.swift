internal import COpenSSL

/// SHA-256 of something that comes a piece at a time, such as a file that is larger than memory.
@safe public final class RunningSHA256 {
    private let context: OpaquePointer

    /// Nothing so far.
    public init() {
        guard let context = unsafe EVP_MD_CTX_new() else { preconditionFailure("no memory for SHA-256") }
        unsafe self.context = unsafe context
        precondition(unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1, "SHA-256 failed")
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    /// What comes next.
    public func update(_ piece: [UInt8]) {
        precondition(unsafe EVP_DigestUpdate(context, piece, piece.count) == 1, "SHA-256 failed")
    }

    /// The 32-byte digest of everything; nothing may come after it.
    public func finish() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        precondition(unsafe EVP_DigestFinal_ex(context, &digest, nil) == 1, "SHA-256 failed")
        return digest
    }
}
