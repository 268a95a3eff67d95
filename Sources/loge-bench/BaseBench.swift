import ArgumentParser
import Clocks
import Cryptography
import Foundation
import Matching
import PupilBase
import School
import SchoolFiles
import StoresPostgreSQL
import StoresSQL
import StoresSQLite
import Synchronization

/// Measures the pupil base at the size of a region: an import against merely parsing the same bytes, a delta, look-ups.
struct Base: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure the pupil base: import, memory, delta, look-up and match.")
    @Option(name: .long, help: "A folder of scripts/make-base: aaf/ and aaf-delta/.") var folder: String
    @Option(name: .long, help: "sqlite, postgresql or both.") var engine = "both"
    @Option(name: .long, help: "Look-ups to measure.") var lookups = 20000

    func run() async throws {
        let bytes = try Self.files(folder + "/aaf").reduce(0) { sum, path in
            sum + ((try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0)
        }
        Self.say("parsing \(bytes / 1_000_000) MB with libxml2 alone …")
        let sax = try parse("--sax")
        let reader = try parse("--stream")
        print("libxml2 alone, SAX (xmllint --sax)        \(Self.text(sax)) s")
        print("libxml2 alone, reader (xmllint --stream)  \(Self.text(reader)) s")
        for engine in engine == "both" ? ["sqlite", "postgresql"] : [engine] {
            let place = try Place(engine)
            defer { place.remove() }
            Self.say("importing into \(engine) …")
            let first = try child("\(folder)/aaf", place)
            print(
                "\(engine): first import        \(first.seconds) s, \(ratio(first.seconds, sax)) of SAX, "
                    + "\(ratio(first.seconds, reader)) of the reader (aim 5), peak \(first.megabytes) MB (aim 400)")
            let again = try child("\(folder)/aaf", place)
            print(
                "\(engine): the same once more  \(again.seconds) s, \(ratio(again.seconds, sax)) of SAX, "
                    + "peak \(again.megabytes) MB")
            let delta = try child("\(folder)/aaf-delta", place)
            print("\(engine): the delta           \(delta.seconds) s, peak \(delta.megabytes) MB")
            try await place.opened { tables in try await measure(engine, tables) }
        }
    }

    private func ratio(_ seconds: String, _ base: Double) -> String {
        String(format: "%.1f", (Double(seconds) ?? 0) / base)
    }

    static func text(_ seconds: Double) -> String { String(format: "%.1f", seconds) }
    static func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    static func files(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".xml") }.sorted()
            .map { folder + "/" + $0 }
    }

    /// Seconds that libxml2's own program takes for the same files, one after the other.
    private func parse(_ option: String) throws -> Double {
        let files = try Self.files(folder + "/aaf")
        let start = ContinuousClock.now
        // Not all at once: xmllint keeps nothing between files, but command lines have an end.
        for part in stride(from: 0, to: files.count, by: 50) {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/xmllint")
            process.arguments = ["--noout", "--nonet", option] + files[part..<min(part + 50, files.count)]
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else { throw ExitCode.failure }
        }
        return start.duration(to: .now) / .seconds(1)
    }

    private func child(_ folder: String, _ place: Place) throws -> (seconds: String, megabytes: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
        process.arguments = ["base-import", folder, "--place", place.name]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let words = String(decoding: data, as: UTF8.self).split(separator: "\n").last?.split(separator: " ") ?? []
        guard process.terminationStatus == 0, words.count == 2 else { throw ExitCode.failure }
        return (String(words[0]), String(words[1]))
    }

    /// Look-ups and matches, each on another number.
    private func measure(_ engine: String, _ tables: any SQLEngine) async throws {
        let numbers = try await tables.read { [lookups] db in
            try db.rows(
                SQLStatement("SELECT number FROM base_mobiles WHERE ended = 0 AND number % 97 = 3 LIMIT \(lookups)")
            ).map { try $0.number("number") }
        }
        let base = MatchingBase(on: tables)
        let now = SystemClock().now()
        var looked: [Duration] = []
        var matched: [Duration] = []
        for number in numbers {
            let start = ContinuousClock.now
            let found = try await base.candidates(holding: MobileKey(String(number)), now: now)
            looked.append(start.duration(to: .now))
            guard let one = found.first else { continue }
            let claim = Claim(
                mobile: ProvenMobile(uncheckedProven: MobileKey(String(number))),
                name: ClaimedName(family: one.name.birth?.description ?? "", given: one.name.given.description))
            let again = ContinuousClock.now
            _ = try await base.match(claim, now: now)
            matched.append(again.duration(to: .now))
        }
        print("\(engine): look-up by mobile   \(Self.percentiles(looked)) (\(looked.count) numbers, aim p99 1 ms)")
        print("\(engine): full match          \(Self.percentiles(matched)) (aim p99 1 ms)")
    }

    private static func percentiles(_ durations: [Duration]) -> String {
        let sorted = durations.sorted()
        guard !sorted.isEmpty else { return "nothing measured" }
        func at(_ share: Double) -> String {
            let index = min(sorted.count - 1, Int(Double(sorted.count) * share))
            return String(format: "%.3f", sorted[index] / .milliseconds(1))
        }
        return "p50 \(at(0.5)) ms, p99 \(at(0.99)) ms"
    }
}

