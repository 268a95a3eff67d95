import Clocks
import Foundation
import Keyring
import PortalRole
import Synchronization

/// What an installation holds in the places where a backup would go, and what of it differs.
struct PresentFiles: CustomStringConvertible {
    let hasDatabase: Bool
    /// Keys that are not those of the backup.
    let otherKeys: KeyVaultContents?
    /// Whether the keys of the backup are there already.
    let hasSameKeys: Bool
    /// Files that are not in the backup, or are others there.
    let otherParties: [String]
    private let place: ServerConfiguration

    init(
        _ configuration: ServerConfiguration, keys: HeldKeys, relyingParties: [String: [UInt8]], _ isDatabaseOnly: Bool
    ) async throws {
        place = configuration
        hasDatabase = FileManager.default.fileExists(atPath: configuration.databasePath)
        guard !isDatabaseOnly else {
            (otherKeys, hasSameKeys, otherParties) = (nil, true, [])
            return
        }
        let present = try await configuration.keysFolder.contents()
        let wanted = try await keys.contents()
        hasSameKeys =
            present?.manifest == wanted?.manifest && wanted?.files.allSatisfy { present?.files[$0] == $1 } == true
        otherKeys = hasSameKeys ? nil : present
        let folder = RelyingPartyFolder(path: try configuration.relyingPartiesPath)
        // Compared as a backup would hold them: without secrets.
        let copies = try folder.copies().files
        otherParties = folder.names.filter { copies[$0] != relyingParties[$0] }
    }

    var isNothing: Bool { !hasDatabase && otherKeys == nil && otherParties.isEmpty }

    var description: String {
        var parts: [String] = []
        if hasDatabase { parts.append("the database \(place.databasePath)") }
        if otherKeys != nil { parts.append("other keys in \(place.keys.place)") }
        if !otherParties.isEmpty {
            let names = otherParties.joined(separator: ", ")
            parts.append("other relying parties in \(place.portal.relyingParties) (\(names))")
        }
        return parts.joined(separator: ", ")
    }
}

/// Exchanges files, and keeps what they replace in a folder beside them that has the date in its name.
final class ReplacedFolder: Sendable {
    private let name: String
    /// The folders that hold something, by the folder that they are in.
    private let made = Mutex<[String: String]>([:])

    var folders: [String] { made.withLock { $0.values.sorted() } }

    init(now: Instant) {
        name = "replaced-" + now.rfc3339.filter { $0 != ":" && $0 != "-" }
    }

    /// The manifest changes in one step, as whenever keys change.
    func replaceKeys(
        in vault: KeysFolder, _ configuration: ServerConfiguration, by keys: HeldKeys, _ present: PresentFiles
    ) async throws {
        guard !present.hasSameKeys, let wanted = try await keys.contents() else { return }
        if let other = present.otherKeys {
            let place = try make(in: vault.place)
            for (name, bytes) in other.files { try DurableFile.write(bytes, to: place + "/" + name) }
            try DurableFile.write(other.manifest, to: place + "/manifest.json")
            DurableFile.sync(folder: place)
        }
        let gone = present.otherKeys.map { Set($0.files.keys).subtracting(wanted.files.keys) } ?? []
        let stamp = try await vault.replace(
            present.otherKeys, manifest: wanted.manifest, adding: wanted.files, removing: Array(gone))
        guard stamp != nil else {
            throw Failure("somebody else changes the keys in \(vault.place): nothing was restored, try again")
        }
    }

    func replaceRelyingParties(in folder: String, by files: [String: [UInt8]], _ present: PresentFiles) throws {
        let there = Set(RelyingPartyFolder(path: folder).names)
        let wanted = files.keys.filter { present.otherParties.contains($0) || !there.contains($0) }
        guard !wanted.isEmpty || !present.otherParties.isEmpty else { return }
        try DurableFile.makeFolder(folder)
        for name in present.otherParties { try link(folder + "/" + name, into: try make(in: folder), name) }
        for name in wanted.sorted() {
            let aside = "\(folder)/.\(name).restoring"
            try? FileManager.default.removeItem(atPath: aside)
            try DurableFile.write(files[name] ?? [], to: aside)
            try DurableFile.rename(aside, to: folder + "/" + name)
        }
        for name in present.otherParties where files[name] == nil { try remove(folder + "/" + name) }
        DurableFile.sync(folder: folder)
    }

    /// At no moment is there no database: a server that starts meanwhile would make an empty one.
    func replaceDatabase(_ path: String, by prepared: String) throws {
        let sides = ["-wal", "-shm"]
        if FileManager.default.fileExists(atPath: path) {
            let place = try make(in: (path as NSString).deletingLastPathComponent)
            let name = (path as NSString).lastPathComponent
            for side in [""] + sides where FileManager.default.fileExists(atPath: path + side) {
                try link(path + side, into: place, name + side)
            }
            DurableFile.sync(folder: place)
        }
        // A write-ahead log of the old file must never meet the new one.
        for side in sides where FileManager.default.fileExists(atPath: path + side) { try remove(path + side) }
        try DurableFile.rename(prepared, to: path)
    }

    private func make(in folder: String) throws -> String {
        if let place = made.withLock({ $0[folder] }) { return place }
        var place = folder + "/" + name
        // Another restoration in the same second.
        while FileManager.default.fileExists(atPath: place) { place += "-bis" }
        try DurableFile.makeFolder(place)
        made.withLock { $0[folder] = place }
        return place
    }

    /// A second name for the file: nothing is copied, nothing can be lost.
    private func link(_ path: String, into place: String, _ name: String) throws {
        do {
            try FileManager.default.linkItem(atPath: path, toPath: place + "/" + name)
        } catch {
            throw Failure("\(path) cannot be moved into \(place): check the rights of both")
        }
    }

    private func remove(_ path: String) throws {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw Failure("\(path) was kept aside but cannot be removed from its place: check its folder's rights")
        }
    }
}
