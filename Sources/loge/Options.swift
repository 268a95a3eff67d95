import ArgumentParser
import Clocks
import Cryptography
import Foundation
import Keyring
import Stores
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

    static func keyring(_ configuration: KeysConfiguration, creating: Bool = false) throws -> Keyring {
        try Keyring(
            at: configuration.folder, passphrase: configuration.passphrase, policies: configuration.policies,
            creating: creating, clock: clock, random: random)
    }

    static func stores(_ configuration: ServerConfiguration) async throws -> SQLiteStores {
        do {
            try FileManager.default.createDirectory(
                atPath: configuration.dataFolder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure("the data folder \(configuration.dataFolder) cannot be made: check its parent and its rights")
        }
        do {
            return try await SQLiteStores.open(path: configuration.databasePath, clock: clock)
        } catch let error as StoreError {
            throw Failure("the database \(configuration.databasePath) cannot be opened: \(error.advice) (\(error))")
        }
    }
}

extension StoreError {
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
