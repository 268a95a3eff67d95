import School
import SchoolFiles
import Testing

@Suite("SIECLE")
struct SIECLETests {
    static let college = UAI("0599901S")

    @Test("the sample of the pupils: the school with what its pupils are in, then they")
    func pupils() throws {
        let reading = try Reading(Sample.path("siecle-eleves.xml"))
        let uai = try #require(Self.college)
        let export = try #require(reading.exports.first)
        #expect(export.register == Register(.siecle, .school(uai)) && export.extent == .complete)
        #expect(export.date == "2025-09-15" && export.contents == [.pupils])
        var school = SchoolRecord(key: "0599901S", uai: uai)
        school.classes = [ClassRecord(code: "3B"), ClassRecord(code: "5A"), ClassRecord(code: "6C")]
        school.groups = [ClassRecord(code: "5AGP1")]
        #expect(reading.schools == [school] && reading.warnings.isEmpty)
        var lea = PersonRecord(.pupil, key: "910001")
        lea.birthName = "EXEMPLE"
        lea.givenName = "Léa"
        lea.civility = "2"
        lea.birthDate = "14/03/2012"
        lea.postalCode = "59000"
        lea.ine = "999000001AA"
        lea.fileNumber = "1001"
        lea.level = "10110001110"
        lea.schools = ["0599901S"]
        lea.classes = [ClassPlace(school: "0599901S", code: "5A")]
        lea.groups = [ClassPlace(school: "0599901S", code: "5AGP1")]
        #expect(reading.persons.first == lea && reading.persons.count == 6)
        #expect(reading.persons[2].birthName == "MODÈLE" && reading.persons[2].usageName == "MODÈLE-FICTIF")
    }

    @Test("the sample of the responsibles, with their links")
    func responsibles() throws {
        let reading = try Reading(Sample.path("siecle-responsables.xml"))
        var camille = PersonRecord(.responsible, key: "920001")
        camille.birthName = "DEMO"
        camille.usageName = "EXEMPLE"
        camille.givenName = "Camille"
        camille.civility = "MME"
        camille.mail = "camille.exemple@example.org"
        camille.postalCode = "59000"
        camille.mobiles = ["0639980001"]
        camille.schools = ["0599901S"]
        camille.links = [
            LinkRecord(pupil: "910001", responsible: "920001", kindCode: "10", level: .niveauResponsabilite("1")),
            LinkRecord(pupil: "910002", responsible: "920001", kindCode: "10", level: .niveauResponsabilite("1")),
        ]
        #expect(reading.persons.first == camille && reading.persons.count == 8 && reading.warnings.isEmpty)
        #expect(reading.persons[2].links.map(\.level) == [.niveauResponsabilite("3")])
        #expect(reading.persons[6].postalCode == "97400" && reading.persons[3].mobiles == [])
    }

    @Test("the two samples are one export")
    func together() throws {
        let reading = try Reading([Sample.path("siecle-responsables.xml"), Sample.path("siecle-eleves.xml")])
        #expect(reading.exports.count == 1 && reading.exports.first?.files.map(\.content) == [.pupils, .responsibles])
        #expect(reading.persons.count == 14 && reading.schools.count == 1 && reading.warnings.isEmpty)
    }

    @Test("a pupil who left before the export is told and not taken, and nobody is their responsible any more")
    func departed() throws {
        let folder = try Folder()
        let pupils = Self.pupils(
            ("1", "<DATE_SORTIE>14/09/2025</DATE_SORTIE>"), ("2", "<DATE_SORTIE>15/09/2025</DATE_SORTIE>"),
            ("3", "<DATE_SORTIE></DATE_SORTIE>"), ("4", "<DATE_SORTIE>soon</DATE_SORTIE>"))
        let links = [("1", "21"), ("2", "21"), ("8", "21"), ("2", "29")]
        let reading = try Reading([
            folder.write("r.xml", Self.responsibles(["21"], links)), folder.write("e.xml", pupils),
        ])
        #expect(reading.persons.map(\.key) == ["2", "3", "4", "21"])
        #expect(reading.persons.last?.links.map(\.pupil) == ["2"])
        #expect(reading.warnings.map(\.kind) == [.departed, .malformedValue, .unresolvedLink, .unresolvedLink])
        #expect(reading.warnings.map(\.field) == ["DATE_SORTIE", "DATE_SORTIE", "ELEVE_ID", "PERSONNE_ID"])
        // Read without the file of the pupils, only the person of a link can be looked for.
        let alone = try Reading(folder.path + "/r.xml")
        #expect(alone.persons.last?.links.map(\.pupil) == ["1", "2", "8"])
        #expect(alone.warnings.map(\.field) == ["PERSONNE_ID"])
    }

