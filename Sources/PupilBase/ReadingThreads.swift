internal import Dispatch
internal import Foundation
internal import Phones
internal import School
internal import SchoolFiles
internal import StoresSQL
internal import Synchronization

/// What a reading thread hands over.
enum ReadPiece: Sendable {
    /// Rows that are complete, of that many bytes of files.
    case rows(StagingRows, bytes: Int64, entries: Int)
    /// Changes, in the order of the file.
    case changes([(entry: RegisterEntry, place: FilePlace)], bytes: Int64)
    /// One file, or export, is at its end.
    case done(ReadFindings, FileWarnings)
    /// One file cannot be read.
    case failed(any Error)
}

/// Warnings of files: all counted, the first kept.
struct FileWarnings: Sendable {
    private static let most = 20
    var counts: [String: Int] = [:]
    var first: [String] = []

    mutating func note(_ warning: FileWarning) {
        counts[warning.kind.rawValue, default: 0] += 1
        if first.count < Self.most { first.append("\(warning.place): \(warning.kind.rawValue) \(warning.field)") }
    }

    mutating func add(_ other: FileWarnings) {
        counts.merge(other.counts, uniquingKeysWith: +)
        first += other.first.prefix(max(0, Self.most - first.count))
    }
}

/// A queue of few places between threads: who writes too fast waits, so that nothing piles up in memory.
final class PieceQueue: Sendable {
    private let pieces = Mutex<[ReadPiece]>([])
    private let free = DispatchSemaphore(value: 0)
    private let filled = DispatchSemaphore(value: 0)
    /// Set when nobody takes pieces any more.
    private let isAbandoned = Mutex(false)

    init(places: Int) {
        // Not as its first value: a semaphore that goes with less than that ends the process.
        for _ in 0..<places { free.signal() }
    }

    /// Waits for a place. - Returns: whether somebody still wants pieces.
    func put(_ piece: ReadPiece) -> Bool {
        free.wait()
        guard !isAbandoned.withLock({ $0 }) else {
            free.signal()
            return false
        }
        pieces.withLock { $0.append(piece) }
        filled.signal()
        return true
    }

    /// Waits for a piece.
    func take() -> ReadPiece {
        filled.wait()
        let piece = pieces.withLock { $0.removeFirst() }
        free.signal()
        return piece
    }

    /// Lets those who wait for a place go.
    func abandon() {
        isAbandoned.withLock { $0 = true }
        free.signal()
    }
}

/// Reads the files of one export on threads of its own.
struct ReadingThreads: Sendable {
    /// Entries of one piece.
    private static let piece = 2000
    /// Bytes of one piece: entries may be large.
    private static let largestPiece = 4 << 20

    let export: RegisterExport
    let register: Int64
    let phones: PhoneRules
    /// The number of the export's first file among all.
    let firstFile: Int

    /// Starts the threads. - Returns: how many ends (`done` or `failed`) will come.
    func start(_ queue: PieceQueue, threads: Int) -> Int {
        let units = self.units
        let next = NextUnit()
        for number in 0..<min(threads, units.count) {
            let thread = Thread {
                while true {
                    let unit = next.take()
                    guard unit < units.count else { return }
                    guard read(units[unit], queue) else { return }
                }
            }
            thread.name = "loge.base.read\(number)"
            // libxml2 and deep call chains fit well; the default of some systems is half of that.
            thread.stackSize = 1 << 20
            thread.start()
        }
        return units.count
    }

    /// What is read as a whole: a file each, or the whole export where files refer to each other's rows, or order counts.
    private var units: [Unit] {
        let isAAF = export.register.format == .aaf2D || export.register.format == .aaf1D
        guard isAAF, export.extent != .changes else { return [.export] }
        return export.files.map { .file($0) }
    }

    private enum Unit: Sendable {
        case export
        case file(RegisterFile)
    }

    /// - Returns: whether somebody still wants pieces.
    private func read(_ unit: Unit, _ queue: PieceQueue) -> Bool {
        var gathering = Gathering(self, queue)
        do {
            switch unit {
            case .export: try export.read(progress: { gathering.bytes += $0 }, { try gathering.take($0) })
            case .file(let file): try file.read(progress: { gathering.bytes += $0 }, { try gathering.take($0) })
            }
            try gathering.flush()
            return queue.put(.done(gathering.reading.findings, gathering.warnings))
        } catch is NobodyWaits {
            return false
        } catch {
            return queue.put(.failed(error))
        }
    }

    /// Whoever wanted the pieces has gone.
    private struct NobodyWaits: Error {}

    private struct Gathering {
        let threads: ReadingThreads
        let queue: PieceQueue
        var reading: RecordReading
        var warnings = FileWarnings()
        var rows = StagingRows()
        var changes: [(entry: RegisterEntry, place: FilePlace)] = []
        var bytes: Int64 = 0
        var fileName = ""
        var fileNumber = 0

        init(_ threads: ReadingThreads, _ queue: PieceQueue) {
            self.threads = threads
            self.queue = queue
            reading = RecordReading(
                phones: threads.phones, version: threads.export.files.lazy.compactMap(\.version).first)
        }

        mutating func take(_ event: ReadEvent) throws {
            switch event {
            case .warning(let warning): warnings.note(warning)
            case .entry(let entry, let place):
                if threads.export.extent == .changes {
                    changes.append((entry, place))
                    if changes.count >= 100 { try flush() }
                } else {
                    add(entry, place)
                    if rows.count >= ReadingThreads.piece || rows.size >= ReadingThreads.largestPiece { try flush() }
                }
            }
        }

        private mutating func add(_ entry: RegisterEntry, _ place: FilePlace) {
            if place.file != fileName {
                fileName = place.file
                let index = threads.export.files.firstIndex { $0.name == place.file } ?? 0
                fileNumber = threads.firstFile + index
            }
            let statement = StagingRows.Statement(given: .all, isDeletion: false, file: fileNumber, line: place.line)
            switch entry {
            case .school(let school, _): rows.add(school, threads.register, statement)
            case .person(let person, _):
                rows.add(reading.read(person, given: .all), threads.register, statement)
            }
        }

        mutating func flush() throws {
            if threads.export.extent == .changes {
                guard queue.put(.changes(changes, bytes: bytes)) else { throw NobodyWaits() }
                changes = []
            } else {
                guard queue.put(.rows(rows, bytes: bytes, entries: rows.count)) else { throw NobodyWaits() }
                rows = StagingRows()
            }
            bytes = 0
        }
    }
}

/// Which unit is read next.
private final class NextUnit: Sendable {
    private let number = Mutex(0)

    func take() -> Int {
        number.withLock { number in
            defer { number += 1 }
            return number
        }
    }
}
