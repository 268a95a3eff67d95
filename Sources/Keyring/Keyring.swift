public import Clocks
public import Cryptography
import Logging
import Synchronization

/// The keys of one node, read from a folder that several processes may share: this server, other nodes, the command line.
///
/// Owns the states of the keys and the one snapshot that everybody signs, seals and publishes from. Does not know what is
/// signed. A change made by another process is taken up by ``refresh()``, which ``KeyringService`` calls every second.
public final class Keyring: Sendable {
    private struct State {
        var snapshot: KeyringSnapshot
        var stamp: FileStamp?
    }

    private let folder: KeysFolder
    private let passphrase: SecretBytes
    private let policies: KeyPolicies
    private let clock: any WallClock
    private let random: any RandomSource
    private let state: Mutex<State>

    /// The keys as they stand now. Take it once for one answer, and everything in that answer fits together.
    public var snapshot: KeyringSnapshot { state.withLock { $0.snapshot } }

    /// Opens the keyring in `path`.
    ///
    /// - Parameters:
    ///   - path: the keys folder.
    ///   - passphrase: opens the key files.
    ///   - policies: how keys follow one another.
    ///   - creating: makes a keyring with a first key of each use when there is none.
    /// - Throws: ``KeyringError``.
    public init(
        at path: String, passphrase: SecretBytes, policies: KeyPolicies = .standard, creating: Bool = false,
        clock: any WallClock, random: any RandomSource
    ) throws {
        let folder = KeysFolder(path: path)
        guard passphrase.count > 0 else {
            throw KeyringError(.wrongPassphrase, "the passphrase of the keys is empty: give one in the configuration")
        }
        if !folder.exists {
            guard creating else {
                throw KeyringError(.missing, "there are no keys in \(path): make them with `loge keys stage --first`")
            }
            try folder.make()
            try folder.locked {
                // Another process may have made it while we waited for the lock.
                guard !folder.exists else { return }
                try Self.create(in: folder, passphrase: passphrase, clock: clock, random: random)
            }
        }
        self.folder = folder
        self.passphrase = passphrase
        self.policies = policies
        self.clock = clock
        self.random = random
        let stamp = folder.manifestStamp()
        let manifest = try Manifest(parsing: folder.read(KeysFolder.manifestName))
        state = Mutex(State(snapshot: try Self.load(manifest, from: folder, passphrase), stamp: stamp))
    }

    private static func create(
        in folder: KeysFolder, passphrase: SecretBytes, clock: any WallClock, random: any RandomSource
    ) throws {
        var manifest = Manifest()
        for use in KeyUse.allCases {
            var record = try makeKey(use, in: folder, passphrase: passphrase, clock: clock, random: random)
            record.state = .current
            record.activatedAt = record.stagedAt
            manifest.keys.append(record)
        }
        try folder.write(try manifest.encoded(), to: KeysFolder.manifestName)
    }

    /// Makes a key and writes it down; nobody knows of it until a manifest names it.
    private static func makeKey(
        _ use: KeyUse, in folder: KeysFolder, passphrase: SecretBytes, clock: any WallClock, random: any RandomSource
    ) throws -> KeyRecord {
        let record = KeyRecord(
            id: Base64URL.encode(random.bytes(9)), use: use, state: .next, stagedAt: clock.now(), activatedAt: nil,
            supersededAt: nil, retireAfter: nil, retiredAt: nil, revocation: nil)
        let key = try PrivateKey.generate(use.keyKind)
        try folder.write(try key.encryptedPEM(passphrase: passphrase), to: record.fileName)
        return record
    }

    private static func load(
        _ manifest: Manifest, from folder: KeysFolder, _ passphrase: SecretBytes
    ) throws -> KeyringSnapshot {
        try KeyringSnapshot(records: manifest.keys) { record in
            let pem = try folder.read(record.fileName)
            do {
                return try PrivateKey(encryptedPEM: pem, passphrase: passphrase)
            } catch let error as CryptographyError where error.code == .wrongPassphrase {
                throw KeyringError(
                    .wrongPassphrase, "the passphrase does not open \(folder.path)/\(record.fileName): check it")
            } catch {
                throw KeyringError(.damaged, "\(folder.path)/\(record.fileName) is not an encrypted PKCS#8 key")
            }
        }
    }

    /// Takes up what another process changed in the folder. Keeps the present keys when the folder cannot be read, and
    /// throws, so that the operator learns of it and nobody's sign-in fails.
    ///
    /// - Returns: whether anything had changed.
    /// - Throws: ``KeyringError``.
    @discardableResult
    public func refresh() throws -> Bool {
        let known = state.withLock { $0.stamp }
        guard let stamp = folder.manifestStamp() else {
            throw KeyringError(.missing, "the manifest of the keys is gone from \(folder.path)")
        }
        guard stamp != known else { return false }
        let manifest = try Manifest(parsing: folder.read(KeysFolder.manifestName))
        let snapshot = try Self.load(manifest, from: folder, passphrase)
        return state.withLock { state in
            // A change of our own that came in between is newer than what we read: a revoked key must not come back.
            guard state.stamp == known else { return false }
            state = State(snapshot: snapshot, stamp: stamp)
            return true
        }
    }

    // MARK: Steps

    /// Makes a next key, which is published from now on.
    ///
    /// - Throws: ``KeyringError`` `.notNow` when there is one already.
    @discardableResult
    public func stage(_ use: KeyUse) throws -> KeyRecord {
        try change { manifest in
            try Self.checkStageable(use, manifest)
            let record = try newKey(use)
            try manifest.stage(record)
            return record
        }
    }

