import ArgumentParser
import Clocks
import Cryptography
import Foundation
import JOSE
import Keyring

/// `loge keys`: the keyring.
struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "See and change the keys: next, current, retiring, retired.",
        discussion: """
            A next key is published before it signs; a retiring key stays published as long as anything it signed may \
            live. A running server takes up every change within a second, without a restart.
            Uses: \(KeyUse.allCases.map(\.rawValue).joined(separator: ", ")).
            """,
        subcommands: [List.self, Stage.self, Rotate.self, Retire.self, Revoke.self, Export.self])

    /// Where the keys are: the installation's, or a folder given with the file of its passphrase.
    struct KeysOptions: ParsableArguments {
        @OptionGroup var installation: InstallationOptions

        @Option(name: .long, help: "A keys folder, without any configuration; wants --passphrase-file.")
        var keys: String?

        @Option(name: .long, help: "The file that holds the passphrase of --keys.")
        var passphraseFile: String?

        /// Lends the keyring to `body`.
        func lend<Result>(creating: Bool = false, _ body: (Keyring) async throws -> Result) async throws -> Result {
            if keys != nil { return try await body(try await folderKeyring(creating: creating)) }
            let configuration = try installation.load()
            if case .folder = configuration.keys.place {
                // Keys in a folder need no database.
                return try await body(try await Machine.keyring(configuration.keys, nil, creating: creating))
            }
            let opened = try await Machine.stores(configuration)
            do {
                let keyring = try await Machine.keyring(configuration.keys, opened.stores, creating: creating)
                let result = try await body(keyring)
                await opened.close()
                return result
            } catch {
                await opened.close()
                throw error
            }
        }

        private func folderKeyring(creating: Bool) async throws -> Keyring {
            guard let keys else { throw Failure("no folder of keys was named") }
            guard let passphraseFile else {
                throw Failure("--keys wants --passphrase-file: the file that holds the passphrase")
            }
            guard let data = FileManager.default.contents(atPath: passphraseFile) else {
                throw Failure("\(passphraseFile) cannot be read: check that it is there and its rights")
            }
            let passphrase = SecretBytes(Array(data.last == 0x0A ? data.dropLast() : data))
            return try await Keyring.open(
                KeysFolder(path: keys), passphrase: passphrase, creating: creating, clock: Machine.clock,
                random: Machine.random)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the keys.")
        @OptionGroup var keys: KeysOptions
        @OptionGroup var output: OutputOptions
        @Flag(name: .long, help: "Retired keys too.") var all = false

        func run() async throws {
            let records = try await keys.lend { $0.snapshot.records }.filter { all || $0.state != .retired }
            if output.json {
                Console.print(JSONValue.object(["keys": .array(records.map(\.json))]).text)
            } else {
                Console.print(KeyTable.text(records))
            }
        }
    }

    struct Stage: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a next key: published now, signing later.")
        @OptionGroup var keys: KeysOptions
        @OptionGroup var output: OutputOptions
        @Flag(name: .long, help: "Make the first keyring of a new installation, with one key of each use.")
        var first = false
        @Argument(help: "The use of the key.", transform: KeyUse.named) var use: KeyUse?

        func run() async throws {
            guard let use else {
                guard first else { throw ValidationError("Say which use: see `loge keys stage --help`.") }
                let records = try await keys.lend(creating: true) { $0.snapshot.records }
                Console.print(
                    output.json
                        ? JSONValue.object(["keys": .array(records.map(\.json))]).text : KeyTable.text(records))
                return
            }
            let record = try await keys.lend(creating: first) { try await $0.stage(use) }
            Console.print(
                output.json ? record.json.text : "staged \(record.id) for \(use.rawValue): published from now on")
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let the next key sign, and the current one retire.")
        @OptionGroup var keys: KeysOptions
        @OptionGroup var output: OutputOptions
        @Flag(
            name: .long,
            help: """
                Also when caches may still be without the next key: applications that do not fetch the keys again at an \
                unknown kid then refuse people until their cache expires.
                """)
        var now = false
        @Argument(help: "The use of the key.", transform: KeyUse.named) var use: KeyUse

        func run() async throws {
            let records = try await keys.lend { keyring in
                try await keyring.rotate(use, ignoringPublication: now)
                return keyring.snapshot.records
            }
            let current = records.first { $0.use == use && $0.state == .current }
            Console.print(
                output.json
                    ? (current?.json.text ?? "{}") : "rotated \(use.rawValue): \(current?.id ?? "") signs from now on")
        }
    }

    struct Retire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a retiring or unwanted next key out.")
        @OptionGroup var keys: KeysOptions
        @OptionGroup var output: OutputOptions
        @Flag(name: .long, help: "Also when something that it signed may still live.") var force = false
        @Argument(help: "The key.") var id: String

        func run() async throws {
            try await keys.lend { try await $0.retire(id, ignoringLifetime: force) }
            Console.print(output.json ? JSONValue.object(["retired": .string(id)]).text : "retired \(id)")
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a key out at once, whatever it signed: in an emergency.",
            discussion: """
                A current key is replaced in the same step. What the key signed is refused from now on: revoking a session \
                or sealing key signs people out, revoking a token key makes applications fetch the keys again.
                """)
        @OptionGroup var keys: KeysOptions
        @OptionGroup var output: OutputOptions
        @Option(name: .long, help: "Why, for the record.") var reason: String
        @Argument(help: "The key.") var id: String

        func run() async throws {
            try await keys.lend { try await $0.revoke(id, reason: reason) }
            Console.print(output.json ? JSONValue.object(["revoked": .string(id)]).text : "revoked \(id): \(reason)")
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the public keys: the set that applications read (JWKS).")
        @OptionGroup var keys: KeysOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            // Public halves only, in the form that applications read: --json changes nothing.
            Console.print(String(decoding: try await keys.lend { $0.snapshot.publishedJSON }, as: UTF8.self))
        }
    }
}

extension KeyUse {
    /// The use that an operator names.
    static func named(_ text: String) throws -> KeyUse {
        guard let use = KeyUse(rawValue: text) else {
            let known = KeyUse.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("There is no use \(text). Uses: \(known).")
        }
        return use
    }
}

extension KeyRecord {
    /// The key for scripts: nothing private.
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(id), "use": .string(use.rawValue), "state": .string(state.rawValue),
            "staged_at": .string(stagedAt.rfc3339),
        ]
        if let activatedAt { members["activated_at"] = .string(activatedAt.rfc3339) }
        if let supersededAt { members["superseded_at"] = .string(supersededAt.rfc3339) }
        if let retireAfter { members["retire_after"] = .string(retireAfter.rfc3339) }
        if let retiredAt { members["retired_at"] = .string(retiredAt.rfc3339) }
        if let revocation { members["revocation"] = .string(revocation) }
        return .object(members)
    }
}

/// The keys as a table for people.
enum KeyTable {
    static func text(_ records: [KeyRecord]) -> String {
        var rows = [["USE", "STATE", "KEY", "SINCE", "UNTIL"]]
        for use in KeyUse.allCases {
            for record in records where record.use == use {
                let since = record.retiredAt ?? record.supersededAt ?? record.activatedAt ?? record.stagedAt
                rows.append([
                    use.rawValue, record.state.rawValue, record.id, since.rfc3339, record.retireAfter?.rfc3339 ?? "",
                ])
            }
        }
        let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (text, width) in zip(row, widths) {
                line += text + String(repeating: " ", count: width - text.count + 2)
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}
