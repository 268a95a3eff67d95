public import School

/// A file of a register, recognised by its content. Nothing of it has been read but its beginning.
public struct RegisterFile: Sendable, Hashable {
    /// What a file holds.
    public enum Content: String, Sendable, Hashable, CaseIterable {
        /// Structures (AAF `EtabEducNat`).
        case schools
        /// Pupils, with their places and, in AAF, the links to their responsibles.
        case pupils
        /// Responsibles; in SIECLE and ONDE with the links to pupils.
        case responsibles
        /// Staff (AAF `PersEducNat`).
        case staff
        /// What Loge does not need (AAF `MefEducNat`, `MatiereEducNat`; SIECLE `Nomenclature.xml` and its like; ONDE
        /// teachers): skipped, and said so.
        case other
    }

    /// Whether a file is all that its register holds.
    public enum Extent: String, Sendable, Hashable, CaseIterable {
        /// It is: whoever is not in it has gone (AAF `Complet`; SIECLE and ONDE always).
        case complete
        /// It holds what changed since the last one (AAF `Delta`).
        case changes
        /// It does not say; nobody is taken for gone.
        case unstated
    }

    /// What messages call it: the path, and behind it the member of an archive (`siecle.zip/ElevesSansAdresses.xml`).
    public let name: String
    /// Whose people it holds.
    public let register: Register
    /// What it holds.
    public let content: Content
    /// Whether it is all.
    public let extent: Extent
    /// The day of the export, `yyyy-MM-dd` (AAF the name's date, which all files of an export share, or
    /// `dateGenerationExport`; SIECLE `DATE_EXPORT`); `nil` when not told, as in ONDE.
    public let date: String?
    /// `versionAF` of an AAF.
    public let version: AAFVersion?
    /// The number at the end of the name of an AAF file (`_0000`).
    public let number: Int?
    /// Its bytes, unpacked.
    public let size: Int64
    /// Where its bytes are.
    let source: FileSource

    init(
        name: String, register: Register, content: Content, extent: Extent, date: String? = nil,
        version: AAFVersion? = nil, number: Int? = nil, size: Int64, source: FileSource
    ) {
        self.name = name
        self.register = register
        self.content = content
        self.extent = extent
        self.date = date
        self.version = version
        self.number = number
        self.size = size
        self.source = source
    }
}

/// Where the bytes of a file are.
enum FileSource: Sendable, Hashable {
    /// A file of its own.
    case file(path: String)
    /// A member of a zip archive.
    case member(archive: String, index: UInt64)
}

/// Where something stands.
public struct FilePlace: Sendable, Hashable, CustomStringConvertible {
    /// ``RegisterFile/name``.
    public let file: String
    /// The line, from 1.
    public let line: Int

    /// A place.
    public init(file: String, line: Int) {
        self.file = file
        self.line = line
    }

    /// `file:line`.
    public var description: String { "\(file):\(line)" }
}

/// The files of one register that are read together: one complete export, or the changes of one day.
public struct RegisterExport: Sendable, Hashable {
    /// Whose people.
    public let register: Register
    /// Whether it is all that the register holds of ``contents``.
    public let extent: RegisterFile.Extent
    /// The day of the export, when the files tell it.
    public let date: String?
    /// The files, in the order in which they are read.
    public let files: [RegisterFile]

    /// What the files hold together.
    public var contents: Set<RegisterFile.Content> { Set(files.map(\.content)) }
    /// Bytes of all files.
    public var size: Int64 { files.reduce(0) { $0 + $1.size } }
}

/// What reading a file tells, in the order of the file.
public enum ReadEvent: Sendable, Hashable {
    /// What the file says about one thing.
    case entry(RegisterEntry, FilePlace)
    /// Something that the file says in a form nobody understands; the rest of the entry stands.
    case warning(FileWarning)
}

/// Something odd in a file that does not stop the import.
public struct FileWarning: Sendable, Hashable {
    /// What is odd. The raw values stand in reports.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A value has another form than the format asks for.
        case malformedValue = "malformed-value"
        /// A link names nobody that the same files hold, or several (ONDE, whose links are names).
        case unresolvedLink = "unresolved-link"
        /// A category or section that Loge does not know: skipped.
        case unknownSection = "unknown-section"
        /// A line that is no record (the footer of some ONDE files): skipped.
        case skippedLine = "skipped-line"
        /// A pupil who left before the day of the export (SIECLE `DATE_SORTIE`): not taken. One for each of them.
        case departed
    }

    /// What is odd.
    public let kind: Kind
    /// Where.
    public let place: FilePlace
    /// The field or section, never its value: values are people's.
    public let field: String

    /// A warning.
    public init(_ kind: Kind, at place: FilePlace, field: String) {
        self.kind = kind
        self.place = place
        self.field = field
    }
}

/// Why a file cannot be imported: nothing of it counts.
public struct FileProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// Why. The raw values stand in reports.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// It is not there, or may not be read.
        case unreadable
        /// It holds nothing.
        case empty
        /// It is no file of a register: another root, other columns.
        case unrecognised
        /// It ends too early.
        case truncated
        /// It is not well formed.
        case malformed
        /// Its bytes are not what its encoding says.
        case encoding
        /// It declares an entity: what it stands for is never looked up.
        case entity
        /// It is deeper, longer or holds more than any file of its kind.
        case limit
        /// A column that the format needs is missing.
        case missingColumn = "missing-column"
        /// Files that do not belong together: two academies, two schools, complete files beside changes.
        case mixed
        /// A numbered file of a set is missing, or there twice.
        case incompleteSet = "incomplete-set"
        /// Something that the operator must tell, such as the school of an ONDE file.
        case needsOption = "needs-option"
        /// The archive is damaged, encrypted, or unpacks to too much.
        case archive
    }

    /// Why.
    public let reason: Reason
    /// Which file.
    public let file: String
    /// The line, from 1; `nil` when the whole file is meant.
    public let line: Int?
    /// One sentence: what is wrong and what to do. Names no value of the file.
    public let sentence: String

    /// A problem.
    public init(_ reason: Reason, in file: String, line: Int? = nil, _ sentence: String) {
        self.reason = reason
        self.file = file
        self.line = line
        self.sentence = sentence
    }

    /// `file:line: sentence`.
    public var description: String {
        line.map { "\(file):\($0): \(sentence)" } ?? "\(file): \(sentence)"
    }
}
