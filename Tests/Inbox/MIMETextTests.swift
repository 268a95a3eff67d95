import Testing

@testable import InboxRole

@Suite("Reading a mail for showing")
struct MIMETextTests {
    private func read(_ text: String) -> MIMEText { MIMEText(Array(text.replacing("\n", with: "\r\n").utf8)) }

    @Test("quoted-printable, base64 and 8 bits")
    func encodings() {
        let head = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
        #expect(read(head + "quoted-printable\n\nZo=C3=A9 =\nsuite =3D\n").body == "Zoé suite =")
        #expect(read(head + "BASE64\n\nWm/DqQ==\n").body == "Zoé")
        #expect(read(head + "8bit\n\nZoé\n").body == "Zoé")
        #expect(read("Subject: x\n\nplain\n\nend\n").body == "plain\n\nend")
        let latin =
            "Content-Type: text/plain; charset=\"ISO-8859-1\"\nContent-Transfer-Encoding: quoted-printable\n\nZo=E9"
        #expect(read(latin).body == "Zoé")
    }

    @Test(
        "RFC 2047 §8 examples of subjects",
        arguments: [
            ("plain words", "plain words"), ("=?utf-8?B?w6k=?=", "é"), ("=?utf-8?q?a=C3=A9_b?=", "aé b"),
            ("=?ISO-8859-1?Q?a?= b", "a b"), ("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"),
            ("=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=", "ab"), ("=?ISO-8859-1?Q?a?=\n =?ISO-8859-1?Q?b?=", "ab"),
            ("=?ISO-8859-1?Q?a_b?=", "a b"), ("=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b"),
            ("a =?utf-8?B?w6k=?= b", "a é b"), ("=?broken", "=?broken"), ("=?utf-8?X?a?=", "=?utf-8?X?a?="),
            ("=?utf-8?B?***?=", "=?utf-8?B?***?="), ("a  b", "a  b"),
        ])
    func subjects(_ written: String, _ expected: String) {
        #expect(read("Subject: \(written)\n\nx").subject == expected)
    }

    @Test("of many parts, the plain text")
    func multipart() {
        let mail = """
            Subject: x
            Content-Type: multipart/mixed; boundary="out"

            preamble
            --out
            Content-Type: multipart/alternative; boundary=in

            --in
            Content-Type: text/html

            <p>no</p>
            --in
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: base64

            w6k=
            --in--
            --out--
            """
        #expect(read(mail).body == "é")
    }

    @Test(
        "malformed mails are shown as far as they go, and never end the process",
        arguments: [
            "", "\n", "Subject", "Subject: a", " folded first\n\nx", "Content-Type: multipart/mixed\n\nx",
            "Content-Type: multipart/mixed; boundary=\n\n--\n--\n",
            "Content-Type: multipart/mixed; boundary=a\n\n--a\n",
            "Content-Type: multipart/mixed; boundary=a\n\n--a\n--a\n--a--\n", "\n\n\n=", "Content-Type: ;;;=\n\nx",
            "Content-Type: multipart/x; boundary=a\n\n--a\nContent-Type: multipart/x; boundary=a\n\n--a\n\n--a--",
            "Content-Transfer-Encoding: base64\n\n====", "Content-Transfer-Encoding: quoted-printable\n\n=\n=4\n=ZZ=",
        ])
    func malformed(_ text: String) {
        let mail = read(text)
        #expect(mail.subject.utf8.count <= text.utf8.count && mail.body.utf8.count <= text.utf8.count)
    }
}
