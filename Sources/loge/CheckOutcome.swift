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

/// What `loge check` found.
struct CheckOutcome {
    var good: [String] = []
    var warnings: [String] = []
    var problems: [String] = []

    var json: JSONValue {
        [
            "ok": .bool(problems.isEmpty), "good": .array(good.map(JSONValue.string)),
            "warnings": .array(warnings.map(JSONValue.string)), "problems": .array(problems.map(JSONValue.string)),
        ]
    }

    /// Reads configuration, database, relying parties, keys and the data folder, without changing anything.
    static func check(_ installation: InstallationOptions) async -> CheckOutcome {
        var outcome = CheckOutcome()
        let configuration: ServerConfiguration
        do {
            configuration = try installation.load()
        } catch {
            outcome.problems.append("\(error)")
            return outcome
        }
        outcome.good.append("configuration \(installation.path)")
        outcome.warnings += configuration.warnings
        outcome.checkDataFolder(configuration.dataFolder)
        let isUpToDate = await outcome.checkDatabase(configuration)
        var opened: OpenedStores?
        // A database that misses steps is not opened: opening applies them.
        if isUpToDate {
            do { opened = try await Machine.stores(configuration) } catch { outcome.problems.append("\(error)") }
        }
        await outcome.checkRelyingParties(configuration, opened?.stores)
        await outcome.checkKeys(configuration, opened?.stores)
        await opened?.close()
        return outcome
    }

    private mutating func checkDataFolder(_ folder: String) {
        guard FileManager.default.fileExists(atPath: folder) else {
            return warnings.append("the data folder \(folder) does not exist yet: the server makes it")
        }
        if FileManager.default.isWritableFile(atPath: folder) {
            good.append("data folder \(folder)")
        } else {
            problems.append("the data folder \(folder) cannot be written: check its rights")
        }
    }

    /// Says what a start would do to the schema. - Returns: whether the database is there and misses nothing.
    private mutating func checkDatabase(_ configuration: ServerConfiguration) async -> Bool {
        let place: String
        let plan: SchemaPlan
        do {
            if let settings = configuration.database {
                place = "\(settings)"
                plan = try await PostgreSQLStores.plan(settings)
                note(try await PostgreSQLStores.facts(settings), connections: settings.connections)
            } else {
                place = configuration.databasePath
                guard FileManager.default.fileExists(atPath: place) else {
                    warnings.append("the database \(place) does not exist yet: the server makes it")
                    return false
                }
                plan = try await SQLiteStores.plan(path: place)
            }
        } catch {
            problems.append("the database does not answer: \(error)")
            return false
        }
        good.append("database \(place)")
        for step in plan.missing {
            warnings.append("the next start takes schema step \(step.number) of the database: \(step.title)")
        }
        return plan.missing.isEmpty
    }

    /// What would undo, after a crash, what was answered; and what keeps nodes from starting.
    private mutating func note(_ facts: PostgreSQLFacts, connections: Int) {
        let tls = facts.tls.map { ", \($0)" } ?? ""
        good.append(
            "PostgreSQL \(facts.serverVersion), sslmode \(facts.sslmode)\(tls), "
                + "synchronous_commit \(facts.synchronousCommit)")
        if !facts.fsync {
            warnings.append("fsync is off: after a crash of its machine, used codes may come back to life. Turn it on.")
        }
        if !facts.fullPageWrites {
            warnings.append("full_page_writes is off: a crash of its machine may damage the database. Turn it on.")
        }
        if facts.isReadOnly {
            problems.append("the database is read-only: a standby, or default_transaction_read_only")
        }
        // One more a node hears what the others change.
        if facts.maxConnections < connections + 5 {
            warnings.append(
                "max_connections is \(facts.maxConnections) and one node of ours takes up to \(connections + 1): raise it, "
                    + "or lower database.connections")
        }
    }

    private mutating func checkRelyingParties(_ configuration: ServerConfiguration, _ stores: StoreSet?) async {
        let source = configuration.portal.relyingParties
        if case .database = source, stores == nil { return }
        let registry = ClientRegistry(source, store: stores?.relyingParties)
        await registry.refresh()
        problems += registry.problems
        good.append("\(registry.all.count) relying parties in \(source)")
    }

    private mutating func checkKeys(_ configuration: ServerConfiguration, _ stores: StoreSet?) async {
        if case .database = configuration.keys.place, stores == nil { return }
        do {
            let records = try await Machine.keyring(configuration.keys, stores).snapshot.records
            good.append("\(records.count { $0.state != .retired }) live keys in \(configuration.keys.place)")
            for record in records where record.state == .current && record.use.rotates {
                let age = Machine.clock.now() - (record.activatedAt ?? record.stagedAt)
                if let every = configuration.keys.policies[record.use].rotateEvery, age > every + .days(1) {
                    warnings.append("\(record.use.rawValue) is overdue for rotation: is a server running?")
                }
            }
        } catch {
            problems.append("\(error)")
        }
    }
}
