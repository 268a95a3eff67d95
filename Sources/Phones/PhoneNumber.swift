/// A telephone number that belongs to somebody, read from what a file or a person wrote.
///
/// Nothing is guessed: what could be two numbers, or nobody's, has no value of this type and therefore no key, and is
/// refused with its reason. This room knows no person, sends nothing, and asks no network.
public struct PhoneNumber: Sendable, Hashable, CustomStringConvertible {
    /// The longest text looked at, in bytes of UTF-8.
    public static let longestText = 64

    /// What can be done with a number.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A mobile.
        case mobile
        /// A line that stays where it is, or comes with the internet.
        case landline
        /// One of the two: in its country the digits do not tell.
        case mobileOrLandline = "mobile-or-landline"
    }

    /// What it is looked up by.
    public let key: PhoneKey
    /// What can be done with it.
    public let kind: Kind

    /// The number in `text`.
    ///
    /// - Throws: why there is none.
    public init(_ text: some StringProtocol, under rules: PhoneRules = PhoneRules()) throws(PhoneRefusal) {
        self = try PhoneReading(rules: rules).number(in: DialledText(text))
    }

    init(key: PhoneKey, kind: Kind) {
        self.key = key
        self.kind = kind
    }

    /// Whether a code may be sent there: mobiles only.
    public var mayReceiveCode: Bool { kind == .mobile }

    /// The form in which a message is sent to it (ITU-T E.164).
    public var e164: String { key.e164 }

    /// The usual spelling; see ``PhoneKey/display``.
    public var display: String { key.display }

    /// What a page may show to somebody who has proved nothing yet; see ``PhoneKey/masked``.
    public var masked: String { key.masked }

    /// The masked form.
    public var description: String { key.masked }
}
