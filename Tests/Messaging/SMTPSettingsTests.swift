import Clocks
import Messaging
import Settings
import Testing

@Suite("The mail section of a configuration")
struct SMTPSettingsTests {
    private func read(_ text: String) throws -> SMTPSettings {
        try SettingsFile.read(text: text, name: "mail.yaml") { try SMTPSettings($0) }.value
    }

    @Test("all of it, and what is left out")
    func accepted() throws {
        let full = try read(
            """
            host: mx.example
            port: 2525
            security: tls
            username: loge
            password: secret
            from: portail@ent.example
            from_name: Portail
            timeout: 5s
            connections: 2
            """)
        #expect(full.port == 2525 && full.security == .implicitTLS && full.credentials?.username == "loge")
        #expect(full.timeout == .seconds(5) && full.connections == 2 && full.fromName == "Portail")
        let short = try read("host: mx.example\nfrom: a@b.fr\n")
        #expect(short.port == 587 && short.security == .startTLS && short.credentials == nil && short.warning == nil)
        #expect(try read("host: localhost\nfrom: a@b.fr\nsecurity: none\n").port == 25)
        #expect(try read("host: localhost\nfrom: a@b.fr\nsecurity: none\n").warning == nil)
        #expect(try read("host: mx.example\nfrom: a@b.fr\nsecurity: none\n").warning?.contains("in clear") == true)
        #expect(try read("host: a.fr\nfrom: a@b.fr\nsecurity: starttls-if-offered\n").warning != nil)
    }

    @Test(
        "refused, with the key",
        arguments: [
            ("from: a@b.fr", "host"), ("host: mx.example", "from"), ("host: mx.example\nfrom: portail", "from"),
            ("host: \"a b\"\nfrom: a@b.fr", "host"), ("host: a/b\nfrom: a@b.fr", "host"),
            ("host: \"mx.example\\r\\nX\"\nfrom: a@b.fr", "host"),
            ("host: mx.example\nfrom: \"a@b.fr\\r\\nBcc: c@d.fr\"", "from"),
            ("host: mx.example\nfrom: a@b.fr\nfrom_name: \"a\\nb\"", "from_name"),
            ("host: mx.example\nfrom: a@b.fr\nport: 0", "port"),
            ("host: mx.example\nfrom: a@b.fr\nsecurity: ssl", "security"),
            ("host: mx.example\nfrom: a@b.fr\nusername: u", "username"),
            ("host: mx.example\nfrom: a@b.fr\npassword: u", "password"),
            ("host: mx.example\nfrom: a@b.fr\nusername: u\npassword: \"a\\0b\"", "password"),
            ("host: mx.example\nfrom: a@b.fr\nusername: u\npassword: p\nsecurity: none", "security"),
            ("host: mx.example\nfrom: a@b.fr\nusername: u\npassword: p\nsecurity: starttls-if-offered", "security"),
            ("host: mx.example\nfrom: a@b.fr\ntimeout: 5min", "timeout"),
            ("host: mx.example\nfrom: a@b.fr\nca_file: /nonexistent", "ca_file"),
            ("host: mx.example\nfrom: a@b.fr\nto: a@b.fr", "to"),
        ])
    func refused(_ text: String, _ key: String) throws {
        let error = try #require(throws: SettingsError.self) { _ = try read(text) }
        #expect(error.keyPath == key)
    }
}
