import Matching
import School

extension MatchCase {
    static var birthDates: [MatchCase] {
        let links: [PupilLink] = [.legal(lea), .legal(hugo), .legal(tom)]
        let three = record("a", birth: "DEMO", "Camille", links[0], links[1], links[2])
        let right = [lea: "2012-03-14", hugo: "2014-07-01", tom: "2016-11-30"]
        let oneWrong = [lea: "2012-03-14", hugo: "2014-01-07", tom: "2016-11-30"]
        let allWrong = [lea: "2012-03-15", hugo: "2014-01-07", tom: "2016-11-03"]
        func row(_ sentence: String, _ base: [Responsible], _ claim: Claim, _ answer: String) -> MatchCase {
            MatchCase("Birth dates", sentence, base: base, claim: claim, answer: answer)
        }
        func only(_ pupil: Pupil) -> [Responsible] { [record("a", birth: "DEMO", "Camille", .legal(pupil))] }
        let undated = pupil("lea", "Léa", born: nil)
        let presumed = pupil("lea", "Léa", born: "2012-00-00")
        let twoDates = record(
            "a", birth: "DEMO", "Camille", .legal(lea), .legal(pupil("lea", "Léa", born: "2012-03-15"), ecole))
        let nobody = "not allowed: a (exact); refused "
        return [
            row("none told yet", [three], claiming("Demo", "Camille"), "one: a (exact); to prove hugo, lea, tom"),
            row("each told", [three], claiming("Demo", "Camille", right), "one: a (exact); proved hugo, lea, tom"),
            row(
                "one of three wrong", [three], claiming("Demo", "Camille", oneWrong),
                "one: a (exact); proved lea, tom; refused hugo (wrongBirthDate)"),
            row(
                "one of three told", [three], claiming("Demo", "Camille", [tom: "2016-11-30"]),
                "one: a (exact); proved tom; to prove hugo, lea"),
            row(
                "one told wrong, the others not asked", [three], claiming("Demo", "Camille", [tom: "2016-11-03"]),
                "one: a (exact); to prove hugo, lea; refused tom (wrongBirthDate)"),
            row(
                "all wrong", [three], claiming("Demo", "Camille", allWrong),
                nobody + "hugo (wrongBirthDate), lea (wrongBirthDate), tom (wrongBirthDate)"),
            row(
                "« je ne suis pas le représentant légal » of one", [three],
                claiming("Demo", "Camille", [lea: "2012-03-14", tom: "2016-11-30"], not: [hugo]),
                "one: a (exact); proved lea, tom; refused hugo (declined)"),
            row(
                "« je ne suis pas le représentant légal » of all", [three],
                claiming("Demo", "Camille", not: [lea, hugo, tom]),
                nobody + "hugo (declined), lea (declined), tom (declined)"),
            row(
                "a brother's date told for a sister", only(lea), claiming("Demo", "Camille", [lea: "2014-07-01"]),
                nobody + "lea (wrongBirthDate)"),
            row(
                "the date of a child of somebody else", only(lea), claiming("Demo", "Camille", [hugo: "2014-07-01"]),
                "one: a (exact); to prove lea"),
            row(
                "day and month exchanged", only(hugo), claiming("Demo", "Camille", [hugo: "2014-01-07"]),
                nobody + "hugo (wrongBirthDate)"),
            row(
                "the base holds no birth date", only(undated), claiming("Demo", "Camille", [lea: "2012-03-14"]),
                nobody + "lea (birthDateUnknown)"),
            row(
                "the base holds a year only, and it is told", only(presumed),
                claiming("Demo", "Camille", [lea: "2012-00-00"]), nobody + "lea (birthDateUnknown)"),
            row(
                "two files hold two birth dates, one is told", [twoDates],
                claiming("Demo", "Camille", [lea: "2012-03-14"]), nobody + "lea (birthDateUnknown)"),
            row(
                "a right date and a level that does not open",
                [record("a", birth: "DEMO", "Camille", .legal(lea).with { $0.level = .respLegal("3") }, .legal(hugo))],
                claiming("Demo", "Camille", [lea: "2012-03-14", hugo: "2014-07-01"]),
                "one: a (exact); proved hugo; refused lea (notLegal: contact)"),
            row(
                "the right date under another name", only(lea), claiming("Autre", "Camille", [lea: "2012-03-14"]),
                "none: nameDiffers"),
        ]
    }

