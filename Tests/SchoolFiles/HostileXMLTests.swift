import School
import SchoolFiles
import Testing

/// Each hostile file is a good one with one thing put into it; the good one is read first.
@Suite("Hostile XML")
struct HostileXMLTests {
    private let folder: Folder
    private let good: String

    init() throws {
        folder = try Folder()
        good = AAF.file(
            AAF.add("Eleve", "1", [("sn", ["EXEMPLE"])]),
            head: "<!DOCTYPE ficAlimMENESR SYSTEM \"ficAlimMENESR.dtd\">\n")
        #expect(try Reading(folder.write("good.xml", good)).persons.map(\.usageName) == ["EXEMPLE"])
    }

    private func reason(_ text: String) throws -> FileProblem.Reason? {
        try problem(folder.write("a.xml", text))?.reason
    }

    private func declaring(_ subset: String, text: String = "EXEMPLE") -> String {
        good.replacing("SYSTEM \"ficAlimMENESR.dtd\">", with: "SYSTEM \"ficAlimMENESR.dtd\" [\(subset)]>")
            .replacing("EXEMPLE", with: text)
    }

    @Test("the DTD that a DOCTYPE names is not loaded, wherever it is")
    func documentType() throws {
        let dtd = try folder.write("ficAlimMENESR.dtd", "<!ENTITY nom \"SECRET\"><!ATTLIST attr name CDATA \"mail\">")
        for address in [dtd, "file://" + dtd, "http://127.0.0.1:1/x.dtd", "ficAlimMENESR.dtd"] {
            let text = good.replacing("\"ficAlimMENESR.dtd\"", with: "\"\(address)\"")
            #expect(try reason(text) == nil)
            #expect(try reason(text.replacing("EXEMPLE", with: "&nom;")) == .entity)
        }
    }

    @Test("billion laughs: the first declaration ends the reading")
    func billionLaughs() throws {
        var subset = "<!ENTITY a0 \"ha\">"
        for level in 1..<30 { subset += "<!ENTITY a\(level) \"&a\(level - 1);&a\(level - 1);\">" }
        #expect(try reason(declaring(subset, text: "&a29;")) == .entity)
        #expect(try reason(declaring(subset)) == .entity)
    }

    @Test("an external entity is not read")
    func externalEntity() throws {
        let secret = try folder.write("secret", "SECRET")
        #expect(try reason(declaring("<!ENTITY x SYSTEM \"file://\(secret)\">", text: "&x;")) == .entity)
        #expect(try reason(declaring("<!ENTITY x SYSTEM \"\(secret)\" NDATA y>")) == .entity)
    }

    @Test("a parameter entity, and every other declaration")
    func declarations() throws {
        let secret = try folder.write("secret", "<!ENTITY x \"SECRET\">")
        for subset in [
            "<!ENTITY % p SYSTEM \"file://\(secret)\"> %p;", "%p;", "<!ENTITY % p \"x\">", "<!ELEMENT a ANY>",
            "<!ATTLIST attr name CDATA \"mail\">", "<!ATTLIST attr name (a|b) \"a\">", "<!NOTATION n SYSTEM \"x\">",
        ] {
            #expect(try reason(declaring(subset)) == .entity, "\(subset)")
        }
        #expect(try reason(declaring(" <!-- nothing --> ")) == nil)
    }

    @Test("a reference to an entity that nobody declares, in a text and in an attribute")
    func reference() throws {
        #expect(try reason(good.replacing("EXEMPLE", with: "&eacute;")) == .entity)
        #expect(try reason(good.replacing("name=\"sn\"", with: "name=\"&sn;\"")) == .entity)
        let bare = good.replacing("<!DOCTYPE ficAlimMENESR SYSTEM \"ficAlimMENESR.dtd\">\n", with: "")
        #expect(try reason(bare) == nil)
        #expect(try reason(bare.replacing("EXEMPLE", with: "&eacute;")) == .entity)
        #expect(try reason(good.replacing("EXEMPLE", with: "&lt;&gt;&amp;&quot;&apos;&#65;")) == nil)
    }

