import Matching
import School
import Testing

/// A row of the match table: who is in the base, what is claimed, and the answer in words.
struct MatchCase: Sendable, CustomTestStringConvertible {
    /// The heading under which the row stands.
    let heading: String
    /// The case, as a sentence.
    let sentence: String
    let base: [Responsible]
    let claim: Claim
    let policy: MatchingPolicy
    /// The answer, as ``words(_:)`` writes it.
    let answer: String

    init(
        _ heading: String, _ sentence: String, base: [Responsible], claim: Claim,
        policy: MatchingPolicy = MatchingPolicy(), answer: String
    ) {
        self.heading = heading
        self.sentence = sentence
        self.base = base
        self.claim = claim
        self.policy = policy
        self.answer = answer
    }

    var testDescription: String { "\(heading): \(sentence) → \(answer)" }

    /// Every row, in the order of the document that is made from them.
    static let all: [MatchCase] = [
        names, people, homonyms, files, phones, levels, disagreements, desk, birthDates, identities,
    ].flatMap(\.self)

    /// An answer in words.
    static func words(_ answer: MatchAnswer) -> String {
        switch answer {
        case .one(let found):
            let proved = found.proved.isEmpty ? [] : ["proved " + list(found.proved)]
            let toProve = found.toProve.isEmpty ? [] : ["to prove " + list(found.toProve)]
            let refused = found.refused.isEmpty ? [] : ["refused " + words(found.refused)]
            return "one: \(words(found.person)); " + (proved + toProve + refused).joined(separator: "; ")
        case .several(let people): return "several: " + people.map(words).joined(separator: ", ")
        case .none(let why): return "none: \(why)"
        case .notAllowed(let person, .children(let refused)):
            return "not allowed: \(words(person)); refused " + words(refused)
        case .notAllowed(let person, .identityContradicts(let conflicts)):
            return "not allowed: \(words(person)); identity contradicts in " + list(conflicts)
        case .notAllowed(let person, .noChild): return "not allowed: \(words(person)); no child"
        }
    }

    private static func words(_ person: MatchedPerson) -> String {
        person.records.map(\.description).joined(separator: "+") + " (\(person.evidence))"
    }

    private static func words(_ refused: [RefusedChild]) -> String {
        refused.map { child in
            switch child.why {
            case .notLegal(let standings): "\(child.pupil) (notLegal: \(list(standings)))"
            case .filesDisagree(let standings): "\(child.pupil) (filesDisagree: \(list(standings)))"
            default: "\(child.pupil) (\(child.why))"
            }
        }.joined(separator: ", ")
    }

    private static func list(_ things: [some Any]) -> String {
        things.map { "\($0)" }.joined(separator: ", ")
    }
}

// MARK: Invented registers, numbers and pupils

let academy = Register(.aaf2D, .academy("09"))
let academyPrimary = Register(.aaf1D, .academy("09"))
let college = Register(.siecle, .school(school("0599901S")))
let lycee = Register(.siecle, .school(school("0599903U")))
let ecole = Register(.onde, .school(school("0599902T")))

/// A new AAF, and the last one with the old meaning of level 2.
let recent = AAFVersion(number: 2407)
let old = AAFVersion(number: 1301)

let mobile = MobileKey("639980001")
let otherMobile = MobileKey("639980002")

func school(_ uai: String) -> UAI {
    guard let uai = UAI(uai) else { preconditionFailure("\(uai) is no UAI") }
    return uai
}

func date(_ text: String) -> BirthDate {
    guard let date = BirthDate(iso: text) else { preconditionFailure("\(text) is no date") }
    return date
}

func pupil(_ id: String, _ given: String, _ family: String = "EXEMPLE", born: String?) -> Pupil {
    Pupil(id: PupilID(id), birthDate: born.map(date), name: CivilName(birth: family, given: given))
}

let lea = pupil("lea", "Léa", born: "2012-03-14")
let hugo = pupil("hugo", "Hugo", born: "2014-07-01")
let tom = pupil("tom", "Tom", born: "2016-11-30")

func id(_ pupil: Pupil) -> PupilID { pupil.id }

extension PupilLink {
    /// A link of level 1 in SIECLE or AAF, and without any level in ONDE.
    static func legal(_ pupil: Pupil, _ register: Register = academy, kind: String = "") -> PupilLink {
        switch register.format {
        case .onde: PupilLink(to: pupil, register: register, kindCode: kind, level: .absent)
        case .siecle:
            PupilLink(to: pupil, register: register, kindCode: kind, level: .niveauResponsabilite("1"))
        case .aaf1D, .aaf2D:
            PupilLink(to: pupil, register: register, version: recent, kindCode: kind, level: .respLegal("1"))
        }
    }

    /// The same link with another thing said of it.
    func with(_ change: (inout PupilLink) -> Void) -> PupilLink {
        var link = self
        change(&link)
        return link
    }
}

/// A record of the registers of its links, which holds ``mobile`` unless told otherwise.
func record(
    _ id: String, birth: String? = nil, usage: String? = nil, _ given: String, others: [String] = [],
    civility: Civility? = nil, mobiles: Set<MobileKey> = [mobile], in registers: Set<Register> = [],
    _ links: PupilLink...
) -> Responsible {
    Responsible(
        id: ResponsibleID(id), registers: registers.union(links.map(\.register)),
        name: CivilName(birth: birth, usage: usage, given: given, otherGiven: others), civility: civility,
        mobiles: mobiles, links: links)
}

/// The claim of somebody who proved ``mobile``.
func claiming(
    _ family: String, _ given: String, _ children: [Pupil: String] = [:], not declined: [Pupil] = [],
    mobile key: MobileKey = mobile, identity: PivotIdentity? = nil
) -> Claim {
    var answers = Dictionary(uniqueKeysWithValues: children.map { ($0.id, ChildAnswer.birthDate(date($1))) })
    for pupil in declined { answers[pupil.id] = .notMine }
    return Claim(
        mobile: ProvenMobile(uncheckedProven: key), name: ClaimedName(family: family, given: given), children: answers,
        identity: identity)
}
