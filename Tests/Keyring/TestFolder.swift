import Clocks
import Cryptography
import Foundation
import JOSE
import Testing

@testable import Keyring

/// A keys folder of one test, on a disk, with a clock that stands still; deleted at the end.
final class TestFolder: Sendable {
    static let passphrase = SecretBytes(utf8: "une phrase de passe")
    static let start = Instant(secondsSinceEpoch: 1_788_242_400)

    let path: String
    let clock = ManualClock(TestFolder.start)

    /// Made once: RSA keys take their time.
    static let template = Task {
        let path = NSTemporaryDirectory() + "loge-keyring-\(UUID().uuidString)"
        _ = try await Keyring.open(
            KeysFolder(path: path), passphrase: passphrase, creating: true, clock: ManualClock(start),
            random: SystemRandom())
        return path
    }

    /// A folder with a fresh keyring, or an empty place for one.
    init(empty: Bool = false) async throws {
        path = NSTemporaryDirectory() + "loge-keyring-\(UUID().uuidString)"
        if !empty { try FileManager.default.copyItem(atPath: await Self.template.value, toPath: path) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func open(
        _ policies: KeyPolicies = .standard, passphrase: SecretBytes = TestFolder.passphrase, creating: Bool = false,
        random: any RandomSource = SystemRandom()
    ) async throws -> Keyring {
        try await Keyring.open(
            vault, passphrase: passphrase, policies: policies, creating: creating, clock: clock, random: random)
    }

    var vault: KeysFolder { KeysFolder(path: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func files() throws -> Set<String> { Set(try FileManager.default.contentsOfDirectory(atPath: path)) }

    func read(_ name: String) throws -> String {
        try String(contentsOfFile: file(name), encoding: .utf8)
    }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)))
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: file(name)) }

    /// Changes the manifest as text.
    func edit(_ change: (String) -> String) throws {
        try write(change(read("manifest.json")), to: "manifest.json")
    }
}

extension Keyring {
    /// The one key of that use in that state.
    func key(_ use: KeyUse, _ state: KeyState) -> KeyRecord? {
        let found = snapshot.records.filter { $0.use == use && $0.state == state }
        return found.count == 1 ? found.first : nil
    }

    func states(_ use: KeyUse) -> [KeyState] { snapshot.records.filter { $0.use == use }.map(\.state) }

    var publishedIDs: Set<String> { Set(snapshot.published.keys.compactMap(\.keyID)) }
}

/// Whether a token is accepted by somebody who holds this key set.
func holds(_ token: String, _ keys: JWKSet) -> Bool {
    do {
        _ = try UnverifiedJWS(compact: token).verified(
            by: keys, algorithms: Set(SignatureAlgorithm.allCases), types: [nil])
        return true
    } catch {
        return false
    }
}
