import Testing

@testable import SchoolFiles

/// Files that are too large to write down, made as they are read.
@Suite("Endless files")
struct StreamTests {
    /// How many bytes are taken of a file that begins with `head` and goes on with `more`, and why no more.
    private func read(
        _ head: String, _ more: String, upTo size: Int = 1 << 30
    ) -> (bytes: Int, reason: FileProblem.Reason?) {
        let reading = XMLReading(file: "a.xml", handler: RegisterHead())
        let piece = Array(String(repeating: more, count: 65_536 / more.utf8.count).utf8)
        var count = 0
        do throws(FileProblem) {
            try feed(reading, Array(head.utf8))
            while count < size {
                try feed(reading, piece)
                count += piece.count
            }
        } catch {
            return (count, error.reason)
        }
        return (count, nil)
    }

    private func feed(_ reading: XMLReading, _ bytes: [UInt8]) throws(FileProblem) {
        let result = unsafe bytes.withUnsafeBytes { bytes in
            Result { () throws(FileProblem) in try unsafe reading.feed(bytes) }
        }
        try result.get()
    }

    @Test(
        "a gigabyte in one attribute, text, comment, declaration, name or instruction is refused within half a megabyte",
        arguments: [
            ("<a x=\"", "A"), ("<ficAlimMENESR>", "A"), ("<ficAlimMENESR><![CDATA[", "A"), ("<ficAlimMENESR><!--", "A"),
            ("<!DOCTYPE ficAlimMENESR [", " "), ("<!DOCTYPE ficAlimMENESR SYSTEM \"", "A"), ("<a", "a"), ("<?a ", "A"),
            ("<ficAlimMENESR>", "é"), ("<a x=\"", "&amp;"), ("<ficAlimMENESR>", "&amp;"), ("<a", " x=''"),
            ("<?xml version='1.0' ", " "), ("<?xml version='1.0' encoding='ISO-8859-15'?><a x=\"", "A"),
        ])
    func endless(_ head: String, _ more: String) {
        let (bytes, reason) = read(head, more)
        #expect(reason == .limit)
        #expect(bytes < 512 * 1024)
    }

    @Test("a gigabyte of elements one in another")
    func deep() {
        let (bytes, reason) = read("<ficAlimMENESR>", "<a>")
        #expect(reason == .limit && bytes == 0)
    }

    @Test("what is no more than long is read to the end")
    func long() {
        let (bytes, reason) = read("<ficAlimMENESR>", "<x a=\"1\">&lt;é</x>\n<!-- x --><?y z?>", upTo: 1 << 23)
        #expect(reason == nil && bytes >= 1 << 23)
    }
}
