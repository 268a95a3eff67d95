public import Clocks
public import Cryptography

/// The keys of one node, read from a vault that others may share: this server, other nodes, the command line.
///
/// Owns the states of the keys and the one snapshot that everybody signs, seals and publishes from. Does not know what is
/// signed, nor where the keys lie. A change made by somebody else is taken up by ``refresh()``, which ``KeyringService``
/// calls every second.
public final class Keyring: Sendable {
    /// How often a change is decided anew when others were first: each time, one of them has come through.
    private static let tries = 20

    private let vault: any KeyVault
    private let passphrase: SecretBytes
    private let policies: KeyPolicies
    private let clock: any WallClock
    private let maker: KeyMaker
    private let memory: KeyringMemory
    private let changes = Turnstile()

    /// The keys as they stand now. Take it once for one answer, and everything in that answer fits together.
    public var snapshot: KeyringSnapshot { memory.snapshot }

    private init(
        _ vault: any KeyVault, _ passphrase: SecretBytes, _ policies: KeyPolicies, _ clock: any WallClock,
        _ maker: KeyMaker, _ memory: KeyringMemory
    ) {
        self.vault = vault
        self.passphrase = passphrase
        self.policies = policies
        self.clock = clock
        self.maker = maker
        self.memory = memory
    }

    /// Opens the keyring in `vault`.
    ///
    /// - Parameters:
    ///   - passphrase: opens the keys.
    ///   - policies: how keys follow one another.
    ///   - creating: makes a keyring with a first key of each use when there is none.
    /// - Throws: ``KeyringError``.
    public static func open(
        _ vault: any KeyVault, passphrase: SecretBytes, policies: KeyPolicies = .standard, creating: Bool = false,
        clock: any WallClock, random: any RandomSource
    ) async throws -> Keyring {
        guard passphrase.count > 0 else {
            throw KeyringError(.wrongPassphrase, "the passphrase of the keys is empty: give one in the configuration")
        }
        let maker = KeyMaker(passphrase: passphrase, random: random)
        var held = try await vault.contents()
        if held == nil, creating {
            let first = try await onOwnThread {
                var draft = try KeyDraft(nil, maker: maker, clock: clock)
                try draft.makeFirst()
                return draft
            }
            // When another node was first, its keys hold and these are forgotten.
            _ = try await vault.replace(nil, manifest: try first.manifest.encoded(), adding: first.added, removing: [])
            held = try await vault.contents()
        }
        guard let held else {
            throw KeyringError(
                .missing, "there are no keys in \(vault.place): make them with `loge keys stage --first`")
        }
        let place = vault.place
        let snapshot = try await onOwnThread { try KeyringSnapshot(held, passphrase: passphrase, place: place) }
        return Keyring(
            vault, passphrase, policies, clock, maker, KeyringMemory(snapshot, held.stamp, place: place))
    }

    /// Takes up what somebody else has changed in the vault. Keeps the present keys when the vault does not answer or holds
    /// what cannot be used, and throws, so that the operator learns of it and nobody's sign-in fails.
    ///
    /// - Returns: whether anything had changed.
    /// - Throws: ``KeyringError``.
    @discardableResult
    public func refresh() async throws -> Bool {
        let known = memory.known
        guard let stamp = try await vault.stamp() else { throw gone }
        guard stamp != known.stamp else { return false }
        let held = try await contents(since: known)
        let (passphrase, place) = (passphrase, vault.place)
        let snapshot = try await onOwnThread { try KeyringSnapshot(held, passphrase: passphrase, place: place) }
        return memory.takeUp(snapshot, held.stamp, since: known)
    }

    // MARK: Steps

    /// Makes a next key, which is published from now on.
    ///
    /// - Throws: ``KeyringError`` `.notNow` when there is one already.
    @discardableResult
    public func stage(_ use: KeyUse) async throws -> KeyRecord {
        // There is no next key of a use without a current one.
        if KeyUse.missing(in: snapshot.records).contains(use) { try await complete() }
        return try await change { draft in
            guard !KeyUse.missing(in: draft.manifest.keys).contains(use) else {
                throw KeyringError(.notNow, "\(use.rawValue) has no first key yet: try again")
            }
            return try draft.stage(use)
        }
    }

    /// Lets the next key sign, and the current one retire.
    ///
    /// - Parameter ignoringPublication: also when caches may still be without the next key: applications that do not fetch
    ///   the key set again at an unknown `kid` then refuse people until their cache expires.
    /// - Throws: ``KeyringError`` `.notNow` when there is no next key, or it has not been published long enough.
    public func rotate(_ use: KeyUse, ignoringPublication: Bool = false) async throws {
        try await change { [policies, clock] draft in
            try draft.manifest.rotate(
                use, policy: policies[use], ignoringPublication: ignoringPublication, now: clock.now())
        }
    }

