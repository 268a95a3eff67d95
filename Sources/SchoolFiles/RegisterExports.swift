internal import Foundation
public import School

/// Finds out what files are, by their content, and which of them belong together.
public enum RegisterExports {
    /// What the operator tells.
    public struct Options: Sendable, Hashable {
        /// The school whose ONDE files they are: the files do not say it.
        public var school: UAI?
        /// Whether files that do not say it are complete.
        public var assumeComplete = false
        /// The code of the academy whose AAF files they are, for files whose comment does not say it.
        public var academy: String?

        /// Nothing told.
        public init() {}
    }

    /// Finds out what the files at these paths are: files, zip archives of them, and folders, whose files are looked at
    /// in the order of their names, without hidden ones and without those that are no XML, CSV or zip.
    ///
    /// - Returns: the exports in the order in which they are read: what is complete before what changed later.
    /// - Throws: why one of the files cannot be imported, or not together with the others.
    public static func recognise(
        _ paths: [String], options: Options = Options()
    ) throws(FileProblem) -> [RegisterExport] {
        var files: [RegisterFile] = []
        for path in paths {
            for found in try filePaths(at: path) { files += try recognise(file: found, options) }
        }
        return try grouped(files)
    }

    /// The path itself when it is no folder, or else the paths of the folder's files.
    private static func filePaths(at path: String) throws(FileProblem) -> [String] {
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw FileProblem(.unreadable, in: path, "It is not there, or may not be read.")
        }
        guard isFolder.boolValue else { return [path] }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw FileProblem(.unreadable, in: path, "It may not be read.")
        }
        let found = names.filter { name in
            !name.hasPrefix(".") && [".xml", ".csv", ".zip"].contains { name.lowercased().hasSuffix($0) }
        }
        guard !found.isEmpty else {
            throw FileProblem(.unrecognised, in: path, "No file of this folder is of a register.")
        }
        let folder = path.hasSuffix("/") ? path : path + "/"
        return found.sorted().map { folder + $0 }
    }

    private static func recognise(file path: String, _ options: Options) throws(FileProblem) -> [RegisterFile] {
        let size = try FileBytes.size(ofFile: path)
        guard size > 0 else { throw FileProblem(.empty, in: path, "It is empty.") }
        let bytes = try FileBytes(.file(path: path), name: path)
        let head = try unsafe Array(bytes.next())
        if head.starts(with: Array("PK".utf8) + [3, 4]) || head.starts(with: Array("PK".utf8) + [5, 6]) {
            return try members(of: path, options)
        }
        let isCSV = path.lowercased().hasSuffix(".csv")
        if isCSV || !head.prefix(64).contains(UInt8(ascii: "<")) && head.contains(UInt8(ascii: ";")) {
            return [try RegisterFile.recogniseONDE(path, beginning: head, size: size, options: options)]
        }
        return [try RegisterFile.recogniseXML(.file(path: path), name: path, size: size, options: options)]
    }

    private static func members(of path: String, _ options: Options) throws(FileProblem) -> [RegisterFile] {
        var files: [RegisterFile] = []
        for entry in try ZipArchive(path).entries() {
            files.append(
                try RegisterFile.recogniseXML(
                    .member(archive: path, index: entry.index), name: path + "/" + entry.name, size: entry.size,
                    options: options))
        }
        return files
    }
}
