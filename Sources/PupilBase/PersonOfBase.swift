internal import School
internal import Stores

/// Somebody of the base, as their account shows them.
struct PersonOfBase: Sendable {
    /// Why somebody has no account any more.
    enum Absence: String, Sendable, CaseIterable {
        /// Every register has forgotten them, and the grace is over.
        case left = "pupil base: left, and the grace is over"
        /// The base holds nothing of them: an import was taken back, or they left long ago.
        case vanished = "pupil base: not in the base any more"
        /// A responsible of no pupil whose file is open to them: a contact, or the pupil has left.
        case noStanding = "pupil base: legal representative of no pupil any more"
    }

    /// `nil` while the account works.
    var absence: Absence?
    /// Whether a register states them by now: nobody gets an account who is leaving already.
    var isCurrent = false
    /// What the account says.
    var person: Person
    /// The address that the base states; nobody has proved it.
    var mail: String?
    /// Every school of theirs: of a responsible, those of the children.
    var schools: Set<UAI> = []

    /// Somebody of whom the base holds nothing.
    static func vanished(_ kind: PersonKind) -> PersonOfBase {
        PersonOfBase(
            absence: .vanished, person: Person(givenName: "", familyName: "", profile: kind.profiles[0]), mail: nil)
    }
}

extension PersonKind {
    /// The profiles that accounts of this kind have, the weightiest first: whoever has several functions is what comes
    /// first.
    var profiles: [Profile] {
        switch self {
        case .pupil: [.pupil]
        case .responsible: [.responsible]
        case .staff: [.head, .teacher, .librarian, .schoolLife, .schoolStaff]
        }
    }
}
