import Accounts
import Clocks
import Cryptography
import PupilBase
import School
import Stores
import StoresSQL
import Testing

extension PupilBaseTests {
    @Suite("Accounts of the base")
    struct AccountsOfTheBase {
        private static let everybody: Set<PersonKind> = [.pupil, .responsible, .staff]

        @Test(
            "logins of accents, particles and apostrophes, homonyms numbered in the order of their keys",
            arguments: Engine.allCases)
        func logins(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                var college = College()
                college.pupils += [
                    College.Pupil(id: "910005", born: "01/02/2012"), College.Pupil(id: "910004", born: "02/02/2012"),
                    College.Pupil(id: "910006", birth: "D'ARC", usage: "D'ARC", given: "Éloïse"),
                    College.Pupil(id: "910007", birth: "de La TOUR", usage: "de La TOUR", given: "Jean-Baptiste"),
                    College.Pupil(id: "910008", birth: "Œuf", usage: "", given: "Anaïs"),
                    College.Pupil(id: "910009", birth: "王", usage: "王", given: "伟"),
                ]
                try await desk.bring(college.files())
                let changes = try await desk.follow(creating: [.pupil])
                #expect(changes.created == 7 && changes.unspellable == 1 && changes.changed == 0)
                #expect(
                    try await desk.founders() == [
                        "910001 lea.exemple", "910002 zoe.exemple", "910004 lea.exemple2", "910005 lea.exemple3",
                        "910006 eloise.d-arc", "910007 jean-baptiste.de-la-tour", "910008 anais.oeuf",
                    ])
                let lea = try await desk.account("lea.exemple")
                #expect(
                    lea.person
                        == Person(
                            givenName: "Léa", familyName: "EXEMPLE", profile: .pupil, level: .lowerSecondary,
                            school: UAI("0599901S"), className: "5A", birthDate: "2012-03-14"))
                // No letter was written: the code expired when it was made.
                #expect(lea.stage == .awaitingActivation(expires: september) && lea.createdAt == september)
                let rows = try await desk.accountRows()
                let again = try await desk.follow(creating: [.pupil], at: september + .days(1))
                #expect(again.created == 0 && again.changed == 0 && again.unspellable == 1)
                #expect(try await desk.accountRows() == rows)
            }
        }

        @Test("a dry run tells what would become, and writes nothing", arguments: Engine.allCases)
        func dryRun(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                let before = try await desk.accountRows()
                let tried = try await desk.follow(creating: Self.everybody) { $0.isDryRun = true }
                #expect(try await desk.accountRows() == before)
                #expect(try await desk.follow(creating: Self.everybody) == tried && tried.created == 4)
                var later = College()
                later.pupils[0].classes = ["900001$3B"]
                later.pupils.remove(at: 1)
                try await desk.bring(later.files())
                let made = try await desk.accountRows()
                let then = september + .days(31)
                let following = try await desk.follow(at: then) { $0.isDryRun = true }
                #expect(following.changed == 1 && following.locked == 1)
                #expect(try await desk.accountRows() == made)
                #expect(try await desk.follow(at: then) == following)
            }
        }

        @Test("an account that somebody made by hand is nobody's of the base", arguments: Engine.allCases)
        func handmade(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                let hand = AccountAdministration(accounts: desk.stores.accounts, random: SystemRandom())
                for login in ["lea.exemple", "lea.exemple3", "zoe.exemple2"] {
                    let fields: [AccountDescription.Column: String] = [
                        .login: login, .givenName: "Léa", .familyName: "EXEMPLE", .profile: "National_ELV",
                    ]
                    _ = try await hand.create(AccountDescription(fields), now: september)
                }
                var college = College()
                college.pupils += [
                    College.Pupil(id: "910003"), College.Pupil(id: "910004", given: "Zoé"),
                    College.Pupil(id: "910005", birth: "EXEMPLE2", usage: "EXEMPLE2"),
                ]
                try await desk.bring(college.files())
                let before = try await desk.account("lea.exemple")
                try await desk.follow(creating: [.pupil])
                #expect(
                    try await desk.founders() == [
                        "910001 lea.exemple2", "910002 zoe.exemple", "910003 lea.exemple4", "910004 zoe.exemple3",
                        "910005 lea.exemple22",
                    ])
                #expect(try await desk.account("lea.exemple") == before)
            }
        }

        @Test("class, school and name follow, and the login stays", arguments: Engine.allCases)
        func following(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                try await desk.follow(creating: [.pupil, .responsible])
                var later = College()
                later.pupils[0].classes = ["900001$3B"]
                later.pupils[1].school = "900002"
                later.pupils[1].classes = ["900002$2GT1"]
                later.pupils[1].usage = "NOUVEAU"
                try await desk.bring(later.files().merging(Self.lycee()) { $1 })
                #expect(try await desk.follow(touchedBy: 1) { $0.isDryRun = true }.changed == 2)
                let changes = try await desk.follow(touchedBy: 2)
                // Two pupils, and their responsibles: the youngest child still goes to the collège.
                #expect(changes.changed == 2 && changes.created == 0 && changes.locked == 0)
                #expect(try await desk.account("lea.exemple").person.className == "3B")
                #expect(try await desk.follow() == AccountChanges())
                let zoe = try await desk.account("zoe.exemple").person
                #expect(zoe.familyName == "NOUVEAU" && zoe.level == .upperSecondary && zoe.className == "2GT1")
                #expect(zoe.school == UAI("0599902T"))
                let found = try await desk.stores.accounts.accounts(after: nil, limit: 9, school: nil, query: "nouveau")
                #expect(found.map(\.login.description) == ["zoe.exemple"])
            }
        }

        @Test(
            "whoever leaves keeps the account for the grace, is locked then, and comes back", arguments: Engine.allCases
        )
        func leaving(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                try await desk.follow(creating: [.pupil])
                let session = try await desk.signIn("lea.exemple")
                var later = College()
                later.pupils = [later.pupils[1]]
                try await desk.bring(later.files())
                let rows = try await desk.accountRows()
                #expect(try await desk.follow(at: september + .days(29)) == AccountChanges())
                #expect(try await desk.accountRows() == rows)
                #expect(try await desk.stores.sessions.session(session, now: september + .days(29)) != nil)
                let end = september + .days(30)
                #expect(try await desk.follow(touchedBy: 99, at: end - .seconds(1)) == AccountChanges())
                // No import says that a grace is over.
                #expect(try await desk.follow(touchedBy: 99, at: end).locked == 1)
                let lea = try await desk.account("lea.exemple")
                #expect(lea.lock?.since == end && lea.lock?.reason == "pupil base: left, and the grace is over")
                #expect(try await desk.stores.sessions.session(session, now: end) == nil)
                #expect(try await desk.account("zoe.exemple").lock == nil)
                let locked = try await desk.accountRows()
                #expect(try await desk.follow(at: end + .days(1)) == AccountChanges())
                #expect(try await desk.accountRows() == locked)
                try await desk.bring(College().files(), at: end)
                #expect(try await desk.follow(at: end).unlocked == 1)
                #expect(try await desk.account("lea.exemple").lock == nil)
            }
        }

        @Test("what an operator locked stays locked, what one opened stays open", arguments: Engine.allCases)
        func operators(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                let accounts = desk.stores.accounts
                var college = College()
                college.pupils.append(College.Pupil(id: "910003", given: "Ida"))
                try await desk.bring(college.files())
                try await desk.follow(creating: [.pupil])
                let (lea, zoe) = (try await desk.account("lea.exemple"), try await desk.account("zoe.exemple"))
                let ida = try await desk.account("ida.exemple")
                _ = try await accounts.lock(lea.id, reason: "enquête", now: september)
                var later = college
                later.pupils = [College.Pupil(id: "910009", given: "Noor")]
                try await desk.bring(later.files()) { $0.mayRemoveMany = true }
                let end = september + .days(31)
                #expect(try await desk.follow(at: end).locked == 2)
                #expect(try await desk.account("lea.exemple").lock?.reason == "enquête")
                // One is locked once more, for a reason of the operator's; the other one is opened.
                _ = try await accounts.lock(zoe.id, reason: "enquête", now: end)
                _ = try await accounts.unlock(ida.id)
                #expect(try await desk.follow(at: end + .days(1)) == AccountChanges())
                #expect(try await desk.account("ida.exemple").lock == nil)
                try await desk.bring(college.files(), at: end) { $0.mayRemoveMany = true }
                #expect(try await desk.follow(at: end).unlocked == 0)
                #expect(try await desk.account("lea.exemple").lock?.reason == "enquête")
                #expect(try await desk.account("zoe.exemple").lock?.reason == "enquête")
            }
        }

        @Test("a contact has no account, and whoever becomes one loses it at once", arguments: Engine.allCases)
        func contacts(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                try await desk.bring(College().files())
                #expect(try await desk.follow(creating: [.responsible]).created == 2)
                // 920003 is in charge of nobody's file, and there for calls only.
                #expect(try await desk.founders() == ["920001 camille.exemple", "920002 alex.exemple"])
                var later = College()
                later.pupils[0].links = ["920001$10$1$1$1$1", "920002$20$0$3$1$0"]
                later.pupils[1].links = ["920001$10$1$1$1$1", "920002$20$0$2$1$0"]
                try await desk.bring(later.files())
                let changes = try await desk.follow(creating: [.responsible])
                #expect(changes.locked == 1 && changes.created == 0)
                #expect(
                    try await desk.account("alex.exemple").lock?.reason
                        == "pupil base: legal representative of no pupil any more")
                try await desk.bring(College().files())
                #expect(try await desk.follow(touchedBy: 3).unlocked == 1)
            }
        }

        /// Two records of two kinds, whose keys have nothing to do with each other: an application is told one profile,
        /// and what the pupil sees is not what their representative signs.
        @Test("an adult pupil who is their own responsible has two accounts", arguments: Engine.allCases)
        func adult(_ engine: Engine) async throws {
            try await Desk.with(engine) { desk in
                var college = College()
                college.pupils = [
                    College.Pupil(
                        id: "910001", born: "14/03/2006", links: ["920001$70$1$1$1$1", "920002$70$1$1$1$1"])
                ]
                college.parents = [
                    College.Parent(id: "920001", birth: "EXEMPLE", usage: "EXEMPLE", given: "Léa"),
                    // The register calls somebody else the pupil: that is an error of the file, and opens nothing.
                    College.Parent(id: "920002", birth: "AUTRE", usage: "AUTRE", given: "Luc"),
                ]
                try await desk.bring(college.files())
                try await desk.follow(creating: Self.everybody)
                #expect(try await desk.founders() == ["910001 lea.exemple", "920001 lea.exemple2"])
                #expect(try await desk.account("lea.exemple").person.profile == .pupil)
                #expect(try await desk.account("lea.exemple2").person.profile == .responsible)
                #expect(try await desk.account("lea.exemple2").person.birthDate == nil)
            }
        }

        static func lycee() -> [String: String] {
            var school = AAFText()
            school.add(
                "EtabEducNat", "900002",
                [
                    ("ENTStructureJointure", ["900002"]), ("ENTStructureUAI", ["0599902T"]),
                    ("ENTStructureNomCourant", ["LYC-INVENTE-ac-LILLE"]),
                    ("ENTStructureTypeStruct", ["LYCEE ENSEIGNT GENERAL ET TECHNOLOGIQUE"]),
                    ("postalCode", ["59000"]), ("l", ["LILLE"]),
                    ("ENTStructureClasses", ["2GT1$2NDE GT 1$20010015112"]),
                ])
            return ["ENT_Complet_20250915_EtabEducNat_0001.xml": school.text]
        }
    }
}

