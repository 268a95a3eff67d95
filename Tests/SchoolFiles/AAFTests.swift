import School
import SchoolFiles
import Testing

@Suite("AAF, second degree")
struct AAFTests {
    @Test("the sample of the pupils says what it says")
    func pupils() throws {
        let reading = try Reading(Sample.path("aaf-eleve.xml"))
        let export = try #require(reading.exports.first)
        #expect(export.register == Register(.aaf2D, .academy("09")))
        #expect(export.extent == .unstated && export.date == "2025-09-15" && export.contents == [.pupils])
        #expect(export.files.first?.version == AAFVersion(number: 2407))
        #expect(reading.warnings.isEmpty && reading.persons.count == 6)
        #expect(reading.changes.allSatisfy { $0 == .whole })
        var lea = PersonRecord(.pupil, key: "910001")
        lea.birthName = "EXEMPLE"
        lea.usageName = "EXEMPLE"
        lea.givenName = "Léa"
        lea.otherGivenNames = ["Marie"]
        lea.civility = "Mlle"
        lea.birthDate = "14/03/2012"
        lea.postalCode = "59000"
        lea.ine = "999000001AA"
        lea.fileNumber = "700001"
        lea.level = "10110001110"
        lea.schools = ["900001"]
        lea.classes = [ClassPlace(school: "900001", code: "5A")]
        lea.groups = [ClassPlace(school: "900001", code: "5AGP1")]
        lea.links = [
            LinkRecord(pupil: "910001", responsible: "920001", kindCode: "10", level: .respLegal("1")),
            LinkRecord(pupil: "910001", responsible: "920002", kindCode: "20", level: .respLegal("1")),
            LinkRecord(pupil: "910001", responsible: "920003", kindCode: "38", level: .respLegal("3")),
        ]
        #expect(reading.persons.first == lea)
        #expect(reading.places.map(\.line) == [5, 38, 71, 104, 137, 170])
        #expect(reading.persons.map(\.usageName).suffix(2) == ["D'ESSAI", "LE TEST"])
        #expect(reading.persons.last?.groups == [] && reading.persons.last?.givenName == "Anne-Élise")
    }

    @Test("the sample of the responsibles: mobile and ENTPersonMobileSMS are two fields, an empty value is none")
    func responsibles() throws {
        let reading = try Reading(Sample.path("aaf-persreleleve.xml"))
        #expect(reading.exports.first?.contents == [.responsibles])
        #expect(reading.warnings.isEmpty && reading.persons.count == 8)
        var alex = PersonRecord(.responsible, key: "920002")
        alex.birthName = "EXEMPLE"
        alex.usageName = "EXEMPLE"
        alex.givenName = "Alex"
        alex.civility = "M."
        alex.postalCode = "59000"
        alex.mobiles = ["06.39.98.00.02", "+33 6 39 98 00 12"]
        alex.smsMobiles = ["06.39.98.00.02"]
        #expect(reading.persons[1] == alex)
        #expect(reading.persons[0].mail == "camille.exemple@example.org")
        #expect(reading.persons[2].mobiles == [] && reading.persons[2].smsMobiles == [])
    }

    @Test("the sample of the schools")
    func schools() throws {
        let reading = try Reading(Sample.path("aaf-etab.xml"))
        var school = SchoolRecord(key: "900001", uai: UAI("0599901S"))
        school.name = "CLG-ALICE FICTIVE-ac-LILLE"
        school.type = "COLLEGE"
        school.postalCode = "59000"
        school.town = "LILLE"
        school.classes = [
            ClassRecord(code: "6C", label: "6EME C"), ClassRecord(code: "5A", label: "5EME A"),
            ClassRecord(code: "3B", label: "3EME B"),
        ]
        school.groups = [ClassRecord(code: "5AGP1", label: "5EME A GROUPE 1")]
        #expect(reading.schools == [school] && reading.warnings.isEmpty)
    }

    @Test("the three samples are one export: schools, pupils, responsibles")
    func together() throws {
        let paths = try ["aaf-persreleleve.xml", "aaf-eleve.xml", "aaf-etab.xml"].map(Sample.path)
        var counted: Int64 = 0
        let export = try #require(try RegisterExports.recognise(paths).first)
        try export.read(progress: { counted += $0 }, { _ in })
        #expect(export.files.map(\.content) == [.schools, .pupils, .responsibles])
        #expect(counted == export.size && export.size > 20_000)
    }

