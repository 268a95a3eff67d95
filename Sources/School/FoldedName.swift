internal import Foundation

/// A name as it is compared: upper case, no accents, and one blank for whatever stands between words (blank, hyphen,
/// apostrophe, full stop, in all their typographic variants).
///
/// Folding never transliterates: a Cyrillic А stays another letter than a Latin A. An empty name is equal to no name.
public struct FoldedName: Sendable, Hashable, CustomStringConvertible {
    /// The words, in their order; none when nothing of the text is a letter or a digit.
    public let words: [String]

    /// The longest text that is folded, in Unicode scalars: FranceConnect's `family_name` has at most 256 characters.
    public static let longest = 256

    /// The name written in `text`. A text longer than ``longest`` has no words, hence is nobody's name.
    public init(_ text: String) {
        guard text.unicodeScalars.prefix(Self.longest + 1).count <= Self.longest else {
            words = []
            return
        }
        var folded = String.UnicodeScalarView()
        for scalar in text.decomposedStringWithCompatibilityMapping.unicodeScalars {
            Self.append(scalar, to: &folded)
        }
        words = String(folded).split(separator: " ").map(String.init)
    }

    /// The name made of these words, which are folded already.
    package init(words: [String]) { self.words = words }

    /// The words with one blank between them.
    public var description: String { words.joined(separator: " ") }

    /// Whether there is nothing to compare.
    public var isEmpty: Bool { words.isEmpty }

    /// The words without what stands between them: `LE GALL` and `LEGALL` have the same letters.
    public var letters: String { words.joined() }

    /// The words that are no particles; none when there are only particles (`Lê`, `Van` as a whole name).
    public var withoutParticles: [String] { words.filter { !Self.particles.contains($0) } }

    /// Words that files and people leave out, before or inside a family name.
    static let particles: Set<String> = [
        "D", "DE", "DU", "DES", "L", "LA", "LE", "LES", "VAN", "VON", "VOM", "DER", "DEN", "TEN", "TER", "ZU", "ZUM",
        "ZUR", "DI", "DA", "DAL", "DEL", "DELLA", "DELLE", "DEGLI", "DO", "DOS", "DAS", "BEN", "BENT", "BIN", "BINT",
        "IBN", "OULD",
        "OULED", "AIT", "EL", "AL", "ED", "ES", "EZ",
    ]

    private static func append(_ scalar: Unicode.Scalar, to folded: inout String.UnicodeScalarView) {
        let properties = scalar.properties
        let category = properties.generalCategory
        // Accents have a combining class; the vowel signs of the scripts of India have none, and are letters.
        let isAccent = category == .nonspacingMark && properties.canonicalCombiningClass != .notReordered
        if isAccent || category == .format || properties.isDefaultIgnorableCodePoint { return }
        for capital in properties.uppercaseMapping.unicodeScalars {
            if let spelled = plain[capital] {
                folded.append(contentsOf: spelled.unicodeScalars)
            } else if isLetter(capital) {
                folded.append(capital)
            } else {
                folded.append(" ")
            }
        }
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .otherLetter, .decimalNumber, .letterNumber,
            .otherNumber, .nonspacingMark, .spacingMark, .enclosingMark:
            true
        // Modifier letters (ʼ ʻ ʾ ʹ) are written for apostrophes.
        default: false
        }
    }

    /// Capital letters to which Unicode gives no decomposition, in the spelling of French registers.
    private static let plain: [Unicode.Scalar: String] = [
        "Æ": "AE", "Œ": "OE", "ẞ": "SS", "Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "Ɖ": "D", "Þ": "TH", "Ħ": "H",
        "Ŧ": "T",
        "Ŋ": "N", "Ɲ": "N", "ĸ": "K", "Ɓ": "B", "Ɗ": "D", "Ƙ": "K", "Ɠ": "G", "Ƴ": "Y", "Ɨ": "I", "Ɛ": "E", "Ɔ": "O",
    ]
}
