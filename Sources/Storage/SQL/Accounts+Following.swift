package import Clocks
internal import School
package import Stores

/// What the pupil base does with accounts, many in one transaction. The statements are those of ``AccountStore``, with a
/// condition each: what somebody did meanwhile by hand stands.
extension SQLSession {
    /// Adds an account that awaits its first connection.
    ///
    /// - Throws: ``StoreError`` `.conflict` when the login is taken.
    package func addWaiting(_ account: Account, code: SecretHash) throws { try insert(account, code) }

    /// Writes down who the account stands for by now. Its login stays what it is.
    ///
    /// - Parameter mail: a mail address that nobody proved; `nil` leaves the one held. Whoever has the mail of an active
    ///   account can choose its password, so that it is only taken while nobody has used the account.
    /// - Returns: whether there is such an account.
    /// - Throws: ``StoreError``.
    package func describe(_ account: Account, as person: Person, mail: String?) throws -> Bool {
        var described = account
        described.person = person
        return try change(
            .describe,
            [
                "id": .text(account.id.description), "given_name": .text(person.givenName),
                "family_name": .text(person.familyName), "profile": .text(person.profile.rawValue),
                "level": .optional(person.level?.rawValue), "school": .optional(person.school?.description),
                "class_name": .optional(person.className), "birth_date": .optional(person.birthDate),
                "mail": .optional(mail), "mail_key": .optional(mail.map(AccountKeys.mail)),
                "search": .text(AccountKeys.search(described)),
            ]) == 1
    }

    /// Locks the account, unless it is locked, and ends its sessions. - Returns: what changed; nothing when it is locked.
    ///
    /// - Throws: ``StoreError``.
    package func lockOpen(_ id: AccountID, reason: String, now: Instant) throws -> [StoreChange] {
        let locked = try change(
            .lockOpen, ["id": .text(id.description), "reason": .text(reason), "now": .instant(now)])
        guard locked == 1 else { return [] }
        return [.account(id)] + (try endSessions(of: id, now: now))
    }

    /// Takes off this very lock, no other. - Returns: whether it was there.
    ///
    /// - Throws: ``StoreError``.
    package func unlock(_ id: AccountID, from lock: AccountLock) throws -> Bool {
        try change(
            .unlockFrom,
            ["id": .text(id.description), "since": .instant(lock.since), "reason": .text(lock.reason)]) == 1
    }

    /// Gives an account that never had a code its first one. - Returns: whether it still had none.
    ///
    /// - Throws: ``StoreError``.
    package func giveFirstCode(_ id: AccountID, _ code: SecretHash, expires: Instant) throws -> Bool {
        try change(
            .giveFirstCode,
            ["id": .text(id.description), "code": .hash(code), "expires": .instant(expires)]) == 1
    }
}

extension SQLRow {
    /// The account in a row that has all columns of `accounts`.
    ///
    /// - Throws: ``StoreError`` `.corrupted`.
    package func account() throws -> Account { try Account(row: self) }
}

extension SQLStatement {
    fileprivate static let describe = SQLStatement(
        """
        UPDATE accounts
        SET given_name = :given_name, family_name = :family_name, profile = :profile, level = :level,
            school = :school, class_name = :class_name, birth_date = :birth_date, search = :search,
            mail = CASE WHEN CAST(:mail AS TEXT) IS NULL OR stage <> 'awaiting' OR mail_verified = 1
                THEN mail ELSE :mail END,
            mail_key = CASE WHEN CAST(:mail AS TEXT) IS NULL OR stage <> 'awaiting' OR mail_verified = 1
                THEN mail_key ELSE :mail_key END,
            revision = revision + 1
        WHERE id = :id
        """)

    fileprivate static let lockOpen = SQLStatement(
        """
        UPDATE accounts SET locked_at = :now, lock_reason = :reason, revision = revision + 1
        WHERE id = :id AND locked_at IS NULL
        """)

    fileprivate static let unlockFrom = SQLStatement(
        """
        UPDATE accounts SET locked_at = NULL, lock_reason = NULL, revision = revision + 1
        WHERE id = :id AND locked_at = :since AND lock_reason = :reason
        """)

    /// An account that was made without a letter has a code that expired when it was made.
    fileprivate static let giveFirstCode = SQLStatement(
        """
        UPDATE accounts SET activation_code = :code, activation_expires_at = :expires, revision = revision + 1
        WHERE id = :id AND stage = 'awaiting' AND activation_expires_at = created_at AND locked_at IS NULL
        """)
}
