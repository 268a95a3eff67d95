import CPhoneNumbers
import Phones
import Testing

/// Repeats itself: a linear congruential generator (Knuth's MMIX constants), its high bits mixed down.
///
/// - Warning: Insecure on purpose.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ (state >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    }
}

@Suite("Phone numbers: properties")
struct PropertyTests {
    /// Every form that a number is written out in is read as the same number.
    private func comesBack(_ read: PhoneNumber) throws {
        let rules = PhoneRules(fiction: .admittedForDemonstration)
        for text in [read.display, read.e164, "+\(read.key.rawValue)"] {
            let again = try PhoneNumber(text, under: rules)
            #expect(again == read, "\(text)")
        }
        #expect(PhoneKey(rawValue: read.key.rawValue) == read.key)
        #expect(read.masked.filter(\.isNumber) == read.display.filter(\.isNumber).suffix(2))
    }

    @Test("The key of what is shown is the key, over the blocks of the national plan")
    func nationalDisplay() throws {
        var generator = SeededGenerator(seed: 1)
        var kinds: [PhoneNumber.Kind: Int] = [:]
        for block in stride(from: 10_000, to: 100_000, by: 3) {
            let tail = String(10_000 + Int.random(in: 0...9999, using: &generator)).dropFirst()
            guard let read = try? PhoneNumber("0\(block)\(tail)") else { continue }
            try comesBack(read)
            kinds[read.kind, default: 0] += 1
        }
        #expect(kinds[.mobile, default: 0] > 5000)
        #expect(kinds[.landline, default: 0] > 15_000)
    }

    @Test("The key of what is shown is the key, abroad")
    func foreignDisplay() throws {
        var generator = SeededGenerator(seed: 2)
        var keys: [PhoneKey: String] = [:]
        var countries: Set<Int> = []
        for _ in 0..<20_000 {
            let code = Int.random(in: 1...999, using: &generator)
            let digits = (0..<Int.random(in: 6...11, using: &generator)).map { _ in
                String(Int.random(in: 0...9, using: &generator))
            }
            guard let read = try? PhoneNumber("+\(code)" + digits.joined()) else { continue }
            try comesBack(read)
            countries.insert(code)
            // Two E.164 forms never share a key.
            #expect(keys.updateValue(read.e164, forKey: read.key) ?? read.e164 == read.e164)
        }
        #expect(keys.count > 1000)
        #expect(countries.count > 100)
    }

    @Test("No two lines of the national plan share a key")
    func distinct() {
        var generator = SeededGenerator(seed: 3)
        var lines: Set<Int> = []
        var keys: Set<PhoneKey> = []
        var line = 0
        for _ in 0..<50_000 {
            // Half of them next to the one before, where a lost digit would show.
            let isNear = Int.random(in: 0...1, using: &generator) == 0
            line = isNear ? line + 1 : Int.random(in: 100_000_000...999_999_990, using: &generator)
            guard let read = try? PhoneNumber("0\(line)") else { continue }
            lines.insert(line)
            keys.insert(read.key)
        }
        #expect(lines.count > 15_000)
        #expect(keys.count == lines.count)
    }

    @Test("Where libphonenumber has an opinion on a number of the national plan, ours is the same")
    func agreesWithTheLibrary() throws {
        var mobiles = 0
        for block in stride(from: 10_000, to: 100_000, by: 7) {
            guard let read = try? PhoneNumber("0\(block)4719", under: PhoneRules(fiction: .admittedForDemonstration))
            else { continue }
            let digits = try #require(UInt64(read.e164.dropFirst()))
            switch loge_phone_read(digits).kind {
            case LOGE_PHONE_MOBILE:
                mobiles += 1
                #expect(read.kind == .mobile, "\(block)")
            case LOGE_PHONE_LANDLINE: #expect(read.kind == .landline, "\(block)")
            case LOGE_PHONE_SERVICE: Issue.record("\(block) is a service")
            default: break
            }
        }
        #expect(mobiles > 1500)
    }

    @Test("Whatever is typed is a number that comes back, or a reason")
    func anything() throws {
        let pieces = [
            "0", "6", "06", "+33", "00", "0033", "+262", "692", "(0)", "(", ")", " ", ".", "/", "-", "+", "\u{202A}",
            "\u{0}",
            "٦", "６", "é", "📱", "\n", ";ext=1", "tel:", "24193586", "471935", "+687", "751234", "+508", "551234",
            "+1514",
            "+44", "7400", "9999999999",
        ]
        var generator = SeededGenerator(seed: 4)
        var numbers = 0
        var reasons: Set<PhoneRefusal> = []
        for _ in 0..<30_000 {
            let count = Int.random(in: 0...7, using: &generator)
            let text = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            switch Result(catching: { () throws(PhoneRefusal) in try PhoneNumber(text) }) {
            case .success(let read):
                numbers += 1
                try comesBack(read)
            case .failure(let reason): reasons.insert(reason)
            }
        }
        #expect(numbers > 20)
        #expect(reasons.count >= 8)
    }

    @Test("A key and a number are written out masked")
    func masked() throws {
        let read = try PhoneNumber("06 24 19 35 86")
        #expect(read.masked == "•• •• •• •• 86")
        #expect("\(read)" == read.masked)
        #expect("\(read.key)" == read.masked)
        #expect(String(reflecting: read.key) == read.masked)
        #expect(String(reflecting: read) == read.masked)
        #expect(read.key.lastTwoDigits == "86")
        #expect(try PhoneNumber("+44 7400 123456").masked == "•• •• •• •• 56")
    }

    @Test("A key comes back from the store, and nothing else does", arguments: [Int64.min, -1, 0, 999_999, .max])
    func stored(rawValue: Int64) throws {
        #expect(PhoneKey(rawValue: rawValue) == nil)
        #expect(PhoneKey(rawValue: 1_000_000_000_000_000) == nil)
        let key = try PhoneNumber("06 24 19 35 86").key
        #expect(PhoneKey(rawValue: key.rawValue) == key)
        // What no number has is shown as it is, and stops nothing.
        #expect(PhoneKey(rawValue: 999_999_999_999_999)?.display == "+999999999999999")
        #expect(PhoneKey(rawValue: 33_000_000_001)?.e164 == "+33000000001")
    }
}
