internal import Clocks
internal import Matching
internal import School
internal import SchoolFiles
internal import Stores
internal import StoresSQL

/// Says of the people whom an import touched who is one person with somebody of another register, and who may be.
///
/// - A pupil is one with another one of the same national number (INE) and birth date; or of the same folded name, birth
///   date and school, unless their national numbers differ.
/// - A responsible is one with another one as `Matching` says: same name, and a common mobile or child.
///
/// Never by a name alone, never by a key. Runs within the transaction, after the differences are written.
struct Joining {
    let workbench: any SQLWorkbench
    let number: Int64
    let names: RegisterNames
    let now: Instant

    /// What was found.
    struct Outcome {
        var joined = 0
        var doubles: [String: Int] = [:]
    }

    /// - Parameter isFresh: by register, whether everything of it is touched.
    /// - Throws: `StoreError`.
    func perform(_ units: [Staging.Unit], isFresh: [Int64: Bool]) throws -> Outcome {
        try workbench.define(
            """
            CREATE TEMP TABLE touched (register BIGINT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL);
            CREATE TEMP TABLE pairs (kind TEXT NOT NULL, register BIGINT NOT NULL, key TEXT NOT NULL,
                other_register BIGINT NOT NULL, other_key TEXT NOT NULL, evidence TEXT NOT NULL);

            """)
        for unit in units {
            let register: KeyValuePairs<String, SQLValue> = ["register": .number(unit.register)]
            try workbench.change(isFresh[unit.register] == true ? .touchAll : .touchDifferent, register)
        }
        try workbench.define("CREATE INDEX touched_key ON touched (register, kind, key);\nANALYZE touched;\n")
        var outcome = Outcome()
        try closeDoubles()
        for unit in units {
            let register: KeyValuePairs<String, SQLValue> = [
                "register": .number(unit.register), "import": .number(number),
            ]
            try workbench.change(.doublePupils, register)
            try workbench.change(.doubleResponsibles, register)
        }
        let mine: KeyValuePairs<String, SQLValue> = ["import": .number(number)]
        if names.byNumber.count > 1 {
            try judgeAgain()
            try workbench.change(.pairsByINE)
            try workbench.change(.pairsByName)
            try workbench.define(
                """
                CREATE INDEX pairs_key ON pairs (kind, register, key, other_register, other_key);
                CREATE INDEX pairs_other ON pairs (kind, other_register, other_key, register, key);
                ANALYZE pairs;

                """)
            outcome.joined += try settle(.pupil)
            // The parents of a child who has just become one child may be one person too.
            try workbench.change(.touchParents, mine)
            try workbench.change(.pairsByMobile)
            try workbench.change(.pairsByChild)
            outcome.joined += try settle(.responsible)
        }
        for row in try workbench.rows(.countDoubles, mine) {
            outcome.doubles[try row.text("reason")] = Int(try row.number("total"))
        }
        return outcome
    }

    /// What was doubtful of the touched is found again, or is doubtful no more.
    private func closeDoubles() throws {
        let arguments: KeyValuePairs<String, SQLValue> = ["import": .number(number)]
        try workbench.change(.closeDoubles, arguments)
        try workbench.change(.closeOtherDoubles, arguments)
    }

    /// Decides each pair. - Returns: how many were joined.
    private func settle(_ kind: PersonKind) throws -> Int {
        var joined = 0
        var (one, other) = (RecordKey(register: 0, key: ""), RecordKey(register: 0, key: ""))
        while true {
            let page = try workbench.rows(
                .pairs,
                [
                    "kind": .text(kind.rawValue), "register": .number(one.register), "key": .text(one.key),
                    "other_register": .number(other.register), "other_key": .text(other.key),
                ])
            guard !page.isEmpty else { return joined }
            for row in page {
                one = RecordKey(register: try row.number("register"), key: try row.text("key"))
                other = RecordKey(register: try row.number("other_register"), key: try row.text("other_key"))
                switch try verdict(kind, one, other, try row.text("evidence")) {
                case .same(let evidence):
                    if try join(kind, one, other, evidence) { joined += 1 }
                case .doubtful(let reason): try note(kind, one, other, reason)
                case .different: continue
                }
            }
        }
    }

    private enum Verdict {
        case same(String)
        case doubtful(String)
        case different
    }

