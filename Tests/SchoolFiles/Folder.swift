import Foundation
import School
import SchoolFiles
import Testing

/// A folder of the test's own, which goes with it.
final class Folder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("loge-files-" + UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and returns its path.
    @discardableResult
    func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    /// Writes a file in UTF-8 and returns its path.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String { try write(name, text.utf8) }
}

/// The samples.
enum Sample {
    static func path(_ name: String) throws -> String {
        try #require(Bundle.module.url(forResource: "Samples/" + name, withExtension: nil)).path
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: try path(name))))
    }

    static func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }
}

/// What files say, as the tests look at it.
struct Reading {
    var exports: [RegisterExport] = []
    var entries: [RegisterEntry] = []
    var places: [FilePlace] = []
    var warnings: [FileWarning] = []

    /// Reads the files at these paths.
    init(_ paths: [String], options: RegisterExports.Options = .init()) throws {
        exports = try RegisterExports.recognise(paths, options: options)
        for export in exports {
            try export.read { event in
                switch event {
                case .entry(let entry, let place):
                    entries.append(entry)
                    places.append(place)
                case .warning(let warning): warnings.append(warning)
                }
            }
        }
    }

    init(_ path: String, options: RegisterExports.Options = .init()) throws { try self.init([path], options: options) }

    var persons: [PersonRecord] {
        entries.compactMap { if case .person(let person, _) = $0 { person } else { nil } }
    }

    var schools: [SchoolRecord] {
        entries.compactMap { if case .school(let school, _) = $0 { school } else { nil } }
    }

    var changes: [EntryChange] {
        entries.map { entry in
            switch entry {
            case .person(_, let change), .school(_, let change): change
            }
        }
    }
}

/// The problem that reading these files ends with.
func problem(_ paths: [String], options: RegisterExports.Options = .init()) throws -> FileProblem? {
    do {
        _ = try Reading(paths, options: options)
        return nil
    } catch let problem as FileProblem {
        return problem
    }
}

func problem(_ path: String, options: RegisterExports.Options = .init()) throws -> FileProblem? {
    try problem([path], options: options)
}

/// Writes AAF files.
enum AAF {
    static let comment2D =
        #"<!-- versionAF="AAF-VE2407" codeAcademieExport="09" degre="2D" dateGenerationExport="2025-09-15" -->"#
    static let comment1D =
        #"<!-- versionAF="AAF-VE2407" codeAcademieExport="09" degre="1D" dateGenerationExport="2025-09-15" -->"#

    static func file(_ requests: String..., comment: String = comment2D, head: String = "") -> String {
        "\(head)<ficAlimMENESR>\n\(comment)\n\(requests.joined())</ficAlimMENESR>\n"
    }

    static func attributes(_ attributes: [(String, [String])]) -> String {
        attributes.map { name, values in
            "<attr name=\"\(name)\">" + values.map { "<value>\($0)</value>" }.joined() + "</attr>\n"
        }.joined()
    }

    static func add(_ category: String, _ key: String, _ list: [(String, [String])] = []) -> String {
        "<addRequest>\n\(operational(category, key))<attributes>\n\(attributes(list))</attributes>\n</addRequest>\n"
    }

    static func modify(
        _ category: String, _ key: String, _ list: [(String, [String])], operation: String = "operation=\"replace\""
    ) -> String {
        let modifications = list.map { name, values in
            "<modification name=\"\(name)\" \(operation)>" + values.map { "<value>\($0)</value>" }.joined()
                + "</modification>\n"
        }.joined()
        return "<modifyRequest>\n\(operational(category, key))<modifications>\n\(modifications)</modifications>\n"
            + "</modifyRequest>\n"
    }

    static func delete(_ category: String, _ key: String) -> String {
        "<deleteRequest>\n\(operational(category, key))</deleteRequest>\n"
    }

    private static func operational(_ category: String, _ key: String) -> String {
        let name = category == "EtabEducNat" ? "categorieStructure" : "categoriePersonne"
        return
            "<operationalAttributes><attr name=\"\(name)\"><value>\(category)</value></attr></operationalAttributes>\n"
            + "<identifier><id>\(key)</id></identifier>\n"
    }
}
