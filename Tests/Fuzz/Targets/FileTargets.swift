import Foundation
import School
import SchoolFiles

/// The ministries' files.
enum FileTargets {
    static let all = [
        FuzzTarget(name: "aaf", subject: "AAF files, complete and changes, of both degrees") { aaf() },
        FuzzTarget(name: "siecle", subject: "the two SIECLE files of a school, each behind the other") { siecle() },
        FuzzTarget(name: "archives", subject: "zip archives of XML files") { archives() },
    ]

    /// A folder in memory; `scripts/fuzz` takes it away.
    private static func folder() -> URL {
        prepared {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("files-" + UUID().uuidString)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            return folder
        }
    }

    private static func write(_ bytes: some Sequence<UInt8>, to file: URL) {
        prepared { try Data(bytes).write(to: file) }
    }

    private static func aaf() -> FuzzTarget.Run {
        let folder = folder()
        let plain = folder.appendingPathComponent("a.xml")
        var options = RegisterExports.Options()
        options.academy = "09"
        return { [options] input in
            write(input, to: plain)
            guard let found = read([plain.path], options: options) else { return }
            hold(found.size == input.count, "bytes are lost")
            for case .entry(let entry, _) in found.events { check(entry) }
            var complete = options
            complete.assumeComplete = true
            guard found.exports.first?.extent == .unstated, let again = read([plain.path], options: complete) else {
                return
            }
            let changes = again.events.filter { event in
                guard case .entry(let entry, _) = event else { return false }
                return change(of: entry) != .whole
            }
            hold(changes.isEmpty, "a complete file changes or deletes")
            hold(again.events == found.events, "a file says something else when it is complete")
        }
    }

    /// The input is both files, one behind the other with a line `---` between.
    private static func siecle() -> FuzzTarget.Run {
        let folder = folder()
        let (first, second) = (folder.appendingPathComponent("a.xml"), folder.appendingPathComponent("b.xml"))
        return { input in
            let cut = input.firstRange(of: Array("\n---\n".utf8))
            write(cut.map { input[..<$0.lowerBound] } ?? input[...], to: first)
            write(cut.map { input[$0.upperBound...] } ?? [], to: second)
            guard let found = read(cut == nil ? [first.path] : [first.path, second.path]) else { return }
            for case .entry(let entry, _) in found.events {
                check(entry)
                hold(change(of: entry) == .whole, "a SIECLE file is no complete one")
                guard case .person(let person, _) = entry else { continue }
                hold(person.kind != .pupil || person.links.isEmpty, "a pupil's file has links")
                hold(person.links.allSatisfy { $0.responsible == person.key }, "a link of somebody else")
                hold(person.schools.allSatisfy { UAI($0) != nil }, "a person of no school")
            }
        }
    }

    private static func archives() -> FuzzTarget.Run {
        let file = folder().appendingPathComponent("a.zip")
        return { input in
            write(input, to: file)
            guard let found = read([file.path]) else { return }
            for name in found.exports.flatMap(\.files).map(\.name) {
                let isShown = name.unicodeScalars.allSatisfy {
                    ![.control, .format].contains($0.properties.generalCategory)
                }
                hold(isShown, "the name of a member is shown as it is")
            }
            hold(found.size <= 1 << 24, "an archive of \(input.count) bytes unpacks to \(found.size)")
        }
    }

    private struct Found {
        var exports: [RegisterExport] = []
        var events: [ReadEvent] = []
        var size = 0
    }

    /// What the files say; `nil` when they are refused, which must be for a reason that names one of them.
    private static func read(_ paths: [String], options: RegisterExports.Options = .init()) -> Found? {
        var found = Found()
        do {
            found.exports = try RegisterExports.recognise(paths, options: options)
            for export in found.exports {
                try export.read(progress: { found.size += Int($0) }, { found.events.append($0) })
            }
            return found
        } catch let problem as FileProblem {
            hold(paths.contains { problem.file.hasPrefix($0) }, "a problem of \(problem.file)")
            hold(problem.line.map { $0 > 0 } ?? true, "a problem at line \(problem.line ?? 0)")
            return nil
        } catch {
            hold(false, "\(error) is no problem of a file")
            return nil
        }
    }

    private static func change(of entry: RegisterEntry) -> EntryChange {
        switch entry {
        case .person(_, let change), .school(_, let change): change
        }
    }

    private static func check(_ entry: RegisterEntry) {
        switch entry {
        case .person(let person, let change):
            hold(!person.key.isEmpty, "a person without a key")
            hold(change != .deletion || person == PersonRecord(person.kind, key: person.key), "a deletion says more")
            hold(!person.mobiles.contains("") && !person.smsMobiles.contains(""), "an empty number")
            let texts = [person.key, person.birthName, person.usageName, person.givenName, person.mail]
            hold(texts.allSatisfy { !$0.utf8.contains(0) && $0.utf8.count <= 65_536 }, "a text beyond its bounds")
            for link in person.links {
                let ends = person.kind == .pupil ? (link.pupil, link.responsible) : (link.responsible, link.pupil)
                hold(ends.0 == person.key && !ends.1.isEmpty, "a link of somebody else, or to nobody")
            }
        case .school(let school, _):
            hold(!school.key.isEmpty, "a school without a key")
            hold(school.classes.allSatisfy { !$0.code.isEmpty }, "a class without a code")
        }
    }
}
