import Clocks
import Cryptography
import Foundation
import JOSE
import Testing

@testable import Keyring

@Suite("KEY-01: a crash at any step, and files that are not right")
struct CrashTests {
    /// The identifier that the next key gets.
    private struct Fixed: RandomSource {
        let byte: UInt8
        func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: byte, count: count) }
    }

    private func expectWorking(
        _ keyring: Keyring, _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for algorithm in [SignatureAlgorithm.rs256, .es256, .edDSA] {
            let token = try keyring.snapshot.signToken(["a": 1], algorithm)
            #expect(holds(token, keyring.snapshot.published), comment, sourceLocation: sourceLocation)
        }
        let sealed = try keyring.snapshot.seal([1], purpose: "x", random: SystemRandom())
        #expect(try keyring.snapshot.open(sealed, purpose: "x") == [1], comment, sourceLocation: sourceLocation)
    }

    @Test("Crash while a key file is written: half a `.new` stands there; it is swept by the next change")
    func halfKeyFile() throws {
        let folder = try TestFolder()
        try folder.write("-----BEGIN ENCRYPTED PRIV", to: "token-es256-half.pem.new")
        let keyring = try folder.open()
        try expectWorking(keyring, "after the crash")
        #expect(!keyring.publishedIDs.contains("half"))
        try keyring.stage(.tokenES256)
        #expect(try !folder.files().contains("token-es256-half.pem.new"))
        try expectWorking(keyring, "after the next change")
    }

    @Test("Crash between the key file and the manifest: a key without a line signs nothing, and is swept")
    func orphanKey() throws {
        let folder = try TestFolder()
        let pem = try PrivateKey.generate(.p256).encryptedPEM(passphrase: TestFolder.passphrase)
        try folder.write(String(decoding: pem, as: UTF8.self), to: "token-es256-orphan.pem")
        let keyring = try folder.open()
        #expect(!keyring.publishedIDs.contains("orphan"))
        try expectWorking(keyring, "after the crash")
        try keyring.stage(.tokenES256)
        #expect(try !folder.files().contains("token-es256-orphan.pem"))
    }

    @Test("Crash while the manifest is written: half a `.new` beside the old one, which stays in force")
    func halfManifest() throws {
        let folder = try TestFolder()
        let before = try folder.read("manifest.json")
        try folder.write(String(before.prefix(before.count / 2)), to: "manifest.json.new")
        let keyring = try folder.open()
        try expectWorking(keyring, "after the crash")
        #expect(try !keyring.refresh())
        try keyring.stage(.tokenES256)
        #expect(try !folder.files().contains("manifest.json.new"))
        try expectWorking(try folder.open(), "after the next change, opened anew")
    }

    @Test("Crash between the manifest and the deletion: the file of a retired key is there and means nothing")
    func undeletedKey() throws {
        let folder = try TestFolder()
        let keyring = try folder.open()
        let old = try #require(keyring.key(.tokenES256, .current))
        let file = try folder.read(old.fileName)
        let token = try keyring.snapshot.signToken(["a": 1], .es256)
        try keyring.revoke(old.id, reason: "stolen")
        try folder.write(file, to: old.fileName)
        let again = try folder.open()
        #expect(!holds(token, again.snapshot.published))
        try expectWorking(again, "after the crash")
        try again.stage(.tokenES256)
        #expect(try !folder.files().contains(old.fileName), "swept by the next change")
    }

    @Test("Crash while the first keyring is made: without a manifest there is none, and it is made anew")
    func halfCreation() throws {
        let folder = try TestFolder()
        try FileManager.default.removeItem(atPath: folder.file("manifest.json"))
        #expect(throws: KeyringError(.missing, "")) { try folder.open() }
        let keyring = try folder.open(creating: true)
        try expectWorking(keyring, "made anew")
        try keyring.stage(.tokenES256)
        let pems = try folder.files().filter { $0.hasSuffix(".pem") }
        #expect(pems == Set(keyring.snapshot.records.map(\.fileName)))
    }

    @Test("The key file cannot be written: the step fails, the old keys go on")
    func keyCannotBeWritten() throws {
        let folder = try TestFolder()
        let keyring = try folder.open(random: Fixed(byte: 7))
        let name = "token-es256-\(Base64URL.encode([UInt8](repeating: 7, count: 9))).pem"
        // A folder in the place of the file that is written aside: fails for every user, root too.
        try FileManager.default.createDirectory(atPath: folder.file(name + ".new"), withIntermediateDirectories: false)
        let before = try folder.read("manifest.json")
        #expect(throws: KeyringError(.fileFailure, "")) { try keyring.stage(.tokenES256) }
        #expect(try folder.read("manifest.json") == before)
        #expect(keyring.states(.tokenES256) == [.current])
        try expectWorking(keyring, "after the failure")
        try FileManager.default.removeItem(atPath: folder.file(name + ".new"))
        #expect(throws: Never.self) { try keyring.stage(.tokenES256) }
    }

    @Test("The manifest cannot be written: the step fails, the old keys go on, here and for others")
    func manifestCannotBeWritten() throws {
        let folder = try TestFolder()
        let keyring = try folder.open()
        try keyring.stage(.tokenES256)
        let old = try #require(keyring.key(.tokenES256, .current))
        let before = try folder.read("manifest.json")
        try FileManager.default.createDirectory(
            atPath: folder.file("manifest.json.new"), withIntermediateDirectories: false)
        let steps: [() throws -> Void] = [
            { try keyring.rotate(.tokenES256, ignoringPublication: true) }, { try keyring.stage(.tokenEdDSA) },
            { try keyring.revoke(old.id, reason: "x") },
        ]
        for step in steps {
            #expect(throws: KeyringError(.fileFailure, "")) { try step() }
            #expect(try folder.read("manifest.json") == before)
            #expect(keyring.key(.tokenES256, .current)?.id == old.id, "nothing signs by a key that is not written down")
            #expect(try folder.files().contains(old.fileName), "nothing is deleted before the manifest is written")
            try expectWorking(keyring, "after the failure")
            try expectWorking(try folder.open(), "opened anew after the failure")
        }
        try FileManager.default.removeItem(atPath: folder.file("manifest.json.new"))
        #expect(throws: Never.self) { try keyring.rotate(.tokenES256, ignoringPublication: true) }
    }

    @Test(
        "A folder that nobody may write: steps fail, the keys go on",
        .enabled(if: geteuid() != 0, "root may write anywhere"))
    func readOnlyFolder() throws {
        let folder = try TestFolder()
        let keyring = try folder.open()
        try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder.path)
        defer { try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path) }
        #expect(throws: KeyringError(.fileFailure, "")) { try keyring.stage(.tokenES256) }
        try expectWorking(keyring, "after the failure")
    }

    @Test(
        "A manifest that is none of ours is refused",
        arguments: [
            "", "{", "[]", "null", "{\"version\":1}", "{\"version\":2,\"keys\":[]}", "{\"version\":1,\"keys\":[]}",
            "{\"version\":1,\"keys\":[{}]}", "{\"version\":1,\"keys\":{}}",
        ])
    func foreignManifest(text: String) throws {
        let folder = try TestFolder()
        let running = try folder.open()
        try folder.write(text, to: "manifest.json")
        #expect(throws: KeyringError(.damaged, "")) { try folder.open() }
        #expect(throws: KeyringError(.damaged, "")) { try running.refresh() }
        #expect(throws: KeyringError(.damaged, "")) { try running.stage(.tokenES256) }
        try expectWorking(running, "a running server keeps the keys it has")
        #expect(try folder.read("manifest.json") == text, "the evidence is left alone")
    }

    @Test("A manifest changed by hand into something impossible is refused")
    func impossibleManifests() throws {
        let names = try TestFolder()
        let id = try #require(names.open().key(.tokenES256, .current)).id
        let edits: [(String, (String) -> String)] = [
            ("no current key", { $0.replacing("\"current\"", with: "\"retiring\"", maxReplacements: 1) }),
            ("an unknown state", { $0.replacing("\"current\"", with: "\"resting\"", maxReplacements: 1) }),
            ("an unknown use", { $0.replacing("\"sealing\"", with: "\"stealing\"") }),
            ("two keys for one use", { $0.replacing("\"token-eddsa\"", with: "\"token-es256\"") }),
            ("a name that leads out", { $0.replacing(id, with: "../../etc/passwd") }),
            ("an empty name", { $0.replacing(id, with: "") }),
            ("a date that is none", { $0.replacing("2026-09-01T06:00:00Z", with: "yesterday") }),
        ]
        for (name, edit) in edits {
            let folder = try TestFolder()
            let before = try folder.read("manifest.json")
            try folder.edit(edit)
            #expect(try folder.read("manifest.json") != before, "\(name): the edit took")
            #expect(throws: KeyringError(.damaged, ""), "\(name)") { try folder.open() }
        }
    }

    @Test("Two lines of one name are refused")
    func twoLinesOfOneName() throws {
        let folder = try TestFolder()
        let keyring = try folder.open()
        let one = try #require(keyring.key(.tokenES256, .current)).id
        let two = try #require(keyring.key(.tokenEdDSA, .current)).id
        try folder.edit { $0.replacing(one, with: two) }
        #expect(throws: KeyringError(.damaged, "")) { try folder.open() }
    }

    @Test("Key files that are missing, unreadable, of another kind or of another passphrase")
    func badKeyFiles() throws {
        let es256 = try #require(try TestFolder().open().key(.tokenES256, .current)).fileName
        let otherKind = try PrivateKey.generate(.ed25519).encryptedPEM(passphrase: TestFolder.passphrase)
        let otherPassphrase = try PrivateKey.generate(.p256).encryptedPEM(passphrase: SecretBytes(utf8: "autre"))
        let publicHalf = try PrivateKey.generate(.p256).publicKey().pem()
        let cases: [(String, KeyringError.Code, [UInt8]?)] = [
            ("missing", .fileFailure, nil), ("empty", .damaged, []), ("noise", .damaged, [0, 1, 2, 255]),
            ("a public key", .damaged, publicHalf), ("another kind", .damaged, otherKind),
            ("another passphrase", .wrongPassphrase, otherPassphrase),
        ]
        for (name, code, content) in cases {
            let folder = try TestFolder()
            let running = try folder.open()
            if let content {
                try folder.write("", to: es256)
                try Data(content).write(to: URL(fileURLWithPath: folder.file(es256)))
            } else {
                try FileManager.default.removeItem(atPath: folder.file(es256))
            }
            #expect(throws: KeyringError(code, ""), "\(name)") { try folder.open() }
            let manifest = try folder.read("manifest.json")
            #expect(throws: KeyringError.self, "\(name)") { try running.stage(.tokenEdDSA) }
            #expect(try folder.read("manifest.json") == manifest, "\(name): nothing is written that cannot be loaded")
            try expectWorking(running, "a running server keeps the keys it has")
        }
    }

    @Test("A wrong or empty passphrase opens nothing, and its words say what to do")
    func wrongPassphrase() throws {
        let folder = try TestFolder()
        #expect(throws: Never.self) { try folder.open() }
        for text in ["", "x", "une phrase de pass"] {
            let error = #expect(throws: KeyringError(.wrongPassphrase, "")) {
                try folder.open(passphrase: SecretBytes(utf8: text))
            }
            #expect(error?.reason.contains("passphrase") == true)
            if text.count > 1 { #expect(error?.reason.contains(text) == false) }
        }
        #expect(throws: KeyringError(.wrongPassphrase, "")) {
            try TestFolder(empty: true).open(passphrase: SecretBytes([]), creating: true)
        }
    }

    @Test("The folder vanishes under a running server: it keeps signing, and says so")
    func folderGone() throws {
        let folder = try TestFolder()
        let keyring = try folder.open()
        try FileManager.default.removeItem(atPath: folder.path)
        #expect(throws: KeyringError(.missing, "")) { try keyring.refresh() }
        #expect(throws: KeyringError(.fileFailure, "")) { try keyring.stage(.tokenES256) }
        try expectWorking(keyring, "from memory")
        #expect(throws: KeyringError(.missing, "")) { try folder.open() }
    }

    @Test("KEY-01: nothing private stands in the clear: not in the manifest, not in what is published, not in a file")
    func nothingInTheClear() throws {
        let folder = try TestFolder()
        let keyring = try folder.open()
        try keyring.stage(.tokenRS256)
        let published = String(decoding: keyring.snapshot.publishedJSON, as: UTF8.self)
        for key in try #require(try JSONValue(parsing: keyring.snapshot.publishedJSON)["keys"]?.array) {
            let members = try #require(key.object)
            #expect(Set(members.keys).isDisjoint(with: ["d", "p", "q", "dp", "dq", "qi", "k"]))
        }
        #expect(try JWKSet(parsing: keyring.snapshot.publishedJSON).keys.count == 4)
        let manifest = try folder.read("manifest.json")
        for name in try folder.files() where name.hasSuffix(".pem") {
            let text = try folder.read(name)
            #expect(text.hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"))
            for line in text.split(separator: "\n").dropFirst().dropLast() {
                #expect(!manifest.contains(line))
                #expect(!published.contains(line))
            }
            let mode = try FileManager.default.attributesOfItem(atPath: folder.file(name))[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(name)")
        }
        #expect(!manifest.contains("phrase"))
        let fresh = try TestFolder(empty: true)
        _ = try fresh.open(creating: true)
        let mode = try FileManager.default.attributesOfItem(atPath: fresh.path)[.posixPermissions] as? Int
        #expect(mode == 0o700)
    }
}
