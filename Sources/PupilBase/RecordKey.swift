/// Where a record of the base stands: the number of its register, and its key there.
public struct RecordKey: Sendable, Hashable, Comparable, CustomStringConvertible, Codable {
    /// The number of the register, as `loge base status` lists it.
    public let register: Int64
    /// The register's own key.
    public let key: String

    /// A record.
    public init(register: Int64, key: String) {
        self.register = register
        self.key = key
    }

    /// `register:key`.
    public var description: String { "\(register):\(key)" }

    /// The record that ``description`` names; `nil` for another form.
    public init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":"), let register = Int64(text[..<colon]) else { return nil }
        self.init(register: register, key: String(text[text.index(after: colon)...]))
    }

    /// By register, then by key.
    public static func < (left: RecordKey, right: RecordKey) -> Bool {
        (left.register, left.key) < (right.register, right.key)
    }
}
