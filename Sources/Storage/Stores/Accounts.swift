public import Clocks
public import School

/// Who an account stands for, as the school wrote it down.
public struct Person: Sendable, Hashable {
    /// Prénom d'usage.
    public var givenName: String
    /// Nom d'usage.
    public var familyName: String
    /// What the person is to the school.
    public var profile: Profile
    /// Where the person stands: chooses the theme and the doors.
    public var level: Level?
    /// The person's school.
    public var school: UAI?
    /// The class of a pupil, as the school names it (`6e B`).
    public var className: String?
    /// Date of birth as `yyyy-MM-dd`; only pupils have one in the pupil base.
    public var birthDate: String?

    /// A person as the school wrote them down.
    public init(
        givenName: String, familyName: String, profile: Profile, level: Level? = nil, school: UAI? = nil,
        className: String? = nil, birthDate: String? = nil
    ) {
        self.givenName = givenName
        self.familyName = familyName
        self.profile = profile
        self.level = level
        self.school = school
        self.className = className
        self.birthDate = birthDate
    }
}

/// A login in its one canonical spelling: NFKC, lower case, no blanks around. Counters and look-ups use nothing else.
public struct Login: Sendable, Hashable, CustomStringConvertible {
    /// The canonical spelling.
    public let description: String
    /// A login that is canonical already, as stored. `Accounts` makes canonical ones out of what people type.
    public init(canonical: String) { description = canonical }
}

/// How far an account has come.
public enum AccountStage: Sendable, Hashable {
    /// Nobody has signed in yet: an activation code waits until `expires`.
    case awaitingActivation(expires: Instant)
    /// The person has chosen a password.
    case active(PasswordRecord)
}

/// A password as stored.
public struct PasswordRecord: Sendable, Hashable {
    /// The Argon2id string (`$argon2id$v=19$…`) of libsodium.
    public let hash: String
    /// When it was chosen.
    public let changedAt: Instant
    /// Whether the person must choose another one at the next sign-in.
    public let mustChange: Bool

    /// A password as stored.
    public init(hash: String, changedAt: Instant, mustChange: Bool = false) {
        self.hash = hash
        self.changedAt = changedAt
        self.mustChange = mustChange
    }
}

/// Why and since when an account is closed to everybody.
public struct AccountLock: Sendable, Hashable {
    /// Since when.
    public let since: Instant
    /// Why, in the operator's words.
    public let reason: String

    /// A lock put on at `since`.
    public init(since: Instant, reason: String) {
        self.since = since
        self.reason = reason
    }
}

/// The charter that a person accepted.
public struct CharterAcceptance: Sendable, Hashable {
    /// The version accepted, as the configuration numbers it.
    public let version: Int
    /// When.
    public let at: Instant

    /// An acceptance.
    public init(version: Int, at: Instant) {
        self.version = version
        self.at = at
    }
}

/// A local account.
public struct Account: Sendable, Hashable {
    /// Its key.
    public let id: AccountID
    /// Its canonical login, unique.
    public let login: Login
    /// Who it stands for.
    public var person: Person
    /// How far it has come.
    public var stage: AccountStage
    /// Set while nobody may use it.
    public var lock: AccountLock?
    /// Mail address, proved or not.
    public var mail: String?
    /// Whether the mail address was proved by a link.
    public var mailVerified: Bool
    /// Mobile number as typed by the person or the school; not proved.
    public var mobile: String?
    /// The charter accepted last.
    public var charter: CharterAcceptance?
    /// When it was made.
    public let createdAt: Instant
    /// Grows by one with every change: tells caches that what they hold is old.
    public var revision: Int64

