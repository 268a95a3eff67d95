/// One address of a role: its path literal is written once, and mounting, links, redirects, discovery and tests use it.
public struct Route: Sendable, Hashable {
    /// The path, from the slash on.
    public let path: String

    /// The route at `path`.
    public init(_ path: String) { self.path = path }

    /// The path with a query.
    public func with(_ query: [(String, String)]) -> String {
        query.isEmpty ? path : path + "?" + FormFields.encode(query)
    }
}
