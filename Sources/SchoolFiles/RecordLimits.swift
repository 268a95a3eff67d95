internal import School

/// What one record may hold. An entry of PostgreSQL's indexes has at most some 2,700 bytes; SQLite would take any length.
enum RecordLimits {
    /// Bytes of the key of a person.
    static let key = 64
    /// Bytes of a name, of the key of a school, and of whatever else is looked up.
    static let text = 512
    /// Values of one attribute.
    static let values = 200
    /// Classes of a school, and groups of a school.
    static let classes = 5_000

    /// Why the file with these events is refused; `nil` when each record is within the limits. People come first: where
    /// classes of schools are those of the pupils, a pupil's line tells more.
    static func problem(in events: [ReadEvent]) -> FileProblem? {
        var ofSchool: FileProblem?
        for case .entry(let entry, let place) in events {
            guard let excess = excess(of: entry) else { continue }
            let problem = FileProblem(.limit, in: place.file, line: place.line, excess)
            guard case .school = entry else { return problem }
            ofSchool = ofSchool ?? problem
        }
        return ofSchool
    }

    /// What of a record is beyond the limits, in a sentence without its value; `nil` when nothing is.
    static func excess(of entry: RegisterEntry) -> String? {
        switch entry {
        case .school(let school, _): excess(of: school)
        case .person(let person, _): excessInLength(of: person) ?? excessInNumber(of: person)
        }
    }

    private static func excess(of school: SchoolRecord) -> String? {
        if isLong(school.key) { return tooLong("The key of a school", text) }
        if (school.classes + school.groups).contains(where: { isLong($0.code) }) {
            return tooLong("The code of a class or a group", text)
        }
        guard max(school.classes.count, school.groups.count) <= classes else {
            return "A school has more than \(classes) classes or groups."
        }
        return nil
    }

    private static func excessInLength(of person: PersonRecord) -> String? {
        let isLinkLong = person.links.contains { isLong($0.pupil, key) || isLong($0.responsible, key) }
        if isLinkLong || isLong(person.key, key) { return tooLong("The key of a person", key) }
        let names = [person.birthName, person.usageName, person.givenName]
        if names.contains(where: { isLong($0) }) || person.otherGivenNames.contains(where: { isLong($0) }) {
            return tooLong("A name", text)
        }
        if isLong(person.ine) { return tooLong("An INE", text) }
        if isLong(person.fileNumber) { return tooLong("The number of a pupil's file", text) }
        if isLong(person.mail) { return tooLong("A mail address", text) }
        let places = person.classes + person.groups
        if places.contains(where: { isLong($0.code) }) { return tooLong("The code of a class or a group", text) }
        if person.functions.contains(where: { isLong($0.code) || isLong($0.discipline) }) {
            return tooLong("A function or a discipline", text)
        }
        let isSchoolLong =
            person.schools.contains { isLong($0) } || places.contains { isLong($0.school) }
            || person.functions.contains { isLong($0.school) }
        return isSchoolLong ? tooLong("The key of a school", text) : nil
    }

    private static func excessInNumber(of person: PersonRecord) -> String? {
        let most = [
            person.otherGivenNames.count, person.mobiles.count, person.smsMobiles.count, person.schools.count,
            person.classes.count, person.groups.count, person.functions.count, person.links.count,
        ].max()
        return most ?? 0 > values ? "A person has more than \(values) values of one kind." : nil
    }

    private static func isLong(_ value: String, _ most: Int = text) -> Bool { value.utf8.count > most }

    private static func tooLong(_ what: String, _ most: Int) -> String { "\(what) is longer than \(most) bytes." }
}