    private func verdict(
        _ kind: PersonKind, _ one: RecordKey, _ other: RecordKey, _ evidence: String
    ) throws -> Verdict {
        switch kind {
        case .pupil:
            guard let left = try person(kind, one), let right = try person(kind, other) else { return .different }
            return try pupils(left, right, evidence)
        case .responsible:
            let reading = Responsibles(db: workbench, names: names, grace: .seconds(0), now: now)
            guard let left = try reading.responsible(one), let right = try reading.responsible(other) else {
                return .different
            }
            if left.isOne(with: right) { return .same(evidence) }
            // The same letters, and yet something says that they are two.
            return left.name.isSame(as: right.name) ? .doubtful("contradiction") : .different
        case .staff: return .different
        }
    }

    private func pupils(_ one: SQLRow, _ other: SQLRow, _ evidence: String) throws -> Verdict {
        let (ine, otherINE) = (try one.text("ine"), try other.text("ine"))
        let (born, otherBorn) = (try one.text("birth_date"), try other.text("birth_date"))
        let namesDiffer = try CivilName(one).contradicts(CivilName(other))
        if evidence == "ine" {
            // Twins whose numbers were taken for each other share a birth date and a family name.
            guard born == otherBorn, !born.isEmpty, try mayBeOneName(one, other) else { return .doubtful("same-ine") }
            return .same("ine")
        }
        guard ine.isEmpty || otherINE.isEmpty || ine == otherINE else { return .doubtful("other-ine") }
        guard !namesDiffer else { return .doubtful("other-names") }
        return evidence == "school" ? .same("name-birth-school") : .doubtful("name-birth")
    }

    /// Whether one given name begins the other: a second one is added in one file before it is in the next.
    private func mayBeOneName(_ one: SQLRow, _ other: SQLRow) throws -> Bool {
        let (given, otherGiven) = (try CivilName(one).given.letters, try CivilName(other).given.letters)
        return given.hasPrefix(otherGiven) || otherGiven.hasPrefix(given)
    }

    private func person(_ kind: PersonKind, _ record: RecordKey) throws -> SQLRow? {
        try workbench.row(
            .joinedPerson,
            ["register": .number(record.register), "kind": .text(kind.rawValue), "key": .text(record.key)])
    }

    /// Makes two records one person: the younger register's record points to the elder's person.
    private func join(_ kind: PersonKind, _ one: RecordKey, _ other: RecordKey, _ evidence: String) throws -> Bool {
        let (elder, younger) = one < other ? (one, other) : (other, one)
        guard try isAlone(kind, elder, for: younger), try isAlone(kind, younger, for: elder) else {
            try note(kind, one, other, "several")
            return false
        }
        let (person, present) = (try self.person(of: kind, elder), try self.person(of: kind, younger))
        guard person != present else { return false }
        // Whoever is somebody already, with other records or an account, is not moved without a human eye.
        // Nor are two records of one register one person: their register says that they are two.
        guard present == younger, try !isSomebody(kind, younger), try !holds(kind, person, younger.register) else {
            try note(kind, one, other, "two-persons")
            return false
        }
        try workbench.change(
            .addJoin,
            [
                "register": .number(younger.register), "kind": .text(kind.rawValue), "key": .text(younger.key),
                "person_register": .number(person.register), "person_key": .text(person.key),
                "evidence": .text(evidence), "import": .number(number),
            ])
        return true
    }

    /// Whether no second record of the same register and name could be `other` as well.
    private func isAlone(_ kind: PersonKind, _ record: RecordKey, for other: RecordKey) throws -> Bool {
        let row = try workbench.row(
            .rivals,
            [
                "kind": .text(kind.rawValue), "register": .number(record.register), "key": .text(record.key),
                "other_register": .number(other.register), "other_key": .text(other.key),
            ])
        return row == nil
    }

    /// Whether the person has a record of that register.
    private func holds(_ kind: PersonKind, _ person: RecordKey, _ register: Int64) throws -> Bool {
        if person.register == register { return true }
        return try workbench.row(
            .recordOfPerson,
            [
                "kind": .text(kind.rawValue), "person_register": .number(person.register),
                "person_key": .text(person.key), "register": .number(register),
            ]) != nil
    }

