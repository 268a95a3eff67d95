import Foundation
import School
import SchoolFiles
import Testing

@Suite("ONDE: files that are refused")
struct ONDERefusalTests {
    private let header = "Nom Elève;Prénom Elève;Date naissance;Classe"
    private let line = "EXEMPLE;Hugo;2016-05-09;CE2 A"

    @Test("without the school nothing is read")
    func school() throws {
        let folder = try ONDEFolder(pupils: [header, line])
        #expect(folder.refusal(school: nil) == "needs-option")
        #expect(folder.refusal() == nil)
    }

    @Test("the responsibles need the pupils beside them")
    func alone() throws {
        let responsibles = try ONDEFolder.sample("onde-responsables.csv")
        let folder = try ONDEFolder()
        try folder.write(ONDEFolder.responsibles, responsibles)
        #expect(folder.refusal() == "incomplete-set")
        try folder.write(ONDEFolder.pupils, ONDEFolder.sample("onde-eleves.csv"))
        #expect(folder.refusal() == nil)
        try folder.write("eleves-2.csv", ONDEFolder.sample("onde-eleves.csv"))
        #expect(folder.refusal() == "incomplete-set")
    }

    @Test(
        "what is no file of ONDE is not recognised",
        arguments: [
            "given_name;family_name;profile\nA;B;eleve\n", "Nom;Prénom\nA;B\n", "Nom Elève,Prénom Elève\nA,B\n", "\n\n",
            "<html>;</html>", "Nom Elève\nA\n", "\"Nom Elève;Prénom Elève",
        ])
    func unrecognised(_ text: String) throws {
        let folder = try ONDEFolder()
        try folder.write("base.csv", Array(text.utf8))
        #expect(folder.refusal() == "unrecognised")
    }

    @Test("files are known by their header, whatever they are called")
    func names() throws {
        let folder = try ONDEFolder()
        try folder.write("a.csv", ONDEFolder.sample("onde-responsables.csv"))
        try folder.write("b.csv", ONDEFolder.sample("onde-eleves.csv"))
        #expect(try folder.events().count == 8)
    }

    @Test("a file with a header and nothing below, or with nothing at all, is empty")
    func empty() throws {
        #expect(try ONDEFolder(pupils: [header]).refusal() == "empty")
        #expect(try ONDEFolder(pupils: [], eol: "").refusal() == "empty")
        #expect(
            try ONDEFolder(pupils: [header, line], responsibles: [ONDETests.header + ONDETests.child]).refusal()
                == "empty")
    }

    @Test("bytes that are no text of one encoding are told with their line")
    func encoding() throws {
        let folder = try ONDEFolder()
        func refusal(_ second: [UInt8]) throws -> String? {
            try folder.write(
                ONDEFolder.pupils,
                Array("Nom Eleve;Prenom Eleve;Date naissance;Classe\nA;B;2016-05-09;CP\n".utf8) + second)
            return folder.refusal()
        }
        #expect(try refusal(Array("MODÈLE;Éloïse;2016-05-09;CP\n".utf8)) == nil)
        #expect(try refusal(ONDEFolder.latin1("MODÈLE;Éloïse;2016-05-09;CP\n")) == nil)
        // Both at once; a letter of UTF-8 that was cut; a zero; a byte that stands for nothing.
        #expect(try refusal(Array("É;é;2016-05-09;".utf8) + [0xE9, 0x0A]) == "encoding:3")
        #expect(try refusal(Array("É;B;2016-05-09;".utf8) + [0xC3]) == "encoding:3")
        #expect(try refusal([0x00]) == "encoding:3")
        #expect(try refusal([0xE9, 0x81, 0x0A]) == "encoding:3")
    }

    @Test("what is beyond every school is refused at its line, and what stands at the limit is read")
    func limits() throws {
        func refusal(_ lines: [String], _ more: String = "") throws -> String? {
            try ONDEFolder(pupils: [header + more] + lines).refusal()
        }
        let long = String(repeating: "x", count: 8192)
        // A column that is not kept: what is kept has narrower limits.
        #expect(try refusal(["EXEMPLE;Hugo;2016-05-09;CP;" + long], ";Adresse") == nil)
        #expect(try refusal([line, "EXEMPLE;Hugo;2016-05-09;CP;x" + long], ";Adresse") == "limit:3")
        #expect(try refusal([line, "EXEMPLE;Hugo;2016-05-09;CP;\"" + long, long], ";Adresse") == "limit:3")
        #expect(try refusal([line + String(repeating: ";", count: 508)]) == nil)
        #expect(try refusal([line + String(repeating: ";", count: 509)]) == "limit:2")
        let many = (1...20_000).map { "EXEMPLE;N\($0);2016-05-09;CP" }
        #expect(try refusal(many) == nil)
        #expect(try refusal(many + [line]) == "limit:20002")
        // A whole file of one open quote or of separators ends early too.
        #expect(try refusal(["\"" + String(repeating: "\n", count: 1 << 20)]) == "limit:2")
        #expect(try refusal([String(repeating: ";", count: 1 << 20)]) == "limit:2")
    }

    @Test("a file larger than every school's is refused before it is read")
    func size() throws {
        let folder = try ONDEFolder()
        // A hole in the file, which takes no room on the disk.
        let file = folder.url.appending(path: ONDEFolder.pupils)
        try folder.write(ONDEFolder.pupils, ONDEFolder.latin1(header + "\n" + line + "\n"))
        #expect(folder.refusal() == nil)
        let handle = try FileHandle(forWritingTo: file)
        try handle.truncate(atOffset: 32 << 20)
        #expect(folder.refusal() == "encoding:3")
        try handle.truncate(atOffset: (32 << 20) + 1)
        #expect(folder.refusal() == "limit")
        try handle.close()
    }
}
