import Foundation

/// The folder that holds the manifest and the encrypted keys. Every write is complete and on the disk before the name
/// points to it, so that a crash leaves either the old state or the new one.
struct KeysFolder: Sendable {
    static let manifestName = "manifest.json"
    private static let lockName = ".lock"

    let path: String

    private func file(_ name: String) -> String { path + "/" + name }

    var exists: Bool { FileManager.default.fileExists(atPath: file(Self.manifestName)) }

    /// Makes the folder, for its owner only.
    func make() throws(KeyringError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw KeyringError(.fileFailure, "the keys folder \(path) cannot be made: check its parent and its rights")
        }
    }

    /// What tells one version of the manifest from another without reading it.
    func manifestStamp() -> FileStamp? {
        var status = stat()
        guard unsafe stat(file(Self.manifestName), &status) == 0 else { return nil }
        return FileStamp(
            inode: UInt64(status.st_ino), size: Int64(status.st_size), seconds: Int64(status.st_mtim.tv_sec),
            nanoseconds: Int64(status.st_mtim.tv_nsec))
    }

    func read(_ name: String) throws(KeyringError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: file(name)) else {
            throw KeyringError(.fileFailure, "\(file(name)) cannot be read: check that it is there and its rights")
        }
        return Array(data)
    }

    /// Replaces the file: written aside, synced, renamed over, folder synced.
    func write(_ bytes: [UInt8], to name: String) throws(KeyringError) {
        let target = file(name)
        let aside = target + ".new"
        let failure = KeyringError(
            .fileFailure, "\(target) cannot be written: check the rights of the folder and the room on the disk")
        let descriptor = unsafe open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure }
        var written = 0
        var isComplete = true
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Foundation.write(
                    descriptor, buffer.baseAddress.map { unsafe $0 + written }, bytes.count - written)
            }
            guard count > 0 else {
                isComplete = false
                break
            }
            written += count
        }
        isComplete = fsync(descriptor) == 0 && isComplete
        isComplete = close(descriptor) == 0 && isComplete
        guard isComplete, unsafe rename(aside, target) == 0 else {
            unsafe unlink(aside)
            throw failure
        }
        syncFolder()
    }

    func remove(_ name: String) {
        unsafe unlink(file(name))
        syncFolder()
    }

    /// The key files that stand in the folder.
    func keyFiles() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { $0.hasSuffix(".pem") || $0.hasSuffix(".new") }
    }

    /// Runs `body` while no other process changes the keyring.
    func locked<Result>(_ body: () throws -> Result) throws -> Result {
        let descriptor = unsafe open(file(Self.lockName), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw KeyringError(.fileFailure, "\(file(Self.lockName)) cannot be opened: check the rights of the folder")
        }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                throw KeyringError(.fileFailure, "\(file(Self.lockName)) cannot be locked")
            }
        }
        return try body()
    }

    private func syncFolder() {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}

/// Identity and time of a file.
struct FileStamp: Sendable, Hashable {
    let inode: UInt64
    let size: Int64
    let seconds: Int64
    let nanoseconds: Int64
}
