import Clocks
import Foundation
import PupilBase
import School
import Testing

extension PupilBaseTests {
    @Suite("Sheets, changes and rolls")
    struct Sheets {
        private func key(_ text: String) throws -> RecordKey { try #require(RecordKey(text)) }

        @Test("a sheet tells links in words, and masks what is sensitive", arguments: Engine.allCases)
        func sheet(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                let base = BaseReading(on: desk.engine)
                let pupil = try #require(try await base.sheets(of: try key("1:910001"), now: september).first)
                #expect(pupil.kind == "pupil" && pupil.register == "AAF 2D 09" && pupil.birthDate == "2012-03-14")
                #expect(pupil.places.map { [$0.school, $0.classCode] } == [["0599901S", "5A"]])
                #expect(
                    pupil.links.map { "\($0.record) \($0.name): \($0.kind), \($0.level)" } == [
                        "1:920001 EXEMPLE Camille: mère (10), représentant légal (respLegal 1)",
                        "1:920002 EXEMPLE Alex: père (20), représentant légal (respLegal 1)",
                        "1:920003 DEMO Odette: ascendant (38), personne à contacter (respLegal 3)",
                    ])
                #expect(pupil.ine == "•••••••••AA" && pupil.since == 1 && pupil.presence == .current)
                let parent = try #require(try await base.sheets(of: try key("1:920001"), now: september).first)
                #expect(parent.mobiles.map(\.number) == ["•• •• •• •• 01"] && parent.mail == nil)
                #expect(parent.mobiles.first?.fields == ["mobile", "sms"])
                #expect(parent.links.map(\.record) == ["1:910001", "1:910002"])
                let shown = try await base.sheets(of: try key("1:920001"), reveal: true, now: september)
                #expect(shown.first?.mobiles.map(\.number) == ["06 39 98 00 01"])
                #expect(shown.first?.mail == "camille.exemple@example.org")
                #expect(
                    try await base.sheets(of: try key("1:910001"), reveal: true, now: september).first?.ine
                        == "999000001AA")
                #expect(try await base.sheets(of: try key("1:nobody"), now: september).isEmpty)
                let school = try await base.schoolSheet(of: try key("1:900001"), now: september)
                #expect(school?.classes == ["5A": 1, "3B": 1])
                #expect(try await base.schoolSheet(of: try key("1:910001"), now: september) == nil)
            }
        }

        @Test("an old AAF's second legal level, a new one's person in charge", arguments: Engine.allCases)
        func levels(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                var college = College()
                college.pupils[0].links = ["920001$10$1$2$1$1", "920002$20$1$7$1$1"]
                try await desk.bring(college.files())
                let sheets = try await BaseReading(on: desk.engine).sheets(of: try key("1:910001"), now: september)
                #expect(
                    sheets.first?.links.map(\.level) == [
                        "personne en charge (respLegal 2)",
                        "niveau incertain : n’ouvre aucun droit (respLegal 7)",
                    ])
            }
        }

        @Test("who is forgotten by a complete export is leaving, then gone", arguments: Engine.allCases)
        func leaving(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                var later = College()
                later.date = "2025-09-16"
                later.parents.removeLast()
                try await desk.bring(later.files(), at: september + .days(1))
                let base = BaseReading(on: desk.engine, grace: .days(30))
                let record = try key("1:920003")
                let sheet = try #require(try await base.sheets(of: record, now: september + .days(30)).first)
                #expect(sheet.presence == .leaving && sheet.leavingSince == september + .days(1) && sheet.since == 2)
                #expect(try await base.sheets(of: record, now: september + .days(31)).first?.presence == .gone)
                #expect(try await base.roll(of: try #require(UAI("0599901S"))).allSatisfy { $0.record != "1:920003" })
            }
        }

        @Test("records of one person name each other, and a school lists the person once", arguments: Engine.allCases)
        func joined(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                let base = BaseReading(on: desk.engine)
                let uai = try #require(UAI("0599901S"))
                let before = try await base.roll(of: uai)
                #expect(before.map(\.kind) == ["pupil", "pupil", "responsible", "responsible", "responsible"])
                #expect(
                    before.map(\.record) == ["1:910001", "1:910002", "1:920003", "1:920002", "1:920001"],
                    "by the names that people use")
                #expect(before.map(\.hasMobile) == [nil, nil, false, true, true])
                #expect(before.first?.places == ["5A"])
                #expect(before.last?.links.first == "EXEMPLE Léa (mère, représentant légal)")
                var other = College()
                other.academy = "10"
                other.pupils = [College.Pupil(id: "810001", ine: "999000001AA")]
                other.parents = [College.Parent(id: "820001", given: "Ilse", mobile: ["0639980090"])]
                other.pupils[0].links = ["820001$10$1$1$1$1"]
                try await desk.bring(other.files())
                let sheet = try #require(try await base.sheets(of: try key("1:910001"), now: september).first)
                #expect(sheet.samePerson.map { "\($0.record) \($0.reason)" } == ["2:810001 ine"])
                let back = try #require(try await base.sheets(of: try key("2:810001"), now: september).first)
                #expect(back.samePerson.map(\.record) == ["1:910001"])
                let roll = try await base.roll(of: uai)
                #expect(roll.filter { $0.kind == "pupil" }.map(\.record) == ["1:910001", "1:910002"])
                #expect(roll.count { $0.kind == "responsible" } == 4)
                #expect(try await base.roll(of: uai, kinds: [.staff]).isEmpty)
            }
        }

        @Test("an unknown school is told", arguments: Engine.allCases)
        func unknownSchool(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                let uai = try #require(UAI("0599902T"))
                let problem = await #expect(throws: BaseQuestionProblem.self) {
                    try await BaseReading(on: desk.engine).roll(of: uai)
                }
                #expect(problem?.reason == .unknownSchool)
            }
        }

        @Test("doubles are listed page by page", arguments: Engine.allCases)
        func doubles(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                var college = College()
                for number in 4...6 {
                    college.parents.append(
                        College.Parent(id: "92000\(number)", given: "Noor", mobile: ["0639980050"]))
                }
                try await desk.bring(college.files())
                let base = BaseReading(on: desk.engine)
                let all = try await base.doubles()
                #expect(
                    all.map { "\($0.record) \($0.otherRecord) \($0.reason) \($0.name)" } == [
                        "1:920004 1:920005 same-register EXEMPLE Noor", "1:920004 1:920006 same-register EXEMPLE Noor",
                        "1:920005 1:920006 same-register EXEMPLE Noor",
                    ])
                var paged: [ProbableDouble] = []
                while let next = try await base.doubles(after: paged.last, limit: 1).first { paged.append(next) }
                #expect(paged == all)
                let sheet = try await base.sheets(of: try key("1:920005"), now: september).first
                #expect(sheet?.probableDoubles.map(\.record) == ["1:920004", "1:920006"])
            }
        }
    }
}