/// The tables that an account of the base stands in.
private let tablesOfAccounts = ["accounts", "base_accounts", "sessions"]

extension Desk {
    /// Brings the accounts to what the base says.
    @discardableResult
    func follow(
        creating kinds: Set<PersonKind> = [], of school: UAI? = nil, touchedBy number: Int64? = nil,
        at now: Instant = september,
        _ change: (inout AccountsOfBase.Options) -> Void = { _ in }
    ) async throws -> AccountChanges {
        var options = AccountsOfBase.Options()
        change(&options)
        return try await AccountsOfBase(on: engine, random: SystemRandom(), options: options)
            .follow(creating: kinds, of: school, touchedBy: number, now: now)
    }

    func account(_ login: String) async throws -> Account {
        try #require(try await stores.accounts.account(login: Login(canonical: login)))
    }

    /// The key of each founding record, and its login.
    func founders() async throws -> [String] {
        try await text(
            """
            SELECT held.key || ' ' || accounts.login AS t FROM base_accounts AS held
                JOIN accounts ON accounts.id = held.account
            """)
    }

    /// Every row of accounts, sessions and their records.
    func accountRows() async throws -> [String: [String]] {
        try await engine.read { db in
            var all: [String: [String]] = [:]
            for table in tablesOfAccounts {
                all[table] = try db.rows(SQLStatement("SELECT * FROM \(table)")).map { "\($0.values)" }.sorted()
            }
            return all
        }
    }

    /// Uses the account's letter and begins a session.
    func signIn(_ login: String) async throws -> SessionID {
        let administration = AccountAdministration(accounts: stores.accounts, random: SystemRandom())
        let issued = try #require(try await administration.reset(login, now: september))
        let activation = Activation(passwordHash: "$argon2id$", mail: nil, mobile: nil, charterVersion: nil)
        #expect(
            try await stores.accounts.activate(issued.account.id, with: issued.code.hash, activation, now: september))
        let session = Session(
            id: SessionID(random: SystemRandom()), account: issued.account.id, createdAt: september,
            authenticatedAt: september, acr: "eidas1", amr: ["pwd"], door: "local",
            expiresAt: september + .days(90), device: "test")
        #expect(try await stores.sessions.begin(session))
        return session.id
    }
}