    @Test("sixteen elements deep and no deeper")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            let open = (0..<depth).map { _ in "<x>" }.joined()
            return good.replacing("<addRequest>", with: open + open.replacing("<", with: "</") + "<addRequest>")
        }
        #expect(try reason(nested(15)) == nil)
        #expect(try reason(nested(16)) == .limit)
        #expect(try reason(nested(100_000)) == .limit)
    }

    @Test("a text of 64 KB and no longer, kept or not; an attribute of 4 KB")
    func lengths() throws {
        func text(_ count: Int) -> String { String(repeating: "A", count: count) }
        // One that is kept and has no limit of its own, and one that is not kept.
        for name in ["personalTitle", "ENTPersonAdresse"] {
            let other = good.replacing("\"sn\"", with: "\"\(name)\"")
            #expect(try reason(other.replacing("EXEMPLE", with: text(65_536))) == nil)
            #expect(try reason(other.replacing("EXEMPLE", with: text(65_537))) == .limit)
        }
        #expect(try reason(good.replacing("<attributes>", with: "<attributes>" + text(65_537))) == .limit)
        #expect(try reason(good.replacing("name=\"sn\"", with: "x=\"\(text(4_096))\" name=\"sn\"")) == nil)
        #expect(try reason(good.replacing("name=\"sn\"", with: "x=\"\(text(4_097))\" name=\"sn\"")) == .limit)
    }

    @Test("sixty-four attributes and no more, or a million")
    func attributes() throws {
        func many(_ count: Int) -> String {
            good.replacing(
                "name=\"sn\"", with: (1..<count).map { "a\($0)=\"\"" }.joined(separator: " ") + " name=\"sn\"")
        }
        #expect(try reason(many(64)) == nil)
        #expect(try reason(many(65)) == .limit)
        #expect(try reason(many(1_000_000)) == .limit)
        #expect(try reason(good.replacing("name=\"sn\"", with: "name=\"sn\" name=\"mail\"")) == .malformed)
    }

    @Test("two thousand values of one request and no more, kept or not; four megabytes and no more")
    func values() throws {
        func many(_ count: Int, of value: String) -> String {
            let values = String(repeating: "<value>\(value)</value>", count: count)
            return good.replacing("<value>EXEMPLE</value>", with: values).replacing("\"sn\"", with: "\"mobile\"")
        }
        func spread(_ count: Int) -> String {
            let names = ["sn", "mail", "mobile", "givenName", "ENTPersonAutresPrenoms", "personalTitle"]
            let kept = names.map { ($0, [String](repeating: "1", count: 200)) }
            let others = [("ENTPersonAdresse", [String](repeating: "1", count: count - 1_200))]
            return AAF.file(AAF.add("Eleve", "1", kept + others))
        }
        // One value says what the request is about.
        #expect(try reason(spread(1_999)) == nil)
        #expect(try reason(spread(2_000)) == .limit)
        let long = String(repeating: "1", count: 65_536)
        #expect(try reason(many(63, of: long)) == nil)
        #expect(try reason(many(64, of: long)) == .limit)
    }

    @Test("zero bytes and other control characters")
    func controls() throws {
        #expect(try reason(good.replacing("EXEMPLE", with: "EX\0MPLE")) == .malformed)
        #expect(try reason(good + "\0") == .malformed)
        #expect(try reason("\0" + good) == .encoding)
        #expect(try reason(good.replacing("EXEMPLE", with: "EX\u{1}MPLE")) == .malformed)
        #expect(try reason(good.replacing("EXEMPLE", with: "&#0;")) == .malformed)
        #expect(try reason(good.replacing("EXEMPLE", with: "&#x8;")) == .malformed)
        #expect(try reason(good.replacing("EXEMPLE", with: "EX\tMPLE")) == nil)
    }

    @Test("another root, no XML, two roots, an unclosed element, an unknown prefix")
    func illFormed() throws {
        #expect(try reason("<other/>") == .unrecognised)
        #expect(try reason(good.replacing("ficAlimMENESR>", with: "ficAlim>")) == .unrecognised)
        #expect(try reason("nom;prenom\n") == .unrecognised)
        #expect(try reason("   \n") == .empty)
        #expect(try reason(good + good) == .malformed)
        #expect(try reason(good + "x") == .malformed)
        #expect(try reason(good.replacing("</identifier>", with: "")) == .malformed)
        #expect(try reason(good.replacing("<addRequest>", with: "<a:addRequest>")) == .malformed)
        #expect(try problem(folder.write("a.xml", good.replacing("</identifier>", with: "")))?.line == 10)
    }
}

