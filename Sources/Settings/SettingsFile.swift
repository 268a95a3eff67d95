internal import Foundation

/// What a configuration file gave.
public struct SettingsReading<Value> {
    /// What the body made of it.
    public let value: Value
    /// What an operator should know though nothing is wrong, such as a secret that everybody can read; one sentence each.
    public let warnings: [String]
    /// Every file that was read, the configuration first, then the secrets: what to watch for changes.
    public let files: [String]
    /// Every environment variable that was used.
    public let variables: Set<String>
}

extension SettingsReading: Sendable where Value: Sendable {}

/// Reads a YAML file strictly: what nothing reads, stands twice or has the wrong kind is refused with its line.
///
/// Any single value can come from the environment instead, where it wins over the file: `mail.port` under the
/// prefix `LOGE` is `LOGE_MAIL_PORT`; in a list of mappings the number of the element counts from 1
/// (`LOGE_DOORS_2_NAME`); a list of texts is separated by commas. Every character that is neither letter nor digit
/// becomes `_`.
public enum SettingsFile {
    /// The largest file accepted, in bytes.
    public static let sizeLimit = 1 << 20

    /// Reads the file at `path` and lets `body` take what it knows; what then remains is an unknown key.
    ///
    /// - Parameters:
    ///   - path: the file; errors name it in these words.
    ///   - environment: the variables that may override it.
    ///   - prefix: the first word of their names.
    ///   - body: takes the values from the cursor on the whole file.
    /// - Throws: ``SettingsError``, or what `body` throws.
    public static func read<Value>(
        path: String, environment: [String: String] = [:], prefix: String = "LOGE",
        _ body: (SettingsNode) throws -> Value
    ) throws -> SettingsReading<Value> {
        let file = try OpenedFile.read(path, named: path, role: "configuration file", limit: sizeLimit)
        guard let text = file.text else {
            throw SettingsError(.unreadableFile, file: path, "is not UTF-8 text. Save it again as UTF-8.")
        }
        let source = SettingsSource(
            file: path, isWorldReadable: file.isWorldReadable, environment: environment, prefix: prefix)
        return try read(text, source, body)
    }

    /// Reads `text` as if it were the file `name`: for settings that come from the environment alone, and for tests.
    ///
    /// - Throws: ``SettingsError``, or what `body` throws.
    public static func read<Value>(
        text: String, name: String, environment: [String: String] = [:], prefix: String = "LOGE",
        _ body: (SettingsNode) throws -> Value
    ) throws -> SettingsReading<Value> {
        let source = SettingsSource(file: name, isWorldReadable: false, environment: environment, prefix: prefix)
        return try read(text, source, body)
    }

    private static func read<Value>(
        _ text: String, _ source: SettingsSource, _ body: (SettingsNode) throws -> Value
    ) throws -> SettingsReading<Value> {
        let marked = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        let tree = try YAMLTree.parse(marked, file: source.file)
        guard case .mapping(let entries) = tree.kind else {
            throw SettingsError(
                .wrongType, file: source.file, position: tree.position,
                "the file must hold keys with values (key: value), not \(tree.kindName).")
        }
        let root = SettingsNode(
            entries: entries, position: tree.position, keyPath: "", variable: source.prefix, source: source)
        let value = try body(root)
        try source.refuseUnknownKeys()
        return SettingsReading(
            value: value, warnings: source.warnings, files: source.files, variables: source.variables)
    }
}

/// What all cursors of one file share.
final class SettingsSource {
    let file: String
    let isWorldReadable: Bool
    let environment: [String: String]
    let prefix: String
    var nodes: [SettingsNode] = []
    var warnings: [String] = []
    var files: [String]
    var variables: Set<String> = []

    init(file: String, isWorldReadable: Bool, environment: [String: String], prefix: String) {
        self.file = file
        self.isWorldReadable = isWorldReadable
        self.environment = environment
        self.prefix = prefix
        self.files = [file]
    }

    /// The first key in the file that nobody asked for is an error.
    func refuseUnknownKeys() throws(SettingsError) {
        var first: (entry: YAMLTree.Entry, node: SettingsNode)?
        for node in nodes {
            for entry in node.entries where !node.known.contains(entry.key) {
                if let held = first, held.entry.position.line <= entry.position.line { continue }
                first = (entry, node)
            }
        }
        guard let (entry, node) = first else { return }
        var reason = "unknown key \(quoted(entry.key))"
        if !node.keyPath.isEmpty { reason += " in \(node.keyPath)" }
        reason += node.known.isEmpty ? ". No key is accepted here." : ". Accepted here: \(node.acceptedKeys)."
        if let near = nearest(to: entry.key, among: node.known) { reason += " Did you mean \(quoted(near))?" }
        throw SettingsError(
            .unknownKey, file: file, position: entry.position, keyPath: node.path(entry.key), reason)
    }
}
