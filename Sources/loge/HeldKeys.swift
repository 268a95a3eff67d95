import Keyring
import Stores
import Synchronization

/// Keys on their way from one place to another, still encrypted.
final class HeldKeys: KeyVault {
    let place: String
    private let held: Mutex<KeyVaultContents?>

    /// Keys that came from `place`.
    init(_ place: String, manifest: [UInt8], files: [String: [UInt8]]) {
        self.place = place
        held = Mutex(KeyVaultContents(stamp: KeyVaultStamp(revision: 1), manifest: manifest, files: files))
    }

    private init(_ place: String) {
        self.place = place
        held = Mutex(nil)
    }

    /// What is in `vault` now: the manifest and every live key that it names.
    static func taken(from vault: any KeyVault) async throws -> StoredKeys {
        let keys = HeldKeys("memory")
        try await Keyring.carry(from: vault, to: keys)
        guard let contents = try await keys.contents() else { throw Failure("no keys came from \(vault.place)") }
        return StoredKeys(revision: 1, manifest: contents.manifest, files: contents.files)
    }

    func stamp() async throws -> KeyVaultStamp? { held.withLock { $0?.stamp } }

    func contents() async throws -> KeyVaultContents? { held.withLock { $0 } }

    func replace(
        _ seen: KeyVaultContents?, manifest: [UInt8], adding files: [String: [UInt8]], removing names: [String]
    ) async throws -> KeyVaultStamp? {
        held.withLock { held in
            guard held == nil else { return nil }
            let stamp = KeyVaultStamp(revision: 1)
            held = KeyVaultContents(stamp: stamp, manifest: manifest, files: files)
            return stamp
        }
    }
}
