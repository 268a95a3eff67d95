import Clocks
import Keyring
public import SignOn
import Stores

extension TestPortal {
    /// Proves the person of `browser` again, as another door or a second factor would: its session moves to that context.
    ///
    /// - Throws: `StoreError`, or ``MissingPart`` when nobody is signed in.
    public func reauthenticate(
        _ browser: TestBrowser, as context: AuthenticationContext, by methods: [String]
    ) async throws {
        let tokens = SessionTokens(keyring: keyring, lifetimes: SessionLifetimes())
        let now = clock.now()
        guard let text = browser[cookie: "session"], let token = tokens.read(text, now: now),
            let session = try await stores.sessions.reauthenticate(
                token.id, from: token.generation, acr: context.rawValue, amr: methods, now: now)
        else { throw MissingPart(description: "nobody is signed in") }
        directory.apply(.session(token.id))
        browser[cookie: "session"] = try tokens.token(for: session, now: now)
    }
}
