import Accounts
import Testing

@Suite("MAIL-02: mail addresses and mobile numbers as typed")
struct ContactTests {
    @Test(
        "A mail address of the common form is taken as typed",
        arguments: [
            "camille@exemple.fr", "Camille.Martin+ecole@sous.exemple.fr", "a@b.fr", "o'neil@exemple.museum",
            "x@xn--exmple-cua.fr",
        ])
    func mail(_ typed: String) {
        #expect(MailAddress(typed)?.description == typed)
        #expect(MailAddress("  " + typed + "\n")?.description == typed)
    }

    @Test(
        "Anything else is none",
        arguments: [
            "", "@", "a@", "@b.fr", "a@b", "a@@b.fr", "a@b@c.fr", "a b@c.fr", "a@b .fr", "a@b.fr\r\nBcc: x@y.fr",
            "a\r@b.fr", "a@b.fr\0",
            ".a@b.fr", "a.@b.fr", "a..b@c.fr", "a@-b.fr", "a@b-.fr", "a@b..fr", "a@.fr", "a@b.fr.", "a@[127.0.0.1]",
            "a@127.0.0.1",
            "\"a b\"@c.fr", "a@exämple.fr", "é@exemple.fr", "<a@b.fr>", "a@b.fr,c@d.fr",
            String(repeating: "a", count: 65) + "@b.fr",
            "a@" + String(repeating: "b", count: 64) + ".fr",
            "a@" + Array(repeating: "bbbbbbbb", count: 30).joined(separator: ".") + ".fr",
        ])
    func noMail(_ typed: String) {
        #expect(MailAddress(typed) == nil)
    }

    @Test(
        "A mobile number keeps its digits",
        arguments: [
            ("06 12 34 56 78", "0612345678"), ("+33 6.12.34.56.78", "+33612345678"),
            ("(0033) 6-12-34-56-78", "0033612345678"),
        ])
    func mobile(_ typed: String, _ kept: String) {
        #expect(MobileNumber(typed)?.description == kept)
    }

    @Test(
        "What cannot be a number is none",
        arguments: [
            "", "12345", "06 12 34 56 7x", "+", "++33612345678", "33+612345678", "1234567890123456", "٠٦١٢٣٤٥٦٧٨",
            "0612345678\r\n",
        ])
    func noMobile(_ typed: String) {
        #expect(MobileNumber(typed) == nil)
    }
}
