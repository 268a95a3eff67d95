public import Clocks
public import Cryptography
internal import DelimitedText
internal import Foundation
public import School
public import Stores

/// An account with the code for its letter. The code is here once and nowhere else: the store holds its hash.
public struct IssuedAccount: Sendable {
    /// The account.
    public let account: Account
    /// The code to print.
    public let code: ActivationCode
    /// Until when the code works.
    public let expires: Instant

    package init(account: Account, code: ActivationCode, expires: Instant) {
        self.account = account
        self.code = code
        self.expires = expires
    }
}

/// What operators and the school desk do with accounts.
public struct AccountAdministration: Sendable {
    private let accounts: any AccountStore
    private let random: any RandomSource
    private let codeLife: Duration

    /// - Parameter codeLife: how long an activation code of a letter works; ACT-01 allows 30 days.
    public init(accounts: any AccountStore, random: any RandomSource, codeLife: Duration = .days(30)) {
        self.accounts = accounts
        self.random = random
        self.codeLife = codeLife
    }

    /// Makes one account that awaits its first connection.
    ///
    /// - Throws: ``AccountDescription/Problem`` when a field cannot be taken, ``StoreError`` `.conflict` when the login is
    ///   taken.
    public func create(_ description: AccountDescription, now: Instant) async throws -> IssuedAccount {
        let person = try description.person()
        let mail = try description.mailAddress()
        let login: Login
        if let given = try description.login() {
            login = given
        } else {
            guard let base = LoginMaker.base(givenName: person.givenName, familyName: person.familyName) else {
                throw AccountDescription.Problem.missing(.login)
            }
            login = try await LoginMaker.free(base) { try await accounts.account(login: $0) != nil }
        }
        let issued = issue(login: login, person: person, mail: mail, now: now)
        try await accounts.add([(issued.account, issued.code.hash)])
        return issued
    }

    /// Makes the accounts of a CSV file, all or none, in the order of the file.
    ///
    /// - Parameter bytes: UTF-8, `;` or `,`, a header with the names of ``AccountDescription/Column``.
    /// - Throws: ``ImportFailures`` with their lines; ``StoreError``, also `.conflict` when somebody took a login meanwhile.
    public func importAccounts(_ bytes: [UInt8], now: Instant) async throws -> [IssuedAccount] {
        let file = try ImportFile(bytes)
        var failures: [ImportFailure] = []
        var taken: [Login: Int] = [:]
        var wanted: [(line: Int, login: Login?, person: Person, mail: String?)] = []
        // Logins that the file gives come before those that are made, wherever they stand.
        for (line, description) in file.records where failures.count < ImportFailures.most {
            do throws(AccountDescription.Problem) {
                let login = try description.login()
                wanted.append((line, login, try description.person(), try description.mailAddress()))
                if let login, let earlier = taken.updateValue(line, forKey: login) {
                    failures.append(ImportFailure(line: line, problem: .repeatedLogin(earlierLine: earlier)))
                }
            } catch {
                failures.append(ImportFailure(line: line, problem: .field(error)))
            }
        }
        for record in wanted where failures.count < ImportFailures.most {
            if let login = record.login, try await accounts.account(login: login) != nil {
                failures.append(ImportFailure(line: record.line, problem: .takenLogin))
            }
        }
        var issued: [IssuedAccount] = []
        for record in wanted where failures.count < ImportFailures.most {
            let person = record.person
            let login: Login
            if let given = record.login {
                login = given
            } else if let base = LoginMaker.base(givenName: person.givenName, familyName: person.familyName) {
                login = try await LoginMaker.free(base) { candidate in
                    if taken[candidate] != nil { return true }
                    return try await accounts.account(login: candidate) != nil
                }
                taken[login] = record.line
            } else {
                failures.append(ImportFailure(line: record.line, problem: .unspellableName))
                continue
            }
            issued.append(issue(login: login, person: person, mail: record.mail, now: now))
        }
        guard failures.isEmpty else { throw ImportFailures(failures: failures.sorted { $0.line < $1.line }) }
        try await accounts.add(issued.map { ($0.account, $0.code.hash) })
        return issued
    }

    /// The account with this login, as an operator types it.
    public func show(_ typed: String) async throws -> Account? {
        guard let login = LoginCanonicalizer.login(typed) else { return nil }
        return try await accounts.account(login: login)
    }

    /// A page of accounts in the order of their logins. See ``AccountStore/accounts(after:limit:school:query:)``.
    public func list(
        after: Login? = nil, limit: Int = 100, school: UAI? = nil, query: String? = nil
    ) async throws -> [Account] {
        try await accounts.accounts(after: after, limit: limit, school: school, query: query)
    }

    /// Closes the account to everybody and ends its sessions. - Returns: the account; `nil` when there is none.
    public func lock(_ typed: String, reason: String, now: Instant) async throws -> Account? {
        guard let account = try await show(typed), try await accounts.lock(account.id, reason: reason, now: now) else {
            return nil
        }
        return try await accounts.account(id: account.id)
    }

    /// Opens a locked account again. - Returns: the account; `nil` when there is none.
    public func unlock(_ typed: String) async throws -> Account? {
        guard let account = try await show(typed), try await accounts.unlock(account.id) else { return nil }
        return try await accounts.account(id: account.id)
    }

    /// Puts the account back to before its first connection, with a fresh code: the password is forgotten, links die,
    /// sessions end. - Returns: the account with its code; `nil` when there is none.
    public func reset(_ typed: String, now: Instant) async throws -> IssuedAccount? {
        guard let account = try await show(typed) else { return nil }
        let code = ActivationCode(random: random)
        let expires = now + codeLife
        guard try await accounts.reset(account.id, activationCode: code.hash, expires: expires, now: now),
            let renewed = try await accounts.account(id: account.id)
        else { return nil }
        return IssuedAccount(account: renewed, code: code, expires: expires)
    }

    /// The letters' contents as CSV, for a mail merge: no field can run as a formula (ADM-01).
    public static func letters(_ issued: [IssuedAccount]) -> String { letterHeader + letterLines(issued) }

    /// The first line of ``letters(_:)``.
    public static let letterHeader = CSV.text([
        ["login", "given_name", "family_name", "school", "class", "activation_code", "expires"]
    ])

    /// The lines of ``letters(_:)`` after the first, for a file that is written piece by piece.
    public static func letterLines(_ issued: [IssuedAccount]) -> String {
        CSV.text(
            issued.map { issued in
                let person = issued.account.person
                return [
                    issued.account.login.description, person.givenName, person.familyName,
                    person.school?.description ?? "", person.className ?? "", issued.code.printed,
                    issued.expires.rfc3339,
                ]
            })
    }

    private func issue(login: Login, person: Person, mail: String?, now: Instant) -> IssuedAccount {
        let expires = now + codeLife
        let account = Account(
            id: AccountID(random: random), login: login, person: person, stage: .awaitingActivation(expires: expires),
            mail: mail, createdAt: now)
        return IssuedAccount(account: account, code: ActivationCode(random: random), expires: expires)
    }
}
