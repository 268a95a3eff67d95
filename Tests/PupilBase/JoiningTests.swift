import Clocks
import Matching
import PupilBase
import School
import Testing

/// SIECLE of the same collège: its own numbers, one parent's number of another spelling.
private struct Siecle {
    var parentName = "DEMO"
    var ine = "999000001AA"
    var born = "14/03/2012"
    var level = "1"

    var files: [String: String] {
        let head = """
            <PARAMETRES><UAJ>0599901S</UAJ><ANNEE_SCOLAIRE>2025</ANNEE_SCOLAIRE><DATE_EXPORT>15/09/2025</DATE_EXPORT>
            <HORODATAGE>15/09/2025 08:00:00</HORODATAGE></PARAMETRES>
            """
        return [
            "ElevesSansAdresses.xml": """
            <?xml version="1.0" encoding="UTF-8"?>
            <BEE_ELEVES VERSION="2.0">\(head)<DONNEES><ELEVES>
            <ELEVE ELEVE_ID="51" ELENOET="1"><ID_NATIONAL>\(ine)</ID_NATIONAL><NOM_DE_FAMILLE>EXEMPLE</NOM_DE_FAMILLE>
            <PRENOM>Léa</PRENOM><DATE_NAISS>\(born)</DATE_NAISS><CODE_SEXE>2</CODE_SEXE></ELEVE>
            </ELEVES></DONNEES></BEE_ELEVES>
            """,
            "ResponsablesAvecAdresses.xml": """
            <?xml version="1.0" encoding="UTF-8"?>
            <BEE_RESPONSABLES VERSION="2.0">\(head)<DONNEES><PERSONNES>
            <PERSONNE PERSONNE_ID="71"><NOM_DE_FAMILLE>\(parentName)</NOM_DE_FAMILLE><NOM_USAGE>EXEMPLE</NOM_USAGE>
            <PRENOM>Camille</PRENOM><LC_CIVILITE>MME</LC_CIVILITE><TEL_PORTABLE>0639980031</TEL_PORTABLE></PERSONNE>
            </PERSONNES><RESPONSABLES>
            <RESPONSABLE_ELEVE><ELEVE_ID>51</ELEVE_ID><PERSONNE_ID>71</PERSONNE_ID><CODE_PARENTE>10</CODE_PARENTE>
            <NIVEAU_RESPONSABILITE>\(level)</NIVEAU_RESPONSABILITE></RESPONSABLE_ELEVE>
            </RESPONSABLES></DONNEES></BEE_RESPONSABLES>
            """,
        ]
    }
}

extension PupilBaseTests {
    @Suite("One person of several registers")
    struct Joining {
        private static let joins =
            "SELECT register || ':' || kind || ':' || key || ' = ' || person_register || ':' || person_key || ' ' || evidence"
            + " AS t FROM base_joins WHERE ended = 0"
        private static let doubles =
            "SELECT register || ':' || kind || ':' || key || ' ? ' || other_register || ':' || other_key || ' ' || reason"
            + " AS t FROM base_doubles WHERE ended = 0"

