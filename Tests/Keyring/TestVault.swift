import Clocks
import Cryptography
import Testing

@testable import Keyring

/// What every test of the keys' life is run on.
enum VaultKind: String, CaseIterable, CustomTestStringConvertible {
    /// A folder of one machine.
    case folder
    /// A database that nodes share.
    case shared

    var testDescription: String { rawValue }
}

/// The keys of one test, in a vault of either kind, with a clock that stands still.
final class TestVault: Sendable {
    let vault: any KeyVault
    let clock: ManualClock
    /// The store behind a shared vault.
    let store: MemoryKeyStore?
    private let folder: TestFolder?

    /// A vault with fresh keys, or without.
    init(_ kind: VaultKind, empty: Bool = false) async throws {
        switch kind {
        case .folder:
            let folder = try await TestFolder(empty: empty)
            self.folder = folder
            store = nil
            (vault, clock) = (folder.vault, folder.clock)
        case .shared:
            folder = nil
            let store = try await MemoryKeyStore(empty: empty)
            self.store = store
            (vault, clock) = (SharedKeys(store), ManualClock(TestFolder.start))
        }
    }

    func open(
        _ policies: KeyPolicies = .standard, creating: Bool = false, random: any RandomSource = SystemRandom(),
        by way: (any KeyVault)? = nil
    ) async throws -> Keyring {
        try await Keyring.open(
            way ?? vault, passphrase: TestFolder.passphrase, policies: policies, creating: creating, clock: clock,
            random: random)
    }

    func manifest() async throws -> [UInt8] { try #require(try await vault.contents()).manifest }

    /// The names of the key files.
    func files() async throws -> Set<String> { Set(try #require(try await vault.contents()).files.keys) }
}
