public import Cryptography
internal import Foundation

extension SettingsNode {
    /// The secret of `key`: written there, or in the file that `<key>_file` names (relative to this file), whose one
    /// trailing line end is not part of it.
    ///
    /// - Throws: ``SettingsError`` when there is none or both, or its file cannot be read or is empty. It never shows
    ///   the secret.
    public func secret(_ key: String) throws(SettingsError) -> SecretBytes {
        guard let secret = try optionalSecret(key) else {
            throw missing(key, "\(key)_file: the path of a file that holds it")
        }
        return secret
    }

    /// Like ``secret(_:)``; `nil` when there is none.
    ///
    /// - Throws: ``SettingsError`` when there are both, or its file cannot be read or is empty.
    public func optionalSecret(_ key: String) throws(SettingsError) -> SecretBytes? {
        let fileKey = key + "_file"
        known.formUnion([key, fileKey])
        let inEnvironment = [key, fileKey].map { source.environment[variableName($0)] != nil }
        let inFile = [key, fileKey].map { entry($0).map { !$0.value.isNull } ?? false }
        // The environment wins as a whole: its `key` replaces the file's `key_file`.
        let places = inEnvironment.contains(true) ? inEnvironment : inFile
        switch (places[0], places[1]) {
        case (false, false): return nil
        case (true, true):
            throw error(at: fileKey, "\(key) and \(fileKey) are both given. Keep one.")
        case (true, false):
            guard let found = try find(key), !found.text.isEmpty else {
                throw error(at: key, "the secret is empty. Write it, or remove the key.")
            }
            if !inEnvironment[0], source.isWorldReadable {
                source.warnings.append(
                    "\(source.file) holds the secret \(path(key)) and every user of this machine can read it. "
                        + "Run: chmod o-r \(source.file)")
            }
            return SecretBytes(utf8: found.text)
        case (false, true): return try secretFile(fileKey)
        }
    }

    private func secretFile(_ fileKey: String) throws(SettingsError) -> SecretBytes {
        let written = try string(fileKey)
        let folder = (source.file as NSString).deletingLastPathComponent
        let file = written.hasPrefix("/") || folder.isEmpty ? written : folder + "/" + written
        let opened: OpenedFile
        do {
            opened = try OpenedFile.read(file, named: source.file, role: "secret file", limit: 1 << 16)
        } catch {
            throw self.error(at: fileKey, error.reason)
        }
        var bytes = opened.bytes
        if bytes.last == 0x0A { bytes.removeLast() }
        if bytes.last == 0x0D { bytes.removeLast() }
        guard !bytes.isEmpty else { throw error(at: fileKey, "the secret file \(quoted(file)) is empty.") }
        source.files.append(file)
        if opened.isWorldReadable {
            source.warnings.append(
                "\(file) holds the secret of \(path(fileKey)) and every user of this machine can read it. "
                    + "Run: chmod o-r \(file)")
        }
        return SecretBytes(bytes)
    }
}