    @Test("older files: NOM, RESP_LEGAL, ids as elements, another root; fields of a section within do not count")
    func older() throws {
        let folder = try Folder()
        let pupils = """
            <BEE_ELEVES><PARAMETRES><UAJ>0599901s</UAJ></PARAMETRES><DONNEES><ELEVES><ELEVE><ELEVE_ID>1</ELEVE_ID>
            <NOM>A</NOM><PRENOM>B</PRENOM><PRENOM2>C</PRENOM2><INE_BEA>1234567890A</INE_BEA><MEL>p@example.org</MEL>
            <SCOLARITE_AN_DERNIER><CODE_MEF>9</CODE_MEF><X><CODE_MEF>9</CODE_MEF></X></SCOLARITE_AN_DERNIER>
            <ELENOET>77</ELENOET></ELEVE></ELEVES><STRUCTURES><STRUCTURES_ELEVE ELENOET="77"><STRUCTURE><CODE_STRUCTURE>6A</CODE_STRUCTURE>
            <TYPE_STRUCTURE>D</TYPE_STRUCTURE></STRUCTURE></STRUCTURES_ELEVE></STRUCTURES></DONNEES></BEE_ELEVES>
            """
        let pupil = try #require(try Reading(folder.write("e.xml", pupils)).persons.first)
        #expect(pupil.key == "1" && pupil.usageName == "A" && pupil.birthName == "" && pupil.level == "")
        #expect(pupil.otherGivenNames == ["C"] && pupil.ine == "1234567890A" && pupil.mail == "p@example.org")
        #expect(pupil.classes == [ClassPlace(school: "0599901S", code: "6A")] && pupil.fileNumber == "77")
        let responsibles = Self.responsibles(["21"], [("1", "21")])
            .replacing("BEE_RESPONSABLES", with: "BEE_EPHC_RESPONSABLES")
            .replacing("NIVEAU_RESPONSABILITE", with: "RESP_LEGAL")
        let reading = try Reading(folder.write("r.xml", responsibles))
        #expect(reading.persons.first?.links.map(\.level) == [.respLegal("1")])
    }

    @Test("what SIECLE exports beside them is skipped; what is not SIECLE's is refused")
    func companions() throws {
        let folder = try Folder()
        let text = "<BEE_NOMENCLATURES>\(Self.parameters)<DONNEES><MEFS/></DONNEES></BEE_NOMENCLATURES>"
        let paths = try [folder.write("Nomenclature.xml", text), Sample.path("siecle-eleves.xml")]
        let reading = try Reading(paths)
        #expect(reading.exports.first?.contents == [.pupils, .other] && reading.persons.count == 6)
        let other = try folder.write("a.xml", text.replacing("BEE_", with: "EDT_"))
        #expect(try problem(other)?.reason == .unrecognised)
    }

    @Test("a file that does not name its school is refused")
    func school() throws {
        let folder = try Folder()
        let good = Self.responsibles(["21"], [])
        #expect(try problem(folder.write("r.xml", good)) == nil)
        #expect(try problem(folder.write("r.xml", good.replacing("0599901S", with: "")))?.reason == .malformed)
        #expect(try problem(folder.write("r.xml", good.replacing("UAJ>", with: "X>")))?.reason == .malformed)
    }

    @Test("more than any school has is refused")
    func limit() throws {
        let folder = try Folder()
        let ids = (0..<20_001).map { ("\($0)", "") }
        let all = ids.map { "<ELEVE ELEVE_ID=\"\($0.0)\"/>\n" }
        func file(_ count: Int) throws -> String {
            try folder.write(
                "e.xml", Self.pupils().replacing("</ELEVES>", with: all.prefix(count).joined() + "</ELEVES>"))
        }
        #expect(try Reading(file(20_000)).persons.count == 20_000)
        #expect(try problem(file(20_001))?.reason == .limit)
    }

    static let parameters =
        "<PARAMETRES><UAJ>0599901S</UAJ><DATE_EXPORT>15/09/2025</DATE_EXPORT></PARAMETRES>"

    static func pupils(_ pupils: (String, String)...) -> String {
        let all = pupils.map { "<ELEVE ELEVE_ID=\"\($0.0)\"><NOM_DE_FAMILLE>A</NOM_DE_FAMILLE>\($0.1)</ELEVE>\n" }
        return "<BEE_ELEVES>\(parameters)<DONNEES><ELEVES>\n\(all.joined())</ELEVES></DONNEES></BEE_ELEVES>"
    }

    static func responsibles(_ persons: [String], _ links: [(String, String)]) -> String {
        let persons = persons.map { "<PERSONNE PERSONNE_ID=\"\($0)\"><PRENOM>A</PRENOM></PERSONNE>\n" }.joined()
        let links = links.map { pupil, person in
            """
            <RESPONSABLE_ELEVE><ELEVE_ID>\(pupil)</ELEVE_ID><PERSONNE_ID>\(person)</PERSONNE_ID>
            <CODE_PARENTE>10</CODE_PARENTE><NIVEAU_RESPONSABILITE>1</NIVEAU_RESPONSABILITE></RESPONSABLE_ELEVE>

            """
        }.joined()
        return """
            <BEE_RESPONSABLES>\(parameters)<DONNEES><PERSONNES>
            \(persons)</PERSONNES><RESPONSABLES>\(links)</RESPONSABLES></DONNEES></BEE_RESPONSABLES>
            """
    }
}
