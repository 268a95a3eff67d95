import Synchronization

/// The keys that a node answers from, and the rule by which others take their place: never older ones. A revoked key must
/// not come back because a reading took long.
final class KeyringMemory: Sendable {
    /// What was in memory when a reading of the vault began.
    struct Known {
        /// Of what is in memory; `nil` when the vault has to be read whatever it says.
        let stamp: KeyVaultStamp?
        fileprivate let latest: KeyVaultStamp
        fileprivate let turn: Int
    }

    private struct State {
        var snapshot: KeyringSnapshot
        var stamp: KeyVaultStamp?
        var latest: KeyVaultStamp
        /// Grows whenever what a reading saw before may be older than what is, or soon will be, in memory.
        var turn = 0
        var isReplacing = false
    }

    private let place: String
    private let state: Mutex<State>

    init(_ snapshot: KeyringSnapshot, _ stamp: KeyVaultStamp, place: String) {
        self.place = place
        state = Mutex(State(snapshot: snapshot, stamp: stamp, latest: stamp))
    }

    var snapshot: KeyringSnapshot { state.withLock { $0.snapshot } }

    /// To be asked before a reading begins.
    var known: Known { state.withLock { Known(stamp: $0.stamp, latest: $0.latest, turn: $0.turn) } }

    /// Refuses what the vault says when it is older than what had been taken up before the vault was asked: somebody has put
    /// a backup in its place.
    func check(_ stamp: KeyVaultStamp, since known: Known) throws(KeyringError) {
        guard stamp.isOlder(than: known.latest) else { return }
        // Its count will pass ours with other keys: equal stamps mean nothing any more.
        state.withLock { $0.stamp = nil }
        throw KeyringError(
            .outdated,
            """
            the keys in \(place) are older than those that this server has taken up, as after a restoration: restart the \
            server to go back to them
            """)
    }

    /// Takes up what was read, unless something came in between that may be newer.
    ///
    /// - Returns: whether it was taken up.
    func takeUp(_ snapshot: KeyringSnapshot, _ stamp: KeyVaultStamp, since known: Known) -> Bool {
        state.withLock { state in
            guard state.turn == known.turn, !state.isReplacing else { return false }
            state.snapshot = snapshot
            state.stamp = stamp
            state.latest = stamp
            state.turn += 1
            return true
        }
    }

    /// Runs `replace`, a change of our own, and takes up what it made: from its beginning on, what was read before is
    /// older.
    func replacing(
        by snapshot: KeyringSnapshot, _ replace: () async throws -> KeyVaultStamp?
    ) async throws -> Bool {
        state.withLock { state in
            state.isReplacing = true
            state.turn += 1
        }
        var made: KeyVaultStamp?
        defer {
            state.withLock { state in
                state.isReplacing = false
                state.turn += 1
                guard let made else { return }
                state.snapshot = snapshot
                state.stamp = made
                state.latest = made
            }
        }
        made = try await replace()
        return made != nil
    }
}
