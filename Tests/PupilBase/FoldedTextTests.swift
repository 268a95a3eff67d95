import School
import Testing

@Suite("Folded text")
struct FoldedTextTests {
    @Test("every letter of Latin-1, and what stands beside it, folds as the long way does")
    func letters() throws {
        for value in UInt32(0)...0x2FF {
            let scalar = try #require(Unicode.Scalar(value))
            for text in ["\(scalar)", "A\(scalar)b", "\(scalar)\(scalar) É", " \(scalar)", "x \(scalar)"] {
                #expect(FoldedName.folded(text) == FoldedName(text).description, "U+\(String(value, radix: 16))")
            }
        }
    }

    @Test(
        "names fold as the long way does",
        arguments: [
            "", " ", "D'Essai", "D’ESSAI", "Anne-Élise", "LE  TEST", "Œuvrard", "ŒUVRARD-LŒB", "Müller", "Nuñez", "Łuk",
            "O'Brien-Ñ",
            "İnci", "e\u{301}lise", "Straße", "ÆGIR", "çelik", "À", "É\u{301}", "Ａｌｅｘ", "أحمد", "Ðorđe",
            String(repeating: "é", count: 127), String(repeating: "é", count: 128), String(repeating: "é", count: 129),
            String(repeating: "A", count: 256), String(repeating: "A", count: 257),
        ])
    func names(_ text: String) {
        #expect(FoldedName.folded(text) == FoldedName(text).description)
    }
}
