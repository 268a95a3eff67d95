public import Clocks
internal import Foundation
public import Phones
internal import School
public import SchoolFiles
internal import Stores
public import StoresSQL

/// Brings exports of the ministries' registers into the pupil base: reads them into temporary tables, finds what is
/// different, and writes that in one transaction, or only tells it.
public struct BaseImport: Sendable {
    /// How an import is done.
    public struct Options: Sendable {
        /// Everything is done, told, and taken back.
        public var isDryRun = false
        /// Whether more may go than ``largestShare``.
        public var mayRemoveMany = false
        /// Percent of the people of one register that one import may take away.
        public var largestShare = 5
        /// So many may go in any case: a village school is small.
        public var smallestShare = 10
        /// How long what a register no longer states still holds.
        public var grace = Duration.days(30)
        /// How long people who left are kept at all.
        public var keepDeparted = Duration.days(180)
        /// How long an import can be undone.
        public var undoable = Duration.days(30)
        /// How numbers are read.
        public var phones = PhoneRules()
        /// Threads that read files.
        public var threads = 2

        /// The defaults.
        public init() {}
    }

    /// Whoever holds it changes the base; "Loge" and a number.
    private static let lock: Int64 = 0x4C6F_6765_0000_0002

    private let engine: any SQLEngine
    private let options: Options

    /// An import into the base on this engine.
    public init(on engine: any SQLEngine, options: Options) {
        self.engine = engine
        self.options = options
    }

    /// Imports the exports, each register's own first ones together, then the next ones: one transaction for each round.
    ///
    /// - Parameter progress: told often, on some thread.
    /// - Returns: one report a round.
    /// - Throws: `FileProblem`, ``ImportRefusal``, `StoreError`: nothing of that round has changed, earlier ones stay.
    public func perform(
        _ exports: [RegisterExport], now: Instant, progress: @escaping @Sendable (ImportProgress) -> Void
    ) async throws -> [ImportReport] {
        var reports: [ImportReport] = []
        for round in Self.rounds(exports) {
            reports.append(
                try await engine.atWorkbench { [self] workbench in try carryOut(round, on: workbench, now, progress) })
            // What follows would be compared with what was not applied.
            if options.isDryRun { break }
        }
        return reports
    }

    /// Exports that are staged and applied side by side: of each register one, and all of one kind.
    public static func rounds(_ exports: [RegisterExport]) -> [[RegisterExport]] {
        var rounds: [[RegisterExport]] = []
        for export in exports {
            let isChanges = export.extent == .changes
            if let last = rounds.last, last.allSatisfy({ $0.register != export.register }),
                last.allSatisfy({ ($0.extent == .changes) == isChanges })
            {
                rounds[rounds.count - 1].append(export)
            } else {
                rounds.append([export])
            }
        }
        return rounds
    }

    private func carryOut(
        _ exports: [RegisterExport], on workbench: any SQLWorkbench, _ now: Instant,
        _ progress: @escaping @Sendable (ImportProgress) -> Void
    ) throws -> ImportReport {
        let before = try BaseState(workbench)
        var names = try RegisterNames(workbench)
        var units: [Staging.Unit] = []
        var newRegisters: Set<Int64> = []
        for export in exports {
            let (number, isNew) = names.number(of: export.register)
            if isNew { newRegisters.insert(number) }
            try before.check(export, register: number)
            units.append(
                Staging.Unit(
                    export: export, register: number,
                    report: RegisterReport(
                        format: export.register.format.rawValue, scope: export.register.scopeText,
                        extent: export.extent.rawValue, date: export.date, files: export.files.map(\.name)),
                    firstFile: units.reduce(0) { $0 + $1.export.files.count }))
        }
        try Staging(workbench: workbench, phones: options.phones, threads: options.threads, progress: progress)
            .perform(&units)
        progress(.comparing)
        var difference = Difference(workbench: workbench, options: options)
        for index in units.indices { try difference.find(&units[index]) }
        let counting = Counting(workbench: workbench)
        for index in units.indices { try counting.perform(&units[index], isFresh: difference.isFresh) }

        progress(.writing)
        do {
            try workbench.begin(lock: Self.lock)
        } catch let error as StoreError where error.code == .unavailable {
            throw ImportRefusal(
                .concurrent, "another import is being written: nothing was changed; import again when it is done")
        }
        do {
            let report = try write(units, before, names, newRegisters, difference.isFresh, workbench, now, progress)
            if options.isDryRun { try workbench.rollback() } else { try workbench.commit() }
            return report
        } catch {
            // What broke off may have ended the transaction already.
            try? workbench.rollback()
            throw error
        }
    }

