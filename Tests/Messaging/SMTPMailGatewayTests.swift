import InboxRole
import Messaging
import Testing

@Suite("SMTP over libcurl to a server on the loopback")
struct SMTPMailGatewayTests {
    @Test("a mail with accents, dots and long lines arrives as it was written")
    func intact() async throws {
        let body = """
            Chère Zoé, voici : « œuf », 👩‍👧, x = y
            .
            ..deux points
            .Un point, puis une ligne longue \(String(repeating: "été ", count: 60))fin
            From here on

            https://ent.example/lien?a=b&c=d%20e
            """
        let subject = "Mot de passe oublié : l'élève Noël \(String(repeating: "très ", count: 12))long"
        let received = try await withInbox { port, shelf in
            try await gateway(port: port).send(mail(subject, body, to: "parent+x@famille.example"))
            return shelf.messages
        }
        #expect(received.count == 1)
        let message = try #require(received.first)
        #expect(message.subject == subject)
        #expect(message.body == body)
        #expect(message.to == ["parent+x@famille.example"])
        #expect(message.from == "portail@ent.example")
        #expect(message.links == ["https://ent.example/lien?a=b&c=d%20e"])
    }

    @Test("forty mails at once over two connections: each arrives once")
    func many() async throws {
        let subjects = try await withInbox { port, shelf in
            let gateway = try gateway(port: port)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...40 {
                    group.addTask { try await gateway.send(mail("Numéro \(number)", id: "\(number)")) }
                }
                try await group.waitForAll()
            }
            return shelf.messages.map(\.subject)
        }
        #expect(Set(subjects) == Set((1...40).map { "Numéro \($0)" }))
        #expect(subjects.count == 40)
    }

    @Test("MAIL-02 a subject with a line end is refused before anything is sent")
    func injection() async throws {
        let subjects = try await withInbox { port, shelf in
            let gateway = try gateway(port: port)
            await #expect(throws: DeliveryError(.unsendable, "")) {
                try await gateway.send(mail("Bonjour\r\nBcc: autre@famille.example"))
            }
            try await gateway.send(mail("Bonjour Bcc: autre@famille.example"))
            return shelf.messages.map { "\($0.subject) -> \($0.to)" }
        }
        #expect(subjects == ["Bonjour Bcc: autre@famille.example -> [\"a@b.fr\"]"])
    }

    @Test("TLS required and not offered: nothing is sent in clear", arguments: [SMTPSecurity.startTLS, .implicitTLS])
    func startTLSRequired(_ security: SMTPSecurity) async throws {
        let count = try await withInbox { port, shelf in
            // A server that speaks no TLS says nothing to a TLS hello: the time-out ends it.
            let gateway = try gateway(port: port, security: security, timeout: .seconds(2))
            await #expect(throws: DeliveryError(.unavailable, "")) { try await gateway.send(mail()) }
            return shelf.messages.count
        }
        #expect(count == 0)
    }

    @Test("STARTTLS wanted only if offered: the mail goes without")
    func opportunistic() async throws {
        let count = try await withInbox { port, shelf in
            try await gateway(port: port, security: .opportunistic).send(mail())
            return shelf.messages.count
        }
        #expect(count == 1)
    }

    @Test("nobody listens: unavailable, and the reason names no address")
    func down() async throws {
        let gateway = try gateway(port: try await freePort())
        let error = try await #require(throws: DeliveryError.self) { try await gateway.send(mail(to: "zoe@b.fr")) }
        #expect(error.code == .unavailable && !error.reason.contains("zoe"))
    }

    @Test("a server that says nothing is given up after the time-out")
    func silent() async throws {
        try await withScriptedServer(greeting: nil, { _ in nil }) { port in
            let gateway = try gateway(port: port, timeout: .seconds(1))
            await #expect(throws: DeliveryError(.unavailable, "")) { try await gateway.send(mail()) }
        }
    }

    @Test(
        "what the server says decides between never and later",
        arguments: [
            ("220 hi", "MAIL", "550 5.7.1 no", DeliveryError.Code.refused),
            ("220 hi", "MAIL", "451 4.3.0 later", .unavailable),
            ("220 hi", "MAIL", "530 5.7.0 must issue STARTTLS first", .unavailable),
            ("220 hi", "MAIL", "530 5.7.0 authentication required", .unavailable),
            ("220 hi", "RCPT", "550 5.1.1 zoe@b.fr unknown", .refused),
            ("220 hi", "RCPT", "452 4.2.2 full", .unavailable),
            ("220 hi", "DATA", "554 5.6.0 no", .refused),
            ("220 hi", "DATA", "421 4.3.2 closing", .unavailable),
            ("220 hi", "EHLO", "500 what", .refused),
            ("554 go away", "EHLO", "250 never asked", .unavailable),
            ("421 busy", "EHLO", "250 never asked", .unavailable),
            ("nonsense", "EHLO", "250 never asked", .unavailable),
        ])
    func replies(_ greeting: String, _ verb: String, _ reply: String, _ code: DeliveryError.Code) async throws {
        let answer: @Sendable (String) -> String? = { line in
            if line.hasPrefix(verb) { return reply }
            if line.hasPrefix("EHLO") { return "250 localhost" }
            if line.hasPrefix("HELO") { return "550 no" }
            return line.hasPrefix("DATA") ? "354 go on" : "250 ok"
        }
        let error = try await withScriptedServer(greeting: greeting, answer) { port in
            try await #require(throws: DeliveryError.self) {
                try await gateway(port: port, timeout: .seconds(30)).send(mail(to: "zoe@b.fr"))
            }
        }
        #expect(error.code == (verb == "EHLO" ? .unavailable : code), "\(error.reason)")
        #expect(!error.reason.contains("zoe"))
    }

    @Test("a server that restarts is found again by the same gateway")
    func restart() async throws {
        let port = try await freePort()
        let gateway = try gateway(port: port, connections: 1)
        for round in 1...2 {
            let count = try await withInbox(port: port) { _, shelf in
                do {
                    try await gateway.send(mail(id: "\(round)"))
                } catch {
                    // The connection of the first round is gone; libcurl may notice only while it writes.
                    try await gateway.send(mail(id: "\(round)"))
                }
                return shelf.messages.count
            }
            #expect(count == 1)
            await #expect(throws: DeliveryError(.unavailable, "")) { try await gateway.send(mail()) }
        }
    }
}
