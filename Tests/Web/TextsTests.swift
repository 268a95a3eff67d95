import Foundation
import Testing

@testable import Web

/// The catalogues against each other, against the templates and against the code.
@Suite("Texts of the pages")
struct TextsTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources")

    private func catalogue(_ language: Language) throws -> [String: [String: String]] {
        let file = Self.root.appending(path: "Web/Resources/texts/\(language.rawValue).yaml")
        return try Texts(yaml: String(contentsOf: file, encoding: .utf8), isFrench: language == .french).sections
    }

    private func keys(_ catalogue: [String: [String: String]]) -> Set<String> {
        Set(catalogue.flatMap { section, texts in texts.keys.map { section + "." + $0 } })
    }

    private func files(_ folder: String, _ ending: String) throws -> [(name: String, text: String)] {
        let files = FileManager.default.enumerator(
            at: Self.root.appending(path: folder), includingPropertiesForKeys: nil)
        return try (files?.allObjects ?? []).compactMap { $0 as? URL }.filter { $0.pathExtension == ending }
            .map { ($0.lastPathComponent, try String(contentsOf: $0, encoding: .utf8)) }
    }

    @Test("every language has the keys of the French one, none empty", arguments: Language.allCases)
    func sameKeys(_ language: Language) throws {
        let french = try catalogue(.french)
        let other = try catalogue(language)
        let different = keys(other).symmetricDifference(keys(french))
        #expect(different.sorted() == [])
        for (section, texts) in other {
            for (key, text) in texts {
                #expect(text.contains { !$0.isWhitespace }, "\(section).\(key)")
            }
        }
    }

    @Test("every language has the placeholders of the French one", arguments: Language.allCases)
    func samePlaceholders(_ language: Language) throws {
        let placeholder = /\{[a-z]+\}/
        let other = try catalogue(language)
        for (section, texts) in try catalogue(.french) {
            for (key, text) in texts {
                let wanted = Set(text.matches(of: placeholder).map { String($0.output) })
                let found = Set((other[section]?[key] ?? "").matches(of: placeholder).map { String($0.output) })
                #expect(found == wanted, "\(section).\(key)")
            }
        }
    }

    @Test("every text that a template names is there")
    func templates() throws {
        let known = keys(try catalogue(.french))
        let templates = try files("Web/Resources/pages", "mustache")
        #expect(templates.count > 20)
        for (name, text) in templates {
            for match in text.matches(of: /\{\{text\.([a-z_]+)\.([a-z_]+)\}\}/) {
                let key = "\(match.output.1).\(match.output.2)"
                #expect(known.contains(key), "\(name): \(key)")
            }
        }
    }

    @Test("every text that the code names is there")
    func code() throws {
        let known = keys(try catalogue(.french))
        var count = 0
        for (name, text) in try files(".", "swift") {
            for match in text.matches(of: /\.text\(\s*"([a-z_]+)", "([a-z_]+)"/) {
                count += 1
                let key = "\(match.output.1).\(match.output.2)"
                // A key that ends so is put together: the rest comes from a value.
                let isKnown = key.hasSuffix("_") ? known.contains { $0.hasPrefix(key) } : known.contains(key)
                #expect(isKnown, "\(name): \(key)")
            }
        }
        #expect(count > 20)
    }

    @Test("every asset that a template names is there")
    func assets() throws {
        let names = try Assets(folder: Self.root.appending(path: "Web/Resources/static").path()).forTemplates
        for (name, text) in try files("Web/Resources/pages", "mustache") {
            for match in text.matches(of: /\{\{asset\.([a-z_]+)\}\}/) {
                #expect(names[String(match.output.1)] != nil, "\(name): \(match.output.1)")
            }
        }
    }

    @Test("every problem has a heading and a sentence, every action a label", arguments: Language.allCases)
    func problems(_ language: Language) throws {
        let errors = try #require(try catalogue(language)["error"])
        for text in ProblemText.allCases {
            #expect(errors[text.rawValue + "_heading"] != nil, "\(text)")
            #expect(errors[text.rawValue + "_sentence"] != nil, "\(text)")
        }
        for action in ProblemAction.allCases { #expect(errors[action.rawValue] != nil, "\(action)") }
    }

    @Test(
        "Accept-Language by its weights",
        arguments: [
            ("fr", .french), ("en-GB,en;q=0.9,fr;q=0.8", .english), ("de,ar;q=0.5", .arabic),
            ("fr;q=0.1,pt-BR;q=0.9", .portuguese),
            ("TR", .turkish), ("de", nil), ("", nil), ("*", nil), ("fr;q=0", nil), ("fr;q=0,en;q=0.1", .english),
            ("en;q=x,fr;q=0.1", .french),
            ("en;q=0.5,fr;q=0.5", .english), (String(repeating: "fr,", count: 400), nil), (nil, nil),
            (";;;,,,fr", .french),
        ] as [(String?, Language?)])
    func acceptLanguage(_ sample: (header: String?, expected: Language?)) {
        #expect(Language.best(for: sample.header) == sample.expected)
    }

    @Test("placeholders are replaced, and what is missing shows its key")
    func lookUp() throws {
        let texts = try Texts(yaml: "a:\n  b: \"{x} et {y} et {x}\"\n", isFrench: true)
        #expect(texts.text("a", "b", ["x": "1", "y": "2"]) == "1 et 2 et 1")
        #expect(texts.text("a", "c") == "a.c")
        #expect(throws: PagesError.self) { try Texts(yaml: "a: b", isFrench: true) }
    }

    @Test("only Arabic runs from right to left")
    func direction() {
        #expect(Language.allCases.filter { $0.direction == "rtl" } == [.arabic])
    }
}
