internal import Foundation
public import Stores

/// Makes the one canonical spelling of what people type into the login field, so that look-ups and counters cannot be
/// got round by spelling (CVE-2025-24806 and its like).
public enum LoginCanonicalizer {
    /// The longest login, in characters of Unicode (code points).
    public static let longest = 128

    /// The login that `typed` means; `nil` when no account could have it.
    ///
    /// NFKC, lower case, blanks around taken off. Blanks and control or invisible characters inside are refused rather
    /// than dropped: two spellings of one login that look different must not both work.
    public static func login(_ typed: String) -> Login? {
        // NFKC can make 18 characters of one: a bound before the work as well as after it.
        guard typed.utf8.count <= longest * 8 else { return nil }
        let folded = typed.precomposedStringWithCompatibilityMapping.lowercased()
            .precomposedStringWithCompatibilityMapping
        let text = folded.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty, text.unicodeScalars.count <= longest, text.unicodeScalars.allSatisfy(isPossible) else {
            return nil
        }
        return Login(canonical: text)
    }

    private static func isPossible(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        if properties.isWhitespace || properties.isDefaultIgnorableCodePoint { return false }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }
}
