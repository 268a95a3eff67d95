import Clocks
import Cryptography
import Foundation
import Keyring

/// The keys of the whole test process, held in memory: making an RSA key takes a third of a second.
enum TestKeys {
    static let passphrase = SecretBytes(Array("a passphrase for tests alone".utf8))

    private static let files = Task { () throws -> [String: Data] in
        let folder = FileManager.default.temporaryDirectory.appending(path: "loge-keys-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let clock = ManualClock(TestPortal.start - .days(1))
        _ = try await Keyring.open(
            KeysFolder(path: folder), passphrase: passphrase, creating: true, clock: clock, random: SystemRandom())
        var files: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            files[name] = FileManager.default.contents(atPath: folder + "/" + name)
        }
        return files
    }

    /// A copy of the keys in `folder`, which is made.
    static func copy(to folder: String) async throws {
        let permissions: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: permissions)
        for (name, data) in try await files.value {
            let path = folder + "/" + name
            guard
                FileManager.default.createFile(
                    atPath: path, contents: data, attributes: [.posixPermissions: 0o600])
            else { throw MissingPart(description: "\(path) cannot be written") }
        }
    }
}
