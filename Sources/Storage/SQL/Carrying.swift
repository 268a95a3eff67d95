public import Stores

/// Carries a whole installation into a database that is empty: every table of another database, and what that one held
/// beside itself, in one transaction.
public struct Carrying: Sendable {
    /// How it ended.
    public enum Outcome: Sendable, Equatable {
        /// Everything is there: the rows of each table.
        case carried([TableCount])
        /// There was something already, and nothing was changed: the tables that hold rows.
        case occupied([TableCount])
    }

    private static let rowsPerPage = 512
    /// Values of one statement: far below what either engine takes. Few, since PostgreSQL prepares it once more whenever
    /// others of them are NULL than ever before.
    private static let valuesPerStatement = 256

    private let source: any SQLSession & Sendable
    private let keys: StoredKeys?
    private let relyingParties: [RelyingPartyFile]

    /// What is to be carried.
    ///
    /// - Parameters:
    ///   - source: the other database, which nobody changes meanwhile.
    ///   - keys: the keys that lay beside it, still encrypted.
    ///   - relyingParties: the files that lay beside it, without a secret in them.
    public init(from source: any SQLSession & Sendable, keys: StoredKeys?, relyingParties: [RelyingPartyFile]) {
        self.source = source
        self.keys = keys
        self.relyingParties = relyingParties
    }

    /// Carries everything, or nothing.
    ///
    /// - Parameter progress: told the table, the rows of it that are there, and all; from the beginning again when the
    ///   transaction has to be tried again.
    /// - Throws: ``StoreError``.
    public func perform(
        on engine: any SQLEngine, progress: @escaping @Sendable (_ table: String, _ done: Int64, _ all: Int64) -> Void
    ) async throws -> Outcome {
        try await engine.write { [self] target in
            let present = try CarriedTable.counts(in: target).filter { $0.rows > 0 }
            guard present.isEmpty else { return Written(.occupied(present)) }
            var expected = try CarriedTable.counts(in: source)
            for table in CarriedTable.all { try carry(table, to: target, progress) }
            try check(target, expected)
            if let keys {
                guard try target.makeKeyring(keys.manifest, files: keys.files) else {
                    throw StoreError(.conflict, "the other database holds keys of its own")
                }
            }
            for file in relyingParties { try target.putParty(file.name, file.content, now: file.changedAt) }
            expected = try CarriedTable.counts(in: target)
            return Written(.carried(expected), [.everything])
        }
    }

    private func carry(
        _ table: CarriedTable, to target: any SQLSession, _ progress: (String, Int64, Int64) -> Void
    ) throws {
        let all = try table.count(in: source)
        let pages = table.pages(of: Self.rowsPerPage)
        var insertions: [Int: SQLStatement] = [:]
        var done: Int64 = 0
        var page = try source.rows(pages.first)
        while let last = page.last {
            let columns = last.columns.names
            let most = max(1, Self.valuesPerStatement / columns.count)
            var rest = page[...]
            while !rest.isEmpty {
                let rows = rest.prefix(most)
                rest = rest.dropFirst(most)
                let statement = try insertions[rows.count] ?? table.insertion(of: rows.count, columns: columns)
                insertions[rows.count] = statement
                _ = try target.change(statement, ordered: rows.flatMap(\.values))
            }
            done += Int64(page.count)
            progress(table.name, done, all)
            let key = try table.key.map { try last.any($0) }
            page = try source.rows(pages.next, ordered: key)
        }
    }

    /// Both sides hold the same number of rows, or nothing is committed.
    private func check(_ target: any SQLSession, _ expected: [TableCount]) throws {
        for (there, here) in zip(try CarriedTable.counts(in: target), expected) where there != here {
            throw StoreError(
                .unexpected, "\(there.rows) rows of \(there.table) arrived and \(here.rows) were there to be carried")
        }
    }
}
