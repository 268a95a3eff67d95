internal import Foundation

/// The bytes of a file or of a member of an archive, from the first to the last, once.
@safe final class FileBytes {
    /// How many are read at a time.
    static let piece = 256 * 1024

    private enum Source {
        case descriptor(CInt)
        case member(ZipMember)
    }

    private let name: String
    private let source: Source
    private let buffer: UnsafeMutableRawBufferPointer

    /// Opens the source of the file that messages call `name`.
    ///
    /// - Throws: `.unreadable`, or `.archive`.
    init(_ source: FileSource, name: String) throws(FileProblem) {
        self.name = name
        switch source {
        case .file(let path): self.source = .descriptor(try Self.open(path, name: name).descriptor)
        case .member(let archive, let index):
            self.source = .member(try ZipMember(index, of: ZipArchive(archive)))
        }
        unsafe buffer = .allocate(byteCount: Self.piece, alignment: 16)
    }

    deinit {
        if case .descriptor(let descriptor) = source { close(descriptor) }
        unsafe buffer.deallocate()
    }

    /// Opens a file that is one: a pipe or a device would never end.
    private static func open(
        _ path: String, name: String
    ) throws(FileProblem) -> (descriptor: CInt, size: Int64) {
        let descriptor = unsafe Foundation.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw FileProblem(.unreadable, in: name, "It is not there, or may not be read.")
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw FileProblem(.unreadable, in: name, "It is no file.")
        }
        return (descriptor, Int64(status.st_size))
    }

    /// The bytes that the file at `path` has.
    ///
    /// - Throws: `.unreadable`.
    static func size(ofFile path: String) throws(FileProblem) -> Int64 {
        let file = try open(path, name: path)
        close(file.descriptor)
        return file.size
    }

    /// Gives all bytes to `body`, piece by piece.
    ///
    /// - Throws: `.unreadable` or `.archive`, or what `body` throws.
    func forEachPiece(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        while true {
            let piece = try unsafe next()
            if unsafe piece.isEmpty { return }
            try unsafe body(piece)
        }
    }

    /// The next bytes, good until the next call; none at the end.
    ///
    /// - Throws: `.unreadable` or `.archive`.
    func next() throws(FileProblem) -> UnsafeRawBufferPointer {
        let count: Int
        switch source {
        case .descriptor(let descriptor):
            var result = unsafe read(descriptor, buffer.baseAddress, buffer.count)
            while result < 0, errno == EINTR { result = unsafe read(descriptor, buffer.baseAddress, buffer.count) }
            guard result >= 0 else { throw FileProblem(.unreadable, in: name, "It cannot be read to its end.") }
            count = result
        case .member(let member): count = try unsafe member.read(into: buffer)
        }
        return unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
    }
}
