import ArgumentParser
import Clocks
import Foundation
import JOSE
import PupilBase
import Stores
import StoresPostgreSQL
import StoresSQL

/// `loge base`: the pupil base, which the ministries' files fill.
struct Base: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "base",
        abstract: "Import the ministries' files (AAF, SIECLE, ONDE) into the pupil base, look at it, undo.",
        discussion: """
            An import that would take many people away is refused, and the last one can be undone. National numbers and \
            telephone numbers are masked, but with --reveal.
            """,
        subcommands: [
            Import.self, Rollback.self, Status.self, Search.self, Show.self, Doubles.self, Diff.self, Export.self,
            BaseAccounts.self,
        ])

    /// Lends the engine under the base to `body`. Counting a large base takes longer than a server would wait.
    static func lend<Value>(
        _ configuration: ServerConfiguration, _ body: (any SQLEngine) async throws -> Value
    ) async throws -> Value {
        let opened: OpenedStores
        if let settings = configuration.database {
            opened = try await Machine.sharedStores(settings.allowing(.minutes(10)))
        } else {
            opened = try await Machine.stores(configuration)
        }
        let result = await Result { try await body(opened.tables) }
        await opened.close()
        return try result.get()
    }

    /// Lends the base to a reader.
    static func read<Value>(
        _ installation: InstallationOptions, _ body: (BaseReading, ServerConfiguration) async throws -> Value
    ) async throws -> Value {
        let configuration = try installation.load()
        do {
            return try await lend(configuration) { engine in
                try await body(BaseReading(on: engine, grace: configuration.base.grace), configuration)
            }
        } catch let error as StoreError {
            throw Failure("the base could not be read: \(configuration.advice(on: error)) (\(error))")
        } catch let problem as BaseQuestionProblem {
            throw Failure(problem.description)
        }
    }

    /// Brings the portal's accounts to what the base says now; makes none.
    static func follow(_ engine: any SQLEngine, _ configuration: ServerConfiguration) async throws -> AccountChanges {
        var options = AccountsOfBase.Options()
        options.grace = configuration.base.grace
        do {
            return try await AccountsOfBase(on: engine, random: Machine.random, options: options)
                .catchUp(now: Machine.clock.now())
        } catch let error as StoreError {
            throw Failure(
                "the base is changed, but not all accounts follow it yet: run `loge base accounts --kinds none` "
                    + "(\(configuration.advice(on: error)): \(error))")
        }
    }

    struct Rollback: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Undo the last import: the base is as it was before, to the row.",
            discussion: "Once more undoes the one before, as far back as base.undoable reaches.")
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let configuration = try installation.load()
            let number: Int64
            do {
                number = try await Base.lend(configuration) { engine in
                    let number = try await BaseImport(on: engine, options: configuration.base)
                        .undo(now: Machine.clock.now())
                    _ = try await Base.follow(engine, configuration)
                    return number
                }
            } catch let error as StoreError {
                throw Failure("nothing was undone: \(configuration.advice(on: error)) (\(error))")
            } catch let refusal as ImportRefusal {
                throw Failure(refusal.description)
            }
            Console.print(
                output.json
                    ? JSONValue.object(["undone": .integer(number)]).text
                    : "import \(number) was undone: the base is as it was before it")
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the registers, how many people they hold, and the last imports.",
            discussion: "It counts everything: some seconds for a large base. People who leave are counted apart.")
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions
        @Option(name: .long, help: "How many imports to list.") var imports = 20

        func validate() throws {
            guard (1...1000).contains(imports) else { throw ValidationError("--imports is a number from 1 to 1000.") }
        }

        func run() async throws {
            let imports = imports
            let status = try await Base.read(installation) { base, _ in try await base.status(imports: imports) }
            Console.print(output.json ? try JSONText.of(status) : BaseText.status(status))
        }
    }
}

extension ServerConfiguration {
    /// What an operator does about an error of its database.
    func advice(on error: StoreError) -> String { database == nil ? error.advice : error.sharedAdvice }
}

/// JSON of values that know how to be coded; members in `snake_case`, as all answers of commands.
enum JSONText {
    static func of(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

/// Rows for people, in columns.
enum TextTable {
    /// The lines; numbers stand to the right.
    static func lines(_ rows: [[String]], indent: String = "") -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            var line = indent
            for (text, width) in zip(row, widths) {
                let padding = String(repeating: " ", count: width - text.count)
                let isNumber = !text.isEmpty && text.allSatisfy { $0.isASCII && $0.isNumber }
                line += (isNumber ? padding + text : text + padding) + "  "
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }
}
