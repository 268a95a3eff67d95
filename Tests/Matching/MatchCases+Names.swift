import Matching
import School

extension MatchCase {
    /// One responsible, one child, and what is typed for the name: the sentence, the names held, the names typed, the
    /// answer.
    private typealias NameRow = (
        sentence: String, birth: String?, usage: String?, given: String, others: [String],
        typed: (family: String, given: String), evidence: NameEvidence?
    )

    static var names: [MatchCase] {
        nameRows.map { row in
            MatchCase(
                "Name", row.sentence,
                base: [
                    record("a", birth: row.birth, usage: row.usage, row.given, others: row.others, .legal(lea))
                ],
                claim: claiming(row.typed.family, row.typed.given),
                answer: row.evidence.map { "one: a (\($0)); to prove lea" } ?? "none: nameDiffers")
        } + unreadable + stronger
    }

    private static let nameRows: [NameRow] = [
        ("birth name", "DEMO", "EXEMPLE", "Camille", [], ("Demo", "Camille"), .exact),
        ("usage name", "DEMO", "EXEMPLE", "Camille", [], ("Exemple", "Camille"), .exact),
        ("birth and usage names together", "DEMO", "EXEMPLE", "Camille", [], ("Demo-Exemple", "Camille"), .exact),
        ("usage and birth names together", "DEMO", "EXEMPLE", "Camille", [], ("Exemple Demo", "Camille"), .exact),
        ("only a birth name is held", "DEMO", "", "Camille", [], ("demo", "camille"), .exact),
        ("only a usage name is held", nil, "EXEMPLE", "Camille", [], ("exemple", "camille"), .exact),
        ("accents typed, none held", "MODELE", nil, "Helene", [], ("Modèle", "Hélène"), .exact),
        ("accents held, none typed", "MODÈLE", nil, "Éloïse", [], ("modele", "eloise"), .exact),
        ("ligatures", "ŒUVRARD", nil, "Lætitia", [], ("Oeuvrard", "Laetitia"), .exact),
        ("straight and curly apostrophe", "D'ESSAI", nil, "Rose", [], ("d’Essai", "Rose"), .exact),
        ("an apostrophe typed as a blank", "D'ESSAI", nil, "Rose", [], ("D ESSAI", "Rose"), .exact),
        ("an apostrophe left out", "D'ESSAI", nil, "Rose", [], ("dessai", "Rose"), .sameLetters),
        ("a hyphen typed as a blank", "MODÈLE-FICTIF", nil, "Luc", [], ("modele fictif", "Luc"), .exact),
        ("a blank left out", "LE ROUX", nil, "Luc", [], ("Leroux", "Luc"), .sameLetters),
        ("a blank put in", "LEROUX", nil, "Luc", [], ("Le Roux", "Luc"), .sameLetters),
        ("an unbreakable hyphen", "MODÈLE-FICTIF", nil, "Luc", [], ("Modèle\u{2011}Fictif", "Luc"), .exact),
        ("particles left out", "DE LA FONTAINE", nil, "Jean", [], ("Fontaine", "Jean"), .withoutParticles),
        ("particles put in", "FONTAINE", nil, "Jean", [], ("de La Fontaine", "Jean"), .withoutParticles),
        ("other particles", "VAN DER BERG", nil, "Jan", [], ("von Berg", "Jan"), .withoutParticles),
        ("an Arabic particle left out", "BEN SALAH", nil, "Sami", [], ("Salah", "Sami"), .withoutParticles),
        ("a name that is a particle, whole", "LÊ", nil, "Van", [], ("Le", "Van"), .exact),
        ("a name that is a particle says nothing of another", "LE GALL", nil, "Luc", [], ("Le", "Luc"), nil),
        ("two names that are particles", "VAN", nil, "Luc", [], ("Le", "Luc"), nil),
        ("first half of a double name", "MARTIN-DURAND", nil, "Luc", [], ("Martin", "Luc"), .partOfDoubleName),
        ("second half of a double name", "MARTIN-DURAND", nil, "Luc", [], ("Durand", "Luc"), .partOfDoubleName),
        ("a double name typed, half of it held", "MARTIN", nil, "Luc", [], ("Martin Durand", "Luc"), .partOfDoubleName),
        ("half of a word is another name", "MARTINEAU", nil, "Luc", [], ("Martin", "Luc"), nil),
        ("one letter is no half of a name", "O BRIEN", nil, "Luc", [], ("O", "Luc"), nil),
        ("the middle of three names", "SILVA COSTA LIMA", nil, "Rui", [], ("Costa", "Rui"), nil),
        ("a compound given name with a blank", "DEMO", nil, "Jean-Pierre", [], ("Demo", "Jean Pierre"), .exact),
        ("a compound given name in one word", "DEMO", nil, "Jean-Pierre", [], ("Demo", "Jeanpierre"), .sameLetters),
        ("beginning of a compound name", "DEMO", nil, "Jean-Pierre", [], ("Demo", "Jean"), .firstGivenName),
        ("end of a compound name", "DEMO", nil, "Jean-Pierre", [], ("Demo", "Pierre"), nil),
        ("several given names held in one field", "DEMO", nil, "Jean, Paul", [], ("Demo", "Jean"), .firstGivenName),
        ("all given names typed", "DEMO", nil, "Jean", ["Paul", "Luc"], ("Demo", "Jean Paul Luc"), .firstGivenName),
        ("some given names typed", "DEMO", nil, "Jean", ["Paul", "Luc"], ("Demo", "Jean Paul"), .firstGivenName),
        ("more given names than held", "DEMO", nil, "Jean", ["Paul"], ("Demo", "Jean Paul Luc"), .firstGivenName),
        ("a compound name typed, its beginning held", "DEMO", nil, "Jean", [], ("Demo", "Jean-Luc"), .firstGivenName),
        ("further given names that are others", "DEMO", nil, "Jean", ["Paul"], ("Demo", "Jean Luc"), nil),
        ("another of the given names alone", "DEMO", nil, "Jean", ["Paul"], ("Demo", "Paul"), nil),
        ("Jean is not Jeanne", "DEMO", nil, "Jeanne", [], ("Demo", "Jean"), nil),
        ("an initial", "DEMO", nil, "Jean", [], ("Demo", "J."), nil),
        ("swapped fields", "DEMO", "EXEMPLE", "Camille", [], ("Camille", "Exemple"), .swapped),
        ("swapped fields, without accents", "MODÈLE", nil, "Éloïse", [], ("eloise", "modele"), .swapped),
        ("swapped fields believe no particle", "DE LA FONTAINE", nil, "Jean", [], ("Jean", "Fontaine"), nil),
        ("swapped fields believe no half", "MARTIN-DURAND", nil, "Luc", [], ("Luc", "Martin"), nil),
        ("another family name", "DEMO", "EXEMPLE", "Camille", [], ("Autre", "Camille"), nil),
        ("another given name", "DEMO", "EXEMPLE", "Camille", [], ("Demo", "Alex"), nil),
        ("a Cyrillic letter among Latin ones", "DEMO", nil, "Camille", [], ("D\u{415}MO", "Camille"), nil),
        ("the base holds no given name", "DEMO", nil, "", [], ("Demo", "Camille"), nil),
    ]

