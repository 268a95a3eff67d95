extension Manifest: Codable {
    private enum CodingKeys: String, CodingKey {
        case version, keys
        /// Keys of the uses that came later.
        case laterKeys = "later_keys"
    }

    /// A line of `later_keys`: `nil` when its use is one that a still later version knows.
    private struct LaterLine: Decodable {
        private enum CodingKeys: String, CodingKey { case use }

        let record: KeyRecord?

        init(from decoder: any Decoder) throws {
            let use = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .use)
            record = try KeyUse(rawValue: use).map { _ throws in try KeyRecord(from: decoder) }
        }
    }

    /// Reads what ``encode(to:)`` wrote, in this version or an older one.
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        version = try container.decode(Int.self, forKey: .version)
        let later = try container.decodeIfPresent([LaterLine].self, forKey: .laterKeys) ?? []
        keys = try container.decode([KeyRecord].self, forKey: .keys) + later.compactMap(\.record)
    }

    /// Writes the keys, those of later uses apart.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try container.encode(keys.filter { !$0.use.isLater }, forKey: .keys)
        let later = keys.filter(\.use.isLater)
        if !later.isEmpty { try container.encode(later, forKey: .laterKeys) }
    }
}
