internal import Clocks
internal import GRDB
internal import Stores

/// The links that were mailed, in SQLite.
struct SQLiteLinkStore: LinkStore {
    let connection: SQLiteConnection

    func issue(_ link: MailedLink, message: OutboxMessage, now: Instant) async throws {
        try await connection.write { db in
            try db.change(
                """
                INSERT INTO mailed_links (account, purpose, token, mail, expires_at)
                VALUES (:account, :purpose, :token, :mail, :expires)
                ON CONFLICT (account, purpose)
                DO UPDATE SET token = excluded.token, mail = excluded.mail, expires_at = excluded.expires_at
                """,
                [
                    "account": link.account.description, "purpose": link.purpose.rawValue, "token": link.token.stored,
                    "mail": link.mail, "expires": link.expiresAt.stored,
                ])
            try db.enqueue(message, now: now)
            return Written(())
        }
    }

    func link(_ token: SecretHash, purpose: LinkPurpose, now: Instant) async throws -> MailedLink? {
        try await connection.read { db in
            try db.row(
                "SELECT * FROM mailed_links WHERE token = ? AND purpose = ? AND expires_at > ?",
                [token.stored, purpose.rawValue, now.stored]
            ).map(MailedLink.init(row:))
        }
    }

    func resetPassword(with token: SecretHash, to hash: String, now: Instant) async throws -> AccountID? {
        try await connection.write { db in
            let consumed = try db.row(
                """
                DELETE FROM mailed_links
                WHERE token = ? AND purpose = ? AND expires_at > ? AND EXISTS (
                    SELECT 1 FROM accounts
                    WHERE accounts.id = mailed_links.account AND locked_at IS NULL AND stage = 'active')
                RETURNING *
                """, [token.stored, LinkPurpose.resetPassword.rawValue, now.stored])
            guard let link = try consumed.map(MailedLink.init(row:)) else { return Written(nil) }
            try db.change(
                """
                UPDATE accounts
                SET password_hash = :hash, password_changed_at = :now, password_must_change = 0,
                    mail_verified = CASE WHEN mail_key = :key THEN 1 ELSE mail_verified END, revision = revision + 1
                WHERE id = :id
                """,
                [
                    "id": link.account.description, "hash": hash, "now": now.stored,
                    "key": AccountKeys.mail(link.mail),
                ])
            try db.killLinks(of: link.account)
            let ended = try db.endSessions(of: link.account, now: now)
            return Written(link.account, [.account(link.account)] + ended)
        }
    }

    func verifyMail(with token: SecretHash, now: Instant) async throws -> AccountID? {
        try await connection.write { db in
            let consumed = try db.row(
                """
                DELETE FROM mailed_links
                WHERE token = ? AND purpose = ? AND expires_at > ? AND EXISTS (
                    SELECT 1 FROM accounts WHERE accounts.id = mailed_links.account AND locked_at IS NULL)
                RETURNING *
                """, [token.stored, LinkPurpose.verifyMail.rawValue, now.stored])
            guard let link = try consumed.map(MailedLink.init(row:)) else { return Written(nil) }
            let verified = try db.change(
                "UPDATE accounts SET mail_verified = 1, revision = revision + 1 WHERE id = ? AND mail_key = ?",
                [link.account.description, AccountKeys.mail(link.mail)])
            return verified == 1 ? Written(link.account, [.account(link.account)]) : Written(nil)
        }
    }
}

extension Database {
    /// Kills every link of the account.
    func killLinks(of account: AccountID) throws {
        try change("DELETE FROM mailed_links WHERE account = ?", [account.description])
    }
}

extension MailedLink {
    /// The link in a row of `mailed_links`.
    fileprivate init(row: Row) throws {
        let row = StoredRow(row, of: "mailed_links", key: "account")
        self.init(
            token: try row.hash("token"), account: AccountID(try row.text("account")),
            purpose: try row.value("purpose") { LinkPurpose(rawValue: $0) }, mail: try row.text("mail"),
            expiresAt: try row.instant("expires_at"))
    }
}
