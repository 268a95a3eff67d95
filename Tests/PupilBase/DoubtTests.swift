import Clocks
import Cryptography
import Foundation
import PupilBase
import School
import SchoolFiles
import StoresSQL
import Synchronization
import Testing

extension PupilBaseTests {
    @Suite("Doubtful imports")
    struct Doubts {
        @Test("an import that is undone while another one is read stops that one", arguments: Engine.allCases)
        func undoneMeanwhile(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                var later = College()
                later.parents[0].mail = "autre@example.org"
                let exports = try RegisterExports.recognise([try desk.write(later.files())])
                let isDone = Mutex(false)
                let base = BaseImport(on: desk.engine, options: Desk.options)
                let refusal = await #expect(throws: ImportRefusal.self) {
                    try await base.perform(exports, now: september) {
                        guard $0 == .comparing, !isDone.withLock({ $0 }) else { return }
                        isDone.withLock { $0 = true }
                        let waiting = DispatchSemaphore(value: 0)
                        Task.detached {
                            _ = try? await desk.undo()
                            waiting.signal()
                        }
                        waiting.wait()
                    }
                }
                #expect(isDone.withLock { $0 })
                #expect(refusal?.reason == .concurrent)
                #expect(try await desk.rows().values.allSatisfy(\.isEmpty))
            }
        }

        @Test("somebody stated twice with two numbers, or two lists of links, is refused", arguments: Engine.allCases)
        func twoNumbers(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                var college = College()
                var double = college.parents[0]
                double.mobile = ["0639980071"]
                college.parents.append(double)
                let numbers = await #expect(throws: ImportRefusal.self) { try await desk.bring(college.files()) }
                #expect(numbers?.reason == .contradiction)
                #expect(numbers?.description.contains("980071") == false)
                college.parents.removeLast()
                var pupil = college.pupils[0]
                pupil.links.removeLast()
                college.pupils.append(pupil)
                let links = await #expect(throws: ImportRefusal.self) { try await desk.bring(college.files()) }
                #expect(links?.reason == .contradiction)
                college.pupils.removeLast()
                let report = try await desk.bring(college.files())
                #expect(report.number == 1)
            }
        }

        @Test(
            "a link to somebody who left long ago goes with them, whatever changes on the same day",
            arguments: Engine.allCases)
        func danglingLink(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                var later = College()
                later.parents.remove(at: 2)
                try await desk.bring(later.files(), at: september + .days(1))
                later.pupils[0].links[2] = "920003$38$0$2$1$0"
                let report = try await desk.bring(later.files(), at: september + .days(230))
                #expect(report.number == 3)
                #expect(
                    try await desk.text(
                        "SELECT responsible AS t FROM base_links WHERE ended = 0 AND responsible = '920003'"
                    ).isEmpty)
                let again = try await desk.bring(later.files(), at: september + .days(231))
                #expect(again.number == 4)
            }
        }

        @Test(
            "legal levels of many, and a school that is missing, are stopped, unless it is meant",
            arguments: Engine.allCases)
        func thresholds(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                var college = College()
                for number in 0..<300 {
                    let school = number < 20 ? "900002" : "900001"
                    college.pupils.append(
                        College.Pupil(
                            id: "91\(1000 + number)", given: "Noé", born: "0\(number % 9 + 1)/0\(number / 40 + 1)/2012",
                            links: ["920001$10$1$\(number % 2 == 0 ? 1 : 3)$1$1"], classes: ["\(school)$5A"],
                            school: school))
                }
                try await desk.bring(college.files())
                var opened = college
                for index in opened.pupils.indices {
                    opened.pupils[index].links = opened.pupils[index].links.map {
                        $0.replacing("$3$1$1", with: "$1$1$1")
                    }
                }
                let levels = await #expect(throws: ImportRefusal.self) { try await desk.bring(opened.files()) }
                #expect(levels?.reason == .tooManyChanged)
                var renamed = college
                for index in renamed.pupils.indices {
                    renamed.pupils[index].usage = ""; renamed.pupils[index].birth = "X"
                }
                let names = await #expect(throws: ImportRefusal.self) { try await desk.bring(renamed.files()) }
                #expect(names?.reason == .tooManyChanged)
                var emptied = college
                emptied.pupils.removeAll { $0.school == "900002" }
                let school = await #expect(throws: ImportRefusal.self) {
                    try await desk.bring(emptied.files()) { $0.largestShare = 50 }
                }
                #expect(school?.reason == .tooManyGone)
                #expect(school?.description.contains("900002") == true)
                let meant = try await desk.bring(opened.files()) { $0.mayRemoveMany = true }
                #expect(meant.number == 2)
            }
        }

        @Test("several entries of one key in one delta follow each other", arguments: Engine.allCases)
        func sequence(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                let files = College.delta("2025-09-16") { pupils in
                    pupils.modify("EtabEducNat", "900001", [("ENTStructureNomCourant", ["AUTRE NOM"])])
                } parents: { parents in
                    // Deleted, and then modified: gone.
                    parents.delete("PersRelEleve", "920003")
                    parents.modify("PersRelEleve", "920003", [("mobile", ["0639980061"])])
                    // Added, and then deleted: never there.
                    parents.add(
                        "PersRelEleve", "920050",
                        College.attributes(College.Parent(id: "920050", mobile: ["0639980062"])))
                    parents.delete("PersRelEleve", "920050")
                    // A new number, and then deleted: the number is nobody's.
                    parents.modify("PersRelEleve", "920002", [("mobile", ["0639980063"])])
                    parents.delete("PersRelEleve", "920002")
                }
                var schools = files
                schools["ENT_Delta_20250916_EtabEducNat_0000.xml"] = files["ENT_Delta_20250916_Eleve_0000.xml"]
                schools["ENT_Delta_20250916_Eleve_0000.xml"] = nil
                let register = try #require(try await desk.bring(schools).registers.first)
                #expect(register.unknownTargets == 1)
                #expect(register.changes["responsibles"]?.gone == 2 && register.changes["responsibles"]?.new == 0)
                let numbers = try await desk.text("SELECT CAST(number AS TEXT) AS t FROM base_mobiles WHERE ended = 0")
                #expect(numbers.filter { ["33639980061", "33639980062", "33639980063"].contains($0) }.isEmpty)
                #expect(try await desk.text("SELECT name AS t FROM base_schools WHERE ended = 0") == ["AUTRE NOM"])
                #expect(try await desk.text("SELECT code AS t FROM base_classes WHERE ended = 0") == ["3B", "5A"])
            }
        }

        @Test("accounts catch up with imports that they did not follow", arguments: Engine.allCases)
        func catchUp(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                let accounts = AccountsOfBase(on: desk.engine, random: SystemRandom())
                _ = try await accounts.follow(creating: [.pupil, .responsible], now: september)
                _ = try await accounts.catchUp(now: september)
                let waiting = "SELECT CAST(id AS TEXT) AS t FROM base_imports WHERE followed = 0"
                #expect(try await desk.text(waiting).isEmpty)
                var later = College()
                later.pupils[0].given = "Léonie"
                try await desk.bring(later.files())
                later.pupils[1].given = "Zélie"
                try await desk.bring(later.files())
                #expect(try await desk.text(waiting) == ["2", "3"])
                let caught2 = try await accounts.catchUp(now: september).changed
                #expect(caught2 == 2)
                #expect(try await desk.undo() == 3)
                #expect(try await desk.text(waiting) == ["3"])
                let caught1 = try await accounts.catchUp(now: september).changed
                #expect(caught1 == 1)
                #expect(try await desk.text(waiting).isEmpty)
            }
        }
    }
}
