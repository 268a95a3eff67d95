import Clocks
import Cryptography
import Foundation
import LogeTesting
import OpenIDConnectIssuer
import Settings
import SignOn
import Stores
import Synchronization
import Testing

@Suite("The file of a relying party")
struct ClientSettingsTests {
    static let good = """
        client_id: ent
        client_name: ENT
        client_secret: 0123456789abcdef
        redirect_uris: [https://ent.exemple.org/callback]
        scope: openid profile

        """

    private func client(_ yaml: String) throws -> Client {
        try SettingsFile.read(text: yaml, name: "ent.yaml") { try Client($0) }.value
    }

    @Test("the shortest file gives the strictest client")
    func defaults() throws {
        let client = try client(Self.good)
        #expect(client.requiresPKCE)
        #expect(client.idTokenAlgorithm == .es256)
        #expect(client.subjectType == .pairwise)
        #expect(client.authenticationMethod == .clientSecretBasic)
        #expect(client.sector == "ent.exemple.org")
        #expect(client.postLogoutRedirectURIs.isEmpty)
        #expect(client.secretHashes.count == 1)
    }

    @Test(
        "each mistake is refused in words",
        arguments: [
            ("client_id: ent\n", "", "client_id"), ("client_id: ent", "client_id: \"a b\"", "client_id"),
            ("client_id: ent", "client_id: \"é\"", "client_id"), ("client_id: ent", "client_id: \"\"", "client_id"),
            ("client_name: ENT\n", "", "client_name"), ("client_secret: 0123456789abcdef\n", "", "client_secret"),
            ("0123456789abcdef", "0123456789abcde", "too short"),
            ("client_secret: 0123456789abcdef", "client_secret: \"\"", "client_secret"),
            ("client_secret: 0123456789abcdef", "client_secret_sha256: abc", "64 hexadecimal"),
            ("client_secret: 0123456789abcdef", "client_secret_file: /nulle/part", "/nulle/part"),
            ("[https://ent.exemple.org/callback]", "[]", "redirect_uris"),
            ("redirect_uris: [https://ent.exemple.org/callback]\n", "", "redirect_uris"),
            ("scope: openid profile", "scope: profile", "openid"),
            ("scope: openid profile", "scope: openid admin", "There is no scope admin"),
            ("scope: openid profile", "id_token_signed_response_alg: none", "one of RS256, PS256, ES256, EdDSA"),
            ("scope: openid profile", "id_token_signed_response_alg: HS256", "one of RS256"),
            ("scope: openid profile", "id_token_signed_response_alg: PS384", "one of RS256"),
            ("scope: openid profile", "token_endpoint_auth_method: nONe", "client_secret_basic"),
            ("scope: openid profile", "subject_type: email", "pairwise"),
            ("scope: openid profile", "require_pkce: peut-être", "require_pkce"),
            ("scope: openid profile", "require_pcke: false", "require_pkce"),
            ("scope: openid profile", "grant_types: [password]", "grant_types"),
            ("scope: openid profile", "profiles: [eleve]", "National_ELV"),
            ("scope: openid profile", "schools: [123]", "is no UAI"),
            ("scope: openid profile", "claims: {nom: mot_de_passe}", "there is no attribute mot_de_passe"),
            ("scope: openid profile", "default_acr_values: [eidas3]", "refeds"),
            ("scope: openid profile", "default_max_age: demain", "default_max_age"),
            ("callback]", "callback, https://autre.exemple.net/callback]", "sector_identifier"),
        ])
    func refused(_ sample: (old: String, new: String, words: String)) throws {
        let yaml = Self.good.replacing(sample.old, with: sample.new, maxReplacements: 1)
        #expect(yaml != Self.good)
        let error = try #require(throws: SettingsError.self) { try client(yaml) }
        #expect("\(error)".contains(sample.words), "\(error)")
        #expect(!"\(error)".contains("0123456789abcde"), "a secret in an error")
    }

    @Test(
        "addresses that two readers could understand in two ways are not registered",
        arguments: [
            "http://ent.exemple.org/callback", "https://ent.exemple.org/callback#x", "https://ENT.exemple.org/callback",
            "ent.exemple.org/callback",
            "https://ent.exemple.org\\@evil.net/", "https://u@ent.exemple.org/", "javascript:alert(1)",
            "https://ent.exemple.org/a b",
            "https://ent.exemple.org:99999/", "https://ent.exemple.org/é", "//ent.exemple.org/", "/callback", "data:x",
            "https:///x",
            "https://ent.exemple.org/<x>", "https://*.exemple.org/callback", "http://10.0.0.1/callback",
            "com.exemple.app://callback",
        ])
    func addresses(_ address: String) {
        let yaml = Self.good.replacing("[https://ent.exemple.org/callback]", with: "\n  - '\(address)'")
        #expect(throws: SettingsError.self) { try client(yaml) }
    }

