import Cryptography
import LogeTesting
import Testing

@testable import Web

@Suite("Form fields")
struct FormFieldsTests {
    @Test(
        "read as browsers write them",
        arguments: [
            ("", []), ("a=b", ["a", "b"]), ("a=b&c=d", ["a", "b", "c", "d"]), ("a", ["a", ""]), ("a=", ["a", ""]),
            ("=b", ["", "b"]),
            ("a=b=c", ["a", "b=c"]), ("a=1+2", ["a", "1 2"]), ("a=%2B%26%3d", ["a", "+&="]),
            ("%C3%A9=%f0%9f%8e%92", ["é", "🎒"]),
            ("a=é", ["a", "é"]), ("&&a=b&&", ["a", "b"]), ("a=b;c=d", ["a", "b;c=d"]), ("a[]=b", ["a[]", "b"]),
            ("a=%0d%0a", ["a", "\r\n"]),
        ])
    func accepted(_ sample: (text: String, expected: [String])) throws {
        let fields = try FormFields(parsing: sample.text)
        #expect(fields.pairs.flatMap { [$0.name, $0.value] } == sample.expected)
    }

    @Test(
        "refused: what two readers could read in two ways",
        arguments: [
            "a=%", "a=%2", "a=%zz", "a=%2g", "%", "a=%+1", "a=%c0%80", "a=%ed%a0%80", "a=%ff", "a=%00", "%00=a",
            "a=\u{0}", "a=%f4%90%80%80",
        ])
    func malformed(_ text: String) {
        #expect(throws: FormFields.Failure.malformed) { try FormFields(parsing: text) }
    }

    @Test("bounded: 64 kB and 100 fields, not one more")
    func limits() throws {
        _ = try FormFields(parsing: "a=" + String(repeating: "b", count: 65534))
        #expect(throws: FormFields.Failure.tooLarge) {
            try FormFields(parsing: "a=" + String(repeating: "b", count: 65535))
        }
        let hundred = Array(repeating: "a=b", count: 100).joined(separator: "&")
        #expect(try FormFields(parsing: hundred).pairs.count == 100)
        #expect(throws: FormFields.Failure.tooLarge) { try FormFields(parsing: hundred + "&a=b") }
    }

    @Test("OA-09: a field that stands twice is told from one that stands once")
    func repeated() throws {
        let fields = try FormFields(parsing: "a=1&b=2&a=1&c=3&c=4")
        #expect(try fields.single("b") == "2")
        #expect(try fields.single("z") == nil)
        #expect(throws: FormFields.Failure.repeated("a")) { try fields.single("a") }
        #expect(fields.firstRepeated(among: ["b", "c"]) == "c")
        #expect(fields.firstRepeated(among: ["b", "z"]) == nil)
        #expect(fields["c"] == "3")
    }

    @Test("what is written is read back, whatever it is")
    func roundTrip() throws {
        let random = InsecureSeededRandom(seed: 7)
        for _ in 0..<500 {
            let pairs = (0..<Int(random.number(below: 8))).map { _ in (text(random), text(random)) }
            let fields = try FormFields(parsing: FormFields.encode(pairs))
            #expect(fields.pairs.map(\.name) == pairs.map(\.0))
            #expect(fields.pairs.map(\.value) == pairs.map(\.1))
        }
        #expect(FormFields.escape("aZ09-._~ é/") == "aZ09-._~%20%C3%A9%2F")
    }

    private func text(_ random: InsecureSeededRandom) -> String {
        let scalars = (0..<Int(random.number(below: 12))).compactMap { _ in
            Unicode.Scalar(1 + random.number(below: random.number(below: 2) == 0 ? 0x7F : 0x10FFFE))
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
