import Cryptography
import Foundation
import School
import SchoolFiles
import Testing

/// A folder with the files of a school, gone when the test has ended.
final class ONDEFolder {
    static let pupils = "CSVExtraction-eleves.csv"
    static let responsibles = "CSVExtraction-responsables.csv"

    /// The folder.
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "onde-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// A folder with these files in ISO-8859-1.
    convenience init(pupils: [String]? = nil, responsibles: [String]? = nil, eol: String = "\r\n") throws {
        try self.init()
        for (name, lines) in [(Self.pupils, pupils), (Self.responsibles, responsibles)] {
            guard let lines else { continue }
            try write(name, Self.latin1(lines.map { $0 + eol }.joined()))
        }
    }

    /// A text in ISO-8859-1.
    static func latin1(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }

    /// The bytes of a sample.
    static func sample(_ name: String) throws -> [UInt8] {
        let url = try #require(Bundle.module.url(forResource: "Samples/" + name, withExtension: nil))
        return try Array(Data(contentsOf: url))
    }

    func write(_ name: String, _ bytes: [UInt8]) throws { try Data(bytes).write(to: url.appending(path: name)) }

    /// Everything that the folder's files say; places have the names of the files alone.
    func events(school: String? = "0599902T") throws -> [ReadEvent] {
        var options = RegisterExports.Options()
        options.school = school.flatMap { UAI($0) }
        var events: [ReadEvent] = []
        for export in try RegisterExports.recognise([url.path], options: options) {
            #expect(export.register.format == .onde)
            #expect(export.extent == .complete)
            try export.read { events.append($0) }
        }
        return events
    }

    /// Why the folder's files are refused, as `reason:line`; nothing is told before.
    func refusal(school: String? = "0599902T") -> String? {
        do {
            _ = try events(school: school)
            return nil
        } catch let problem as FileProblem {
            return problem.reason.rawValue + (problem.line.map { ":\($0)" } ?? "")
        } catch {
            return "\(error)"
        }
    }
}

/// The keys of ONDE, made here once more of what tells people apart.
enum ONDE {
    static func pupil(_ text: String) -> String { "e" + digest(text) }
    static func responsible(_ text: String) -> String { "r" + digest(text) }

    /// A link as ``Swift/Array/links`` writes it.
    static func link(_ pupil: String, _ responsible: String) -> String {
        self.pupil(pupil) + ">" + self.responsible(responsible)
    }

    private static func digest(_ text: String) -> String {
        let digits = SHA256.hash(text).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return String(digits.prefix(20))
    }
}

extension [ReadEvent] {
    /// The people of a kind.
    func people(_ kind: PersonKind) -> [PersonRecord] {
        compactMap { event in
            guard case .entry(.person(let record, .whole), _) = event, record.kind == kind else { return nil }
            return record
        }
    }

    /// The warnings, as `kind:line:field`.
    var warnings: [String] {
        compactMap { event in
            guard case .warning(let warning) = event else { return nil }
            return "\(warning.kind.rawValue):\(warning.place.line):\(warning.field)"
        }
    }

    /// The links as `pupil>responsible`, in their order.
    var links: [String] { people(.responsible).flatMap(\.links).map { "\($0.pupil)>\($0.responsible)" } }
}