    @Test(
        "addresses that are registered",
        arguments: [
            "https://ent.exemple.org", "https://ent.exemple.org/", "https://ent.exemple.org:8443/x?y=z",
            "http://localhost:8403/callback",
            "http://127.0.0.1:9000/cb", "http://[::1]:9000/cb", "https://ent.exemple.org/*",
        ])
    func goodAddresses(_ address: String) throws {
        let yaml = Self.good.replacing("[https://ent.exemple.org/callback]", with: "\n  - '\(address)'")
        #expect(try client(yaml).redirectURIs == [address])
    }
}

/// A database of relying parties that can be out of reach.
final class InterruptedParties: RelyingPartyStore {
    private let state = Mutex<(isDown: Bool, revision: Int64, files: [String: String])>((false, 0, [:]))

    var isDown: Bool {
        get { state.withLock { $0.isDown } }
        set { state.withLock { $0.isDown = newValue } }
    }

    private func reached<Value: Sendable>(
        _ body: (inout (isDown: Bool, revision: Int64, files: [String: String])) -> Value
    ) throws -> Value {
        try state.withLock { state in
            guard !state.isDown else { throw StoreError(.unavailable, "out of reach") }
            return body(&state)
        }
    }

    func revision() async throws -> Int64 { try reached { $0.revision } }

    func files() async throws -> [RelyingPartyFile] {
        try reached { state in
            state.files.sorted { $0.key < $1.key }.map { name, content in
                RelyingPartyFile(name: name, content: content, changedAt: Instant(secondsSinceEpoch: 0))
            }
        }
    }

    func put(_ name: String, content: String, now: Instant) async throws {
        try reached { state in
            state.files[name] = content
            state.revision += 1
        }
    }

    func remove(_ name: String) async throws -> Bool {
        try reached { state in
            state.revision += 1
            return state.files.removeValue(forKey: name) != nil
        }
    }
}

@Suite("The relying parties in the database")
struct SharedClientRegistryTests {
    @Test("files are taken up and dropped when the number of the change grows")
    func changes() async throws {
        let store = InterruptedParties()
        let registry = ClientRegistry(.database, store: store)
        #expect(await registry.refresh() == [])
        let now = Instant(secondsSinceEpoch: 0)
        try await store.put("ent.yaml", content: ClientSettingsTests.good, now: now)
        #expect(await registry.refresh() == ["ent.yaml: client ent taken up"])
        #expect(await registry.refresh() == [])
        try await store.put("ent.yaml", content: "client_id: [", now: now)
        #expect(await registry.refresh().count == 1)
        #expect(registry.client("ent") != nil, "the last good state stays")
        #expect(registry.problems.count == 1)
        _ = try await store.remove("ent.yaml")
        #expect(await registry.refresh() == ["ent.yaml: removed"])
        #expect(registry.client("ent") == nil)
        #expect(registry.problems == [])
    }

    @Test("a database out of reach takes nothing away, is told once, and is forgotten when it is back")
    func outage() async throws {
        let store = InterruptedParties()
        let registry = ClientRegistry(.database, store: store)
        try await store.put("ent.yaml", content: ClientSettingsTests.good, now: Instant(secondsSinceEpoch: 0))
        await registry.refresh()
        store.isDown = true
        #expect(await registry.refresh().count == 1)
        #expect(await registry.refresh() == [])
        #expect(registry.problems.count == 1)
        #expect(registry.client("ent") != nil)
        store.isDown = false
        // Nothing has changed meanwhile: the node is ready again all the same.
        await registry.refresh()
        #expect(registry.problems == [])
    }
}

@Suite("The folder of the relying parties")
struct ClientRegistryTests {
    /// A folder that is gone after the test.
    private func withFolder(_ body: (String, ClientRegistry) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "loge-parties-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder, ClientRegistry(.folder(folder), store: nil))
    }

    private func write(_ id: String, _ name: String, _ folder: String, _ extra: String = "") throws {
        let yaml = """
            client_id: \(id)
            client_name: \(name)
            client_secret: 0123456789abcdef
            redirect_uris: [https://ent.exemple.org/callback]
            \(extra)
            """
        try yaml.write(toFile: "\(folder)/\(id).yaml", atomically: true, encoding: .utf8)
    }

