public import Clocks
public import Cryptography
public import Stores

/// Begins, renews and ends sessions.
public struct SessionDesk: Sendable {
    private let store: any SessionStore
    private let directory: SessionDirectory
    private let tokens: SessionTokens
    private let lifetimes: SessionLifetimes
    private let clock: any WallClock
    private let random: any RandomSource

    /// A desk over the stores.
    public init(
        stores: StoreSet, directory: SessionDirectory, tokens: SessionTokens, lifetimes: SessionLifetimes,
        clock: any WallClock, random: any RandomSource
    ) {
        store = stores.sessions
        self.directory = directory
        self.tokens = tokens
        self.lifetimes = lifetimes
        self.clock = clock
        self.random = random
    }

    /// The session after a proof of identity: the present one in its next generation when it is the same person's, else a
    /// new one, and the present one ends (its token is dead either way: WEB-02).
    ///
    /// - Returns: the session and the token for its cookie; `nil` when the account was locked, reset or given another
    ///   password since the proof (BR-01): the proof is worth nothing any more.
    /// - Throws: `StoreError`.
    public func authenticated(
        _ account: Account, by identification: Identification, door: DoorID, device: String, present: LiveSession?
    ) async throws -> (session: Session, token: String)? {
        let now = clock.now()
        if let present, present.session.account == account.id {
            let renewed = try await store.reauthenticate(
                present.session.id, from: present.session.generation, acr: identification.context.rawValue,
                amr: identification.methods, now: now)
            directory.apply(.session(present.session.id))
            if let renewed { return (renewed, try tokens.token(for: renewed, now: now)) }
        } else if let present {
            _ = try await end(present.session.id)
        }
        let session = Session(
            id: SessionID(random: random), account: account.id, createdAt: now, authenticatedAt: identification.at,
            acr: identification.context.rawValue, amr: identification.methods, door: door.description,
            expiresAt: now + lifetimes.absolute, device: device)
        guard try await store.begin(session) else { return nil }
        return (session, try tokens.token(for: session, now: now))
    }

    /// A fresh token for a session in use, when its present one is older than a tenth of the idle time; else `nil`.
    ///
    /// - Throws: `CryptographyError` from OpenSSL.
    public func renewedToken(for live: LiveSession) throws -> String? {
        let now = clock.now()
        guard now - live.tokenIssuedAt > lifetimes.idle / 10 else { return nil }
        return try tokens.token(for: live.session, now: now)
    }

    /// Ends the session. - Returns: who took part in it; empty when it was not alive.
    ///
    /// - Throws: `StoreError`.
    public func end(_ id: SessionID) async throws -> [SessionParticipant] {
        let participants = try await store.end(id, now: clock.now())
        directory.apply(.session(id))
        return participants ?? []
    }

    /// Ends one session of this person, and nobody else's.
    ///
    /// - Throws: `StoreError`.
    public func end(_ id: SessionID, of account: AccountID) async throws {
        guard try await store.sessions(of: account, now: clock.now()).contains(where: { $0.id == id }) else { return }
        _ = try await end(id)
    }

    /// Ends the person's sessions but the one kept.
    ///
    /// - Throws: `StoreError`.
    public func endAll(of account: AccountID, except kept: SessionID? = nil) async throws {
        let ended = try await store.endAll(of: account, except: kept, now: clock.now())
        for id in ended { directory.apply(.session(id)) }
    }

    /// The person's live sessions, newest first.
    ///
    /// - Throws: `StoreError`.
    public func sessions(of account: AccountID) async throws -> [Session] {
        try await store.sessions(of: account, now: clock.now())
    }
}
