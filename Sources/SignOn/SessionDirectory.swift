public import Clocks
import Cryptography
public import Stores
import Synchronization

/// A live session with its account, as the store has them.
public struct LiveSession: Sendable, Hashable {
    /// The session.
    public let session: Session
    /// Whose it is.
    public let account: Account
    /// When the token that led here was made: an old one is renewed.
    public let tokenIssuedAt: Instant
}

/// The live sessions of this node, read from memory; what the store says has changed is forgotten at once.
///
/// Owns copies, never the truth: a session that ended, moved to another generation, or whose account was locked is gone from
/// here as soon as its change is announced, in this process before the changing call returns.
public final class SessionDirectory: Sendable {
    private struct Copies {
        var epoch = 0
        var entries: [SessionID: (session: Session, account: Account)] = [:]
        var tokens: [String: SessionToken] = [:]
    }

    private static let capacity = 20000

    private let sessions: any SessionStore
    private let hearsOthers: @Sendable () -> Bool
    private let tokens: SessionTokens
    private let clock: any WallClock
    private let copies = Mutex(Copies())

    /// A directory over the stores.
    public init(stores: StoreSet, tokens: SessionTokens, clock: any WallClock) {
        sessions = stores.sessions
        hearsOthers = stores.hearsOthers
        self.tokens = tokens
        self.clock = clock
    }

    /// The session that a cookie names; `nil` when it is not alive, its account is locked, or the token is an old one.
    ///
    /// - Throws: `StoreError`.
    public func session(token text: String?) async throws -> LiveSession? {
        guard let text, let token = read(text) else { return nil }
        let now = clock.now()
        guard now < token.expiresAt, let entry = try await entry(token.id, now: now),
            entry.session.generation == token.generation, now < entry.session.expiresAt, entry.account.lock == nil
        else { return nil }
        return LiveSession(session: entry.session, account: entry.account, tokenIssuedAt: token.issuedAt)
    }

    /// The session of that name, with its account; `nil` when it is not alive or its account is locked.
    ///
    /// - Throws: `StoreError`.
    public func session(id: SessionID) async throws -> LiveSession? {
        let now = clock.now()
        guard let entry = try await entry(id, now: now), now < entry.session.expiresAt, entry.account.lock == nil else {
            return nil
        }
        return LiveSession(session: entry.session, account: entry.account, tokenIssuedAt: entry.session.createdAt)
    }

    /// Forgets what changed.
    public func apply(_ change: StoreChange) {
        copies.withLock { copies in
            copies.epoch += 1
            switch change {
            case .session(let id): copies.entries[id] = nil
            case .account(let id): copies.entries = copies.entries.filter { $0.value.account.id != id }
            case .everything: copies.entries.removeAll()
            case .keys, .relyingParties: break
            }
        }
    }

    /// Verified tokens are remembered, so that a signature is checked once for each; a key that was revoked takes its
    /// tokens along when the keys change (``forgetTokens()``).
    private func read(_ text: String) -> SessionToken? {
        if let known = copies.withLock({ $0.tokens[text] }) { return known }
        guard let token = tokens.read(text, now: clock.now()) else { return nil }
        copies.withLock { copies in
            if copies.tokens.count >= Self.capacity { copies.tokens.removeAll(keepingCapacity: true) }
            copies.tokens[text] = token
        }
        return token
    }

    /// Forgets every verified token: the session keys have changed.
    public func forgetTokens() { copies.withLock { $0.tokens.removeAll() } }

    private func entry(_ id: SessionID, now: Instant) async throws -> (session: Session, account: Account)? {
        let (known, epoch) = copies.withLock { ($0.entries[id], $0.epoch) }
        // While nobody tells us what other nodes change, a copy may be of a session that has ended: the store is asked.
        if let known, hearsOthers() { return known }
        guard let found = try await sessions.sessionWithAccount(id, now: now) else { return nil }
        copies.withLock { copies in
            // Something changed while we were reading: what we read may be old already, so it is used but not kept.
            guard copies.epoch == epoch else { return }
            if copies.entries.count >= Self.capacity { copies.entries.removeAll(keepingCapacity: true) }
            copies.entries[id] = found
        }
        return found
    }
}
