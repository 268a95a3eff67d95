import DelimitedText
import Testing

@Suite("Comma-separated values")
struct CSVTests {
    private let limits = CSV.Limits(fieldLength: 16, fields: 4, records: 3)

    private func records(_ bytes: [UInt8]) throws(CSV.Malformation) -> [[String]] {
        try CSV.records(of: bytes, separator: CSV.semicolon, limits: limits).map(\.fields)
    }

    private func records(_ text: String) throws(CSV.Malformation) -> [[String]] { try records(Array(text.utf8)) }

    @Test(
        "quoted or not, with any end of line",
        arguments: [
            "a;b\r\nc;d", "a;b\nc;d\n", "a;b\rc;d\r", "\"a\";\"b\"\r\n\"c\";d\r\n", "a;b\n\n;\nc;d\n",
            "\u{FEFF}a;b\nc;d",
        ])
    func forms(_ text: String) throws {
        #expect(try records(text) == [["a", "b"], ["c", "d"]])
    }

    @Test("a quoted field holds separators, ends of line and quotes; records know their first line")
    func quoted() throws {
        let text = "\"a;\r\n\"\"b\";c\nd"
        #expect(try records(text) == [["a;\r\n\"b", "c"], ["d"]])
        let lines = try CSV.records(of: Array(text.utf8), separator: CSV.semicolon, limits: limits).map(\.line)
        #expect(lines == [1, 3])
    }

    @Test(
        "what is no CSV is told with its line",
        arguments: [
            ("a\n\"b", CSV.Malformation.openQuote(line: 2)), ("a\n\"b\"c", .textAfterQuote(line: 2)),
            ("a\n01234567890123456", .beyond(.fieldLength, line: 2)),
            ("a\n\"0123456789\n123456\"", .beyond(.fieldLength, line: 2)),
            ("a\na;b;c;d;e", .beyond(.fields, line: 2)), ("a\nb\nc\n\nd", .beyond(.records, line: 5)),
        ])
    func malformed(_ text: String, _ malformation: CSV.Malformation) {
        #expect(throws: malformation) { try records(text) }
    }

    @Test("what stands at a limit is read")
    func limit() throws {
        #expect(try records("a;b;c;0123456789012345\nb\nc").count == 3)
    }

    @Test("ISO-8859-1 and Windows-1252 are read where UTF-8 is not")
    func encodings() throws {
        #expect(try records([0xC9, 0x6C, 0x3B, 0xE7]) == [["Él", "ç"]])
        #expect(try records([0x4C, 0x92, 0x9C, 0x3B, 0x80]) == [["L’œ", "€"]])
        #expect(try records(Array("Él;ç;œ".utf8)) == [["Él", "ç", "œ"]])
        // The last letter of a name in Portuguese is no beginning of UTF-8.
        #expect(try records([0x4A, 0x4F, 0xC3, 0x4F]) == [["JOÃO"]])
    }

    @Test(
        "bytes that are no text of one encoding are told with their line",
        arguments: [
            // UTF-8 that was cut, or that something else was pasted to.
            ([0x61, 0x0A, 0xC3, 0xA9, 0xC3], 2), ([0xC3, 0xA9, 0x0A, 0x61, 0x0A, 0xE9], 3),
            // A byte order mark before something else than UTF-8; UTF-16; a byte that stands for nothing; a zero.
            ([0xEF, 0xBB, 0xBF, 0x0A, 0xE9], 2), ([0xFF, 0xFE, 0x61, 0x00], 1), ([0x0A, 0xE9, 0x0A, 0x81], 3),
            ([0x61, 0x00], 1),
        ] as [([UInt8], Int)])
    func notText(_ bytes: [UInt8], _ line: Int) {
        #expect(throws: CSV.Malformation.encoding(line: line)) { try records(bytes) }
    }

    @Test("the first record of a beginning, wherever that is cut")
    func beginning() throws {
        let bytes = Array("é;b\nc;é".utf8)
        for end in 4...bytes.count {
            let first = try CSV.firstRecord(of: Array(bytes[..<end]), separator: CSV.semicolon, limits: limits)
            #expect(first?.fields == ["é", "b"])
        }
        #expect(try CSV.firstRecord(of: Array("\n;\n".utf8), separator: CSV.semicolon, limits: limits) == nil)
    }
}
