import Clocks
import Foundation
import PupilBase
import SchoolFiles
import Stores
import Testing

/// A set of files that must be refused, with the reason.
struct BadFiles: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let reason: FileProblem.Reason
    let change: @Sendable (inout [String: String]) -> Void

    private static let pupils = "ENT_Complet_20250915_Eleve_0000.xml"
    private static let parents = "ENT_Complet_20250915_PersRelEleve_0000.xml"

    private static func replacing(
        _ file: String, _ one: String, _ other: String
    )
        -> @Sendable (inout [String: String])
        -> Void
    {
        { files in files[file] = files[file]?.replacing(one, with: other) }
    }

    static let all: [BadFiles] = [
        BadFiles(testDescription: "truncated", reason: .truncated) { files in
            files[pupils] = files[pupils].map { String($0.prefix($0.count / 2)) }
        },
        BadFiles(testDescription: "empty", reason: .empty) { $0[parents] = "" },
        BadFiles(
            testDescription: "another root", reason: .unrecognised,
            change: { files in
                files[parents] = files[parents]?.replacing("ficAlimMENESR>", with: "ficAutre>")
                    .replacing("DOCTYPE ficAlimMENESR", with: "DOCTYPE ficAutre")
            }),
        BadFiles(
            testDescription: "another academy", reason: .mixed,
            change: replacing(parents, "codeAcademieExport=\"09\"", "codeAcademieExport=\"10\"")),
        BadFiles(
            testDescription: "an entity", reason: .entity,
            change: replacing(
                pupils, "SYSTEM \"ficAlimMENESR.dtd\">",
                "SYSTEM \"ficAlimMENESR.dtd\" [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>")),
        BadFiles(
            testDescription: "too deep", reason: .limit,
            change: replacing(
                pupils, "<attributes>",
                String(repeating: "<a>", count: 200) + String(repeating: "</a>", count: 200) + "<attributes>")),
        BadFiles(
            testDescription: "a value without end", reason: .limit,
            change: replacing(pupils, "<value>Zoé</value>", "<value>\(String(repeating: "Z", count: 300_000))</value>")),
        BadFiles(
            testDescription: "elements that do not close", reason: .malformed,
            change: { files in
                files[pupils] = files[pupils]?.replacing("</attributes>", with: "")
            }),
        BadFiles(
            testDescription: "an encoding that is another", reason: .encoding,
            change: replacing(pupils, "encoding=\"UTF-8\"", "encoding=\"US-ASCII\"")),
        BadFiles(testDescription: "a missing number", reason: .incompleteSet) { files in
            files["ENT_Complet_20250915_Eleve_0002.xml"] = files[pupils]
        },
        BadFiles(testDescription: "a deletion in a complete file", reason: .malformed) { files in
            var text = AAFText()
            text.delete("Eleve", "910001")
            files[pupils] = files[pupils]?.replacing("</ficAlimMENESR>", with: text.requests[0] + "</ficAlimMENESR>")
        },
    ]
}