    private func write(
        _ units: [Staging.Unit], _ before: BaseState, _ names: RegisterNames, _ newRegisters: Set<Int64>,
        _ isFresh: [Int64: Bool], _ workbench: any SQLWorkbench, _ now: Instant,
        _ progress: @escaping @Sendable (ImportProgress) -> Void
    ) throws -> ImportReport {
        let state = try BaseState(workbench)
        guard state.lastImport == before.lastImport, state.undone == before.undone else {
            throw ImportRefusal(
                .concurrent,
                "another import was applied or undone while the files were read: nothing was changed; import them again"
            )
        }
        let number = before.lastImport + 1
        for register in newRegisters.sorted() {
            guard let name = names.byNumber[register] else { continue }
            try workbench.change(
                .addRegister,
                ["id": .number(register), "format": .text(name.format.rawValue), "scope": .text(name.scopeText)])
        }
        let application = Application(workbench: workbench, number: number, at: now)
        try application.perform(units, isFresh: isFresh, isEmptyBase: before.isEmpty)
        try application.removeDeparted(before: now - options.grace - options.keepDeparted)
        try application.forget(before: now - options.undoable)
        progress(.joining)
        let found = try Joining(workbench: workbench, number: number, names: names, now: now)
            .perform(units, isFresh: isFresh)
        var report = ImportReport(
            number: options.isDryRun ? nil : number, isDryRun: options.isDryRun, registers: units.map(\.report))
        report.joined = found.joined
        report.probableDoubles = found.doubles
        try workbench.change(
            .addImport,
            [
                "id": .number(number), "at": .instant(now),
                "report": .text(String(decoding: try JSONEncoder().encode(report), as: UTF8.self)),
            ])
        for unit in units {
            try workbench.change(
                .addExport,
                [
                    "import": .number(number), "register": .number(unit.register),
                    "extent": .text(unit.export.extent.rawValue), "date": .text(unit.export.date ?? ""),
                    "version": .number(Int64(unit.export.files.lazy.compactMap(\.version).first?.number ?? 0)),
                ])
        }
        return report
    }

    /// Takes the last import back.
    ///
    /// - Returns: its number.
    /// - Throws: ``ImportRefusal`` `.nothingToUndo`, `.concurrent`; `StoreError`.
    public func undo(now: Instant) async throws -> Int64 {
        try await engine.atWorkbench { [options] workbench in
            do {
                try workbench.begin(lock: Self.lock)
            } catch let error as StoreError where error.code == .unavailable {
                throw ImportRefusal(.concurrent, "an import is being written: wait until it is done")
            }
            let last = try workbench.row(.lastApplied)
            guard let last, try last.instant("applied_at") >= now - options.undoable, try !last.flag("forgotten") else {
                throw ImportRefusal(
                    .nothingToUndo,
                    last == nil
                        ? "no import was applied: there is nothing to undo"
                        : "the last import is older than what can be undone: import an older export instead")
            }
            let number = try last.number("id")
            for table in BaseTable.filled {
                try workbench.change(table.undoAdded, ["import": .number(number)])
                try workbench.change(table.undoClosed, ["import": .number(number)])
            }
            for table in ["base_joins", "base_doubles"] {
                try workbench.change(
                    SQLStatement("DELETE FROM \(table) WHERE started = :import"), ["import": .number(number)])
                try workbench.change(
                    SQLStatement("UPDATE \(table) SET ended = 0 WHERE ended = :import"), ["import": .number(number)])
            }
            try workbench.change(.markUndone, ["import": .number(number), "at": .instant(now)])
            try workbench.commit()
            return number
        }
    }
}

extension SQLStatement {
    fileprivate static let addImport = SQLStatement(
        """
        INSERT INTO base_imports (id, applied_at, undone_at, followed, forgotten, report)
        VALUES (:id, :at, NULL, 0, 0, :report)
        """)
    fileprivate static let addExport = SQLStatement(
        """
        INSERT INTO base_exports (import, register, extent, export_date, aaf_version)
        VALUES (:import, :register, :extent, :date, :version)
        """)
    fileprivate static let lastApplied = SQLStatement(
        "SELECT id, applied_at, forgotten FROM base_imports WHERE undone_at IS NULL ORDER BY id DESC LIMIT 1")
    fileprivate static let markUndone = SQLStatement(
        "UPDATE base_imports SET undone_at = :at, followed = 0 WHERE id = :import")
}
