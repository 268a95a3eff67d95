import Clocks
import Foundation
import JOSE

/// A folder that `loge backup` has made: what is in it, and how to trust it.
struct BackupFolder: Sendable {
    static let format: Int64 = 1
    static let recordName = "backup.json"
    static let databaseName = "portal.sqlite"
    static let keysName = "keys"
    static let relyingPartiesName = "relying-parties"

    let path: String
    /// The version of Loge that made it.
    let version: String
    let createdAt: Instant
    /// The address of the installation that it is of.
    let publicURL: String
    /// How many steps of the schema its database has taken.
    let schema: Int
    /// What each file was when it was written, by its path in the folder.
    let files: [String: DurableFile.Digest]

    /// The record for scripts, and for the folder itself.
    var json: JSONValue {
        [
            "format": .integer(Self.format), "loge": .string(version), "created_at": .string(createdAt.rfc3339),
            "public_url": .string(publicURL), "schema": .integer(Int64(schema)),
            "files": .object(
                files.mapValues { ["size": .integer($0.size), "sha256": .string($0.sha256)] as JSONValue }),
        ]
    }

    init(
        path: String, version: String, createdAt: Instant, publicURL: String, schema: Int,
        files: [String: DurableFile.Digest]
    ) {
        self.path = path
        self.version = version
        self.createdAt = createdAt
        self.publicURL = publicURL
        self.schema = schema
        self.files = files
    }

    /// Reads the record of a folder, and nothing else of it.
    init(reading path: String) throws {
        guard let data = FileManager.default.contents(atPath: path + "/" + Self.recordName) else {
            throw Failure(
                "\(path) is not a whole backup: it has no \(Self.recordName), which `loge backup` writes last")
        }
        let broken = Failure("\(path)/\(Self.recordName) is not what `loge backup` writes: take another backup")
        guard let json = try? JSONValue(parsing: data, maximumLength: 16 << 20), let format = json["format"]?.integer
        else { throw broken }
        guard format == Self.format else {
            throw Failure("\(path) is of another version of Loge (format \(format)): restore it with that version")
        }
        guard let version = json["loge"]?.string, let created = json["created_at"]?.string,
            let createdAt = Instant(rfc3339: created), let publicURL = json["public_url"]?.string,
            let schema = json["schema"]?.integer, let members = json["files"]?.object
        else { throw broken }
        var files: [String: DurableFile.Digest] = [:]
        for (name, member) in members {
            guard Self.isPlace(name), let size = member["size"]?.integer, let sha256 = member["sha256"]?.string else {
                throw broken
            }
            files[name] = DurableFile.Digest(size: size, sha256: sha256)
        }
        guard files[Self.databaseName] != nil, files[Self.keysName + "/manifest.json"] != nil else { throw broken }
        self.init(
            path: path, version: version, createdAt: createdAt, publicURL: publicURL, schema: Int(schema), files: files)
    }

    /// The small files of one of its folders, by their names, each as it was when it was written.
    func contents(of folder: String) throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for (name, digest) in files where name.hasPrefix(folder + "/") {
            guard let data = FileManager.default.contents(atPath: path + "/" + name) else {
                throw Failure("\(path)/\(name) cannot be read: the backup is not whole, use another one")
            }
            let bytes = Array(data)
            try check(name, DurableFile.digest(of: bytes), digest)
            contents[String(name.dropFirst(folder.count + 1))] = bytes
        }
        return contents
    }

    /// Copies the database out of it, and checks what was copied.
    func copyDatabase(to target: String) throws {
        guard let digest = files[Self.databaseName] else { throw Failure("\(path) holds no database") }
        let progress = ProgressLine(of: 64 << 20)
        let copied = try DurableFile.copy(path + "/" + Self.databaseName, to: target) { size in
            progress.report("database", min(size, digest.size), of: digest.size)
        }
        try check(Self.databaseName, copied, digest)
    }

    private func check(_ name: String, _ found: DurableFile.Digest, _ written: DurableFile.Digest) throws {
        guard found == written else {
            throw Failure("\(path)/\(name) is not what `loge backup` wrote: cut short or changed, use another backup")
        }
    }

    /// A name in the folder or in one of its two, and nowhere else.
    private static func isPlace(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") }) else { return false }
        if parts.count == 1 { return name == databaseName }
        return parts.count == 2 && [keysName, relyingPartiesName].contains(String(parts[0]))
    }
}
