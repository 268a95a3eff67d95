import Testing

@testable import Messaging

@Suite("MAIL-02 addresses: what may stand in a command and a header")
struct MailboxTests {
    @Test(
        "addresses that families have",
        arguments: [
            "a@b.fr", "prenom.nom+ecole@sous.domaine.example", "o'neil_1@ac-rennes.fr", "x@localhost", "A@B-C.example",
            "\(String(repeating: "a", count: 64))@example.fr",
        ])
    func accepted(_ text: String) throws {
        #expect(try #require(Mailbox(text)).address == text)
    }

    @Test(
        "anything that could end a line, begin another address, or is no address",
        arguments: [
            "", "@", "a", "a@", "@b.fr", "a@@b.fr", "a@b@c.fr", "a b@c.fr", " a@b.fr", "a@b.fr ", "a@b.fr\r\n",
            "a@b.fr\nBcc: c@d.fr", "a\r\n@b.fr", "a@b.fr\0", "a\0@b.fr", "a@b.fr,c@d.fr", "a@b.fr;c@d.fr", "<a@b.fr>",
            "Nom <a@b.fr>", "\"a b\"@c.fr", "a@[127.0.0.1]", "a(comment)@b.fr", "a@b..fr", "a@.fr", "a@b.fr.",
            ".a@b.fr",
            "a.@b.fr", "a..b@c.fr", "a@-b.fr", "a@b-.fr", "é@b.fr", "a@é.fr", "a@b.fr>", "a@b.fr> SIZE=1", "a\t@b.fr",
            "a:b@c.fr", "a\\@b.fr", "a@b.fr\u{2028}", "a@b\u{FF0E}fr", "a\u{FF20}b.fr",
            "\(String(repeating: "a", count: 65))@b.fr", "a@\(String(repeating: "b", count: 64)).fr",
            "a@\(Array(repeating: "bbbbbbbb", count: 31).joined(separator: ".")).fr",
        ])
    func refused(_ text: String) {
        #expect(Mailbox(text) == nil)
    }
}
