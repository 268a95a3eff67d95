internal import Clocks
internal import Stores

/// The links that were mailed, in SQL.
struct SQLLinkStore: LinkStore {
    let engine: any SQLEngine

    func issue(_ link: MailedLink, message: OutboxMessage, now: Instant) async throws {
        try await engine.write { db in
            try db.change(
                .issueLink,
                [
                    "account": .text(link.account.description), "purpose": .text(link.purpose.rawValue),
                    "token": .hash(link.token), "mail": .text(link.mail), "expires": .instant(link.expiresAt),
                ])
            try db.enqueue(message, now: now)
            return Written(())
        }
    }

    func link(_ token: SecretHash, purpose: LinkPurpose, now: Instant) async throws -> MailedLink? {
        try await engine.read { db in
            try db.row(
                .liveLink, ["token": .hash(token), "purpose": .text(purpose.rawValue), "now": .instant(now)]
            ).map { try MailedLink(row: $0) }
        }
    }

    func resetPassword(with token: SecretHash, to hash: String, now: Instant) async throws -> AccountID? {
        try await engine.write { db in
            let consumed = try db.row(
                .consumeResetLink,
                [
                    "token": .hash(token), "purpose": .text(LinkPurpose.resetPassword.rawValue), "now": .instant(now),
                ])
            guard let link = try consumed.map({ try MailedLink(row: $0) }) else { return Written(nil) }
            try db.change(
                .resetPassword,
                [
                    "id": .text(link.account.description), "hash": .text(hash), "now": .instant(now),
                    "key": .text(AccountKeys.mail(link.mail)),
                ])
            try db.killLinks(of: link.account)
            let ended = try db.endSessions(of: link.account, now: now)
            return Written(link.account, [.account(link.account)] + ended)
        }
    }

    func verifyMail(with token: SecretHash, now: Instant) async throws -> AccountID? {
        try await engine.write { db in
            let consumed = try db.row(
                .consumeMailLink,
                ["token": .hash(token), "purpose": .text(LinkPurpose.verifyMail.rawValue), "now": .instant(now)])
            guard let link = try consumed.map({ try MailedLink(row: $0) }) else { return Written(nil) }
            let verified = try db.change(
                .verifyMail, ["id": .text(link.account.description), "key": .text(AccountKeys.mail(link.mail))])
            return verified == 1 ? Written(link.account, [.account(link.account)]) : Written(nil)
        }
    }
}

extension SQLSession {
    /// Kills every link of the account.
    func killLinks(of account: AccountID) throws {
        try change(.killLinks, ["account": .text(account.description)])
    }
}

extension MailedLink {
    /// The link in a row of `mailed_links`.
    fileprivate init(row: SQLRow) throws {
        self.init(
            token: try row.hash("token"), account: AccountID(try row.text("account")),
            purpose: try row.value("purpose") { LinkPurpose(rawValue: $0) }, mail: try row.text("mail"),
            expiresAt: try row.instant("expires_at"))
    }
}

extension SQLStatement {
    /// Kills the account's links of one purpose.
    static let killLinksOfPurpose = SQLStatement(
        "DELETE FROM mailed_links WHERE account = :account AND purpose = :purpose")

    fileprivate static let killLinks = SQLStatement("DELETE FROM mailed_links WHERE account = :account")

    fileprivate static let issueLink = SQLStatement(
        """
        INSERT INTO mailed_links (account, purpose, token, mail, expires_at)
        VALUES (:account, :purpose, :token, :mail, :expires)
        ON CONFLICT (account, purpose)
        DO UPDATE SET token = excluded.token, mail = excluded.mail, expires_at = excluded.expires_at
        """)

    fileprivate static let liveLink = SQLStatement(
        "SELECT * FROM mailed_links WHERE token = :token AND purpose = :purpose AND expires_at > :now")

    /// The account is held as it was found until the new password is in: a lock comes before or after, never between.
    fileprivate static let consumeResetLink = SQLStatement(
        """
        DELETE FROM mailed_links
        WHERE token = :token AND purpose = :purpose AND expires_at > :now AND EXISTS (
            SELECT 1 FROM accounts
            WHERE accounts.id = mailed_links.account AND locked_at IS NULL AND stage = 'active'
            FOR NO KEY UPDATE
        )
        RETURNING *
        """)

    fileprivate static let resetPassword = SQLStatement(
        """
        UPDATE accounts
        SET password_hash = :hash, password_changed_at = :now, password_must_change = 0,
            mail_verified = CASE WHEN mail_key = :key THEN 1 ELSE mail_verified END, revision = revision + 1
        WHERE id = :id
        """)

    fileprivate static let consumeMailLink = SQLStatement(
        """
        DELETE FROM mailed_links
        WHERE token = :token AND purpose = :purpose AND expires_at > :now AND EXISTS (
            SELECT 1 FROM accounts
            WHERE accounts.id = mailed_links.account AND locked_at IS NULL
            FOR NO KEY UPDATE
        )
        RETURNING *
        """)

    fileprivate static let verifyMail = SQLStatement(
        "UPDATE accounts SET mail_verified = 1, revision = revision + 1 WHERE id = :id AND mail_key = :key")
}
