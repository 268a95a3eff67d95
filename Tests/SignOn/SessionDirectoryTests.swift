import Clocks
import LogeTesting
import SignOn
import Stores
import Synchronization
import Testing

/// A store of sessions that counts its reads and lets something happen while one is under way.
final class InterruptedSessions: SessionStore {
    private let base: any SessionStore
    private let state = Mutex<(reads: Int, interruption: (@Sendable () async throws -> Void)?)>((0, nil))

    init(_ base: any SessionStore) { self.base = base }

    var reads: Int { state.withLock { $0.reads } }

    /// What happens once, in the middle of the next read.
    func interrupt(_ body: @escaping @Sendable () async throws -> Void) { state.withLock { $0.interruption = body } }

    func session(_ id: SessionID, now: Instant) async throws -> Session? { try await base.session(id, now: now) }

    func sessionWithAccount(_ id: SessionID, now: Instant) async throws -> (session: Session, account: Account)? {
        let found = try await base.sessionWithAccount(id, now: now)
        let interruption = state.withLock { state in
            state.reads += 1
            defer { state.interruption = nil }
            return state.interruption
        }
        try await interruption?()
        return found
    }

    func begin(_ session: Session) async throws -> Bool { try await base.begin(session) }
    func sessions(of account: AccountID, now: Instant) async throws -> [Session] {
        try await base.sessions(of: account, now: now)
    }
    func reauthenticate(
        _ id: SessionID, from generation: Int, acr: String, amr: [String], now: Instant
    ) async throws -> Session? {
        try await base.reauthenticate(id, from: generation, acr: acr, amr: amr, now: now)
    }
    func end(_ id: SessionID, now: Instant) async throws -> [SessionParticipant]? { try await base.end(id, now: now) }
    func endAll(of account: AccountID, except kept: SessionID?, now: Instant) async throws -> [SessionID] {
        try await base.endAll(of: account, except: kept, now: now)
    }
    func participants(of id: SessionID) async throws -> [SessionParticipant] { try await base.participants(of: id) }
}

/// Whether a node hears what the others change.
final class Hearing: Sendable {
    private let state = Mutex(true)
    var value: Bool {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

@Suite("The live sessions in memory")
struct SessionDirectoryTests {
    /// A directory over a portal's stores, with one session of camille.martin.
    private func withDirectory(
        hearing: Hearing = Hearing(),
        _ body: @Sendable (SessionDirectory, InterruptedSessions, Session, TestPortal) async throws -> Void
    ) async throws {
        try await withPortal { portal in
            let sessions = InterruptedSessions(portal.stores.sessions)
            let base = portal.stores
            let stores = StoreSet(
                accounts: base.accounts, sessions: sessions, codes: base.codes,
                singleUses: base.singleUses, attempts: base.attempts, links: base.links, outbox: base.outbox,
                logoutNotices: base.logoutNotices, keySetReaders: base.keySetReaders, keys: base.keys,
                relyingParties: base.relyingParties,
                maintenance: base.maintenance,
                changes: base.changes, hearsOthers: { hearing.value }, statistics: base.statistics)
            let tokens = SessionTokens(keyring: portal.keyring, lifetimes: SessionLifetimes())
            let directory = SessionDirectory(stores: stores, tokens: tokens, clock: portal.clock)
            let now = portal.clock.now()
            let session = Session(
                id: SessionID("one"), account: try await portal.account("camille.martin").id, createdAt: now,
                authenticatedAt: now, acr: "a", amr: ["pwd"], door: "ent", expiresAt: now + .hours(12), device: "")
            #expect(try await sessions.begin(session))
            try await body(directory, sessions, session, portal)
        }
    }

    @Test("a session is read from the store once")
    func cached() async throws {
        try await withDirectory { directory, sessions, session, _ in
            for _ in 0..<5 {
                let live = try await directory.session(id: session.id)
                #expect(live?.session == session)
            }
            #expect(sessions.reads == 1)
        }
    }

    @Test("while what other nodes change is not heard, no copy is believed")
    func deaf() async throws {
        let hearing = Hearing()
        try await withDirectory(hearing: hearing) { directory, sessions, session, portal in
            _ = try await directory.session(id: session.id)
            hearing.value = false
            #expect(try await directory.session(id: session.id)?.session == session)
            #expect(sessions.reads == 2)
            _ = try await sessions.end(session.id, now: portal.clock.now())
            #expect(try await directory.session(id: session.id) == nil)
        }
    }

    @Test("what changes while it is being read is not kept")
    func changeDuringRead() async throws {
        try await withDirectory { directory, sessions, session, portal in
            sessions.interrupt {
                _ = try await sessions.end(session.id, now: portal.clock.now())
                directory.apply(.session(session.id))
            }
            // Read before it ended: used this once.
            _ = try await directory.session(id: session.id)
            #expect(try await directory.session(id: session.id) == nil)
            #expect(sessions.reads == 2)
        }
    }

    @Test(
        "each kind of change is forgotten, and only what it touches",
        arguments: [
            StoreChange.session(SessionID("one")), .account(AccountID("id-camille.martin")), .everything,
            .session(SessionID("other")), .account(AccountID("id-lea.petit")),
        ])
    func changes(_ change: StoreChange) async throws {
        try await withDirectory { directory, sessions, session, _ in
            _ = try await directory.session(id: session.id)
            directory.apply(change)
            _ = try await directory.session(id: session.id)
            let isTouched = ![.session(SessionID("other")), .account(AccountID("id-lea.petit"))].contains(change)
            #expect(sessions.reads == (isTouched ? 2 : 1))
        }
    }

    @Test("a locked account has no session, even where nobody announced the lock to this node's sessions")
    func lockedAccount() async throws {
        try await withDirectory { directory, _, session, portal in
            #expect(try await directory.session(id: session.id) != nil)
            _ = try await portal.stores.accounts.lock(session.account, reason: "x", now: portal.clock.now())
            directory.apply(.account(session.account))
            #expect(try await directory.session(id: session.id) == nil)
        }
    }

    @Test("a token of an earlier generation is dead; a session past its end too, from memory")
    func generationsAndEnd() async throws {
        try await withDirectory { directory, sessions, session, portal in
            let tokens = SessionTokens(
                keyring: portal.keyring, lifetimes: SessionLifetimes(absolute: .days(2), idle: .days(2)))
            let now = portal.clock.now()
            let old = try tokens.token(for: session, now: now)
            #expect(try await directory.session(token: old) != nil)
            let next = try #require(
                try await sessions.reauthenticate(session.id, from: 1, acr: "a", amr: ["pwd"], now: now))
            directory.apply(.session(session.id))
            #expect(try await directory.session(token: old) == nil)
            let new = try tokens.token(for: next, now: now)
            #expect(try await directory.session(token: new) != nil)
            portal.clock.advance(by: .hours(12))
            #expect(try await directory.session(token: new) == nil)
            #expect(try await directory.session(id: session.id) == nil)
        }
    }

    @Test("a node that was not told believes what it remembers until it is: then at once")
    func stale() async throws {
        try await withDirectory { directory, sessions, session, portal in
            _ = try await directory.session(id: session.id)
            _ = try await sessions.end(session.id, now: portal.clock.now())
            #expect(try await directory.session(id: session.id) != nil)
            directory.apply(.everything)
            #expect(try await directory.session(id: session.id) == nil)
        }
    }
}
