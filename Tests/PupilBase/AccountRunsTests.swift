import Accounts
import Clocks
import Cryptography
import PupilBase
import School
import Stores
import StoresSQL
import Synchronization
import Testing

extension PupilBaseTests {
    @Suite("Runs of the accounts")
    struct AccountRuns {
        /// 600 pupils of one name, whose numbers tell in which order they got their logins.
        private static let homonyms: College = {
            var college = College()
            college.pupils = (0..<600).map { number in
                College.Pupil(id: String(910_000 + number), born: "14/03/2012", links: ["920001$10$1$1$1$1"])
            }
            return college
        }()

        private static let numbered = (0..<600).map { number in
            "\(910_000 + number) lea.exemple\(number == 0 ? "" : String(number + 1))"
        }

        @Test("killed after each page, and begun again: the same logins", arguments: Engine.allCases)
        func killed(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(Self.homonyms.files())
                for done in [250, 500] {
                    let failing = FailingEngine(engine: desk.engine, writes: 1)
                    let accounts = AccountsOfBase(on: failing, random: SystemRandom())
                    await #expect(throws: StoreError(.unavailable, "killed")) {
                        _ = try await accounts.follow(creating: [.pupil], now: september)
                    }
                    #expect(try await desk.founders().count == done)
                }
                #expect(try await desk.follow(creating: [.pupil]).created == 100)
                #expect(try await desk.founders() == Self.numbered)
            }
        }

        @Test("two runs at once make one account for each person", arguments: Engine.allCases)
        func atOnce(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(Self.homonyms.files())
                async let one = desk.follow(creating: [.pupil])
                async let other = desk.follow(creating: [.pupil])
                let created = try await one.created + other.created
                #expect(created == 600)
                #expect(try await desk.founders() == Self.numbered)
            }
        }

        @Test("whom another run has given an account meanwhile gets no second one", arguments: Engine.allCases)
        func meanwhile(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                let late = LateEngine(engine: desk.engine) {
                    #expect(try await desk.follow(creating: [.pupil]).created == 2)
                    // Not by the logins alone, which would be the same.
                    _ = try await desk.engine.write { db in
                        Written(try db.change(SQLStatement("UPDATE accounts SET login = login || '.x'")))
                    }
                }
                let accounts = AccountsOfBase(on: late, random: SystemRandom())
                #expect(try await accounts.follow(creating: [.pupil], now: september).created == 0)
                #expect(try await desk.founders() == ["910001 lea.exemple.x", "910002 zoe.exemple.x"])
                #expect(try await desk.text("SELECT login AS t FROM accounts").count == 2)
            }
        }

        @Test("an import applied between reading and writing is seen", arguments: Engine.allCases)
        func moved(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                let late = LateEngine(engine: desk.engine) {
                    var later = College()
                    later.pupils[0].classes = ["900001$3B"]
                    try await desk.bring(later.files())
                }
                let accounts = AccountsOfBase(on: late, random: SystemRandom())
                #expect(try await accounts.follow(creating: [.pupil], now: september).created == 2)
                #expect(try await desk.account("lea.exemple").person.className == "3B")
            }
        }

        @Test("somebody of two registers has one account, which goes where they go", arguments: Engine.allCases)
        func twoRegisters(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                try await desk.follow(creating: [.pupil, .responsible])
                let lea = try await desk.account("lea.exemple")
                // The family moves: another academy numbers the same people otherwise.
                var there = College()
                there.academy = "10"
                there.pupils = [
                    College.Pupil(
                        id: "77", ine: "999000001AA", links: ["88$10$1$1$1$1"], classes: ["900002$4C"], school: "900002"
                    )
                ]
                there.parents = [
                    College.Parent(id: "88", mobile: ["0639980001"], mail: "camille.exemple@example.org")
                ]
                var files = there.files()
                files["ENT_Complet_20250915_EtabEducNat_0000.xml"] = Self.school("0599903U", academy: "10")
                #expect(try await desk.bring(files).joined == 2)
                #expect(try await desk.follow(creating: [.pupil, .responsible]).created == 0)
                var here = College()
                here.pupils.removeFirst()
                here.parents.removeFirst()
                here.pupils[0].links.removeFirst()
                try await desk.bring(here.files())
                #expect(try await desk.follow(touchedBy: 3).changed == 2)
                let changes = try await desk.follow(creating: [.pupil, .responsible], at: september + .days(40))
                #expect(changes.created == 0 && changes.locked == 0)
                let moved = try await desk.account("lea.exemple")
                #expect(moved.id == lea.id && moved.person.school == UAI("0599903U"))
                #expect(moved.person.className == "4C")
                #expect(try await desk.account("camille.exemple").person.school == UAI("0599903U"))
            }
        }

        @Test(
            "an import that is taken back locks what it made, and brings back what it changed",
            arguments: Engine.allCases)
        func undone(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                try await desk.follow(creating: [.pupil])
                var later = College()
                later.pupils[0].classes = ["900001$3B"]
                later.pupils.append(College.Pupil(id: "910003", given: "Ida"))
                try await desk.bring(later.files())
                let made = try await desk.follow(creating: [.pupil])
                #expect(made.created == 1 && made.changed == 1)
                #expect(try await desk.undo() == 2)
                let changes = try await desk.follow(creating: [.pupil])
                #expect(changes.locked == 1 && changes.changed == 1 && changes.created == 0)
                let ida = try await desk.account("ida.exemple")
                #expect(ida.lock?.reason == "pupil base: not in the base any more")
                #expect(try await desk.account("lea.exemple").person.className == "5A")
                try await desk.bring(later.files())
                #expect(try await desk.follow(creating: [.pupil]).unlocked == 1)
                #expect(try await desk.account("ida.exemple").lock == nil)
            }
        }

        @Test("the staff of a school, with the function that weighs most; nobody else's", arguments: Engine.allCases)
        func staff(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                var files = College().files()
                files["ENT_Complet_20250915_EtabEducNat_0001.xml"] = Self.school("0599903U", academy: "09")
                var people = AAFText()
                let staff: [(id: String, given: String, functions: [String])] = [
                    (
                        "930001", "Rose",
                        ["900001$ENS$ENSEIGNEMENT$L0202$LETTRES", "900002$DIR$DIRECTION$D0010$PRINCIPAL"]
                    ),
                    ("930002", "Paul", ["900002$DOC$DOCUMENTATION$L0080$DOCUMENTATION"]),
                    ("930003", "Marc", ["900001$???$INCONNU$$"]),
                ]
                for one in staff {
                    people.add(
                        "PersEducNat", one.id,
                        [
                            ("ENTPersonJointure", [one.id]), ("sn", ["DEMO"]), ("givenName", [one.given]),
                            ("ENTPersonStructRattach", ["900001"]), ("ENTPersonFonctions", one.functions),
                        ])
                }
                files["ENT_Complet_20250915_PersEducNat_0000.xml"] = people.text
                try await desk.bring(files)
                #expect(try await desk.follow(creating: [.staff], of: UAI("0599903U")).created == 2)
                #expect(try await desk.founders() == ["930001 rose.demo", "930002 paul.demo"])
                let rose = try await desk.account("rose.demo").person
                #expect(rose.profile == .head && rose.school == UAI("0599903U"))
                #expect(try await desk.follow(creating: [.staff]).created == 1)
                #expect(try await desk.account("marc.demo").person.profile == .schoolStaff)
                #expect(try await desk.account("paul.demo").person.profile == .librarian)
            }
        }

        @Test("letters go by class and name, once, to whoever never had one", arguments: Engine.allCases)
        func letters(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                var college = College()
                college.pupils.append(College.Pupil(id: "910003", birth: "ÉBENE", usage: "ÉBENE", given: "Ida"))
                college.pupils.append(College.Pupil(id: "910004", birth: "=ZERO", usage: "=ZERO", given: "Ugo"))
                try await desk.bring(college.files())
                try await desk.follow(creating: [.pupil])
                let accounts = AccountsOfBase(on: desk.engine, random: SystemRandom())
                let before = try await desk.accountRows()
                await #expect(throws: StoreError(.cannotWrite, "full")) {
                    _ = try await accounts.letters(for: [.pupil], now: september) { _ in
                        throw StoreError(.cannotWrite, "full")
                    }
                }
                #expect(try await desk.accountRows() == before)
                var written: [IssuedAccount] = []
                let count = try await accounts.letters(for: [.pupil], now: september) { written += $0 }
                #expect(count.written == 4 && count.void == 0)
                let logins = written.map(\.account.login.description)
                #expect(logins == ["zoe.exemple", "ida.ebene", "lea.exemple", "ugo.zero"])
                for letter in written {
                    #expect(
                        try await desk.stores.accounts.isActivationCode(
                            letter.code.hash, of: letter.account.id, now: september + .days(29)))
                }
                let text = AccountAdministration.letterHeader + AccountAdministration.letterLines(written)
                #expect(text == AccountAdministration.letters(written) && text.contains(";'=ZERO;"))
                let again = try await accounts.letters(for: [.pupil], now: september) { _ in }
                #expect(again.written == 0 && again.void == 0)
            }
        }

        @Test("a mail of the base is taken until the account is used, and never after", arguments: Engine.allCases)
        func mail(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                try await desk.follow(creating: [.responsible])
                let camille = try await desk.account("camille.exemple")
                #expect(camille.mail == "camille.exemple@example.org" && !camille.mailVerified)
                var later = College()
                later.parents[0].mail = "nouveau@example.org"
                try await desk.bring(later.files())
                #expect(try await desk.follow().changed == 1)
                #expect(try await desk.account("camille.exemple").mail == "nouveau@example.org")
                _ = try await desk.signIn("camille.exemple")
                later.parents[0].mail = "autre@example.org"
                later.parents[0].given = "Camille-Rose"
                try await desk.bring(later.files())
                #expect(try await desk.follow().changed == 1)
                let used = try await desk.account("camille.exemple")
                #expect(used.person.givenName == "Camille-Rose" && used.mail == "nouveau@example.org")
            }
        }

        private static func school(_ uai: String, academy: String) -> String {
            var school = AAFText(academy: academy)
            school.add(
                "EtabEducNat", "900002",
                [
                    ("ENTStructureJointure", ["900002"]), ("ENTStructureUAI", [uai]),
                    ("ENTStructureNomCourant", ["CLG-INVENTE"]), ("ENTStructureTypeStruct", ["COLLEGE"]),
                    ("ENTStructureClasses", ["4C$4EME C$10210001110"]),
                ])
            return school.text
        }
    }
}

