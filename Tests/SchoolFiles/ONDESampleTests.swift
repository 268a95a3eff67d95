import School
import SchoolFiles
import Testing

@Suite("ONDE: the samples")
struct ONDESampleTests {
    private let school = "0599902T"

    private func folder(_ pupils: [UInt8], _ responsibles: [UInt8]?) throws -> ONDEFolder {
        let folder = try ONDEFolder()
        try folder.write(ONDEFolder.pupils, pupils)
        if let responsibles { try folder.write(ONDEFolder.responsibles, responsibles) }
        return folder
    }

    private func samples() throws -> ONDEFolder {
        try folder(ONDEFolder.sample("onde-eleves.csv"), ONDEFolder.sample("onde-responsables.csv"))
    }

    private func pupil(
        _ key: String, _ names: (String, String, String), _ civility: String, _ birthDate: String, postalCode: String,
        level: String, _ classroom: String
    ) -> PersonRecord {
        var record = PersonRecord(.pupil, key: ONDE.pupil(key))
        (record.birthName, record.usageName, record.givenName) = names
        record.civility = civility
        record.birthDate = birthDate
        record.postalCode = postalCode
        record.level = level
        record.schools = [school]
        record.classes = [ClassPlace(school: school, code: classroom)]
        return record
    }

    private func responsible(
        _ key: String, _ names: (String, String, String), _ civility: String, postalCode: String = "",
        mail: String = "",
        mobile: String? = nil, of pupil: String
    ) -> PersonRecord {
        var record = PersonRecord(.responsible, key: ONDE.responsible(key))
        (record.birthName, record.usageName, record.givenName) = names
        record.civility = civility
        record.postalCode = postalCode
        record.mail = mail
        record.mobiles = mobile.map { [$0] } ?? []
        record.links = [LinkRecord(pupil: ONDE.pupil(pupil), responsible: record.key)]
        return record
    }

    @Test("the old layout says exactly this")
    func old() throws {
        let events = try samples().events()
        #expect(
            events.people(.pupil) == [
                pupil(
                    "EXEMPLE|HUGO|2016-05-09", ("EXEMPLE", "", "Hugo"), "M", "2016-05-09", postalCode: "59000",
                    level: "CE2", "CE2 A"),
                pupil(
                    "MODELE|ELOISE|2018-09-23", ("MODÈLE", "MODÈLE-FICTIF", "Éloïse"), "F", "2018-09-23",
                    postalCode: "62000", level: "CP", "CP-CE1"),
                pupil(
                    "D ESSAI|TOM|2015-01-31", ("D'ESSAI", "", "Tom"), "M", "2015-01-31", postalCode: "", level: "CM1",
                    "CM1"),
            ])
        #expect(
            events.people(.responsible) == [
                responsible(
                    "DEMO|CAMILLE|F", ("DEMO", "EXEMPLE", "Camille"), "MME", postalCode: "59000",
                    mail: "camille.exemple@example.org", mobile: "06 39 98 00 01", of: "EXEMPLE|HUGO|2016-05-09"),
                responsible(
                    "EXEMPLE|ALEX|M", ("EXEMPLE", "", "Alex"), "M.", postalCode: "59000", mobile: "0639980002",
                    of: "EXEMPLE|HUGO|2016-05-09"),
                responsible(
                    "MODELE|LUC|M", ("MODÈLE", "MODÈLE-FICTIF", "Luc"), "M.", postalCode: "62000",
                    mail: "luc.modele@example.org", of: "MODELE|ELOISE|2018-09-23"),
                responsible(
                    "D ESSAI|ROSE|F", ("D'ESSAI", "", "Rose"), "MME", mobile: "+262692000008",
                    of: "D ESSAI|TOM|2015-01-31"),
            ])
        #expect(events.warnings == [])
        #expect(events.count == 8)
        guard case .entry(.school(let record, .whole), let place) = try #require(events.first) else {
            Issue.record("the school is not first")
            return
        }
        var expected = SchoolRecord(key: school, uai: UAI(school))
        expected.classes = [ClassRecord(code: "CE2 A"), ClassRecord(code: "CM1"), ClassRecord(code: "CP-CE1")]
        #expect(record == expected)
        #expect(place.file.hasSuffix(ONDEFolder.pupils))
        guard case .entry(_, let last) = try #require(events.last) else { return }
        #expect(last.description.hasSuffix("CSVExtraction-responsables.csv:5"))
    }

    @Test("the recent layout says exactly this, with the INE for the key")
    func recent() throws {
        let events = try folder(ONDEFolder.sample("onde-eleves-recent.csv"), nil).events()
        var expected = pupil(
            "999000007AG", ("EXEMPLE", "", "Hugo"), "M", "09/05/2016", postalCode: "59000", level: "CE2", "CE2 A")
        expected.ine = "999000007AG"
        #expect(events.people(.pupil) == [expected])
        #expect(events.warnings == [])
        #expect(events.count == 2)
    }

    /// What is told of people and places of lines, whatever the folder is called.
    private func people(_ folder: ONDEFolder) throws -> [PersonRecord] {
        let events = try folder.events()
        #expect(events.warnings == [])
        return events.people(.pupil) + events.people(.responsible)
    }

    @Test("UTF-8 with or without a mark, other ends of line, quotes and blanks change nothing")
    func spellings() throws {
        let original = try people(samples())
        let texts = try ["onde-eleves.csv", "onde-responsables.csv"].map { name in
            String(String.UnicodeScalarView(try ONDEFolder.sample(name).map { Unicode.Scalar($0) }))
        }
        let quoted = texts.map { text in
            text.split(separator: "\r\n").map { line in
                line.replacing("\"", with: "").split(separator: ";", omittingEmptySubsequences: false)
                    .map { "\" \($0) \"" }.joined(separator: ";")
            }.joined(separator: "\n")
        }
        let forms: [[[UInt8]]] = [
            texts.map { Array($0.utf8) }, texts.map { [0xEF, 0xBB, 0xBF] + Array($0.utf8) },
            texts.map { ONDEFolder.latin1($0.replacing("\r\n", with: "\n")) }, quoted.map { ONDEFolder.latin1($0) },
            texts.map {
                ONDEFolder.latin1($0.replacing("Elève", with: "ÉLÈVE").replacing("esponsable", with: "ESPONSABLE"))
            },
        ]
        for form in forms { #expect(try people(folder(form[0], form[1])) == original) }
        #expect(original.count == 7)
    }

    @Test("the sex of a pupil is the civility; what is neither is none")
    func civility() throws {
        let written = ["M", "F", "1", "2", "M.", "Mme", "MLLE", "", "-", "3", "12", "X", "MM"]
        let expected: [Civility?] = [.monsieur, .madame, .monsieur, .madame, .monsieur, .madame, .madame]
        #expect(written.map { Civility(written: $0) } == expected + [nil, nil, nil, nil, nil, nil])
        let pupils = try samples().events().people(.pupil)
        #expect(pupils.map { Civility(written: $0.civility) } == [.monsieur, .madame, .monsieur])
    }

    @Test("teachers are skipped, and their file alone is nothing")
    func teachers() throws {
        let folder = try samples()
        let teachers = Array("\"Civilité\";\"Nom d'usage enseignant\";\"Prénom enseignant\"\r\nM.;Fictif;Max\r\n".utf8)
        try folder.write("CSVExtraction-enseignants.csv", teachers)
        #expect(try folder.events().count == 8)
        let alone = try ONDEFolder()
        try alone.write("CSVExtraction-enseignants.csv", teachers)
        #expect(try alone.events() == [])
    }
}