    /// Ends the joins of the touched that what is stated now contradicts.
    private func judgeAgain() throws {
        for row in try workbench.rows(.touchedJoins) {
            guard let kind = PersonKind(rawValue: try row.text("kind")) else { throw row.corrupted("kind") }
            let record = RecordKey(register: try row.number("register"), key: try row.text("key"))
            let person = RecordKey(register: try row.number("person_register"), key: try row.text("person_key"))
            guard try contradict(kind, record, person) else { continue }
            try workbench.change(
                .endJoin,
                [
                    "register": .number(record.register), "kind": .text(kind.rawValue), "key": .text(record.key),
                    "import": .number(number),
                ])
            try note(kind, record, person, "no-longer-one")
        }
    }

    private func contradict(_ kind: PersonKind, _ one: RecordKey, _ other: RecordKey) throws -> Bool {
        // Of somebody who is not held any more nothing is stated.
        guard let left = try person(kind, one), let right = try person(kind, other) else { return false }
        guard kind == .pupil else {
            let reading = Responsibles(db: workbench, names: names, grace: .seconds(0), now: now)
            guard let left = try reading.responsible(one), let right = try reading.responsible(other) else {
                return false
            }
            return left.contradicts(right)
        }
        let (ine, otherINE) = (try left.text("ine"), try right.text("ine"))
        let (born, otherBorn) = (try left.text("birth_date"), try right.text("birth_date"))
        guard born == otherBorn, ine.isEmpty || otherINE.isEmpty || ine == otherINE else { return true }
        // A national number outlives a corrected name.
        return try ine.isEmpty || otherINE.isEmpty ? CivilName(left).contradicts(CivilName(right)) : false
    }

    private func person(of kind: PersonKind, _ record: RecordKey) throws -> RecordKey {
        let row = try workbench.row(
            .joinOf, ["register": .number(record.register), "kind": .text(kind.rawValue), "key": .text(record.key)])
        guard let row else { return record }
        return RecordKey(register: try row.number("person_register"), key: try row.text("person_key"))
    }

    private func isSomebody(_ kind: PersonKind, _ record: RecordKey) throws -> Bool {
        try workbench.row(
            .isSomebody, ["register": .number(record.register), "kind": .text(kind.rawValue), "key": .text(record.key)])
            != nil
    }

    private func note(_ kind: PersonKind, _ one: RecordKey, _ other: RecordKey, _ reason: String) throws {
        let (first, second) = one < other ? (one, other) : (other, one)
        try workbench.change(
            .addDouble,
            [
                "register": .number(first.register), "kind": .text(kind.rawValue), "key": .text(first.key),
                "other_register": .number(second.register), "other_key": .text(second.key), "reason": .text(reason),
                "import": .number(number),
            ])
    }
}

extension SQLStatement {
    fileprivate static let touchAll = SQLStatement(
        """
        INSERT INTO touched (register, kind, key)
        SELECT register, kind, key FROM stage_people WHERE register = :register
        """)

    fileprivate static let touchDifferent = SQLStatement(
        """
        INSERT INTO touched (register, kind, key)
        SELECT register, kind, key FROM diff_people WHERE register = :register AND what <> 'gone'
        UNION
        SELECT register, 'responsible', person FROM diff_mobiles WHERE register = :register AND what <> 'gone'
        UNION
        SELECT register, 'responsible', responsible FROM diff_links WHERE register = :register AND what <> 'gone'
        """)

    fileprivate static let closeDoubles = SQLStatement(
        """
        UPDATE base_doubles SET ended = :import FROM touched
        WHERE base_doubles.register = touched.register AND base_doubles.kind = touched.kind
            AND base_doubles.key = touched.key AND base_doubles.ended = 0
        """)

    fileprivate static let closeOtherDoubles = SQLStatement(
        """
        UPDATE base_doubles SET ended = :import FROM touched
        WHERE base_doubles.other_register = touched.register AND base_doubles.kind = touched.kind
            AND base_doubles.other_key = touched.key AND base_doubles.ended = 0
        """)

    private static let double = "(register, kind, key, other_register, other_key, reason, started, ended)"

    /// One register gave two keys to the same name and birth date.
    fileprivate static let doublePupils = SQLStatement(
        """
        INSERT INTO base_doubles \(double)
        SELECT DISTINCT one.register, 'pupil', CASE WHEN one.key < other.key THEN one.key ELSE other.key END,
            one.register, CASE WHEN one.key < other.key THEN other.key ELSE one.key END, 'same-register',
            CAST(:import AS BIGINT), 0
        FROM touched
            JOIN base_people AS one ON one.register = touched.register AND one.kind = touched.kind
                AND one.key = touched.key AND one.ended = 0
            JOIN base_people AS other ON other.folded_usage = one.folded_usage
                AND other.birth_date = one.birth_date AND other.ended = 0 AND other.register = one.register
                AND other.kind = one.kind AND other.key <> one.key
        WHERE touched.register = :register AND touched.kind = 'pupil' AND one.birth_date <> ''
        """)