        @Test("the same national number and birth date, the same name and child", arguments: Engine.allCases)
        func joined(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                let before = try await desk.rows()
                let report = try await desk.bring(Siecle().files)
                #expect(report.joined == 2)
                #expect(
                    try await desk.text(Self.joins) == [
                        "2:pupil:51 = 1:910001 ine", "2:responsible:71 = 1:920001 child",
                    ])
                // Found by the number of either file, as one person, with the child as one child.
                let base = MatchingBase(on: desk.engine)
                for mobile in ["33639980001", "33639980031"] {
                    let claim = Claim(
                        mobile: ProvenMobile(uncheckedProven: MobileKey(mobile)),
                        name: ClaimedName(family: "Exemple", given: "Camille"))
                    let match = try await base.match(claim, now: september)
                    guard case .one(let one) = match.answer else {
                        Issue.record("\(mobile): \(match.answer)")
                        continue
                    }
                    #expect(one.person.records.map(\.description) == ["1:920001", "2:71"])
                    #expect(one.toProve.map(\.description) == ["1:910001", "1:910002"])
                }
                // Once more nothing is joined again, and undoing takes the joins back.
                #expect(try await desk.bring(Siecle().files).joined == 0)
                #expect(try await desk.undo() == 3)
                #expect(try await desk.undo() == 2)
                #expect(try await desk.rows() == before)
            }
        }

        @Test("two files that disagree on a legal level open nothing", arguments: Engine.allCases)
        func disagree(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                try await desk.bring(Siecle(level: "3").files)
                let claim = Claim(
                    mobile: ProvenMobile(uncheckedProven: MobileKey("33639980001")),
                    name: ClaimedName(family: "Exemple", given: "Camille"))
                let match = try await MatchingBase(on: desk.engine).match(claim, now: september)
                guard case .one(let one) = match.answer else {
                    Issue.record("\(match.answer)")
                    return
                }
                #expect(one.refused.map(\.pupil.description) == ["1:910001"])
                #expect(one.refused.map(\.why) == [.filesDisagree([.legal, .contact])])
                #expect(one.toProve.map(\.description) == ["1:910002"])
            }
        }

        @Test("another name is another person; what contradicts is told, not joined", arguments: Engine.allCases)
        func apart(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                let other = try await desk.bring(Siecle(parentName: "AUTRE").files)
                #expect(other.joined == 1)
                #expect(try await desk.text(Self.joins) == ["2:pupil:51 = 1:910001 ine"])
                _ = try await desk.undo()
                let born = try await desk.bring(Siecle(born: "15/03/2012").files)
                #expect(born.joined == 0 && born.probableDoubles == ["same-ine": 1])
                #expect(try await desk.text(Self.doubles) == ["1:pupil:910001 ? 2:51 same-ine"])
                _ = try await desk.undo()
                // The same name, birth date and school, without a number: one pupil. With another number: two.
                #expect(try await desk.bring(Siecle(ine: "").files).joined == 2)
                _ = try await desk.undo()
                let number = try await desk.bring(Siecle(ine: "999000009ZZ").files)
                #expect(number.joined == 0 && number.probableDoubles == ["other-ine": 1])
            }
        }

        @Test("two of one register who share name and mobile are told", arguments: Engine.allCases)
        func numberedTwice(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                var college = College()
                college.parents.append(College.Parent(id: "920099", mobile: ["0639980001"]))
                college.pupils.append(College.Pupil(id: "910099", born: "14/03/2012"))
                let report = try await desk.bring(college.files())
                #expect(report.probableDoubles == ["same-register": 2])
                #expect(
                    try await desk.text(Self.doubles) == [
                        "1:pupil:910001 ? 1:910099 same-register", "1:responsible:920001 ? 1:920099 same-register",
                    ])
                college.parents[3].mobile = ["0639980055"]
                college.pupils[2].born = "15/03/2012"
                try await desk.bring(college.files())
                #expect(try await desk.text(Self.doubles).isEmpty)
            }
        }

        @Test(
            "numbers of twins that were taken for each other join nobody; a join that is contradicted ends",
            arguments: Engine.allCases)
        func twins(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                var college = College()
                college.pupils[1].born = "14/03/2012"
                college.pupils[0].ine = "999000002AB"
                college.pupils[1].ine = "999000001AA"
                try await desk.bring(college.files())
                // Léa of SIECLE bears the number that AAF gives to Zoé.
                let report = try await desk.bring(Siecle().files)
                #expect(report.probableDoubles["same-ine"] == 1)
                #expect(try await desk.text(Self.joins).isEmpty)
                college.pupils[0].ine = "999000001AA"
                college.pupils[1].ine = "999000002AB"
                let joined = try await desk.bring(college.files())
                #expect(joined.joined == 2)
                #expect(
                    try await desk.text(Self.joins) == [
                        "2:pupil:51 = 1:910001 ine", "2:responsible:71 = 1:920001 child",
                    ])
                college.pupils[0].born = "15/03/2012"
                let apart = try await desk.bring(college.files())
                #expect(apart.probableDoubles["no-longer-one"] == 1)
                #expect(try await desk.text(Self.joins) == ["2:responsible:71 = 1:920001 child"])
            }
        }

        @Test("two records of one register are not made one through a third", arguments: Engine.allCases)
        func rivals(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                var college = College()
                college.pupils[0].ine = ""
                college.pupils.append(college.pupils[0])
                college.pupils[2].id = "910077"
                try await desk.bring(college.files())
                let report = try await desk.bring(Siecle(ine: "").files)
                #expect(report.joined == 0)
                #expect(report.probableDoubles["several"] == 2)
                #expect(try await desk.text(Self.joins).isEmpty)
            }
        }
    }
}
