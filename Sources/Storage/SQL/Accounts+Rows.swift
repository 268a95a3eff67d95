internal import Clocks
internal import Foundation
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

extension SQLSession {
    /// Adds an account. Without an activation code the table's own check refuses one that awaits its activation.
    func insert(_ account: Account, _ code: SecretHash?) throws {
        var stage = "active"
        var (activationCode, activationExpires): (SQLValue, SQLValue) = (.null, .null)
        var password: PasswordRecord?
        switch account.stage {
        case .awaitingActivation(let expires):
            stage = "awaiting"
            activationCode = code.map(SQLValue.hash) ?? .null
            activationExpires = .instant(expires)
        case .active(let record): password = record
        }
        let person = account.person
        try change(
            .insertAccount,
            [
                "id": .text(account.id.description), "login": .text(account.login.description),
                "given_name": .text(person.givenName), "family_name": .text(person.familyName),
                "profile": .text(person.profile.rawValue), "level": .optional(person.level?.rawValue),
                "school": .optional(person.school?.description), "class_name": .optional(person.className),
                "birth_date": .optional(person.birthDate), "stage": .text(stage), "activation_code": activationCode,
                "activation_expires_at": activationExpires, "password_hash": .optional(password?.hash),
                "password_changed_at": .optional(password?.changedAt.millisecondsSinceEpoch),
                "password_must_change": .flag(password?.mustChange ?? false),
                "locked_at": .optional(account.lock?.since.millisecondsSinceEpoch),
                "lock_reason": .optional(account.lock?.reason), "mail": .optional(account.mail),
                "mail_key": .optional(account.mail.map(AccountKeys.mail)),
                "mail_verified": .flag(account.mail != nil && account.mailVerified),
                "mobile": .optional(account.mobile),
                "charter_version": .optional(account.charter.map { Int64($0.version) }),
                "charter_accepted_at": .optional(account.charter?.at.millisecondsSinceEpoch),
                "created_at": .instant(account.createdAt), "revision": .number(account.revision),
                "search": .text(AccountKeys.search(account)),
            ])
    }
}

extension SQLStatement {
    fileprivate static let insertAccount = SQLStatement(
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
        """)
}

extension Account {
    /// The account in a row of `accounts`.
    init(row: SQLRow) throws {
        self.init(
            id: AccountID(try row.text("id")), login: Login(canonical: try row.text("login")),
            person: try Person(row: row), stage: try AccountStage(row: row), lock: try AccountLock(row: row),
            mail: try row.optionalText("mail"), mailVerified: try row.flag("mail_verified"),
            mobile: try row.optionalText("mobile"), charter: try CharterAcceptance(row: row),
            createdAt: try row.instant("created_at"), revision: try row.number("revision"))
    }
}

extension Person {
    fileprivate init(row: SQLRow) throws {
        self.init(
            givenName: try row.text("given_name"), familyName: try row.text("family_name"),
            profile: try row.value("profile") { Profile(rawValue: $0) },
            level: try row.optionalValue("level") { Level(rawValue: $0) },
            school: try row.optionalValue("school") { UAI($0) }, className: try row.optionalText("class_name"),
            birthDate: try row.optionalText("birth_date"))
    }
}

extension AccountStage {
    fileprivate init(row: SQLRow) throws {
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
    fileprivate init?(row: SQLRow) throws {
        guard let since = try row.optionalInstant("locked_at") else { return nil }
        self.init(since: since, reason: try row.text("lock_reason"))
    }
}

extension CharterAcceptance {
    fileprivate init?(row: SQLRow) throws {
        guard let at = try row.optionalInstant("charter_accepted_at") else { return nil }
        self.init(version: Int(try row.number("charter_version")), at: at)
    }
}
