/// Digits and the numbers they write.
enum Decimal {
    /// The digits of a positive number, the first one first.
    static func digits(of number: Int) -> [UInt8] { String(number).utf8.map { $0 - 0x30 } }

    /// The number that at most eighteen digits write.
    static func number(of digits: some Sequence<UInt8>) -> UInt64 { digits.reduce(0) { $0 * 10 + UInt64($1) } }

    /// Whether digits fill a field and name nobody: all the same, counting up or down by one, or six zeros at the end.
    static func isFilling(_ digits: some BidirectionalCollection<UInt8>) -> Bool {
        guard let first = digits.first else { return false }
        if digits.allSatisfy({ $0 == first }) || digits.count >= 6 && digits.suffix(6).allSatisfy({ $0 == 0 }) {
            return true
        }
        let steps = zip(digits, digits.dropFirst()).map { ($1 + 10 - $0) % 10 }
        return steps.allSatisfy { $0 == 1 } || steps.allSatisfy { $0 == 9 }
    }
}
