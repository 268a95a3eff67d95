import Clocks
import Foundation
import Testing

@testable import Messaging

@Suite("RFC 5322 messages")
struct InternetMessageTests {
    private static let date = Instant(secondsSinceEpoch: 1_788_244_200)

    private static func message(
        subject: String = "Bonjour", body: String = "Texte", fromName: String? = nil, id: String = "1"
    ) throws -> InternetMessage {
        InternetMessage(
            from: try #require(Mailbox("portail@ent.example")), fromName: fromName,
            mail: Mail(id: id, recipient: try #require(Mailbox("a@b.fr")), subject: subject, body: body), date: date)
    }

    private static func text(_ message: InternetMessage) throws -> String {
        String(decoding: try message.bytes(), as: UTF8.self)
    }

    @Test("a whole message, byte for byte")
    func whole() throws {
        let message = try Self.message(
            subject: "Mot de passe oublié", body: "Bonjour Zoé,\n.\nFin =)\n", fromName: "Portail de l'été")
        let text = try Self.text(message)
        let id = try #require(text.firstMatch(of: /Message-ID: <([A-Za-z0-9_-]{24})@ent\.example>/)).output.1
        #expect(
            text
                == """
                Date: Tue, 01 Sep 2026 06:30:00 +0000
                From: =?utf-8?B?UG9ydGFpbCBkZSBsJ8OpdMOp?= <portail@ent.example>
                To: a@b.fr
                Subject: =?utf-8?B?TW90IGRlIHBhc3NlIG91Ymxpw6k=?=
                Message-ID: <\(id)@ent.example>
                Auto-Submitted: auto-generated
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: quoted-printable

                Bonjour Zo=C3=A9,
                .
                Fin =3D)

                """.replacing("\n", with: "\r\n"))
    }

    @Test("every line is ASCII and at most 76 columns, whatever the text")
    func lines() throws {
        let long = String(repeating: "été 👩‍👧 ", count: 12)
        let text = try Self.text(
            try Self.message(subject: long, body: String(repeating: "=é \u{1F469}x", count: 400) + " ", fromName: "É"))
        for line in text.split(separator: "\r\n", omittingEmptySubsequences: false) {
            #expect(line.utf8.count <= 76)
            #expect(line.utf8.allSatisfy { (0x20...0x7E).contains($0) })
            #expect(!line.hasSuffix(" "))
        }
    }

    @Test("the message id is the same for each try of one mail, another for another mail, and does not tell the key")
    func messageID() throws {
        let pattern = /Message-ID: <(.*)>/
        let first = try #require(try Self.text(try Self.message(id: "key")).firstMatch(of: pattern)).output.1
        let again = try #require(try Self.text(try Self.message(id: "key")).firstMatch(of: pattern)).output.1
        let other = try #require(try Self.text(try Self.message(id: "other")).firstMatch(of: pattern)).output.1
        #expect(first == again && first != other && !first.contains("key"))
    }

    @Test(
        "MAIL-02 a subject or a name that would begin another line is refused",
        arguments: [
            "a\r\nBcc: c@d.fr", "a\nBcc: c@d.fr", "a\rb", "a\0b", "a\u{B}b", "a\u{85}b", "a\u{2028}b", "a\u{7F}",
            "\r\n\r\nbody", "",
        ])
    func injection(_ text: String) throws {
        #expect(throws: DeliveryError(.unsendable, "")) { try Self.message(subject: text).bytes() }
        if !text.isEmpty {
            #expect(throws: DeliveryError(.unsendable, "")) { try Self.message(fromName: text).bytes() }
        }
        #expect(throws: Never.self) { try Self.message(subject: "a Bcc: c@d.fr", fromName: "a").bytes() }
    }

    @Test("text that cannot travel", arguments: ["", "a\0b", "a\u{1B}[31m", "a\u{7F}", "a\u{9B}31m"])
    func body(_ text: String) throws {
        #expect(throws: DeliveryError(.unsendable, "")) { try Self.message(body: text).bytes() }
    }

    @Test("too long")
    func tooLong() throws {
        let subject = String(repeating: "x", count: InternetMessage.subjectLimit)
        #expect(throws: Never.self) { try Self.message(subject: subject).bytes() }
        #expect(throws: DeliveryError(.unsendable, "")) { try Self.message(subject: subject + "x").bytes() }
        let body = String(repeating: "x", count: InternetMessage.bodyLimit)
        #expect(throws: Never.self) { try Self.message(body: body).bytes() }
        #expect(throws: DeliveryError(.unsendable, "")) { try Self.message(body: body + "x").bytes() }
    }

    @Test(
        "RFC 5322 §3.3 dates",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"), (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 +0000"),
        ])
    func dates(_ seconds: Int64, _ expected: String) {
        #expect(Instant(secondsSinceEpoch: seconds).internetMessageDate == expected)
    }

    @Test("RFC 2047: plain stays plain, what looks encoded is encoded, no word cuts a character")
    func encodedWords() throws {
        #expect(EncodedWord.unstructured("Bonjour a tous", after: 9) == "Bonjour a tous")
        #expect(EncodedWord.unstructured("=?utf-8?B?eA==?=", after: 9).hasPrefix("=?utf-8?B?PT9"))
        #expect(EncodedWord.unstructured(" a", after: 9) == "=?utf-8?B?IGE=?=")
        #expect(EncodedWord.phrase("Loge, la", after: 6) == "=?utf-8?B?TG9nZSwgbGE=?=")
        #expect(EncodedWord.phrase("a\" <x@y>", after: 6).hasPrefix("=?utf-8?B?"))
        let text = String(repeating: "é👩", count: 40)
        var decoded = ""
        for word in EncodedWord.unstructured(text, after: 9).split(separator: "\r\n ") {
            #expect(word.utf8.count <= 75)
            let base64 = String(word.dropFirst("=?utf-8?B?".count).dropLast(2))
            let bytes = try #require(Data(base64Encoded: base64))
            decoded += try #require(String(validating: bytes, as: UTF8.self))
        }
        #expect(decoded == text)
    }
}
