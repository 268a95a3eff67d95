import Testing

@testable import InboxRole

@Suite("The SMTP server's side of a conversation")
struct SMTPConversationTests {
    private static let opening = "EHLO me\r\nMAIL FROM:<a@b.fr>\r\nRCPT TO:<c@d.fr>\r\n"

    /// What the server does for `text`, sent at once; replies shortened to their code.
    private func actions(_ text: String, limits: SMTPConversation.Limits = .init()) -> [String] {
        var conversation = SMTPConversation(limits: limits)
        return conversation.receive(text.utf8).map(shorten)
    }

    private func shorten(_ action: SMTPConversation.Action) -> String {
        switch action {
        case .reply(let line): String(line.prefix(3))
        case .keep(let envelope): "keep " + String(decoding: envelope.message, as: UTF8.self)
        case .close: "close"
        }
    }

    @Test("a mail, whole and byte by byte: the same")
    func mail() {
        let text = Self.opening + "DATA\r\nSubject: x\r\n\r\nHello\r\n..\r\n.dot\r\n\r\n.\r\nQUIT\r\n"
        let expected =
            ["250", "250", "250", "250", "250", "250", "250", "354"]
            + ["keep Subject: x\r\n\r\nHello\r\n.\r\ndot\r\n\r\n", "221", "close"]
        #expect(actions(text) == expected)
        var conversation = SMTPConversation()
        #expect(text.utf8.flatMap { conversation.receive([$0]) }.map(shorten) == expected)
    }

