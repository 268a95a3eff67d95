internal import Matching
internal import School
internal import Stores
internal import StoresSQL

extension PeopleOfBase {
    /// A pupil of a responsible.
    private struct Child {
        var links: [PupilLink] = []
        var school: SchoolsOfBase.School?
        /// Whether a register states the pupil in that school by now.
        var isStated = false
        var schools: Set<UAI> = []
        var birthDate = ""
    }

    /// A responsible is where the youngest child is whose file is open to them.
    func fill(_ found: inout PersonOfBase, responsible records: [Record], links rows: [SQLRow]) throws {
        (found.person.school, found.person.level, found.schools) = (nil, nil, [])
        var children: [RecordKey: Child] = [:]
        for row in rows { try add(row, of: records, to: &children) }
        let isThemself = children.values.contains { $0.links.contains { $0.kind == .pupilThemself } }
        let civil = isThemself ? try records.map { try CivilName($0.row) } : []
        var open: [(isCurrent: Bool, key: RecordKey, child: Child)] = []
        for (key, child) in children where rules.opens(child.links, of: civil) {
            let current = child.links.filter { $0.presence == .current }
            open.append((rules.opens(current, of: civil), key, child))
        }
        let first = open.min { one, other in
            if one.isCurrent != other.isCurrent { return one.isCurrent }
            if one.child.birthDate != other.child.birthDate { return one.child.birthDate > other.child.birthDate }
            return one.key < other.key
        }
        guard let first else {
            if found.absence == nil { found.absence = .noStanding }
            found.isCurrent = false
            return
        }
        found.isCurrent = found.isCurrent && first.isCurrent
        (found.person.school, found.person.level) = (first.child.school?.uai, first.child.school?.level)
        found.schools = open.reduce(into: []) { $0.formUnion($1.child.schools) }
    }

    private func add(_ row: SQLRow, of records: [Record], to children: inout [RecordKey: Child]) throws {
        let record = try RecordKey(row)
        guard let register = names.byNumber[record.register] else { throw row.corrupted("register") }
        let child = RecordKey(
            register: try row.optionalNumber("child_register") ?? record.register,
            key: try row.optionalText("child_key") ?? row.text("pupil"))
        let stays = [
            records.first { $0.key == record }?.presence ?? .gone, presence(try row.number("link_leaving")),
            presence(try row.number("leaving")),
        ]
        let version = try row.number("aaf_version")
        let kind = try row.text("kind_code")
        let birthDate = try row.text("birth_date")
        // Names are folded only where they decide.
        let name = LinkKind(code: kind) == .pupilThemself ? try CivilName(row) : CivilName(given: "")
        let link = PupilLink(
            to: Pupil(id: PupilID(child.description), birthDate: BirthDate(iso: birthDate), name: name),
            register: register, version: version == 0 ? nil : AAFVersion(number: Int(version)), kindCode: kind,
            level: StatedLevel(form: try row.text("level_form"), code: try row.text("level_code")),
            presence: stays.contains(.gone) ? .gone : stays.contains(.leaving) ? .leaving : .current)
        var known = children[child] ?? Child()
        known.links.append(link)
        if link.presence != .gone {
            let places = ListText.items(try row.text("schools")).compactMap { schools[record.register, $0] }
            known.schools.formUnion(places.map(\.uai))
            // The first register that still states the pupil says where.
            if let place = places.first, known.school == nil || (link.presence == .current && !known.isStated) {
                (known.school, known.isStated) = (place, link.presence == .current)
            }
            known.birthDate = max(known.birthDate, birthDate)
        }
        children[child] = known
    }
}

extension SQLStatement {
    static let linksOfPeople = SQLStatement(
        """
        \(SQLText.recordsOfPage)
        SELECT record.person AS person, record.register AS register, record.key AS key, link.pupil AS pupil,
            link.kind_code AS kind_code, link.level_form AS level_form, link.level_code AS level_code,
            link.aaf_version AS aaf_version, link.leaving AS link_leaving, pupil.birth_date AS birth_date,
            pupil.birth_name AS birth_name, pupil.usage_name AS usage_name, pupil.given_name AS given_name,
            pupil.other_names AS other_names, pupil.schools AS schools, pupil.leaving AS leaving,
            joined.person_register AS child_register, joined.person_key AS child_key
        FROM record
            JOIN base_links AS link ON link.register = record.register AND link.responsible = record.key
                AND link.ended = 0
            JOIN base_people AS pupil ON pupil.register = link.register AND pupil.kind = 'pupil'
                AND pupil.key = link.pupil AND pupil.ended = 0
            LEFT JOIN base_joins AS joined ON joined.register = link.register AND joined.kind = 'pupil'
                AND joined.key = link.pupil AND joined.ended = 0
        ORDER BY record.register, record.key, link.pupil
        """)
}
