public import School

/// How a name that was typed is the name that a file holds, from the strongest to the weakest.
///
/// The family name and the given name are compared each for itself; the evidence is that of the weaker of the two.
public enum NameEvidence: Int, Sendable, Hashable, CaseIterable, Comparable {
    /// The same words: the birth name, the usage name, or both in either order; and the given name.
    case exact
    /// The same letters with other cuts: `LE GALL` and `LEGALL`, `N'GUESSAN` and `NGUESSAN`.
    case sameLetters
    /// One given name is the beginning of the other's list: `JEAN` of `JEAN-PIERRE`, or `JEAN PIERRE MARIE` for `JEAN`.
    case firstGivenName
    /// The same family name but for particles: `FONTAINE` and `DE LA FONTAINE`.
    case withoutParticles
    /// One family name is the beginning or the end of the other: `MARTIN` or `DURAND` of `MARTIN-DURAND`.
    case partOfDoubleName
    /// The family name stands in the field of the given name, and the reverse; both with the same letters.
    case swapped
    /// The given name is one of the others that the file holds (`ENTPersonAutresPrenoms`), not the first.
    case otherGivenName

    /// Whether the left one is the stronger.
    public static func < (left: NameEvidence, right: NameEvidence) -> Bool { left.rawValue < right.rawValue }

    /// What is enough unless a setting says otherwise: all but another given name, by which a father finds his son.
    public static let enoughByDefault: Set<NameEvidence> = [
        .exact, .sameLetters, .firstGivenName, .withoutParticles, .partOfDoubleName, .swapped,
    ]
}

/// A name as somebody typed it.
public struct ClaimedName: Sendable, Hashable {
    /// What stands in the field of the family name.
    public let family: FoldedName
    /// What stands in the field of the given name.
    public let given: FoldedName

    /// The name typed in these two fields.
    public init(family: String, given: String) {
        self.family = FoldedName(family)
        self.given = FoldedName(given)
    }

    init(family: FoldedName, given: FoldedName) {
        self.family = family
        self.given = given
    }

    /// Whether there is something to compare in both fields.
    public var isReadable: Bool { !family.isEmpty && !given.isEmpty }
}

/// The names that files hold of one person.
public struct CivilName: Sendable, Hashable {
    /// Nom de famille (AAF `ENTPersonNomPatro`, SIECLE `NOM_DE_FAMILLE`, ONDE « Nom responsable »); `nil` when empty.
    public let birth: FoldedName?
    /// Nom d'usage (AAF `sn`, SIECLE `NOM_USAGE`, ONDE « Nom usage responsable »); `nil` when empty.
    public let usage: FoldedName?
    /// Prénom (AAF `givenName`, SIECLE `PRENOM`): one, a compound one, or several in one field.
    public let given: FoldedName
    /// The others, in their order (AAF `ENTPersonAutresPrenoms`).
    public let otherGiven: [FoldedName]

    /// The names as the files write them; an empty text is an unknown name.
    public init(birth: String? = nil, usage: String? = nil, given: String, otherGiven: [String] = []) {
        func known(_ text: String?) -> FoldedName? {
            let name = FoldedName(text ?? "")
            return name.isEmpty ? nil : name
        }
        self.birth = known(birth)
        self.usage = known(usage)
        self.given = FoldedName(given)
        self.otherGiven = otherGiven.map(FoldedName.init).filter { !$0.isEmpty }
    }

    /// The evidence that `claimed` is this name; `nil` when it is another one.
    public func evidence(for claimed: ClaimedName) -> NameEvidence? {
        guard claimed.isReadable, !given.isEmpty else { return nil }
        let straight = weaker(familyEvidence(claimed.family), givenEvidence(claimed.given))
        // THOMAS MARTIN and MARTIN THOMAS are two people: only the same letters are believed across the fields.
        let crossed = weaker(familyEvidence(claimed.given), givenEvidence(claimed.family))
        let swapped = crossed.flatMap { $0 <= .sameLetters ? NameEvidence.swapped : nil }
        return [straight, swapped].compactMap(\.self).min()
    }

    /// The family names by which the person may go: birth, usage, and both in either order.
    var familyNames: [FoldedName] {
        guard let birth, let usage, birth != usage else { return [self.birth ?? self.usage].compactMap(\.self) }
        return [
            birth, usage, FoldedName(words: birth.words + usage.words), FoldedName(words: usage.words + birth.words),
        ]
    }

    private func familyEvidence(_ claimed: FoldedName) -> NameEvidence? {
        familyNames.compactMap { Self.familyEvidence(claimed, $0) }.min()
    }

    private static func familyEvidence(_ one: FoldedName, _ other: FoldedName) -> NameEvidence? {
        if one == other { return .exact }
        if one.letters == other.letters { return .sameLetters }
        let (words, others) = (one.withoutParticles, other.withoutParticles)
        guard !words.isEmpty, !others.isEmpty else { return nil }
        if words == others { return .withoutParticles }
        return isPart(words, of: others) || isPart(others, of: words) ? .partOfDoubleName : nil
    }

    private func givenEvidence(_ claimed: FoldedName) -> NameEvidence? {
        if claimed == given { return .exact }
        if claimed.letters == given.letters { return .sameLetters }
        let all = given.words + otherGiven.flatMap(\.words)
        if given.words.starts(with: claimed.words) || all.starts(with: claimed.words) || claimed.words.starts(with: all)
        {
            return .firstGivenName
        }
        return otherGiven.contains(claimed) ? .otherGivenName : nil
    }

    private func weaker(_ one: NameEvidence?, _ other: NameEvidence?) -> NameEvidence? {
        guard let one, let other else { return nil }
        return max(one, other)
    }

    /// Whether `words` begin or end `longer`. One letter alone is no name.
    private static func isPart(_ words: [String], of longer: [String]) -> Bool {
        guard words.count < longer.count, words.joined().unicodeScalars.count > 1 else { return false }
        return longer.starts(with: words) || longer.suffix(words.count).elementsEqual(words)
    }
}

extension CivilName {
    /// Whether what both hold differs: two people, or one who must be settled by hand.
    public func contradicts(_ other: CivilName) -> Bool {
        guard given.letters == other.given.letters else { return true }
        let (names, others) = (otherGiven.map(\.letters), other.otherGiven.map(\.letters))
        guard names.starts(with: others) || others.starts(with: names) else { return true }
        if let birth, let otherBirth = other.birth { return birth.letters != otherBirth.letters }
        guard let usage, let otherUsage = other.usage else { return false }
        return usage.letters != otherUsage.letters
    }

    /// Whether both hold one folded name: nothing contradicts, and given name and a family name are common.
    public func isSame(as other: CivilName) -> Bool {
        guard !contradicts(other), !given.isEmpty else { return false }
        let family = Set([birth, usage].compactMap { $0?.letters })
        return [other.birth, other.usage].compactMap { $0?.letters }.contains { family.contains($0) }
    }
}
