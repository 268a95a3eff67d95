import Clocks
import Cryptography
import DelimitedText
import Foundation
import School
import Stores
import Testing

@testable import Accounts

@Suite("What operators do with accounts", .timeLimit(.minutes(2)))
struct AdministrationTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("An account is made with a code that is shown once and stored as a hash")
    func create() async throws {
        try await withFixture { fixture in
            let issued = try await fixture.administration.create(
                AccountDescription([
                    .givenName: "Léa", .familyName: "Le Gall", .profile: "Élève", .level: "Collège",
                    .school: "0590116f",
                    .className: "6e B", .birthDate: "28/02/2014", .mail: "lea@exemple.fr",
                ]), now: start)
            #expect(issued.account.login.description == "lea.le-gall")
            #expect(issued.expires == start + .days(30))
            let wanted = Person(
                givenName: "Léa", familyName: "Le Gall", profile: .pupil, level: .lowerSecondary,
                school: UAI("0590116F"),
                className: "6e B", birthDate: "2014-02-28")
            let stored = try #require(try await fixture.administration.show("LEA.LE-GALL"))
            #expect(stored == issued.account)
            #expect(stored.person == wanted)
            #expect(stored.mail == "lea@exemple.fr" && !stored.mailVerified)
            #expect(
                try await fixture.stores.accounts.isActivationCode(issued.code.hash, of: stored.id, now: start))
        }
    }

    @Test("A name that is taken gets a number; a given login that is taken is a conflict")
    func numbers() async throws {
        try await withFixture { fixture in
            let description = AccountDescription([.givenName: "Léa", .familyName: "Martin", .profile: "eleve"])
            var logins: [String] = []
            for _ in 0..<3 {
                logins.append(
                    try await fixture.administration.create(description, now: start).account.login.description)
            }
            #expect(logins == ["lea.martin", "lea.martin2", "lea.martin3"])
            var given = description
            given.fields[.login] = "LEA.martin"
            await #expect(throws: StoreError(.conflict, "")) {
                try await fixture.administration.create(given, now: start)
            }
        }
    }

    @Test(
        "Logins are made of any name",
        arguments: [
            ("Jean-Pierre", "d'Artagnan", "jean-pierre.d-artagnan"),
            ("Éloïse", "Nuñez Œuvrard", "eloise.nunez-oeuvrard"),
            ("Zoë ", " ÇELIK", "zoe.celik"), ("Владимир", "Martin", "martin"), ("Łucja", "Straße", "lucja.strasse"),
            ("--A--", "..B..", "a.b"),
        ])
    func loginBase(_ given: String, _ family: String, _ login: String) {
        #expect(LoginMaker.base(givenName: given, familyName: family) == login)
    }

    @Test("A name without a Latin letter needs a login")
    func unspellable() async throws {
        #expect(LoginMaker.base(givenName: "Владимир", familyName: "王") == nil)
        try await withFixture { fixture in
            await #expect(throws: AccountDescription.Problem.missing(.login)) {
                try await fixture.administration.create(
                    AccountDescription([.givenName: "王", .familyName: "王", .profile: "eleve"]), now: start)
            }
        }
    }

    @Test(
        "A field that cannot be taken is told, and nothing is made",
        arguments: [
            (AccountDescription.Column.givenName, " "), (.familyName, ""), (.profile, ""), (.profile, "astronaute"),
            (.level, "université"), (.school, "123"), (.birthDate, "31/02/2014"), (.birthDate, "2014-13-01"),
            (.mail, "a@b"),
            (.login, "a b"), (.className, "6e\nB"), (.givenName, String(repeating: "x", count: 65)),
            (.familyName, "a\u{202E}b"),
        ])
    func refused(_ column: AccountDescription.Column, _ text: String) async throws {
        try await withFixture { fixture in
            var description = AccountDescription([.givenName: "A", .familyName: "B", .profile: "parent"])
            description.fields[column] = text
            await #expect(throws: AccountDescription.Problem.self) {
                try await fixture.administration.create(description, now: start)
            }
            let made = try await fixture.administration.list()
            #expect(made.isEmpty)
        }
    }

    @Test(
        "A file is imported in its order, whatever its separator, quotes, byte order mark and line ends",
        arguments: [
            "login;given_name;family_name;profile;level;school;class;birth_date;mail\n"
                + ";Léa;Martin;eleve;college;0590116F;6e B;2014-02-28;\n"
                + "lea.martin;Léa;Martin;eleve;;;;;\n;\"Jean;\"\"J\"\"\";Du\u{301}pont;parent;;;;;a@exemple.fr\n",
            "\u{FEFF}Login,Given_Name,family_name,profile,level,school,class,birth_date,mail\r\n"
                + ",Léa,Martin,National_ELV,college,0590116F,6e B,28/02/2014,\r\n\r\n"
                + "lea.martin,Léa,Martin,élève\r\n,\"Jean;\"\"J\"\"\",Dúpont,Parent,,,,,a@exemple.fr",
        ])
    func importFile(_ text: String) async throws {
        try await withFixture { fixture in
            let issued = try await fixture.administration.importAccounts(bytes(text), now: start)
            #expect(issued.map(\.account.login.description) == ["lea.martin2", "lea.martin", "jean-j.dupont"])
            #expect(issued[2].account.person.givenName == "Jean;\"J\"")
            #expect(issued[2].account.person.familyName == "Dúpont")
            #expect(issued[2].account.mail == "a@exemple.fr")
            for one in issued {
                #expect(try await fixture.stores.accounts.account(id: one.account.id) == one.account)
                let result = try await fixture.signIn().signIn(
                    login: one.account.login.description, secret: one.code.printed, from: nil, now: start)
                #expect(result == .firstConnection(one.account, one.code))
            }
        }
    }

    @Test("A file with faults is told line by line, and nothing of it is taken")
    func faults() async throws {
        try await withFixture { fixture in
            try await fixture.active("taken")
            let text = """
                login;given_name;family_name;profile
                good;A;B;eleve
                taken;A;B;eleve
                ;"A
                B";C;eleve
                good;A;B;eleve
                ;A;;eleve
                ;王;王;eleve
                """
            do {
                _ = try await fixture.administration.importAccounts(bytes(text), now: start)
                Issue.record("the file was taken")
            } catch let error as ImportFailures {
                #expect(
                    error.failures == [
                        ImportFailure(line: 3, problem: .takenLogin),
                        ImportFailure(
                            line: 4,
                            problem: .field(.malformed(.givenName, expected: "at most 64 characters on one line"))),
                        ImportFailure(line: 6, problem: .repeatedLogin(earlierLine: 2)),
                        ImportFailure(line: 7, problem: .field(.missing(.familyName))),
                        ImportFailure(line: 8, problem: .unspellableName),
                    ])
                #expect(
                    error.description.hasPrefix("line 3: an account has this login already\nline 4: given_name must"))
            }
            #expect(try await fixture.administration.list().map(\.login.description) == ["taken"])
        }
    }

    @Test(
        "A file that is no such file is refused with its line",
        arguments: [
            ("", 1, ImportFailure.Problem.empty), ("\n\n", 1, .empty),
            ("login;given_name;family_name;profile;colour\n", 1, .unknownColumn("colour")),
            ("login;login;given_name;family_name;profile\n", 1, .unknownColumn("login")),
            ("login;given_name;profile\n", 1, .missingColumn(.familyName)),
            ("given_name;family_name;profile\nA;B;eleve;x\n", 2, .tooManyFields),
            ("given_name;family_name;profile\nA;\"B;eleve\nC;D;eleve\n", 2, .openQuote),
            ("given_name;family_name;profile\nA;\"B\"x;eleve\n", 2, .textAfterQuote),
        ])
    func malformed(_ text: String, _ line: Int, _ problem: ImportFailure.Problem) async throws {
        try await withFixture { fixture in
            do {
                _ = try await fixture.administration.importAccounts(bytes(text), now: start)
                Issue.record("the file was taken")
            } catch let error as ImportFailures {
                #expect(error.failures == [ImportFailure(line: line, problem: problem)])
            }
        }
    }

    @Test("A file in another encoding is refused")
    func latin1() async throws {
        try await withFixture { fixture in
            let text = bytes("given_name;family_name;profile\nL") + [0xE9] + bytes("a;Martin;eleve\n")
            do {
                _ = try await fixture.administration.importAccounts(text, now: start)
                Issue.record("the file was taken")
            } catch let error as ImportFailures {
                #expect(error.failures == [ImportFailure(line: 2, problem: .notUTF8)])
            }
        }
    }

    @Test("A thousand of one name get a thousand logins")
    func homonyms() async throws {
        try await withFixture { fixture in
            let text =
                "given_name;family_name;profile\n" + String(repeating: "Léa;Martin;eleve\n", count: 200)
            let issued = try await fixture.administration.importAccounts(bytes(text), now: start)
            #expect(Set(issued.map(\.account.login)).count == 200)
            #expect(Set(issued.map(\.code.printed)).count == 200)
            #expect(issued.last?.account.login.description == "lea.martin200")
        }
    }

    @Test("Lock, unlock and reset say who, and nothing when there is nobody")
    func lockUnlockReset() async throws {
        try await withFixture { fixture in
            let account = try await fixture.active("camille")
            let session = try await fixture.session(of: account)
            let locked = try await fixture.administration.lock("Camille", reason: "départ", now: start)
            #expect(locked?.lock == AccountLock(since: start, reason: "départ"))
            #expect(try await fixture.stores.sessions.session(session.id, now: start) == nil)
            #expect(try await fixture.administration.unlock("camille")?.lock == nil)
            let second = try await fixture.session(of: account)
            let reset = try #require(try await fixture.administration.reset("camille", now: start))
            #expect(reset.account.stage == .awaitingActivation(expires: start + .days(30)))
            // BR-01: the session from before is dead, the old password too, the new code opens.
            #expect(try await fixture.stores.sessions.session(second.id, now: start) == nil)
            let old = try await fixture.signIn().signIn(
                login: "camille", secret: Fixture.password, from: nil, now: start)
            #expect(old == .refused)
            let new = try await fixture.signIn().signIn(
                login: "camille", secret: reset.code.printed, from: nil, now: start)
            #expect(new == .firstConnection(reset.account, reset.code))
            // A second reset kills the first code.
            _ = try await fixture.administration.reset("camille", now: start)
            let first = try await fixture.signIn().signIn(
                login: "camille", secret: reset.code.printed, from: nil, now: start)
            #expect(first == .refused)
            for typed in ["nobody", "no body"] {
                #expect(try await fixture.administration.lock(typed, reason: "x", now: start) == nil)
                #expect(try await fixture.administration.unlock(typed) == nil)
                #expect(try await fixture.administration.reset(typed, now: start) == nil)
                #expect(try await fixture.administration.show(typed) == nil)
            }
        }
    }

    @Test(
        "ADM-01: no field of an export runs as a formula",
        arguments: [
            ("=1+1", "'=1+1"), ("+33612345678", "'+33612345678"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "\"'\t=1\""), ("\r=1", "\"'\r=1\""), ("＝1", "'＝1"), ("a;b", "\"a;b\""), ("a\"b", "\"a\"\"b\""),
            ("a=1", "a=1"), ("", ""), ("Léa", "Léa"), ("\"=1", "\"\"\"=1\""),
        ])
    func formula(_ field: String, _ written: String) {
        #expect(CSV.text([[field, "x"]]) == written + ";x\r\n")
    }

    @Test("Letters are exported with their codes, and come back as they were written")
    func letters() async throws {
        try await withFixture { fixture in
            let text = "given_name;family_name;profile\n=HYPERLINK(1);O'Neil;eleve\n"
            let issued = try await fixture.administration.importAccounts(bytes(text), now: start)
            let records = try CSV.records(of: bytes(AccountAdministration.letters(issued)))
            #expect(records.count == 2)
            #expect(records[1].fields[1] == "'=HYPERLINK(1)")
            #expect(records[1].fields[5] == issued[0].code.printed)
        }
    }
}
