import Stores
import Testing

@testable import Keyring

/// A store of shared keys for tests: in memory, and as unreliable as it is told to be.
actor MemoryKeyStore: KeyStore {
    /// What goes wrong.
    enum Fault: Sendable {
        /// Nothing answers.
        case down
        /// Nothing can be written.
        case readOnly
        /// What is written is written, and the answer is lost.
        case answerLost
    }

    var held: StoredKeys?
    var fault: Fault?
    /// How often each was asked.
    private(set) var revisions = 0
    private(set) var readings = 0
    private(set) var replacements: [Bool] = []
    private var gathering: (count: Int, waiting: [CheckedContinuation<Void, Never>])?

    init(empty: Bool = false) async throws {
        guard !empty else { return }
        let fresh = try #require(try await KeysFolder(path: TestFolder.template.value).contents())
        held = StoredKeys(revision: 1, manifest: fresh.manifest, files: fresh.files)
    }

    func set(_ fault: Fault?) { self.fault = fault }

    func put(_ keys: StoredKeys?) { held = keys }

    /// Lets replacements wait until there are `count` of them.
    func gather(_ count: Int) { gathering = (count, []) }

    func revision() async throws -> Int64? {
        revisions += 1
        try check()
        return held?.revision
    }

    func keys() async throws -> StoredKeys? {
        readings += 1
        try check()
        return held
    }

    func replace(
        _ revision: Int64?, manifest: [UInt8], adding files: [String: [UInt8]], removing names: [String]
    ) async throws -> Int64? {
        await gathered()
        try check()
        guard fault != .readOnly else { throw StoreError(.cannotWrite, "read-only") }
        guard held?.revision == revision else {
            replacements.append(false)
            return nil
        }
        replacements.append(true)
        var all = held?.files ?? [:]
        for (name, content) in files {
            guard all.updateValue(content, forKey: name) == nil else { throw StoreError(.conflict, "key_files.name") }
        }
        for name in names { all[name] = nil }
        let made = StoredKeys(revision: (revision ?? 0) + 1, manifest: manifest, files: all)
        held = made
        guard fault != .answerLost else { throw StoreError(.unavailable, "the connection was cut") }
        return made.revision
    }

    private func gathered() async {
        guard let gathering else { return }
        guard gathering.waiting.count + 1 < gathering.count else {
            self.gathering = nil
            for waiting in gathering.waiting { waiting.resume() }
            return
        }
        await withCheckedContinuation { self.gathering?.waiting.append($0) }
    }

    private func check() throws {
        guard fault != .down else { throw StoreError(.unavailable, "no answer") }
    }
}
