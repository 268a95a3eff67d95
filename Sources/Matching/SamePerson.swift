internal import School

/// One person of the base: the records that may be joined without a guess.
struct KnownPerson {
    /// In the order of their keys.
    let records: [Responsible]
    /// Whether no record contradicts another one. Records that hang together, some of which contradict, are several
    /// people of whom nobody can tell which record is whose.
    let isSettled: Bool

    var ids: [ResponsibleID] { records.map(\.id) }

    func holds(_ mobile: ProvenMobile) -> Bool { records.contains { $0.mobiles.contains(mobile.key) } }

    func evidence(for claimed: ClaimedName) -> NameEvidence? {
        records.compactMap { $0.name.evidence(for: claimed) }.min()
    }

    /// The links of all records, by pupil, in the order of their keys.
    var links: [(pupil: PupilID, links: [PupilLink])] {
        Dictionary(grouping: records.flatMap(\.links), by: \.pupil.id).sorted { $0.key < $1.key }
            .map { (pupil: $0.key, links: $0.value) }
    }
}

/// Joins the records of one person, of which each stands in another register: same name, and a common mobile or child.
/// Never the name alone, never an id.
enum SamePerson {
    /// The people of these records, in the order of their first keys. One more record makes a person larger, or
    /// unsettled; it never makes two of one.
    static func people(of records: [Responsible]) -> [KnownPerson] {
        let ordered = records.sorted { $0.id < $1.id }
        var part = Array(ordered.indices)
        for first in ordered.indices {
            for second in ordered.indices.dropFirst(first + 1) where part[first] != part[second] {
                guard ordered[first].isOne(with: ordered[second]) else { continue }
                let (kept, gone) = (part[first], part[second])
                for index in part.indices where part[index] == gone { part[index] = kept }
            }
        }
        return Dictionary(grouping: ordered.indices, by: { part[$0] }).values
            .map { $0.sorted() }.sorted { $0.lexicographicallyPrecedes($1) }
            .map { indices in
                let records = indices.map { ordered[$0] }
                return KnownPerson(records: records, isSettled: !holdsContradiction(records))
            }
    }

    private static func holdsContradiction(_ records: [Responsible]) -> Bool {
        records.indices.contains { index in
            records[(index + 1)...].contains { $0.contradicts(records[index]) }
        }
    }
}

extension Responsible {
    /// Whether two records of two registers are one person: the same name, and a common mobile or child, and nothing that
    /// says otherwise. Never the name alone, never a key.
    public func isOne(with other: Responsible) -> Bool {
        guard name.isSame(as: other.name), !contradicts(other) else { return false }
        return sharesMobile(with: other) || sharesPupil(with: other)
    }
}
