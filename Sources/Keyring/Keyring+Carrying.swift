extension Keyring {
    /// Copies the keys of one vault into another that has none, unchanged and still encrypted: for moving an installation.
    ///
    /// - Returns: how many live keys were copied.
    /// - Throws: ``KeyringError`` `.missing` when there are none to copy, `.occupied` when there are keys in `target`.
    @discardableResult
    public static func carry(from source: any KeyVault, to target: any KeyVault) async throws -> Int {
        guard let held = try await source.contents() else {
            throw KeyringError(.missing, "there are no keys in \(source.place)")
        }
        var files: [String: [UInt8]] = [:]
        for record in try Manifest(parsing: held.manifest).live {
            guard let file = held.files[record.fileName] else {
                throw KeyringError(
                    .fileFailure, "\(record.fileName) cannot be read in \(source.place): check that it is there")
            }
            files[record.fileName] = file
        }
        guard try await target.replace(nil, manifest: held.manifest, adding: files, removing: []) != nil else {
            throw KeyringError(.occupied, "there are keys in \(target.place) already: nothing was copied")
        }
        return files.count
    }
}