    @Test("two mails on one connection, RSET and NOOP between")
    func twice() {
        let one = "MAIL FROM:<> SIZE=3 BODY=8BITMIME\r\nRCPT TO:<c@d.fr>\r\nDATA\r\nx\r\n.\r\n"
        let text = "HELO me\r\n" + one + "NOOP\r\nMAIL FROM:<a@b.fr>\r\nRSET\r\n" + one
        #expect(
            actions(text) == [
                "250", "250", "250", "354", "keep x\r\n", "250", "250", "250", "250", "250", "354", "keep x\r\n",
            ])
    }

    @Test("the envelope has every recipient")
    func envelope() throws {
        var conversation = SMTPConversation()
        let text = Self.opening + "rcpt to: <e@f.fr>\r\ndata\r\nx\r\n.\r\n"
        let kept = conversation.receive(text.utf8).compactMap { action -> SMTPEnvelope? in
            if case .keep(let envelope) = action { envelope } else { nil }
        }
        #expect(kept == [SMTPEnvelope(from: "a@b.fr", to: ["c@d.fr", "e@f.fr"], message: Array("x\r\n".utf8))])
    }

    @Test(
        "commands out of order or malformed",
        arguments: [
            ("MAIL FROM:<a@b.fr>", "503"), ("RCPT TO:<a@b.fr>", "503"), ("DATA", "503"), ("EHLO", "501"),
            ("EHLO a b", "501"), ("HELO", "501"), ("FOO", "502"), ("STARTTLS", "502"), ("AUTH PLAIN x", "502"),
            ("", "502"), ("EHLO \u{E9}", "500"), ("EHLO a\u{0}", "500"), ("EHLO a\u{1B}[31m", "500"),
        ])
    func refusedAtOnce(_ command: String, _ code: String) {
        #expect(actions(command + "\r\n") == [code])
    }

    @Test(
        "refused after EHLO",
        arguments: [
            ("RCPT TO:<a@b.fr>", "503"), ("DATA", "503"), ("MAIL FROM:a@b.fr", "501"), ("MAIL FROM:<a>", "501"),
            ("MAIL TO:<a@b.fr>", "501"), ("MAIL FROM:<a@b.fr", "501"), ("MAIL FROM:<a@b.fr>x", "501"),
            ("MAIL FROM:<a@b.fr> FOO", "555"), ("MAIL FROM:<a@b.fr> SIZE=x", "501"),
            ("MAIL FROM:<a@b.fr> SIZE=-1", "501"),
            ("MAIL FROM:<a@b.fr> SIZE=1048577", "552"), ("MAIL FROM:<a@b.fr> BODY=BINARYMIME", "555"),
            ("MAIL FROM:<a b@c.fr>", "501"), ("MAIL FROM:<a@b.fr,c@d.fr>", "501"),
        ])
    func refusedAfterGreeting(_ command: String, _ code: String) {
        #expect(actions("HELO me\r\n\(command)\r\n") == ["250", code])
    }

    @Test(
        "refused after MAIL",
        arguments: [
            ("DATA", "503"), ("MAIL FROM:<a@b.fr>", "503"), ("RCPT TO:<>", "501"), ("RCPT TO:<a>", "501"),
            ("RCPT TO:<a@b.fr> NOTIFY=NEVER", "555"), ("RCPT FROM:<a@b.fr>", "501"),
        ])
    func refusedAfterMail(_ command: String, _ code: String) {
        #expect(actions("HELO me\r\nMAIL FROM:<a@b.fr>\r\n\(command)\r\n") == ["250", "250", code])
    }

    @Test("DATA with words after it, and DATA after only refused recipients")
    func data() {
        #expect(actions(Self.opening + "DATA now\r\n").last == "501")
        #expect(actions("HELO me\r\nMAIL FROM:<a@b.fr>\r\nRCPT TO:<a>\r\nDATA\r\n").last == "503")
    }

    @Test(
        "smuggling: a lone CR or LF ends neither a line nor the message; the connection does",
        arguments: [
            "x\n.\r\n", "x\n.\n", "x\r\n.\n", "x\r.\r\n", "x\r\n.\r", "\n.\r\nMAIL FROM:<evil@b.fr>\r\n",
            "\r\r\n.\r\n",
        ])
    func smuggling(_ text: String) {
        let done = actions(Self.opening + "DATA\r\n" + text + "x\r\nMAIL FROM:<evil@b.fr>\r\n.\r\n")
        #expect(done.suffix(2) == ["500", "close"])
        #expect(!done.contains { $0.hasPrefix("keep") })
    }

    @Test("too large, said or not; the next mail on the connection is fine")
    func tooLarge() {
        var limits = SMTPConversation.Limits()
        limits.message = 20
        let large = Self.opening + "DATA\r\n" + String(repeating: "12345678\r\n", count: 3) + ".\r\n"
        let small = "MAIL FROM:<a@b.fr>\r\nRCPT TO:<c@d.fr>\r\nDATA\r\n12345678\r\n12345678\r\n.\r\n"
        let done = actions(large + small, limits: limits)
        #expect(done.filter { $0.hasPrefix("keep") } == ["keep 12345678\r\n12345678\r\n"])
        #expect(done.dropFirst(8).first == "552")
        let endless = Self.opening + "DATA\r\n" + String(repeating: "12345678\r\n", count: 100)
        #expect(actions(endless, limits: limits).suffix(2) == ["552", "close"])
    }

    @Test("lines, recipients and commands without end")
    func limits() {
        var limits = SMTPConversation.Limits()
        limits.line = 100
        limits.recipients = 2
        limits.commands = 10
        let line = String(repeating: "a", count: 98)
        #expect(actions(line + "\r\n", limits: limits) == ["502"])
        #expect(actions("a" + line + "\r\n", limits: limits) == ["500", "close"])
        #expect(actions(String(repeating: "a", count: 5000), limits: limits) == ["500", "close"])
        let inData = Self.opening + "DATA\r\na" + line + "\r\n.\r\n"
        #expect(actions(inData, limits: limits).suffix(2) == ["500", "close"])
        let third = Self.opening + "RCPT TO:<e@f.fr>\r\nRCPT TO:<g@h.fr>\r\n"
        #expect(actions(third, limits: limits).suffix(2) == ["250", "452"])
        let noise = String(repeating: "NOOP\r\n", count: 12)
        #expect(actions(noise, limits: limits) == Array(repeating: "250", count: 10) + ["421", "close"])
    }
}
