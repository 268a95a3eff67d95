import Clocks
import Foundation
import JOSE
import Keyring
import OpenIDConnectIssuer
import PortalRole
import Stores
import StoresPostgreSQL
import StoresSQL
import StoresSQLite

/// Moves an installation from SQLite and folders into PostgreSQL.
struct Moving {
    /// What arrived.
    struct Report {
        let counts: [TableCount]
        let place: String
        let warnings: [String]

        var json: JSONValue {
            [
                "carried": true, "place": .string(place), "warnings": .array(warnings.map(JSONValue.string)),
                "rows": .object(Dictionary(uniqueKeysWithValues: counts.map { ($0.table, .integer($0.rows)) })),
            ]
        }

        var text: String {
            (["carried into \(place); both sides hold the same rows:"] + counts.map { "  \($0.table) \($0.rows)" } + [
                "next: `loge check`, then start the servers with this configuration",
                "the SQLite file is as it was: keep it until all is well, and let no server run on it any more",
            ]).joined(separator: "\n")
        }
    }

    private let configuration: ServerConfiguration
    private let settings: PostgreSQLSettings
    private let sqlite: String
    private let keys: KeysFolder?
    private let relyingParties: RelyingPartyFolder?

    init(_ configuration: ServerConfiguration, sqlite: String, keys: String?, relyingParties: String?) throws {
        guard let settings = configuration.database else {
            throw Failure("this installation has no database: section in its configuration: write it first")
        }
        switch (configuration.keys.place, keys) {
        case (.database, nil):
            throw Failure("this installation has its keys in the database: name the old keys folder with --keys")
        case (.folder(let path), .some):
            throw Failure("this installation has its keys in \(path): leave --keys out, and copy the old folder there")
        case (.database, .some), (.folder, nil): break
        }
        if case .folder(let path) = configuration.portal.relyingParties, relyingParties != nil {
            throw Failure(
                "this installation has its relying parties in \(path): leave --relying-parties out, copy them there")
        }
        guard FileManager.default.fileExists(atPath: sqlite) else {
            throw Failure("\(sqlite) does not exist: name the old database file, portal.sqlite")
        }
        if let relyingParties, !FileManager.default.fileExists(atPath: relyingParties) {
            throw Failure("\(relyingParties) does not exist: name the old folder of the relying parties")
        }
        self.configuration = configuration
        self.settings = settings
        self.sqlite = sqlite
        self.keys = keys.map(KeysFolder.init(path:))
        self.relyingParties = relyingParties.map(RelyingPartyFolder.init(path:))
    }

    /// Does it: everything, or nothing.
    func perform() async throws -> Report {
        let held = try await takenKeys()
        let parties = try takenParties()
        let lock: DatabaseLock
        do {
            lock = try DatabaseLock(path: sqlite, .alone)
        } catch let error as StoreError {
            throw Failure("\(error) Stop it first: what it writes meanwhile would be lost")
        }
        defer { lock.release() }
        let source = try SQLiteFile(path: sqlite)
        defer { source.close() }
        guard try source.plan().missing.isEmpty else {
            throw Failure(
                "\(sqlite) was last used by an older version of Loge: start this version on it once, stop it, import again"
            )
        }
        let target = try await Machine.sharedStores(settings.allowing(.minutes(10)))
        let progress = ProgressLine(of: 10000)
        let carried = await Result {
            let carrying = Carrying(from: source, keys: held, relyingParties: parties)
            let outcome = try await carrying.perform(on: target.tables) { table, done, all in
                progress.report(table, done, of: all)
            }
            return try await self.verified(outcome, source, target.tables, held, parties.count)
        }
        await target.close()
        var warnings: [String] = []
        if relyingParties == nil, case .database = configuration.portal.relyingParties {
            warnings.append("no relying parties were named: put them there with `loge parties put`")
        }
        return Report(counts: try carried.get(), place: "\(settings)", warnings: warnings)
    }

    /// Counts both sides once more, now that everything is committed.
    private func verified(
        _ outcome: Carrying.Outcome, _ source: SQLiteFile, _ target: any SQLEngine, _ keys: StoredKeys?, _ parties: Int
    ) async throws -> [TableCount] {
        guard case .carried = outcome else {
            guard case .occupied(let tables) = outcome else { return [] }
            let found = tables.map { "\($0.table) \($0.rows)" }.joined(separator: ", ")
            throw Failure("the database \(settings) is not empty (\(found)): nothing was carried, name an empty one")
        }
        let here = try await SQLiteFile.reading(sqlite) { try CarriedTable.counts(in: $0) }
        let there = try await target.read { try CarriedTable.counts(in: $0) }
        var added: [String: Int64] = ["relying_parties": Int64(parties), "revisions": parties > 0 ? 1 : 0]
        if let keys {
            added["keyring"] = 1
            added["key_files"] = Int64(keys.files.count)
        }
        for (old, new) in zip(here, there) where old.rows + (added[old.table] ?? 0) != new.rows {
            throw Failure(
                "\(new.table) holds \(new.rows) rows and \(old.rows) were carried: is a server running on \(settings) "
                    + "already? Stop it, empty the database and import again")
        }
        return there
    }

    /// The old keys, once the passphrase has opened them.
    private func takenKeys() async throws -> StoredKeys? {
        guard let keys else {
            _ = try await Machine.keyring(configuration.keys, nil)
            return nil
        }
        let held = try await HeldKeys.taken(from: keys)
        _ = try await Keyring.open(
            HeldKeys(keys.place, manifest: held.manifest, files: held.files),
            passphrase: configuration.keys.passphrase, clock: Machine.clock, random: Machine.random)
        return held
    }

    private func takenParties() throws -> [RelyingPartyFile] {
        guard let relyingParties else { return [] }
        let now = Machine.clock.now()
        let registrations = try relyingParties.names.map { ($0, try relyingParties.registration($0)) }
        try Registrations.refuseDoubles(registrations.map { (name: $0.0, client: $0.1.client.id) })
        return registrations.map { RelyingPartyFile(name: $0.0, content: $0.1.text, changedAt: now) }
    }
}
