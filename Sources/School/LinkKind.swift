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
    package func contradicts(_ other: LinkKind) -> Bool {
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