    /// An account as stored.
    public init(
        id: AccountID, login: Login, person: Person, stage: AccountStage, lock: AccountLock? = nil,
        mail: String? = nil, mailVerified: Bool = false, mobile: String? = nil, charter: CharterAcceptance? = nil,
        createdAt: Instant, revision: Int64 = 1
    ) {
        self.id = id
        self.login = login
        self.person = person
        self.stage = stage
        self.lock = lock
        self.mail = mail
        self.mailVerified = mailVerified
        self.mobile = mobile
        self.charter = charter
        self.createdAt = createdAt
        self.revision = revision
    }
}

/// What a person settled at the first connection.
public struct Activation: Sendable {
    /// The Argon2id string of the password chosen.
    public let passwordHash: String
    /// The mail address given, not proved yet; `nil` leaves the one held.
    public let mail: String?
    /// The mobile number given; `nil` leaves the one held.
    public let mobile: String?
    /// The charter accepted; `nil` when none is asked.
    public let charterVersion: Int?

    /// What was settled.
    public init(passwordHash: String, mail: String?, mobile: String?, charterVersion: Int?) {
        self.passwordHash = passwordHash
        self.mail = mail
        self.mobile = mobile
        self.charterVersion = charterVersion
    }
}

/// The local accounts.
///
/// Every verb that changes an account adds one to its ``Account/revision``.
public protocol AccountStore: Sendable {
    /// The account with this login.
    func account(login: Login) async throws -> Account?
    /// The account with this key.
    func account(id: AccountID) async throws -> Account?
    /// Accounts with this mail address (letter case ignored), oldest first: several people of a family share one.
    func accounts(mail: String) async throws -> [Account]
    /// Up to `limit` accounts in the order of their logins, after the login `after`; `school` and `query` (part of login,
    /// family name or given name, letter case ignored) narrow.
    func accounts(after: Login?, limit: Int, school: UAI?, query: String?) async throws -> [Account]

    /// Adds the accounts, all or none.
    ///
    /// - Parameter accounts: each with the hash of its activation code, which must be there as long as the stage awaits
    ///   activation.
    /// - Throws: ``StoreError`` `.conflict` when a login is taken.
    func add(_ accounts: [(account: Account, activationCode: SecretHash?)]) async throws

    /// Whether this is the account's live activation code: not used, not expired, and the account not locked.
    func isActivationCode(_ code: SecretHash, of id: AccountID, now: Instant) async throws -> Bool

    /// Consumes the activation code and makes the account active, in one conditional statement; links and sessions from
    /// before die with it (BR-01).
    ///
    /// - Returns: `false` when the code is not the account's, was used, has expired, or the account is locked.
    func activate(
        _ id: AccountID, with code: SecretHash, _ activation: Activation, now: Instant
    ) async throws -> Bool

    /// Replaces the password of an active, unlocked account, if its hash is still `previous`; its links die.
    ///
    /// - Returns: `false` when it is not.
    func changePassword(of id: AccountID, from previous: String, to hash: String, now: Instant) async throws -> Bool

    /// Replaces the stored hash by one of the same password at a new cost, if it is still `previous`. Not a change of
    /// password: nothing is notified, `changedAt` stays, `mustChange` stays.
    func rehash(_ id: AccountID, from previous: String, to hash: String) async throws

    /// Writes down that the person accepted the charter.
    func acceptCharter(_ id: AccountID, version: Int, now: Instant) async throws
    /// Sets mail and mobile; a changed mail is not verified, and kills the links sent to the earlier one.
    func setContact(_ id: AccountID, mail: String?, mobile: String?) async throws
    /// Locks the account and ends its sessions, in one transaction. - Returns: `false` when there is no such account.
    func lock(_ id: AccountID, reason: String, now: Instant) async throws -> Bool
    /// Takes the lock off. - Returns: `false` when there is no such account.
    func unlock(_ id: AccountID) async throws -> Bool
    /// Puts the account back to awaiting activation with a fresh code, forgets the password, kills its links and ends
    /// its sessions, in one transaction. - Returns: `false` when there is no such account.
    func reset(_ id: AccountID, activationCode: SecretHash, expires: Instant, now: Instant) async throws -> Bool
}
