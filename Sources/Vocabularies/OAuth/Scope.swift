/// A list of scope values (RFC 6749 §3.3), each once, in the order given.
public struct Scope: Sendable, Hashable, CustomStringConvertible {
    /// The values.
    public let values: [String]

    /// The values given; what stands twice is kept once.
    public init(_ values: [String]) {
        var seen: Set<String> = []
        self.values = values.filter { seen.insert($0).inserted }
    }

    /// Reads blank-separated values.
    ///
    /// - Returns: `nil` when a value holds a character outside of `%x21 / %x23-5B / %x5D-7E`.
    public init?(parsing text: String) {
        let parts = text.split(separator: " ").map(String.init)
        for part in parts {
            guard part.utf8.allSatisfy({ $0 == 0x21 || (0x23...0x5B).contains($0) || (0x5D...0x7E).contains($0) })
            else {
                return nil
            }
        }
        self.init(parts)
    }

    /// Whether the value is among them.
    public func contains(_ value: String) -> Bool { values.contains(value) }

    /// The values that are also in `allowed`, in their order here.
    public func limited(to allowed: Scope) -> Scope { Scope(values.filter(allowed.contains)) }

    /// The values, a blank between them.
    public var description: String { values.joined(separator: " ") }
}
