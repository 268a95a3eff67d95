import Accounts
import ArgumentParser
import Clocks
import Foundation
import JOSE
import School
import Stores

/// `loge accounts`: the portal's own accounts.
struct Accounts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Create, import, show, lock, unlock and reset the portal's own accounts.",
        discussion: "Activation codes are shown once, when they are made: print them then.",
        subcommands: [Create.self, Import.self, Show.self, Lock.self, Unlock.self, Reset.self])

    /// Runs `body` on the accounts of the installation.
    static func administered<Result>(
        _ installation: InstallationOptions, _ body: (AccountAdministration) async throws -> Result
    ) async throws -> Result {
        let opened = try await Machine.stores(try installation.load())
        do {
            let result = try await body(AccountAdministration(accounts: opened.stores.accounts, random: Machine.random))
            await opened.close()
            return result
        } catch {
            await opened.close()
            throw error
        }
    }

    static func unknown(_ login: String) -> Failure {
        Failure("there is no account \(login): see `loge accounts show --all`")
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make one account that awaits its first connection.")
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions
        @Option(name: .long, help: "The login; made of the names when left out.") var login: String?
        @Option(name: .long, help: "Prénom.") var givenName: String
        @Option(name: .long, help: "Nom.") var familyName: String
        @Option(name: .long, help: "A profile such as National_ELV, National_TUT, National_ENS.") var profile: String
        @Option(name: .long, help: "ecole, college or lycee.") var level: String?
        @Option(name: .long, help: "The school's UAI.") var school: String?
        @Option(name: .customLong("class"), help: "The class.") var className: String?
        @Option(name: .long, help: "yyyy-MM-dd.") var birthDate: String?
        @Option(name: .long, help: "Mail address.") var mail: String?

        func run() async throws {
            let given: [(AccountDescription.Column, String?)] = [
                (.login, login), (.givenName, givenName), (.familyName, familyName), (.profile, profile),
                (.level, level), (.school, school), (.className, className), (.birthDate, birthDate), (.mail, mail),
            ]
            let description = AccountDescription(
                Dictionary(given.compactMap { pair in pair.1.map { (pair.0, $0) } }) { $1 })
            let issued = try await Accounts.administered(installation) { accounts in
                do {
                    return try await accounts.create(description, now: Machine.clock.now())
                } catch let problem as AccountDescription.Problem {
                    throw Failure(problem.sentence)
                } catch let error as StoreError where error.code == .conflict {
                    throw Failure("the login is taken: choose another, or leave --login out")
                }
            }
            Console.print(output.json ? issued.json.text : issued.sentence)
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the accounts of a CSV file, all or none, and print their letters' contents as CSV.",
            discussion: """
                Header: \(AccountDescription.Column.allCases.map(\.rawValue).joined(separator: ",")); UTF-8, `;` or `,`.
                """)
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The CSV file.") var file: String

        func run() async throws {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw Failure("\(file) cannot be read: check that it is there and its rights")
            }
            let issued = try await Accounts.administered(installation) { accounts in
                do {
                    return try await accounts.importAccounts(Array(data), now: Machine.clock.now())
                } catch let failures as ImportFailures {
                    let lines = failures.failures.map { "\(file):\($0.line): \($0.description)" }
                    throw Failure(
                        (lines + ["nothing was imported: correct the file and import it again"])
                            .joined(separator: "\n"))
                }
            }
            if output.json {
                Console.print(JSONValue.object(["accounts": .array(issued.map(\.json))]).text)
            } else {
                Console.print(AccountAdministration.letters(issued))
                Console.warn("\(issued.count) accounts were made")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show an account, or list accounts.")
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions
        @Flag(name: .long, help: "List accounts, in the order of their logins.") var all = false
        @Option(name: .long, help: "With --all: only those whose login or name holds this.") var query: String?
        @Option(name: .long, help: "With --all: at most that many.") var limit = 100
        @Argument(help: "The login.") var login: String?

        func run() async throws {
            try await Accounts.administered(installation) { accounts in
                if let login {
                    guard let account = try await accounts.show(login) else { throw Accounts.unknown(login) }
                    Console.print(output.json ? account.json.text : account.sentence)
                    return
                }
                guard all || query != nil else { throw ValidationError("Give a login, or --all.") }
                let list = try await accounts.list(limit: max(1, min(limit, 10000)), query: query)
                if output.json {
                    Console.print(JSONValue.object(["accounts": .array(list.map(\.json))]).text)
                } else {
                    for account in list { Console.print(account.sentence) }
                }
            }
        }
    }

    struct Lock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Close an account to everybody and end its sessions.")
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions
        @Option(name: .long, help: "Why, for the record.") var reason: String
        @Argument(help: "The login.") var login: String

        func run() async throws {
            try await Accounts.administered(installation) { accounts in
                guard let account = try await accounts.lock(login, reason: reason, now: Machine.clock.now()) else {
                    throw Accounts.unknown(login)
                }
                Console.print(output.json ? account.json.text : account.sentence)
            }
        }
    }

    struct Unlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Open a locked account again.")
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The login.") var login: String

        func run() async throws {
            try await Accounts.administered(installation) { accounts in
                guard let account = try await accounts.unlock(login) else { throw Accounts.unknown(login) }
                Console.print(output.json ? account.json.text : account.sentence)
            }
        }
    }

    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put an account back to before its first connection, with a fresh activation code.")
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The login.") var login: String

        func run() async throws {
            try await Accounts.administered(installation) { accounts in
                guard let issued = try await accounts.reset(login, now: Machine.clock.now()) else {
                    throw Accounts.unknown(login)
                }
                Console.print(output.json ? issued.json.text : issued.sentence)
            }
        }
    }
}

