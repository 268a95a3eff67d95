public import School

/// The pivot identity that FranceConnect vouches for (scope `identite_pivot`, with `preferred_username`).
///
/// It can only narrow: whoever it contradicts is out, and nobody comes in by it.
public struct PivotIdentity: Sendable, Hashable {
    /// The claim `gender`.
    public enum Gender: String, Sendable, Hashable {
        /// Féminin.
        case female
        /// Masculin.
        case male
        /// Not told.
        case unspecified
    }

    /// `family_name`: the birth name; `nil` when empty.
    public let familyName: FoldedName?
    /// `preferred_username`: the usage name; `nil` when empty.
    public let usageName: FoldedName?
    /// `given_name_array`: all given names.
    public let givenNames: [FoldedName]
    /// `gender`.
    public let gender: Gender
    /// `birthdate`; `nil` when it cannot be read.
    public let birthDate: BirthDate?

    /// The identity of these claims.
    public init(
        familyName: String, usageName: String? = nil, givenNames: [String], gender: Gender, birthDate: BirthDate?
    ) {
        let names = [familyName, usageName ?? ""].map(FoldedName.init).map { $0.isEmpty ? FoldedName?.none : $0 }
        self.familyName = names[0]
        self.usageName = names[1]
        self.givenNames = givenNames.map(FoldedName.init).filter { !$0.isEmpty }
        self.gender = gender
        self.birthDate = birthDate
    }

    /// In what this identity is not that of `record`, in the order of the cases; none when nothing contradicts.
    func conflicts(with record: Responsible, enough: Set<NameEvidence>) -> [IdentityConflict] {
        var conflicts: [IdentityConflict] = []
        if !bears(record.name, enough: enough) { conflicts.append(.name) }
        let others = Set(givenNames.dropFirst())
        let held = Set(record.name.otherGiven)
        if !others.isEmpty, !held.isEmpty, held.isDisjoint(with: givenNames) { conflicts.append(.otherGivenNames) }
        switch (gender, record.civility) {
        case (.female, .monsieur), (.male, .madame): conflicts.append(.gender)
        default: break
        }
        // Files hold no birth date of responsibles, but of an adult pupil who is their own.
        let born = record.links.filter { $0.kind == .pupilThemself }.compactMap(\.pupil.birthDate)
        if let birthDate, born.contains(where: { !$0.agrees(with: birthDate) }) { conflicts.append(.birthDate) }
        return conflicts
    }

    /// Whether one of the family names with one of the given names is the name. An identity without a family name is
    /// nobody's.
    private func bears(_ name: CivilName, enough: Set<NameEvidence>) -> Bool {
        let all = FoldedName(words: givenNames.flatMap(\.words))
        return [familyName, usageName].compactMap(\.self).contains { family in
            ([all] + givenNames).contains { given in
                let evidence = name.evidence(for: ClaimedName(family: family, given: given))
                return evidence.map(enough.contains) ?? false
            }
        }
    }
}

/// In what an identity is not that of a person of the base.
public enum IdentityConflict: Int, Sendable, Hashable, CaseIterable, Comparable {
    /// No family name with a given name is theirs.
    case name
    /// Both hold further given names, and none is common.
    case otherGivenNames
    /// The gender is not that of the civility.
    case gender
    /// An adult pupil's birth date is another one.
    case birthDate

    /// The order in which conflicts are given.
    public static func < (left: IdentityConflict, right: IdentityConflict) -> Bool { left.rawValue < right.rawValue }
}
