import ArgumentParser
import Clocks
import Foundation
import JOSE
import Phones
import PupilBase

extension Base {
    struct Search: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Find people by name, telephone number or INE, a school by its UAI.",
            discussion: """
                A name is the beginning of family name and given name, in any order: "exemple léa". A record that was found \
                is shown by `loge base show`.
                """)
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions
        @Option(name: .long, help: "At most that many.") var limit = 50
        @Argument(help: ArgumentHelp("A name, a number, a UAI, an INE or register:key.", valueName: "what"))
        var words: [String]

        func validate() throws {
            guard (1...1000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 1000.") }
            guard !words.isEmpty else { throw ValidationError("Say whom to look for.") }
        }

        func run() async throws {
            let (text, limit) = (words.joined(separator: " "), limit)
            let found = try await Base.read(installation) { base, configuration in
                let query = try BaseQuery(text, phones: configuration.base.phones)
                return try await base.search(query, limit: limit, now: Machine.clock.now())
            }
            Console.print(output.json ? try JSONText.of(found) : BaseText.found(found))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show all that the base says of one record: links, classes, numbers, other records of the person."
        )
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions
        @Flag(name: .long, help: "Show the INE, telephone numbers and the mail address whole.") var reveal = false
        @Argument(help: ArgumentHelp("register:key, as `loge base search` lists it.")) var record: String

        func run() async throws {
            guard let key = RecordKey(record) else {
                throw ValidationError("A record is register:key, as `loge base search` lists it.")
            }
            let reveal = reveal
            let (people, school) = try await Base.read(installation) { base, _ in
                let now = Machine.clock.now()
                return (
                    try await base.sheets(of: key, reveal: reveal, now: now),
                    try await base.schoolSheet(of: key, now: now)
                )
            }
            guard !people.isEmpty || school != nil else {
                throw Failure("the base holds no record \(key): see `loge base search`")
            }
            if output.json { return Console.print(try JSONText.of(Answer(people: people, school: school))) }
            let sheets = people.map(BaseText.sheet) + (school.map { [BaseText.sheet($0)] } ?? [])
            Console.print(sheets.joined(separator: "\n\n"))
        }

        private struct Answer: Encodable {
            let people: [RecordSheet]
            let school: SchoolSheet?
        }
    }

    struct Doubles: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List records that may be of one person, and of whom no file tells for certain.")
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions
        @Option(name: .long, help: "Write them there as CSV for a spreadsheet (a new file).") var csv: String?
        @Option(name: .long, help: "At most that many.") var limit = Int.max

        func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit is a number from 1.") }
        }

        func run() async throws {
            let (limit, json) = (limit, output.json)
            let file = try csv.map { try SpreadsheetFile($0) }
            defer { file?.abandon() }
            try file?.write(["kind", "record", "name", "other_record", "other_name", "reason", "since_import"])
            let total = try await Base.read(installation) { base, _ in
                var last: ProbableDouble?
                var total = 0
                while total < limit {
                    let page = try await base.doubles(after: last, limit: min(500, limit - total))
                    for one in page {
                        if json { Console.print(try JSONText.of(one)) }
                        try file?.write([
                            one.kind, one.record, one.name, one.otherRecord, one.otherName, one.reason, "\(one.since)",
                        ])
                        if !json, file == nil { Console.print(Self.line(one)) }
                    }
                    total += page.count
                    last = page.last
                    guard last != nil else { break }
                }
                return total
            }
            try file?.finish()
            if !json { Console.warn("\(total) probable doubles") }
        }

        private static func line(_ one: ProbableDouble) -> String {
            "\(one.reason)  \(one.kind)  \(one.record)  \(one.name)  \(one.otherRecord)  \(one.otherName)"
        }
    }
}