@Suite("Encodings")
struct EncodingTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    @Test("UTF-8 under the name of ISO-8859 is refused, with its line, and so is ISO-8859 under the name of UTF-8")
    func eachWay() throws {
        let latin = try Sample.bytes("siecle-eleves.xml")
        #expect(try problem(folder.write("e.xml", latin)) == nil)
        let text = String(String.UnicodeScalarView(latin.map { Unicode.Scalar($0) }))
        for name in ["ISO-8859-15", "ISO-8859-1", "iso-8859-1"] {
            let wrong = try folder.write("e.xml", text.replacing("ISO-8859-15", with: name))
            let found = try #require(try problem(wrong))
            #expect(found.reason == .encoding && found.line == 7 && found.file == wrong)
        }
        let utf8 = try folder.write("e.xml", text.replacing("ISO-8859-15", with: "UTF-8"))
        #expect(try problem(utf8) == nil)
        let bytes = text.replacing("ISO-8859-15", with: "UTF-8").unicodeScalars.map { UInt8($0.value) }
        let found = try #require(try problem(folder.write("e.xml", bytes)))
        #expect(found.reason == .encoding && found.line == 7)
    }

    @Test("every letter of French that ISO-8859-15 has, written in UTF-8 under its name")
    func letters() throws {
        for letter in "ÀÂÄÇÈÉÊËÎÏÔÖÙÛÜŸÆŒàâäçèéêëîïôöùûüÿæœ" {
            let head = "<?xml version=\"1.0\" encoding=\"ISO-8859-15\"?>\n"
            let text = AAF.file(AAF.add("Eleve", "1", [("sn", ["A\(letter)B"])]), head: head)
            let isTwoBytesFromC3 = String(letter).utf8.first == 0xC3
            let expected: FileProblem.Reason? = isTwoBytesFromC3 ? .encoding : nil
            #expect(try problem(folder.write("a.xml", text))?.reason == expected, "\(letter)")
        }
        // Ã is a letter of names, alone.
        let bytes = AAF.file(
            AAF.add("Eleve", "1", [("sn", ["JOÃO ÃGUEDA Ã"])]), head: "<?xml version='1.0' encoding='ISO-8859-1'?>"
        ).unicodeScalars.map { UInt8($0.value) }
        #expect(try Reading(folder.write("a.xml", bytes)).persons.first?.usageName == "JOÃO ÃGUEDA Ã")
    }

    @Test("without a declaration it is UTF-8, and nothing else")
    func undeclared() throws {
        let text = AAF.file(AAF.add("Eleve", "1", [("sn", ["LÉA"])]))
        #expect(try Reading(folder.write("a.xml", text)).persons.first?.usageName == "LÉA")
        let found = try problem(folder.write("a.xml", text.unicodeScalars.map { UInt8($0.value) }))
        #expect(found?.reason == .encoding && found?.line == 7)
        let marked = "\u{FEFF}" + text
        #expect(try Reading(folder.write("a.xml", marked)).persons.first?.usageName == "LÉA")
    }

    @Test("an encoding that no ministry writes is refused")
    func others() throws {
        let text = AAF.file(AAF.add("Eleve", "1", [("sn", ["LEA"])]))
        for name in ["UTF-16", "UTF-7", "EBCDIC-FR", "SHIFT_JIS", "no-such-thing", "UTF-32"] {
            let path = try folder.write("a.xml", "<?xml version=\"1.0\" encoding=\"\(name)\"?>\n" + text)
            #expect(try problem(path)?.reason == .encoding, "\(name)")
        }
        for order in [[UInt8(0xFF), 0xFE], [0xFE, 0xFF]] {
            let wide = order + text.utf16.flatMap { order[0] == 0xFF ? [UInt8($0), 0] : [0, UInt8($0)] }
            #expect(try problem(folder.write("a.xml", wide))?.reason == .encoding)
        }
    }
}
