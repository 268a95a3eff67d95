import Phones
import Testing

@Suite("Phone numbers: what is refused, and why")
struct RefusalTests {
    private static func refuses(_ text: String, _ reason: PhoneRefusal, _ rules: PhoneRules = PhoneRules()) {
        #expect(throws: reason, "\(text.debugDescription)") { try PhoneNumber(text, under: rules) }
    }

    @Test("The number that the refused ones are made from is taken")
    func control() throws {
        #expect(try PhoneNumber("06 24 19 35 86").mayReceiveCode)
        #expect(try PhoneNumber("+33 6 24 19 35 86").mayReceiveCode)
        #expect(try PhoneNumber("03 24 19 35 86").mayReceiveCode == false)
    }

    @Test("Placeholders: the same digit", arguments: 0...9)
    func repeated(digit: Int) {
        Self.refuses(String(repeating: "\(digit)", count: 10), .placeholder)
        Self.refuses("06" + String(repeating: "\(digit)", count: 8), .placeholder)
        Self.refuses("+336" + String(repeating: "\(digit)", count: 8), .placeholder)
        Self.refuses("+262692" + String(repeating: "\(digit)", count: 6), .placeholder)
        Self.refuses("01" + String(repeating: "\(digit)", count: 8), .placeholder)
    }

    @Test(
        "Placeholders: zeros, and digits or pairs that count",
        arguments: [
            "0", "00", "0000", "00 00 00 00 00", "+00000000", "0600000000", "06.00.00.00.00", "+33 0 00 00 00 00",
            "+33000000000", "0612000000", "0692000000", "0123456789", "1234567890", "0612345678", "+33612345678",
            "0033612345678", "+33 (0)6 12 34 56 78", "0687654321", "0698765432", "0601234567", "0987654321",
            "0606060606", "07 07 07 07 07", "0102030405", "0601020304", "0607080910", "0610203040", "0611223344",
            "0692123456", "+262 692 12 34 56", "0692654321", "0690111111", "+262639000000", "+44 7400 000000",
        ])
    func placeholders(text: String) { Self.refuses(text, .placeholder) }

