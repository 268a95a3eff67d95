import Foundation
import Settings
import Testing

@Suite("Settings: files that are refused as a whole")
struct RefusedFiles {
    private func read(_ path: String) throws -> SettingsError {
        try #require(throws: SettingsError.self) { _ = try SettingsFile.read(path: path) { _ in } }
    }

    @Test("a file that is not there, a folder, a file too large, a file that is not UTF-8")
    func files() throws {
        try withFolder { folder in
            try write(Array("a: b\n".utf8), folder + "/good.yaml")
            #expect(try SettingsFile.read(path: folder + "/good.yaml") { try $0.string("a") }.value == "b")

            #expect(try read(folder + "/none.yaml").code == .missingFile)
            #expect(try read(folder + "/good.yaml/none.yaml").code == .missingFile)
            #expect(try read(folder + "/good.yaml\0.txt").code == .missingFile)
            #expect(try read(folder).reason.contains("is a folder"))
            try write([UInt8](repeating: 0x23, count: SettingsFile.sizeLimit + 1), folder + "/large.yaml")
            #expect(try read(folder + "/large.yaml").reason.contains("is larger than 1048576 bytes"))
            try write(Array("a: ".utf8) + [0xE9, 0x0A], folder + "/latin1.yaml")
            #expect(try read(folder + "/latin1.yaml").reason.contains("is not UTF-8"))
        }
    }

    @Test(
        "text that is no YAML, or YAML that a configuration does not need",
        arguments: [
            ("a: 1\nb: [1, 2\n", SettingsError.Code.notYAML, 3, "not valid YAML"),
            ("a: 1\nb: \"x\nc: 2\n", .notYAML, 4, "not valid YAML"),
            ("a: 1\n  b: 2\n", .notYAML, 2, "not valid YAML"),
            ("mail:\n\thost: a\n", .notYAML, 2, "a tab in the indentation"),
            ("a: 1\n---\nb: 2\n", .notYAML, 2, "a second document"),
            ("a: 1\nb: 2\na: 3\n", .duplicateKey, 1, "\"a\" stands more than once"),
            ("x:\n  a: 1\n  a: 1\n", .duplicateKey, 2, "Keep one"),
            ("a: 1\n\"a\": 2\n", .duplicateKey, 1, "\"a\" stands more than once"),
            ("a: 1\nb: &b 2\n", .notYAML, 2, "anchors"),
            ("b: &b [1]\nc: *b\n", .notYAML, 1, "anchors"),
            ("a: 1\nc: *b\n", .notYAML, 2, "aliases"),
            ("a: !!binary aGk=\n", .notYAML, 1, "tags"),
            ("a: !secret x\n", .notYAML, 1, "tags"),
            ("a: !!int 5\n", .notYAML, 1, "tags"),
            ("a: !list [x]\n", .notYAML, 1, "tags"),
            ("<<: {a: b}\n", .notYAML, 1, "a key must be a plain word"),
            ("[a]: b\n", .notYAML, 1, "a key must be a plain word"),
            ("\"\": b\n", .notYAML, 1, "a key must be a plain word"),
            ("a: 1\nb: \u{1}\n", .notYAML, 2, "Remove that character"),
            ("a: 1\nb: \u{0}\n", .notYAML, 2, "Remove that character"),
        ])
    func text(_ text: String, _ code: SettingsError.Code, _ line: Int, _ reason: String) throws {
        let error = try refusal(text) { node in for key in node.keys { _ = node.has(key) } }
        #expect(error.code == code)
        #expect(error.line == line)
        #expect(error.reason.contains(reason), "\(error.reason)")
    }

    @Test("ten levels of ten aliases are refused at the first anchor, before anything is expanded")
    func aliasBomb() throws {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let alias = "*a\(level - 1)"
            text += "a\(level): &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ", "))]\n"
        }
        let error = try refusal(text) { _ in }
        #expect(error.code == .notYAML && error.line == 1 && error.reason.contains("anchors"))
    }

    @Test("half a million brackets do not end the process", arguments: ["[", "{", "- ", "? ", "[{"])
    func deepNesting(_ unit: String) throws {
        let error = try refusal("a:\n " + String(repeating: unit, count: 400_000 / unit.utf8.count)) { _ in }
        #expect(error.code == .notYAML)
    }
}
