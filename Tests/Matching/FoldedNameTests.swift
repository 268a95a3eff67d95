import Matching
import School
import Testing

@Suite("Folded names")
struct FoldedNameTests {
    @Test(
        "what is folded",
        arguments: [
            ("Élodie", "ELODIE"), ("E\u{301}lodie", "ELODIE"), ("ÉLODIE", "ELODIE"), ("Œuvrard", "OEUVRARD"),
            ("œuvrard", "OEUVRARD"), ("Lætitia", "LAETITIA"), ("Strauß", "STRAUSS"), ("STRAUẞ", "STRAUSS"),
            ("Sørensen", "SORENSEN"), ("Łukasz", "LUKASZ"), ("Đặng", "DANG"), ("Þór", "THOR"), ("Işık", "ISIK"),
            ("İnci", "INCI"), ("Ħal", "HAL"), ("Çağla", "CAGLA"), ("Ñuñez", "NUNEZ"), ("ﬁlip", "FILIP"),
            ("Ｄｅｍｏ", "DEMO"), ("Jean-Pierre", "JEAN PIERRE"), ("Jean\u{2010}Pierre", "JEAN PIERRE"),
            ("Jean\u{2011}Pierre", "JEAN PIERRE"), ("Jean\u{2013}Pierre", "JEAN PIERRE"),
            ("Jean\u{2212}Pierre", "JEAN PIERRE"), ("Jean_Pierre", "JEAN PIERRE"), ("Jean\u{A0}Pierre", "JEAN PIERRE"),
            ("Jean\u{202F}Pierre", "JEAN PIERRE"), ("Jean\tPierre", "JEAN PIERRE"), ("Jean, Pierre", "JEAN PIERRE"),
            ("  Jean  -  Pierre ", "JEAN PIERRE"), ("d'Essai", "D ESSAI"), ("d’Essai", "D ESSAI"),
            ("d‘Essai", "D ESSAI"), ("d`Essai", "D ESSAI"), ("d´Essai", "D ESSAI"), ("dʼEssai", "D ESSAI"),
            ("d′Essai", "D ESSAI"), ("d＇Essai", "D ESSAI"), ("De\u{AD}mo", "DEMO"), ("De\u{200B}mo", "DEMO"),
            ("\u{FEFF}Demo", "DEMO"), ("\u{202E}Demo", "DEMO"), ("Demo\u{34F}", "DEMO"), ("Μαρία", "ΜΑΡΙΑ"),
            ("Ёлка", "ЕЛКА"),
            ("\u{915}\u{941}", "\u{915}\u{941}"), ("محمد", "محمد"), ("N°2", "N 2"), ("Nº2", "NO2"), ("", ""),
            ("- ’ .", ""), ("\u{301}", ""),
        ])
    func folds(text: String, folded: String) {
        #expect(FoldedName(text).description == folded)
        #expect(FoldedName(text).isEmpty == folded.isEmpty)
    }

    @Test("each letter of Latin-1, Latin Extended-A and Latin Extended Additional folds to A to Z alone")
    func latinLetters() {
        let blocks: [ClosedRange<UInt32>] = [0xC0...0x17F, 0x1E00...0x1E99, 0x1E9E...0x1E9E, 0x1EA0...0x1EF9]
        var count = 0
        for scalar in blocks.joined().compactMap(Unicode.Scalar.init) where scalar.properties.isAlphabetic {
            let letters = FoldedName(String(scalar)).letters
            #expect(!letters.isEmpty && letters.utf8.allSatisfy { (0x41...0x5A).contains($0) }, "\(scalar)")
            count += 1
        }
        #expect(count == 435)
    }

    @Test("what is folded stays as it is, folded again, in small or in capital letters")
    func idempotence() {
        for value in UInt32(0x20)...0x2FFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let folded = FoldedName("a" + String(scalar) + "b")
            #expect(FoldedName(folded.description) == folded, "U+\(String(value, radix: 16))")
        }
    }

    @Test("256 scalars are folded, 257 are nobody's name")
    func longest() {
        #expect(FoldedName(String(repeating: "é", count: 256)).letters.count == 256)
        #expect(FoldedName(String(repeating: "é", count: 257)).isEmpty)
        #expect(FoldedName("a" + String(repeating: "\u{301}", count: 256)).isEmpty)
    }

    @Test(
        "particles",
        arguments: [
            ("DE LA FONTAINE", "FONTAINE"), ("L'Hermite", "HERMITE"), ("Van den Berg", "BERG"), ("El Amrani", "AMRANI"),
            ("Martin de Souza", "MARTIN SOUZA"), ("Delacroix", "DELACROIX"), ("De", ""), ("O'Brien", "O BRIEN"),
        ])
    func particles(text: String, without: String) {
        #expect(FoldedName(text).withoutParticles.joined(separator: " ") == without)
    }
}

@Suite("Birth dates")
struct BirthDateTests {
    @Test(
        "dates that are none",
        arguments: ["2012-3-14", "2012-13-01", "2011-02-29", "2012-00-14", "14/03/2012", "", "2012-03-14 "])
    func none(text: String) { #expect(BirthDate(iso: text) == nil) }

    @Test("one day, written by the ministries, FranceConnect and the pages")
    func spellings() throws {
        #expect(try #require(BirthDate(iso: "2012-02-29")).description == "2012-02-29")
        #expect(BirthDate(iso: "2012-03-14") == BirthDate(dayMonthYear: "14/03/2012"))
        #expect(BirthDate(dayMonthYear: "03/14/2012") == nil)
        #expect(BirthDate(iso: "2012-00-00")?.isWhole == false)
        #expect(BirthDate(iso: "2012-03-00")?.isWhole == false)
    }
}
