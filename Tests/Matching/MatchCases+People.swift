import Matching
import School

extension MatchCase {
    static var people: [MatchCase] {
        let mother = record("a", birth: "DEMO", usage: "EXEMPLE", "Camille", civility: .madame, .legal(lea, kind: "10"))
        let father = record("b", birth: "EXEMPLE", "Alex", civility: .monsieur, .legal(lea, kind: "20"))
        let both = [mother, father]
        let adult = pupil("adult", "Noé", "MODÈLE", born: "2006-02-01")
        let themself = record("s", birth: "MODELE", "Noé", .legal(adult, kind: "70"))
        let wrongly = record("s", birth: "AUTRE", "Zoé", .legal(adult, kind: "70"))
        return [
            MatchCase(
                "Person", "nobody has the number", base: [], claim: claiming("Demo", "Camille"),
                answer: "none: mobileUnknown"),
            MatchCase(
                "Person", "two parents on one mobile: the name decides (mother)", base: both,
                claim: claiming("Demo", "Camille"), answer: "one: a (exact); to prove lea"),
            MatchCase(
                "Person", "two parents on one mobile: the name decides (father)", base: both,
                claim: claiming("Exemple", "Alex"), answer: "one: b (exact); to prove lea"),
            MatchCase(
                "Person", "two parents on one mobile: the name of neither", base: both,
                claim: claiming("Exemple", "Léa"),
                answer: "none: nameDiffers"),
            MatchCase(
                "Person", "a responsible of no pupil", base: [record("a", birth: "DEMO", "Camille", in: [academy])],
                claim: claiming("Demo", "Camille"), answer: "not allowed: a (exact); no child"),
            MatchCase(
                "Person", "an adult pupil who is their own responsible", base: [themself],
                claim: claiming("Modèle", "Noé", [adult: "2006-02-01"]), answer: "one: s (exact); proved adult"),
            MatchCase(
                "Person", "a register that calls somebody a pupil of another name", base: [wrongly],
                claim: claiming("Autre", "Zoé", [adult: "2006-02-01"]),
                answer: "not allowed: s (exact); refused adult (namedOtherwise)"),
            MatchCase(
                "Person", "siblings in two schools, one record",
                base: [record("a", birth: "DEMO", "Camille", .legal(lea, college), .legal(hugo, lycee))],
                claim: claiming("Demo", "Camille", [lea: "2012-03-14", hugo: "2014-07-01"]),
                answer: "one: a (exact); proved hugo, lea"),
            MatchCase(
                "Person", "siblings in two schools, one record of each, one mobile",
                base: [
                    record("a", birth: "DEMO", "Camille", .legal(lea, college)),
                    record("o", birth: "DEMO", usage: "EXEMPLE", "Camille", .legal(hugo, ecole)),
                ],
                claim: claiming("Exemple", "Camille", [lea: "2012-03-14", hugo: "2014-07-01"]),
                answer: "one: a+o (exact); proved hugo, lea"),
        ]
    }

    static var homonyms: [MatchCase] {
        let junior = pupil("junior", "Jean", "DEMO", born: "2006-02-01")
        let father = record(
            "f", birth: "DEMO", "Jean", civility: .monsieur, .legal(junior, kind: "20"), .legal(tom, kind: "20"))
        let son = record("s", birth: "DEMO", "Jean", civility: .monsieur, .legal(junior, kind: "70"))
        let sonInSIECLE = record("s", birth: "DEMO", "Jean", civility: .monsieur, .legal(junior, college, kind: "70"))
        let fatherOfTom = record("f", birth: "DEMO", "Jean", civility: .monsieur, .legal(tom, ecole))
        let one = record("a", birth: "DEMO", "Camille", .legal(lea))
        let sonDates = [junior: "2006-02-01"]
        func row(_ sentence: String, _ base: [Responsible], _ claim: Claim, _ answer: String) -> MatchCase {
            MatchCase("Homonyms", sentence, base: base, claim: claim, answer: answer)
        }
        return [
            row(
                "a couple of one name, same child, birth date told",
                [one, record("b", birth: "DEMO", "Camille", .legal(lea))],
                claiming("Demo", "Camille", [lea: "2012-03-14"]), "several: a (exact), b (exact)"),
            row(
                "a couple of one name in two registers, told apart by civility",
                [
                    record("a", birth: "DEMO", "Camille", civility: .madame, .legal(lea)),
                    record("o", birth: "DEMO", "Camille", civility: .monsieur, .legal(lea, ecole)),
                ], claiming("Demo", "Camille"), "several: a (exact), o (exact)"),
            row(
                "a couple of one name in two registers, told apart as mother and father",
                [
                    record("a", birth: "DEMO", "Camille", .legal(lea, kind: "10")),
                    record("c", birth: "DEMO", "Camille", .legal(lea, college, kind: "20")),
                ], claiming("Demo", "Camille"), "several: a (exact), c (exact)"),
            row(
                "one usage name and two birth names in two registers",
                [
                    record("a", birth: "DEMO", usage: "EXEMPLE", "Camille", .legal(lea)),
                    record("c", birth: "AUTRE", usage: "EXEMPLE", "Camille", .legal(hugo, college)),
                ], claiming("Exemple", "Camille"), "several: a (exact), c (exact)"),
            row(
                "one usage name and two birth names: the birth name decides",
                [
                    record("a", birth: "DEMO", usage: "EXEMPLE", "Camille", .legal(lea)),
                    record("c", birth: "AUTRE", usage: "EXEMPLE", "Camille", .legal(hugo, college)),
                ], claiming("Autre", "Camille"), "one: c (exact); to prove hugo"),
            row(
                "two of one name in one register, no common child, a birth date told",
                [one, record("b", birth: "DEMO", "Camille", .legal(hugo))],
                claiming("Demo", "Camille", [hugo: "2014-07-01"]), "several: a (exact), b (exact)"),
            row(
                "father and adult son in one register", [father, son], claiming("Demo", "Jean", sonDates),
                "several: f (exact), s (exact)"),
            row(
                "father and adult son in two registers, one child", [father, sonInSIECLE],
                claiming("Demo", "Jean", sonDates), "several: f (exact), s (exact)"),
            row(
                "father and adult son in two registers, no common child", [fatherOfTom, sonInSIECLE],
                claiming("Demo", "Jean", [tom: "2016-11-30"]), "several: f (exact), s (exact)"),
            row(
                "a homonym who is only a contact makes it several all the same",
                [
                    one,
                    record("b", birth: "DEMO", "Camille", .legal(lea).with { $0.level = .respLegal("3") }),
                ], claiming("Demo", "Camille", [lea: "2012-03-14"]), "several: a (exact), b (exact)"),
            row(
                "a third record that is of a child of one of two homonyms",
                [
                    one, record("b", birth: "DEMO", "Camille", .legal(hugo)),
                    record("o", birth: "DEMO", "Camille", .legal(lea, ecole)),
                ], claiming("Demo", "Camille"), "several: a (exact), b (exact), o (exact)"),
            row(
                "a third record that may be either of two homonyms",
                [
                    one, record("b", birth: "DEMO", "Camille", .legal(hugo)),
                    record("o", birth: "DEMO", "Camille", .legal(tom, ecole)),
                ], claiming("Demo", "Camille"), "several: a (exact), b (exact), o (exact)"),
        ]
    }

