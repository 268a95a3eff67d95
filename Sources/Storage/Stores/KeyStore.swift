/// The keys of an installation as a store holds them: the manifest, and the encrypted files that it names. The store
/// cannot read them; the passphrase is with the nodes.
public struct StoredKeys: Sendable, Hashable {
    /// Grows by one with every change.
    public let revision: Int64
    /// The manifest, as the keyring writes it.
    public let manifest: [UInt8]
    /// The encrypted keys by the names that the manifest gives them.
    public let files: [String: [UInt8]]

    /// What a store holds.
    public init(revision: Int64, manifest: [UInt8], files: [String: [UInt8]]) {
        self.revision = revision
        self.manifest = manifest
        self.files = files
    }
}

/// Where nodes that share a database keep their keys.
public protocol KeyStore: Sendable {
    /// The number of the latest change; `nil` while there are no keys.
    func revision() async throws -> Int64?
    /// What is there now, of one moment; `nil` while there are no keys.
    func keys() async throws -> StoredKeys?
    /// Replaces the manifest, adds files and removes others, in one transaction that begins with one conditional statement:
    /// of several nodes that decide at once, one wins.
    ///
    /// - Parameter revision: the change that the caller has seen last; `nil` for none.
    /// - Returns: the new revision; `nil` when somebody else was first, and nothing was changed.
    func replace(
        _ revision: Int64?, manifest: [UInt8], adding files: [String: [UInt8]], removing names: [String]
    ) async throws -> Int64?
}
