import ArgumentParser
import Clocks
import Foundation
import JOSE
import Keyring
import Stores
import StoresPostgreSQL
import StoresSQL
import StoresSQLite

/// `loge database`: the database under an installation.
struct DatabaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "database", abstract: "Show the database, and carry an installation from SQLite to PostgreSQL.",
        subcommands: [Status.self, Import.self, AfterRestore.self])

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show engine, place, schema and rows; nothing is changed.")
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let status = try await DatabaseStatus.of(try installation.load())
            Console.print(output.json ? status.json.text : status.text)
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Carry everything from an SQLite database into this installation's empty PostgreSQL database.",
            discussion: """
                Accounts, sessions and all the rest, the keys (still encrypted) and the relying parties (their secrets as \
                hashes) arrive in one transaction, or nothing does. Stop the old server first; its files stay as they are. \
                Applications and people notice nothing, as long as public_url and the passphrase stay the same.
                """)
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions
        @Option(name: .long, help: "The old database file, portal.sqlite.") var sqlite: String
        @Option(
            name: .long,
            help: "The old keys folder. Left out when this installation has its keys in a folder, not in the database.")
        var keys: String?
        @Option(name: .long, help: "The old folder of the relying parties; left out, none are carried.")
        var relyingParties: String?

        func run() async throws {
            let move = try Moving(
                try installation.load(), sqlite: sqlite, keys: keys, relyingParties: relyingParties)
            let moved: Moving.Report
            do {
                moved = try await move.perform()
            } catch let error as StoreError {
                throw Failure("nothing was carried: \(error)")
            }
            if output.json { return Console.print(moved.json.text) }
            for warning in moved.warnings { Console.warn("warning: \(warning)") }
            Console.print(moved.text)
        }
    }
}

extension DatabaseCommand {
    struct AfterRestore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Close what was open in a PostgreSQL database that its own tools have just restored.",
            discussion: """
                Ends every session, kills mailed links, drops waiting mails and lets unused activation codes expire: they \
                may have been used or sent after the backup. `loge restore` does the same for SQLite. Stop every node first.
                """)
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions
        @Flag(name: .long, help: "Let the activation codes of letters open accounts again, even those used since.")
        var keepActivationCodes = false

        func run() async throws {
            guard let settings = try installation.load().database else {
                throw Failure("this installation has no database: section: `loge restore` does it all")
            }
            let opened = try await Machine.sharedStores(settings.allowing(.minutes(10)))
            let now = Machine.clock.now()
            let codes = !keepActivationCodes
            let result = await Result {
                try await opened.tables.write { db in
                    Written(try WhatWasOpen.close(in: db, activationCodes: codes, now: now), [.everything])
                }
            }
            await opened.close()
            let closed = try result.get()
            Console.print(output.json ? JSONValue.object(closed.json).text : closed.sentence)
        }
    }
}

extension WhatWasOpen {
    /// For scripts.
    var json: [String: JSONValue] {
        [
            "sessions_ended": .integer(Int64(sessions)), "links_removed": .integer(Int64(links)),
            "messages_dropped": .integer(Int64(messages)), "activation_codes_expired": .integer(Int64(activationCodes)),
            "notices_held_back": .integer(Int64(notices)),
        ]
    }

    /// For people.
    var sentence: String {
        "\(sessions) sessions were ended, \(links) mailed links and \(messages) waiting mails dropped, "
            + "\(activationCodes) unused activation codes expired"
            + (notices == 0
                ? ""
                : "; \(notices) notices for applications are held back: `loge logouts retry` sends them when this is the "
                    + "real installation, no exercise")
    }
}

/// What a database is like.
struct DatabaseStatus: Sendable {
    let engine: String
    let place: String
    let missing: [Migration]
    /// Unknown while the schema misses a step.
    let counts: [TableCount]?

    private var taken: ArraySlice<Migration> { Migration.all.dropLast(missing.count) }

    static func of(_ configuration: ServerConfiguration) async throws -> DatabaseStatus {
        if let settings = configuration.database { return try await shared(settings) }
        let path = configuration.databasePath
        guard FileManager.default.fileExists(atPath: path) else {
            throw Failure("there is no database \(path) yet: the server makes it")
        }
        do {
            return try await SQLiteFile.reading(path) { file in
                let missing = try file.plan().missing
                return DatabaseStatus(
                    engine: "sqlite", place: path, missing: missing,
                    counts: missing.isEmpty ? try CarriedTable.counts(in: file) : nil)
            }
        } catch let error as StoreError {
            throw Failure("the database \(path) cannot be read: \(error.advice) (\(error))")
        }
    }

    private static func shared(_ settings: PostgreSQLSettings) async throws -> DatabaseStatus {
        do {
            let missing = try await PostgreSQLStores.plan(settings).missing
            guard missing.isEmpty else {
                // Opening would take the steps.
                return DatabaseStatus(engine: "postgresql", place: "\(settings)", missing: missing, counts: nil)
            }
            let opened = try await PostgreSQLStores.open(
                settings.allowing(.minutes(1)), clock: Machine.clock, random: Machine.random)
            let counts = await Result { try await opened.tables.read { try CarriedTable.counts(in: $0) } }
            await opened.close()
            return DatabaseStatus(engine: "postgresql", place: "\(settings)", missing: [], counts: try counts.get())
        } catch let error as StoreError {
            throw Failure("the database \(settings) cannot be read: \(error.sharedAdvice) (\(error))")
        }
    }

    var json: JSONValue {
        func described(_ steps: some Sequence<Migration>) -> JSONValue {
            .array(steps.map { ["number": .integer(Int64($0.number)), "title": .string($0.title)] })
        }
        return [
            "engine": .string(engine), "place": .string(place),
            "schema": ["taken": described(taken), "missing": described(missing)],
            "rows": counts.map { counts in
                .object(Dictionary(uniqueKeysWithValues: counts.map { ($0.table, .integer($0.rows)) }))
            } ?? .null,
        ]
    }

    var text: String {
        var lines = ["engine  \(engine)", "place   \(place)"]
        lines += taken.map { "schema  step \($0.number) taken: \($0.title)" }
        lines += missing.map { "schema  step \($0.number) missing, the next start takes it: \($0.title)" }
        lines += (counts ?? []).map { "rows    \($0.table) \($0.rows)" }
        return lines.joined(separator: "\n")
    }
}

extension Result where Failure == any Error {
    /// What `body` gives or throws.
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
