/// A date of birth. Month and day are 0 where the civil register does not know them (presumed births).
public struct BirthDate: Sendable, Hashable, CustomStringConvertible {
    /// Year of the Gregorian calendar.
    public let year: Int
    /// Month from 1, or 0 when unknown.
    public let month: Int
    /// Day from 1, or 0 when unknown.
    public let day: Int

    /// The date of that day; `nil` when there is no such day. A known day of an unknown month is no date.
    public init?(year: Int, month: Int, day: Int) {
        guard (1850...2199).contains(year), (0...12).contains(month) else { return nil }
        guard (0...Self.length(ofMonth: month, year: year)).contains(day) else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// The date written `yyyy-MM-dd` (ONDE, FranceConnect: also `yyyy-MM-00`, `yyyy-00-00`).
    public init?(iso text: String) {
        guard let parts = Self.numbers(text, separator: "-", lengths: [4, 2, 2]) else { return nil }
        self.init(year: parts[0], month: parts[1], day: parts[2])
    }

    /// The date written `dd/MM/yyyy` (AAF, SIECLE, the pages).
    public init?(dayMonthYear text: String) {
        guard let parts = Self.numbers(text, separator: "/", lengths: [2, 2, 4]) else { return nil }
        self.init(year: parts[2], month: parts[1], day: parts[0])
    }

    /// Whether month and day are known.
    public var isWhole: Bool { month > 0 && day > 0 }

    /// `yyyy-MM-dd`.
    public var description: String {
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(padded(month))-\(padded(day))"
    }

    /// Whether both may be one day: what one of them does not know is not compared.
    public func agrees(with other: BirthDate) -> Bool {
        func same(_ one: Int, _ another: Int) -> Bool { one == 0 || another == 0 || one == another }
        return year == other.year && same(month, other.month) && same(day, other.day)
    }

    private static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 0: 0
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func numbers(_ text: String, separator: Character, lengths: [Int]) -> [Int]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == lengths,
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else {
            return nil
        }
        return parts.compactMap { Int($0) }
    }
}
