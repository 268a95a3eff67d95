internal import Foundation
internal import Phones
internal import School
internal import SchoolFiles
internal import Stores
internal import StoresSQL

/// Brings what the files state into temporary tables, in pieces: memory is the same however large they are.
struct Staging {
    let workbench: any SQLWorkbench
    let phones: PhoneRules
    let threads: Int
    let progress: @Sendable (ImportProgress) -> Void

    /// An export with the number of its register.
    struct Unit {
        let export: RegisterExport
        let register: Int64
        var report: RegisterReport
        let firstFile: Int
    }

    /// Reads the exports. - Returns: what was found on the way, export by export.
    ///
    /// - Throws: `FileProblem`, ``ImportRefusal``, `StoreError`.
    func perform(_ units: inout [Unit]) throws {
        let areChanges = units.allSatisfy { $0.export.extent == .changes }
        for table in BaseTable.filled {
            try workbench.define(table.definition)
            // Changes are looked up while they are staged, and stand once by themselves.
            if areChanges { try workbench.define(table.stagedIndex) }
        }
        let all = units.reduce(Int64(0)) { $0 + $1.export.size }
        var done: Int64 = 0
        var entries = 0
        for index in units.indices {
            try read(&units[index], all: all, &done, &entries)
        }
        if !areChanges { for table in BaseTable.filled { try makeUnique(table, &units) } }
        for table in BaseTable.filled { try workbench.define("ANALYZE \(table.staged);\n") }
    }

    private func read(_ unit: inout Unit, all: Int64, _ done: inout Int64, _ entries: inout Int) throws {
        let queue = PieceQueue(places: 4)
        defer { queue.abandon() }
        let reading = ReadingThreads(
            export: unit.export, register: unit.register, phones: phones, firstFile: unit.firstFile)
        var left = reading.start(queue, threads: threads)
        var findings = ReadFindings()
        var warnings = FileWarnings()
        var changes =
            unit.export.extent == .changes
            ? ChangeStaging(workbench: workbench, register: unit.register, phones: phones, unit.export) : nil
        while left > 0 {
            switch queue.take() {
            case .rows(let rows, let bytes, let count):
                try rows.load(into: workbench)
                done += bytes
                entries += count
            case .changes(let list, let bytes):
                for (entry, place) in list { try changes?.add(entry, at: place, file: unit.firstFile) }
                done += bytes
                entries += list.count
            case .done(let found, let odd):
                findings.add(found)
                warnings.add(odd)
                left -= 1
            case .failed(let error): throw error
            }
            progress(.reading(bytes: done, of: all, entries: entries))
        }
        if var changes {
            try changes.flush()
            findings.add(changes.reading.findings)
            unit.report.unknownTargets = changes.unknownTargets
        }
        unit.report.note(findings, warnings)
    }

    /// Makes each key stand once: what the files repeat in the same words is dropped, what they contradict is refused.
    private func makeUnique(_ table: BaseTable, _ units: inout [Unit]) throws {
        do {
            try workbench.define(table.stagedIndex)
        } catch let error as StoreError where error.code == .conflict {
            let repeated = try Repeated(table: table, workbench: workbench).dropped()
            for index in units.indices { units[index].report.repeated += repeated[units[index].register] ?? 0 }
            try workbench.define(table.stagedIndex)
        }
    }
}

extension RegisterReport {
    fileprivate mutating func note(_ findings: ReadFindings, _ warnings: FileWarnings) {
        unknownCodes = Dictionary(uniqueKeysWithValues: findings.unknownCodes.map { ($0.key.rawValue, $0.value) })
        refusedNumbers = findings.refusedNumbers
        landlines = findings.landlines
        unreadableBirthDates = findings.unreadableBirthDates
        contradictoryLinks = findings.contradictoryLinks
        self.warnings = warnings.counts
        firstWarnings = warnings.first
    }
}
