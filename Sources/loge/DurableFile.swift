import Cryptography
import Foundation
import Synchronization

/// Files that are complete and on the disk before anybody counts on them, for their owner only.
enum DurableFile {
    /// How large a file is, and its SHA-256 in hexadecimal.
    struct Digest: Sendable, Hashable {
        let size: Int64
        let sha256: String
    }

    private static let pieceSize = 1 << 20

    /// Writes a file that is not there yet.
    @discardableResult
    static func write(_ bytes: [UInt8], to path: String) throws -> Digest {
        let target = try make(path)
        do {
            try target.write(contentsOf: Data(bytes))
            try finish(target)
        } catch {
            throw notWritten(path)
        }
        return digest(of: bytes)
    }

    /// Copies a file to where none is yet.
    static func copy(_ source: String, to path: String, progress: (Int64) -> Void = { _ in }) throws -> Digest {
        let target = try make(path)
        let digest = try read(source) { piece, size in
            do { try target.write(contentsOf: piece) } catch { throw notWritten(path) }
            progress(size)
        }
        do { try finish(target) } catch { throw notWritten(path) }
        return digest
    }

    /// What a file holds.
    static func digest(_ path: String) throws -> Digest { try read(path) { _, _ in } }

    /// What bytes are.
    static func digest(of bytes: [UInt8]) -> Digest {
        Digest(size: Int64(bytes.count), sha256: hexadecimal(SHA256.hash(bytes)))
    }

    /// Makes a folder for its owner, whose parents are there or are made too.
    static func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure("the folder \(path) cannot be made: check its parent and its rights")
        }
    }

    /// Gives the file or folder its name, in the place of a file that has it.
    static func rename(_ path: String, to target: String) throws {
        guard unsafe Foundation.rename(path, target) == 0 else {
            throw Failure("\(path) cannot be renamed to \(target): check the rights of the folder")
        }
        sync(folder: (target as NSString).deletingLastPathComponent)
    }

    /// Brings the names in a folder to the disk.
    static func sync(folder path: String) {
        let descriptor = unsafe open(path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// Makes a file that is not there yet.
    static func make(_ path: String) throws -> FileHandle {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw notWritten(path) }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Brings a file to the disk and closes it.
    static func finish(_ handle: FileHandle) throws {
        try handle.synchronize()
        try handle.close()
    }

    private static func read(_ path: String, _ take: (_ piece: Data, _ size: Int64) throws -> Void) throws -> Digest {
        let unreadable = Failure("\(path) cannot be read: check that it is there and its rights")
        guard let source = FileHandle(forReadingAtPath: path) else { throw unreadable }
        defer { try? source.close() }
        let hash = RunningSHA256()
        var size: Int64 = 0
        while true {
            let piece: Data?
            do { piece = try source.read(upToCount: pieceSize) } catch { throw unreadable }
            guard let piece, !piece.isEmpty else { break }
            hash.update(Array(piece))
            size += Int64(piece.count)
            try take(piece, size)
        }
        return Digest(size: size, sha256: hexadecimal(hash.finish()))
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// What to say of a file that cannot be made or written.
    static func notWritten(_ path: String) -> Failure {
        Failure("\(path) cannot be written: check that it is not there, its folder's rights, the room on the disk")
    }
}

/// Says on standard error how far a long piece of work has come, a tenth at a time; nothing of a short one.
final class ProgressLine: Sendable {
    private let worthSaying: Int64
    private let said = Mutex<[String: Int64]>([:])

    /// - Parameter worthSaying: work of fewer units than that is short.
    init(of worthSaying: Int64) { self.worthSaying = worthSaying }

    func report(_ what: String, _ done: Int64, of all: Int64) {
        guard all >= worthSaying else { return }
        let tenth = done * 10 / all
        let isNews = said.withLock { said in said.updateValue(tenth, forKey: what) != tenth }
        if isNews { Console.warn("\(what): \(tenth * 10) %") }
    }
}
