import ArgumentParser
import Clocks
import Foundation
import PupilBase
import School
import SchoolFiles
import Stores
import UnixSignals

extension Base {
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import files of AAF, SIECLE or ONDE, recognised by their content; tell what changes.",
            discussion: """
                PATH is a file, a zip of files or a folder. The files of one register are one export; it is applied in one \
                transaction, or not at all. With --dry-run everything is done, told and taken back. Whoever a complete \
                export no longer names is leaving, and is kept for base.grace; more departures than \
                base.largest_departure_percent are refused.
                """)
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: ArgumentHelp("Files, zips or folders.", valueName: "path")) var paths: [String]
        @Flag(name: .long, help: "Change nothing: tell what would change.") var dryRun = false
        @Option(name: .long, help: "The UAI of the school whose ONDE files they are.") var school: String?
        @Option(name: .long, help: "The code of the academy, for AAF files that do not say it.") var academy: String?
        @Flag(name: .long, help: "AAF files that do not say whether they are complete are.") var assumeComplete = false
        @Flag(name: .long, help: "Allow many departures: the end of a school year.") var allowDepartures = false
        @Option(name: .long, help: "Write every school's changes there too, as CSV for a spreadsheet (a new file).")
        var report: String?

        func validate() throws {
            guard !paths.isEmpty else { throw ValidationError("Name the files to import.") }
            if let school, UAI(school) == nil {
                throw ValidationError("--school is a UAI: seven digits and a letter, such as 0590116F.")
            }
        }

        func run() async throws {
            let configuration = try installation.load()
            if let report, FileManager.default.fileExists(atPath: report) {
                throw Failure("\(report) is there already: name a new file for --report; nothing was changed")
            }
            var recognising = RegisterExports.Options()
            recognising.school = school.flatMap { UAI($0) }
            recognising.academy = academy
            recognising.assumeComplete = assumeComplete
            let options = self.options(configuration.base)
            let rounds: [[RegisterExport]]
            do throws(FileProblem) {
                rounds = BaseImport.rounds(try RegisterExports.recognise(paths, options: recognising))
            } catch {
                throw Failure("\(error) Nothing was changed.")
            }
            let watch = ImportWatch()
            let reports = try await Self.interruptible(watch) {
                try await Self.apply(rounds, configuration, options, watch)
            }
            watch.finish()
            let left = rounds.count - reports.count
            Console.print(
                output.json
                    ? try JSONText.of(ImportAnswer(imports: reports, exportsNotCompared: left))
                    : BaseImportText.text(reports, left: left, again: commandToApply))
            // Last, so that nobody takes an import whose report cannot be written for one that was not applied.
            if let report { try BaseImportText.write(reports, to: report) }
        }

        private func options(_ configured: BaseImport.Options) -> BaseImport.Options {
            var options = configured
            options.isDryRun = dryRun
            options.mayRemoveMany = allowDepartures
            return options
        }

        /// What applies what a dry run has told.
        private var commandToApply: String {
            let arguments = CommandLine.arguments.dropFirst().filter { $0 != "--dry-run" }
            return (["loge"] + arguments).joined(separator: " ")
        }

        private static func apply(
            _ rounds: [[RegisterExport]], _ configuration: ServerConfiguration, _ options: BaseImport.Options,
            _ watch: ImportWatch
        ) async throws -> [ImportReport] {
            do {
                return try await Base.lend(configuration) { engine in
                    let base = BaseImport(on: engine, options: options)
                    var reports: [ImportReport] = []
                    do {
                        for round in rounds {
                            watch.begin()
                            reports += try await base.perform(round, now: Machine.clock.now()) { watch.report($0) }
                            guard !options.isDryRun else { break }
                            watch.applied(reports.last?.number)
                        }
                    } catch {
                        // What was applied before counts, for the accounts too.
                        if !options.isDryRun, !reports.isEmpty { _ = try await Base.follow(engine, configuration) }
                        throw error
                    }
                    if !options.isDryRun, !reports.isEmpty {
                        reports[reports.count - 1].accounts = try await Base.follow(engine, configuration)
                    }
                    return reports
                }
            } catch let problem as FileProblem {
                throw watch.failure("\(problem)")
            } catch let refusal as ImportRefusal {
                throw watch.failure(refusal.description)
            } catch let error as StoreError {
                throw watch.failure(
                    "the base could not be written: \(configuration.advice(on: error)) (\(error))", error)
            }
        }

        /// Runs `body`; SIGINT and SIGTERM end the process, and what was not committed was never there.
        private static func interruptible<Value: Sendable>(
            _ watch: ImportWatch, _ body: @Sendable () async throws -> Value
        ) async throws -> Value {
            let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
            let stopping = Task {
                for await signal in signals {
                    Console.warn("Error: " + watch.stopped)
                    // No tidying up while other threads work: the database takes back what has no end.
                    _exit(signal == .sigint ? 130 : 143)
                }
            }
            defer { stopping.cancel() }
            return try await body()
        }
    }
}

/// What `loge base import --json` answers.
struct ImportAnswer: Encodable {
    let imports: [ImportReport]
    /// Exports that a dry run cannot compare: they follow one that was not applied.
    let exportsNotCompared: Int
}
