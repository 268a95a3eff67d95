import School
import SchoolFiles
import Testing

@Suite("Which files belong together")
struct RegisterExportsTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private func pupils(_ name: String, academy: String = "09", degree: String = "2D") throws -> String {
        let comment = "<!-- degre='\(degree)' dateGenerationExport='01/09/2025' codeAcademieExport = '\(academy)' -->"
        return try folder.write(name, AAF.file(AAF.add("Eleve", "1", [("sn", ["A"])]), comment: comment))
    }

    @Test("a folder: a complete export in the order of its kinds and numbers, then the changes by their days")
    func wholeFolder() throws {
        for kind in ["Eleve", "PersRelEleve", "PersEducNat", "EtabEducNat"] {
            try folder.write("ENT_Complet_20250915_\(kind)_0000.xml", AAF.file(AAF.add(kind, "1")))
        }
        try folder.write("ENT_Complet_20250915_Eleve_0001.xml", AAF.file(AAF.add("Eleve", "2")))
        for kind in ["MefEducNat", "MatiereEducNat"] {
            try folder.write("ENT_Complet_20250915_\(kind)_0000.xml", AAF.file())
        }
        try folder.write("ENT_Delta_20250917_Eleve_0000.xml", AAF.file(AAF.delete("Eleve", "1")))
        try folder.write("ENT_Delta_20250916_Eleve_0000.xml", AAF.file(AAF.delete("Eleve", "2")))
        try folder.write(".hidden.xml", "x")
        try folder.write("README.txt", "x")
        let exports = try RegisterExports.recognise([folder.path])
        #expect(exports.map(\.date) == ["2025-09-15", "2025-09-16", "2025-09-17"])
        #expect(exports.map(\.extent) == [.complete, .changes, .changes])
        #expect(
            exports[0].files.map(\.content) == [
                .schools, .pupils, .pupils, .responsibles, .staff, .other, .other,
            ])
        #expect(exports[0].files.map(\.number) == [0, 0, 1, 0, 0, 0, 0])
        #expect(try Reading(folder.path).entries.count == 7)
    }

    @Test("the comment is read in any order and quoting; without an academy the operator must tell it")
    func comment() throws {
        let export = try #require(try RegisterExports.recognise([pupils("a.xml", academy: "06")]).first)
        #expect(export.register == Register(.aaf2D, .academy("06")) && export.date == "2025-09-01")
        let path = try folder.write("b.xml", AAF.file(AAF.add("Eleve", "1"), comment: "<!-- degre=2D -->"))
        #expect(try problem(path)?.reason == .needsOption)
        var options = RegisterExports.Options()
        options.academy = "10"
        #expect(try RegisterExports.recognise([path], options: options).first?.register.scope == .academy("10"))
        let other = try folder.write(
            "c.xml", AAF.file(AAF.add("Eleve", "1"), comment: "<!-- degre=3D codeAcademieExport=1 -->"))
        #expect(try problem(other)?.reason == .unrecognised)
    }

    @Test("without a name that tells, a file is complete only when the operator says so")
    func extent() throws {
        let path = try pupils("a.xml")
        #expect(try RegisterExports.recognise([path]).first?.extent == .unstated)
        var options = RegisterExports.Options()
        options.assumeComplete = true
        #expect(try RegisterExports.recognise([path], options: options).first?.extent == .complete)
        let changes = try folder.write("b.xml", AAF.file(AAF.delete("Eleve", "1")))
        #expect(try RegisterExports.recognise([changes], options: options).first?.extent == .changes)
        // What is taken for complete, and turns out to be changes, is refused.
        let late = AAF.file((0..<2_000).map { AAF.add("Eleve", "\($0)") }.joined(), AAF.delete("Eleve", "1"))
        #expect(try problem(folder.write("c.xml", late), options: options)?.reason == .malformed)
        #expect(try problem(folder.write("c.xml", late)) == nil)
    }

    @Test("a name that says another kind than the file holds is refused; PersRelEleve is no Eleve")
    func names() throws {
        let text = AAF.file(AAF.add("PersRelEleve", "1"))
        #expect(try problem(folder.write("ENT_Complet_20250915_PersRelEleve_0000.xml", text)) == nil)
        #expect(try problem(folder.write("ENT_Complet_20250915_Eleve_0000.xml", text))?.reason == .mixed)
        #expect(try problem(folder.write("x_Eleve_0000.xml", text))?.reason == .mixed)
    }

    @Test("two academies of one format are refused; the degrees of one academy are two registers")
    func academies() throws {
        let first = try pupils("a.xml")
        #expect(try RegisterExports.recognise([first, pupils("b.xml", degree: "1D")]).count == 2)
        #expect(try problem([first, pupils("c.xml", academy: "10")])?.reason == .mixed)
    }

    @Test("a missing number, a number twice, a kind twice")
    func numbers() throws {
        let first = try pupils("x_Complet_20250915_Eleve_0000.xml")
        let second = try pupils("x_Complet_20250915_Eleve_0001.xml")
        let third = try pupils("x_Complet_20250915_Eleve_0002.xml")
        #expect(try problem([third, first, second]) == nil)
        #expect(
            try problem([first, third])
                == FileProblem(
                    .incompleteSet, in: third, "The file numbered before it is missing."))
        #expect(try problem([second, third])?.reason == .incompleteSet)
        #expect(try problem([first, pupils("y_Complet_20250915_Eleve_0000.xml")])?.reason == .incompleteSet)
        #expect(try problem([first, first])?.reason == .incompleteSet)
        #expect(try problem([pupils("a.xml"), pupils("b.xml")])?.reason == .incompleteSet)
        let school = try Sample.path("siecle-eleves.xml")
        #expect(try problem([school, school])?.reason == .incompleteSet)
    }

    @Test("beside a complete export stand only changes of later days")
    func extents() throws {
        let complete = try pupils("x_Complet_20250915_Eleve_0000.xml")
        #expect(try problem([pupils("x_Delta_20250916_Eleve_0000.xml"), complete]) == nil)
        #expect(try problem([complete, pupils("x_Delta_20250915_Eleve_0000.xml")])?.reason == .mixed)
        #expect(try problem([complete, pupils("x_Delta_20250914_Eleve_0000.xml")])?.reason == .mixed)
        #expect(try problem([complete, pupils("a.xml")])?.reason == .mixed)
        #expect(try problem([pupils("x_Delta_20250916_Eleve_0000.xml"), pupils("a.xml")])?.reason == .mixed)
    }

    @Test("what is not there, is empty, no file or no register's")
    func others() throws {
        #expect(try problem(folder.path + "/nothing.xml")?.reason == .unreadable)
        #expect(try problem(folder.write("a.xml", ""))?.reason == .empty)
        #expect(try problem("/dev/zero")?.reason == .unreadable)
        #expect(try problem(folder.write("a.txt", "x"))?.reason == .unrecognised)
        let empty = try Folder()
        #expect(try problem(empty.path)?.reason == .unrecognised)
    }

    @Test("a file that changes between the look at it and the reading is refused")
    func changed() throws {
        let path = try pupils("a.xml")
        let exports = try RegisterExports.recognise([path])
        try folder.write("a.xml", AAF.file())
        let found = #expect(throws: FileProblem.self) { try exports[0].read { _ in } }
        #expect(found?.reason == .unreadable)
    }
}
