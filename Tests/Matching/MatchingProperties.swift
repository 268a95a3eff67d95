import Matching
import School
import Testing

/// What holds of every base and every claim, seen on invented ones: few names, few children, few numbers, so that they
/// meet often.
@Suite("The matching policy, whatever the base")
struct MatchingProperties {
    private let policy = MatchingPolicy()
    private static let worlds = 4_000

    @Test("the order of the candidates changes nothing, of their links neither")
    func order() {
        var chance = SeededChance(seed: 1)
        for _ in 0..<Self.worlds {
            let world = World(&chance)
            var shuffled = world.base.shuffled(using: &chance)
            for index in shuffled.indices { shuffled[index].links.shuffle(using: &chance) }
            #expect(policy.match(world.claim, among: shuffled) == policy.match(world.claim, among: world.base))
        }
    }

    @Test("an identity of FranceConnect only narrows: nobody, and no child, comes in by it")
    func identity() {
        var chance = SeededChance(seed: 2)
        var narrowed = 0
        for _ in 0..<Self.worlds {
            var world = World(&chance)
            let without = policy.match(world.claim, among: world.base).answer
            world.claim.identity = World.identity(&chance)
            let with = policy.match(world.claim, among: world.base).answer
            #expect(records(with).isSubset(of: records(without)))
            #expect(open(with).isSubset(of: open(without)) || without.people.count > 1)
            if without.people.count > 1, case .one = with { narrowed += 1 }
            if case .none = without { #expect(with == without) }
            if case .notAllowed = without, case .notAllowed = with {
            } else if case .notAllowed = without {
                Issue.record("an identity changed a refusal into \(with)")
            }
        }
        #expect(narrowed > 10, "it does narrow")
    }

    @Test("a birth date only narrows: it never chooses a person, and opens no child that could not be proved")
    func birthDates() {
        var chance = SeededChance(seed: 3)
        var lost = 0
        for _ in 0..<Self.worlds {
            var world = World(&chance)
            world.claim.children = [:]
            let without = policy.match(world.claim, among: world.base).answer
            world.claim.children = World.answers(&chance)
            let with = policy.match(world.claim, among: world.base).answer
            #expect(with.people == without.people)
            #expect(open(with).isSubset(of: open(without)))
            if case .one = without, case .notAllowed = with { lost += 1 }
            if case .one(let found) = with {
                for pupil in found.proved {
                    #expect(world.claim.children[pupil] == .birthDate(World.birthDate(of: pupil)))
                }
            }
        }
        #expect(lost > 10, "wrong dates do close")
    }

    @Test("one more candidate makes `one` of nobody but itself")
    func oneMore() {
        var chance = SeededChance(seed: 4)
        var became = 0
        for _ in 0..<Self.worlds {
            let world = World(&chance)
            guard let added = world.base.randomElement(using: &chance) else { continue }
            let fewer = world.base.filter { $0.id != added.id }
            let before = policy.match(world.claim, among: fewer).answer
            let after = policy.match(world.claim, among: world.base).answer
            guard case .one(let found) = after else { continue }
            if found.person.records.contains(added.id) { became += 1 } else { #expect(before == after) }
        }
        #expect(became > 100)
    }

    @Test("`one` holds the mobile, bears the name, and each child is open by law")
    func one() {
        var chance = SeededChance(seed: 5)
        var kinds: [String: Int] = [:]
        for _ in 0..<Self.worlds {
            let world = World(&chance)
            let answer = policy.match(world.claim, among: world.base).answer
            kinds[String(MatchCase.words(answer).prefix(3)), default: 0] += 1
            guard case .one(let found) = answer else { continue }
            let records = world.base.filter { found.person.records.contains($0.id) }
            #expect(records.contains { $0.mobiles.contains(world.claim.mobile.key) })
            #expect(policy.enough.contains(found.person.evidence))
            #expect(records.contains { $0.name.evidence(for: world.claim.name) == found.person.evidence })
            #expect(Set(records.flatMap(\.registers)).count == records.flatMap(\.registers).count)
            #expect(!open(answer).isEmpty)
            for pupil in open(answer) {
                let links = records.flatMap(\.links).filter { $0.pupil.id == pupil && $0.presence != .gone }
                #expect(links.contains { [.legal, nil].contains(policy.legal.standing(statedBy: $0)) })
                #expect(!links.contains { $0.mark == .ended || $0.mark == .reportedWrong })
            }
        }
        for kind in ["one", "sev", "non", "not"] { #expect(kinds[kind, default: 0] > 100, "\(kind): \(kinds)") }
    }

    private func records(_ answer: MatchAnswer) -> Set<ResponsibleID> { Set(answer.people.flatMap(\.records)) }

    private func open(_ answer: MatchAnswer) -> Set<PupilID> {
        guard case .one(let found) = answer else { return [] }
        return Set(found.proved + found.toProve)
    }
}

/// An invented base, and a claim.
private struct World {
    var base: [Responsible]
    var claim: Claim

    private static let families = ["MARTIN", "MARTIN-DURAND", "DE MARTIN", "DURAND"]
    private static let familiesOrNone: [String?] = families.map(Optional.some) + [nil, nil]
    private static let givens = ["Jean", "Jean-Pierre", "Camille"]
    private static let pupils = [lea, hugo, tom, pupil("jean", "Jean", "MARTIN", born: "2006-02-01")]
    private static let registers = [academy, academyPrimary, college, lycee, ecole]

    init(_ chance: inout SeededChance) {
        base = (0..<chance.upTo(5)).map { World.record("r\($0)", &chance) }
        claim = Claim(
            mobile: ProvenMobile(uncheckedProven: mobile),
            name: ClaimedName(family: chance.one(of: World.families), given: chance.one(of: World.givens)),
            children: World.answers(&chance))
    }

    private static func record(_ id: String, _ chance: inout SeededChance) -> Responsible {
        let registers = Array(World.registers.shuffled(using: &chance).prefix(chance.upTo(2)))
        let pupils = World.pupils.shuffled(using: &chance).prefix(chance.upTo(3))
        let links = pupils.flatMap { pupil in registers.map { link(pupil, $0, &chance) } }
        let mobiles = [[mobile], [mobile], [mobile], [otherMobile], [mobile, otherMobile]]
        let name = CivilName(
            birth: chance.one(of: familiesOrNone), usage: chance.one(of: familiesOrNone),
            given: chance.one(of: givens), otherGiven: chance.one(of: [[], [], ["Paul"], ["Anne"]]))
        return Responsible(
            id: ResponsibleID(id), registers: Set(registers), name: name,
            civility: chance.one(of: [nil, nil, .madame, .monsieur]), mobiles: Set(chance.one(of: mobiles)),
            links: links)
    }

    private static func link(_ pupil: Pupil, _ register: Register, _ chance: inout SeededChance) -> PupilLink {
        let code = chance.one(of: ["1", "1", "1", "1", "2", "3", "9"])
        let level: StatedLevel =
            switch register.format {
            case .onde: .absent
            case .siecle: .niveauResponsabilite(code)
            case .aaf1D, .aaf2D: .respLegal(code)
            }
        return PupilLink(
            to: pupil, register: register, version: chance.one(of: [recent, recent, old, nil]),
            kindCode: chance.one(of: ["", "", "", "10", "20", "70"]), level: level,
            presence: chance.one(of: [.current, .current, .current, .leaving, .gone]),
            mark: chance.one(of: [nil, nil, nil, nil, nil, nil, .confirmed, .reportedWrong, .ended]))
    }

    static func answers(_ chance: inout SeededChance) -> [PupilID: ChildAnswer] {
        var answers: [PupilID: ChildAnswer] = [:]
        for pupil in pupils {
            answers[pupil.id] = chance.one(
                of: [nil, .birthDate(birthDate(of: pupil.id)), .birthDate(date("2012-01-01")), .notMine])
        }
        return answers
    }

    static func birthDate(of id: PupilID) -> BirthDate {
        guard let date = pupils.first(where: { $0.id == id })?.birthDate else { preconditionFailure("no such pupil") }
        return date
    }

    static func identity(_ chance: inout SeededChance) -> PivotIdentity {
        PivotIdentity(
            familyName: chance.one(of: families + [""]), usageName: chance.one(of: familiesOrNone),
            givenNames: chance.one(of: [["Jean"], ["Jean", "Paul"], ["Jean-Pierre"], ["Camille", "Anne"], []]),
            gender: chance.one(of: [.female, .male, .unspecified]),
            birthDate: chance.one(of: [date("2006-02-01"), nil]))
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): chance that repeats itself.
private struct SeededChance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 1 to `bound`.
    mutating func upTo(_ bound: Int) -> Int { 1 + Int(next() % UInt64(bound)) }

    mutating func one<Thing>(of things: [Thing]) -> Thing { things[Int(next() % UInt64(things.count))] }
}
