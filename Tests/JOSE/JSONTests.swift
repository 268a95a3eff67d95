import JOSE
import Testing

@Suite("JSON, read strictly")
struct JSONTests {
    @Test("JW-05: values are read as RFC 8259 says")
    func accepted() throws {
        let cases: [(String, JSONValue)] = [
            ("null", .null), ("true", true), ("false", false), ("0", 0), ("-0", 0), ("-12", -12),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.5", .number(1.5)), ("1e2", .number(100)),
            ("-2.5E-1", .number(-0.25)), ("\"\"", ""), (" [ ] ", []), ("\t{\r\n}\n", [:]),
            ("[1,[2,{\"a\":null}]]", [1, [2, ["a": .null]]]),
            ("{\"a\":1,\"b\":[true]}", ["a": 1, "b": [true]]),
            ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\u{8}\u{C}\n\r\t"),
            ("\"\\u00e9\\u0041\"", "éA"), ("\"\\ud83d\\ude00\"", "😀"), ("\"\\uD83D\\uDE00\"", "😀"),
            ("\"é😀\u{7F}\"", "é😀\u{7F}"), ("\"\\u0000\"", "\u{0}"),
        ]
        for (text, value) in cases {
            #expect(try JSONValue(parsing: Array(text.utf8)) == value, "\(text)")
        }
    }

    @Test(
        "JW-05: what is not the grammar is refused",
        arguments: [
            "", " ", "nul", "nulll", "True", "NaN", "Infinity", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "0x10",
            "1_000", "1e999", "'a'", "\"a", "\"\\\"", "\"\\x41\"", "\"\\u12\"", "\"\\u12g4\"", "\"a\nb\"", "\"a\tb\"",
            "\"\u{0}\"", "\"\\ud83d\"", "\"\\ud83dx\"", "\"\\ud83d\\u0041\"", "\"\\ude00\"", "[", "[1", "[1,", "[1,]",
            "[,1]", "[1 2]", "]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{1:1}",
            "{\"a\" 1}", "{,}", "1 2", "{} {}", "{}x", "null,", "// c\n1", "/* c */ 1", "\u{FEFF}1", "{\"a\":1}\u{0}",
        ])
    func refused(text: String) {
        #expect {
            try JSONValue(parsing: Array(text.utf8))
        } throws: { error in
            if case .malformed = error as? JSONError { true } else { false }
        }
    }

    @Test("JW-05: what is not UTF-8 is refused")
    func notUTF8() {
        let texts: [[UInt8]] = [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE9, 0x22],
            [0x22, 0xF8, 0x88, 0x80, 0x80, 0x80, 0x22], [0xFF, 0xFE, 0x31, 0x00],
        ]
        for text in texts {
            #expect(throws: JSONError.self, "\(text)") { try JSONValue(parsing: text) }
        }
    }

    @Test("JW-05: two members of one name are refused, however they are spelt and however deep")
    func duplicates() {
        let texts = [
            "{\"sub\":\"a\",\"sub\":\"b\"}", "{\"sub\":1,\"x\":2,\"sub\":1}", "{\"sub\":1,\"\\u0073ub\":2}",
            "[{\"a\":{\"b\":1,\"b\":2}}]", "{\"\":1,\"\":2}",
            // Equal to Swift, and to whoever normalises.
            "{\"\u{E9}\":1,\"e\u{301}\":2}",
        ]
        for text in texts {
            #expect {
                try JSONValue(parsing: Array(text.utf8))
            } throws: { error in
                if case .duplicateMember = error as? JSONError { true } else { false }
            }
        }
        #expect(throws: Never.self) { try JSONValue(parsing: Array("{\"sub\":{\"sub\":1},\"Sub\":2}".utf8)) }
    }

    @Test("JW-05: depth and length have their limits, to the byte")
    func limits() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array(String(repeating: "[", count: depth).utf8) + Array(String(repeating: "]", count: depth).utf8)
        }
        #expect(throws: Never.self) { try JSONValue(parsing: nested(16)) }
        #expect(throws: JSONError.tooDeep) { try JSONValue(parsing: nested(17)) }
        #expect(throws: JSONError.tooDeep) { try JSONValue(parsing: nested(10_000)) }
        #expect(throws: JSONError.tooDeep) { try JSONValue(parsing: [UInt8](repeating: 0x5B, count: 60_000)) }
        #expect(throws: JSONError.tooDeep) {
            try JSONValue(parsing: Array(String(repeating: "{\"a\":", count: 5000).utf8))
        }
        // Side by side is not within.
        #expect(throws: Never.self) {
            try JSONValue(parsing: Array(("[" + String(repeating: "[],", count: 1000) + "[]]").utf8))
        }
        let text = [0x22] + [UInt8](repeating: 0x61, count: 65_534) + [0x22]
        #expect(throws: Never.self) { try JSONValue(parsing: text) }
        #expect(throws: JSONError.tooLong) { try JSONValue(parsing: [0x20] + text) }
    }

    @Test("What is written is read back, byte for byte the same again")
    func roundTrip() throws {
        let value: JSONValue = [
            "z": [1, -1, .integer(.max), .number(0.1), .null, true, false],
            "a": "é \"\\\n\u{0}<script>&'\u{7F}😀\u{2028}",
            "": [:], "nested": ["b": [], "a": [["c": 1]]],
        ]
        let text = value.encoded
        let again = try JSONValue(parsing: text)
        #expect(again == value)
        #expect(again.encoded == text)
        let string = String(decoding: text, as: UTF8.self)
        for character in ["<", ">", "&", "\n", "\u{0}"] { #expect(!string.contains(character)) }
        #expect(string.hasPrefix("{\"\":{},\"a\":"))
    }
}