    @Test(
        "Close to a placeholder and none",
        arguments: [
            "0600000012", "0612345679", "0611111112", "0606060607", "0692000007", "0612121212", "0612345612",
            "0611223345", "0692123457",
        ])
    func neighbours(text: String) throws { #expect(try PhoneNumber(text).kind == .mobile) }

    @Test("Machines: 0700 to 0709, but for the blocks that are open overseas")
    func machines() throws {
        for third in 0...9 {
            Self.refuses(number("070\(third)"), .machine)
            Self.refuses("+3370\(third)4719358260", .machine)
            Self.refuses("070\(third)4719358260", .machine)
            Self.refuses("+33 (0)70\(third) 4719358260", .machine)
        }
        for block in 7000...7099 {
            // What is open: 0708 40 to 45 and 50 to 56, 0709 00 to 04, 10 to 13, 20 to 23, 30 to 33, 35 to 37.
            for last in 0...9 {
                let open = ["84": 0...5, "85": 0...6, "90": 0...4, "91": 0...3, "92": 0...3]
                let key = String(block).suffix(2)
                let isOpen = open[String(key)]?.contains(last) ?? (key == "93" && [0, 1, 2, 3, 5, 6, 7].contains(last))
                let text = "0\(block)\(last)4719"
                if isOpen { #expect(try PhoneNumber(text).kind == .mobile) } else { Self.refuses(text, .machine) }
            }
        }
    }

    @Test("Fiction: refused, and admitted by the setting", arguments: ["0199", "0261", "0353", "0465", "0536", "0639"])
    func fiction(prefix: String) throws {
        let blocks = ["0199": "00", "0261": "91", "0353": "01", "0465": "71", "0536": "49", "0639": "98"]
        let national = prefix + (blocks[prefix] ?? "") + "4719"
        let demonstration = PhoneRules(fiction: .admittedForDemonstration)
        for text in spellings(of: national, code: 33) {
            Self.refuses(text, .fiction)
            let read = try PhoneNumber(text, under: demonstration)
            #expect(read.kind == (prefix == "0639" ? .mobile : .landline))
            #expect(read.e164 == "+33" + national.dropFirst())
        }
        // The setting admits nothing else: not even a placeholder among them.
        Self.refuses("0600000000", .placeholder, demonstration)
        Self.refuses("07004719358260", .machine, demonstration)
        Self.refuses("+262" + national.dropFirst(), .wrongTerritory, demonstration)
    }

    @Test(
        "Overseas code, number of elsewhere",
        arguments: [
            "+262624193586", "00262 6 24 19 35 86", "+590692471935", "+262690471935", "+594324193586", "+262594471935",
            "+596639471935", "+262 708 41 47 19", "+262 508 55 12 34", "+262 639 98 47 19",
        ])
    func territories(text: String) {
        Self.refuses(text, .wrongTerritory, PhoneRules(fiction: .admittedForDemonstration))
    }

    @Test(
        "Services, short numbers, numbers without a code, lengths, countries",
        arguments: [
            ("0800 47 19 35", .service), ("+33 892 47 19 35", .service), ("08 24 19 35 86", .service),
            ("+44 9012345678", .service), ("+800 1234 5679", .service), ("+881 6 1234 5679", .service),
            ("15", .shortNumber), ("112", .shortNumber), ("3114", .shortNumber), ("3919", .shortNumber),
            ("75 12 34", .shortNumber), ("118 218", .shortNumber), ("624193586", .noCountryCode),
            ("33624193586", .noCountryCode), ("262692471935", .noCountryCode), ("24193586", .noCountryCode),
            ("06 24 19 35 8", .wrongLength), ("06 24 19 35 86 4", .wrongLength),
            ("0624193586 0612471935", .wrongLength),
            ("06 24 19 35 86/87", .wrongLength), ("+33 6 24 19 35 8", .wrongLength), ("+33", .wrongLength),
            ("+33 24 19 35 86", .wrongLength), ("+336241935860", .wrongLength), ("0033", .wrongLength),
            ("+687 75 12 3", .wrongLength), ("+687 75 12 34 5", .wrongLength), ("+508 55 12 3", .wrongLength),
            ("+508 508 55 12 34", .wrongLength), ("+1 514", .wrongLength), ("99999999999999999990", .wrongLength),
            ("+0624193586", .unknownCountry), ("000624193586", .unknownCountry), ("+999 24193586", .unknownCountry),
            ("+210 24193586", .unknownCountry), ("0711471935", .unassigned), ("0724193586", .unassigned),
            ("+33 7 24 19 35 86", .unassigned), ("+687 11 47 19", .unassigned),
        ] as [(String, PhoneRefusal)])
    func others(text: String, reason: PhoneRefusal) { Self.refuses(text, reason) }

    @Test("Nothing to read", arguments: ["", " ", "-", "--", ".", "/", "+", "\t", "\r\n", "\u{200E}", "\u{A0}"])
    func empty(text: String) { Self.refuses(text, .empty) }

    @Test(
        "What is neither a digit nor between digits",
        arguments: [
            "06 24 19 35 86 (mère)", "Tél. 06 24 19 35 86", "tel:+33624193586", "+33624193586;ext=12",
            "06 24 19 35 86 poste 12", "0624193586#12", "0624193586*", "0624193586,12", "0624193586x12",
            "O6 24 19 35 86",
            "06 24 19 35 8l", "06 MA MAISON", "0624193586\0", "\u{0}0624193586", "06\u{0}24193586", "06📱24193586",
            "0624193586😀", "٠٦24193586", "06２４193586", "𝟎𝟔𝟐𝟒𝟏𝟗𝟑𝟓𝟖𝟔", "⁰⁶24193586", "\u{202E}0624193586\u{202C}",
            "06241935\u{202E}86", "06\u{301}24193586", "06\u{200D}24193586", "06 24 19 35 86\n06 12 47 19 35",
            "06\r24193586", "+33+624193586", "06+24193586", "0624193586+", "((06)24193586", "06)24193586",
            "(0624193586",
            "06()24193586", "(((06)))24193586", "<script>0624193586", "0624193586'--", "0624193586${x}",
            "%2B33624193586",
            "+49 1512 345678/9", "=0624193586", "06;24193586", "06−24−19−35−86",
        ])
    func hostile(text: String) { Self.refuses(text, .unexpectedCharacter) }

    @Test("The longest text looked at")
    func bound() throws {
        let blanks = String(repeating: " ", count: PhoneNumber.longestText - 10)
        #expect(try PhoneNumber(blanks + "0624193586").kind == .mobile)
        Self.refuses(blanks + " 0624193586", .tooLong)
        Self.refuses(String(repeating: "0", count: 1_000_000), .tooLong)
        Self.refuses(String(repeating: "(", count: 1_000_000), .tooLong)
        // In bytes: each of these has three.
        Self.refuses(String(repeating: "\u{200F}", count: 22), .tooLong)
    }

    @Test("Every reason has a name of its own for reports")
    func names() {
        #expect(Set(PhoneRefusal.allCases.map(\.rawValue)).count == PhoneRefusal.allCases.count)
        #expect(PhoneRefusal.allCases.map(\.rawValue).allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "-" } })
    }
}
