/// The number of a school in the national register: seven digits and a letter, such as `0590116F`.
///
/// The letter is a check (`facts` of the ministries: number mod 23 in an alphabet without I, O, Q), but files with
/// invented zones break it, so a wrong one is told by ``hasValidCheckLetter`` and is not a reason to refuse.
public struct UAI: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The eight characters, upper case.
    public let description: String

    /// The number written in `text`, blanks around it and lower case allowed; `nil` when it has not the form.
    public init?(_ text: some StringProtocol) {
        let upper = text.uppercased().filter { $0 != " " }
        let bytes = Array(upper.utf8)
        guard bytes.count == 8, bytes[..<7].allSatisfy({ (0x30...0x39).contains($0) }),
            (0x41...0x5A).contains(bytes[7])
        else { return nil }
        description = upper
    }

    /// Whether the letter is the one that the seven digits call for.
    public var hasValidCheckLetter: Bool {
        let alphabet = Array("ABCDEFGHJKLMNPRSTUVWXYZ".utf8)
        let number = description.utf8.prefix(7).reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return description.utf8.last == alphabet[number % 23]
    }

    /// Reads the number from its text form.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let uai = UAI(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "a UAI is seven digits and a letter"))
        }
        self = uai
    }

    /// Writes the number as text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
