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
    func halfKeyFile() async throws {
        let folder = try await TestFolder()
        try folder.write("-----BEGIN ENCRYPTED PRIV", to: "token-es256-half.pem.new")
        let keyring = try await folder.open()
        try expectWorking(keyring, "after the crash")
        #expect(!keyring.publishedIDs.contains("half"))
        try await keyring.stage(.tokenES256)
        #expect(try !folder.files().contains("token-es256-half.pem.new"))
        try expectWorking(keyring, "after the next change")
    }

    @Test("Crash between the key file and the manifest: a key without a line signs nothing, and is swept")
    func orphanKey() async throws {
        let folder = try await TestFolder()
        let pem = try PrivateKey.generate(.p256).encryptedPEM(passphrase: TestFolder.passphrase)
        try folder.write(String(decoding: pem, as: UTF8.self), to: "token-es256-orphan.pem")
        let keyring = try await folder.open()
        #expect(!keyring.publishedIDs.contains("orphan"))
        try expectWorking(keyring, "after the crash")
        try await keyring.stage(.tokenES256)
        #expect(try !folder.files().contains("token-es256-orphan.pem"))
    }

    @Test("Crash while the manifest is written: half a `.new` beside the old one, which stays in force")
    func halfManifest() async throws {
        let folder = try await TestFolder()
        let before = try folder.read("manifest.json")
        try folder.write(String(before.prefix(before.count / 2)), to: "manifest.json.new")
        let keyring = try await folder.open()
        try expectWorking(keyring, "after the crash")
        #expect(try await !keyring.refresh())
        try await keyring.stage(.tokenES256)
        #expect(try !folder.files().contains("manifest.json.new"))
        try expectWorking(try await folder.open(), "after the next change, opened anew")
    }

    @Test("Crash between the manifest and the deletion: the file of a retired key is there and means nothing")
    func undeletedKey() async throws {
        let folder = try await TestFolder()
        let keyring = try await folder.open()
        let old = try #require(keyring.key(.tokenES256, .current))
        let file = try folder.read(old.fileName)
        let token = try keyring.snapshot.signToken(["a": 1], .es256)
        try await keyring.revoke(old.id, reason: "stolen")
        try folder.write(file, to: old.fileName)
        let again = try await folder.open()
        #expect(!holds(token, again.snapshot.published))
        try expectWorking(again, "after the crash")
        try await again.stage(.tokenES256)
        #expect(try !folder.files().contains(old.fileName), "swept by the next change")
    }

    @Test("Crash while the first keyring is made: without a manifest there is none, and it is made anew")
    func halfCreation() async throws {
        let folder = try await TestFolder()
        try FileManager.default.removeItem(atPath: folder.file("manifest.json"))
        await #expect(throws: KeyringError(.missing, "")) { try await folder.open() }
        let keyring = try await folder.open(creating: true)
        try expectWorking(keyring, "made anew")
        try await keyring.stage(.tokenES256)
        let pems = try folder.files().filter { $0.hasSuffix(".pem") }
        #expect(pems == Set(keyring.snapshot.records.map(\.fileName)))
    }

    @Test("The key file cannot be written: the step fails, the old keys go on")
    func keyCannotBeWritten() async throws {
        let folder = try await TestFolder()
        let keyring = try await folder.open(random: Fixed(byte: 7))
        let name = "token-es256-\(Base64URL.encode([UInt8](repeating: 7, count: 9))).pem"
        // A folder in the place of the file that is written aside: fails for every user, root too.
        try FileManager.default.createDirectory(atPath: folder.file(name + ".new"), withIntermediateDirectories: false)
        let before = try folder.read("manifest.json")
        await #expect(throws: KeyringError(.fileFailure, "")) { try await keyring.stage(.tokenES256) }
        #expect(try folder.read("manifest.json") == before)
        #expect(keyring.states(.tokenES256) == [.current])
        try expectWorking(keyring, "after the failure")
        try FileManager.default.removeItem(atPath: folder.file(name + ".new"))
        await #expect(throws: Never.self) { try await keyring.stage(.tokenES256) }
    }

    @Test("The manifest cannot be written: the step fails, the old keys go on, here and for others")
    func manifestCannotBeWritten() async throws {
        let folder = try await TestFolder()
        let keyring = try await folder.open()
        try await keyring.stage(.tokenES256)
        let old = try #require(keyring.key(.tokenES256, .current))
        let before = try folder.read("manifest.json")
        try FileManager.default.createDirectory(
            atPath: folder.file("manifest.json.new"), withIntermediateDirectories: false)
        let steps: [() async throws -> Void] = [
            { try await keyring.rotate(.tokenES256, ignoringPublication: true) },
            { try await keyring.stage(.tokenEdDSA) },
            { try await keyring.revoke(old.id, reason: "x") },
        ]
        for step in steps {
            await #expect(throws: KeyringError(.fileFailure, "")) { try await step() }
            #expect(try folder.read("manifest.json") == before)
            #expect(keyring.key(.tokenES256, .current)?.id == old.id, "nothing signs by a key that is not written down")
            #expect(try folder.files().contains(old.fileName), "nothing is deleted before the manifest is written")
            try expectWorking(keyring, "after the failure")
            try expectWorking(try await folder.open(), "opened anew after the failure")
        }
        try FileManager.default.removeItem(atPath: folder.file("manifest.json.new"))
        await #expect(throws: Never.self) { try await keyring.rotate(.tokenES256, ignoringPublication: true) }
    }

    @Test(
        "A folder that nobody may write: steps fail, the keys go on",
        .enabled(if: geteuid() != 0, "root may write anywhere"))
    func readOnlyFolder() async throws {
        let folder = try await TestFolder()
        let keyring = try await folder.open()
        try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder.path)
        defer { try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path) }
        await #expect(throws: KeyringError(.fileFailure, "")) { try await keyring.stage(.tokenES256) }
        try expectWorking(keyring, "after the failure")
    }

    @Test(
        "A manifest that is none of ours is refused",
        arguments: [
            "", "{", "[]", "null", "{\"version\":1}", "{\"version\":2,\"keys\":[]}", "{\"version\":1,\"keys\":[]}",
            "{\"version\":1,\"keys\":[{}]}", "{\"version\":1,\"keys\":{}}",
        ])
    func foreignManifest(text: String) async throws {
        let folder = try await TestFolder()
        let running = try await folder.open()
        try folder.write(text, to: "manifest.json")
        await #expect(throws: KeyringError(.damaged, "")) { try await folder.open() }
        await #expect(throws: KeyringError(.damaged, "")) { try await running.refresh() }
        await #expect(throws: KeyringError(.damaged, "")) { try await running.stage(.tokenES256) }
        try expectWorking(running, "a running server keeps the keys it has")
        #expect(try folder.read("manifest.json") == text, "the evidence is left alone")
    }

    @Test("A manifest changed by hand into something impossible is refused")
    func impossibleManifests() async throws {
        let names = try await TestFolder()
        let id = try #require(await names.open().key(.tokenES256, .current)).id
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
            let folder = try await TestFolder()
            let before = try folder.read("manifest.json")
            try folder.edit(edit)
            #expect(try folder.read("manifest.json") != before, "\(name): the edit took")
            await #expect(throws: KeyringError(.damaged, ""), "\(name)") { try await folder.open() }
        }
    }

    @Test("Two lines of one name are refused")
    func twoLinesOfOneName() async throws {
        let folder = try await TestFolder()
        let keyring = try await folder.open()
        let one = try #require(keyring.key(.tokenES256, .current)).id
        let two = try #require(keyring.key(.tokenEdDSA, .current)).id
        try folder.edit { $0.replacing(one, with: two) }
        await #expect(throws: KeyringError(.damaged, "")) { try await folder.open() }
    }

    @Test("Key files that are missing, unreadable, of another kind or of another passphrase")
    func badKeyFiles() async throws {
        let es256 = try #require(try await TestFolder().open().key(.tokenES256, .current)).fileName
        let otherKind = try PrivateKey.generate(.ed25519).encryptedPEM(passphrase: TestFolder.passphrase)
        let otherPassphrase = try PrivateKey.generate(.p256).encryptedPEM(passphrase: SecretBytes(utf8: "autre"))
        let publicHalf = try PrivateKey.generate(.p256).publicKey().pem()
        let cases: [(String, KeyringError.Code, [UInt8]?)] = [
            ("missing", .fileFailure, nil), ("empty", .damaged, []), ("noise", .damaged, [0, 1, 2, 255]),
            ("a public key", .damaged, publicHalf), ("another kind", .damaged, otherKind),
            ("another passphrase", .wrongPassphrase, otherPassphrase),
        ]
        for (name, code, content) in cases {
            let folder = try await TestFolder()
            let running = try await folder.open()
            if let content {
                try folder.write("", to: es256)
                try Data(content).write(to: URL(fileURLWithPath: folder.file(es256)))
            } else {
                try FileManager.default.removeItem(atPath: folder.file(es256))
            }
            await #expect(throws: KeyringError(code, ""), "\(name)") { try await folder.open() }
            let manifest = try folder.read("manifest.json")
            await #expect(throws: KeyringError.self, "\(name)") { try await running.stage(.tokenEdDSA) }
            #expect(try folder.read("manifest.json") == manifest, "\(name): nothing is written that cannot be loaded")
            try expectWorking(running, "a running server keeps the keys it has")
        }
    }

    @Test("A wrong or empty passphrase opens nothing, and its words say what to do")
    func wrongPassphrase() async throws {
        let folder = try await TestFolder()
        await #expect(throws: Never.self) { try await folder.open() }
        for text in ["", "x", "une phrase de pass"] {
            let error = await #expect(throws: KeyringError(.wrongPassphrase, "")) {
                try await folder.open(passphrase: SecretBytes(utf8: text))
            }
            #expect(error?.reason.contains("passphrase") == true)
            if text.count > 1 { #expect(error?.reason.contains(text) == false) }
        }
        await #expect(throws: KeyringError(.wrongPassphrase, "")) {
            try await TestFolder(empty: true).open(passphrase: SecretBytes([]), creating: true)
        }
    }

    @Test("The folder vanishes under a running server: it keeps signing, and says so")
    func folderGone() async throws {
        let folder = try await TestFolder()
        let keyring = try await folder.open()
        try FileManager.default.removeItem(atPath: folder.path)
        await #expect(throws: KeyringError(.missing, "")) { try await keyring.refresh() }
        await #expect(throws: KeyringError(.missing, "")) { try await keyring.stage(.tokenES256) }
        try expectWorking(keyring, "from memory")
        await #expect(throws: KeyringError(.missing, "")) { try await folder.open() }
    }

    @Test("KEY-01: nothing private stands in the clear: not in the manifest, not in what is published, not in a file")
    func nothingInTheClear() async throws {
        let folder = try await TestFolder()
        let keyring = try await folder.open()
        try await keyring.stage(.tokenRS256)
        let published = String(decoding: keyring.snapshot.publishedJSON, as: UTF8.self)
        for key in try #require(try JSONValue(parsing: keyring.snapshot.publishedJSON)["keys"]?.array) {
            let members = try #require(key.object)
            #expect(Set(members.keys).isDisjoint(with: ["d", "p", "q", "dp", "dq", "qi", "k"]))
        }
        #expect(try JWKSet(parsing: keyring.snapshot.publishedJSON).keys.count == 5)
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
        let fresh = try await TestFolder(empty: true)
        _ = try await fresh.open(creating: true)
        let mode = try FileManager.default.attributesOfItem(atPath: fresh.path)[.posixPermissions] as? Int
        #expect(mode == 0o700)
    }
}
