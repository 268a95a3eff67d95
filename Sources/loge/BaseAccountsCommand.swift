import Accounts
import ArgumentParser
import Clocks
import Foundation
import JOSE
import PupilBase
import School
import Stores
import Synchronization

/// `loge base accounts`: the portal's accounts of the people of the base.
struct BaseAccounts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accounts",
        abstract: "Make the accounts of the people of the base, and bring those there are to what it says.",
        discussion: """
            Accounts whose person changed are changed, the login never; those of people who left are locked when the grace \
            is over, and opened when they come back. What an operator locked or opened stays so. Run it again at any time, \
            and once a day: graces end on their own.
            """)

    @OptionGroup var installation: InstallationOptions
    @OptionGroup var output: OutputOptions
    @Option(
        name: .long, help: "Whose accounts are made: pupil, responsible, staff, separated by commas; or none.",
        transform: kinds)
    var kinds: Set<PersonKind> = Set(PersonKind.allCases)
    @Option(name: .long, help: "Make those of this school only, by its UAI.", transform: uai)
    var school: UAI?
    @Option(
        name: .long,
        help: """
            A file to make, for the letters as CSV: one line for each account that never had a letter, with its code, \
            school by school and class by class. The codes are nowhere else.
            """)
    var letters: String?
    @Flag(name: .long, help: "Tell what would become, and write nothing.") var dryRun = false

    static func kinds(_ text: String) throws -> Set<PersonKind> {
        guard text != "none" else { return [] }
        return Set(
            try text.split(separator: ",").map { word in
                guard let kind = PersonKind(rawValue: String(word)) else {
                    throw ValidationError("\(word) is none of pupil, responsible, staff")
                }
                return kind
            })
    }

    static func uai(_ text: String) throws -> UAI {
        guard let uai = UAI(text) else { throw ValidationError("\(text) is no UAI: seven digits and a letter") }
        return uai
    }

    func validate() throws {
        guard !dryRun || letters == nil else { throw ValidationError("A dry run writes no letters.") }
    }

    func run() async throws {
        let configuration = try installation.load()
        let opened = try await Machine.stores(configuration)
        do {
            let outcome = try await perform(opened, grace: configuration.base.grace)
            await opened.close()
            Console.print(output.json ? outcome.json.text : outcome.text)
        } catch let error as StoreError {
            await opened.close()
            throw Failure("not everything was done (\(error)): what was done stays, run it again")
        } catch {
            await opened.close()
            throw error
        }
    }

    private func perform(_ opened: OpenedStores, grace: Duration) async throws -> Outcome {
        var options = AccountsOfBase.Options()
        options.grace = grace
        options.isDryRun = dryRun
        let accounts = AccountsOfBase(on: opened.tables, random: Machine.random, options: options)
        let now = Machine.clock.now()
        // What cannot be written is told before anything is done.
        let file = try letters.map { try LettersFile($0) }
        let told = AccountsProgress()
        let changes = try await accounts.follow(creating: kinds, of: school, now: now, progress: told.report)
        var outcome = Outcome(changes: changes, isDryRun: dryRun)
        if let file {
            outcome.letters = try await accounts.letters(
                for: kinds, of: school, now: now, progress: told.report, write: file.write)
            try file.finish()
        }
        return outcome
    }

    /// What a run did.
    struct Outcome {
        var changes: AccountChanges
        var isDryRun: Bool
        var letters: LetterCount?

        var json: JSONValue {
            var members: [String: JSONValue] = [
                "dry_run": .bool(isDryRun), "created": .integer(Int64(changes.created)),
                "changed": .integer(Int64(changes.changed)), "locked": .integer(Int64(changes.locked)),
                "unlocked": .integer(Int64(changes.unlocked)), "unspellable": .integer(Int64(changes.unspellable)),
            ]
            if let letters {
                members["letters"] = .integer(Int64(letters.written))
                members["void_letters"] = .integer(Int64(letters.void))
            }
            return .object(members)
        }

        var text: String {
            var lines = [
                "\(isDryRun ? "would be made" : "made"): \(changes.created); changed: \(changes.changed); "
                    + "locked: \(changes.locked); opened again: \(changes.unlocked)"
            ]
            if changes.unspellable > 0 {
                lines.append(
                    "without an account, since no login can be made of their names: \(changes.unspellable); "
                        + "make one with `loge accounts create --login`")
            }
            if let letters {
                lines.append("letters: \(letters.written)")
                if letters.void > 0 {
                    lines.append(
                        "letters whose code does not work, since somebody else was at these accounts: \(letters.void)")
                }
            } else if changes.created > 0, !isDryRun {
                lines.append("nobody has a code yet: run it again with --letters FILE")
            }
            return lines.joined(separator: "\n")
        }
    }
}

/// The letters' contents on their way to the disk, for their owner only: a page is there before its codes work.
private final class LettersFile: Sendable {
    private let path: String
    private let handle: FileHandle

    init(_ path: String) throws {
        self.path = path
        handle = try DurableFile.make(path)
        try write(text: AccountAdministration.letterHeader)
    }

    func write(_ letters: [IssuedAccount]) throws { try write(text: AccountAdministration.letterLines(letters)) }

    func finish() throws {
        try told { try handle.close() }
        DurableFile.sync(folder: (path as NSString).deletingLastPathComponent)
    }

    private func write(text: String) throws {
        try told {
            try handle.write(contentsOf: Data(text.utf8))
            try handle.synchronize()
        }
    }

    private func told(_ body: () throws -> Void) throws {
        do { try body() } catch {
            throw Failure("\(path) cannot be written to its end: check the room on the disk, and run it again")
        }
    }
}

/// Says on standard error how far a long run has come, every ten thousand accounts.
private final class AccountsProgress: Sendable {
    private let said = Mutex<[String: Int]>([:])

    func report(_ progress: AccountsOfBase.Progress) {
        switch progress {
        case .followed(let count): say("compared with the base", count)
        case .created(let kind, let count): say("made (\(kind.rawValue))", count)
        case .letters(let count): say("letters", count)
        }
    }

    private func say(_ what: String, _ count: Int) {
        let step = count / 10_000
        let isNews = said.withLock { said in (said.updateValue(step, forKey: what) ?? 0) != step }
        if isNews { Console.warn("\(what): \(count)") }
    }
}
