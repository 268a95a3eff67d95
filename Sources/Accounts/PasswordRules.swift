public import Cryptography
internal import Foundation
public import Stores

/// Why a password was not accepted.
public enum PasswordRuleFailure: Sendable, Hashable {
    /// Fewer than that many characters.
    case tooShort(minimum: Int)
    /// More than that many bytes.
    case tooLong(maximumBytes: Int)
    /// Fewer than that many kinds of characters (small letters, capitals, digits, others).
    case tooFewClasses(wanted: Int)
    /// Holds the login.
    case containsLogin
    /// Holds the given name or the family name.
    case containsName
    /// One of those that everybody tries first.
    case tooCommon
    /// The activation code of the letter, which is no secret of the person.
    case isActivationCode
}

/// What a new password has to be. The same rules everywhere a password is chosen; pages may show them live, this decides.
public struct PasswordRules: Sendable, Hashable {
    /// No setting goes below that many characters.
    public static let floor = 8

    /// How many characters (code points after NFC) at least.
    public let minLength: Int
    /// How many of the four kinds of characters at least, 0 to 4.
    public let classes: Int
    /// How many bytes at most: as many as the hasher looks at.
    public let maxBytes: Int

    /// Rules; those below ``floor`` or outside the limits are brought inside.
    public init(minLength: Int = 12, classes: Int = 0, maxBytes: Int = PasswordHasher.longestPassword) {
        self.minLength = max(minLength, Self.floor)
        self.classes = min(max(classes, 0), 4)
        self.maxBytes = min(max(maxBytes, 64), PasswordHasher.longestPassword)
    }

    /// Every rule that `password` breaks for this person; empty when it is accepted.
    public func failures(of password: String, login: Login, person: Person) -> [PasswordRuleFailure] {
        let text = password.precomposedStringWithCanonicalMapping
        // A megabyte is not looked into.
        guard text.utf8.count <= maxBytes else { return [.tooLong(maximumBytes: maxBytes)] }
        var failures: [PasswordRuleFailure] = []
        if text.unicodeScalars.count < minLength { failures.append(.tooShort(minimum: minLength)) }
        if Self.classes(in: text) < classes { failures.append(.tooFewClasses(wanted: classes)) }
        let folded = Self.fold(text)
        if folded.contains(Self.fold(login.description)) { failures.append(.containsLogin) }
        let names = [person.givenName, person.familyName]
        if names.contains(where: { Self.holds(folded, name: $0) }) { failures.append(.containsName) }
        if CommonPasswords.contain(text) { failures.append(.tooCommon) }
        return failures
    }

    private static func classes(in text: String) -> Int {
        var seen: Set<Int> = []
        for character in text {
            if character.isLowercase {
                seen.insert(0)
            } else if character.isUppercase {
                seen.insert(1)
            } else if character.isNumber {
                seen.insert(2)
            } else {
                seen.insert(3)
            }
        }
        return seen.count
    }

    /// A name of one or two letters is in half of all passwords: it does not count.
    private static func holds(_ folded: String, name: String) -> Bool {
        let name = fold(name)
        return name.count >= 3 && folded.contains(name)
    }

    /// Without case and accents.
    private static func fold(_ text: String) -> String {
        text.folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil)
    }
}
