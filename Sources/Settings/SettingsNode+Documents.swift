internal import Foundation

extension SettingsNode {
    /// A JSON document of `key`: written there as YAML or as JSON text, or in the file that `<key>_file` names (relative to
    /// this file). For what is public; secrets are read by ``optionalSecret(_:)``.
    ///
    /// - Returns: the bytes, in which every number and truth value of YAML is a text; `nil` when there is no document.
    /// - Throws: ``SettingsError`` when there are both, or the file cannot be read.
    public func optionalDocument(_ key: String) throws(SettingsError) -> [UInt8]? {
        let fileKey = key + "_file"
        switch (has(key), has(fileKey)) {
        case (false, false): return nil
        case (true, true): throw error(at: fileKey, "\(key) and \(fileKey) are both given. Keep one.")
        case (false, true): return try documentFile(fileKey)
        case (true, false): break
        }
        if source.environment[variableName(key)] == nil, let value = entry(key)?.value {
            if case .scalar = value.kind {} else { return json(of: value) }
        }
        return try find(key).map { Array($0.text.utf8) }
    }

    private func documentFile(_ fileKey: String) throws(SettingsError) -> [UInt8] {
        let written = try string(fileKey)
        let folder = (source.file as NSString).deletingLastPathComponent
        let file = written.hasPrefix("/") || folder.isEmpty ? written : folder + "/" + written
        do {
            let bytes = try OpenedFile.read(file, named: source.file, role: "file", limit: 1 << 16).bytes
            source.files.append(file)
            return bytes
        } catch {
            throw self.error(at: fileKey, error.reason)
        }
    }

    private func json(of value: YAMLTree) -> [UInt8] {
        func object(_ value: YAMLTree) -> Any {
            switch value.kind {
            case .scalar(let text, _): value.isNull ? NSNull() : text
            case .sequence(let items): items.map(object)
            case .mapping(let entries): Dictionary(entries.map { ($0.key, object($0.value)) }) { $1 }
            }
        }
        // Nothing but texts, lists and keys: it cannot fail.
        return (try? JSONSerialization.data(withJSONObject: object(value))).map(Array.init) ?? []
    }
}