    /// One register gave two keys to the same name on one mobile.
    fileprivate static let doubleResponsibles = SQLStatement(
        """
        INSERT INTO base_doubles \(double)
        SELECT DISTINCT one.register, 'responsible', CASE WHEN one.key < other.key THEN one.key ELSE other.key END,
            one.register, CASE WHEN one.key < other.key THEN other.key ELSE one.key END, 'same-register',
            CAST(:import AS BIGINT), 0
        FROM touched
            JOIN base_mobiles AS held ON held.register = touched.register AND held.person = touched.key
                AND held.ended = 0
            JOIN base_mobiles AS also ON also.number = held.number AND also.ended = 0
                AND also.register = held.register AND also.person <> held.person
            JOIN base_people AS one ON one.register = held.register AND one.kind = 'responsible'
                AND one.key = held.person AND one.ended = 0
            JOIN base_people AS other ON other.register = also.register AND other.kind = 'responsible'
                AND other.key = also.person AND other.ended = 0 AND other.folded_usage = one.folded_usage
        WHERE touched.register = :register AND touched.kind = 'responsible'
        """)

    fileprivate static let pairsByINE = SQLStatement(
        """
        INSERT INTO pairs (kind, register, key, other_register, other_key, evidence)
        SELECT 'pupil', one.register, one.key, other.register, other.key, 'ine'
        FROM touched
            JOIN base_people AS one ON one.register = touched.register AND one.kind = touched.kind
                AND one.key = touched.key AND one.ended = 0
            JOIN base_people AS other ON other.ine = one.ine AND other.ine <> '' AND other.ended = 0
                AND other.kind = 'pupil' AND other.register <> one.register
        WHERE touched.kind = 'pupil' AND one.ine <> ''
        """)

    fileprivate static let pairsByName = SQLStatement(
        """
        INSERT INTO pairs (kind, register, key, other_register, other_key, evidence)
        SELECT 'pupil', one.register, one.key, other.register, other.key,
            CASE WHEN EXISTS (
                SELECT 1 FROM base_schools AS here JOIN base_schools AS there ON there.uai = here.uai
                WHERE here.register = one.register AND here.key = one.schools AND here.ended = 0
                    AND there.register = other.register AND there.key = other.schools AND there.ended = 0
                    AND here.uai <> '') THEN 'school' ELSE 'name' END
        FROM touched
            JOIN base_people AS one ON one.register = touched.register AND one.kind = touched.kind
                AND one.key = touched.key AND one.ended = 0
            JOIN base_people AS other ON other.folded_usage = one.folded_usage
                AND other.birth_date = one.birth_date AND other.ended = 0 AND other.kind = 'pupil'
                AND other.register <> one.register
        WHERE touched.kind = 'pupil' AND one.birth_date <> '' AND (one.ine = '' OR other.ine <> one.ine)
        """)

    fileprivate static let pairsByMobile = SQLStatement(
        """
        INSERT INTO pairs (kind, register, key, other_register, other_key, evidence)
        SELECT DISTINCT 'responsible', held.register, held.person, also.register, also.person, 'mobile'
        FROM touched
            JOIN base_mobiles AS held ON held.register = touched.register AND held.person = touched.key
                AND held.ended = 0
            JOIN base_mobiles AS also ON also.number = held.number AND also.ended = 0
                AND also.register <> held.register
        WHERE touched.kind = 'responsible'
        """)

    /// Two responsibles of records of one pupil, in two registers.
    fileprivate static let pairsByChild = SQLStatement(
        """
        INSERT INTO pairs (kind, register, key, other_register, other_key, evidence)
        SELECT DISTINCT 'responsible', mine.register, mine.responsible, theirs.register, theirs.responsible, 'child'
        FROM base_joins AS joined
            JOIN base_links AS mine ON mine.register = joined.register AND mine.pupil = joined.key AND mine.ended = 0
            JOIN base_links AS theirs ON theirs.register = joined.person_register
                AND theirs.pupil = joined.person_key AND theirs.ended = 0
        WHERE joined.kind = 'pupil' AND joined.ended = 0 AND (
            EXISTS (SELECT 1 FROM touched WHERE touched.register = mine.register AND touched.kind = 'responsible'
                AND touched.key = mine.responsible)
            OR EXISTS (SELECT 1 FROM touched WHERE touched.register = theirs.register
                AND touched.kind = 'responsible' AND touched.key = theirs.responsible))
        """)

