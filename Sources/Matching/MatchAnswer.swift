public import School

/// What somebody claims, after a code came back from a mobile.
public struct Claim: Sendable, Hashable {
    /// The mobile on which the code was received.
    public var mobile: ProvenMobile
    /// The name that was typed.
    public var name: ClaimedName
    /// What was answered for each child that was shown; a child that is not in it has not been asked.
    public var children: [PupilID: ChildAnswer]
    /// What FranceConnect vouches for, when the person came that way.
    public var identity: PivotIdentity?

    /// A claim.
    public init(
        mobile: ProvenMobile, name: ClaimedName, children: [PupilID: ChildAnswer] = [:], identity: PivotIdentity? = nil
    ) {
        self.mobile = mobile
        self.name = name
        self.children = children
        self.identity = identity
    }
}

/// The answer to « je suis / je ne suis pas le représentant légal ».
public enum ChildAnswer: Sendable, Hashable {
    /// « Je suis », with a birth date.
    case birthDate(BirthDate)
    /// « Je ne suis pas ».
    case notMine
}

/// Who was found, with what happened on the way. It holds keys and codes, no name, number or date: it may be logged.
public struct Match: Sendable, Hashable {
    /// The answer.
    public let answer: MatchAnswer
    /// What was set aside or joined, in the order of ``MatchFinding``'s steps and then of the keys.
    public let findings: [MatchFinding]
}

/// Who was found. Towards the outside, all but ``one(_:)`` are the same words.
public enum MatchAnswer: Sendable, Hashable {
    /// One responsible, with at least one child who is proved or may be.
    case one(MatchedResponsible)
    /// People whom the evidence does not tell apart, each with their records: the school desk settles it.
    case several([MatchedPerson])
    /// Nobody.
    case none(NoMatch)
    /// One person, to whom no child may be opened.
    case notAllowed(MatchedPerson, NotAllowed)

    /// The people of the answer: one list of records each.
    public var people: [MatchedPerson] {
        switch self {
        case .one(let found): [found.person]
        case .several(let people): people
        case .none: []
        case .notAllowed(let person, _): [person]
        }
    }
}

/// One person of the base, as they were found.
public struct MatchedPerson: Sendable, Hashable {
    /// The records that are this person, in the order of their keys; several when seen in several registers.
    public let records: [ResponsibleID]
    /// By what the name that was typed is theirs; of an unsettled record that bears another name, its neighbour's.
    public let evidence: NameEvidence
}

/// One responsible and their children.
public struct MatchedResponsible: Sendable, Hashable {
    /// Who it is.
    public let person: MatchedPerson
    /// Children whose birth date was told: these alone may be linked.
    public let proved: [PupilID]
    /// Children whose birth date is to be asked.
    public let toProve: [PupilID]
    /// Children who may not be linked.
    public let refused: [RefusedChild]
}

/// Why there is nobody.
public enum NoMatch: Sendable, Hashable {
    /// The base holds this mobile for nobody.
    case mobileUnknown
    /// A field of the name has neither letter nor digit, or is too long.
    case nameUnreadable
    /// The mobile is somebody's, the name is not.
    case nameDiffers
    /// The name is that of several people, and FranceConnect vouches for none of them.
    case identityContradicts
}

/// Why the one person who was found may open nothing.
public enum NotAllowed: Sendable, Hashable {
    /// FranceConnect vouches for somebody else.
    case identityContradicts([IdentityConflict])
    /// The person is linked to no pupil.
    case noChild
    /// Each child is refused.
    case children([RefusedChild])
}

/// A child who may not be linked to the person.
public struct RefusedChild: Sendable, Hashable {
    /// The child.
    public let pupil: PupilID
    /// Why.
    public let why: ChildRefusal
}

/// Why a child may not be linked to the person: the first that holds, in this order.
public enum ChildRefusal: Sendable, Hashable {
    /// The school desk ended the link.
    case endedByDesk
    /// A wrong attachment was reported, and the desk has not answered.
    case reportedWrong
    /// The grace period after the register's deletion is over.
    case gone
    /// The register calls the person the pupil, and the names are two people's.
    case namedOtherwise
    /// No file gives a standing that opens.
    case notLegal([LegalStanding])
    /// One file gives a standing that opens, another one does not.
    case filesDisagree([LegalStanding])
    /// The base holds no whole birth date of the child, or two, so that none can be proved.
    case birthDateUnknown
    /// « Je ne suis pas le représentant légal. »
    case declined
    /// The birth date told is another one.
    case wrongBirthDate
}

/// A step on the way to the answer, for the log and the school desk.
public enum MatchFinding: Sendable, Hashable {
    /// These records are one person.
    case joined([ResponsibleID])
    /// These records hang together, and some contradict each other.
    case unsettled([ResponsibleID])
    /// The base does not hold the mobile for this person.
    case otherMobile([ResponsibleID])
    /// The name is another one.
    case otherName([ResponsibleID])
    /// The name is near, and the policy does not believe this evidence.
    case notEnough([ResponsibleID], NameEvidence)
    /// The name is near, and it is somebody else's by a stronger evidence.
    case strongerNameFound([ResponsibleID], NameEvidence)
    /// FranceConnect vouches for somebody else.
    case contradicted([ResponsibleID], [IdentityConflict])
    /// An answer was given for a child of whom the person is no responsible.
    case notTheirChild(PupilID)
}
