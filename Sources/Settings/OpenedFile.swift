internal import Foundation

/// The bytes of a file and who may read it.
struct OpenedFile {
    let bytes: [UInt8]
    let isWorldReadable: Bool

    /// The bytes as text; `nil` when they are not UTF-8.
    var text: String? { String(validating: bytes, as: UTF8.self) }

    /// Reads the whole file at `path`.
    ///
    /// - Parameters:
    ///   - path: where it is.
    ///   - name: the file that errors name.
    ///   - role: what it is for people, such as `configuration file`.
    ///   - limit: the largest size accepted, in bytes.
    static func read(_ path: String, named name: String, role: String, limit: Int) throws(SettingsError) -> OpenedFile {
        func refuse(_ code: SettingsError.Code, _ reason: String) -> SettingsError {
            SettingsError(code, file: name, reason)
        }
        guard !path.utf8.contains(0) else { throw refuse(.missingFile, "the path of the \(role) holds a NUL.") }
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT, ENOTDIR:
                throw refuse(
                    .missingFile, "the \(role) \(quoted(path)) does not exist. Create it or name another one.")
            case EACCES, EPERM:
                throw refuse(
                    .unreadableFile,
                    "the \(role) \(quoted(path)) may not be read by this user. Change its owner or mode.")
            default:
                throw refuse(.unreadableFile, "the \(role) \(quoted(path)) cannot be opened (error \(errno)).")
            }
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            throw refuse(.unreadableFile, "the \(role) \(quoted(path)) is a folder. Name a file.")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe Foundation.read(descriptor, &buffer, buffer.count)
            if count == 0 { break }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw refuse(.unreadableFile, "the \(role) \(quoted(path)) cannot be read (error \(errno)).")
            }
            bytes += buffer[..<count]
            guard bytes.count <= limit else {
                throw refuse(
                    .unreadableFile, "the \(role) \(quoted(path)) is larger than \(limit) bytes. Is it the right file?")
            }
        }
        return OpenedFile(bytes: bytes, isWorldReadable: status.st_mode & S_IROTH != 0)
    }
}
