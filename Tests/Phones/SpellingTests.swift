import Phones
import Testing

/// The ways in which files and people write one line of the French plan.
func spellings(of national: String, code: Int) -> [String] {
    let nine = String(national.dropFirst())
    func pairs(_ separator: String) -> String {
        let digits = Array(national)
        return stride(from: 0, to: 10, by: 2).map { String(digits[$0..<$0 + 2]) }.joined(separator: separator)
    }
    func script(_ zero: UInt32) -> String {
        String(String.UnicodeScalarView(national.unicodeScalars.compactMap { Unicode.Scalar($0.value - 0x30 + zero) }))
    }
    var all = [
        national, pairs(" "), pairs("."), pairs("-"), pairs("/"), pairs("\u{A0}"), pairs("\u{202F}"), pairs("\u{2011}"),
        " \(national)\r\n", "(\(national.prefix(2))) \(national.dropFirst(2))", script(0xFF10), script(0x660),
        script(0x6F0), "\u{202A}\(national)\u{202C}", "\u{2066}\(pairs(" "))\u{2069}", "\u{FEFF}\u{200F}\(national)",
    ]
    for code in Set([33, code]) where code != 508 {
        all += [
            "+\(code)\(nine)", "+\(code) \(nine)", "+\(code) (0)\(nine)", "+\(code) (0) \(nine)", "+\(code)0\(nine)",
            "(+\(code)) \(nine)", "(+\(code))(0)\(nine)", "00\(code)\(nine)", "00 \(code) (0)\(nine)",
            "00\(code)0\(nine)", "00.\(code).\(nine)", "\u{FF0B}\(code)\(nine)", "\u{202D}+\(code) \(nine)\u{202C}",
        ]
    }
    if code == 508 {
        let behind = nine.hasPrefix("508") ? String(nine.dropFirst(3)) : nine
        all += ["+508\(behind)", "+508 \(behind)", "00508\(behind)", "(+508) \(behind)"]
    }
    return all
}

/// `prefix`, and digits that fill it up to the ten of a national number.
func number(_ prefix: String) -> String { prefix + "4719358260".prefix(10 - prefix.count) }

@Suite("Phone numbers: the spellings of one number give one key")
struct SpellingTests {
    private static let metropolitan: [(String, PhoneNumber.Kind)] =
        ["01", "02", "03", "04", "05", "0270", "09", "0970"].map { ($0, .landline) }
        + (0...8).map { ("06\($0)", .mobile) } + (3...9).map { ("07\($0)", .mobile) }
        + ["0630", "0638", "0647", "0695", "0698", "0699"].map { ($0, .mobile) }

    @Test("Every prefix of metropolitan France", arguments: metropolitan)
    func metropole(prefix: String, kind: PhoneNumber.Kind) throws {
        let national = number(prefix)
        for text in spellings(of: national, code: 33) {
            let read = try PhoneNumber(text)
            #expect(read.key.rawValue == Int64("33" + national.dropFirst()), "\(text)")
            #expect(read.kind == kind, "\(text)")
            #expect(read.e164 == "+33" + national.dropFirst(), "\(text)")
            #expect(read.display.filter { $0 != " " } == national, "\(text)")
        }
    }

    @Test(
        "Every prefix overseas, by +33 and by the territory's own code",
        arguments: [
            ("0262", 262, .landline), ("0263", 262, .landline), ("0269", 262, .landline), ("0639", 262, .mobile),
            ("063997", 262, .mobile), ("063999", 262, .mobile), ("0692", 262, .mobile), ("0693", 262, .mobile),
            ("070921", 262, .mobile), ("070936", 262, .mobile), ("0590", 590, .landline), ("0690", 590, .mobile),
            ("0691", 590, .mobile), ("070902", 590, .mobile), ("0594", 594, .landline), ("0694", 594, .mobile),
            ("070931", 594, .mobile), ("0596", 596, .landline), ("0696", 596, .mobile), ("0697", 596, .mobile),
            ("070912", 596, .mobile), ("050855", 508, .mobile), ("070841", 508, .mobile), ("070853", 508, .mobile),
        ] as [(String, Int, PhoneNumber.Kind)])
    func overseas(prefix: String, code: Int, kind: PhoneNumber.Kind) throws {
        let national = number(prefix)
        let nine = String(national.dropFirst())
        for text in spellings(of: national, code: code) {
            let read = try PhoneNumber(text)
            #expect(read.key.rawValue == Int64("33" + nine), "\(text)")
            #expect(read.kind == kind, "\(text)")
            #expect(read.e164 == "+\(code)" + (nine.hasPrefix("508") ? nine.dropFirst(3) : nine[...]), "\(text)")
            #expect(read.display.filter { $0 != " " } == read.e164, "\(text)")
        }
    }

