internal import Clocks
internal import School
internal import Stores

/// The local accounts, in SQL.
struct SQLAccountStore: AccountStore {
    let engine: any SQLEngine

    func account(login: Login) async throws -> Account? {
        try await engine.read { db in
            try db.row(.accountByLogin, ["login": .text(login.description)]).map { try Account(row: $0) }
        }
    }

    func account(id: AccountID) async throws -> Account? {
        try await engine.read { db in
            try db.row(.accountByID, ["id": .text(id.description)]).map { try Account(row: $0) }
        }
    }

    func accounts(mail: String) async throws -> [Account] {
        try await engine.read { db in
            try db.rows(.accountsByMail, ["key": .text(AccountKeys.mail(mail))]).map { try Account(row: $0) }
        }
    }

    func accounts(after: Login?, limit: Int, school: UAI?, query: String?) async throws -> [Account] {
        try await engine.read { db in
            try db.rows(
                .accountsPage,
                [
                    "after": .text(after?.description ?? ""), "school": .optional(school?.description),
                    "pattern": .optional(query.map(AccountKeys.pattern)), "limit": .number(Int64(limit)),
                ]
            ).map { try Account(row: $0) }
        }
    }

    func add(_ accounts: [(account: Account, activationCode: SecretHash?)]) async throws {
        try await engine.write { db in
            for (account, code) in accounts { try db.insert(account, code) }
            return Written((), accounts.map { .account($0.account.id) })
        }
    }

    func isActivationCode(_ code: SecretHash, of id: AccountID, now: Instant) async throws -> Bool {
        try await engine.read { db in
            try db.row(
                .isActivationCode, ["id": .text(id.description), "code": .hash(code), "now": .instant(now)]) != nil
        }
    }

    func activate(
        _ id: AccountID, with code: SecretHash, _ activation: Activation, now: Instant
    ) async throws -> Bool {
        try await engine.write { db in
            let activated = try db.change(
                .activate,
                [
                    "id": .text(id.description), "code": .hash(code), "now": .instant(now),
                    "hash": .text(activation.passwordHash), "mail": .optional(activation.mail),
                    "key": .optional(activation.mail.map(AccountKeys.mail)), "mobile": .optional(activation.mobile),
                    "charter": .optional(activation.charterVersion.map(Int64.init)),
                ])
            guard activated == 1 else { return Written(false) }
            try db.killLinks(of: id)
            let ended = try db.endSessions(of: id, now: now)
            return Written(true, [.account(id)] + ended)
        }
    }

    func changePassword(of id: AccountID, from previous: String, to hash: String, now: Instant) async throws -> Bool {
        try await engine.write { db in
            let changed = try db.change(
                .changePassword,
                [
                    "id": .text(id.description), "hash": .text(hash), "previous": .text(previous), "now": .instant(now),
                ])
            guard changed == 1 else { return Written(false) }
            try db.killLinks(of: id)
            return Written(true, [.account(id)])
        }
    }

    func rehash(_ id: AccountID, from previous: String, to hash: String) async throws {
        try await engine.write { db in
            let changed = try db.change(
                .rehash, ["hash": .text(hash), "id": .text(id.description), "previous": .text(previous)])
            return Written((), changed == 1 ? [.account(id)] : [])
        }
    }

    func acceptCharter(_ id: AccountID, version: Int, now: Instant) async throws {
        try await engine.write { db in
            let changed = try db.change(
                .acceptCharter,
                ["version": .number(Int64(version)), "now": .instant(now), "id": .text(id.description)])
            return Written((), changed == 1 ? [.account(id)] : [])
        }
    }

    func setContact(_ id: AccountID, mail: String?, mobile: String?) async throws {
        try await engine.write { db in
            let key = mail.map(AccountKeys.mail)
            let present = try db.row(.mailOfAccount, ["id": .text(id.description)])
            let changed = try db.change(
                .setContact,
                [
                    "id": .text(id.description), "mail": .optional(mail), "key": .optional(key),
                    "mobile": .optional(mobile),
                ])
            if try present?.optionalText("mail_key") != key { try db.killLinks(of: id) }
            return Written((), changed == 1 ? [.account(id)] : [])
        }
    }

    func lock(_ id: AccountID, reason: String, now: Instant) async throws -> Bool {
        try await engine.write { db in
            let changed = try db.change(
                .lockAccount, ["now": .instant(now), "reason": .text(reason), "id": .text(id.description)])
            guard changed == 1 else { return Written(false) }
            let ended = try db.endSessions(of: id, now: now)
            return Written(true, [.account(id)] + ended)
        }
    }