    private static var unreadable: [MatchCase] {
        let base = [record("a", birth: "DEMO", "Camille", .legal(lea))]
        let longest = String(repeating: "A", count: FoldedName.longest + 1)
        return [
            ("no family name", "", "Camille"), ("only signs in the given name", "Demo", "- ’ ."),
            ("a family name of 257 letters", longest, "Camille"),
        ].map { sentence, family, given in
            MatchCase("Name", sentence, base: base, claim: claiming(family, given), answer: "none: nameUnreadable")
        }
    }

    /// A weaker evidence never finds somebody beside, or instead of, whom a stronger one finds.
    private static var stronger: [MatchCase] {
        func pair(
            _ sentence: String, _ first: (String, String), _ second: (String, String), _ typed: (String, String),
            _ answer: String
        ) -> MatchCase {
            MatchCase(
                "Name", sentence,
                base: [
                    record("a", birth: first.0, first.1, .legal(lea)),
                    record("b", birth: second.0, second.1, .legal(hugo)),
                ],
                claim: claiming(typed.0, typed.1), answer: answer)
        }
        var allowingOthers = MatchingPolicy()
        allowingOthers.enough.insert(.otherGivenName)
        var exactOnly = MatchingPolicy()
        exactOnly.enough = [.exact]
        let jean = [record("a", birth: "DEMO", "Jean", others: ["Paul"], .legal(lea))]
        return [
            pair(
                "with and without particles on one number, typed without", ("FONTAINE", "Jean"),
                ("DE LA FONTAINE", "Jean"), ("Fontaine", "Jean"), "one: a (exact); to prove lea"),
            pair(
                "with and without particles on one number, typed with", ("FONTAINE", "Jean"),
                ("DE LA FONTAINE", "Jean"), ("De la Fontaine", "Jean"), "one: b (exact); to prove hugo"),
            pair(
                "two with particles, typed without", ("DU MOULIN", "Luc"), ("DES MOULIN", "Luc"), ("Moulin", "Luc"),
                "several: a (withoutParticles), b (withoutParticles)"),
            pair(
                "two double names with one common half", ("MARTIN-DURAND", "Luc"), ("MARTIN-PETIT", "Luc"),
                ("Martin", "Luc"), "several: a (partOfDoubleName), b (partOfDoubleName)"),
            pair(
                "Jean and Jean-Pierre, Jean typed", ("DEMO", "Jean-Pierre"), ("DEMO", "Jean"), ("Demo", "Jean"),
                "one: b (exact); to prove hugo"),
            pair(
                "Jean-Pierre and Jean-Paul, Jean typed", ("DEMO", "Jean-Pierre"), ("DEMO", "Jean-Paul"),
                ("Demo", "Jean"), "several: a (firstGivenName), b (firstGivenName)"),
            pair(
                "Thomas Martin and Martin Thomas", ("THOMAS", "Martin"), ("MARTIN", "Thomas"), ("Martin", "Thomas"),
                "one: b (exact); to prove hugo"),
            MatchCase(
                "Name", "another given name, where a setting believes it", base: jean, claim: claiming("Demo", "Paul"),
                policy: allowingOthers, answer: "one: a (otherGivenName); to prove lea"),
            MatchCase(
                "Name", "a first given name, where a setting believes exact names only", base: jean,
                claim: claiming("Demo", "Jean Paul"), policy: exactOnly, answer: "none: nameDiffers"),
        ]
    }
}