    @Test("staff: functions, and the UAI of a school that has only the other one")
    func staff() throws {
        let folder = try Folder()
        let staff = AAF.add(
            "PersEducNat", "930001",
            [
                ("sn", ["DÉMO"]), ("mail", ["d@example.org"]),
                ("ENTPersonFonctions", ["900001$ENS$ENSEIGNEMENT$L1300$MATHEMATIQUES", "900001$DIR$DIRECTION", "$"]),
            ])
        let reading = try Reading(folder.write("a.xml", AAF.file(staff)))
        #expect(reading.persons.first?.kind == .staff && reading.persons.first?.mail == "d@example.org")
        #expect(
            reading.persons.first?.functions == [
                StaffFunction(school: "900001", code: "ENS", label: "ENSEIGNEMENT", discipline: "MATHEMATIQUES"),
                StaffFunction(school: "900001", code: "DIR", label: "DIRECTION"),
            ])
        #expect(reading.warnings.map(\.field) == ["ENTPersonFonctions"])
        let school = AAF.add(
            "EtabEducNat", "1", [("ENTStructureUAI", ["nothing"]), ("ENTEtablissementUAI", ["0599901S"])])
        let schools = try Reading(folder.write("b.xml", AAF.file(school)))
        #expect(schools.schools.first?.uai == UAI("0599901S"))
        #expect(schools.warnings.map(\.field) == ["ENTStructureUAI"])
    }

    @Test("a link of other than six parts stands without a level, and is told; one without an id is none")
    func oddLinks() throws {
        let folder = try Folder()
        let values = ["920001$10$1$1$1", "$10$1$1$1$1", "920002$10$1$$1$1", "920003$10$1$1$1$1", "x"]
        let pupil = AAF.add("Eleve", "1", [("ENTElevePersRelEleve", values), ("ENTEleveClasses", ["5A"])])
        let reading = try Reading(folder.write("a.xml", AAF.file(pupil)))
        let links = try #require(reading.persons.first).links
        #expect(links.map(\.responsible) == ["920001", "920002", "920003", "x"])
        #expect(links.map(\.level) == [.absent, .absent, .respLegal("1"), .absent])
        #expect(links.map(\.kindCode) == ["", "10", "10", ""])
        #expect(reading.warnings.count == 4 && reading.warnings.allSatisfy { $0.kind == .malformedValue })
        #expect(reading.warnings.last?.field == "ENTEleveClasses")
        #expect(reading.persons.first?.classes == [])
    }

    @Test("what Loge does not know: an attribute is skipped, a category, a request or an element warned of once")
    func unknown() throws {
        let folder = try Folder()
        let text = AAF.file(
            AAF.add("Eleve", "1", [("ENTEleveParents", ["920001"]), ("ENTEleveAutoriteParentale", ["920001"])]),
            AAF.add("Autre", "2"), AAF.add("Autre", "3"), "<renameRequest><id>4</id></renameRequest>",
            "<renameRequest><value>4</value></renameRequest>", AAF.add("Eleve", "5"))
        let reading = try Reading(folder.write("a.xml", text))
        #expect(reading.persons.map(\.key) == ["1", "5"] && reading.persons[0].links == [])
        #expect(reading.warnings.map(\.kind) == [.unknownSection, .unknownSection])
        #expect(reading.warnings.map(\.field) == ["categorie", "request"])
    }

    @Test("references, CDATA, comments in a text, CRLF, no XML declaration, ISO-8859-15")
    func spellings() throws {
        let folder = try Folder()
        let pupil = AAF.add(
            "Eleve", "1", [("sn", ["A&amp;B &#201;<![CDATA[<C>]]><!-- x -->D "]), ("givenName", [" Œ\n"])])
        let reading = try Reading(
            folder.write("a.xml", AAF.file(pupil).replacing("\n", with: "\r\n")))
        #expect(reading.persons.first?.usageName == "A&B É<C>D" && reading.persons.first?.givenName == "Œ")
        // ISO-8859-15 has Œ at 0xBC, É at 0xC9.
        let latin = AAF.file(pupil, head: "<?xml version='1.0' encoding='ISO-8859-15'?>\n").unicodeScalars.map {
            $0 == "Œ" ? 0xBC : UInt8($0.value)
        }
        #expect(try Reading(folder.write("b.xml", latin)).persons == reading.persons)
    }

    @Test("an element where it has no place is refused")
    func misplaced() throws {
        let folder = try Folder()
        let good = AAF.file(AAF.add("Eleve", "1", [("sn", ["A"])]))
        #expect(try problem(folder.write("good.xml", good)) == nil)
        for (from, to) in [
            ("<attributes>", "<modifications>"), ("<value>A</value>", "<value><attr name=\"sn\"/></value>"),
            ("<id>1</id>", "<value>1</value>"), ("<addRequest>", "<addRequest><id>1</id>"),
            ("<id>1</id>", ""), ("<value>Eleve</value>", ""),
        ] {
            var text = good.replacing(from, with: to)
            if to == "<modifications>" { text = text.replacing("</attributes>", with: "</modifications>") }
            #expect(try problem(folder.write("bad_Eleve_0000.xml", text))?.reason == .malformed, "\(to)")
        }
    }

    @Test("a file of two kinds is refused")
    func twoKinds() throws {
        let folder = try Folder()
        let path = try folder.write("a.xml", AAF.file(AAF.add("Eleve", "1"), AAF.add("PersRelEleve", "2")))
        #expect(try problem(path) == FileProblem(.mixed, in: path, line: 9, try #require(try problem(path)).sentence))
    }
}
