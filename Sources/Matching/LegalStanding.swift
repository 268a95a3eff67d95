public import School

/// What a person is to a pupil before the law, as far as a file tells.
public enum LegalStanding: Int, Sendable, Hashable, CaseIterable, Comparable {
    /// Représentant légal.
    case legal
    /// Personne en charge de l'élève, not a legal representative.
    case inCharge
    /// Personne à contacter.
    case contact
    /// The file says something that cannot be read with certainty: not legal.
    case unknown

    /// The order in which reasons are given.
    public static func < (left: LegalStanding, right: LegalStanding) -> Bool { left.rawValue < right.rawValue }
}

/// How legal levels are read: each doubtful case is a setting that fails closed.
public struct LegalRules: Sendable, Hashable {
    /// The last version of AAF in which level 2 is the second legal representative. The specifications at hand do not
    /// tell when the codes changed, so that the default is the last version seen with the old meaning.
    public var lastVersionWithSecondLegal = AAFVersion(number: 1301)
    /// What a link is worth that ONDE alone states: its files carry no level, and everybody known by them alone would
    /// be locked out otherwise.
    public var statedByONDEAlone = LegalStanding.legal
    /// What standing in `ENTEleveAutoriteParentale` of AAF 1D is worth: parental authority.
    public var parentalAuthority = LegalStanding.legal
    /// What `RESP_LEGAL` 2 of an older SIECLE is worth: given up by SIECLE, in a sense near to AAF's old one.
    public var secondRespLegalOfSIECLE = LegalStanding.unknown
    /// The standings that open a pupil's file.
    /// - Warning: Whatever is added to ``LegalStanding/legal`` gives a pupil's file to whom the law does not give it.
    public var opening: Set<LegalStanding> = [.legal]

    /// The rules with their defaults.
    public init() {}

    /// What this link states; `nil` when its register states no levels (ONDE).
    public func standing(statedBy link: PupilLink) -> LegalStanding? {
        switch (link.register.format, link.level) {
        case (.onde, .absent): nil
        case (.aaf1D, .autoriteParentale): parentalAuthority
        case (.aaf2D, .respLegal(let code)), (.aaf1D, .respLegal(let code)): ofAAF(code, link)
        case (.siecle, .niveauResponsabilite(let code)): Self.level(code)
        case (.siecle, .respLegal(let code)): ofOlderSIECLE(code)
        default: .unknown
        }
    }

    private static func level(_ code: String) -> LegalStanding {
        switch code {
        case "1": .legal
        case "2": .inCharge
        case "3": .contact
        default: .unknown
        }
    }

    private func ofOlderSIECLE(_ code: String) -> LegalStanding {
        switch code {
        case "0": .contact
        case "1": .legal
        case "2": secondRespLegalOfSIECLE
        default: .unknown
        }
    }

    /// Level 1 is legal in both meanings; the others depend on the version.
    private func ofAAF(_ code: String, _ link: PupilLink) -> LegalStanding {
        if code == "1" { return .legal }
        if code == "0" { return .contact }
        guard let version = link.version else { return .unknown }
        guard version <= lastVersionWithSecondLegal else { return Self.level(code) }
        // New kinds in a file that calls itself old: it is not what it says.
        let hasOldKind = link.kindCode.utf8.count == 1
        return code == "2" && hasOldKind ? .legal : .unknown
    }

    /// What all links of one person to one pupil are worth together.
    func judge(_ links: [PupilLink]) -> LegalJudgement {
        let stated = Set(links.compactMap { standing(statedBy: $0) })
        // ONDE says nothing of levels: it neither grants against a file that does, nor disagrees with it.
        let standings = stated.isEmpty ? [statedByONDEAlone] : stated
        let ordered = standings.sorted()
        if standings.isSubset(of: opening) { return .opens }
        if standings.isDisjoint(with: opening) { return .notLegal(ordered) }
        return links.contains { $0.mark == .confirmed } ? .opens : .filesDisagree(ordered)
    }
}

/// What the links of one person to one pupil are worth.
enum LegalJudgement: Equatable {
    case opens
    case notLegal([LegalStanding])
    case filesDisagree([LegalStanding])
}
