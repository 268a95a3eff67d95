import Foundation
import Settings
import Testing

@Suite("Settings: what is refused, with its line and what to do")
struct RefusedSettings {
    @Test("an unknown key names what is accepted and the nearest name")
    func unknownKey() throws {
        let error = try refusal("level: college\nmode: x\nprofils: [a]\n") { node in
            _ = try node.optionalString("level")
            _ = try node.optionalString("mode")
            _ = try node.stringList("profiles", default: [])
        }
        #expect(error.code == .unknownKey)
        #expect(error.line == 3 && error.column == 1 && error.keyPath == "profils")
        #expect(
            error.description == """
                portal.yaml:3: unknown key "profils". Accepted here: level, mode, profiles. Did you mean "profiles"?
                """)
    }

    @Test("the whole tree is searched for unknown keys, and the first line wins")
    func unknownKeyBelow() throws {
        let text = "mail:\n  host: a\n  prot: 25\ndoors:\n  - name: a\n    nom: b\nzz: 1\n"
        let body = { (node: SettingsNode) in
            _ = try node.mapping("mail").string("host")
            _ = try node.mappings("doors").map { try $0.string("name") }
        }
        let first = try refusal(text, body)
        #expect(first.line == 3 && first.keyPath == "mail.prot")
        #expect(first.reason.contains("unknown key \"prot\" in mail. Accepted here: host."))
        let second = try refusal(text.replacing("  prot: 25\n", with: ""), body)
        #expect(second.line == 5 && second.keyPath == "doors[1].nom")
        let third = try refusal("mail: {host: a}\nzz: 1\n", body)
        #expect(third.line == 2 && third.keyPath == "zz" && !third.reason.contains("Did you mean"))
    }

    @Test("a missing key says where it belongs and by which variable it can come")
    func missingKey() throws {
        let plain = try refusal("mail:\n  from: a\n") { _ = try $0.mapping("mail").string("host") }
        #expect(plain.code == .missingKey && plain.line == 2 && plain.keyPath == "mail.host")
        #expect(plain.reason == "the key \"mail.host\" is missing. Write some text, or set LOGE_MAIL_HOST.")
        let slip = try refusal("isuer: https://a.example\n") { _ = try $0.url("issuer") }
        #expect(slip.code == .missingKey && slip.line == 1)
        #expect(slip.reason == "the key \"issuer\" is missing. Did you mean it where \"isuer\" stands?")
        let empty = try refusal("a: b\nissuer:\n") { _ = try $0.url("issuer") }
        #expect(empty.code == .missingKey && empty.line == 2 && empty.reason.contains("has no value"))
        #expect(try refusal("") { _ = try $0.secret("key") }.reason.contains("key_file"))
    }

    @Test("a value of another kind", arguments: ["[a]", "{a: b}"])
    func scalarExpected(_ value: String) throws {
        let reads: [(SettingsNode) throws -> Void] = [
            { _ = try $0.string("x") }, { _ = try $0.integer("x", in: 0...1, default: 0) },
            { _ = try $0.boolean("x", default: true) }, { _ = try $0.duration("x", default: .zero) },
            { _ = try $0.url("x") }, { _ = try $0.enumeration("x", of: Level.self) }, { _ = try $0.secret("x") },
        ]
        for read in reads {
            let error = try refusal("y: 1\nx: \(value)\n", read)
            #expect(error.code == .wrongType && error.line == 2 && error.column == 4 && error.keyPath == "x")
            #expect(error.reason.hasPrefix("x must be a single value, not a "))
        }
    }

    @Test("a single value where a list or a mapping belongs")
    func structureExpected() throws {
        let list = try refusal("x: a") { _ = try $0.stringList("x") }
        #expect(list.reason == "x must be a list of texts, not a single value.")
        #expect(try refusal("x: a") { _ = try $0.mapping("x") }.code == .wrongType)
        #expect(try refusal("x: a") { _ = try $0.mappings("x") }.code == .wrongType)
        #expect(try refusal("x: [a]") { _ = try $0.mapping("x") }.code == .wrongType)
        #expect(try refusal("x: [a]") { _ = try $0.strings("x") }.code == .wrongType)
        let second = try refusal("x:\n  - {a: b}\n  - c\n") { _ = try $0.mappings("x").map { try $0.string("a") } }
        #expect(second.line == 3 && second.keyPath == "x[2]")
        #expect(try refusal("x: [a, [b]]") { _ = try $0.stringList("x") }.keyPath == "x[2]")
        #expect(try refusal("x: [a, ]\ny: [~]") { _ = try $0.stringList("y") }.keyPath == "y[1]")
        #expect(try refusal("x: {a: [b]}") { _ = try $0.strings("x") }.keyPath == "x.a")
        #expect(try refusal("- a\n- b\n") { _ in }.code == .wrongType)
        #expect(try refusal("just text\n") { _ in }.reason.contains("key: value"))
    }

    @Test(
        "numbers: one spelling each, within the range",
        arguments: ["0", "10", "-1", "+5", "05", "5.0", "5e0", "0x5", "5_0", "five", "\"5\"", "'5'", "９", "1 2"])
    func integers(_ text: String) throws {
        let error = try refusal("a: 1\nx: \(text)\n") { node in
            _ = try node.optionalString("a")
            _ = try node.integer("x", in: 1...9)
        }
        #expect(error.code == .wrongValue && error.line == 2 && error.reason.contains("a whole number from 1 to 9"))
    }

    @Test("truth values: only true and false", arguments: ["yes", "no", "on", "True", "TRUE", "1", "\"true\"", "oui"])
    func booleans(_ text: String) throws {
        let error = try refusal("x: \(text)") { _ = try $0.boolean("x") }
        #expect(error.code == .wrongValue && error.line == 1 && error.reason.contains("true or false"))
    }

    @Test("times", arguments: ["5", "5m", "5 min", "-5s", "1.5h", "s", "99999999999s", "１s", "2h", "0s", "5min30s"])
    func durations(_ text: String) throws {
        let error = try refusal("x: \(text)") { _ = try $0.duration("x", in: .seconds(1) ... .seconds(3600)) }
        #expect(error.code == .wrongValue && error.reason.contains("from 1s to 1h"))
    }

    @Test(
        "addresses",
        arguments: [
            "portail.example", "http://portail.example", "https://", "https:///path", "https://user@a.example",
            "https://user:pw@a.example", "https://a.example/#part", "https://a.example/é", "https://a.example:0/",
            "https://a.example:99999/", "\"https://a.example/a b\"", "javascript:alert(1)", "//a.example", "HTTPS:a",
            "\"https://a.example\\\\@b.example\"", "https://",
        ])
    func urls(_ text: String) throws {
        let error = try refusal("x: \(text)") { _ = try $0.url("x") }
        #expect(error.code == .wrongValue && error.line == 1 && error.reason.contains("begins with https://"))
    }

    @Test("a choice lists the choices and suggests the nearest")
    func enumerations() throws {
        let error = try refusal("x: colege") { _ = try $0.enumeration("x", of: Level.self) }
        #expect(error.reason.contains("\"colege\" is not accepted. Write one of ecole, college, lycee. Did you mean"))
        #expect(error.reason.hasSuffix(" \"college\"?"))
        #expect(try refusal("x: College") { _ = try $0.enumeration("x", of: Level.self) }.code == .wrongValue)
        #expect(try refusal("x: [college, cp]") { _ = try $0.enumerationList("x", of: Level.self) }.code == .wrongValue)
        let twice = try refusal("x: [college, college]") { _ = try $0.enumerationList("x", of: Level.self) }
        #expect(twice.reason.contains("stands twice"))
    }

    @Test("empty text")
    func emptyText() throws {
        #expect(try refusal("x: \"\"") { _ = try $0.string("x") }.code == .wrongValue)
        #expect(try refusal("x: ''") { _ = try $0.optionalString("x") }.code == .wrongValue)
        #expect(try refusal("x: ['']") { _ = try $0.stringList("x") }.code == .wrongType)
    }

    @Test("a wrong value from the environment names the variable, not a line")
    func environment() throws {
        let error = try refusal("mail: {port: 25}", environment: ["LOGE_MAIL_PORT": "many\n"]) { node in
            _ = try node.mapping("mail").integer("port", in: 1...65535)
        }
        #expect(error.variable == "LOGE_MAIL_PORT" && error.line == nil && error.keyPath == "mail.port")
        #expect(
            error.description == """
                environment variable LOGE_MAIL_PORT: "many\\u{a}" is not accepted. Write a whole number from 1 to 65535.
                """)
        let list = try refusal("", environment: ["LOGE_LIST": "a,,b"]) { _ = try $0.stringList("list") }
        #expect(list.variable == "LOGE_LIST" && list.reason.contains("an element is empty"))
    }

    @Test("a rule of the caller gets the place of the value")
    func callersRule() throws {
        let error = try refusal("a: 1\nx: b\n") { throw $0.error(at: "x", "b is taken. Write c.") }
        #expect(error.description == "portal.yaml:2: x: b is taken. Write c.")
        let absent = try refusal("a: 1\n") { throw $0.error(at: "x", "needed.") }
        #expect(absent.line == 1)
    }

    @Test(
        "secrets: both, empty, without file; never shown",
        arguments: [
            ("key: hunter2\nkey_file: b\n", "both given"), ("key: ''\n", "is empty"),
            ("key_file: /nonexistent/b\n", "does not exist"), ("key_file: /tmp\n", "is a folder"),
            ("key_file: /dev/null\n", "is empty"), ("key_file: /dev/zero\n", "is larger than"),
        ])
    func secrets(_ text: String, _ reason: String) throws {
        let error = try refusal(text) { _ = try $0.secret("key") }
        #expect(error.reason.contains(reason))
        #expect(error.line != nil && !error.description.contains("hunter2"))
    }
}