    static var files: [MatchCase] {
        let inAAF = record("a", birth: "DEMO", usage: "EXEMPLE", "Camille", civility: .madame, .legal(lea, kind: "10"))
        func also(_ birth: String?, _ usage: String?, _ given: String, others: [String] = []) -> [Responsible] {
            [inAAF, record("o", birth: birth, usage: usage, given, others: others, .legal(hugo, ecole))]
        }
        func row(_ sentence: String, _ base: [Responsible], _ answer: String) -> MatchCase {
            MatchCase("Files", sentence, base: base, claim: claiming("Exemple", "Camille"), answer: answer)
        }
        let joined = "one: a+o (exact); to prove hugo, lea"
        let apart = "several: a (exact), o (exact)"
        return [
            row("AAF and ONDE, same names", also("DEMO", "EXEMPLE", "Camille"), joined),
            row("AAF and ONDE, no birth name in ONDE", also(nil, "EXEMPLE", "Camille"), joined),
            row("AAF and ONDE, usage name in the field of the birth name", also("EXEMPLE", nil, "Camille"), apart),
            row("AAF and ONDE, same birth name, remarried", also("DEMO", "AUTRE", "Camille"), joined),
            row("AAF and ONDE, spelled differently", also("Démo", "éxemple", "CAMILLE"), joined),
            row(
                "AAF and ONDE, given names of which the first differ",
                also("DEMO", "EXEMPLE", "Camille Anne"), "one: a (exact); to prove lea"),
            row(
                "AAF 2D, AAF 1D, SIECLE of two schools and ONDE",
                [
                    inAAF, record("b", birth: "DEMO", "Camille", .legal(hugo, academyPrimary)),
                    record("c", birth: "DEMO", "Camille", .legal(lea, college)),
                    record("d", birth: "DEMO", "Camille", .legal(tom, lycee)),
                    record("e", usage: "EXEMPLE", "Camille", .legal(hugo, ecole)),
                ], "one: a+b+c+d+e (exact); to prove hugo, lea, tom"),
            row(
                "same id in two formats, other names: two people",
                [
                    inAAF, record("a2", birth: "AUTRE", "Zoé", .legal(lea, college)),
                ], "one: a (exact); to prove lea"),
        ]
    }

    static var phones: [MatchCase] {
        let two = record("a", birth: "DEMO", "Camille", mobiles: [mobile, otherMobile], .legal(lea))
        let first = record("a", birth: "DEMO", "Camille", .legal(lea))
        let second = record(
            "o", birth: "DEMO", "Camille", mobiles: [otherMobile], .legal(lea, ecole), .legal(tom, ecole))
        let elsewhere = record("o", birth: "DEMO", "Camille", mobiles: [otherMobile], .legal(tom, ecole))
        let overseas = MobileKey("+687751234")
        func row(_ sentence: String, _ base: [Responsible], _ key: MobileKey, _ answer: String) -> MatchCase {
            MatchCase("Phones", sentence, base: base, claim: claiming("Demo", "Camille", mobile: key), answer: answer)
        }
        return [
            row("two phones, the first proved", [two], mobile, "one: a (exact); to prove lea"),
            row("two phones, the second proved", [two], otherMobile, "one: a (exact); to prove lea"),
            row(
                "a phone in each of two registers, a common child", [first, second], mobile,
                "one: a+o (exact); to prove lea, tom"),
            row(
                "a phone in each of two registers, no common child: never the name alone", [first, elsewhere], mobile,
                "one: a (exact); to prove lea"),
            row("another phone than the one held", [first], otherMobile, "none: mobileUnknown"),
            row(
                "an overseas number, by its key",
                [record("a", birth: "DEMO", "Camille", mobiles: [overseas], .legal(lea))], overseas,
                "one: a (exact); to prove lea"),
            row(
                "a responsible without any mobile", [record("a", birth: "DEMO", "Camille", mobiles: [], .legal(lea))],
                mobile, "none: mobileUnknown"),
        ]
    }
}