    @Test("a file is taken up, changed, removed, while the server runs")
    func life() async throws {
        try await withFolder { folder, registry in
            #expect(await registry.refresh().isEmpty)
            try write("ent", "Un", folder)
            #expect(await registry.refresh() == ["ent.yaml: client ent taken up"])
            #expect(registry.client("ent")?.party.name == "Un")
            #expect(await registry.refresh().isEmpty)
            try write("ent", "Deux", folder)
            #expect(await registry.refresh().count == 1)
            #expect(registry.client("ent")?.party.name == "Deux")
            try FileManager.default.removeItem(atPath: folder + "/ent.yaml")
            #expect(await registry.refresh() == ["ent.yaml: removed"])
            #expect(registry.client("ent") == nil)
            #expect(registry.all.isEmpty)
        }
    }

    @Test("a file that cannot be read any more keeps its last good state, and says so once")
    func lastGood() async throws {
        try await withFolder { folder, registry in
            try write("ent", "Un", folder)
            try write("autre", "Autre", folder)
            await registry.refresh()
            try write("ent", "Deux", folder, "clef_inconnue: x")
            let lines = await registry.refresh()
            #expect(lines.count == 1)
            #expect(lines.first?.contains("ent.yaml:5: unknown key") == true)
            #expect(registry.problems == lines)
            #expect(registry.client("ent")?.party.name == "Un")
            #expect(registry.client("autre") != nil)
            #expect(await registry.refresh().isEmpty)
            try write("ent", "Trois", folder)
            await registry.refresh()
            #expect(registry.client("ent")?.party.name == "Trois")
            #expect(registry.problems.isEmpty)
        }
    }

    @Test("a folder that cannot be read takes nothing away")
    func missingFolder() async throws {
        try await withFolder { folder, registry in
            try write("ent", "Un", folder)
            await registry.refresh()
            try FileManager.default.moveItem(atPath: folder, toPath: folder + "-away")
            #expect(await registry.refresh().count == 1)
            #expect(registry.client("ent") != nil)
            try FileManager.default.moveItem(atPath: folder + "-away", toPath: folder)
            await registry.refresh()
            #expect(registry.problems.isEmpty)
        }
    }

    @Test("one identifier in two files: the first stays, and the operator is told")
    func doubled() async throws {
        try await withFolder { folder, registry in
            try write("ent", "Un", folder)
            try FileManager.default.copyItem(atPath: folder + "/ent.yaml", toPath: folder + "/zzz.yaml")
            #expect(await registry.refresh().contains { $0.contains("stands in another file too") })
            #expect(registry.all.count == 1)
            try FileManager.default.removeItem(atPath: folder + "/ent.yaml")
            await registry.refresh()
            #expect(registry.all.count == 1)
            #expect(registry.problems.isEmpty)
        }
    }

    @Test("a secret in a file of its own is watched too, and two secrets live side by side")
    func secrets() async throws {
        try await withFolder { folder, registry in
            let secret = folder + "/ent.secret"
            try "secret-of-the-first-year".write(toFile: secret, atomically: true, encoding: .utf8)
            let yaml = """
                client_id: ent
                client_name: ENT
                client_secret_file: \(secret)
                next_client_secret: secret-of-the-second-year
                redirect_uris: [https://ent.exemple.org/callback]
                """
            try yaml.write(toFile: folder + "/ent.yaml", atomically: true, encoding: .utf8)
            await registry.refresh()
            let first = try #require(registry.client("ent")).secretHashes
            #expect(
                first == [
                    SecretHash(of: "secret-of-the-first-year").bytes, SecretHash(of: "secret-of-the-second-year").bytes,
                ])
            try "secret-of-the-third-year!".write(toFile: secret, atomically: true, encoding: .utf8)
            #expect(await registry.refresh().count == 1)
            #expect(
                try #require(registry.client("ent")).secretHashes.first
                    == SecretHash(of: "secret-of-the-third-year!").bytes)
        }
    }

    @Test("other files, hidden files and folders are left alone")
    func otherFiles() async throws {
        try await withFolder { folder, registry in
            for name in [".cache.yaml", "LISEZMOI.md", "ent.yaml~", "ent.yaml.new", "ent.yml"] {
                try "nonsense".write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
            }
            #expect(await registry.refresh().isEmpty)
            #expect(registry.all.isEmpty)
        }
    }
}
