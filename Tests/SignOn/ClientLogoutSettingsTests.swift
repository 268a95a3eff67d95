import LogeTesting
import OpenIDConnectIssuer
import Settings
import Testing

@Suite("The file of a relying party: logout")
struct ClientLogoutSettingsTests {
    private func client(_ lines: String) throws -> Client {
        try SettingsFile.read(text: ClientSettingsTests.good + lines, name: "ent.yaml") { try Client($0) }.value
    }

    @Test("without the keys nobody is told; with them, as registered")
    func good() throws {
        let plain = try client("")
        #expect(plain.logout.backchannel == nil && plain.logout.frontchannel == nil)
        let told = try client(
            """
            backchannel_logout_uri: https://api.exemple.org:8443/fin?a=b
            backchannel_logout_session_required: true
            frontchannel_logout_uri: https://ent.exemple.org/fin
            frontchannel_logout_session_required: false

            """)
        let address = told.logout.backchannel.map { "\($0)" }
        #expect(address == "https://api.exemple.org:8443/fin?a=b", "another host than the browser’s")
        #expect(told.logout.frontchannel == "https://ent.exemple.org/fin")
        #expect(try client("backchannel_logout_uri: http://localhost:8403/fin\n").logout.backchannel != nil)
    }

    @Test(
        "OA-23: an address that we may not call, or that could be read in two ways, is refused in words",
        arguments: [
            "http://ent.exemple.org/fin", "https://ent.exemple.org/fin#x", "https://ENT.exemple.org/", "/fin", "ent",
            "https://a@ent.exemple.org/", "https://127.1/", "https://0x7f.1/", "https://2130706433/", "ftp://ent/",
            "https://ent.exemple.org\\\\@evil.net/", "https://[::ffff:127.0.0.1]/", "https://ent.exemple.org:0443/",
            "http://10.0.0.1/", "\"https://ent.exemple.org/a b\"", "\"\"",
        ])
    func backchannel(_ address: String) throws {
        let error = #expect(throws: SettingsError.self) {
            try client("backchannel_logout_uri: \(address)\n")
        }
        #expect("\(error as Any)".contains("backchannel_logout_uri") || "\(error as Any)".contains("ent.yaml:"))
    }

    @Test(
        "Front-Channel Logout §2: a frame is of the same scheme, host and port as a redirect URI",
        arguments: [
            ("https://evil.exemple.net/fin", "same scheme, host and port"),
            ("https://ent.exemple.org:8443/fin", "same scheme, host and port"),
            ("http://localhost/fin", "same scheme, host and port"), ("javascript:alert(1)", "is not accepted"),
            ("https://ent.exemple.org/fin#x", "is not accepted"), ("/fin", "is not accepted"),
            ("https://ent.exemple.org.evil.net/", "same scheme, host and port"),
        ])
    func frontchannel(_ address: String, _ words: String) throws {
        let error = #expect(throws: SettingsError.self) {
            try client("frontchannel_logout_uri: \"\(address)\"\n")
        }
        #expect("\(error as Any)".contains(words), "\(error as Any)")
    }

    @Test("a session_required without its address is a mistake", arguments: ["backchannel", "frontchannel"])
    func orphans(_ channel: String) throws {
        let error = #expect(throws: SettingsError.self) { try client("\(channel)_logout_session_required: true\n") }
        #expect("\(error as Any)".contains("means nothing without \(channel)_logout_uri"))
    }
}
