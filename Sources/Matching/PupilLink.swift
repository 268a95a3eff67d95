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

/// What a responsible is to a pupil.
public enum LinkKind: Sendable, Hashable, CaseIterable {
    /// Mère.
    case mother
    /// Père.
    case father
    /// Tuteur.
    case guardian
    /// Élève lui-même: an adult pupil who is their own responsible.
    case pupilThemself
    /// Any other, or unknown.
    case other

    /// The kind that a code of SIECLE (`CODE_PARENTE`) or of AAF (part 2 of `ENTElevePersRelEleve`) means. The old
    /// codes of AAF have one digit, those of SIECLE, which new AAF take over, have two.
    public init(code: String) {
        switch code {
        case "10", "2": self = .mother
        case "20", "1": self = .father
        case "50": self = .guardian
        case "70": self = .pupilThemself
        default: self = .other
        }
    }

    /// Whether one person cannot be both to one pupil.
    func contradicts(_ other: LinkKind) -> Bool {
        switch (self, other) {
        case (.mother, .father), (.father, .mother): true
        case (.pupilThemself, let kind), (let kind, .pupilThemself): kind != .pupilThemself
        default: false
        }
    }
}

/// What a file says of the legal level, in its own words.
public enum StatedLevel: Sendable, Hashable {
    /// `respLegal`, part 4 of `ENTElevePersRelEleve` in AAF; `RESP_LEGAL` in an older SIECLE.
    case respLegal(String)
    /// `NIVEAU_RESPONSABILITE` of SIECLE.
    case niveauResponsabilite(String)
    /// The person stands in `ENTEleveAutoriteParentale` (AAF 1D).
    case autoriteParentale
    /// Nothing: ONDE has no such column, or the value is missing.
    case absent
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
