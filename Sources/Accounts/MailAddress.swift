/// A mail address of the form that we send to: one `@`, ASCII, nothing that could end a header line (MAIL-02).
public struct MailAddress: Sendable, Hashable, CustomStringConvertible {
    /// The address as typed, without blanks around.
    public let description: String

    /// The address in `typed`; `nil` when it has not the form. Quoted local parts and address literals of RFC 5321 are
    /// refused: no family has one, and attackers do.
    public init?(_ typed: String) {
        guard typed.utf8.count <= 320 else { return nil }
        let text = String(typed.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        // 254: what fits between the angle brackets of RFC 5321 §4.5.3.1.3.
        guard parts.count == 2, text.utf8.count <= 254, Self.isLocalPart(parts[0]), Self.isDomain(parts[1]) else {
            return nil
        }
        description = text
    }

    /// RFC 5322 §3.2.3 dot-atom.
    private static func isLocalPart(_ text: Substring) -> Bool {
        text.utf8.count <= 64
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
                !atom.isEmpty && atom.utf8.allSatisfy { $0.isAlphanumeric || "!#$%&'*+-/=?^_`{|}~".utf8.contains($0) }
            }
    }

    private static func isDomain(_ text: Substring) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { $0.isAlphanumeric || $0 == 0x2D }
            }
            && labels.last?.contains(where: \.isLetter) == true
    }
}

extension UInt8 {
    /// Whether it is an ASCII letter or digit.
    fileprivate var isAlphanumeric: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
    }
}

/// A mobile number as a person types it. Its country and its kind are looked at by whoever sends to it.
public struct MobileNumber: Sendable, Hashable, CustomStringConvertible {
    /// Digits, with a `+` in front when one was typed.
    public let description: String

    /// The number in `typed`, blanks, dots, dashes and brackets taken out; `nil` when it cannot be one.
    public init?(_ typed: String) {
        guard typed.utf8.count <= 40 else { return nil }
        let kept = typed.filter { !" .-()/\u{A0}\u{202F}\t".contains($0) }
        let digits = kept.hasPrefix("+") ? kept.dropFirst() : kept[...]
        // E.164 §6.2.1: at most fifteen digits.
        guard (6...15).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        description = kept
    }
}
