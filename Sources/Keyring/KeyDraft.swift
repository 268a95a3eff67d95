import Clocks
import Cryptography
import Synchronization

/// A key that was made and that no manifest names yet.
struct SpareKey: Sendable {
    let id: String
    let encrypted: [UInt8]
}

/// Makes keys, and keeps those that came to nothing because somebody else was first or the vault failed: while a step
/// cannot be written, trying it again costs no new RSA key.
final class KeyMaker: Sendable {
    private let passphrase: SecretBytes
    private let random: any RandomSource
    private let spares = Mutex<[KeyUse: SpareKey]>([:])

    init(passphrase: SecretBytes, random: any RandomSource) {
        self.passphrase = passphrase
        self.random = random
    }

    /// A key for `use` that `isKnown` does not know.
    func key(_ use: KeyUse, unless isKnown: (String) -> Bool) throws -> SpareKey {
        // A change that was thought to have failed may have been made after all, and the spare with it.
        if let spare = spares.withLock({ $0.removeValue(forKey: use) }), !isKnown(spare.id) { return spare }
        return SpareKey(
            id: Self.name(random), encrypted: try PrivateKey.generate(use.keyKind).encryptedPEM(passphrase: passphrase))
    }

    /// A fresh name. An operator types it: one that begins with a dash would be taken for an option.
    static func name(_ random: any RandomSource) -> String {
        while true {
            let name = Base64URL.encode(random.bytes(9))
            if !name.hasPrefix("-") { return name }
        }
    }

    /// Takes back what was not used.
    func keep(_ keys: [KeyUse: SpareKey]) {
        spares.withLock { $0.merge(keys) { _, newer in newer } }
    }
}

/// A change of the keys while it is decided: nobody knows of it until a vault has taken it.
struct KeyDraft: Sendable {
    /// The manifest as it is to be.
    var manifest: Manifest
    /// The keys made for it.
    private(set) var made: [KeyUse: SpareKey] = [:]
    private let before: Manifest
    private let held: [String: [UInt8]]
    private let maker: KeyMaker
    private let clock: any WallClock

    /// A change of what a vault holds; of nothing for the first keys.
    init(_ contents: KeyVaultContents?, maker: KeyMaker, clock: any WallClock) throws {
        manifest = try contents.map { contents throws in try Manifest(parsing: contents.manifest) } ?? Manifest()
        before = manifest
        held = contents?.files ?? [:]
        self.maker = maker
        self.clock = clock
    }

    /// Whether there is anything to write.
    var isChange: Bool { manifest != before }

    /// The files to add, by name.
    var added: [String: [UInt8]] {
        Dictionary(
            uniqueKeysWithValues: made.map { use, key in (KeyRecord.fileName(use, key.id), key.encrypted) })
    }

    /// Every file that there will be, and perhaps some that no line names.
    var files: [String: [UInt8]] { held.merging(added) { _, new in new } }

    /// The files that no line names any more: those of retired keys, and what a crash has left in a folder.
    var removed: [String] {
        let live = Set(manifest.live.map(\.fileName))
        return held.keys.filter { !live.contains($0) }.sorted()
    }

    /// Makes a next key.
    @discardableResult
    mutating func stage(_ use: KeyUse) throws -> KeyRecord {
        // Before the costly making of a key.
        try manifest.checkStageable(use)
        let key = try maker.key(use) { id in
            manifest.keys.contains { $0.id == id } || held[KeyRecord.fileName(use, id)] != nil
        }
        let record = KeyRecord(
            id: key.id, use: use, state: .next, stagedAt: clock.now(), activatedAt: nil, supersededAt: nil,
            retireAfter: nil, retiredAt: nil, revocation: nil)
        made[use] = key
        try manifest.stage(record)
        return record
    }

    /// Makes the first key of each use, signing at once.
    mutating func makeFirst() throws {
        for use in KeyUse.allCases { try makeFirst(use) }
    }

    /// Makes the first key of a use, signing at once, unless there is one: another node may have been here first.
    ///
    /// - Returns: whether it was made.
    @discardableResult
    mutating func makeFirst(_ use: KeyUse) throws -> Bool {
        guard manifest.key(use, .current) == nil else { return false }
        try stage(use)
        try manifest.activateFirst(use)
        return true
    }
}
