internal import School

extension LegalRules {
    /// Whether these links, all of one person to one pupil, open the pupil's file before the law.
    ///
    /// - What a register no longer says, and what the desk ended or the family reported, counts for nothing.
    /// - Whom a register calls the pupil themself must bear the pupil's name.
    /// - Files that disagree open nothing.
    ///
    /// - Parameter names: the names of the person, one a record.
    public func opens(_ links: [PupilLink], of names: [CivilName]) -> Bool {
        guard !links.contains(where: { $0.mark == .ended || $0.mark == .reportedWrong }) else { return false }
        let links = links.filter { $0.presence != .gone }
        let bearsTheName = links.filter { $0.kind == .pupilThemself }.allSatisfy { link in
            names.contains { $0.isSame(as: link.pupil.name) }
        }
        return !links.isEmpty && bearsTheName && judge(links) == .opens
    }
}
