import Clocks
import Foundation
import JOSE
import Keyring
import OpenIDConnectIssuer
import PortalRole

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

    /// Reads configuration, relying parties, keys and the data folder, without changing anything.
    static func check(_ installation: InstallationOptions) -> CheckOutcome {
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
        let registry = ClientRegistry(folder: configuration.portal.relyingParties)
        registry.refresh()
        outcome.problems += registry.problems
        outcome.good.append("\(registry.all.count) relying parties in \(configuration.portal.relyingParties)")
        do {
            let records = try Machine.keyring(configuration.keys).snapshot.records
            outcome.good.append("\(records.count { $0.state != .retired }) live keys in \(configuration.keys.folder)")
            for record in records where record.state == .current && record.use.rotates {
                let age = Machine.clock.now() - (record.activatedAt ?? record.stagedAt)
                if let every = configuration.keys.policies[record.use].rotateEvery, age > every + .days(1) {
                    outcome.warnings.append("\(record.use.rawValue) is overdue for rotation: is a server running?")
                }
            }
        } catch {
            outcome.problems.append("\(error)")
        }
        let folder = configuration.dataFolder
        if FileManager.default.fileExists(atPath: folder) {
            if FileManager.default.isWritableFile(atPath: folder) {
                outcome.good.append("data folder \(folder)")
            } else {
                outcome.problems.append("the data folder \(folder) cannot be written: check its rights")
            }
        } else {
            outcome.warnings.append("the data folder \(folder) does not exist yet: the server makes it")
        }
        return outcome
    }
}