extension AccountDescription.Problem {
    /// What to correct, in one sentence.
    var sentence: String {
        switch self {
        case .missing(let column): "\(column.rawValue) is missing"
        case .malformed(let column, let expected): "\(column.rawValue) is not accepted: write \(expected)"
        }
    }
}

extension IssuedAccount {
    var json: JSONValue {
        var members = account.json.object ?? [:]
        members["activation_code"] = .string(code.printed)
        members["activation_code_expires_at"] = .string(expires.rfc3339)
        return .object(members)
    }

    var sentence: String {
        "\(account.sentence)\n  activation code: \(code.printed), until \(expires.rfc3339); it is not shown again"
    }
}

extension Account {
    /// The account for scripts: no hash, no code.
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "login": .string(login.description), "given_name": .string(person.givenName),
            "family_name": .string(person.familyName), "profile": .string(person.profile.rawValue),
            "created_at": .string(createdAt.rfc3339), "locked": .bool(lock != nil),
        ]
        switch stage {
        case .awaitingActivation(let expires):
            members["stage"] = "awaiting-activation"
            members["activation_code_expires_at"] = .string(expires.rfc3339)
        case .active(let password):
            members["stage"] = "active"
            members["password_changed_at"] = .string(password.changedAt.rfc3339)
        }
        if let level = person.level { members["level"] = .string(level.rawValue) }
        if let school = person.school { members["school"] = .string(school.description) }
        if let className = person.className { members["class"] = .string(className) }
        if let mail { members["mail"] = .string(mail) }
        if let lock { members["lock_reason"] = .string(lock.reason) }
        return .object(members)
    }

    /// The account in one line.
    var sentence: String {
        let state =
            if let lock { "locked since \(lock.since.rfc3339): \(lock.reason)" } else {
                switch stage {
                case .awaitingActivation(let expires): "awaits its first connection until \(expires.rfc3339)"
                case .active: "active"
                }
            }
        return "\(login)  \(person.givenName) \(person.familyName)  \(person.profile.rawValue)  \(state)"
    }
}
