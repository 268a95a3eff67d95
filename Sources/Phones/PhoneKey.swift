/// What all the spellings of one number have in common, and what a person is looked up by.
///
/// In the French plan the key is the nine digits behind +33, whatever code was written; elsewhere it is the E.164 form. It
/// fits in a column of whole numbers, and equal keys are equal lines.
///
/// It is written out masked: whoever needs the digits asks for ``e164`` or ``display``.
public struct PhoneKey: Sendable, Hashable, Comparable, RawRepresentable, CustomStringConvertible {
    /// The digits as a whole number, country code first.
    public let rawValue: Int64

    /// A key that was stored; `nil` when it cannot have been one.
    public init?(rawValue: Int64) {
        // E.164 §6.2.1: at most fifteen digits.
        guard (1_000_000..<1_000_000_000_000_000).contains(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    init(french plan: FrenchPlan) { rawValue = 33_000_000_000 + Int64(plan.significant) }

    init(_ number: InternationalNumber) { rawValue = Int64(number.number) }

    private var french: FrenchPlan? {
        // No other country's code begins with 33.
        guard (33_100_000_000..<34_000_000_000).contains(rawValue) else { return nil }
        return FrenchPlan(significant: Int(rawValue - 33_000_000_000))
    }

    /// The form in which a message is sent to it, with the territory's own code (ITU-T E.164).
    public var e164: String { "+" + (french?.international ?? String(rawValue)) }

    /// The usual spelling: `06 12 34 56 70`, `+262 692 00 00 07`, `+44 7911 123456`. Reading it gives the key again.
    public var display: String { french?.display ?? InternationalNumber.display(UInt64(rawValue)) }

    /// What a page may show to somebody who has proved nothing yet: the last two digits, and not even the country.
    public var masked: String { "•• •• •• •• " + lastTwoDigits }

    /// The last two digits, for a sentence that is read aloud.
    public var lastTwoDigits: String { String(String(rawValue).suffix(2)) }

    /// The masked form.
    public var description: String { masked }

    /// In the order of the whole numbers.
    public static func < (left: PhoneKey, right: PhoneKey) -> Bool { left.rawValue < right.rawValue }
}
