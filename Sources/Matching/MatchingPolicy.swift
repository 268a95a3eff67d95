internal import School

/// Finds the responsible who proved a mobile and typed a name.
///
/// The order, which nothing shortens:
/// - records are joined into people (``SamePerson``), whatever was claimed;
/// - the person holds the mobile that was proved;
/// - the name is theirs, by an evidence that is enough, and nobody's by a stronger one;
/// - FranceConnect's identity, where there is one, contradicts those of whom it is not;
/// - exactly one person is left: a birth date never chooses between people, for a family knows each other's;
/// - a child of theirs has a legal standing that opens, and its birth date was told or is still to be asked.
public struct MatchingPolicy: Sendable, Hashable {
    /// The evidences of a name that are enough.
    public var enough = NameEvidence.enoughByDefault
    /// How legal levels are read.
    public var legal = LegalRules()

    /// The policy with its defaults.
    public init() {}

    /// Who of `candidates` made the claim. Their order is of no consequence.
    ///
    /// - Parameters:
    ///   - claim: What was proved and typed.
    ///   - candidates: All records that hold the mobile, and those that share a child with them (a person may have
    ///     one number in one register and another one in the next). Each key once.
    /// - Returns: The answer, and how it came about.
    public func match(_ claim: Claim, among candidates: [Responsible]) -> Match {
        let everybody = SamePerson.people(of: candidates)
        var findings = everybody.filter { $0.records.count > 1 }.map { person in
            person.isSettled ? MatchFinding.joined(person.ids) : .unsettled(person.ids)
        }
        let holders = everybody.filter { $0.holds(claim.mobile) }
        findings += everybody.filter { !$0.holds(claim.mobile) }.map { MatchFinding.otherMobile($0.ids) }

        guard claim.name.isReadable else { return Match(answer: .none(.nameUnreadable), findings: findings) }
        guard !holders.isEmpty else { return Match(answer: .none(.mobileUnknown), findings: findings) }
        let named = strongest(claim.name, holders, &findings)
        guard let first = named.first else { return Match(answer: .none(.nameDiffers), findings: findings) }

        let left = uncontradicted(named, by: claim.identity, &findings)
        guard let only = left.first else {
            guard named.count == 1 else { return Match(answer: .none(.identityContradicts), findings: findings) }
            let conflicts = self.conflicts(of: first.person, with: claim.identity)
            return Match(answer: .notAllowed(first.matched, .identityContradicts(conflicts)), findings: findings)
        }
        guard left.count == 1, only.person.isSettled else {
            return Match(answer: .several(left.flatMap { $0.people(for: claim.name) }), findings: findings)
        }
        return children(of: only, claim.children, findings)
    }

    private struct Named {
        let person: KnownPerson
        let matched: MatchedPerson

        /// One person, or each record of an unsettled one.
        func people(for name: ClaimedName) -> [MatchedPerson] {
            guard !person.isSettled else { return [matched] }
            return person.records.map { record in
                MatchedPerson(records: [record.id], evidence: record.name.evidence(for: name) ?? matched.evidence)
            }
        }
    }

    /// Those of whom the name is, by the strongest evidence that is enough.
    private func strongest(
        _ name: ClaimedName, _ people: [KnownPerson], _ findings: inout [MatchFinding]
    ) -> [Named] {
        var named: [Named] = []
        var notEnough: [MatchFinding] = []
        for person in people {
            guard let evidence = person.evidence(for: name) else {
                findings.append(.otherName(person.ids))
                continue
            }
            if enough.contains(evidence) {
                named.append(Named(person: person, matched: MatchedPerson(records: person.ids, evidence: evidence)))
            } else {
                notEnough.append(.notEnough(person.ids, evidence))
            }
        }
        findings += notEnough
        let best = named.map(\.matched.evidence).min()
        for weaker in named where weaker.matched.evidence != best {
            findings.append(.strongerNameFound(weaker.matched.records, weaker.matched.evidence))
        }
        return named.filter { $0.matched.evidence == best }
    }

    private func uncontradicted(
        _ named: [Named], by identity: PivotIdentity?, _ findings: inout [MatchFinding]
    ) -> [Named] {
        var left: [Named] = []
        for one in named {
            let conflicts = self.conflicts(of: one.person, with: identity)
            if conflicts.isEmpty {
                left.append(one)
            } else {
                findings.append(.contradicted(one.matched.records, conflicts))
            }
        }
        return left
    }

    /// In what the identity is not the person's: one name that agrees is enough, a gender or a date must agree with
    /// each record. Of an unsettled person it says nothing.
    private func conflicts(of person: KnownPerson, with identity: PivotIdentity?) -> [IdentityConflict] {
        guard let identity, person.isSettled else { return [] }
        let each = person.records.map { Set(identity.conflicts(with: $0, enough: enough)) }
        return Set(each.joined()).filter { conflict in
            conflict == .name ? each.allSatisfy { $0.contains(.name) } : true
        }.sorted()
    }
}

extension MatchingPolicy {
    private func children(
        of found: Named, _ answers: [PupilID: ChildAnswer], _ findings: [MatchFinding]
    ) -> Match {
        let pupils = found.person.links
        let strangers = answers.keys.filter { key in !pupils.contains { $0.pupil == key } }
        let findings = findings + strangers.sorted().map { MatchFinding.notTheirChild($0) }
        guard !pupils.isEmpty else {
            return Match(answer: .notAllowed(found.matched, .noChild), findings: findings)
        }
        var proved: [PupilID] = []
        var toProve: [PupilID] = []
        var refused: [RefusedChild] = []
        for (pupil, links) in pupils {
            if let why = refusal(links, of: found.person, answers[pupil]) {
                refused.append(RefusedChild(pupil: pupil, why: why))
            } else if answers[pupil] == nil {
                toProve.append(pupil)
            } else {
                proved.append(pupil)
            }
        }
        guard !proved.isEmpty || !toProve.isEmpty else {
            return Match(answer: .notAllowed(found.matched, .children(refused)), findings: findings)
        }
        let one = MatchedResponsible(person: found.matched, proved: proved, toProve: toProve, refused: refused)
        return Match(answer: .one(one), findings: findings)
    }

    /// Why these links, all of one person to one pupil, do not open; `nil` when they do.
    private func refusal(_ all: [PupilLink], of person: KnownPerson, _ answer: ChildAnswer?) -> ChildRefusal? {
        if all.contains(where: { $0.mark == .ended }) { return .endedByDesk }
        if all.contains(where: { $0.mark == .reportedWrong }) { return .reportedWrong }
        let links = all.filter { $0.presence != .gone }
        if links.isEmpty { return .gone }
        let themself = links.filter { $0.kind == .pupilThemself }
        let bearsTheName = themself.allSatisfy { link in person.records.contains { $0.name.isSame(as: link.pupil.name) }
        }
        guard bearsTheName else { return .namedOtherwise }
        switch legal.judge(links) {
        case .opens: break
        case .notLegal(let standings): return .notLegal(standings)
        case .filesDisagree(let standings): return .filesDisagree(standings)
        }
        let dates = Set(links.compactMap(\.pupil.birthDate))
        guard let birthDate = dates.first, dates.count == 1, birthDate.isWhole else { return .birthDateUnknown }
        switch answer {
        case nil: return nil
        case .notMine: return .declined
        case .birthDate(let told): return told == birthDate ? nil : .wrongBirthDate
        }
    }
}