/// One import in a process of its own, which says how long it took and how much memory it had.
struct BaseImporting: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "base-import", abstract: "Import a folder, and print seconds and megabytes.")
    @Argument var folder: String
    @Option(name: .long) var place: String

    func run() async throws {
        let exports = try RegisterExports.recognise([folder])
        try await Place(named: place).opened { tables in
            let start = ContinuousClock.now
            let last = LastPhase()
            var options = BaseImport.Options()
            options.mayRemoveMany = true
            let reports = try await BaseImport(on: tables, options: options)
                .perform(exports, now: SystemClock().now()) { last.note($0, start) }
            let seconds = start.duration(to: .now) / .seconds(1)
            for register in reports.flatMap(\.registers) {
                for (name, counts) in register.changes.sorted(by: { $0.key < $1.key }) {
                    Base.say(
                        "  \(name): stated \(counts.stated), new \(counts.new), changed \(counts.changed), "
                            + "gone \(counts.gone)")
                }
            }
            print("\(Base.text(seconds)) \(Self.peak())")
        }
    }

    /// VmHWM of this process, in megabytes.
    private static func peak() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? ""
        return (Int(line.filter(\.isNumber)) ?? 0) / 1024
    }
}

/// Says when a phase of an import begins.
private final class LastPhase: Sendable {
    private let phase = Mutex("")

    func note(_ progress: ImportProgress, _ start: ContinuousClock.Instant) {
        let name =
            switch progress {
            case .reading: "reading"
            case .comparing: "comparing"
            case .writing: "writing"
            case .joining: "joining"
            }
        let isNew = phase.withLock { phase in
            defer { phase = name }
            return phase != name
        }
        if isNew { Base.say("  \(Base.text(start.duration(to: .now) / .seconds(1))) s: \(name)") }
    }
}

/// A database for the measurements.
struct Place {
    /// `sqlite:PATH`, or the URL of a PostgreSQL database.
    let name: String

    init(_ engine: String) throws {
        switch engine {
        case "sqlite":
            let process = ProcessInfo.processInfo.processIdentifier
            name = "sqlite:\(NSTemporaryDirectory())loge-bench-base-\(process).sqlite"
        default:
            guard let url = ProcessInfo.processInfo.environment["LOGE_BENCH_DATABASE"] else {
                throw ValidationError("LOGE_BENCH_DATABASE names no PostgreSQL database.")
            }
            name = url
        }
    }

    init(named name: String) { self.name = name }

    func opened(_ body: (any SQLEngine) async throws -> Void) async throws {
        if name.hasPrefix("sqlite:") {
            let opened = try await SQLiteStores.open(
                path: String(name.dropFirst("sqlite:".count)), clock: SystemClock())
            try await body(opened.tables)
            await opened.close()
        } else {
            let settings = try PostgreSQLSettings(url: SecretBytes(Array(name.utf8)))
            let opened = try await PostgreSQLStores.open(
                settings.allowing(.minutes(1)), clock: SystemClock(), random: SystemRandom())
            try await body(opened.tables)
            await opened.close()
        }
    }

    func remove() {
        guard name.hasPrefix("sqlite:") else { return }
        let path = String(name.dropFirst("sqlite:".count))
        for end in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: path + end) }
    }
}
