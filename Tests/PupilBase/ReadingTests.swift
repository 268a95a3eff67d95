import Clocks
import Phones
import PupilBase
import School
import StoresSQL
import Testing

extension PupilBaseTests {
    @Suite("Reading the base")
    struct Reading {
        /// The college with a second import: one pupil changed class and lost a contact, a responsible left, one came.
        private static func later() -> College {
            var later = College()
            later.date = "2025-09-16"
            later.pupils[0].classes = ["900001$3B"]
            later.pupils[0].links.removeLast()
            later.pupils[1].given = "Zoé-Lou"
            later.parents[0].mobile = ["0639980099"]
            later.parents[0].sms = ""
            later.parents.remove(at: 2)
            later.parents.append(College.Parent(id: "920009", given: "Noor", mobile: ["0639980050"]))
            return later
        }

        /// The same college as another academy numbers it.
        private static func abroad() -> College {
            var other = College()
            other.academy = "10"
            for index in other.pupils.indices {
                other.pupils[index].id = "81000\(index)"
                other.pupils[index].links = ["820001$10$1$1$1$1"]
            }
            other.parents = [College.Parent(id: "820001", mobile: ["0639980001"])]
            return other
        }

        @Test("the status counts people, those who leave apart, and lists imports", arguments: Engine.allCases)
        func status(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                let base = BaseReading(on: desk.engine)
                let empty = try await base.status()
                #expect(empty.registers.isEmpty && empty.imports.isEmpty && empty.joinedRecords.isEmpty)
                try await desk.bring(College().files())
                try await desk.bring(Self.later().files(), at: september + .days(1))
                try await desk.bring(Self.abroad().files(), at: september + .days(2))
                _ = try await desk.undo(at: september + .days(3))
                let status = try await base.status(imports: 2)
                #expect(status.registers.map(\.format) == ["AAF 2D", "AAF 2D"])
                let register = try #require(status.registers.first)
                #expect(register.scope == "09" && register.exportDate == "2025-09-16" && register.extent == "complete")
                #expect(register.lastImport == 2)
                #expect(register.counts["pupils"].map { [$0.current, $0.leaving] } == [2, 0])
                #expect(register.counts["responsibles"].map { [$0.current, $0.leaving] } == [3, 1])
                #expect(register.counts["links"].map { [$0.current, $0.leaving] } == [4, 1])
                #expect(register.counts["mobiles"].map { [$0.current, $0.leaving] } == [4, 0])
                #expect(register.withoutUsableMobile == 0 && register.sharedMobiles == 0)
                #expect(status.registers.last?.lastImport == nil, "what was undone does not count")
                #expect(status.imports.map(\.number) == [3, 2])
                #expect(status.imports.first?.undoneAt == september + .days(3))
                #expect(status.imports.last?.people.new == 1 && status.imports.last?.people.gone == 1)
                #expect(status.imports.last?.exports == ["AAF 2D 09 complete 2025-09-16"])
            }
        }

        @Test("the status tells shared mobiles, and persons whom several registers hold", arguments: Engine.allCases)
        func sharing(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                var college = College()
                college.parents[1].mobile = ["0639980001"]
                try await desk.bring(college.files())
                try await desk.bring(Self.abroad().files())
                let status = try await BaseReading(on: desk.engine).status()
                #expect(status.registers.map(\.sharedMobiles) == [1, 0])
                #expect(status.registers.map(\.withoutUsableMobile) == [1, 0])
                #expect(status.joinedRecords == ["pupil": 2, "responsible": 1])
            }
        }

        @Test(
            "a search finds by name, number, INE, UAI and record",
            arguments: Engine.allCases)
        func search(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                let base = BaseReading(on: desk.engine)
                func found(_ text: String, limit: Int = 50) async throws -> [String] {
                    let query = try BaseQuery(text, phones: Desk.options.phones)
                    let found = try await base.search(query, limit: limit, now: september)
                    return found.records.map(\.record) + found.schools.map(\.record) + (found.hasMore ? ["…"] : [])
                }
                let family = ["1:910001", "1:910002", "1:920001", "1:920002"]
                #expect(try await found("exemple").sorted() == family)
                #expect(try await found("Éxémple l") == ["1:910001"])
                #expect(try await found("léa exemple") == ["1:910001"], "the given name first")
                #expect(try await found("demo cam") == ["1:920001"], "by the birth name")
                #expect(try await found("xemple") == [])
                #expect(try await found("exemple", limit: 2).last == "…")
                #expect(try await found("06 39 98 00 12") == ["1:920002"])
                #expect(try await found("+33639980012") == ["1:920002"])
                #expect(try await found("0639980013") == [])
                #expect(try await found("999000001aa") == ["1:910001"])
                #expect(try await found("999000009AA") == [])
                #expect(try await found("0599901S") == ["1:900001"])
                #expect(try await found("1:920003") == ["1:920003"])
                #expect(try await found("2:920003") == [])
                // What search patterns mean elsewhere, nobody is called.
                for text in ["%", "_", "*", "exemple%", "ex_mple"] {
                    let isName = (try? BaseQuery(text)) != nil
                    if isName { #expect(try await found(text).count == (text == "exemple%" ? 4 : 0)) }
                }
            }
        }

        @Test("what cannot be looked for is refused with its reason", arguments: ["0612", "00000000", "---", ""])
        func unreadable(_ text: String) {
            let problem = #expect(throws: BaseQuestionProblem.self) { try BaseQuery(text) }
            #expect(problem?.reason == .unreadable)
        }

        @Test("no search looks at a whole table")
        func plans() async throws {
            try await Desk.with(.sqlite) { desk in
                try await desk.bring(College().files())
                for search in BaseReading.searches {
                    let plan = SQLStatement("EXPLAIN QUERY PLAN " + search.sqlite.replacing(/\?\d+/, with: "1"))
                    let steps = try await desk.engine.read { db in try db.rows(plan).map { try $0.text("detail") } }
                    #expect(!steps.isEmpty && steps.allSatisfy { !$0.hasPrefix("SCAN") }, "\(search.sqlite): \(steps)")
                }
                // The same look at a plan tells a whole table.
                let scan = SQLStatement("EXPLAIN QUERY PLAN SELECT key FROM base_people WHERE given_name = 'x'")
                let steps = try await desk.engine.read { db in try db.rows(scan).map { try $0.text("detail") } }
                #expect(steps.contains { $0.hasPrefix("SCAN") })
            }
        }
    }
}
