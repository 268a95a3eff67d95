extension SettingsNode {
    /// The mapping under `key`; when there is none, an empty one, whose required keys then ask for themselves.
    ///
    /// - Throws: ``SettingsError`` when something else stands there.
    public func mapping(_ key: String) throws(SettingsError) -> SettingsNode {
        try node(key, variable: variableName(key)) ?? child(key, [], position, variable: variableName(key))
    }

    /// The mapping under `key`; `nil` when the file has none and no environment variable begins with its name.
    ///
    /// - Throws: ``SettingsError`` when something else stands there.
    public func optionalMapping(_ key: String) throws(SettingsError) -> SettingsNode? {
        let name = variableName(key)
        if let node = try node(key, variable: name) { return node }
        guard source.environment.keys.contains(where: { $0.hasPrefix(name + "_") }) else { return nil }
        return child(key, [], position, variable: name)
    }

    /// The mappings listed under `key`, in order; none when there is no such key.
    ///
    /// - Throws: ``SettingsError`` when something else stands there.
    public func mappings(_ key: String) throws(SettingsError) -> [SettingsNode] {
        known.insert(key)
        guard let value = entry(key)?.value, !value.isNull else { return [] }
        guard case .sequence(let items) = value.kind else { throw wrongType(key, value, "a list of mappings") }
        var nodes: [SettingsNode] = []
        for (index, item) in items.enumerated() {
            guard case .mapping(let entries) = item.kind else {
                throw wrongType("\(key)[\(index + 1)]", item, "a mapping of keys")
            }
            nodes.append(
                child("\(key)[\(index + 1)]", entries, item.position, variable: "\(variableName(key))_\(index + 1)"))
        }
        return nodes
    }

    /// The mappings under `key`, each with the name that the file gives it, in the order of the file.
    ///
    /// - Throws: ``SettingsError`` when something else stands there.
    public func namedMappings(_ key: String) throws(SettingsError) -> [(name: String, node: SettingsNode)] {
        guard let parent = try node(key, variable: variableName(key)) else { return [] }
        var nodes: [(name: String, node: SettingsNode)] = []
        for entry in parent.entries {
            nodes.append((entry.key, try parent.mapping(entry.key)))
        }
        return nodes
    }

    /// The texts listed under `key`, in order, or `fallback`; without one, an error.
    ///
    /// - Throws: ``SettingsError`` when there is none, or an element is empty or no text.
    public func stringList(_ key: String, default fallback: [String]? = nil) throws(SettingsError) -> [String] {
        known.insert(key)
        if let text = try environmentList(key) { return text }
        guard let value = entry(key)?.value, !value.isNull else {
            guard let fallback else { throw missing(key, "a list of texts") }
            return fallback
        }
        guard case .sequence(let items) = value.kind else { throw wrongType(key, value, "a list of texts") }
        var texts: [String] = []
        for (index, item) in items.enumerated() {
            guard case .scalar(let text, _) = item.kind, !item.isNull, !text.isEmpty else {
                throw wrongType("\(key)[\(index + 1)]", item, "some text")
            }
            texts.append(text)
        }
        return texts
    }

    /// The cases of `type` listed under `key`, each once, in order, or `fallback`; without one, an error.
    ///
    /// - Throws: ``SettingsError`` when there is none, an element names no case, or one stands twice.
    public func enumerationList<Value: RawRepresentable<String> & CaseIterable & Hashable>(
        _ key: String, of type: Value.Type = Value.self, default fallback: [Value]? = nil
    ) throws(SettingsError) -> [Value] {
        var values: [Value] = []
        guard has(key) || fallback == nil else { return fallback ?? [] }
        for text in try stringList(key) {
            guard let value = Value(rawValue: text) else { throw unknownChoice(key, text, type) }
            guard !values.contains(value) else { throw error(at: key, "\(quoted(text)) stands twice. Keep one.") }
            values.append(value)
        }
        return values
    }

    /// The texts under `key`, each with its name, in the order of the file; none when there is no such key.
    ///
    /// - Throws: ``SettingsError`` when something else stands there, or a value is empty or no text.
    public func strings(_ key: String) throws(SettingsError) -> [(name: String, value: String)] {
        guard let parent = try node(key, variable: variableName(key)) else { return [] }
        var values: [(name: String, value: String)] = []
        for entry in parent.entries {
            values.append((entry.key, try parent.string(entry.key)))
        }
        return values
    }

    private func environmentList(_ key: String) throws(SettingsError) -> [String]? {
        let name = variableName(key)
        guard let text = source.environment[name] else { return nil }
        source.variables.insert(name)
        let items = text.split(separator: ",", omittingEmptySubsequences: false).map { item in
            String(item.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        guard !items.contains("") else { throw error(at: key, "an element is empty. Write a,b,c.") }
        return items
    }

    private func node(_ key: String, variable: String) throws(SettingsError) -> SettingsNode? {
        known.insert(key)
        guard let value = entry(key)?.value, !value.isNull else { return nil }
        guard case .mapping(let entries) = value.kind else { throw wrongType(key, value, "a mapping of keys") }
        return child(key, entries, value.position, variable: variable)
    }

    private func child(
        _ key: String, _ entries: [YAMLTree.Entry], _ position: Position, variable: String
    ) -> SettingsNode {
        // Asked for twice, it is the same cursor: what either reader knows is known.
        if let node = source.nodes.first(where: { $0.keyPath == path(key) }) { return node }
        return SettingsNode(
            entries: entries, position: position, keyPath: path(key), variable: variable, source: source)
    }
}
