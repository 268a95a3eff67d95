/// What a page template is given: texts, truths, lists and objects, nothing that acts.
public indirect enum PageValue: Sendable, Equatable {
    /// A text; the template escapes it.
    case text(String)
    /// Whether a section stands.
    case flag(Bool)
    /// A section that stands once for each value.
    case list([PageValue])
    /// Names within a section.
    case object([String: PageValue])

    /// The value as the template engine wants it.
    var forTemplate: Any {
        switch self {
        case .text(let text): text
        case .flag(let flag): flag
        case .list(let values): values.map(\.forTemplate)
        case .object(let members): members.mapValues(\.forTemplate)
        }
    }

    /// A text, or nothing at all.
    public static func optional(_ text: String?) -> PageValue { text.map(PageValue.text) ?? .flag(false) }

    /// Hidden form fields.
    public static func hidden(_ pairs: [(String, String)]) -> PageValue {
        .list(pairs.map { ["name": .text($0.0), "value": .text($0.1)] })
    }
}

extension PageValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByStringInterpolation
{
    /// A text.
    public init(stringLiteral value: String) { self = .text(value) }
    /// A truth.
    public init(booleanLiteral value: Bool) { self = .flag(value) }
    /// A list.
    public init(arrayLiteral elements: PageValue...) { self = .list(elements) }
    /// An object; of two members of one name the last stays.
    public init(dictionaryLiteral elements: (String, PageValue)...) {
        self = .object(Dictionary(elements) { $1 })
    }
}
