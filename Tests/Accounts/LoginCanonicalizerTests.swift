import Accounts
import Stores
import Testing

@Suite("The one spelling of a login")
struct LoginCanonicalizerTests {
    @Test(
        "PW-02: every spelling of one login is one login",
        arguments: [
            "camille.martin", "Camille.Martin", "CAMILLE.MARTIN", " camille.martin", "camille.martin\n",
            "\tcamille.martin ",
            "ｃａｍｉｌｌｅ.ｍａｒｔｉｎ", "camille．martin", "\u{A0}camille.martin\u{3000}", "𝐜𝐚𝐦𝐢𝐥𝐥𝐞.martin", "𝐂𝐀𝐌𝐈𝐋𝐋𝐄.martin",
            "Ⓒamille.martin",
        ])
    func spellings(_ typed: String) {
        #expect(LoginCanonicalizer.login(typed)?.description == "camille.martin")
    }

    @Test(
        "Composed and decomposed accents are one; canonical spellings stay",
        arguments: [
            ("rene\u{301}", "rené"), ("RENÉ", "rené"), ("ﬁona", "fiona"), ("İ", "i\u{307}"), ("STRASSE", "strasse"),
            ("a@b.fr", "a@b.fr"), ("Å", "å"),
        ])
    func accents(_ typed: String, _ canonical: String) throws {
        let login = try #require(LoginCanonicalizer.login(typed))
        #expect(login.description == canonical)
        #expect(LoginCanonicalizer.login(login.description) == login)
    }

    @Test(
        "What no account can have is refused",
        arguments: [
            "", " ", "\n\t", "camille martin", "camille\u{A0}martin", "camille\0", "cam\u{200B}ille", "cam\u{AD}ille",
            "a\u{202E}b",
            "a\nb", "a\u{FEFF}b", "\u{E000}", String(repeating: "a", count: 129),
            String(repeating: "a", count: 1 << 20),
            String(repeating: "ﷺ", count: 60),
        ])
    func refused(_ typed: String) {
        #expect(LoginCanonicalizer.login(typed) == nil)
    }

    @Test("128 characters are not too many")
    func longest() {
        #expect(LoginCanonicalizer.login(String(repeating: "é", count: 128)) != nil)
    }
}
