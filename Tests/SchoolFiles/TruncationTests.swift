import School
import SchoolFiles
import Testing

@Suite("Files that end too early")
struct TruncationTests {
    @Test(
        "a sample cut off after every hundredth byte, and at each of its last, is refused",
        arguments: [
            "aaf-eleve.xml", "aaf-persreleleve.xml", "aaf-etab.xml", "siecle-eleves.xml", "siecle-responsables.xml",
        ])
    func truncated(_ name: String) throws {
        let folder = try Folder()
        let bytes = try Sample.bytes(name)
        let whole = try Reading(folder.write("a.xml", bytes)).entries
        #expect(whole.count > 0)
        let cuts = Array(stride(from: 0, to: bytes.count - 30, by: 100)) + Array(bytes.count - 30..<bytes.count)
        for cut in cuts {
            let path = try folder.write("a.xml", bytes[..<cut])
            guard let found = try problem(path) else {
                // Only the end of the line behind the root may be missing.
                #expect(bytes[cut...] == [0x0A])
                #expect(try Reading(path).entries == whole)
                continue
            }
            let expected: Set<FileProblem.Reason> = cut == 0 ? [.empty] : [.truncated]
            #expect(expected.contains(found.reason), "\(cut): \(found)")
            #expect(found.file == path)
        }
    }

    @Test("a large file that ends too early is refused after its records have been told")
    func large() throws {
        let folder = try Folder()
        let requests = (0..<5_000).map { AAF.add("Eleve", "\($0)", [("sn", ["ÉLÈVE"])]) }.joined()
        let text = AAF.file(requests)
        #expect(try Reading(folder.write("a.xml", text)).entries.count == 5_000)
        let path = try folder.write("a.xml", text.utf8.dropLast(20))
        var count = 0
        let export = try #require(try RegisterExports.recognise([path]).first)
        let found = #expect(throws: FileProblem.self) { try export.read { _ in count += 1 } }
        #expect(found?.reason == .truncated && found?.line == 35_002 && count > 3_000)
    }
}