extension PupilBaseTests {
    @Suite("Bad input")
    struct BadInput {
        @Test("a bad file is refused with its reason, and nothing changes", arguments: Engine.allCases, BadFiles.all)
        func refused(_ engine: Engine, _ bad: BadFiles) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                let before = try await desk.rows()
                var later = College()
                later.parents[0].mail = "autre@example.org"
                var files = later.files()
                bad.change(&files)
                let problem = await #expect(throws: FileProblem.self) { try await desk.bring(files) }
                #expect(problem?.reason == bad.reason, "\(problem.map(String.init(describing:)) ?? "none")")
                #expect(try await desk.rows() == before)
                // The positive control: the same files, unspoilt.
                let report = try await desk.bring(later.files())
                #expect(report.registers.first?.changes["responsibles"]?.changed == 1)
            }
        }

        @Test("the order of requests and files is of no consequence", arguments: Engine.allCases)
        func shuffled(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                let rows = try await desk.rows()
                var turned = College()
                turned.pupils.reverse()
                turned.parents.reverse()
                #expect(try await desk.bring(turned.files()).isEmpty)
                #expect(try await desk.rows() == rows)
            }
        }

        @Test(
            "who stands twice in the same words counts once; in other words, nothing is believed",
            arguments: Engine.allCases)
        func twice(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                var college = College()
                college.parents.append(college.parents[0])
                college.pupils.append(college.pupils[0])
                let report = try await desk.bring(college.files())
                #expect(report.registers.first?.changes["responsibles"]?.new == 3)
                #expect(try #require(report.registers.first?.repeated) >= 2)
                let before = try await desk.rows()
                college.parents[3].mobile = ["0639980071"]
                let refusal = await #expect(throws: ImportRefusal.self) { try await desk.bring(college.files()) }
                #expect(refusal?.reason == .contradiction)
                #expect(refusal?.description.contains("920001") == true)
                #expect(try await desk.rows() == before)
            }
        }

        @Test("a delta comes after what the base holds, once, and never first", arguments: Engine.allCases)
        func order(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                let delta = { (date: String) in
                    College.delta(date) { $0.modify("Eleve", "910001", [("givenName", ["Léo"])]) }
                }
                let first = await #expect(throws: ImportRefusal.self) { try await desk.bring(delta("2025-09-16")) }
                #expect(first?.reason == .outOfOrder)
                try await desk.bring(College().files())
                for date in ["2025-09-14", "2025-09-15"] {
                    let refusal = await #expect(throws: ImportRefusal.self) { try await desk.bring(delta(date)) }
                    #expect(refusal?.reason == .outOfOrder)
                }
                #expect(try await desk.bring(delta("2025-09-17")).registers.first?.changes["pupils"]?.changed == 1)
                let again = await #expect(throws: ImportRefusal.self) { try await desk.bring(delta("2025-09-17")) }
                #expect(again?.reason == .outOfOrder)
                let older = await #expect(throws: ImportRefusal.self) { try await desk.bring(College().files()) }
                #expect(older?.reason == .outOfOrder)
                // What was undone does not count.
                #expect(try await desk.undo() == 2)
                #expect(try await desk.bring(delta("2025-09-16")).registers.first?.changes["pupils"]?.changed == 1)
            }
        }

        @Test("an export that forgot most people is stopped, unless it is meant", arguments: Engine.allCases)
        func threshold(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                var college = College()
                college.parents += (0..<100).map { College.Parent(id: "93\($0)", mobile: ["06399801\($0 % 90 + 10)"]) }
                try await desk.bring(college.files())
                let before = try await desk.rows()
                var forgetful = college
                forgetful.parents.removeLast(60)
                let refusal = await #expect(throws: ImportRefusal.self) { try await desk.bring(forgetful.files()) }
                #expect(refusal?.reason == .tooManyGone)
                #expect(try await desk.rows() == before)
                var phoneless = college
                for index in phoneless.parents.indices { phoneless.parents[index].mobile = [] }
                let mobiles = await #expect(throws: ImportRefusal.self) { try await desk.bring(phoneless.files()) }
                #expect(mobiles?.reason == .tooManyGone)
                let meant = try await desk.bring(forgetful.files()) { $0.mayRemoveMany = true }
                #expect(meant.registers.first?.changes["responsibles"]?.gone == 60)
                // A few may go in any case.
                var few = forgetful
                few.parents.removeLast(5)
                #expect(try await desk.bring(few.files()).registers.first?.changes["responsibles"]?.gone == 5)
            }
        }

        @Test("schools that nobody knows, and links to nobody, are told", arguments: Engine.allCases)
        func unknown(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                var college = College()
                college.pupils[0].classes = ["900077$5A"]
                college.pupils[1].links.append("929999$10$1$9$1$1")
                college.pupils[1].links.append("920003$77$1$1$1$1")
                let register = try #require(try await desk.bring(college.files()).registers.first)
                #expect(register.unknownSchools == 1 && register.danglingLinks == 1)
                #expect(register.unknownCodes == ["legal-level": ["9": 1], "link-kind": ["77": 1]])
                var wrong = college.files()
                wrong["ENT_Complet_20250915_EtabEducNat_0000.xml"] =
                    wrong["ENT_Complet_20250915_EtabEducNat_0000.xml"]?.replacing("0599901S", with: "0599901T")
                #expect(try await desk.bring(wrong).registers.first?.doubtfulUAI == 1)
            }
        }

        @Test("of two imports at once the second is refused or finds nothing to do", arguments: Engine.allCases)
        func atOnce(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                let path = try desk.write(College().files())
                let results = await withTaskGroup(of: Result<ImportReport, any Error>.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            do { return .success(try await desk.bring(paths: [path])) } catch { return .failure(error) }
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                let applied = results.compactMap { try? $0.get() }.filter { !$0.isEmpty }
                #expect(applied.count == 1)
                for case .failure(let error) in results {
                    #expect((error as? ImportRefusal)?.reason == .concurrent, "\(error)")
                }
                #expect(try await desk.rows()["base_people"]?.count == 5)
            }
        }
    }
}
