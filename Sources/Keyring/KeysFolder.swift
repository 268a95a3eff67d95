import Foundation

/// The folder of one machine that holds the manifest and the encrypted keys. Every write is complete and on the disk before
/// the name points to it, so that a crash leaves either the old state or the new one.
public struct KeysFolder: KeyVault {
    private static let manifestName = "manifest.json"
    private static let lockName = ".lock"

    private let path: String

    /// Where that is, in words for an operator.
    public var place: String { path }

    /// The keys in the folder at `path`.
    public init(path: String) { self.path = path }

    /// Identity, size and time of the manifest.
    public func stamp() async throws -> KeyVaultStamp? {
        try await onOwnThread { manifestStamp() }
    }

    /// The manifest and the key files. Who reads takes no lock, so that a folder that may not be written can be read.
    public func contents() async throws -> KeyVaultContents? {
        try await onOwnThread { try read() }
    }

    /// Replaces the manifest under the lock, if it is still the one that was seen.
    public func replace(
        _ seen: KeyVaultContents?, manifest: [UInt8], adding files: [String: [UInt8]], removing names: [String]
    ) async throws -> KeyVaultStamp? {
        try await onOwnThread {
            if seen == nil { try make() }
            return try locked {
                let present = manifestStamp() == nil ? nil : try read(Self.manifestName)
                guard present == seen?.manifest else { return nil }
                for (name, content) in files { try write(content, to: name) }
                try write(manifest, to: Self.manifestName)
                let stamp = manifestStamp()
                if let seen { sweep(keeping: Set(seen.files.keys).union(files.keys).subtracting(names)) }
                guard let stamp else { throw KeyringError(.missing, "the manifest of the keys is gone from \(path)") }
                return stamp
            }
        }
    }

    // MARK: Reading

    private func file(_ name: String) -> String { path + "/" + name }

    private func manifestStamp() -> KeyVaultStamp? {
        var status = stat()
        guard unsafe stat(file(Self.manifestName), &status) == 0 else { return nil }
        let (time, inode, size) = (status.st_mtim, status.st_ino, status.st_size)
        return KeyVaultStamp(unordered: "\(inode) \(size) \(time.tv_sec) \(time.tv_nsec)")
    }

    private func read() throws(KeyringError) -> KeyVaultContents? {
        // A change may come in between: what was read is of one moment when the manifest is the same before and after.
        for _ in 0..<100 {
            guard let stamp = manifestStamp() else { return nil }
            let manifest = Result { () throws(KeyringError) in try read(Self.manifestName) }
            var files: [String: [UInt8]] = [:]
            // A file that cannot be read is missed by whoever needs it.
            for name in names() where name.hasSuffix(".pem") { files[name] = try? read(name) }
            guard stamp == manifestStamp() else { continue }
            return KeyVaultContents(stamp: stamp, manifest: try manifest.get(), files: files)
        }
        throw KeyringError(.contended, "the keys in \(path) change all the time: try again")
    }

    private func read(_ name: String) throws(KeyringError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: file(name)) else {
            throw KeyringError(.fileFailure, "\(file(name)) cannot be read: check that it is there and its rights")
        }
        return Array(data)
    }

    private func names() -> [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

    // MARK: Writing, under the lock

    /// Makes the folder, for its owner only.
    private func make() throws(KeyringError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw KeyringError(.fileFailure, "the keys folder \(path) cannot be made: check its parent and its rights")
        }
    }

    /// Replaces the file: written aside, synced, renamed over, folder synced.
    private func write(_ bytes: [UInt8], to name: String) throws(KeyringError) {
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

    /// Deletes the files of retired keys, and what a crash left behind without a line in the manifest.
    private func sweep(keeping live: Set<String>) {
        for name in names() where name.hasSuffix(".new") || name.hasSuffix(".pem") && !live.contains(name) {
            unsafe unlink(file(name))
        }
        syncFolder()
    }

    /// Runs `body` while no other process changes the keyring.
    private func locked<Result>(_ body: () throws -> Result) throws -> Result {
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
