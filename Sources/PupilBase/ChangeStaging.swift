internal import Phones
internal import School
internal import SchoolFiles
internal import Stores
internal import StoresSQL

/// Stages the changes of a delta, one by one: a partial entry is completed by what was staged before it, or by what the
/// base holds.
struct ChangeStaging {
    let workbench: any SQLWorkbench
    let register: Int64
    private let isPrimary: Bool
    var reading: RecordReading
    private(set) var unknownTargets = 0
    /// Staged, and not given to the engine yet.
    private var rows = StagingRows()
    private var waiting: Set<String> = []

    init(workbench: any SQLWorkbench, register: Int64, phones: PhoneRules, _ export: RegisterExport) {
        self.workbench = workbench
        self.register = register
        isPrimary = export.register.format == .aaf1D
        reading = RecordReading(phones: phones, version: export.files.lazy.compactMap(\.version).first)
    }

    /// Stages one entry.
    ///
    /// - Throws: `StoreError`.
    mutating func add(_ entry: RegisterEntry, at place: FilePlace, file: Int) throws {
        switch entry {
        case .school(let school, let change):
            try makeVisible("school " + school.key)
            try add(school, change, place, file)
        case .person(let person, let change):
            try makeVisible(person.kind.rawValue + " " + person.key)
            try add(person, change, place, file)
        }
    }

    /// Gives the engine what waits.
    ///
    /// - Throws: `StoreError`.
    mutating func flush() throws {
        try rows.load(into: workbench)
        rows = StagingRows()
        waiting = []
    }

    /// Whatever was staged of this one before is found by the next look.
    private mutating func makeVisible(_ name: String) throws {
        if waiting.contains(name) || waiting.count >= 1000 { try flush() }
        waiting.insert(name)
    }

    private mutating func add(
        _ record: PersonRecord, _ change: EntryChange, _ place: FilePlace, _ file: Int
    ) throws {
        let known = try held(record.kind, record.key)
        let given: RecordFields
        var person: StagedPerson
        switch change {
        case .whole:
            person = reading.read(record, given: .all)
            given = .all
        case .deletion:
            guard let known else { return unknownTargets += 1 }
            // Nothing of theirs is stated any more.
            person = StagedPerson(kind: record.kind, key: record.key, values: known.person.values)
            given = []
        case .fields(let fields):
            guard let known, !known.isDeleted else { return unknownTargets += 1 }
            person = merged(known, reading.read(record, given: fields), fields)
            // What an earlier entry of the same delta stated stays stated.
            given = known.given.union(fields).union(
                fields.isDisjoint(with: [.mobiles, .smsMobiles]) ? [] : [.mobiles])
        }
        if known?.isStaged == true { try forget(record.kind, record.key) }
        if isPrimary { try settleLinks(&person) }
        rows.add(
            person, register,
            StagingRows.Statement(given: given, isDeletion: change == .deletion, file: file, line: place.line))
    }

    /// AAF 1D states a link with the pupil, who tells the authority, and with the responsible, who does not: the pupil's
    /// word stands, whichever comes first.
    private mutating func settleLinks(_ person: inout StagedPerson) throws {
        guard !person.links.isEmpty else { return }
        try flush()
        person.links = try person.links.filter { link in
            let arguments: KeyValuePairs<String, SQLValue> = [
                "register": .number(register), "pupil": .text(link.pupil), "responsible": .text(link.responsible),
            ]
            guard person.kind == .responsible else {
                try workbench.change(.forgetLink, arguments)
                return true
            }
            return try workbench.row(.anyLink, arguments) == nil
        }
    }

    /// The person with what the entry states of them.
    private func merged(_ known: Known, _ said: StagedPerson, _ fields: RecordFields) -> StagedPerson {
        var person = known.person
        for value in StagedPerson.Value.allCases {
            guard let field = value.field, fields.contains(field) else { continue }
            person[value] = said[value]
        }
        person.fold()
        var stated: MobileFields = []
        if fields.contains(.mobiles) { stated.insert(.mobile) }
        if fields.contains(.smsMobiles) { stated.insert(.sms) }
        if !stated.isEmpty {
            person.mobiles = known.person.mobiles.map { ($0.number, $0.fields.subtracting(stated)) }
                .filter { !$0.1.isEmpty }
            for mobile in said.mobiles {
                if let index = person.mobiles.firstIndex(where: { $0.number == mobile.number }) {
                    person.mobiles[index].fields.formUnion(mobile.fields)
                } else {
                    person.mobiles.append(mobile)
                }
            }
        }
        if fields.contains(.classes) { person.places = said.places }
        if fields.contains(.functions) { person.functions = said.functions }
        if fields.contains(.links) { person.links = said.links }
        return person
    }

