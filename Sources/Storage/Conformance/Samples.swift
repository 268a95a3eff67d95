import Clocks
import School
import Stores

/// The instant at which every check begins.
let start = Instant(secondsSinceEpoch: 1_788_244_200)

/// Accounts, sessions and links as checks want them, named by a word.
enum Sample {
    static func person(_ name: String = "Camille") -> Person {
        Person(
            givenName: name, familyName: "Étienne-Dupré", profile: .pupil, level: .lowerSecondary,
            school: UAI("0590116F"),
            className: "6e B", birthDate: "2014-02-28")
    }

    static func hash(_ word: String) -> SecretHash { SecretHash(of: word) }

    static func awaiting(_ name: String, expires: Instant = start + .days(30), mail: String? = nil) -> Account {
        Account(
            id: AccountID("id-" + name), login: Login(canonical: name), person: person(),
            stage: .awaitingActivation(expires: expires), mail: mail, createdAt: start)
    }

    static func active(_ name: String, mail: String? = nil, lock: AccountLock? = nil) -> Account {
        Account(
            id: AccountID("id-" + name), login: Login(canonical: name), person: person(),
            stage: .active(PasswordRecord(hash: "hash-" + name, changedAt: start)), lock: lock, mail: mail,
            createdAt: start)
    }

    static func session(
        _ name: String, of account: Account, at instant: Instant = start, life: Duration = .hours(8)
    ) -> Session {
        Session(
            id: SessionID("session-" + name), account: account.id, createdAt: instant, authenticatedAt: instant,
            acr: "eidas1", amr: ["pwd", "mfa"], door: "ent", expiresAt: instant + life, device: "Firefox sur Android")
    }

    static func link(
        _ token: String, of account: Account, purpose: LinkPurpose = .resetPassword, mail: String = "a@exemple.fr",
        expires: Instant = start + .hours(1)
    ) -> MailedLink {
        MailedLink(token: hash(token), account: account.id, purpose: purpose, mail: mail, expiresAt: expires)
    }

    static func message(_ id: String, expires: Instant = start + .hours(1), tries: Int = 0) -> OutboxMessage {
        OutboxMessage(
            id: id, kind: .mail, recipient: "a@exemple.fr", subject: "Sujet " + id, body: "Texte " + id,
            expiresAt: expires, tries: tries)
    }

    static func redemption(_ code: String, in session: Session, client: String = "ent") -> CodeRedemption {
        CodeRedemption(code: code, client: client, session: session.id, rememberedUntil: start + .hours(1))
    }
}

extension StoreSet {
    /// Adds active accounts.
    func add(_ accounts: Account...) async throws {
        try await self.accounts.add(accounts.map { ($0, nil) })
    }

    /// An active account with a session that has begun.
    func signedIn(_ name: String, mail: String? = nil) async throws -> (Account, Session) {
        let account = Sample.active(name, mail: mail)
        try await add(account)
        let session = Sample.session(name, of: account)
        try expect(await sessions.begin(session), "a session of an active account begins")
        return (account, session)
    }
}