    /// Takes a retiring key (or a next one that is not wanted) out.
    ///
    /// - Parameter ignoringLifetime: also when something that it signed may still live.
    /// - Throws: ``KeyringError`` `.notNow` or `.unknownKey`.
    public func retire(_ id: String, ignoringLifetime: Bool = false) async throws {
        try await change { [clock] draft in
            try draft.manifest.retire(id, ignoringLifetime: ignoringLifetime, now: clock.now())
        }
    }

    /// Takes a key out at once, whatever it signed. A current one is replaced in the same step, by its next key or a fresh
    /// one.
    ///
    /// - Throws: ``KeyringError`` `.notNow` for the key of the subjects, `.unknownKey`.
    public func revoke(_ id: String, reason: String) async throws {
        try await change { [policies, clock] draft in
            let record = draft.manifest.keys[try draft.manifest.index(of: id)]
            if record.state == .current {
                if draft.manifest.key(record.use, .next) == nil { try draft.stage(record.use) }
                try draft.manifest.rotate(
                    record.use, policy: policies[record.use], ignoringPublication: true, now: clock.now())
            }
            try draft.manifest.revoke(id, reason: reason, now: clock.now())
        }
    }

    /// Makes the first keys of the uses that are younger than the keyring, signing at once. Of several nodes that do so at
    /// once, one comes first and the others take up its keys.
    ///
    /// - Returns: the uses that this call made keys for.
    /// - Throws: ``KeyringError``; the keys in memory serve all other uses all the same.
    @discardableResult
    public func complete() async throws -> [KeyUse] {
        guard !KeyUse.missing(in: snapshot.records).isEmpty else { return [] }
        let made = try await change { draft in
            try KeyUse.missing(in: draft.manifest.keys).filter { try draft.makeFirst($0) }
        }
        if made.isEmpty { try await refresh() }
        return made
    }

    /// Does what the schedule asks for now: stages, rotates, retires, and makes what is missing. Several nodes may call it
    /// at once: one of them does it.
    ///
    /// - Returns: a line in plain words for each step done.
    /// - Throws: ``KeyringError``.
    public func advance() async throws -> [String] {
        guard !policies.stepsDue(snapshot.records, now: clock.now()).isEmpty else { return [] }
        return try await change { [policies, clock] draft in
            // Asked again of what the vault holds: another node may have been here first.
            let now = clock.now()
            return try policies.stepsDue(draft.manifest.keys, now: now).map { step in
                try draft.take(step, policies: policies, now: now)
            }
        }
    }

    // MARK: Changing

    private var gone: KeyringError {
        KeyringError(.missing, "the keys are gone from \(vault.place): put them back from a backup")
    }

    private func contents(since known: KeyringMemory.Known) async throws -> KeyVaultContents {
        guard let held = try await vault.contents() else { throw gone }
        try memory.check(held.stamp, since: known)
        return held
    }

    /// One change: decided on what the vault holds, proved loadable, offered to the vault, taken up. When somebody else was
    /// first, decided anew on what they made of it.
    private func change<Result: Sendable>(
        _ decide: @escaping @Sendable (inout KeyDraft) throws -> Result
    ) async throws -> Result {
        // One change at a time in this process: they would only be in each other's way.
        try await changes.pass {
            for _ in 0..<Self.tries {
                let held = try await contents(since: memory.known)
                let (maker, clock, passphrase, place) = (maker, clock, passphrase, vault.place)
                let (result, draft, snapshot) = try await onOwnThread {
                    var draft = try KeyDraft(held, maker: maker, clock: clock)
                    let result = try decide(&draft)
                    // Nothing is offered that could not be loaded: what fails here leaves the old keys in force.
                    let snapshot = try KeyringSnapshot(
                        draft.manifest, files: draft.files, passphrase: passphrase, place: place)
                    return (result, draft, snapshot)
                }
                guard draft.isChange else { return result }
                if try await offer(draft, over: held, snapshot) { return result }
            }
            throw KeyringError(.contended, "others change the keys in \(vault.place) all the time: try again")
        }
    }

    private func offer(
        _ draft: KeyDraft, over held: KeyVaultContents, _ snapshot: KeyringSnapshot
    ) async throws -> Bool {
        let manifest = try draft.manifest.encoded()
        var isTaken = false
        defer { if !isTaken { maker.keep(draft.made) } }
        isTaken = try await memory.replacing(by: snapshot) {
            try await vault.replace(held, manifest: manifest, adding: draft.added, removing: draft.removed)
        }
        return isTaken
    }
}
