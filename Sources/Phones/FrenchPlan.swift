/// The national numbering plan (ARCEP, decision 2018-0881 as amended): nine digits after the 0, shared by metropolitan
/// France, the overseas departments and Saint-Pierre-et-Miquelon. Each territory has a country code of its own, which
/// names the same lines: 06 92 00 00 07, +33 692 000 007 and +262 692 00 00 07 are one.
struct FrenchPlan {
    /// The nine digits.
    let significant: Int

    /// The first five of the nine: the blocks that the plan gives out.
    private var block: Int { significant / 10_000 }

    /// The nine digits, one by one.
    private var digits: [UInt8] { Decimal.digits(of: significant) }

    // MARK: - Territories

    /// The country codes of the plan, that of metropolitan France first.
    static let codes = [33, 262, 590, 594, 596, 508]

    /// Blocks outside metropolitan France. Those of 0708 and 0709 were opened to people overseas in a range that is
    /// otherwise of machines; libphonenumber's data has them since a version later than Debian's.
    private static let territories: [(blocks: ClosedRange<Int>, code: Int)] = [
        (26200...26399, 262), (26900...26999, 262), (63900...63997, 262), (63999...63999, 262),
        (69200...69399, 262), (70920...70923, 262), (70935...70937, 262),
        (59000...59099, 590), (69000...69199, 590), (70900...70904, 590),
        (59400...59499, 594), (69400...69499, 594), (70930...70933, 594),
        (59600...59699, 596), (69600...69799, 596), (70910...70913, 596),
        (50800...50899, 508), (70840...70845, 508), (70850...70856, 508),
    ]

    private static let fiction = [19900, 26191, 35301, 46571, 53649, 63998]

    /// The code of the territory that the number was given to; 33 for metropolitan France.
    var code: Int { Self.territories.first { $0.blocks.contains(block) }?.code ?? 33 }

    /// Whether somebody may write `code` in front. +33 names every line of the plan. The Antilles and Guyane share their
    /// ranges of mobiles, so that one code stands for another; 09 belongs to no territory.
    func isNamed(byCode code: Int) -> Bool {
        let antilles = [590, 594, 596]
        return code == 33 || code == self.code || significant / 100_000_000 == 9
            || antilles.contains(code) && antilles.contains(self.code)
    }

    // MARK: - Kinds

    /// What the number is.
    ///
    /// - Throws: why it is nobody's.
    func kind(under rules: PhoneRules) throws(PhoneRefusal) -> PhoneNumber.Kind {
        guard !isPlaceholder else { throw .placeholder }
        if Self.fiction.contains(block), rules.fiction == .refused { throw .fiction }
        switch significant / 10_000_000 {
        case 10...59 where code == 508:
            // Six digits behind the code, in which mobiles and landlines are mixed: the library knows.
            return try InternationalNumber(dialled: UInt64(significant)).kind
        case 10...59, 90...99: return .landline
        case 60...69, 73...79: return .mobile
        case 70:
            guard code != 33 else { throw .machine }
            return .mobile
        case 80...89: throw .service
        default: throw .unassigned
        }
    }

    /// Numbers that people type to fill a field. A few of them are given out (0612345678 rings somewhere), which is why a
    /// code must not be sent there, and their owners are found by their letters instead.
    private var isPlaceholder: Bool {
        let digits = digits
        let subscriber = digits.dropFirst(code == 33 ? 1 : 3)
        if Decimal.isFilling(digits.dropFirst()) || Decimal.isFilling(subscriber) { return true }
        // In pairs, as they are said: 06 06 06 06 06, 06 01 02 03 04, 06 10 20 30 40, 06 11 22 33 44.
        let pairs = [Int(digits[0])] + stride(from: 1, to: 9, by: 2).map { Int(digits[$0]) * 10 + Int(digits[$0 + 1]) }
        if pairs.allSatisfy({ $0 == pairs[0] }) { return true }
        let steps = zip(pairs.dropFirst(), pairs.dropFirst(2)).map { $1 - $0 }
        return steps.allSatisfy { $0 == steps[0] } && [1, 10, 11].contains(steps[0])
    }

    // MARK: - Spellings

    /// What follows the `+` when the number is dialled from abroad.
    var international: String { String(code) + digitsBehindCode }

    /// `06 12 34 56 70`, `+262 692 00 00 07`, `+508 55 12 34`.
    var display: String {
        if code == 33 { return Self.inPairs("0" + String(significant)) }
        let behind = digitsBehindCode
        if behind.count == 6 { return "+\(code) " + Self.inPairs(behind) }
        return "+\(code) \(behind.prefix(3)) " + Self.inPairs(String(behind.dropFirst(3)))
    }

    /// Saint-Pierre-et-Miquelon's code is also the first three of the nine digits, and is not written twice.
    private var digitsBehindCode: String {
        let digits = String(significant)
        return significant / 1_000_000 == 508 ? String(digits.dropFirst(3)) : digits
    }

    private static func inPairs(_ digits: String) -> String {
        let characters = Array(digits)
        return stride(from: 0, to: characters.count, by: 2)
            .map { String(characters[$0..<min($0 + 2, characters.count)]) }
            .joined(separator: " ")
    }
}
