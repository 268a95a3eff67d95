import JOSE

/// The `claims` parameter (OpenID Connect Core §5.5): single claims asked for beside the scopes. It can ask for what the
/// application may have anyway, never for more, and never for somebody else.
public struct ClaimsRequest: Sendable, Hashable {
    /// How one claim is asked for.
    public struct Entry: Sendable, Hashable {
        /// The application cannot do without it. Missing, it is left out all the same (OIDC Core §5.5.1).
        public let isEssential: Bool
        /// The values wanted, when it matters (`acr`, `sub`).
        public let values: [String]
    }

    /// The claims wanted from userinfo.
    public let userInfo: [String: Entry]
    /// The claims wanted in the ID token.
    public let idToken: [String: Entry]

    /// Nothing asked for.
    public static let none = ClaimsRequest(userInfo: [:], idToken: [:])

    init(userInfo: [String: Entry], idToken: [String: Entry]) {
        self.userInfo = userInfo
        self.idToken = idToken
    }

    /// Reads the parameter.
    ///
    /// - Returns: `nil` when it is not an object of the form of §5.5.
    public init?(parsing text: String) {
        guard let json = try? JSONValue(parsing: text.utf8, maximumLength: 8192, maximumDepth: 6),
            let members = json.object, let userInfo = Self.entries(members["userinfo"]),
            let idToken = Self.entries(members["id_token"])
        else { return nil }
        self.init(userInfo: userInfo, idToken: idToken)
    }

    private static func entries(_ json: JSONValue?) -> [String: Entry]? {
        guard let json, json != .null else { return [:] }
        guard let members = json.object, members.count <= 64 else { return nil }
        var entries: [String: Entry] = [:]
        for (name, wish) in members {
            switch wish {
            case .null: entries[name] = Entry(isEssential: false, values: [])
            case .object(let parts):
                var values: [String] = []
                if let value = parts["value"]?.string { values.append(value) }
                if let several = parts["values"]?.array { values += several.compactMap(\.string) }
                entries[name] = Entry(isEssential: parts["essential"]?.bool ?? false, values: values)
            default: return nil
            }
        }
        return entries
    }
}
