/// A mail address as it may stand in an SMTP command and in a header: `local-part@domain` of RFC 5321 §4.1.2 in ASCII,
/// without quoted strings and address literals, so that nothing in it can end a line or begin another address (MAIL-02).
public struct Mailbox: Sendable, Hashable {
    /// The address.
    public let address: String
    /// What stands after the `@`.
    public let domain: String

    /// The mailbox written as `address`; `nil` when it has not the form. Nothing is trimmed or repaired.
    public init?(_ address: String) {
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        // RFC 5321 §4.5.3.1: 64 octets, 255 octets, 254 in all between the angle brackets.
        guard address.utf8.count <= 254, parts.count == 2, Self.isDotString(parts[0]), Self.isDomain(parts[1]) else {
            return nil
        }
        self.address = address
        self.domain = String(parts[1])
    }

    private static func isDotString(_ text: Substring) -> Bool {
        text.utf8.count <= 64
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
                !atom.isEmpty && atom.utf8.allSatisfy { $0.isLetterOrDigit || "!#$%&'*+-/=?^_`{|}~".utf8.contains($0) }
            }
    }

    private static func isDomain(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.utf8.first != 0x2D && label.utf8.last != 0x2D
                && label.utf8.allSatisfy { $0.isLetterOrDigit || $0 == 0x2D }
        }
    }
}

extension UInt8 {
    /// Whether it is an ASCII letter or digit.
    var isLetterOrDigit: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
    }
}
