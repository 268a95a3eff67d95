import School
import SchoolFiles
import Testing

@Suite("AAF, changes")
struct AAFDeltaTests {
    @Test("addRequest is whole, modifyRequest states its fields and no others, deleteRequest takes out")
    func requests() throws {
        let folder = try Folder()
        let text = AAF.file(
            AAF.add("PersRelEleve", "1", [("sn", ["A"])]),
            AAF.modify("PersRelEleve", "2", [("mobile", [""]), ("mail", ["b@example.org"]), ("ENTUnknown", ["x"])]),
            AAF.modify("PersRelEleve", "3", [("ENTPersonMobileSMS", ["0639980001"])]),
            AAF.delete("PersRelEleve", "4"))
        let reading = try Reading(folder.write("ENT_Delta_20250916_PersRelEleve_0000.xml", text))
        #expect(reading.exports.first?.extent == .changes && reading.exports.first?.date == "2025-09-16")
        #expect(reading.changes == [.whole, .fields([.mobiles, .mail]), .fields([.smsMobiles]), .deletion])
        #expect(reading.persons[1].mobiles == [] && reading.persons[1].mail == "b@example.org")
        #expect(reading.persons[2].smsMobiles == ["0639980001"])
        #expect(reading.persons[3] == PersonRecord(.responsible, key: "4"))
        #expect(reading.warnings.isEmpty)
    }

    @Test("the links of a pupil and the fields of a school are modified")
    func moreFields() throws {
        let folder = try Folder()
        let pupil = AAF.file(
            AAF.modify(
                "Eleve", "1", [("ENTElevePersRelEleve", ["2$1$0$1$1$0"]), ("ENTEleveNivFormation", ["CINQUIEME"])]),
            AAF.modify("Eleve", "2", [("ENTEleveMEF", [""]), ("ENTEleveClasses", [""])]))
        let reading = try Reading(folder.write("a.xml", pupil))
        #expect(reading.exports.first?.extent == .changes)
        #expect(reading.changes == [.fields(.links), .fields([.level, .classes])])
        #expect(
            reading.persons[0].links == [
                LinkRecord(pupil: "1", responsible: "2", kindCode: "1", level: .respLegal("1"))
            ])
        let school = AAF.file(
            AAF.modify("EtabEducNat", "1", [("ENTStructureUAI", ["0599901S"]), ("l", ["LILLE"])]),
            AAF.delete("EtabEducNat", "2"))
        let schools = try Reading(folder.write("b.xml", school))
        #expect(schools.changes == [.fields([.uai, .town]), .deletion])
        #expect(schools.schools[1] == SchoolRecord(key: "2"))
    }

    @Test("no operation but replace")
    func operation() throws {
        let folder = try Folder()
        func file(_ operation: String) throws -> String {
            try folder.write("a.xml", AAF.file(AAF.modify("Eleve", "1", [("sn", ["A"])], operation: operation)))
        }
        #expect(try problem(file("operation=\"replace\"")) == nil)
        #expect(try problem(file("operation=\"add\""))?.reason == .malformed)
        #expect(try problem(file(""))?.reason == .malformed)
    }

    @Test("a complete file neither modifies nor deletes")
    func complete() throws {
        let folder = try Folder()
        let name = "ENT_Complet_20250915_Eleve_0000.xml"
        let good = try folder.write(name, AAF.file(AAF.add("Eleve", "1")))
        #expect(try Reading(good).exports.first?.extent == .complete)
        for request in [AAF.delete("Eleve", "2"), AAF.modify("Eleve", "2", [("sn", ["A"])])] {
            let path = try folder.write(name, AAF.file(AAF.add("Eleve", "1"), request))
            #expect(try problem(path)?.reason == .malformed)
        }
    }

    @Test("a delta in which nothing changed is known by its name alone")
    func emptyDelta() throws {
        let folder = try Folder()
        let path = try folder.write("ENT_Delta_20250916_Eleve_0000.xml", AAF.file())
        #expect(try Reading(path).entries.isEmpty)
        #expect(try problem(folder.write("a.xml", AAF.file()))?.reason == .empty)
    }
}

@Suite("AAF, first degree")
struct AAF1DTests {
    @Test("the names of the first degree; who has parental authority is said by the pupil, children by the responsible")
    func names() throws {
        let folder = try Folder()
        let pupil = AAF.add(
            "Eleve", "1",
            [
                ("ENTPersonNom", ["MODÈLE"]), ("ENTPersonNomPatro", ["ESSAI"]), ("ENTPersonPrenom", ["Hugo"]),
                ("ENTPersonCivilite", ["M."]), ("ENTEleveNiveau", ["CE2"]), ("ENTPersonStructRattach", ["900002"]),
                ("ENTPersonClasses", ["900002$1$2$3$CE2 A"]), ("ENTPersonGroupes", ["900002$CE2"]),
                ("ENTEleveAutoriteParentale", ["2", "3"]), ("ENTElevePersRelEleve", ["9$1$1$1$1$1"]),
            ])
        let reading = try Reading(folder.write("p.xml", AAF.file(pupil, comment: AAF.comment1D)))
        #expect(reading.exports.first?.register == Register(.aaf1D, .academy("09")))
        var hugo = PersonRecord(.pupil, key: "1")
        hugo.usageName = "MODÈLE"
        hugo.birthName = "ESSAI"
        hugo.givenName = "Hugo"
        hugo.civility = "M."
        hugo.level = "CE2"
        hugo.schools = ["900002"]
        hugo.classes = [ClassPlace(school: "900002", code: "CE2 A")]
        hugo.links = [
            LinkRecord(pupil: "1", responsible: "2", level: .autoriteParentale),
            LinkRecord(pupil: "1", responsible: "3", level: .autoriteParentale),
        ]
        #expect(reading.persons == [hugo])
        #expect(reading.warnings.map(\.field) == ["ENTPersonGroupes"])
        let parent = AAF.add(
            "PersRelEleve", "2",
            [
                ("ENTPersonNom", ["MODÈLE"]), ("ENTPersRelEleveTelMobile", ["0639980001"]),
                ("ENTPersonMail", ["m@example.org"]), ("ENTPersRelEleveEleve", ["1", "4$x"]),
            ])
        let parents = try Reading(folder.write("r.xml", AAF.file(parent, comment: AAF.comment1D)))
        #expect(parents.persons.first?.mobiles == ["0639980001"] && parents.persons.first?.mail == "m@example.org")
        #expect(
            parents.persons.first?.links == [
                LinkRecord(pupil: "1", responsible: "2", level: .absent),
                LinkRecord(pupil: "4", responsible: "2", level: .absent),
            ])
    }

    @Test("the degree is seen by the names when the comment does not say it")
    func degree() throws {
        let folder = try Folder()
        let comment = "<!-- codeAcademieExport='09' -->"
        let first = AAF.file(AAF.add("Eleve", "1", [("ENTPersonNom", ["A"])]), comment: comment)
        let second = AAF.file(AAF.add("Eleve", "1", [("sn", ["A"])]), comment: comment)
        #expect(try Reading(folder.write("a.xml", first)).exports.first?.register.format == .aaf1D)
        #expect(try Reading(folder.write("b.xml", second)).exports.first?.register.format == .aaf2D)
    }
}
