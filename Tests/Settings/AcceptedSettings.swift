import Clocks
import Cryptography
import Foundation
import Settings
import Testing

/// The text of a secret.
private func shown(_ secret: SecretBytes) -> String { secret.withBytes { String(decoding: $0, as: UTF8.self) } }

@Suite("Settings: what is accepted")
struct AcceptedSettings {
    @Test("every kind of value is read from one file")
    func everyKind() throws {
        let text = """
            # a comment
            issuer: https://portail.example/oidc?x=1
            name: "Lycée Jules-Verne: le portail"
            code: 0123
            country: no
            port: 8400
            memory: true
            timeout: 5min
            level: college
            levels: [ecole, lycee]
            redirect_uris:
              - https://a.example/cb
              - https://b.example/cb
            claims: {given_name: prenom, family_name: nom}
            mail:
              host: mx.example
            doors:
              - name: one
              - name: two
            parts:
              b: {n: 1}
              a: {n: 2}
            """
        try reading(text) { node throws in
            #expect(try node.url("issuer").absoluteString == "https://portail.example/oidc?x=1")
            #expect(try node.string("name") == "Lycée Jules-Verne: le portail")
            #expect(try node.string("code") == "0123")
            #expect(try node.string("country") == "no")
            #expect(try node.integer("port", in: 1...65535) == 8400)
            #expect(try node.boolean("memory"))
            #expect(try node.duration("timeout") == .seconds(300))
            #expect(try node.enumeration("level", of: Level.self) == .college)
            #expect(try node.enumerationList("levels", of: Level.self) == [.school, .lycee])
            #expect(try node.stringList("redirect_uris") == ["https://a.example/cb", "https://b.example/cb"])
            #expect(try node.strings("claims").map(\.name) == ["given_name", "family_name"])
            #expect(try node.strings("claims").map(\.value) == ["prenom", "nom"])
            #expect(try node.mapping("mail").string("host") == "mx.example")
            let names = try node.mappings("doors").map { try $0.string("name") }
            #expect(names == ["one", "two"])
            #expect(try node.namedMappings("parts").map(\.name) == ["b", "a"])
            for (_, part) in try node.namedMappings("parts") { _ = try part.integer("n", in: 0...9) }
        }
    }

    @Test("an absent key takes its default, an empty one too")
    func defaults() throws {
        try reading("port:\nname: ~\n") { node throws in
            #expect(try node.integer("port", in: 1...9, default: 7) == 7)
            #expect(try node.optionalString("name") == nil)
            #expect(try node.boolean("memory", default: true))
            #expect(try node.duration("life", default: .days(2)) == .days(2))
            #expect(try node.stringList("list", default: ["a"]) == ["a"])
            #expect(try node.enumeration("level", default: Level.college) == .college)
            #expect(try node.enumerationList("levels", of: Level.self, default: [.school]) == [.school])
            #expect(try node.optionalMapping("mail") == nil)
            #expect(try node.mappings("doors").isEmpty)
            #expect(try node.namedMappings("parts").isEmpty)
            #expect(try node.optionalSecret("key") == nil)
            #expect(!node.has("name"))
        }
    }

    @Test("an empty file is an empty mapping", arguments: ["", "\n", "# nothing\n", "\u{FEFF}"])
    func empty(_ text: String) throws {
        #expect(try reading(text) { try $0.optionalString("a") } == nil)
    }

    @Test("a mark of byte order and lines of Windows change nothing")
    func windows() throws {
        #expect(try reading("\u{FEFF}a: b\r\nc: d\r\n") { [try $0.string("a"), try $0.string("c")] } == ["b", "d"])
    }

    @Test(
        "times",
        arguments: [
            ("0s", Duration.zero), ("500ms", .milliseconds(500)), ("30s", .seconds(30)), ("5min", .minutes(5)),
            ("12h", .hours(12)), ("90d", .days(90)),
        ])
    func durations(_ text: String, _ expected: Duration) throws {
        #expect(try reading("x: \(text)") { try $0.duration("x") } == expected)
    }

    @Test("the environment wins over the file, at every depth, and is reported")
    func environment() throws {
        let environment = [
            "LOGE_PORT": "9", "LOGE_MAIL_HOST": "b.example", "LOGE_DOORS_2_NAME": "zwei", "LOGE_LIST": "a, b",
            "LOGE_LEVELS": "lycee", "LOGE_OTHER": "unused", "LOGE_SMS_BASE_URL": "https://sms.example",
        ]
        let text = "port: 8\nmail: {host: a.example}\ndoors: [{name: one}, {name: two}]\nlist: [c]\n"
        let read = try SettingsFile.read(text: text, name: "x.yaml", environment: environment) { node throws in
            #expect(try node.integer("port", in: 1...9) == 9)
            #expect(try node.mapping("mail").string("host") == "b.example")
            let names = try node.mappings("doors").map { try $0.string("name") }
            #expect(names == ["one", "zwei"])
            #expect(try node.stringList("list") == ["a", "b"])
            #expect(try node.enumerationList("levels", of: Level.self, default: []) == [.lycee])
            #expect(try node.optionalMapping("sms")?.url("base-url").host() == "sms.example")
        }
        #expect(
            read.variables == [
                "LOGE_PORT", "LOGE_MAIL_HOST", "LOGE_DOORS_2_NAME", "LOGE_LIST", "LOGE_LEVELS", "LOGE_SMS_BASE_URL",
            ])
    }

    @Test("a secret stands in the file, in a file beside it, or in the environment")
    func secrets() throws {
        try withFolder { folder in
            try write(Array("s3cret\r\n".utf8), folder + "/key")
            try write(Array("password_file: key\nclient_secret: abc\n".utf8), folder + "/a.yaml")
            let read = try SettingsFile.read(
                path: folder + "/a.yaml", environment: ["LOGE_API": "from outside", "LOGE_CLIENT_SECRET": "xyz"]
            ) { node throws in
                #expect(try shown(node.secret("password")) == "s3cret")
                #expect(try shown(node.secret("client_secret")) == "xyz")
                #expect(try shown(node.secret("api")) == "from outside")
            }
            #expect(read.warnings.isEmpty)
            #expect(read.files == [folder + "/a.yaml", folder + "/key"])
        }
    }

    @Test("a secret that every user can read is accepted with a warning")
    func worldReadableSecrets() throws {
        try withFolder { folder in
            try write(Array("s3cret".utf8), folder + "/key", mode: 0o644)
            try write(Array("password_file: key\nother: abc\n".utf8), folder + "/a.yaml", mode: 0o604)
            let read = try SettingsFile.read(path: folder + "/a.yaml") { node throws in
                _ = try node.secret("password")
                _ = try node.secret("other")
            }
            #expect(read.warnings.count == 2)
            #expect(read.warnings.allSatisfy { $0.contains("chmod o-r") })
            #expect(!read.warnings.joined().contains("s3cret") && !read.warnings.joined().contains("abc"))
        }
    }
}
