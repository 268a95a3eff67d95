import School
import SchoolFiles

/// The CSV files of ONDE. The input is both files, one behind the other with a line `---` between.
enum ONDETarget {
    static let all = [
        FuzzTarget(name: "onde", subject: "the two ONDE files of a school, each behind the other") { run() }
    ]

    private static func run() -> FuzzTarget.Run {
        let uai = prepared {
            guard let uai = UAI("0599902T") else { throw FileProblem(.needsOption, in: "", "No school.") }
            return uai
        }
        let school = ONDESchool(uai)
        return { input in
            let cut = input.firstRange(of: Array("\n---\n".utf8))
            let pupils = cut.map { Array(input[..<$0.lowerBound]) } ?? input
            let responsibles = cut.map { Array(input[$0.upperBound...]) }
            func read(_ pupils: [UInt8], _ responsibles: [UInt8]?) -> [ReadEvent]? {
                do {
                    return try school.events(pupils: pupils, in: "a", responsibles: responsibles, in: "b")
                } catch {
                    check(FilePlace(file: error.file, line: error.line ?? 1), pupils, responsibles)
                    return nil
                }
            }
            guard let events = read(pupils, responsibles) else { return }
            check(events, uai)
            for event in events { check(place(of: event), pupils, responsibles) }
            // A line more at the end, blank, changes nothing; the same bytes say the same.
            let blank = Array("\n;;\n".utf8)
            hold(read(pupils + blank, responsibles.map { $0 + blank }) == events, "a blank line changes what is said")
            let alone = read(pupils, nil)
            hold(alone.map { events.starts(with: $0) } ?? false, "the responsibles change what the pupils say")
        }
    }

    private static func place(of event: ReadEvent) -> FilePlace {
        switch event {
        case .entry(_, let place): place
        case .warning(let warning): warning.place
        }
    }

    private static func check(_ place: FilePlace, _ pupils: [UInt8], _ responsibles: [UInt8]?) {
        let bytes = place.file == "a" ? pupils : responsibles ?? []
        hold(place.file == "a" || place.file == "b", "a place in no file")
        hold((1...bytes.count { $0 == 0x0A || $0 == 0x0D } + 1).contains(place.line), "line \(place.line) of no file")
    }

    private static func check(_ events: [ReadEvent], _ school: UAI) {
        var pupils: Set<String> = []
        var responsibles: Set<String> = []
        for case .entry(let entry, _) in events {
            switch entry {
            case .school(let record, let change):
                hold(record.uai == school && change == .whole, "another school")
            case .person(let person, let change):
                hold(change == .whole, "a file of ONDE is no complete one")
                hold(!FoldedName(person.givenName).isEmpty, "a person without a name")
                hold(person.classes.allSatisfy { $0.school == school.description && !$0.code.isEmpty }, "no class")
                hold(!person.mobiles.contains(""), "an empty number")
                if person.kind == .pupil {
                    hold(pupils.insert(person.key).inserted, "two pupils of one key")
                    hold(person.links.isEmpty, "a pupil's line has links")
                } else {
                    hold(responsibles.insert(person.key).inserted, "two responsibles of one key")
                }
                for link in person.links {
                    hold(link.responsible == person.key && pupils.contains(link.pupil), "a link to nobody")
                    hold(link.level == .absent && link.kindCode.isEmpty, "a level that nobody stated")
                }
                hold(Set(person.links).count == person.links.count, "a link twice")
            }
        }
    }
}
