import Clocks
import Matching
import PupilBase
import School
import Testing

private func claim(_ mobile: String, _ family: String, _ given: String) -> Claim {
    Claim(
        mobile: ProvenMobile(uncheckedProven: MobileKey(mobile)), name: ClaimedName(family: family, given: given))
}

extension PupilBaseTests {
    @Suite("Look-ups")
    struct LookUps {
        @Test("a mobile and a name find one responsible with their children", arguments: Engine.allCases)
        func found(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                let base = MatchingBase(on: desk.engine)
                for name in [("Démo", "Camille"), ("exemple", "CAMILLE"), ("demo exemple", "camille")] {
                    let match = try await base.match(claim("33639980001", name.0, name.1), now: september)
                    guard case .one(let one) = match.answer else {
                        Issue.record("\(match.answer)")
                        continue
                    }
                    #expect(one.person.records.map(\.description) == ["1:920001"])
                    #expect(one.toProve.map(\.description) == ["1:910001", "1:910002"])
                }
                let other = try await base.match(claim("33639980001", "DEMO", "Odette"), now: september)
                #expect(other.answer == .none(.nameDiffers))
                let unknown = try await base.match(claim("33639980042", "DEMO", "Camille"), now: september)
                #expect(unknown.answer == .none(.mobileUnknown))
            }
        }

        @Test("who is no longer stated is found until the grace is over", arguments: Engine.allCases)
        func grace(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                var later = College()
                later.date = "2025-09-16"
                later.parents.removeFirst()
                try await desk.bring(later.files(), at: september + .days(1))
                let base = MatchingBase(on: desk.engine)
                let wanted = claim("33639980001", "DEMO", "Camille")
                let during = try await base.match(wanted, now: september + .days(30))
                guard case .one = during.answer else {
                    Issue.record("\(during.answer)")
                    return
                }
                let after = try await base.match(wanted, now: september + .days(31))
                guard case .notAllowed(_, .children(let refused)) = after.answer else {
                    Issue.record("\(after.answer)")
                    return
                }
                #expect(refused.map(\.why) == [.gone, .gone])
                // Back in the files: as before.
                try await desk.bring(College().files().renamed("20250915", "20250917"), at: september + .days(40))
                let back = try await base.match(wanted, now: september + .days(41))
                guard case .one = back.answer else {
                    Issue.record("\(back.answer)")
                    return
                }
            }
        }

        @Test(
            "people who left long ago are removed, and what was removed is forgotten later", arguments: Engine.allCases)
        func removed(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                var later = College()
                later.parents.removeFirst()
                later.date = "2025-09-16"
                try await desk.bring(later.files(), at: september + .days(1))
                #expect(
                    try await desk.text("SELECT key AS t FROM base_people WHERE ended = 0 AND leaving > 0") == [
                        "920001"
                    ])
                try await desk.bring(later.files(), at: september + .days(220))
                #expect(try await desk.text("SELECT key AS t FROM base_people WHERE ended = 0 AND leaving > 0").isEmpty)
                #expect(
                    try await desk.text("SELECT person AS t FROM base_mobiles WHERE ended = 0 AND person = '920001'")
                        .isEmpty)
                #expect(
                    try await desk.text(
                        "SELECT responsible AS t FROM base_links WHERE ended = 0 AND responsible = '920001'"
                    ).isEmpty)
                #expect(try await desk.text("SELECT key AS t FROM base_people WHERE key = '920001'").count == 1)
                // Seen by the look-ups no more, and gone from the disk when no import can be undone that knew them.
                try await desk.bring(later.files(), at: september + .days(260))
                #expect(try await desk.text("SELECT key AS t FROM base_people WHERE key = '920001'").isEmpty)
                #expect(try await desk.text("SELECT person AS t FROM base_mobiles WHERE person = '920001'").isEmpty)
            }
        }

        @Test("an import older than a month cannot be undone", arguments: Engine.allCases)
        func undo(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                let nothing = await #expect(throws: ImportRefusal.self) { try await desk.undo() }
                #expect(nothing?.reason == .nothingToUndo)
                try await desk.bring(College().files())
                let late = await #expect(throws: ImportRefusal.self) { try await desk.undo(at: september + .days(31)) }
                #expect(late?.reason == .nothingToUndo)
                #expect(try await desk.undo(at: september + .days(29)) == 1)
            }
        }
    }
}

extension [String: String] {
    /// The same files of another day.
    func renamed(_ day: String, _ other: String) -> [String: String] {
        func dashed(_ day: String) -> String { "\(day.prefix(4))-\(day.dropFirst(4).prefix(2))-\(day.suffix(2))" }
        return Dictionary(
            uniqueKeysWithValues: map { name, text in
                (name.replacing(day, with: other), text.replacing(dashed(day), with: dashed(other)))
            })
    }
}
