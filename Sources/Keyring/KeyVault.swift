/// Where the keys of an installation lie: a folder of one machine, or a database that nodes share. A vault holds what it
/// is given and cannot read it; the passphrase is with the nodes.
///
/// Nodes decide optimistically: each reads, decides, and offers its change over what it has read. Of several that do so at
/// once one wins; the others read again and decide again.
public protocol KeyVault: Sendable {
    /// Where that is, in words for an operator.
    var place: String { get }

    /// What tells one version of the keys from another; asked every second. `nil` while there are no keys.
    ///
    /// - Throws: ``KeyringError``.
    func stamp() async throws -> KeyVaultStamp?

    /// What is there now, all of one moment; `nil` while there are no keys.
    ///
    /// - Throws: ``KeyringError``.
    func contents() async throws -> KeyVaultContents?

    /// Replaces the manifest, adds files and removes others: all of it or, when it fails or the machine stops, nothing
    /// that counts.
    ///
    /// - Parameters:
    ///   - seen: what the change was decided on; `nil` when there were no keys.
    ///   - manifest: what names the keys from now on.
    ///   - files: encrypted keys that the manifest names and the vault does not hold yet, by name.
    ///   - names: files that no manifest names any more.
    /// - Returns: the new stamp; `nil` when somebody else was first, and nothing was changed.
    /// - Throws: ``KeyringError``.
    func replace(
        _ seen: KeyVaultContents?, manifest: [UInt8], adding files: [String: [UInt8]], removing names: [String]
    ) async throws -> KeyVaultStamp?
}

/// What tells one version of the keys from another without reading them.
public struct KeyVaultStamp: Sendable, Hashable {
    private let text: String
    let revision: Int64?

    /// The stamp of a vault that counts its changes: of two, the greater is the newer.
    public init(revision: Int64) {
        text = "\(revision)"
        self.revision = revision
    }

    /// The stamp of a vault whose versions differ and have no order.
    public init(unordered text: String) {
        self.text = text
        revision = nil
    }

    /// Whether the vault has surely made this one before the other.
    func isOlder(than other: KeyVaultStamp) -> Bool {
        guard let revision, let others = other.revision else { return false }
        return revision < others
    }
}

/// What a vault held at one moment.
public struct KeyVaultContents: Sendable {
    /// Of this version.
    public let stamp: KeyVaultStamp
    /// The manifest, as the keyring wrote it.
    public let manifest: [UInt8]
    /// The encrypted keys by the names that the manifest gives them, and perhaps some that it does not name.
    public let files: [String: [UInt8]]

    /// What a vault held.
    public init(stamp: KeyVaultStamp, manifest: [UInt8], files: [String: [UInt8]]) {
        self.stamp = stamp
        self.manifest = manifest
        self.files = files
    }
}
