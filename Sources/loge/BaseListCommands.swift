import ArgumentParser
import Clocks
import Foundation
import PupilBase
import School
import Synchronization

extension Base {
    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell what an import changed, record by record.",
            discussion: """
                With --json one JSON object a line. Fields that changed are named, their values are not told; numbers are \
                masked, but with --reveal. Only imports that could still be undone are remembered (base.undoable).
                """)
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions
        @Option(name: .long, help: "Write it there as CSV for a spreadsheet (a new file).") var csv: String?
        @Flag(name: .long, help: "Show telephone numbers whole.") var reveal = false
        @Argument(help: "The number of the import; the last one when left out.") var number: Int64?

        func run() async throws {
            let (json, reveal, number) = (output.json, reveal, number)
            let file = try csv.map { try SpreadsheetFile($0) }
            defer { file?.abandon() }
            try file?.write(["kind", "what", "record", "name", "school", "detail", "fields"])
            let lines = LineOutput()
            let total = Mutex(0)
            let found = try await Base.read(installation) { base, configuration in
                try await base.changes(of: number, keptFor: configuration.base.undoable, reveal: reveal) { change in
                    total.withLock { $0 += 1 }
                    if json { lines.write(try JSONText.of(change)) }
                    try file?.write([
                        change.kind, change.what, change.record, change.name, change.school, change.detail,
                        change.fields.joined(separator: " "),
                    ])
                    if !json, file == nil { lines.write(Self.line(change)) }
                }
            }
            lines.finish()
            try file?.finish()
            if !json { Console.warn("import \(found): \(total.withLock(\.self)) changes") }
        }

        private static func line(_ change: BaseChange) -> String {
            [
                change.what, change.kind, change.record, change.name, change.school, change.detail,
                change.fields.joined(separator: " "),
            ].filter { !$0.isEmpty }.joined(separator: "  ")
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the current people of a school, each once, as CSV for a spreadsheet.",
            discussion: """
                The form that spreadsheets of schools open by a double click: UTF-8 with its mark, `;` between cells, dates \
                as dd/mm/yyyy. No cell is a formula: what begins like one has an apostrophe in front. Telephone numbers and \
                national numbers are not in it. A file is made for its owner only (0600); without FILE, standard output.
                """)
        @OptionGroup var installation: InstallationOptions
        @Option(name: .long, help: "The UAI of the school.") var school: String
        @Option(name: .long, help: "pupil, responsible or staff; all of them when left out.") var kind: String?
        @Argument(help: "The new file.") var file: String?

        func validate() throws {
            guard UAI(school) != nil else {
                throw ValidationError("--school is a UAI: seven digits and a letter, such as 0590116F.")
            }
            if let kind, PersonKind(rawValue: kind) == nil {
                throw ValidationError("--kind is pupil, responsible or staff.")
            }
        }

        func run() async throws {
            guard let uai = UAI(school) else { throw ValidationError("--school is a UAI.") }
            let kinds = kind.flatMap { PersonKind(rawValue: $0) }.map { [$0] } ?? PersonKind.allCases
            let roll = try await Base.read(installation) { base, _ in try await base.roll(of: uai, kinds: kinds) }
            let sheet = try SpreadsheetFile(file)
            defer { sheet.abandon() }
            try sheet.write([
                "Type", "Nom de famille", "Nom d’usage", "Prénom", "Date de naissance", "Classes ou fonctions",
                "Liens", "Mobile utilisable", "Fiche",
            ])
            for one in roll {
                try sheet.write([
                    Self.types[one.kind] ?? one.kind, one.birthName, one.usageName, one.givenName,
                    Self.day(one.birthDate), one.places.joined(separator: ", "), one.links.joined(separator: ", "),
                    one.hasMobile.map { $0 ? "oui" : "non" } ?? "", one.record,
                ])
            }
            try sheet.finish()
            if let file { Console.warn("\(roll.count) people were written to \(file)") }
        }

        private static let types = ["pupil": "élève", "responsible": "responsable", "staff": "personnel"]

        private static func day(_ iso: String) -> String { iso.split(separator: "-").reversed().joined(separator: "/") }
    }
}

/// Many lines on standard output, some thousands at a time.
final class LineOutput: Sendable {
    private let buffer = Mutex<[UInt8]>([])

    func write(_ line: String) {
        buffer.withLock { buffer in
            buffer += Array(line.utf8) + [0x0A]
            if buffer.count >= 1 << 16 { Self.flush(&buffer) }
        }
    }

    func finish() { buffer.withLock { Self.flush(&$0) } }

    private static func flush(_ buffer: inout [UInt8]) {
        // A reader that went away (`| head`) is no failure of ours.
        try? FileHandle.standardOutput.write(contentsOf: Data(buffer))
        buffer = []
    }
}