/// An engine under which something happens before a write, or within it.
private protocol EngineUnderTest: SQLEngine {
    var engine: any SQLEngine { get }
}

extension EngineUnderTest {
    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> Value) async throws -> Value {
        try await engine.read(body)
    }

    func writeOne<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> Value
    ) async throws -> Value { try await engine.writeOne(body) }

    func tryOut(_ body: @escaping @Sendable (any SQLSession) throws -> Void) async throws {
        try await engine.tryOut(body)
    }

    func atWorkbench<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLWorkbench) throws -> Value
    ) async throws -> Value { try await engine.atWorkbench(body) }
}

/// An engine that is gone after so many writes: the next one breaks off within its transaction.
private struct FailingEngine: EngineUnderTest {
    let engine: any SQLEngine
    let left: Countdown

    init(engine: any SQLEngine, writes: Int) {
        self.engine = engine
        left = Countdown(writes)
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> Written<Value>
    ) async throws -> Value {
        try await engine.write { [left] db in
            let written = try body(db)
            guard left.goesOn() else { throw StoreError(.unavailable, "killed") }
            return written
        }
    }
}

/// An engine whose first write comes after something else.
private struct LateEngine: EngineUnderTest {
    let engine: any SQLEngine
    let first: @Sendable () async throws -> Void
    let left = Countdown(1)

    init(engine: any SQLEngine, after first: @escaping @Sendable () async throws -> Void) {
        self.engine = engine
        self.first = first
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> Written<Value>
    ) async throws -> Value {
        if left.goesOn() { try await first() }
        return try await engine.write(body)
    }
}

private final class Countdown: Sendable {
    private let left: Mutex<Int>

    init(_ count: Int) { left = Mutex(count) }

    func goesOn() -> Bool {
        left.withLock { left in
            left -= 1
            return left >= 0
        }
    }
}
