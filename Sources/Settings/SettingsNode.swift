/// A cursor on one mapping of a configuration file. Every read marks its key as known.
///
/// Reads throw a ``SettingsError`` that names the line (or the environment variable) and what is accepted. A cursor is
/// used while the file is being read and not kept.
public final class SettingsNode {
    let entries: [YAMLTree.Entry]
    let position: Position
    /// The keys that lead here, with dots; empty at the top.
    public let keyPath: String
    let variable: String
    let source: SettingsSource
    var known: Set<String> = []

    init(
        entries: [YAMLTree.Entry], position: Position, keyPath: String, variable: String, source: SettingsSource
    ) {
        self.entries = entries
        self.position = position
        self.keyPath = keyPath
        self.variable = variable
        self.source = source
        source.nodes.append(self)
    }

    /// The keys that the file has here, in its order, known or not.
    public var keys: [String] { entries.map(\.key) }

    /// Whether the file or the environment has a value for `key`. Marks the key as known.
    public func has(_ key: String) -> Bool {
        known.insert(key)
        return source.environment[variableName(key)] != nil || entry(key).map { !$0.value.isNull } ?? false
    }

    /// An error about the value of `key`, placed where it was written, for rules that only the caller knows.
    ///
    /// - Parameters:
    ///   - key: a key of this mapping.
    ///   - reason: a sentence or two: what is wrong and what is accepted.
    /// - Returns: the error, to be thrown.
    public func error(at key: String, _ reason: String) -> SettingsError {
        if source.environment[variableName(key)] != nil {
            return SettingsError(
                .wrongValue, file: source.file, keyPath: path(key), variable: variableName(key), reason)
        }
        return SettingsError(
            .wrongValue, file: source.file, position: entry(key)?.value.position ?? position, keyPath: path(key),
            "\(path(key)): \(reason)")
    }

    // MARK: What the readers are made of

    /// Text together with its origin.
    struct Found {
        let text: String
        /// Written in quotation marks, in the file.
        let isQuoted: Bool
    }

    func path(_ key: String) -> String { keyPath.isEmpty ? key : keyPath + "." + key }

    func variableName(_ key: String) -> String {
        let word = key.uppercased().unicodeScalars.map { scalar -> Character in
            ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar) ? Character(scalar) : "_"
        }
        return variable + "_" + String(word)
    }

    var acceptedKeys: String { known.sorted().joined(separator: ", ") }

    func entry(_ key: String) -> YAMLTree.Entry? { entries.first { $0.key == key } }

    /// The single value of `key`, from the environment first; `nil` when neither has one.
    func find(_ key: String) throws(SettingsError) -> Found? {
        known.insert(key)
        let name = variableName(key)
        if let text = source.environment[name] {
            source.variables.insert(name)
            return Found(text: text, isQuoted: false)
        }
        guard let value = entry(key)?.value else { return nil }
        guard case .scalar(let text, let isPlain) = value.kind else {
            throw wrongType(key, value, "a single value")
        }
        if value.isNull { return nil }
        return Found(text: text, isQuoted: !isPlain)
    }

    func wrongType(_ key: String, _ value: YAMLTree, _ expected: String) -> SettingsError {
        SettingsError(
            .wrongType, file: source.file, position: value.position, keyPath: path(key),
            "\(path(key)) must be \(expected), not \(value.kindName).")
    }

    /// The key is not there. A key next to it that looks like it is named: it is the likely slip.
    func missing(_ key: String, _ expected: String) -> SettingsError {
        if let empty = entry(key) {
            return SettingsError(
                .missingKey, file: source.file, position: empty.position, keyPath: path(key),
                "\(path(key)) has no value. Write \(expected), or set \(variableName(key)).")
        }
        let strangers = entries.filter { !known.contains($0.key) }
        if let near = nearest(to: key, among: strangers.map(\.key)), let entry = entry(near) {
            return SettingsError(
                .missingKey, file: source.file, position: entry.position, keyPath: path(key),
                "the key \(quoted(path(key))) is missing. Did you mean it where \(quoted(near)) stands?")
        }
        return SettingsError(
            .missingKey, file: source.file, position: position, keyPath: path(key),
            "the key \(quoted(path(key))) is missing. Write \(expected), or set \(variableName(key)).")
    }
}
