internal import Clocks
internal import School
internal import Stores
internal import StoresSQL

/// The record that an account was made of.
struct FoundingRecord: Sendable, Hashable {
    /// One register's records of one kind.
    struct Group: Hashable {
        let register: Int64
        let kind: String
    }

    let register: Int64
    let kind: String
    let key: String

    var group: Group { Group(register: register, kind: kind) }
}

/// An account of somebody of the base.
struct HeldAccount: Sendable {
    let founder: FoundingRecord
    let account: Account
    /// Since when the base has locked it; `nil` when it has not.
    let locked: Instant?

    /// - Throws: `StoreError` `.corrupted`.
    init(_ row: SQLRow) throws {
        founder = FoundingRecord(
            register: try row.number("base_register"), kind: try row.text("base_kind"), key: try row.text("base_key"))
        let since = try row.number("base_locked")
        locked = since > 0 ? Instant(millisecondsSinceEpoch: since) : nil
        account = try row.account()
    }

    /// The lock that the base has put on, if it is still that one: an operator who locks once more gives another reason.
    private var lockOfBase: AccountLock? {
        guard let lock = account.lock, lock.since == locked, PersonOfBase.Absence(rawValue: lock.reason) != nil else {
            return nil
        }
        return lock
    }

    /// What is to be done, so that the account is this person's.
    func steps(_ person: PersonOfBase) -> [AccountStep] {
        if let absence = person.absence {
            // Locked by an operator: it stays as it is. Opened by one after the base had locked it: that stands too.
            guard account.lock == nil, locked == nil else { return [] }
            return [AccountStep(account: account, action: .lock(absence))]
        }
        var steps: [AccountStep] = []
        if let lock = lockOfBase {
            steps.append(AccountStep(account: account, action: .unlock(lock)))
        } else if locked != nil {
            steps.append(AccountStep(account: account, action: .forgetLock))
        }
        let mail = newMail(person)
        if person.person != account.person || mail != nil {
            steps.append(AccountStep(account: account, action: .describe(person.person, mail: mail)))
        }
        return steps
    }

    /// The address of the base while nobody has used the account; ``SQLSession/describe(_:as:mail:)`` says why.
    private func newMail(_ person: PersonOfBase) -> String? {
        guard case .awaitingActivation = account.stage, !account.mailVerified, person.mail != account.mail else {
            return nil
        }
        return person.mail
    }
}

/// One thing that is done to an account.
struct AccountStep: Sendable {
    enum Action: Sendable {
        case describe(Person, mail: String?)
        case lock(PersonOfBase.Absence)
        case unlock(AccountLock)
        /// Somebody else decided about the lock meanwhile.
        case forgetLock
    }

    let account: Account
    let action: Action

    /// - Returns: what changed; nothing when somebody was quicker.
    /// - Throws: `StoreError`.
    func perform(_ db: any SQLSession, now: Instant) throws -> [StoreChange] {
        let id = account.id
        switch action {
        case .describe(let person, let mail):
            return try db.describe(account, as: person, mail: mail) ? [.account(id)] : []
        case .lock(let absence):
            let changes = try db.lockOpen(id, reason: absence.rawValue, now: now)
            if !changes.isEmpty { try note(db, now) }
            return changes
        case .unlock(let lock):
            guard try db.unlock(id, from: lock) else { return [] }
            try note(db, nil)
            return [.account(id)]
        case .forgetLock:
            try note(db, nil)
            return []
        }
    }

    private func note(_ db: any SQLSession, _ locked: Instant?) throws {
        try db.change(
            .noteLock,
            ["account": .text(account.id.description), "locked": .number(locked?.millisecondsSinceEpoch ?? 0)])
    }

    func count(in changes: inout AccountChanges) {
        switch action {
        case .describe: changes.changed += 1
        case .lock: changes.locked += 1
        case .unlock: changes.unlocked += 1
        case .forgetLock: break
        }
    }
}

extension SQLStatement {
    fileprivate static let noteLock = SQLStatement("UPDATE base_accounts SET locked = :locked WHERE account = :account")
}