    @Test(
        "As they are shown",
        arguments: [
            ("0624193586", "06 24 19 35 86"), ("+33624193586", "06 24 19 35 86"), ("0353014719", "03 53 01 47 19"),
            ("+262692000007", "+262 692 00 00 07"), ("0692 00 00 07", "+262 692 00 00 07"),
            ("0262000007", "+262 262 00 00 07"), ("0690471935", "+590 690 47 19 35"), ("0508551234", "+508 55 12 34"),
            ("+508 708 41 47 19", "+508 708 41 47 19"), ("+687751234", "+687 75 12 34"),
            ("0044 7400 123456", "+44 7400 123456"), ("+1 (514) 234-5678", "+1 514 234 5678"),
        ])
    func display(text: String, display: String) throws {
        #expect(try PhoneNumber(text, under: PhoneRules(fiction: .admittedForDemonstration)).display == display)
    }

    @Test("The spellings of the sample files")
    func samples() throws {
        let rules = PhoneRules(fiction: .admittedForDemonstration)
        func keys(_ texts: String...) throws -> Set<PhoneKey> {
            Set(try texts.map { try PhoneNumber($0, under: rules).key })
        }
        #expect(try keys("+33 6 39 98 00 01", "0639980001", "06 39 98 00 01", "06.39.98.00.01").count == 1)
        #expect(try keys("+33639980005", "0033639980005", "0639980005", "0033 (0)6 39 98 00 05").count == 1)
        #expect(try keys("+262 692 00 00 07", "0692000007", "+33 692 00 00 07", "00262692000007").count == 1)
        #expect(try keys("+33 3 53 01 00 01", "0353010001", "03 53 01 00 01").count == 1)
        #expect(try keys("0639980001", "0639980002", "0692000007", "0262000007").count == 4)
    }

    @Test("In the Antilles and Guyane one code stands for another, for the same line")
    func antilles() throws {
        for prefix in ["0690", "0691", "0694", "0696", "0697", "0590", "0594", "0596"] {
            let national = number(prefix)
            for code in [590, 594, 596] {
                #expect(try PhoneNumber("+\(code)\(national.dropFirst())").key == PhoneNumber(national).key)
            }
        }
    }

    @Test(
        "Territories with a plan of their own, and foreign numbers",
        arguments: [
            ("+687 75 12 34", 687_751_234, .mobile), ("00687251234", 687_251_234, .landline),
            ("+689 87 12 34 56", 68_987_123_456, .mobile), ("+689 40 41 23 45", 68_940_412_345, .landline),
            ("+681 82 12 34", 681_821_234, .mobile), ("+508 41 23 45", 33_508_412_345, .landline),
            ("+32 470 12 34 56", 32_470_123_456, .mobile), ("+32 (0)470 12 34 56", 32_470_123_456, .mobile),
            ("0041 78 123 45 67", 41_781_234_567, .mobile), ("+49 1512 3456789", 4_915_123_456_789, .mobile),
            ("+49 (0) 1512 3456789", 4_915_123_456_789, .mobile), ("+351 912 345 678", 351_912_345_678, .mobile),
            ("+34 612 34 56 78", 34_612_345_678, .mobile), ("+39 312 345 6789", 393_123_456_789, .mobile),
            ("+39 06 6982 1234", 390_669_821_234, .landline), ("+212 650-123456", 212_650_123_456, .mobile),
            ("+213 551 23 45 67", 213_551_234_567, .mobile), ("+216 20 123 456", 21_620_123_456, .mobile),
            ("+90 501 234 56 78", 905_012_345_678, .mobile), ("+221 70 123 45 67", 221_701_234_567, .mobile),
            ("+377 6 12 34 56 78", 377_612_345_678, .mobile), ("+376 312 345", 376_312_345, .mobile),
            ("+269 321 23 45", 2_693_212_345, .mobile), ("+44 (0)7400 123456", 447_400_123_456, .mobile),
            ("+44 20 7946 0018", 442_079_460_018, .landline), ("+1 514 234-5678", 15_142_345_678, .mobileOrLandline),
        ] as [(String, Int64, PhoneNumber.Kind)])
    func foreign(text: String, key: Int64, kind: PhoneNumber.Kind) throws {
        let read = try PhoneNumber(text)
        #expect(read.key.rawValue == key)
        #expect(read.kind == kind)
        #expect(read.mayReceiveCode == (kind == .mobile))
    }

    @Test("A number without a code is read by the plan of the schools, where they have their own")
    func home() throws {
        let plans: [(HomePlan, String, String)] = [
            (.newCaledonia, "75.12.34", "+687751234"), (.frenchPolynesia, "87 12 34 56", "+68987123456"),
            (.wallisAndFutuna, "82 12 34", "+681821234"), (.saintPierreAndMiquelon, "55 12 34", "+508551234"),
        ]
        for (home, local, e164) in plans {
            #expect(try PhoneNumber(local, under: PhoneRules(home: home)).e164 == e164)
            #expect(throws: local.count == 8 ? PhoneRefusal.shortNumber : .noCountryCode) { try PhoneNumber(local) }
            // The national plan is read there too.
            #expect(try PhoneNumber("06 24 19 35 86", under: PhoneRules(home: home)).e164 == "+33624193586")
        }
        #expect(Set(plans.map(\.0) + [.national]) == Set(HomePlan.allCases))
    }
}
