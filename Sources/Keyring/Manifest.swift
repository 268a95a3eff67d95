import Clocks
import Foundation

/// The manifest of a keyring: every key, in the order in which they were made, those of later uses last.
///
/// Nodes of two versions share it while they are brought up to date one by one. What an older one does not know stands where
/// it does not look: it reads the rest, and when it writes, that is lost and made again by the next newer one.
struct Manifest: Sendable, Hashable {
    static let currentVersion = 1

    var version = Self.currentVersion
    var keys: [KeyRecord] = []

    init() {}

    /// Reads the manifest and checks that it is one we could have written.
    init(parsing bytes: [UInt8]) throws(KeyringError) {
        do {
            self = try JSONDecoder().decode(Manifest.self, from: Data(bytes))
        } catch {
            throw KeyringError(
                .damaged, "the manifest of the keys is not readable JSON of ours: put the keys back from a backup")
        }
        guard version == Self.currentVersion else {
            throw KeyringError(.damaged, "the manifest of the keys was written by another version of Loge")
        }
        for use in Set(keys.map(\.use)) {
            let own = keys.filter { $0.use == use }
            guard own.count(where: { $0.state == .current }) == 1, own.count(where: { $0.state == .next }) <= 1 else {
                throw KeyringError(.damaged, "the manifest does not name exactly one current key for \(use.rawValue)")
            }
        }
        guard Set(keys.map(\.id)).count == keys.count else {
            throw KeyringError(.damaged, "the manifest names two keys alike")
        }
        // A name that could lead out of a folder is none of ours.
        let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        guard keys.allSatisfy({ !$0.id.isEmpty && $0.id.count <= 64 && $0.id.allSatisfy(allowed.contains) }) else {
            throw KeyringError(.damaged, "the manifest names a key in a way that Loge does not")
        }
    }

    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return Array(try encoder.encode(self)) + [0x0A]
    }

    /// The keys whose private halves are kept.
    var live: [KeyRecord] { keys.filter { $0.state != .retired } }

    func key(_ use: KeyUse, _ state: KeyState) -> KeyRecord? {
        keys.first { $0.use == use && $0.state == state }
    }

    func index(of id: String) throws(KeyringError) -> Int {
        guard let index = keys.firstIndex(where: { $0.id == id }) else {
            throw KeyringError(.unknownKey, "there is no key \(id): see `loge keys list`")
        }
        return index
    }

    // MARK: Steps. Each is one change of state, complete or refused.

    func checkStageable(_ use: KeyUse) throws(KeyringError) {
        guard use.rotates || key(use, .current) == nil else {
            throw KeyringError(.notNow, "\(use.rawValue) never rotates: another key would change every subject")
        }
        guard key(use, .next) == nil else {
            throw KeyringError(.notNow, "\(use.rawValue) has a next key already: rotate, or retire that one")
        }
    }

    mutating func stage(_ record: KeyRecord) throws(KeyringError) {
        try checkStageable(record.use)
        let place = record.use.isLater ? nil : keys.firstIndex { $0.use.isLater }
        keys.insert(record, at: place ?? keys.endIndex)
    }

    /// Lets the first key of a use sign at once: nobody's cache can be without it.
    mutating func activateFirst(_ use: KeyUse) throws(KeyringError) {
        guard let next = key(use, .next), key(use, .current) == nil else {
            throw KeyringError(.notNow, "\(use.rawValue) has a current key")
        }
        let index = try index(of: next.id)
        keys[index].state = .current
        keys[index].activatedAt = next.stagedAt
    }

    mutating func rotate(
        _ use: KeyUse, policy: KeyPolicy, ignoringPublication: Bool, now: Instant
    ) throws(KeyringError) {
        guard let next = key(use, .next) else {
            throw KeyringError(.notNow, "\(use.rawValue) has no next key: stage one first")
        }
        let due = next.stagedAt + policy.publishBefore
        guard now >= due || ignoringPublication else {
            throw KeyringError(
                .notNow, "the next key of \(use.rawValue) may sign from \(due.rfc3339) on, when no cache is without it")
        }
        supersede(use, policy: policy, now: now)
        let index = try index(of: next.id)
        keys[index].state = .current
        keys[index].activatedAt = now
    }

    private mutating func supersede(_ use: KeyUse, policy: KeyPolicy, now: Instant) {
        for index in keys.indices where keys[index].use == use && keys[index].state == .current {
            keys[index].state = .retiring
            keys[index].supersededAt = now
            keys[index].retireAfter = now + policy.keepAfter
        }
    }

    mutating func retire(_ id: String, ignoringLifetime: Bool, now: Instant) throws(KeyringError) {
        let index = try index(of: id)
        switch keys[index].state {
        case .current:
            throw KeyringError(.notNow, "\(id) is the current key: rotate first, or revoke it")
        case .retired:
            throw KeyringError(.notNow, "\(id) is retired already")
        case .retiring:
            if let after = keys[index].retireAfter, now < after, !ignoringLifetime {
                throw KeyringError(
                    .notNow, "what \(id) signed may live until \(after.rfc3339): retire it then, or force")
            }
        case .next: break
        }
        keys[index].state = .retired
        keys[index].retiredAt = now
    }

    /// Takes a key out at once. A current one must have been superseded in the same change.
    mutating func revoke(_ id: String, reason: String, now: Instant) throws(KeyringError) {
        let index = try index(of: id)
        guard keys[index].state != .current else {
            throw KeyringError(.notNow, "\(id) is the current key and nothing replaces it")
        }
        keys[index].state = .retired
        keys[index].retiredAt = now
        keys[index].revocation = reason
    }
}
