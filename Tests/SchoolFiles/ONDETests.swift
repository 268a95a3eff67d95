import Foundation
import School
import SchoolFiles
import Testing

@Suite("ONDE: pupils, responsibles and their links")
struct ONDETests {
    static let pupilHeader = "Nom Elève;Prénom Elève;Date naissance;Classe;Sexe"
    static let header =
        "Civilité Responsable;Nom usage responsable;Nom responsable;Prénom responsable;Courriel;Téléphone portable"
    static let child = ";Nom d'usage enfant;Nom de famille enfant;Prénom enfant;Classes enfants"
    static let pupils = [
        pupilHeader, "EXEMPLE;Hugo;2016-05-09;CE2 A;M", "EXEMPLE;Zoé;2014-01-02;CM2;F", "MODÈLE;Tom;2015-03-04;CM1;M",
    ]
    private static let hugo = "EXEMPLE|HUGO|2016-05-09"
    private static let zoe = "EXEMPLE|ZOE|2014-01-02"
    private static let tom = "MODELE|TOM|2015-03-04"

    private func events(of pupils: [String] = pupils, _ responsibles: [String]) throws -> [ReadEvent] {
        try ONDEFolder(pupils: pupils, responsibles: responsibles).events()
    }

    // Columns.

    @Test("columns of children are told apart by their places, however many there are")
    func repeated() throws {
        let events = try events([
            Self.header + Self.child + Self.child + Self.child,
            "MME;;DEMO;Ana;;0639980001;;EXEMPLE;Hugo;CE2 A;;MODÈLE;Tom;CM1;;EXEMPLE;Zoé;CM2",
            "M.;;DEMO;Max;;;;EXEMPLE;Zoé;CM2",
        ])
        #expect(events.warnings == [])
        #expect(
            events.links == [
                ONDE.link(Self.hugo, "DEMO|ANA|F"), ONDE.link(Self.zoe, "DEMO|ANA|F"),
                ONDE.link(Self.tom, "DEMO|ANA|F"), ONDE.link(Self.zoe, "DEMO|MAX|M"),
            ])
    }

    @Test("numbered columns of children are told apart by their numbers")
    func numbered() throws {
        let events = try events([
            Self.header + ";Nom de famille élève 1;Nom de famille élève 2;Prénom élève 1;Prénom élève 2"
                + ";Classes élèves 1;Classes élèves 2",
            "MME;;DEMO;Ana;;;EXEMPLE;MODÈLE;Hugo;Tom;CE2 A;CM1",
        ])
        #expect(events.links == [ONDE.link(Self.hugo, "DEMO|ANA|F"), ONDE.link(Self.tom, "DEMO|ANA|F")])
        let twice = try ONDEFolder(
            pupils: Self.pupils,
            responsibles: [Self.header + Self.child + ";Prénom élève 1;Prénom élève 1", "MME;;DEMO;Ana;;"])
        #expect(twice.refusal() == "malformed:1")
    }

    @Test(
        "a missing column is named, and nothing is read",
        arguments: ["Nom Elève", "Prénom Elève", "Date naissance", "Classe"])
    func missingPupilColumn(_ column: String) throws {
        let folder = try ONDEFolder(
            pupils: Self.pupils.enumerated().map { $0 == 0 ? $1.replacing(column, with: "Autre") : $1 })
        #expect(folder.refusal() == "missing-column:1")
        #expect(throws: FileProblem.self) { try folder.events() }
        do { _ = try folder.events() } catch let problem as FileProblem { #expect(problem.sentence.contains(column)) }
    }

    @Test(
        "a missing column of the responsibles is named",
        arguments: [
            "Civilité Responsable", "Nom responsable", "Prénom responsable", "Courriel", "Téléphone portable",
            "Nom de famille enfant", "Prénom enfant", "Classes enfants",
        ])
    func missingColumn(_ column: String) throws {
        let line = "MME;;DEMO;Ana;;0639980001;;EXEMPLE;Hugo;CE2 A"
        #expect(try events([Self.header + Self.child, line]).links.count == 1)
        let header = (Self.header + Self.child).replacing(column, with: "Autre")
        let folder = try ONDEFolder(pupils: Self.pupils, responsibles: [header, line])
        #expect(folder.refusal() == "missing-column:1")
        do { _ = try folder.events() } catch let problem as FileProblem { #expect(problem.sentence.contains(column)) }
    }

    @Test("columns that nobody needs may be missing, and unknown ones are told once")
    func otherColumns() throws {
        var pupils = Self.pupils.map { $0 + ";x" }
        pupils[0] = Self.pupilHeader.replacing("Sexe", with: "Couleur préférée") + ";Cycle"
        let events = try events(
            of: pupils,
            [
                (Self.header + Self.child).replacing("Nom usage responsable", with: "Fax"),
                "MME;x;DEMO;Ana;;;;EXEMPLE;Hugo;CE2 A",
            ])
        #expect(events.people(.pupil).count == 3)
        #expect(events.people(.responsible).map(\.usageName) == [""])
        #expect(events.warnings == ["unknown-section:1:column COULEURPREFEREE", "unknown-section:1:column FAX"])
        let double = try ONDEFolder(pupils: Self.pupils.map { $0 + ";" + ($0.split(separator: ";").first ?? "") })
        #expect(double.refusal() == "malformed:1")
    }

    // Lines.

    @Test("a footer is skipped and told; a blank line is neither")
    func footer() throws {
        let events = try events(
            of: Self.pupils + ["", ";;;;", "Nombre d'élèves : 3", "Export du 15/09/2025;;;;"],
            [Self.header + Self.child, "MME;;DEMO;Ana;;;;EXEMPLE;Hugo;CE2 A", "Nombre de responsables : 1"])
        #expect(events.people(.pupil).count == 3)
        #expect(events.warnings == ["skipped-line:7:line", "skipped-line:8:line", "skipped-line:3:line"])
    }

    @Test(
        "a line with too many or too few fields is told with its number",
        arguments: [
            // A semicolon in a field without quotes would move the numbers.
            ("MME;;DEMO;Ana;a;b;c;;EXEMPLE;Hugo;CE2 A", "malformed:2"), ("MME;;DEMO;Ana", "malformed:2"),
            ("MME", "malformed:2"), ("MME;;DEMO;Ana;;0639980001;;EXEMPLE", "malformed:2"),
            ("MME;;DEMO;\"Ana\" B;;;;EXEMPLE;Hugo;CE2 A", "malformed:2"),
            ("MME;;DEMO;\"Ana;;;;EXEMPLE;Hugo;CE2 A", "truncated:2"),
        ])
    func shape(_ line: String, _ refusal: String) throws {
        let good = "MME;;DEMO;Ana;;0639980001;;EXEMPLE;Hugo;CE2 A"
        let lines = [Self.header + Self.child, good + ";;;"]
        #expect(try ONDEFolder(pupils: Self.pupils, responsibles: lines).refusal() == nil)
        let folder = try ONDEFolder(pupils: Self.pupils, responsibles: [Self.header + Self.child, line, good])
        #expect(folder.refusal() == refusal)
    }

    @Test("a file that ends within a line is truncated, wherever that is")
    func truncated() throws {
        let lines = [Self.header + Self.child, "MME;;DEMO;Ana;;0639980001;;EXEMPLE;Hugo;CE2 A"]
        let bytes = ONDEFolder.latin1(lines.joined(separator: "\n"))
        let folder = try ONDEFolder(pupils: Self.pupils)
        try folder.write(ONDEFolder.responsibles, bytes)
        #expect(folder.refusal() == nil)
        // Shorter than this the line seems whole, with no child in it; a cut in the last field is seen as another class.
        let columns = lines[0].utf8.count - 4
        for end in columns + 4..<bytes.count - 6 {
            try folder.write(ONDEFolder.responsibles, Array(bytes[..<end]))
            let refusal = folder.refusal()
            let fields = bytes[columns..<end].count { $0 == 0x3B } + 1
            if fields == 6 || fields == 10 { continue }
            #expect(refusal == "truncated:2" || refusal == "malformed:2" || refusal == "empty", "cut at \(end)")
        }
    }

    @Test("a line without a name is skipped and told")
    func nameless() throws {
        let events = try events(
            of: Self.pupils + [";Léo;2016-01-01;CP;M", "X; ;2016-01-01;CP;M"],
            [Self.header + Self.child, "MME;;-;Ana;;;;EXEMPLE;Hugo;CE2 A", "MME;DEMO;;Eva;;;;EXEMPLE;Hugo;CE2 A"])
        #expect(events.people(.pupil).count == 3)
        #expect(events.people(.responsible).map(\.key) == [ONDE.responsible("DEMO|EVA|F")])
        #expect(
            events.warnings == [
                "skipped-line:5:Nom Elève", "skipped-line:6:Prénom Elève", "skipped-line:2:Nom responsable",
            ])
    }

    @Test("what has no date, number or civility of a form that is known is told and taken as it is")
    func malformedValues() throws {
        let events = try events(
            of: [Self.pupilHeader + ";INE", "EXEMPLE;Hugo;9 mai 2016;CE2;M;12", "X;Y;30/02/2016;CP;M;999000001aa"],
            [Self.header + Self.child, "DR;;DEMO;Ana;;;;EXEMPLE;Hugo;CE2"])
        #expect(events.people(.pupil).map(\.key) == [ONDE.pupil("EXEMPLE|HUGO|"), ONDE.pupil("X|Y|")])
        #expect(events.people(.pupil).map(\.birthDate) == ["9 mai 2016", "30/02/2016"])
        #expect(events.links == [ONDE.link("EXEMPLE|HUGO|", "DEMO|ANA|")])
        #expect(
            events.warnings == [
                "malformed-value:2:Date naissance", "malformed-value:2:INE", "malformed-value:3:Date naissance",
                "malformed-value:3:INE", "malformed-value:2:Civilité Responsable",
            ])
    }

    // People.

    @Test("a key is a digest, the same one each time, in which nothing of the person can be read")
    func keys() throws {
        let events = try events(
            of: [
                Self.pupilHeader + ";INE", "EXEMPLE;Hugo;2016-05-09;CE2 A;M;999000001AA",
                "EXEMPLE;Zoé;2014-01-02;CM2;F;",
            ],
            [Self.header + Self.child, "MME;;DEMO;Ana;;;;EXEMPLE;Hugo;CE2 A"])
        // printf %s '999000001AA' | sha256sum, and so on.
        #expect(events.people(.pupil).map(\.key) == ["efc8881f43a6f5806e088", "ea8187ee7b04a5b148ba9"])
        #expect(events.people(.responsible).map(\.key) == ["rb5161d5de528e2f4ae0d"])
        #expect(events.links == ["efc8881f43a6f5806e088>rb5161d5de528e2f4ae0d"])
    }

    @Test("lines that are the same are one pupil; two pupils of one key are both left out, with their links")
    func pupilTwice() throws {
        let same = "MODÈLE;Tom;2015-03-04;CM1;M"
        let responsibles = [Self.header + Self.child, "MME;;DEMO;Ana;;;;MODÈLE;Tom;CM1"]
        let once = try events(of: Self.pupils + [same], responsibles)
        #expect(once.people(.pupil).count == 3)
        #expect(once.warnings == [])
        #expect(once.links.count == 1)
        let other = try events(of: Self.pupils + ["MODELE;TOM;04/03/2015;CM1 B;M"], responsibles)
        #expect(other.people(.pupil).map(\.key) == [ONDE.pupil(Self.hugo), ONDE.pupil(Self.zoe)])
        #expect(
            other.warnings == [
                "malformed-value:4:Nom Elève", "malformed-value:5:Nom Elève", "unresolved-link:2:Prénom enfant",
            ])
        let ine = try events(
            of: [Self.pupilHeader + ";INE", "A;B;2015-03-04;CP;M;999000001AA", "C;D;2015-03-05;CP;M;999000001AA"],
            responsibles)
        #expect(ine.people(.pupil) == [])
        #expect(ine.warnings.prefix(2) == ["malformed-value:2:INE", "malformed-value:3:INE"])
    }

    @Test(
        "lines of one name that share a child, a mobile or a mail are one person with all their children",
        arguments: [
            ("", "", "EXEMPLE;Hugo;CE2 A"), ("", "06.39.98.00.01", "MODÈLE;Tom;CM1"),
            ("ANA@example.org", "", "MODÈLE;Tom;CM1"),
        ])
    func onePerson(_ mail: String, _ mobile: String, _ child: String) throws {
        let events = try events([
            Self.header + Self.child, "MME;;DEMO;Ana;ana@example.org;+33639980001;;EXEMPLE;Hugo;CE2 A",
            "Mme;NOUVEAU;Démo;ANA;\(mail);\(mobile);;\(child)",
        ])
        let people = events.people(.responsible)
        #expect(people.map(\.key) == [ONDE.responsible("DEMO|ANA|F")])
        #expect(people.first?.mobiles == ["+33639980001"] + [mobile].filter { !$0.isEmpty })
        #expect(people.first?.mail == "ana@example.org")
        #expect(people.first?.usageName == "NOUVEAU")
        #expect(
            Set(events.links)
                == Set([Self.hugo, child.contains("Tom") ? Self.tom : Self.hugo].map { ONDE.link($0, "DEMO|ANA|F") }))
    }

    @Test("a third line joins two that shared nothing")
    func bridge() throws {
        let events = try events([
            Self.header + Self.child, "MME;;DEMO;Ana;;0639980001;;EXEMPLE;Hugo;CE2 A",
            "MME;;DEMO;Ana;;0639980002;;MODÈLE;Tom;CM1",
            "MME;;DEMO;Ana;;0639980002;;EXEMPLE;Hugo;CE2 A",
        ])
        #expect(events.people(.responsible).map(\.mobiles) == [["0639980001", "0639980002"]])
        #expect(events.links.count == 2)
    }

    @Test("lines of one name that share nothing are two people, with keys that do not depend on their order")
    func homonyms() throws {
        let lines = ["MME;;DEMO;Ana;;0000000000;;EXEMPLE;Hugo;CE2 A", "MME;;DEMO;Ana;;0000000000;;MODÈLE;Tom;CM1"]
        for order in [lines, lines.reversed()] {
            let events = try events([Self.header + Self.child] + order)
            #expect(
                Set(events.people(.responsible).map(\.key))
                    == Set([Self.hugo, Self.tom].map { ONDE.responsible("DEMO|ANA|F|\($0)") }))
            #expect(
                Set(events.links) == Set([Self.hugo, Self.tom].map { ONDE.link($0, "DEMO|ANA|F|\($0)") }))
            #expect(events.warnings == [])
        }
        // A father and a mother of one name are two people by their civility.
        let couple = try events([
            Self.header + Self.child, "MME;;DEMO;Dominique;;;;EXEMPLE;Hugo;CE2 A",
            "M.;;DEMO;Dominique;;;;EXEMPLE;Hugo;CE2 A",
        ])
        #expect(
            couple.people(.responsible).map(\.key)
                == [ONDE.responsible("DEMO|DOMINIQUE|F"), ONDE.responsible("DEMO|DOMINIQUE|M")])
        // Nothing tells these two apart.
        let blank = try events([Self.header + Self.child, "MME;;DEMO;Ana;;", "MME;;DEMO;Ana;;", "M.;;DEMO;Max;;"])
        #expect(blank.people(.responsible).map(\.key) == [ONDE.responsible("DEMO|MAX|M")])
        #expect(blank.warnings == ["malformed-value:2:Nom responsable", "malformed-value:3:Nom responsable"])
    }

    // Links.

    @Test(
        "a child who is nobody, or several, gives no link",
        arguments: [
            (";EXEMPLE;Hugo;CE2 A", 1), (";exemple;HUGO;", 1), (";EXEMPLE;Hugo;CP, CE2 A", 1),
            ("EXEMPLE;;Hugo;CE2 A", 0),
            (";EXEMPLE;Hugo;CP", 0), (";EXEMPLE;Ugo;CE2 A", 0), (";;Hugo;CE2 A", 0), (";EXEMPLE;;CE2 A", 0),
            (";HOMONYME;Ali;CP", 0), (";HOMONYME;Ali;", 0), (";HOMONYME;Ali;CE1", 1), ("USAGE;;Léo;CP", 1),
            ("AUTRE;NAISSANCE;Léo;CP", 0), ("USAGE;NAISSANCE;Léo;CP", 1),
        ])
    func unresolved(_ child: String, _ links: Int) throws {
        let pupils = [
            Self.pupilHeader + ";Nom d'usage Elève", "EXEMPLE;Hugo;2016-05-09;CE2 A;M;",
            "HOMONYME;Ali;2016-05-09;CP;M;",
            "HOMONYME;Ali;2016-05-10;CP;M;", "HOMONYME;Ali;2015-05-10;CE1;M;", "NAISSANCE;Léo;2016-05-10;CP;M;USAGE",
        ]
        let events = try events(of: pupils, [Self.header + Self.child, "MME;;DEMO;Ana;;;" + child])
        #expect(events.people(.responsible).count == 1)
        #expect(events.links.count == links)
        #expect(events.warnings == (links == 0 ? ["unresolved-link:2:Prénom enfant"] : []))
        #expect(events.people(.responsible).flatMap(\.links).allSatisfy { $0.level == .absent && $0.kindCode == "" })
    }

    @Test("a file of homonyms is not compared with itself")
    func manyHomonyms() throws {
        let header = Self.header + ";Nom de famille élève;Prénom élève;Classes élèves;Date de naissance élève"
        for (count, links) in [(50, 1), (51, 0)] {
            let pupils = (0..<count).map { "HOMONYME;Ali;\(1960 + $0)-05-09;CP;M" }
            let events = try events(
                of: [Self.pupilHeader] + pupils, [header, "MME;;DEMO;Ana;;;HOMONYME;Ali;CP;1960-05-09"])
            #expect(events.people(.pupil).count == count)
            #expect(events.links.count == links)
        }
    }

    @Test("a birth date tells homonyms apart, and a wrong one links nobody")
    func birthDates() throws {
        let pupils = [Self.pupilHeader, "HOMONYME;Ali;2016-05-09;CP;M", "HOMONYME;Ali;2016-05-10;CP;M"]
        let header = Self.header + ";Nom de famille élève;Prénom élève;Classes élèves;Date de naissance élève"
        func links(_ date: String) throws -> [String] {
            try events(of: pupils, [header, "MME;;DEMO;Ana;;;HOMONYME;Ali;CP;\(date)"]).links
        }
        #expect(try links("10/05/2016") == [ONDE.link("HOMONYME|ALI|2016-05-10", "DEMO|ANA|F")])
        #expect(try links("2016-05-09") == [ONDE.link("HOMONYME|ALI|2016-05-09", "DEMO|ANA|F")])
        for date in ["11/05/2016", "mai", ""] { #expect(try links(date) == []) }
    }
}
