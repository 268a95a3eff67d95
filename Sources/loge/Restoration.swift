import Clocks
import Foundation
import Keyring
import OpenIDConnectIssuer
import Stores
import StoresSQL
import StoresSQLite

/// Puts a backup in the place of an installation: checks everything, prepares everything aside, then exchanges names.
struct Restoration {
    /// What does not come back to life.
    enum Forgetting {
        case nothing
        case whatWasOpen
        case whatWasOpenAndCodes
    }

    /// The database, ready to be put in its place.
    struct Prepared: Sendable {
        let accounts: Int64
        let closed: WhatWasOpen?
    }

    let configuration: ServerConfiguration
    let folder: BackupFolder
    let isReplacing: Bool
    let isDatabaseOnly: Bool
    let forgets: Forgetting

    /// Does it. What fails before the last check has changed nothing.
    func perform() async throws -> Report {
        let keys = try await openKeys()
        let parties = try folder.contents(of: BackupFolder.relyingPartiesName)
        try checkOwner()
        try DurableFile.makeFolder(configuration.dataFolder)
        let lock = try DatabaseLock(path: configuration.databasePath, .alone)
        defer { lock.release() }
        let present = try await PresentFiles(configuration, keys: keys, relyingParties: parties, isDatabaseOnly)
        guard present.isNothing || isReplacing else {
            throw Failure(
                "the installation is not empty: it holds \(present.description). Restore with --replace, which moves them "
                    + "aside, or into another installation")
        }
        let aside = configuration.databasePath + ".restoring"
        // What an interrupted restore left, its journal above all, must not meet this one; nobody else is here.
        Self.sweep(aside)
        defer { Self.sweep(aside) }
        try folder.copyDatabase(to: aside)
        let prepared = try await prepare(aside)
        let place = ReplacedFolder(now: Machine.clock.now())
        if !isDatabaseOnly {
            try await place.replaceKeys(in: try configuration.keysFolder, configuration, by: keys, present)
            try place.replaceRelyingParties(in: try configuration.relyingPartiesPath, by: parties, present)
        }
        // The last step, and one that is done or not done.
        try place.replaceDatabase(configuration.databasePath, by: aside)
        return Report(
            folder: folder, configuration: configuration, prepared: prepared, isDatabaseOnly: isDatabaseOnly,
            movedAside: place.folders)
    }

    /// The keys of the backup, once the passphrase has opened them.
    private func openKeys() async throws -> HeldKeys {
        var files = try folder.contents(of: BackupFolder.keysName)
        guard let manifest = files.removeValue(forKey: "manifest.json") else {
            throw Failure("\(folder.path) holds no keys")
        }
        let held = HeldKeys("\(folder.path)/\(BackupFolder.keysName)", manifest: manifest, files: files)
        let theirs: Keyring
        do {
            theirs = try await Keyring.open(
                held, passphrase: configuration.keys.passphrase, clock: Machine.clock, random: Machine.random)
        } catch let error as KeyringError {
            throw Failure("nothing was restored, the keys of the backup cannot be opened as configured: \(error)")
        }
        guard isDatabaseOnly else { return held }
        let ours = try await Machine.keyring(configuration.keys, nil)
        guard theirs.subjectKey == ours.subjectKey else {
            throw Failure(
                "the keys here are not those of the backup: every application would take everybody for a stranger. "
                    + "Restore without --database-only")
        }
        return held
    }

    private static func sweep(_ aside: String) {
        for side in ["", "-journal", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: aside + side) }
    }

    /// Files that another user made are files that the server cannot open.
    private func checkOwner() throws {
        var status = stat()
        guard unsafe stat(configuration.dataFolder, &status) == 0, status.st_uid != geteuid() else { return }
        throw Failure("the folder \(configuration.dataFolder) belongs to another user: restore as that user")
    }

    private func prepare(_ path: String) async throws -> Prepared {
        let forgets = forgets
        let now = Machine.clock.now()
        return try await SQLiteFile.prepare(path, now: now) { db in
            let closed: WhatWasOpen? =
                switch forgets {
                case .nothing: nil
                case .whatWasOpen: try .close(in: db, activationCodes: false, now: now)
                case .whatWasOpenAndCodes: try .close(in: db, activationCodes: true, now: now)
                }
            let accounts = try CarriedTable.counts(in: db).first { $0.table == "accounts" }
            return Prepared(accounts: accounts?.rows ?? 0, closed: closed)
        }
    }
}

extension Keyring {
    /// The key that makes everybody's `sub`.
    fileprivate var subjectKey: String? {
        snapshot.records.first { $0.use == .subjects && $0.state == .current }?.id
    }
}
