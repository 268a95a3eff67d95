import ArgumentParser
import Clocks
import Cryptography
import Foundation
import Keyring
import Stores
import StoresPostgreSQL
import StoresSQL
import StoresSQLite

/// Which installation a command speaks of.
struct InstallationOptions: ParsableArguments {
    @Option(name: .long, help: "The configuration file. [environment: LOGE_CONFIG] (default: Config/loge.yaml)")
    var config: String?

    @Option(
        name: .long, help: "A folder made by `loge demo`: its loge.yaml is the configuration. [environment: LOGE_DATA]")
    var data: String?

    var path: String {
        let environment = ProcessInfo.processInfo.environment
        if let config { return config }
        if let data { return data + "/loge.yaml" }
        if let config = environment["LOGE_CONFIG"] { return config }
        if let data = environment["LOGE_DATA"] { return data + "/loge.yaml" }
        return "Config/loge.yaml"
    }

    func load() throws -> ServerConfiguration {
        // What says where the configuration is, is no part of it.
        let environment = ProcessInfo.processInfo.environment.filter { !["LOGE_CONFIG", "LOGE_DATA"].contains($0.key) }
        return try ServerConfiguration.load(path, environment: environment)
    }
}

/// Whether a script reads the answer.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Answer in JSON, for scripts.")
    var json = false
}

/// Everything that is made once in a process: the machine's clock and its randomness.
enum Machine {
    static let clock = SystemClock()
    static let random = SystemRandom()

    /// The keys, from where the configuration says they lie.
    static func keyring(
        _ configuration: KeysConfiguration, _ stores: StoreSet?, creating: Bool = false
    ) async throws -> Keyring {
        let vault: any KeyVault
        switch configuration.place {
        case .folder(let path): vault = KeysFolder(path: path)
        case .database:
            guard let stores else { throw Failure("the keys lie in a database that is not open") }
            vault = SharedKeys(stores.keys)
        }
        return try await Keyring.open(
            vault, passphrase: configuration.passphrase, policies: configuration.policies, creating: creating,
            clock: clock, random: random)
    }

    /// Opens the database, embedded or shared, and brings its schema up to date.
    static func stores(_ configuration: ServerConfiguration) async throws -> OpenedStores {
        if let settings = configuration.database { return try await sharedStores(settings) }
        return try await embeddedStores(configuration)
    }

    /// Opens a shared database, and brings its schema up to date.
    static func sharedStores(_ settings: PostgreSQLSettings) async throws -> OpenedStores {
        do {
            let opened = try await PostgreSQLStores.open(settings, clock: clock, random: random)
            return OpenedStores(stores: opened.stores, tables: opened.tables) { await opened.close() }
        } catch let error as StoreError {
            throw Failure("the database \(settings) cannot be opened: \(error.sharedAdvice) (\(error))")
        }
    }

    private static func embeddedStores(_ configuration: ServerConfiguration) async throws -> OpenedStores {
        do {
            try FileManager.default.createDirectory(
                atPath: configuration.dataFolder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure("the data folder \(configuration.dataFolder) cannot be made: check its parent and its rights")
        }
        do {
            let opened = try await SQLiteStores.open(path: configuration.databasePath, clock: clock)
            return OpenedStores(stores: opened.stores, tables: opened.tables) { await opened.close() }
        } catch let error as StoreError {
            throw Failure("the database \(configuration.databasePath) cannot be opened: \(error.advice) (\(error))")
        }
    }
}

/// The stores of a running process, and how they are let go.
struct OpenedStores: Sendable {
    let stores: StoreSet
    /// The engine under them, for commands that work on whole tables.
    let tables: any SQLEngine
    let close: @Sendable () async -> Void
}

extension StoreError {
    /// What an operator does about a shared database.
    var sharedAdvice: String {
        switch code {
        case .unavailable: "check that it runs, its address, and the user's name and password"
        case .cannotWrite: "check the room on its disk, and that it is not a read-only copy"
        case .corrupted: "it is damaged or not a database of Loge: restore it with PostgreSQL's own tools"
        case .newerSchema: "a newer version of Loge has used it: run that version"
        case .conflict, .unexpected: "this should not happen: keep the message and report it"
        }
    }

    /// What an operator does about it.
    var advice: String {
        switch code {
        case .unavailable: "check that its folder may be written and that its disk has room"
        case .cannotWrite: "check the room on its disk and the rights of its folder"
        case .corrupted: "the file is damaged or not a database of Loge: put it back from a backup"
        case .newerSchema: "a newer version of Loge has used it: run that version"
        case .conflict, .unexpected: "this should not happen: keep the message and report it"
        }
    }
}
