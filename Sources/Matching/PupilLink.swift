public import School

/// The key of a pupil in the base.
public struct PupilID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The key.
    public let description: String
    /// The key of that text.
    public init(_ text: String) { description = text }
    /// The order of the texts.
    public static func < (left: PupilID, right: PupilID) -> Bool { left.description < right.description }
}

/// A pupil, as far as matching needs.
public struct Pupil: Sendable, Hashable {
    /// Its key in the base; the import has joined what several files say of one pupil.
    public let id: PupilID
    /// AAF `ENTPersonDateNaissance`, SIECLE `DATE_NAISS`, ONDE « Date naissance »; `nil` when empty or unreadable.
    public let birthDate: BirthDate?
    /// AAF `ENTPersonNomPatro`, `sn`, `givenName`, `ENTPersonAutresPrenoms`; SIECLE `NOM_DE_FAMILLE`, `NOM_USAGE`,
    /// `PRENOM`.
    public let name: CivilName

    /// A pupil as a file describes them.
    public init(id: PupilID, birthDate: BirthDate?, name: CivilName) {
        self.id = id
        self.birthDate = birthDate
        self.name = name
    }
}

/// Whether the register still holds a link.
public enum Presence: Sendable, Hashable {
    /// It does.
    case current
    /// It was deleted, or forgotten by the last file, and the grace period runs: the link works.
    case leaving
    /// The grace period is over.
    case gone
}

/// What the school desk, or the family, has said of a link.
public enum DeskMark: Sendable, Hashable {
    /// The family reported a wrong attachment; the desk has not answered.
    case reportedWrong
    /// The desk settled that the person is a legal representative. It settles a disagreement of files, nothing else.
    case confirmed
    /// The desk ended the link.
    case ended
}

/// What one register says of a responsible and a pupil.
public struct PupilLink: Sendable, Hashable {
    /// The pupil.
    public var pupil: Pupil
    /// Who says it.
    public var register: Register
    /// The version of the AAF that says it; `nil` when it has none, and in other formats.
    public var version: AAFVersion?
    /// The code of the kind: AAF part 2 (`lien`), SIECLE `CODE_PARENTE`; empty in ONDE.
    public var kindCode: String
    /// The legal level, as stated.
    public var level: StatedLevel
    /// Whether the register still says it.
    public var presence: Presence
    /// What the desk or the family said of it.
    public var mark: DeskMark?

    /// A link as a file states it.
    public init(
        to pupil: Pupil, register: Register, version: AAFVersion? = nil, kindCode: String = "", level: StatedLevel,
        presence: Presence = .current, mark: DeskMark? = nil
    ) {
        self.pupil = pupil
        self.register = register
        self.version = version
        self.kindCode = kindCode
        self.level = level
        self.presence = presence
        self.mark = mark
    }

    /// What the responsible is to the pupil.
    public var kind: LinkKind { LinkKind(code: kindCode) }
}
