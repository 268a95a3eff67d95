import School
import SchoolFiles
import Testing

/// Each file holds one value at its limit, which is read, and then one byte or one value more, which is not.
@Suite("Limits of one record")
struct RecordLimitTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private static func text(_ count: Int) -> String { String(repeating: "A", count: count) }

    /// Whether a file is read, or is refused for a limit at that line, in a sentence that has no value of it.
    private func expect(_ found: FileProblem?, beyond: Bool, line: Int, _ what: String) {
        guard beyond else { return #expect(found == nil, "\(what)") }
        #expect(found?.reason == .limit && found?.line == line, "\(what): \(found?.description ?? "read")")
        #expect(found?.sentence.contains("AAA") == false, "\(what)")
    }

    private static let attributesOfAAF: [(String, String, @Sendable (String) -> String)] = [
        ("Eleve", "sn", { $0 }), ("Eleve", "ENTPersonNomPatro", { $0 }), ("Eleve", "givenName", { $0 }),
        ("Eleve", "ENTPersonAutresPrenoms", { $0 }), ("Eleve", "mail", { $0 }), ("Eleve", "ENTEleveINE", { $0 }),
        ("Eleve", "ENTEleveStructRattachId", { $0 }), ("Eleve", "ENTPersonStructRattach", { $0 }),
        ("Eleve", "ENTEleveClasses", { "1$" + $0 }), ("Eleve", "ENTEleveClasses", { $0 + "$5A" }),
        ("Eleve", "ENTEleveGroupes", { "1$" + $0 }), ("PersEducNat", "ENTPersonFonctions", { $0 + "$ENS" }),
        ("PersEducNat", "ENTPersonFonctions", { "1$" + $0 }),
        ("PersEducNat", "ENTPersonFonctions", { "1$ENS$x$y$" + $0 }),
        ("EtabEducNat", "ENTStructureClasses", { $0 + "$5EME A" }), ("EtabEducNat", "ENTStructureGroupes", { $0 }),
    ]

    @Test("AAF: 512 bytes of whatever is looked up and no more, in a request to add and in one to modify")
    func textsOfAAF() throws {
        for (category, name, value) in Self.attributesOfAAF {
            for (count, isBeyond) in [(512, false), (513, true)] {
                let list = [(name, [value(Self.text(count))])]
                let added = AAF.file(AAF.add(category, "1"), AAF.add(category, "2", list))
                let what = "\(name) \(count)"
                expect(try problem(folder.write("a.xml", added)), beyond: isBeyond, line: 9, what)
                let modified = AAF.file(AAF.modify(category, "2", list))
                let file = try folder.write("ENT_Delta_20250915_\(category)_0000.xml", modified)
                expect(try problem(file), beyond: isBeyond, line: 3, "modify " + what)
            }
        }
        // Letters of two bytes count twice.
        for (count, isBeyond) in [(256, false), (257, true)] {
            let file = AAF.file(AAF.add("Eleve", "2", [("sn", [String(repeating: "É", count: count)])]))
            expect(try problem(folder.write("a.xml", file)), beyond: isBeyond, line: 3, "É")
        }
    }

    @Test("AAF: 64 bytes of a person's key and no more, also of a link's end and of one who is deleted")
    func keysOfAAF() throws {
        for (count, isBeyond) in [(64, false), (65, true)] {
            let key = Self.text(count)
            let added = try folder.write("a.xml", AAF.file(AAF.add("Eleve", key)))
            expect(try problem(added), beyond: isBeyond, line: 3, "add")
            let deleted = try folder.write("ENT_Delta_20250915_Eleve_0000.xml", AAF.file(AAF.delete("Eleve", key)))
            expect(try problem(deleted), beyond: isBeyond, line: 3, "delete")
            let link = AAF.add("Eleve", "1", [("ENTElevePersRelEleve", ["\(key)$1$1$1$1$1"])])
            expect(try problem(folder.write("a.xml", AAF.file(link))), beyond: isBeyond, line: 3, "link")
        }
        for (count, isBeyond) in [(512, false), (513, true)] {
            let school = try folder.write("a.xml", AAF.file(AAF.add("EtabEducNat", Self.text(count))))
            expect(try problem(school), beyond: isBeyond, line: 3, "school")
        }
    }

    @Test("SIECLE: 512 bytes of whatever is looked up and no more, 64 bytes of a key, at the line of the record")
    func textsOfSIECLE() throws {
        for field in [
            "NOM_USAGE", "PRENOM", "PRENOM2", "PRENOM3", "MEL", "ID_NATIONAL", "ID_ELEVE_ETAB",
        ] {
            for (count, isBeyond) in [(512, false), (513, true)] {
                let file = SIECLETests.pupils(("1", ""), ("2", "<\(field)>\(Self.text(count))</\(field)>"))
                expect(try problem(folder.write("e.xml", file)), beyond: isBeyond, line: 3, field)
            }
        }
        for (count, isBeyond) in [(64, false), (65, true)] {
            let file = SIECLETests.pupils(("1", ""), (Self.text(count), ""))
            expect(try problem(folder.write("e.xml", file)), beyond: isBeyond, line: 3, "ELEVE_ID")
        }
        for (count, isBeyond) in [(512, false), (513, true)] {
            let file = Self.structures([Self.text(count)])
            expect(try problem(folder.write("e.xml", file)), beyond: isBeyond, line: 2, "CODE_STRUCTURE")
        }
    }

    /// A file of one pupil with these classes.
    private static func structures(_ codes: [String]) -> String {
        let all = codes.map {
            "<STRUCTURE><CODE_STRUCTURE>\($0)</CODE_STRUCTURE><TYPE_STRUCTURE>D</TYPE_STRUCTURE></STRUCTURE>"
        }
        return SIECLETests.pupils(("1", "")).replacing(
            "</ELEVES>",
            with: "</ELEVES><STRUCTURES><STRUCTURES_ELEVE ELEVE_ID=\"1\">" + all.joined()
                + "</STRUCTURES_ELEVE></STRUCTURES>")
    }

    @Test("SIECLE: two hundred classes of one pupil and no more")
    func valuesOfSIECLE() throws {
        func file(_ count: Int) throws -> String {
            try folder.write("e.xml", Self.structures((1...count).map { "\($0)" }))
        }
        #expect(try Reading(file(200)).persons.first?.classes.count == 200)
        expect(try problem(file(201)), beyond: true, line: 2, "classes")
    }

    @Test("ONDE: 512 bytes of whatever is looked up and no more, at the line and in the file of the record")
    func textsOfONDE() throws {
        let columns = [";Nom d'usage Elève", ";Deuxième prénom", ";INE", ";Regroupement(s)"]
        let header = ONDETests.pupilHeader + columns.joined()
        for place in columns.indices {
            for (count, isBeyond) in [(512, false), (513, true)] {
                let values = columns.indices.map { ";" + ($0 == place ? Self.text(count) : "") }
                let pupils = [header, "EXEMPLE;Hugo;2016-05-09;CE2;M;;;;", "B;C;2016-05-09;CE2;M" + values.joined()]
                let folder = try ONDEFolder(pupils: pupils)
                #expect(folder.refusal() == (isBeyond ? "limit:3" : nil), "\(columns[place]) \(count)")
            }
        }
        for (mail, usage, refusal) in [(512, 512, nil), (513, 0, "limit:2"), (0, 513, "limit:2")] {
            let line = "MME;\(Self.text(usage));DEMO;Ana;\(Self.text(mail));;;EXEMPLE;Hugo;CE2 A"
            let folder = try ONDEFolder(
                pupils: ONDETests.pupils, responsibles: [ONDETests.header + ONDETests.child, line])
            #expect(folder.refusal() == refusal, "\(mail) \(usage)")
        }
    }

    @Test("AAF: two hundred values of one attribute and no more, in however many elements they stand")
    func valuesOfAttribute() throws {
        func file(_ counts: Int...) throws -> String {
            let list = counts.map { ("mobile", [String](repeating: "1", count: $0)) }
            return try folder.write("a.xml", AAF.file(AAF.add("PersRelEleve", "0"), AAF.add("PersRelEleve", "1", list)))
        }
        #expect(try Reading(file(200)).persons.last?.mobiles.count == 200)
        #expect(try problem(file(201))?.reason == .limit)
        #expect(try Reading(file(100, 100)).persons.last?.mobiles.count == 200)
        #expect(try problem(file(100, 101))?.reason == .limit)
        // Each request begins anew.
        let request = AAF.add("PersRelEleve", "1", [("mobile", [String](repeating: "1", count: 200))])
        #expect(try problem(folder.write("a.xml", AAF.file(request, request))) == nil)
    }

    @Test("AAF: five thousand classes and as many groups of one school and no more")
    func classesOfSchool() throws {
        func file(_ classes: Int, _ groups: Int) throws -> String {
            let list = [("ENTStructureClasses", classes), ("ENTStructureGroupes", groups)]
                .map { name, count in (name, (0..<count).map { "\($0)$x" }) }
            return try folder.write("a.xml", AAF.file(AAF.add("EtabEducNat", "1", list)))
        }
        let school = try Reading(file(5_000, 5_000)).schools.first
        #expect(school?.classes.count == 5_000 && school?.groups.count == 5_000)
        #expect(try problem(file(5_001, 0))?.reason == .limit)
        #expect(try problem(file(0, 5_001))?.reason == .limit)
    }
}