    func unlock(_ id: AccountID) async throws -> Bool {
        try await engine.write { db in
            let changed = try db.change(.unlockAccount, ["id": .text(id.description)])
            return Written(changed == 1, changed == 1 ? [.account(id)] : [])
        }
    }

    func reset(_ id: AccountID, activationCode: SecretHash, expires: Instant, now: Instant) async throws -> Bool {
        try await engine.write { db in
            let changed = try db.change(
                .resetAccount,
                ["code": .hash(activationCode), "expires": .instant(expires), "id": .text(id.description)])
            guard changed == 1 else { return Written(false) }
            try db.killLinks(of: id)
            let ended = try db.endSessions(of: id, now: now)
            return Written(true, [.account(id)] + ended)
        }
    }
}

extension SQLStatement {
    fileprivate static let accountByLogin = SQLStatement("SELECT * FROM accounts WHERE login = :login")
    fileprivate static let accountByID = SQLStatement("SELECT * FROM accounts WHERE id = :id")
    fileprivate static let accountsByMail = SQLStatement(
        "SELECT * FROM accounts WHERE mail_key = :key ORDER BY created_at, login")

    fileprivate static let accountsPage = SQLStatement(
        """
        SELECT * FROM accounts
        WHERE login > :after AND (CAST(:school AS TEXT) IS NULL OR school = :school)
            AND (CAST(:pattern AS TEXT) IS NULL OR search LIKE :pattern ESCAPE '\\')
        ORDER BY login LIMIT :limit
        """)

    fileprivate static let isActivationCode = SQLStatement(
        """
        SELECT 1 AS found FROM accounts
        WHERE id = :id AND activation_code = :code AND activation_expires_at > :now AND locked_at IS NULL
        """)

    fileprivate static let activate = SQLStatement(
        """
        UPDATE accounts
        SET stage = 'active', activation_code = NULL, activation_expires_at = NULL,
            password_hash = :hash, password_changed_at = :now, password_must_change = 0,
            mail_verified = CASE WHEN CAST(:mail AS TEXT) IS NULL OR mail_key = :key THEN mail_verified ELSE 0 END,
            mail = COALESCE(:mail, mail), mail_key = COALESCE(:key, mail_key),
            mobile = COALESCE(:mobile, mobile),
            charter_accepted_at = CASE WHEN CAST(:charter AS BIGINT) IS NULL THEN charter_accepted_at ELSE :now END,
            charter_version = COALESCE(:charter, charter_version), revision = revision + 1
        WHERE id = :id AND activation_code = :code AND activation_expires_at > :now AND locked_at IS NULL
        """)

    fileprivate static let changePassword = SQLStatement(
        """
        UPDATE accounts
        SET password_hash = :hash, password_changed_at = :now, password_must_change = 0, revision = revision + 1
        WHERE id = :id AND stage = 'active' AND password_hash = :previous AND locked_at IS NULL
        """)

    fileprivate static let rehash = SQLStatement(
        """
        UPDATE accounts SET password_hash = :hash, revision = revision + 1
        WHERE id = :id AND password_hash = :previous
        """)

    fileprivate static let acceptCharter = SQLStatement(
        """
        UPDATE accounts SET charter_version = :version, charter_accepted_at = :now, revision = revision + 1
        WHERE id = :id
        """)

    fileprivate static let mailOfAccount = SQLStatement(
        """
        SELECT id, mail_key FROM accounts WHERE id = :id
        FOR NO KEY UPDATE
        """)

    fileprivate static let setContact = SQLStatement(
        """
        UPDATE accounts
        SET mail = :mail, mail_key = :key, mobile = :mobile, revision = revision + 1,
            mail_verified = CASE WHEN mail_key = :key THEN mail_verified ELSE 0 END
        WHERE id = :id
        """)

    /// A second lock keeps the date of the first.
    fileprivate static let lockAccount = SQLStatement(
        """
        UPDATE accounts
        SET locked_at = COALESCE(locked_at, :now), lock_reason = :reason, revision = revision + 1 WHERE id = :id
        """)

    fileprivate static let unlockAccount = SQLStatement(
        "UPDATE accounts SET locked_at = NULL, lock_reason = NULL, revision = revision + 1 WHERE id = :id")

    fileprivate static let resetAccount = SQLStatement(
        """
        UPDATE accounts
        SET stage = 'awaiting', activation_code = :code, activation_expires_at = :expires, password_hash = NULL,
            password_changed_at = NULL, password_must_change = 0, revision = revision + 1
        WHERE id = :id
        """)
}