    fileprivate static let pairs = SQLStatement(
        """
        SELECT register, key, other_register, other_key, MIN(evidence) AS evidence FROM pairs
        WHERE kind = :kind AND (register, key, other_register, other_key) > (:register, :key, :other_register, :other_key)
        GROUP BY register, key, other_register, other_key
        ORDER BY register, key, other_register, other_key
        LIMIT 2000
        """)

    fileprivate static let touchParents = SQLStatement(
        """
        INSERT INTO touched (register, kind, key)
        SELECT DISTINCT link.register, 'responsible', link.responsible
        FROM base_joins AS joined
            JOIN base_links AS link ON link.register = joined.register AND link.pupil = joined.key AND link.ended = 0
        WHERE joined.kind = 'pupil' AND joined.started = :import AND joined.ended = 0
        """)

    fileprivate static let touchedJoins = SQLStatement(
        """
        SELECT joined.* FROM base_joins AS joined
            JOIN touched ON touched.register = joined.register AND touched.kind = joined.kind
                AND touched.key = joined.key
        WHERE joined.ended = 0
        UNION
        SELECT joined.* FROM base_joins AS joined
            JOIN touched ON touched.register = joined.person_register AND touched.kind = joined.kind
                AND touched.key = joined.person_key
        WHERE joined.ended = 0
        """)

    fileprivate static let endJoin = SQLStatement(
        """
        UPDATE base_joins SET ended = :import
        WHERE register = :register AND kind = :kind AND key = :key AND ended = 0
        """)

    fileprivate static let recordOfPerson = SQLStatement(
        """
        SELECT 1 AS found FROM base_joins
        WHERE person_register = :person_register AND kind = :kind AND person_key = :person_key
            AND register = :register AND ended = 0
        """)

    /// Another record of the register and name of `key`, which was a candidate for the other one too.
    fileprivate static let rivals = SQLStatement(
        """
        SELECT 1 AS found
        FROM (
            SELECT key AS rival FROM pairs
            WHERE kind = :kind AND register = :register AND other_register = :other_register
                AND other_key = :other_key AND key <> :key
            UNION
            SELECT other_key AS rival FROM pairs
            WHERE kind = :kind AND other_register = :register AND register = :other_register
                AND key = :other_key AND other_key <> :key) AS candidates
            JOIN base_people AS rival ON rival.register = :register AND rival.kind = :kind
                AND rival.key = candidates.rival AND rival.ended = 0
            JOIN base_people AS mine ON mine.register = :register AND mine.kind = :kind AND mine.key = :key
                AND mine.ended = 0 AND mine.folded_usage = rival.folded_usage
        LIMIT 1
        """)

    fileprivate static let joinedPerson = SQLStatement(
        "SELECT * FROM base_people WHERE register = :register AND kind = :kind AND key = :key AND ended = 0")
    fileprivate static let joinOf = SQLStatement(
        """
        SELECT person_register, person_key FROM base_joins
        WHERE register = :register AND kind = :kind AND key = :key AND ended = 0
        """)
    fileprivate static let isSomebody = SQLStatement(
        """
        SELECT 1 AS found FROM base_joins
        WHERE person_register = :register AND kind = :kind AND person_key = :key AND ended = 0
        UNION ALL
        SELECT 1 AS found FROM base_accounts WHERE register = :register AND kind = :kind AND key = :key
        """)
    fileprivate static let addJoin = SQLStatement(
        """
        INSERT INTO base_joins (register, kind, key, person_register, person_key, evidence, started, ended)
        VALUES (:register, :kind, :key, :person_register, :person_key, :evidence, :import, 0)
        """)
    fileprivate static let addDouble = SQLStatement(
        """
        INSERT INTO base_doubles \(double)
        VALUES (:register, :kind, :key, :other_register, :other_key, :reason, :import, 0)
        ON CONFLICT DO NOTHING
        """)
    fileprivate static let countDoubles = SQLStatement(
        "SELECT reason, COUNT(*) AS total FROM base_doubles WHERE started = :import AND ended = 0 GROUP BY reason")
}
