import Accounts
import Cryptography
import School
import Stores
import Testing

@Suite("PW-01: what a password has to be")
struct PasswordRulesTests {
    private let login = Login(canonical: "camille.martin")
    private let person = Person(givenName: "Camille", familyName: "Martin-Lévêque", profile: .pupil)

    private func failures(_ password: String, _ rules: PasswordRules = PasswordRules()) -> [PasswordRuleFailure] {
        rules.failures(of: password, login: login, person: person)
    }

    @Test(
        "Twelve characters of any kind are enough",
        arguments: [
            "un cheval bleu", "Zébrures#9812", "            ", "🦊🐺🦝🐻🐼🦁🐯🐨🐸🐵🐔🐧", "пароль не для тебя",
            "a\0b\0c\0d\0e\0f\0",
        ])
    func accepted(_ password: String) {
        #expect(failures(password) == [])
    }

    @Test(
        "Fewer than twelve code points after NFC are too short",
        arguments: [
            "abcdefghijk", "éééééééééé", "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}", "",
        ])
    func short(_ password: String) {
        #expect(failures(password).contains(.tooShort(minimum: 12)))
    }

    @Test("No setting goes below eight characters")
    func floor() {
        #expect(PasswordRules(minLength: 1).minLength == 8)
        #expect(failures("xkwpqvz", PasswordRules(minLength: 1)) == [.tooShort(minimum: 8)])
        #expect(failures("xkwpqvzj", PasswordRules(minLength: 1)) == [])
    }

    @Test(
        "Kinds of characters are counted when a school wants them",
        arguments: [
            ("xkwpqvzjxkwp", 1), ("xkwpqvzjXKWP", 2), ("xkwpqvzjXKW9", 3), ("xkwpqvz XKW9", 4), ("éàùçxkwpqvzj", 1),
            ("123498761234", 1),
        ])
    func classes(_ password: String, _ kinds: Int) {
        for wanted in 0...4 {
            let found = failures(password, PasswordRules(classes: wanted)).contains(.tooFewClasses(wanted: wanted))
            #expect(found == (kinds < wanted))
        }
    }

    @Test("A password of more than 1024 bytes is refused, one of 1024 is not")
    func long() {
        #expect(failures(String(repeating: "xk", count: 512)) == [])
        #expect(failures(String(repeating: "xk", count: 512) + "x") == [.tooLong(maximumBytes: 1024)])
        #expect(failures(String(repeating: "x", count: 1 << 20)) == [.tooLong(maximumBytes: 1024)])
    }

    @Test(
        "Login and names are refused inside, whatever case and accents",
        arguments: [
            ("xxCAMILLE.martinxx", PasswordRuleFailure.containsLogin), ("J'aime Camille !", .containsName),
            ("vive martin-leveque", .containsName), ("MARTIN-LÉVÊQUE 59", .containsName),
        ])
    func personal(_ password: String, _ failure: PasswordRuleFailure) {
        #expect(failures(password).contains(failure))
    }

    @Test("A name of two letters forbids nothing")
    func shortName() {
        let person = Person(givenName: "Lô", familyName: "Li", profile: .pupil)
        #expect(PasswordRules().failures(of: "la ligne de l'horizon", login: login, person: person) == [])
    }

    @Test(
        "What everybody tries first is refused, dressed up or not",
        arguments: [
            "azertyuiop", "AZERTYUIOP", "azerty123456", "motdepasse", "MotDePasse2026!", "12345678910", "!!!soleil2026",
            "doudoudoudou", "marseille1313", "qwertyuiop12", "Password1234", "123123123123", "2026-bonjour-",
            "jetaimejetaime",
        ])
    func common(_ password: String) {
        #expect(failures(password, PasswordRules(minLength: 8)).contains(.tooCommon))
    }

    @Test("A common word inside a longer one is not the longer one")
    func notCommon() {
        #expect(failures("le soleil de minuit") == [])
        #expect(failures("chocolatnoir") == [])
    }
}
