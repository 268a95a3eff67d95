internal import Clocks
internal import Foundation
internal import GRDB
internal import School
internal import Stores

/// The local accounts, in SQLite.
struct SQLiteAccountStore: AccountStore {
    let connection: SQLiteConnection

    func account(login: Login) async throws -> Account? {
        try await connection.read { db in
            try db.row("SELECT * FROM accounts WHERE login = ?", [login.description]).map(Account.init(row:))
        }
    }

    func account(id: AccountID) async throws -> Account? {
        try await connection.read { db in
            try db.row("SELECT * FROM accounts WHERE id = ?", [id.description]).map(Account.init(row:))
        }
    }

    func accounts(mail: String) async throws -> [Account] {
        try await connection.read { db in
            try db.rows(
                "SELECT * FROM accounts WHERE mail_key = ? ORDER BY created_at, login", [AccountKeys.mail(mail)]
            ).map(Account.init(row:))
        }
    }

    func accounts(after: Login?, limit: Int, school: UAI?, query: String?) async throws -> [Account] {
        try await connection.read { db in
            try db.rows(
                """
                SELECT * FROM accounts
                WHERE login > :after AND (:school IS NULL OR school = :school)
                    AND (:pattern IS NULL OR search LIKE :pattern ESCAPE '\\')
                ORDER BY login LIMIT :limit
                """,
                [
                    "after": after?.description ?? "", "school": school?.description,
                    "pattern": query.map(AccountKeys.pattern), "limit": limit,
                ]
            ).map(Account.init(row:))
        }
    }

    func add(_ accounts: [(account: Account, activationCode: SecretHash?)]) async throws {
        try await connection.write { db in
            for (account, code) in accounts { try Self.insert(account, code, db) }
            return Written((), accounts.map { .account($0.account.id) })
        }
    }

    func isActivationCode(_ code: SecretHash, of id: AccountID, now: Instant) async throws -> Bool {
        try await connection.read { db in
            try db.row(
                """
                SELECT 1 FROM accounts
                WHERE id = ? AND activation_code = ? AND activation_expires_at > ? AND locked_at IS NULL
                """, [id.description, code.stored, now.stored]) != nil
        }
    }

    func activate(
        _ id: AccountID, with code: SecretHash, _ activation: Activation, now: Instant
    ) async throws -> Bool {
        try await connection.write { db in
            let activated = try db.change(
                """
                UPDATE accounts
                SET stage = 'active', activation_code = NULL, activation_expires_at = NULL,
                    password_hash = :hash, password_changed_at = :now, password_must_change = 0,
                    mail_verified = CASE WHEN :mail IS NULL OR mail_key = :key THEN mail_verified ELSE 0 END,
                    mail = COALESCE(:mail, mail), mail_key = COALESCE(:key, mail_key),
                    mobile = COALESCE(:mobile, mobile),
                    charter_accepted_at = CASE WHEN :charter IS NULL THEN charter_accepted_at ELSE :now END,
                    charter_version = COALESCE(:charter, charter_version), revision = revision + 1
                WHERE id = :id AND activation_code = :code AND activation_expires_at > :now AND locked_at IS NULL
                """,
                [
                    "id": id.description, "code": code.stored, "now": now.stored, "hash": activation.passwordHash,
                    "mail": activation.mail, "key": activation.mail.map(AccountKeys.mail),
                    "mobile": activation.mobile, "charter": activation.charterVersion,
                ])
            guard activated == 1 else { return Written(false) }
            try db.killLinks(of: id)
            let ended = try db.endSessions(of: id, now: now)
            return Written(true, [.account(id)] + ended)
        }
    }

    func changePassword(of id: AccountID, from previous: String, to hash: String, now: Instant) async throws -> Bool {
        try await connection.write { db in
            let changed = try db.change(
                """
                UPDATE accounts
                SET password_hash = :hash, password_changed_at = :now, password_must_change = 0, revision = revision + 1
                WHERE id = :id AND stage = 'active' AND password_hash = :previous AND locked_at IS NULL
                """, ["id": id.description, "hash": hash, "previous": previous, "now": now.stored])
            guard changed == 1 else { return Written(false) }
            try db.killLinks(of: id)
            return Written(true, [.account(id)])
        }
    }

    func rehash(_ id: AccountID, from previous: String, to hash: String) async throws {
        try await connection.write { db in
            let changed = try db.change(
                "UPDATE accounts SET password_hash = ?, revision = revision + 1 WHERE id = ? AND password_hash = ?",
                [hash, id.description, previous])
            return Written((), changed == 1 ? [.account(id)] : [])
        }
    }

    func acceptCharter(_ id: AccountID, version: Int, now: Instant) async throws {
        try await connection.write { db in
            let changed = try db.change(
                "UPDATE accounts SET charter_version = ?, charter_accepted_at = ?, revision = revision + 1 WHERE id = ?",
                [version, now.stored, id.description])
            return Written((), changed == 1 ? [.account(id)] : [])
        }
    }

    func setContact(_ id: AccountID, mail: String?, mobile: String?) async throws {
        try await connection.write { db in
            let key = mail.map(AccountKeys.mail)
            let kept =
                try db.row("SELECT 1 FROM accounts WHERE id = ? AND mail_key IS ?", [id.description, key]) != nil
            let changed = try db.change(
                """
                UPDATE accounts
                SET mail = :mail, mail_key = :key, mobile = :mobile, revision = revision + 1,
                    mail_verified = CASE WHEN mail_key = :key THEN mail_verified ELSE 0 END
                WHERE id = :id
                """, ["id": id.description, "mail": mail, "key": key, "mobile": mobile])
            if !kept { try db.killLinks(of: id) }
            return Written((), changed == 1 ? [.account(id)] : [])
        }
    }

    func lock(_ id: AccountID, reason: String, now: Instant) async throws -> Bool {
        try await connection.write { db in
            // A second lock keeps the date of the first.
            let changed = try db.change(
                """
                UPDATE accounts
                SET locked_at = COALESCE(locked_at, ?), lock_reason = ?, revision = revision + 1 WHERE id = ?
                """, [now.stored, reason, id.description])
            guard changed == 1 else { return Written(false) }
            let ended = try db.endSessions(of: id, now: now)
            return Written(true, [.account(id)] + ended)
        }
    }

    func unlock(_ id: AccountID) async throws -> Bool {
        try await connection.write { db in
            let changed = try db.change(
                "UPDATE accounts SET locked_at = NULL, lock_reason = NULL, revision = revision + 1 WHERE id = ?",
                [id.description])
            return Written(changed == 1, changed == 1 ? [.account(id)] : [])
        }
    }

    func reset(_ id: AccountID, activationCode: SecretHash, expires: Instant, now: Instant) async throws -> Bool {
        try await connection.write { db in
            let changed = try db.change(
                """
                UPDATE accounts
                SET stage = 'awaiting', activation_code = ?, activation_expires_at = ?, password_hash = NULL,
                    password_changed_at = NULL, password_must_change = 0, revision = revision + 1
                WHERE id = ?
                """, [activationCode.stored, expires.stored, id.description])
            guard changed == 1 else { return Written(false) }
            try db.killLinks(of: id)
            let ended = try db.endSessions(of: id, now: now)
            return Written(true, [.account(id)] + ended)
        }
    }
}
