import ArgumentParser
import Clocks
import Foundation
import JOSE
import OpenIDConnectIssuer
import PortalRole
import Settings
import SignOn
import Stores

/// `loge parties`: the relying parties that nodes share.
struct Parties: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, put, remove and export the relying parties in the database that nodes share.",
        discussion: """
            One file, one relying party, as in docs/integration.md. No secret is stored: put writes its SHA-256 in its \
            place. Every node takes a change up within a second. Where the relying parties lie in a folder, that folder is \
            the place to change them.
            """,
        subcommands: [List.self, Put.self, Remove.self, Export.self, Readers.self])

    /// The configuration of an installation whose relying parties lie in its database.
    static func shared(_ installation: InstallationOptions) throws -> ServerConfiguration {
        let configuration = try installation.load()
        if case .folder(let path) = configuration.portal.relyingParties {
            throw Failure(
                "the relying parties of this installation are the files in \(path): change them there, that is all")
        }
        return configuration
    }

    /// Lends the shared files to `body`.
    static func lend<Value>(
        _ configuration: ServerConfiguration, _ body: (any RelyingPartyStore) async throws -> Value
    ) async throws -> Value {
        let opened = try await Machine.stores(configuration)
        let result = await Result { try await body(opened.stores.relyingParties) }
        await opened.close()
        return try result.get()
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the files and whom they register.")
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let files = try await Parties.lend(Parties.shared(installation)) { try await $0.files() }
            let rows = files.map { (file: $0, client: Registrations.read($0)) }
            if output.json {
                let parties = rows.map { row -> JSONValue in
                    var members: [String: JSONValue] = [
                        "name": .string(row.file.name), "changed_at": .string(row.file.changedAt.rfc3339),
                    ]
                    switch row.client {
                    case .success(let client):
                        members["client_id"] = .string(client.id)
                        members["client_name"] = .string(client.party.name)
                    case .failure(let problem): members["problem"] = .string("\(problem)")
                    }
                    return .object(members)
                }
                return Console.print(JSONValue.object(["relying_parties": .array(parties)]).text)
            }
            for row in rows {
                let said =
                    switch row.client {
                    case .success(let client): "\(client.id)  \(client.party.name)"
                    case .failure(let problem): "wrong: \(problem)"
                    }
                Console.print("\(row.file.name)  \(row.file.changedAt.rfc3339)  \(said)")
            }
        }
    }

    struct Put: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add relying parties, or replace those whose file has the same name.",
            discussion: "Every file is checked before the first one is put.")
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The files, NAME.yaml; the database keeps their names.") var files: [String]

        func run() async throws {
            let configuration = try Parties.shared(installation)
            let registrations = try files.map { path in
                (name: try Registrations.name(of: path), registration: try SharedRegistration(path: path))
            }
            let names = Set(registrations.map(\.name))
            guard names.count == registrations.count else { throw Failure("two of the files have the same name") }
            try await Parties.lend(configuration) { store in
                let others = try await store.files().filter { !names.contains($0.name) }.compactMap { file in
                    (try? Registrations.read(file).get()).map { (name: file.name, client: $0.id) }
                }
                try Registrations.refuseDoubles(
                    others + registrations.map { (name: $0.name, client: $0.registration.client.id) })
                for (name, registration) in registrations {
                    try await store.put(name, content: registration.text, now: Machine.clock.now())
                }
            }
            if output.json {
                let put = registrations.map { one -> JSONValue in
                    ["name": .string(one.name), "client_id": .string(one.registration.client.id)]
                }
                return Console.print(JSONValue.object(["put": .array(put)]).text)
            }
            for one in registrations { Console.print("put \(one.name): client \(one.registration.client.id)") }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a relying party: nobody signs in to it any more.")
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The name of its file, as `loge parties list` shows it.") var name: String

        func run() async throws {
            let isRemoved = try await Parties.lend(Parties.shared(installation)) { try await $0.remove(name) }
            guard isRemoved else { throw Failure("there is no file \(name): see `loge parties list`") }
            Console.print(output.json ? JSONValue.object(["removed": .string(name)]).text : "removed \(name)")
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the files to a folder, where none of these names is.",
            discussion: "They hold hashes in the place of secrets, and can be put again as they are.")
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The folder; it is made when there is none.") var folder: String

        func run() async throws {
            let files = try await Parties.lend(Parties.shared(installation)) { try await $0.files() }
            for file in files {
                // What is in the database may lead nowhere but into the folder.
                guard RelyingPartyFolder.isName(file.name) else {
                    throw Failure("the database holds a file whose name is none: nothing was written")
                }
                guard !FileManager.default.fileExists(atPath: folder + "/" + file.name) else {
                    throw Failure("\(folder)/\(file.name) is there already: nothing was written, choose another folder")
                }
            }
            try DurableFile.makeFolder(folder)
            for file in files { try DurableFile.write(Array(file.content.utf8), to: folder + "/" + file.name) }
            DurableFile.sync(folder: folder)
            Console.print(
                output.json
                    ? JSONValue.object([
                        "exported": .array(files.map { .string($0.name) }), "folder": .string(folder),
                    ]).text : "exported \(files.count) files to \(folder)")
        }
    }
}

/// Files of relying parties, as the database takes them.
enum Registrations {
    /// The name that the database gives to the file at `path`.
    static func name(of path: String) throws -> String {
        let name = (path as NSString).lastPathComponent
        guard RelyingPartyFolder.isName(name) else {
            throw Failure("\(path) is no name of a relying party's file: call it NAME.yaml")
        }
        return name
    }

    /// The client of a file in the database.
    static func read(_ file: RelyingPartyFile) -> Result<Client, any Error> {
        Result { try SettingsFile.read(text: file.content, name: file.name) { try Client($0) }.value }
    }

    /// One client, one file.
    static func refuseDoubles(_ files: [(name: String, client: String)]) throws {
        for (client, group) in Dictionary(grouping: files, by: \.client) where group.count > 1 {
            let names = group.map(\.name).sorted().joined(separator: " and ")
            throw Failure("the client_id \(client) stands in \(names): one file for each relying party")
        }
    }
}
