/// The digits of a number as typed, and whether a `+` stands in front of them.
///
/// What passes is read the same by everybody: digits of one script (an Arabic keyboard has its own), what people put
/// between digits, brackets that match, and the marks that telephones put around a number that is copied. All else is
/// refused, rather than skipped.
struct DialledText {
    /// Each 0 to 9, at least one, at most ``mostDigits``.
    let digits: [UInt8]
    /// Whether a `+` stands in front.
    let isInternational: Bool
    /// Whether a slash stands between digits: in some countries it means "or".
    let hasSlash: Bool

    /// E.164 §6.2.1 has at most fifteen; `00` and a trunk prefix may come before.
    static let mostDigits = 18

    init(_ text: some StringProtocol) throws(PhoneRefusal) {
        guard text.utf8.count <= PhoneNumber.longestText else { throw .tooLong }
        var reader = Reader()
        for scalar in text.unicodeScalars { try reader.read(scalar) }
        guard !reader.isInBrackets else { throw .unexpectedCharacter }
        guard !reader.digits.isEmpty else { throw .empty }
        guard reader.digits.count <= Self.mostDigits else { throw .wrongLength }
        digits = reader.digits
        isInternational = reader.hasPlus
        hasSlash = reader.hasSlash
    }
}

extension DialledText {
    private struct Reader {
        var digits: [UInt8] = []
        var hasPlus = false
        var hasSlash = false
        var isInBrackets = false
        /// How many digits there were when the bracket was opened.
        private var digitsBeforeBracket = 0
        /// The zero of the script that the digits are written in.
        private var zero: UInt32?
        /// Whether a line has ended behind digits.
        private var isOver = false

        mutating func read(_ scalar: Unicode.Scalar) throws(PhoneRefusal) {
            if let zero = Self.zero(of: scalar) {
                // Two lines are two numbers, and a number in two scripts was written by no keyboard.
                guard !isOver, self.zero == nil || self.zero == zero else { throw .unexpectedCharacter }
                self.zero = zero
                digits.append(UInt8(scalar.value - zero))
                return
            }
            switch scalar {
            case "+", "\u{FF0B}":
                guard !hasPlus, digits.isEmpty else { throw .unexpectedCharacter }
                hasPlus = true
            case "(":
                guard !isInBrackets else { throw .unexpectedCharacter }
                isInBrackets = true
                digitsBeforeBracket = digits.count
            case ")":
                guard isInBrackets, digits.count > digitsBeforeBracket else { throw .unexpectedCharacter }
                isInBrackets = false
            case "/":
                hasSlash = true
            case "\n", "\r":
                isOver = !digits.isEmpty
            default:
                guard Self.isSeparator(scalar) || Self.isMark(scalar) else { throw .unexpectedCharacter }
            }
        }

        /// The zero of the digit's script: ASCII, Arabic-Indic, its eastern form (Persian, Urdu), full width.
        private static func zero(of scalar: Unicode.Scalar) -> UInt32? {
            switch scalar.value {
            case 0x30...0x39: 0x30
            case 0x660...0x669: 0x660
            case 0x6F0...0x6F9: 0x6F0
            case 0xFF10...0xFF19: 0xFF10
            default: nil
            }
        }

        /// Blanks (also those that do not break), dots, lines, and the dashes of word processors.
        private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar {
            case " ", "\t", ".", "-", "_", "\u{A0}", "\u{2007}", "\u{2009}", "\u{202F}", "\u{2010}", "\u{2011}",
                "\u{2012}", "\u{2013}":
                true
            default: false
            }
        }

        /// Direction marks, and the embeddings and isolates in which telephones wrap a number (Unicode annex 9), without
        /// U+202E, which shows digits in another order than they have.
        private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.value {
            case 0x200E, 0x200F, 0x202A, 0x202C, 0x202D, 0x2066, 0x2068, 0x2069, 0xFEFF: true
            default: false
            }
        }
    }
}