    /// Somebody who is staged already, or whom the base holds.
    private struct Known {
        var person: StagedPerson
        var given: RecordFields
        var isStaged: Bool
        /// An earlier entry of the same delta took them out.
        var isDeleted: Bool
    }

    private func held(_ kind: PersonKind, _ key: String) throws -> Known? {
        let arguments: KeyValuePairs<String, SQLValue> = [
            "register": .number(register), "kind": .text(kind.rawValue), "key": .text(key),
        ]
        let staged = try workbench.row(.stagedPerson, arguments)
        guard let row = try staged ?? workbench.row(.livePerson, arguments) else { return nil }
        let isDeleted = try staged?.number("change") == 2
        let isStaged = staged != nil
        let columns = BaseTable.people.values
        var person = StagedPerson(kind: kind, key: key, values: try columns.map { try row.text($0.name) })
        let given = isStaged ? RecordFields(rawValue: try row.number("given")) : []
        let owner: KeyValuePairs<String, SQLValue> = ["register": .number(register), "key": .text(key)]
        switch kind {
        case .responsible:
            let statement: SQLStatement = given.contains(.mobiles) ? .stagedMobiles : .liveMobiles
            person.mobiles = try workbench.rows(statement, owner).map {
                (try $0.number("number"), MobileFields(rawValue: try $0.number("fields")))
            }
        case .pupil:
            if given.contains(.classes) {
                person.places = try workbench.rows(.stagedPlaces, owner).map {
                    ClassPlace(school: try $0.text("school"), code: try $0.text("class"))
                }
            }
            if given.contains(.links) {
                person.links = try workbench.rows(.stagedLinks, owner).map { try StagedLink($0) }
            }
        case .staff:
            if given.contains(.functions) {
                person.functions = try workbench.rows(.stagedFunctions, owner).map {
                    StaffFunction(
                        school: try $0.text("school"), code: try $0.text("code"), label: try $0.text("label"),
                        discipline: try $0.text("discipline"))
                }
            }
        }
        return Known(person: person, given: given, isStaged: isStaged, isDeleted: isDeleted)
    }

    /// Takes back what an earlier entry of this delta staged.
    private func forget(_ kind: PersonKind, _ key: String) throws {
        try workbench.change(
            .forgetPerson, ["register": .number(register), "kind": .text(kind.rawValue), "key": .text(key)])
        let owner: KeyValuePairs<String, SQLValue> = ["register": .number(register), "key": .text(key)]
        switch kind {
        case .responsible: try workbench.change(.forgetMobiles, owner)
        case .staff: try workbench.change(.forgetFunctions, owner)
        case .pupil:
            try workbench.change(.forgetPlaces, owner)
            try workbench.change(.forgetLinks, owner)
        }
    }
}

extension ChangeStaging {
    private mutating func add(
        _ record: SchoolRecord, _ change: EntryChange, _ place: FilePlace, _ file: Int
    ) throws {
        let arguments: KeyValuePairs<String, SQLValue> = ["register": .number(register), "key": .text(record.key)]
        let staged = try workbench.row(.stagedSchool, arguments)
        var school = record
        var given = RecordFields.all
        if change != .whole {
            guard let row = try staged ?? workbench.row(.liveSchool, arguments) else { return unknownTargets += 1 }
            let earlier = staged == nil ? RecordFields() : RecordFields(rawValue: try row.number("given"))
            school = SchoolRecord(key: record.key, uai: UAI(try row.text("uai")))
            school.name = try row.text("name")
            school.type = try row.text("type")
            school.postalCode = try row.text("postal_code")
            school.town = try row.text("town")
            for one in try workbench.rows(earlier.contains(.classes) ? .stagedClasses : .liveClasses, arguments) {
                let found = ClassRecord(code: try one.text("code"), label: try one.text("label"))
                if try one.text("kind") == "class" { school.classes.append(found) } else { school.groups.append(found) }
            }
            given = earlier
            if case .fields(let fields) = change {
                Self.merge(record, fields, into: &school)
                // Classes and groups are one table: whoever states one states both.
                given = earlier.union(fields).union(fields.isDisjoint(with: [.classes, .groups]) ? [] : [.classes])
            }
        }
        if staged != nil {
            try workbench.change(.forgetSchool, arguments)
            try workbench.change(.forgetClasses, arguments)
        }
        let isDeletion = change == .deletion
        if !given.contains(.classes) {
            school.classes = []
            school.groups = []
        }
        rows.add(
            school, register,
            StagingRows.Statement(given: given, isDeletion: isDeletion, file: file, line: place.line))
    }