    static var identities: [MatchCase] {
        let camille = PivotIdentity(
            familyName: "Demo", usageName: "Exemple", givenNames: ["Camille", "Anne"], gender: .female,
            birthDate: date("1985-05-05"))
        func identity(
            _ family: String, usage: String? = nil, _ given: [String], _ gender: PivotIdentity.Gender = .unspecified,
            born: String = "1985-05-05"
        ) -> PivotIdentity {
            PivotIdentity(
                familyName: family, usageName: usage, givenNames: given, gender: gender, birthDate: date(born))
        }
        let anne = record("a", birth: "DEMO", "Camille", others: ["Anne"], civility: .madame, .legal(lea))
        let paul = record("b", birth: "DEMO", "Camille", others: ["Paul"], civility: .monsieur, .legal(lea))
        let plain = record("a", birth: "DEMO", "Camille", .legal(lea))
        let adult = pupil("adult", "Jean", "DEMO", born: "2006-02-01")
        let father = record("f", birth: "DEMO", "Jean", .legal(adult, kind: "20"))
        let son = record("s", birth: "DEMO", "Jean", .legal(adult, kind: "70"))
        let jean = record("a", birth: "DEMO", "Jean", .legal(lea))
        let jeanPierre = record("b", birth: "DEMO", "Jean-Pierre", .legal(hugo))
        func row(
            _ sentence: String, _ base: [Responsible], _ typed: (String, String), _ identity: PivotIdentity,
            _ answer: String
        ) -> MatchCase {
            MatchCase(
                "FranceConnect", sentence, base: base, claim: claiming(typed.0, typed.1, identity: identity),
                answer: answer)
        }
        let contradicted = "not allowed: a (exact); identity contradicts in "
        return [
            row("agrees", [anne], ("Demo", "Camille"), camille, "one: a (exact); to prove lea"),
            row(
                "agrees by the usage name", [record("a", usage: "EXEMPLE", "Camille", .legal(lea))],
                ("Exemple", "Camille"), camille, "one: a (exact); to prove lea"),
            row(
                "agrees by another given name", [record("a", birth: "DEMO", "Anne", .legal(lea))], ("Demo", "Anne"),
                camille, "one: a (exact); to prove lea"),
            row(
                "agrees with one of two records of a person",
                [
                    record("a", birth: "DEMO", usage: "EXEMPLE", "Camille", .legal(lea)),
                    record("o", usage: "EXEMPLE", "Camille", .legal(hugo, ecole)),
                ], ("Exemple", "Camille"), identity("Demo", ["Camille"]), "one: a+o (exact); to prove hugo, lea"),
            row(
                "contradicts one of two records of a person in the gender",
                [anne, record("o", birth: "DEMO", "Camille", .legal(hugo, ecole))], ("Demo", "Camille"),
                identity("Demo", ["Camille"], .male),
                "not allowed: a+o (exact); identity contradicts in gender"),
            row(
                "narrows homonyms by the other given names",
                [anne, record("b", birth: "DEMO", "Camille", others: ["Paul"], .legal(lea))], ("Demo", "Camille"),
                identity("Demo", ["Camille", "Anne"]), "one: a (exact); to prove lea"),
            row(
                "narrows homonyms by the gender",
                [anne, record("b", birth: "DEMO", "Camille", civility: .monsieur, .legal(lea))],
                ("Demo", "Camille"), camille, "one: a (exact); to prove lea"),
            row(
                "narrows father and adult son by the birth date: father", [father, son], ("Demo", "Jean"),
                identity("Demo", ["Jean"], .male, born: "1970-01-01"), "one: f (exact); to prove adult"),
            row(
                "does not narrow father and adult son where it is the son's: the base holds no date of the father",
                [father, son], ("Demo", "Jean"), identity("Demo", ["Jean"], .male, born: "2006-02-01"),
                "several: f (exact), s (exact)"),
            row(
                "does not narrow what it fits equally", [plain, record("b", birth: "DEMO", "Camille", .legal(hugo))],
                ("Demo", "Camille"), camille, "several: a (exact), b (exact)"),
            row(
                "contradicts in the name", [plain], ("Demo", "Camille"), identity("Autre", ["Zoé"]),
                contradicted + "name"),
            row(
                "contradicts in the given name", [plain], ("Demo", "Camille"), identity("Demo", ["Zoé"]),
                contradicted + "name"),
            row(
                "contradicts in the gender", [anne], ("Demo", "Camille"), identity("Demo", ["Camille"], .male),
                contradicted + "gender"),
            row(
                "contradicts in the other given names and the gender", [anne], ("Demo", "Camille"),
                identity("Demo", ["Camille", "Paul"], .male), contradicted + "otherGivenNames, gender"),
            row(
                "contradicts an adult pupil in the birth date", [son], ("Demo", "Jean"),
                identity("Demo", ["Jean"], born: "2006-02-02"),
                "not allowed: s (exact); identity contradicts in birthDate"),
            row(
                "a presumed birth date agrees with what it knows", [son], ("Demo", "Jean"),
                identity("Demo", ["Jean"], born: "2006-00-00"), "one: s (exact); to prove adult"),
            row(
                "contradicts each of two homonyms", [anne, paul], ("Demo", "Camille"), identity("Autre", ["Camille"]),
                "none: identityContradicts"),
            row(
                "is somebody of this number, the name typed is not: it does not widen", [anne], ("Autre", "Camille"),
                camille, "none: nameDiffers"),
            row(
                "is the other parent of this number: it does not widen",
                [anne, record("b", birth: "EXEMPLE", "Alex", .legal(lea))], ("Exemple", "Alex"), camille,
                "not allowed: b (exact); identity contradicts in name"),
            row(
                "fits somebody set aside for a weaker name: it does not widen", [jean, jeanPierre], ("Demo", "Jean"),
                identity("Demo", ["Pierre", "Jean-Pierre"]), "one: a (exact); to prove lea"),
            row(
                "has the name and another number: it does not widen",
                [record("a", birth: "DEMO", "Camille", mobiles: [otherMobile], .legal(lea))], ("Demo", "Camille"),
                camille, "none: mobileUnknown"),
            row(
                "opens no level",
                [record("a", birth: "DEMO", "Camille", .legal(lea).with { $0.level = .respLegal("3") })],
                ("Demo", "Camille"), camille, "not allowed: a (exact); refused lea (notLegal: contact)"),
            row(
                "without a family name is nobody's", [plain], ("Demo", "Camille"), identity("", ["Camille"]),
                contradicted + "name"),
            row(
                "without a birth name goes by the usage name", [plain], ("Demo", "Camille"),
                identity("", usage: "Demo", ["Camille"]), "one: a (exact); to prove lea"),
        ]
    }
}
