import Clocks
import PupilBase
import Synchronization
import Testing

extension PupilBaseTests {
    @Suite("What an import changed")
    struct ChangeList {
        private func changes(
            _ desk: Desk, of number: Int64? = nil, reveal: Bool = false
        ) async throws -> [String] {
            let lines = Mutex<[String]>([])
            _ = try await BaseReading(on: desk.engine).changes(of: number, reveal: reveal) { change in
                let line = [
                    change.what, change.kind, change.record, change.name, change.school, change.detail,
                    change.fields.joined(separator: ","),
                ]
                lines.withLock { $0.append(line.filter { !$0.isEmpty }.joined(separator: " | ")) }
            }
            return lines.withLock(\.self)
        }

        private static func later(_ date: String = "2025-09-16") -> College {
            var later = College()
            later.date = date
            later.pupils[0].ine = "999000003CC"
            later.pupils[0].classes = ["900001$3B"]
            later.pupils[0].links.removeLast()
            later.parents[1].mobile = ["0639980002"]
            later.parents.remove(at: 2)
            later.parents.append(College.Parent(id: "920009", given: "Noor", mobile: ["0639980050"]))
            return later
        }

        @Test("an import is told record by record, without a value of a number", arguments: Engine.allCases)
        func record(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                try await desk.bring(Self.later().files())
                let expected = [
                    "changed | pupil | 1:910001 | EXEMPLE Léa | 0599901S | ine",
                    "gone | responsible | 1:920003 | DEMO Odette",
                    "new | responsible | 1:920009 | EXEMPLE Noor",
                    "gone | mobile | 1:920002 | EXEMPLE Alex | •• •• •• •• 12",
                    "new | mobile | 1:920009 | EXEMPLE Noor | •• •• •• •• 50",
                    "new | place | 1:910001 | EXEMPLE Léa | 0599901S | 3B",
                    "gone | place | 1:910001 | EXEMPLE Léa | 0599901S | 5A",
                    "gone | link | 1:910001 | EXEMPLE Léa | 0599901S | 1:920003 DEMO Odette",
                ]
                #expect(try await changes(desk) == expected)
                #expect(try await changes(desk, of: 2) == expected)
                #expect(try await changes(desk, reveal: true)[3].hasSuffix("06 39 98 00 12"))
                #expect(try await changes(desk, of: 1).count == 1 + 2 + 2 + 3 + 3 + 2 + 5)
                // What later imports change again is still told of the one before.
                try await desk.bring(College().files(date: "2025-09-17"))
                #expect(try await changes(desk, of: 2) == expected)
                let back = try await changes(desk)
                #expect(back.contains("back | responsible | 1:920003 | DEMO Odette"))
                #expect(back.contains("gone | responsible | 1:920009 | EXEMPLE Noor"))
                #expect(back.contains("back | link | 1:910001 | EXEMPLE Léa | 0599901S | 1:920003 DEMO Odette"))
            }
        }

        @Test("more changes than one page are all told, once", arguments: Engine.allCases)
        func pages(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                var college = College()
                college.parents = (0..<4500).map { College.Parent(id: "93\($0)", given: "Parent \($0)") }
                college.pupils[0].links = []
                college.pupils[1].links = []
                try await desk.bring(college.files())
                let told = try await changes(desk).filter { $0.hasPrefix("new | responsible") }
                #expect(told.count == 4500 && Set(told).count == 4500)
            }
        }

        @Test("an import that was undone, is unknown or forgotten has no changes", arguments: Engine.allCases)
        func none(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                func problem(_ number: Int64?) async -> BaseQuestionProblem.Reason? {
                    await #expect(throws: BaseQuestionProblem.self) { try await changes(desk, of: number) }?.reason
                }
                #expect(await problem(nil) == .unknownImport)
                try await desk.bring(College().files())
                try await desk.bring(Self.later().files())
                #expect(try await desk.undo() == 2)
                #expect(await problem(2) == .undone)
                #expect(await problem(7) == .unknownImport)
                #expect(try await !changes(desk, of: 1).isEmpty)
                try await desk.bring(Self.later().files(), at: september + .days(31))
                #expect(await problem(1) == .forgotten)
                #expect(try await !changes(desk, of: 3).isEmpty)
            }
        }
    }
}

extension College {
    /// The same, of another day.
    fileprivate func files(date: String) -> [String: String] {
        var other = self
        other.date = date
        return other.files()
    }
}
