internal import CZip

/// A zip archive, open for reading. The names of its members are only shown: nothing is ever written to a disk.
@safe final class ZipArchive {
    /// What an archive may hold.
    enum Limits {
        static let members: Int64 = 64
        /// Bytes of a member, unpacked; an academy's largest file has some gigabytes.
        static let size: UInt64 = 16 << 30
        /// How many times larger a member may be unpacked. XML shrinks twenty to fifty times, a bomb some hundred times.
        static let ratio: UInt64 = 120
        /// Below this many bytes a member may be anything.
        static let small: UInt64 = 1 << 20
    }

    /// A member that may be read.
    struct Entry {
        let index: UInt64
        /// Its name with all its folders, as it is shown.
        let name: String
        let size: Int64
    }

    let path: String
    fileprivate let handle: OpaquePointer

    /// Opens the archive of that path.
    ///
    /// - Throws: `.archive`.
    init(_ path: String) throws(FileProblem) {
        self.path = path
        guard let opened = unsafe zip_open(path, CInt(ZIP_RDONLY), nil) else {
            throw FileProblem(.archive, in: path, "It is no zip archive, or a damaged one.")
        }
        unsafe handle = opened
    }

    deinit {
        // "zip_discard closes archive and frees the memory allocated for it. Any changes to the archive are not written".
        unsafe zip_discard(handle)
    }

    /// Its members that are files of a register.
    ///
    /// - Throws: `.archive` for an archive that is encrypted, packed in an unusual way, or too large; `.unrecognised` when
    ///   it holds no XML file.
    func entries() throws(FileProblem) -> [Entry] {
        let count = unsafe zip_get_num_entries(handle, 0)
        guard count <= Limits.members else {
            throw FileProblem(.archive, in: path, "It holds more than \(Limits.members) files.")
        }
        var entries: [Entry] = []
        for index in 0..<UInt64(max(count, 0)) {
            if let entry = try entry(at: index) { entries.append(entry) }
        }
        guard !entries.isEmpty else {
            throw FileProblem(.unrecognised, in: path, "It holds no XML file.")
        }
        return entries
    }

    private func entry(at index: UInt64) throws(FileProblem) -> Entry? {
        var status = unsafe zip_stat_t()
        unsafe zip_stat_init(&status)
        let asked = UInt64(ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD)
        guard unsafe zip_stat_index(handle, index, 0, &status) == 0, unsafe status.valid & asked == asked else {
            throw FileProblem(.archive, in: path, "Its list of files is damaged.")
        }
        let name = shown(unsafe status.name.map { unsafe String(cString: $0) } ?? "")
        let lowered = name.lowercased()
        guard !lowered.hasSuffix(".zip") else {
            throw FileProblem(.archive, in: path, "It holds another archive: unpack it first.")
        }
        guard lowered.hasSuffix(".xml") else { return nil }
        let file = path + "/" + name
        let method = unsafe CInt(status.comp_method)
        guard unsafe status.encryption_method == UInt16(ZIP_EM_NONE) else {
            throw FileProblem(.archive, in: file, "It is encrypted: unpack it first.")
        }
        guard method == ZIP_CM_STORE || method == ZIP_CM_DEFLATE else {
            throw FileProblem(.archive, in: file, "It is packed in an unusual way: unpack it first.")
        }
        let (size, packed) = unsafe (status.size, status.comp_size)
        guard size <= Limits.size, size <= Limits.small || size / Limits.ratio <= packed else {
            throw FileProblem(.archive, in: file, "It unpacks to more than a file of a register holds.")
        }
        return Entry(index: index, name: name, size: Int64(size))
    }

    /// A name from an archive, which anybody may have written: nothing of it moves the cursor of a terminal or turns the
    /// direction of the text, and a long one keeps its end.
    private func shown(_ name: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in name.unicodeScalars.suffix(200) {
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
                shown.append("?")
            default: shown.append(scalar)
            }
        }
        return String(shown)
    }
}

/// The unpacked bytes of one member.
@safe final class ZipMember {
    private let archive: ZipArchive
    private let name: String
    private let size: Int64
    private let handle: OpaquePointer
    private var count: Int64 = 0

    /// Opens the member of that index.
    ///
    /// - Throws: `.archive`.
    init(_ index: UInt64, of archive: ZipArchive) throws(FileProblem) {
        guard let entry = try archive.entries().first(where: { $0.index == index }),
            let opened = unsafe zip_fopen_index(archive.handle, index, 0)
        else {
            throw FileProblem(.archive, in: archive.path, "A file that it holds cannot be unpacked.")
        }
        self.archive = archive
        name = archive.path + "/" + entry.name
        size = entry.size
        unsafe handle = opened
    }

    deinit { unsafe zip_fclose(handle) }

    /// Fills the buffer as far as there are bytes; 0 at the end.
    ///
    /// - Throws: `.archive` when the bytes are not those that were packed, or are more or fewer than the archive says.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileProblem) -> Int {
        let result = unsafe zip_fread(handle, buffer.baseAddress, UInt64(buffer.count))
        count += max(0, result)
        guard result >= 0, count <= size, result > 0 || count == size else {
            throw FileProblem(.archive, in: name, "It is damaged: it does not unpack to what was packed.")
        }
        return Int(result)
    }
}
