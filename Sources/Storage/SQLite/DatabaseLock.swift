internal import Foundation
internal import Stores
internal import Synchronization

/// The lock of a database file, held by everybody who has it open: by many at once to work with it, by one alone to replace
/// or to carry off the whole of it.
///
/// A file of its own (`portal.sqlite.lock`): closing a descriptor of the database file would drop SQLite's own locks. The
/// kernel lets it go when its process ends, however that ends.
public final class DatabaseLock: Sendable {
    /// How it is held.
    public enum Use: Sendable {
        /// Beside others.
        case shared
        /// While nobody else has the database open.
        case alone
    }

    private let descriptor: Mutex<Int32?>

    /// Takes the lock of the database at `path`, at once or not at all.
    ///
    /// - Throws: ``StoreError`` `.unavailable` when others hold it, `.cannotWrite` when its file cannot be made.
    public init(path: String, _ use: Use) throws {
        let descriptor = try FileForOwner.open(path + ".lock")
        FileForOwner.give(descriptor, toOwnerOf: path)
        guard flock(descriptor, (use == .alone ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0 else {
            let cause = errno
            close(descriptor)
            throw Self.refusal(path, use, cause)
        }
        self.descriptor = Mutex(descriptor)
    }

    deinit { release() }

    /// Lets it go.
    public func release() {
        let held = descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        if let held { close(held) }
    }

    private static func refusal(_ path: String, _ use: Use, _ cause: Int32) -> StoreError {
        guard cause == EWOULDBLOCK else {
            return StoreError(.unavailable, "The file \(path).lock cannot be locked: \(FileForOwner.words(cause)).")
        }
        return switch use {
        case .alone: StoreError(.unavailable, "A server or another command has the database \(path) open.")
        case .shared: StoreError(.unavailable, "The database \(path) is being restored or carried over.")
        }
    }
}

/// Files that only their owner may read.
enum FileForOwner {
    /// Opens the file, and makes it when there is none. SQLite gives its side files (`-wal`, `-shm`) the permissions of the
    /// file itself.
    static func open(_ path: String) throws -> Int32 {
        let descriptor = unsafe Foundation.open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let cause = errno
            let code: StoreError.Code = [EROFS, ENOSPC, EACCES, EPERM].contains(cause) ? .cannotWrite : .unavailable
            throw StoreError(code, "The database file \(path) cannot be opened: \(words(cause)).")
        }
        return descriptor
    }

    /// A command that root runs leaves nothing behind that the server cannot open.
    static func give(_ descriptor: Int32, toOwnerOf path: String) {
        var status = stat()
        guard geteuid() == 0, unsafe stat(path, &status) == 0 else { return }
        // When it fails, whoever cannot open the file says so.
        _ = fchown(descriptor, status.st_uid, status.st_gid)
    }

    /// What the system calls the error.
    static func words(_ error: Int32) -> String { unsafe String(cString: strerror(error)) }
}