    private static func merge(_ said: SchoolRecord, _ fields: RecordFields, into school: inout SchoolRecord) {
        if fields.contains(.uai) { school.uai = said.uai }
        if fields.contains(.name) { school.name = said.name }
        if fields.contains(.type) { school.type = said.type }
        if fields.contains(.postalCode) { school.postalCode = said.postalCode }
        if fields.contains(.town) { school.town = said.town }
        if fields.contains(.classes) { school.classes = said.classes }
        if fields.contains(.groups) { school.groups = said.groups }
    }
}

extension StagedLink {
    /// A link as it is staged.
    init(_ row: SQLRow) throws {
        pupil = try row.text("pupil")
        responsible = try row.text("responsible")
        kindCode = try row.text("kind_code")
        levelForm = try row.text("level_form")
        levelCode = try row.text("level_code")
        version = try row.number("aaf_version")
    }
}

extension SQLStatement {
    private static func of(_ table: String, _ column: String, isLive: Bool) -> SQLStatement {
        SQLStatement(
            "SELECT * FROM \(isLive ? "base" : "stage")_\(table) WHERE register = :register AND \(column) = :key"
                + (isLive ? " AND ended = 0" : ""))
    }

    private static func forget(_ table: String, _ column: String) -> SQLStatement {
        SQLStatement("DELETE FROM stage_\(table) WHERE register = :register AND \(column) = :key")
    }

    fileprivate static let stagedPerson = SQLStatement(
        "SELECT * FROM stage_people WHERE register = :register AND kind = :kind AND key = :key")
    fileprivate static let livePerson = SQLStatement(
        "SELECT * FROM base_people WHERE register = :register AND kind = :kind AND key = :key AND ended = 0")
    fileprivate static let forgetPerson = SQLStatement(
        "DELETE FROM stage_people WHERE register = :register AND kind = :kind AND key = :key")
    fileprivate static let stagedMobiles = of("mobiles", "person", isLive: false)
    fileprivate static let liveMobiles = of("mobiles", "person", isLive: true)
    fileprivate static let stagedPlaces = of("places", "pupil", isLive: false)
    fileprivate static let stagedLinks = of("links", "pupil", isLive: false)
    fileprivate static let stagedFunctions = of("functions", "person", isLive: false)
    fileprivate static let forgetMobiles = forget("mobiles", "person")
    fileprivate static let forgetPlaces = forget("places", "pupil")
    fileprivate static let forgetLinks = forget("links", "pupil")
    fileprivate static let forgetFunctions = forget("functions", "person")
    fileprivate static let forgetLink = SQLStatement(
        "DELETE FROM stage_links WHERE register = :register AND pupil = :pupil AND responsible = :responsible")
    fileprivate static let anyLink = SQLStatement(
        """
        SELECT 1 AS found FROM stage_links
        WHERE register = :register AND pupil = :pupil AND responsible = :responsible
        UNION ALL
        SELECT 1 AS found FROM base_links
        WHERE register = :register AND pupil = :pupil AND responsible = :responsible AND ended = 0 AND leaving = 0
        """)
    fileprivate static let stagedSchool = of("schools", "key", isLive: false)
    fileprivate static let liveSchool = of("schools", "key", isLive: true)
    fileprivate static let stagedClasses = of("classes", "school", isLive: false)
    fileprivate static let liveClasses = of("classes", "school", isLive: true)
    fileprivate static let forgetSchool = forget("schools", "key")
    fileprivate static let forgetClasses = forget("classes", "school")
}
