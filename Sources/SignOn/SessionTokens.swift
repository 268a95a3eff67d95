public import Clocks
import Cryptography
import JOSE
public import Keyring
public import Stores
import Synchronization

/// How long sessions last.
public struct SessionLifetimes: Sendable, Hashable {
    /// From the first proof of identity to the end, whatever happens.
    public let absolute: Duration
    /// Without any sign-on.
    public let idle: Duration

    /// Lifetimes.
    public init(absolute: Duration = .hours(12), idle: Duration = .hours(2)) {
        self.absolute = absolute
        self.idle = idle
    }
}

/// What a session token says, once its signature is proved.
public struct SessionToken: Sendable, Hashable {
    /// Which session.
    public let id: SessionID
    /// Which token of it.
    public let generation: Int
    /// When this token was made.
    public let issuedAt: Instant
    /// When it ends, unless the person signs on somewhere before.
    public let expiresAt: Instant
}

/// Makes and reads session tokens: signed through OpenSSL, carried in a cookie.
public struct SessionTokens: Sendable {
    private let keyring: Keyring
    private let lifetimes: SessionLifetimes

    /// Tokens under the session keys of `keyring`.
    public init(keyring: Keyring, lifetimes: SessionLifetimes) {
        self.keyring = keyring
        self.lifetimes = lifetimes
    }

    /// A token of the session's live generation.
    ///
    /// - Throws: `CryptographyError` from OpenSSL.
    public func token(for session: Session, now: Instant) throws -> String {
        let expiry = min(now + lifetimes.idle, session.expiresAt)
        return try keyring.snapshot.signSession([
            "sid": .string(session.id.description), "gen": .integer(Int64(session.generation)),
            "iat": .integer(now.secondsSinceEpoch), "exp": .integer(expiry.secondsSinceEpoch),
        ])
    }

    /// The token in `text`; `nil` for anything that we did not sign or that has expired.
    public func read(_ text: String, now: Instant) -> SessionToken? {
        guard let claims = try? keyring.snapshot.verifySession(text), let id = try? claims.text("sid"),
            let generation = claims["gen"]?.integer, let issuedAt = try? claims.instant("iat"),
            let expiresAt = try? claims.instant("exp"), now < expiresAt
        else { return nil }
        return SessionToken(
            id: SessionID(id), generation: Int(clamping: generation), issuedAt: issuedAt, expiresAt: expiresAt)
    }
}
