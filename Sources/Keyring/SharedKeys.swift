public import Stores

/// The keys in a database that nodes share. A change is one transaction there, so that no file is ever without a line.
public struct SharedKeys: KeyVault {
    /// Where that is, in words for an operator.
    public let place = "the database"
    private let store: any KeyStore

    /// The keys in `store`.
    public init(_ store: any KeyStore) { self.store = store }

    /// The revision of the keys, in one short read.
    public func stamp() async throws -> KeyVaultStamp? {
        try await asked { try await store.revision().map(KeyVaultStamp.init(revision:)) }
    }

    /// Manifest and files of one revision.
    public func contents() async throws -> KeyVaultContents? {
        try await asked {
            try await store.keys().map { held in
                KeyVaultContents(
                    stamp: KeyVaultStamp(revision: held.revision), manifest: held.manifest, files: held.files)
            }
        }
    }

    /// Replaces the keys, if their revision is still the one that was seen.
    public func replace(
        _ seen: KeyVaultContents?, manifest: [UInt8], adding files: [String: [UInt8]], removing names: [String]
    ) async throws -> KeyVaultStamp? {
        // A stamp without a revision was read off another vault: nothing here can be the same.
        if let seen, seen.stamp.revision == nil { return nil }
        return try await asked {
            try await store.replace(seen?.stamp.revision, manifest: manifest, adding: files, removing: names)
                .map(KeyVaultStamp.init(revision:))
        }
    }

    private func asked<Answer>(_ question: () async throws -> Answer) async throws -> Answer {
        do {
            return try await question()
        } catch let error as StoreError {
            switch error.code {
            case .unavailable, .newerSchema, .conflict, .unexpected:
                throw KeyringError(.unreachable, "the keys in \(place) are out of reach: \(error)")
            case .cannotWrite:
                throw KeyringError(.fileFailure, "the keys in \(place) cannot be written: \(error)")
            case .corrupted:
                throw KeyringError(.damaged, "the keys in \(place) are damaged: \(error)")
            }
        }
    }
}
