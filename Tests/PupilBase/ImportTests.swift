import Clocks
import PupilBase
import School
import StoresSQL
import Testing

extension PupilBaseTests {
    @Suite("Imports")
    struct Imports {
        @Test(
            "a complete export fills an empty base, and the same once more changes nothing", arguments: Engine.allCases)
        func complete(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                let report = try await desk.bring(College().files())
                let register = try #require(report.registers.first)
                #expect(register.format == "AAF 2D" && register.scope == "09" && register.date == "2025-09-15")
                #expect(register.changes["pupils"]?.new == 2 && register.changes["responsibles"]?.new == 3)
                #expect(register.changes["links"]?.new == 5 && register.changes["schools"]?.new == 1)
                #expect(register.changes["mobiles"]?.new == 3 && register.changes["places"]?.new == 2)
                #expect(register.withoutUsableMobile == 1 && register.danglingLinks == 0)
                #expect(register.schools.map(\.school) == ["0599901S"])
                #expect(register.schools.first?.pupils.new == 2 && register.schools.first?.responsibles.new == 3)
                let rows = try await desk.rows()
                let again = try await desk.bring(College().files())
                #expect(again.isEmpty)
                #expect(try await desk.rows() == rows)
            }
        }

        @Test("what changed in a complete export is told, applied and undone", arguments: Engine.allCases)
        func changed(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                let before = try await desk.rows()
                var later = College()
                later.date = "2025-09-16"
                later.pupils[0].classes = ["900001$3B"]
                later.pupils[0].links.removeLast()
                later.parents[0].mobile = ["0639980099"]
                later.parents[0].sms = ""
                later.parents.remove(at: 2)
                later.parents.append(College.Parent(id: "920009", given: "Noor", mobile: ["0639980050"]))
                let tried = try await desk.bring(later.files()) { $0.isDryRun = true }
                #expect(try await desk.rows() == before)
                let report = try await desk.bring(later.files())
                #expect(tried.registers.map(\.changes) == report.registers.map(\.changes))
                #expect(tried.registers.map(\.schools) == report.registers.map(\.schools))
                #expect(tried.number == nil && report.number == 2)
                let changes = try #require(report.registers.first?.changes)
                #expect(changes["responsibles"]?.new == 1 && changes["responsibles"]?.gone == 1)
                #expect(changes["links"]?.gone == 1 && changes["links"]?.changed == 0)
                #expect(changes["places"]?.new == 1 && changes["places"]?.gone == 1)
                #expect(changes["mobiles"]?.new == 2 && changes["mobiles"]?.gone == 1)
                #expect(try await desk.rows() != before)
                #expect(try await desk.undo() == 2)
                #expect(try await desk.rows() == before)
                #expect(try await desk.undo() == 1)
                #expect(try await desk.rows().values.allSatisfy(\.isEmpty))
            }
        }

        @Test("a delta adds, modifies, erases and deletes", arguments: Engine.allCases)
        func delta(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                let before = try await desk.rows()
                let files = College.delta("2025-09-16") { pupils in
                    pupils.modify("Eleve", "910001", [("ENTEleveClasses", ["900001$3B"])])
                    pupils.modify("Eleve", "910002", [("ENTElevePersRelEleve", ["920001$10$1$1$1$1"])])
                    pupils.modify("Eleve", "nobody", [("givenName", ["X"])])
                } parents: { parents in
                    parents.modify("PersRelEleve", "920001", [("mobile", [""])])
                    parents.modify(
                        "PersRelEleve", "920002", [("ENTPersonMobileSMS", ["0639980077"]), ("mail", ["a@b.fr"])])
                    parents.modify("PersRelEleve", "920002", [("sn", ["NOUVEAU"])])
                    parents.delete("PersRelEleve", "920003")
                    parents.add(
                        "PersRelEleve", "920010", College.attributes(College.Parent(id: "920010", given: "Ilse")))
                }
                let report = try await desk.bring(files)
                let register = try #require(report.registers.first)
                #expect(register.unknownTargets == 1)
                #expect(register.changes["responsibles"]?.new == 1 && register.changes["responsibles"]?.gone == 1)
                #expect(register.changes["responsibles"]?.changed == 1 && register.changes["pupils"]?.changed == 0)
                // `mobile` was erased and `ENTPersonMobileSMS` still holds the number: it stays.
                let mobiles = try await desk.text(
                    "SELECT person || ' ' || number || ' ' || fields AS t FROM base_mobiles WHERE ended = 0")
                #expect(
                    mobiles == [
                        "920001 33639980001 2", "920002 33639980002 1", "920002 33639980012 1", "920002 33639980077 2",
                    ])
                let person = try await desk.text(
                    "SELECT usage_name || ' ' || mail || ' ' || folded_usage AS t FROM base_people WHERE ended = 0 AND key = '920002'"
                )
                #expect(person == ["NOUVEAU a@b.fr NOUVEAU ALEX"])
                #expect(
                    try await desk.text("SELECT class AS t FROM base_places WHERE ended = 0 AND pupil = '910001'") == [
                        "3B"
                    ])
                #expect(
                    try await desk.text(
                        "SELECT responsible AS t FROM base_links WHERE ended = 0 AND leaving = 0 AND pupil = '910002'")
                        == ["920001"])
                #expect(try await desk.undo() == 2)
                #expect(try await desk.rows() == before)
            }
        }
    }
}

extension Desk {
    /// The texts of a query's column `t`, sorted.
    func text(_ query: String) async throws -> [String] {
        try await engine.read { db in try db.rows(SQLStatement(query)).map { try $0.text("t") }.sorted() }
    }
}
