import ArgumentParser
import Clocks
import Foundation
import JOSE
import Keyring
import OpenIDConnectIssuer
import PortalRole
import Stores
import StoresSQLite
import Web

/// `loge backup`: everything that makes an installation what it is, but its passphrase.
struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the database, the keys and the relying parties to a new folder, while the server runs.",
        discussion: """
            The database is copied as of one moment and checked; the keys stay encrypted; secrets of relying parties are \
            written as their hashes. The passphrase of the keys is not in it: keep it elsewhere. The folder gets its name \
            when everything is in it and on the disk. For installations on PostgreSQL, see docs/exploitation.md.
            """)
    @OptionGroup var installation: InstallationOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The folder to make; it must not exist.") var destination: String

    func run() async throws {
        let configuration = try installation.load()
        try configuration.refuseSharedDatabase("back it up with pg_dump or pg_basebackup")
        let target = destination.count > 1 && destination.hasSuffix("/") ? String(destination.dropLast()) : destination
        let partial = target + ".partial"
        guard !FileManager.default.fileExists(atPath: target) else {
            throw Failure("\(target) is there already: a backup is a new folder, choose another name")
        }
        guard !FileManager.default.fileExists(atPath: partial) else {
            throw Failure("\(partial) is there: another backup makes it now, or was interrupted; then remove it")
        }
        guard FileManager.default.fileExists(atPath: configuration.databasePath) else {
            throw Failure("there is no database \(configuration.databasePath) to back up")
        }
        try DurableFile.makeFolder(partial)
        let made: (folder: BackupFolder, warnings: [String])
        do {
            made = try await Self.fill(partial, of: configuration)
            try DurableFile.rename(partial, to: target)
        } catch {
            try? FileManager.default.removeItem(atPath: partial)
            throw error
        }
        say(made.folder, target, made.warnings)
    }

    private func say(_ folder: BackupFolder, _ target: String, _ warnings: [String]) {
        guard !output.json else {
            var members = folder.json.object ?? [:]
            members["path"] = .string(target)
            members["warnings"] = .array(warnings.map(JSONValue.string))
            return Console.print(JSONValue.object(members).text)
        }
        for warning in warnings { Console.warn("warning: \(warning)") }
        let size = folder.files.values.reduce(0) { $0 + $1.size }
        Console.print("backed up to \(target): \(folder.files.count) files, \(size) bytes")
        Console.print("the passphrase of the keys is not in it: keep it in another place, nothing opens without it")
    }

    private static func fill(
        _ folder: String, of configuration: ServerConfiguration
    ) async throws -> (folder: BackupFolder, warnings: [String]) {
        let createdAt = Machine.clock.now()
        var files: [String: DurableFile.Digest] = [:]
        let schema = try await copyDatabase(configuration.databasePath, to: folder + "/" + BackupFolder.databaseName)
        files[BackupFolder.databaseName] = try DurableFile.digest(folder + "/" + BackupFolder.databaseName)
        // After the database: whatever key it was written under is there.
        let keys = try await HeldKeys.taken(from: try configuration.keysFolder)
        let parties = try RelyingPartyFolder(path: try configuration.relyingPartiesPath).copies()
        let folders: [(String, [String: [UInt8]])] = [
            (BackupFolder.keysName, keys.files.merging(["manifest.json": keys.manifest]) { $1 }),
            (BackupFolder.relyingPartiesName, parties.files),
        ]
        for (name, contents) in folders {
            try DurableFile.makeFolder(folder + "/" + name)
            for (file, bytes) in contents {
                files[name + "/" + file] = try DurableFile.write(bytes, to: "\(folder)/\(name)/\(file)")
            }
            DurableFile.sync(folder: folder + "/" + name)
        }
        let record = BackupFolder(
            path: folder, version: Loge.version, createdAt: createdAt,
            publicURL: configuration.portal.site.origin, schema: schema, files: files)
        try DurableFile.write(record.json.encoded + [0x0A], to: folder + "/" + BackupFolder.recordName)
        DurableFile.sync(folder: folder)
        return (record, parties.warnings)
    }

    private static func copyDatabase(_ path: String, to target: String) async throws -> Int {
        // Pages of 4 KiB: a copy of less than 64 MiB is soon done.
        let progress = ProgressLine(of: 16384)
        do {
            let lock = try DatabaseLock(path: path, .shared)
            defer { lock.release() }
            return try await SQLiteFile.reading(path) { file in
                try file.copy(to: target) { done, all in progress.report("database", Int64(done), of: Int64(all)) }
            }
        } catch let error as StoreError {
            throw Failure("the database \(path) cannot be backed up: \(error.advice) (\(error))")
        }
    }
}

extension ServerConfiguration {
    /// Keys, people and relying parties of such an installation are in the hands of PostgreSQL's own tools.
    func refuseSharedDatabase(_ advice: String) throws {
        guard database != nil else { return }
        var within: [String] = []
        if case .database = keys.place { within.append("the keys") }
        if case .database = portal.relyingParties { within.append("the relying parties") }
        let others = within.isEmpty ? "" : "; " + within.joined(separator: " and ") + " are in it too"
        throw Failure(
            "this installation lies in PostgreSQL: \(advice), PostgreSQL's own tools (docs/exploitation.md)\(others)")
    }

    /// The folder of the keys.
    var keysFolder: KeysFolder {
        get throws {
            guard case .folder(let path) = keys.place else {
                throw Failure("the keys lie in a database, not in a folder")
            }
            return KeysFolder(path: path)
        }
    }

    /// The folder of the relying parties.
    var relyingPartiesPath: String {
        get throws {
            guard case .folder(let path) = portal.relyingParties else {
                throw Failure("the relying parties lie in a database, not in a folder")
            }
            return path
        }
    }
}
