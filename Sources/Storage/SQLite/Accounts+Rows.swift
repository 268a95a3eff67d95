internal import Clocks
internal import Foundation
internal import GRDB
internal import School
internal import Stores

/// The columns of an account that are made for looking up.
enum AccountKeys {
    /// A mail address without its letter case.
    static func mail(_ mail: String) -> String { mail.lowercased() }

    /// What a search looks into: login, family name, given name.
    static func search(_ account: Account) -> String {
        [account.login.description, account.person.familyName, account.person.givenName]
            .map(fold).joined(separator: "\n")
    }

    /// The LIKE pattern of a search, `\` being its escape.
    static func pattern(_ query: String) -> String {
        let escaped = fold(query).map { "\\%_".contains($0) ? "\\\($0)" : String($0) }
        return "%" + escaped.joined() + "%"
    }

    private static func fold(_ text: String) -> String { text.precomposedStringWithCanonicalMapping.lowercased() }
}

extension SQLiteAccountStore {
    static func insert(_ account: Account, _ code: SecretHash?, _ db: Database) throws {
        var values: [String: (any DatabaseValueConvertible)?] = [
            "id": account.id.description, "login": account.login.description,
            "given_name": account.person.givenName, "family_name": account.person.familyName,
            "profile": account.person.profile.rawValue, "level": account.person.level?.rawValue,
            "school": account.person.school?.description, "class_name": account.person.className,
            "birth_date": account.person.birthDate,
            "locked_at": account.lock?.since.stored, "lock_reason": account.lock?.reason,
            "mail": account.mail, "mail_key": account.mail.map(AccountKeys.mail),
            "mail_verified": account.mail != nil && account.mailVerified, "mobile": account.mobile,
            "charter_version": account.charter?.version, "charter_accepted_at": account.charter?.at.stored,
            "created_at": account.createdAt.stored, "revision": account.revision,
            "search": AccountKeys.search(account),
            "activation_code": nil, "activation_expires_at": nil, "password_hash": nil, "password_changed_at": nil,
            "password_must_change": false,
        ]
        switch account.stage {
        case .awaitingActivation(let expires):
            // Without a code the table's own check refuses the row.
            values["stage"] = "awaiting"
            values["activation_code"] = code?.stored
            values["activation_expires_at"] = expires.stored
        case .active(let password):
            values["stage"] = "active"
            values["password_hash"] = password.hash
            values["password_changed_at"] = password.changedAt.stored
            values["password_must_change"] = password.mustChange
        }
        try db.change(
            """
            INSERT INTO accounts (
                id, login, given_name, family_name, profile, level, school, class_name, birth_date, stage,
                activation_code, activation_expires_at, password_hash, password_changed_at, password_must_change,
                locked_at, lock_reason, mail, mail_key, mail_verified, mobile, charter_version, charter_accepted_at,
                created_at, revision, search)
            VALUES (
                :id, :login, :given_name, :family_name, :profile, :level, :school, :class_name, :birth_date, :stage,
                :activation_code, :activation_expires_at, :password_hash, :password_changed_at, :password_must_change,
                :locked_at, :lock_reason, :mail, :mail_key, :mail_verified, :mobile, :charter_version,
                :charter_accepted_at, :created_at, :revision, :search)
            """, StatementArguments(values))
    }
}

extension Account {
    /// The account in a row of `accounts`.
    init(row: Row) throws {
        let row = StoredRow(row, of: "accounts", key: "id")
        self.init(
            id: AccountID(try row.text("id")), login: Login(canonical: try row.text("login")),
            person: try Person(row: row), stage: try AccountStage(row: row), lock: try AccountLock(row: row),
            mail: try row.optionalText("mail"), mailVerified: try row.flag("mail_verified"),
            mobile: try row.optionalText("mobile"), charter: try CharterAcceptance(row: row),
            createdAt: try row.instant("created_at"), revision: try row.number("revision"))
    }
}

extension Person {
    fileprivate init(row: StoredRow) throws {
        self.init(
            givenName: try row.text("given_name"), familyName: try row.text("family_name"),
            profile: try row.value("profile") { Profile(rawValue: $0) },
            level: try row.optionalValue("level") { Level(rawValue: $0) },
            school: try row.optionalValue("school") { UAI($0) }, className: try row.optionalText("class_name"),
            birthDate: try row.optionalText("birth_date"))
    }
}

extension AccountStage {
    fileprivate init(row: StoredRow) throws {
        switch try row.text("stage") {
        case "awaiting": self = .awaitingActivation(expires: try row.instant("activation_expires_at"))
        case "active":
            self = .active(
                PasswordRecord(
                    hash: try row.text("password_hash"), changedAt: try row.instant("password_changed_at"),
                    mustChange: try row.flag("password_must_change")))
        default: throw row.corrupted("stage")
        }
    }
}

extension AccountLock {
    fileprivate init?(row: StoredRow) throws {
        guard let since = try row.optionalInstant("locked_at") else { return nil }
        self.init(since: since, reason: try row.text("lock_reason"))
    }
}

extension CharterAcceptance {
    fileprivate init?(row: StoredRow) throws {
        guard let at = try row.optionalInstant("charter_accepted_at") else { return nil }
        self.init(version: Int(try row.number("charter_version")), at: at)
    }
}
