internal import Yams

/// A YAML value with its place: all of YAML that a configuration needs. Numbers and truth values stay text here,
/// so that `no`, `0123` and `1e3` mean what they say.
struct YAMLTree {
    /// A key and its value.
    struct Entry {
        let key: String
        let position: Position
        let value: YAMLTree
    }

    /// The three kinds of value.
    enum Kind {
        /// Text; `isPlain` when it was written without quotation marks.
        case scalar(String, isPlain: Bool)
        /// A list.
        case sequence([YAMLTree])
        /// Keys and values in the order of the file.
        case mapping([Entry])
    }

    let kind: Kind
    let position: Position

    /// Nothing was written: `key:`, `key: ~` or `key: null`.
    var isNull: Bool {
        if case .scalar(let text, isPlain: true) = kind { return ["", "~", "null"].contains(text) }
        return false
    }

    /// What it is, for people.
    var kindName: String {
        switch kind {
        case .scalar: isNull ? "nothing" : "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping of keys"
        }
    }

    /// The tree written as `text`; an empty document is an empty mapping.
    static func parse(_ text: String, file: String) throws(SettingsError) -> YAMLTree {
        do {
            // Without rules, every plain scalar stays a string: we read numbers ourselves, strictly.
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            // The parser alone keeps the anchors alive until the walk has seen them. It refuses more than 1,000 levels.
            return try withExtendedLifetime(parser) {
                guard let root = try parser.singleRoot() else {
                    return YAMLTree(kind: .mapping([]), position: Position(line: 1, column: 1))
                }
                return try tree(of: root, file: file)
            }
        } catch let error as SettingsError {
            throw error
        } catch let error as YamlError {
            throw SettingsError(error, file: file, text: text)
        } catch {
            throw SettingsError(.notYAML, file: file, "cannot be read as YAML.")
        }
    }

    private static func tree(of node: Node, file: String) throws -> YAMLTree {
        let position = node.mark.map { Position(line: $0.line, column: $0.column) } ?? Position(line: 1, column: 1)
        func refuse(_ reason: String) -> SettingsError {
            SettingsError(.notYAML, file: file, position: position, reason)
        }
        // An anchor stands before its aliases: refusing the first one met never expands a bomb.
        guard node.anchor == nil else {
            throw refuse("anchors (&name) and aliases (*name) are not accepted. Write the value out where it is used.")
        }
        switch node {
        case .scalar(let scalar):
            guard ["", Tag.Name.str.rawValue].contains(scalar.tag.rawValue) else { throw refuse(tagReason) }
            let isPlain = scalar.style == .plain && scalar.tag.rawValue.isEmpty
            return YAMLTree(kind: .scalar(scalar.string, isPlain: isPlain), position: position)
        case .sequence(let sequence):
            guard ["", Tag.Name.seq.rawValue].contains(sequence.tag.rawValue) else { throw refuse(tagReason) }
            return YAMLTree(kind: .sequence(try sequence.map { try tree(of: $0, file: file) }), position: position)
        case .mapping(let mapping):
            guard ["", Tag.Name.map.rawValue].contains(mapping.tag.rawValue) else { throw refuse(tagReason) }
            var entries: [Entry] = []
            for (keyNode, valueNode) in mapping {
                let key = try tree(of: keyNode, file: file)
                guard case .scalar(let name, _) = key.kind, !name.isEmpty, name != "<<" else {
                    throw SettingsError(
                        .notYAML, file: file, position: key.position,
                        "a key must be a plain word. Merge keys (<<), empty keys and nested keys are not accepted.")
                }
                entries.append(Entry(key: name, position: key.position, value: try tree(of: valueNode, file: file)))
            }
            return YAMLTree(kind: .mapping(entries), position: position)
        case .alias:
            throw refuse("aliases (*name) are not accepted. Write the value out.")
        }
    }

    private static let tagReason = "tags (!name) are not accepted. Write the value without it."
}

extension SettingsError {
    /// The parser's complaint in our words, with its line.
    fileprivate init(_ error: YamlError, file: String, text: String) {
        func place(_ mark: Mark) -> Position { Position(line: max(1, mark.line), column: max(1, mark.column)) }
        switch error {
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map(quoted).joined(separator: ", ")
            self.init(
                .duplicateKey, file: file, position: place(context.mark),
                "the key \(names) stands more than once in the same mapping, first here. Keep one.")
        case .scanner(_, _, let mark, _) where Self.indentationHasTab(text, line: mark.line):
            self.init(
                .notYAML, file: file, position: place(mark), "a tab in the indentation. YAML wants spaces there.")
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
            self.init(
                .notYAML, file: file, position: place(mark),
                "not valid YAML: \(problem). Check the indentation, the colons and the quotation marks here.")
        case .composer(_, let problem, let mark, _):
            let reason =
                problem.contains("another document")
                ? "a second document (---) begins here. Keep one document per file."
                : "\(problem). Anchors (&name) and aliases (*name) are not accepted: write the value out."
            self.init(.notYAML, file: file, position: place(mark), reason)
        case .reader(let problem, let offset, let value, _):
            let before = text.utf8.prefix(max(0, offset ?? 0))
            let line = 1 + before.count { $0 == UInt8(ascii: "\n") }
            self.init(
                .notYAML, file: file, position: Position(line: line, column: 1),
                "\(problem) (U+\(String(value, radix: 16, uppercase: true))). Remove that character.")
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            self.init(.notYAML, file: file, "cannot be read as YAML.")
        }
    }

    private static func indentationHasTab(_ text: String, line: Int) -> Bool {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.indices.contains(line - 1) else { return false }
        return lines[line - 1].prefix { $0 == " " || $0 == "\t" }.contains("\t")
    }
}
