public import Clocks

/// One registered relying party: a YAML file, as an operator wrote it.
public struct RelyingPartyFile: Sendable, Hashable {
    /// The name of the file, `pronote.yaml`.
    public let name: String
    /// Its text.
    public let content: String
    /// When it was put there.
    public let changedAt: Instant

    /// A file.
    public init(name: String, content: String, changedAt: Instant) {
        self.name = name
        self.content = content
        self.changedAt = changedAt
    }
}

/// Where nodes that share a database keep the files of their relying parties.
public protocol RelyingPartyStore: Sendable {
    /// A number that grows with every change.
    func revision() async throws -> Int64
    /// Every file, in the order of the names.
    func files() async throws -> [RelyingPartyFile]
    /// Adds the file, or replaces the one of that name.
    func put(_ name: String, content: String, now: Instant) async throws
    /// Removes the file. - Returns: `false` when there is none of that name.
    func remove(_ name: String) async throws -> Bool
}