    /// Lets the next key sign, and the current one retire.
    ///
    /// - Parameter ignoringPublication: also when caches may still be without the next key: applications that do not fetch
    ///   the key set again at an unknown `kid` then refuse people until their cache expires.
    /// - Throws: ``KeyringError`` `.notNow` when there is no next key, or it has not been published long enough.
    public func rotate(_ use: KeyUse, ignoringPublication: Bool = false) throws {
        try change { manifest in
            try manifest.rotate(use, policy: policies[use], ignoringPublication: ignoringPublication, now: clock.now())
        }
    }

    /// Takes a retiring key (or a next one that is not wanted) out.
    ///
    /// - Parameter ignoringLifetime: also when something that it signed may still live.
    /// - Throws: ``KeyringError`` `.notNow` or `.unknownKey`.
    public func retire(_ id: String, ignoringLifetime: Bool = false) throws {
        try change { try $0.retire(id, ignoringLifetime: ignoringLifetime, now: clock.now()) }
    }

    /// Takes a key out at once, whatever it signed. A current one is replaced in the same step, by its next key or a fresh
    /// one.
    ///
    /// - Throws: ``KeyringError`` `.notNow` for the key of the subjects, `.unknownKey`.
    public func revoke(_ id: String, reason: String) throws {
        try change { manifest in
            let record = manifest.keys[try manifest.index(of: id)]
            let now = clock.now()
            if record.state == .current {
                if manifest.key(record.use, .next) == nil {
                    try Self.checkStageable(record.use, manifest)
                    try manifest.stage(newKey(record.use))
                }
                try manifest.rotate(record.use, policy: policies[record.use], ignoringPublication: true, now: now)
            }
            try manifest.revoke(id, reason: reason, now: now)
        }
    }

    /// Does what the schedule asks for now: stages, rotates, retires. Several nodes may call it at once: one of them does it.
    ///
    /// - Returns: a line in plain words for each step done.
    /// - Throws: ``KeyringError``.
    public func advance() throws -> [String] {
        guard !stepsDue(snapshot.records, now: clock.now()).isEmpty else { return [] }
        return try change { manifest in
            var done: [String] = []
            // Asked again under the lock: another node may have been here first.
            for step in stepsDue(manifest.keys, now: clock.now()) {
                switch step {
                case .stage(let use):
                    let record = try newKey(use)
                    try manifest.stage(record)
                    done.append("staged \(record.id) for \(use.rawValue)")
                case .rotate(let use):
                    try manifest.rotate(use, policy: policies[use], ignoringPublication: false, now: clock.now())
                    done.append("rotated \(use.rawValue)")
                case .retire(let id):
                    try manifest.retire(id, ignoringLifetime: false, now: clock.now())
                    done.append("retired \(id)")
                }
            }
            return done
        }
    }

    private enum Step {
        case stage(KeyUse)
        case rotate(KeyUse)
        case retire(String)
    }

    private func stepsDue(_ records: [KeyRecord], now: Instant) -> [Step] {
        var steps: [Step] = []
        for use in KeyUse.allCases where use.rotates {
            guard let every = policies[use].rotateEvery,
                let since = records.first(where: { $0.use == use && $0.state == .current })?.activatedAt
            else { continue }
            let before = policies[use].publishBefore
            if let next = records.first(where: { $0.use == use && $0.state == .next }) {
                if now >= since + every, now >= next.stagedAt + before { steps.append(.rotate(use)) }
            } else if now >= since + every - before {
                steps.append(.stage(use))
            }
        }
        for record in records where record.state == .retiring {
            if let after = record.retireAfter, now >= after { steps.append(.retire(record.id)) }
        }
        return steps
    }

    private func newKey(_ use: KeyUse) throws -> KeyRecord {
        try Self.makeKey(use, in: folder, passphrase: passphrase, clock: clock, random: random)
    }

    private static func checkStageable(_ use: KeyUse, _ manifest: Manifest) throws(KeyringError) {
        // Before the costly making of a key, and before a file that nobody would name.
        var trial = manifest
        try trial.stage(
            KeyRecord(
                id: "trial", use: use, state: .next, stagedAt: Instant(secondsSinceEpoch: 0), activatedAt: nil,
                supersededAt: nil, retireAfter: nil, retiredAt: nil, revocation: nil))
    }

    /// One change of the manifest: read under the lock, changed, proved loadable, written by one rename, taken up.
    private func change<Result>(_ body: (inout Manifest) throws -> Result) throws -> Result {
        try folder.locked {
            var manifest = try Manifest(parsing: folder.read(KeysFolder.manifestName))
            let result = try body(&manifest)
            // Nothing is written that could not be loaded: a manifest that fails here leaves the old one in force.
            let snapshot = try Self.load(manifest, from: folder, passphrase)
            try folder.write(try manifest.encoded(), to: KeysFolder.manifestName)
            let stamp = folder.manifestStamp()
            state.withLock { $0 = State(snapshot: snapshot, stamp: stamp) }
            sweep(manifest)
            return result
        }
    }

    /// Deletes the files of retired keys, and those that a crash left without a line in the manifest.
    private func sweep(_ manifest: Manifest) {
        let live = Set(manifest.keys.filter { $0.state != .retired }.map(\.fileName))
        for name in folder.keyFiles() where !live.contains(name) { folder.remove(name) }
    }
}
