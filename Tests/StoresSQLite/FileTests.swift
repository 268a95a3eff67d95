import Clocks
import Foundation
import GRDB
import School
import Stores
import StoresSQL
import Synchronization
import Testing

@testable import StoresSQLite

/// What the file itself may be: full, damaged, foreign, of another version.
@Suite("Stores in SQLite: the file", .timeLimit(.minutes(2)))
struct FileTests {
    private func open(
        _ folder: String, migrations: [Migration] = Migration.all, watchInterval: Duration = .milliseconds(20)
    ) async throws -> SQLiteStores {
        try await SQLiteStores.open(
            path: folder + "/loge.sqlite", clock: ManualClock(testStart), watchInterval: watchInterval,
            migrations: migrations)
    }

    private func account(_ name: String) -> Account {
        Account(
            id: AccountID(name), login: Login(canonical: name),
            person: Person(givenName: "A", familyName: "B", profile: .pupil),
            stage: .active(PasswordRecord(hash: "x", changedAt: testStart)), createdAt: testStart)
    }

    @Test("What was answered is there after closing and opening again; only the owner may read the files")
    func reopening() async throws {
        try await withTemporaryFolder { folder in
            let first = try await open(folder)
            try await first.stores.accounts.add([(account("a"), nil)])
            for name in ["loge.sqlite", "loge.sqlite-wal", "loge.sqlite-shm"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)
                #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
            }
            await first.close()
            let second = try await open(folder)
            #expect(try await second.stores.accounts.account(id: AccountID("a")) == account("a"))
            await second.close()
        }
    }

    @Test("The writer syncs fully, keeps foreign keys and a write-ahead log")
    func pragmas() async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(folder)
            let values = try await engine.writes.write { db in
                Written(
                    try ["synchronous", "foreign_keys", "trusted_schema"].map {
                        try Int.fetchOne(db, sql: "PRAGMA \($0)")
                    })
            }
            #expect(values == [2, 1, 0])
            let mode = try await engine.writes.write { db in
                Written(try String.fetchOne(db, sql: "PRAGMA journal_mode"))
            }
            #expect(mode == "wal")
            await engine.close()
        }
    }

    @Test("Once closed, reads and writes are refused as unavailable and feeds end")
    func closed() async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(folder)
            let feed = engine.stores.changes()
            await engine.close()
            await #expect(throws: StoreError(.unavailable, "")) {
                try await engine.stores.accounts.add([(account("a"), nil)])
            }
            await #expect(throws: StoreError(.unavailable, "")) {
                try await engine.stores.accounts.account(id: AccountID("a"))
            }
            for await change in feed { Issue.record("\(change) after the end") }
            for await change in engine.stores.changes() { Issue.record("\(change) in a feed of a closed engine") }
        }
    }

    @Test("Closing carries out every write that waits")
    func closingDrains() async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(folder)
            let gate = DispatchSemaphore(value: 0)
            let holder = Task {
                try await engine.writes.write { _ in
                    gate.wait()
                    return Written(())
                }
            }
            let writers = (0..<700).map { index in
                Task { try await engine.stores.accounts.add([(account("a-\(index)"), nil)]) }
            }
            while engine.writes.statistics.operations < 701 { await Task.yield() }
            let closing = Task { await engine.close() }
            gate.signal()
            try await holder.value
            for writer in writers { try await writer.value }
            await closing.value
            let again = try await open(folder)
            let stored = try await again.stores.accounts.accounts(after: nil, limit: 1000, school: nil, query: nil)
            #expect(stored.count == 700)
            await again.close()
        }
    }

    @Test("Parallel writes share transactions, and a refused one undoes only itself")
    func groupCommit() async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(folder)
            let before = engine.writes.statistics
            let results = await withTaskGroup(of: (Int, Bool).self) { group in
                for index in 0..<200 {
                    group.addTask {
                        // Every tenth takes the login of its neighbour, or has it taken.
                        let name = index.isMultiple(of: 10) ? "name-\(index + 1)" : "name-\(index)"
                        var account = account(name)
                        account = Account(
                            id: AccountID("id-\(index)"), login: account.login, person: account.person,
                            stage: account.stage, createdAt: testStart)
                        do {
                            try await engine.stores.accounts.add([(account, nil)])
                            return (index, true)
                        } catch {
                            return (index, false)
                        }
                    }
                }
                return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            #expect(results.values.filter { $0 }.count == 180)
            for (index, added) in results {
                let stored = try await engine.stores.accounts.account(id: AccountID("id-\(index)"))
                #expect((stored != nil) == added)
            }
            let after = engine.writes.statistics
            #expect(after.operations - before.operations == 200)
            #expect(after.transactions - before.transactions < 100)
            await engine.close()
        }
    }

    @Test("A full disk is told as such, loses nothing that was answered, and is over when there is room again")
    func fullDisk() async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(folder)
            try await engine.stores.accounts.add([(account("before"), nil)])
            try await engine.writes.write { db in
                let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
                try db.execute(sql: "PRAGMA max_page_count = \(pages + 2)")
                return Written(())
            }
            var refused: StoreError?
            var added: [String] = []
            for index in 0..<2000 where refused == nil {
                do {
                    try await engine.stores.accounts.add([(account("during-\(index)"), nil)])
                    added.append("during-\(index)")
                } catch let error as StoreError {
                    refused = error
                }
            }
            #expect(refused?.code == .cannotWrite)
            await #expect(throws: StoreError(.cannotWrite, "")) {
                let big = OutboxMessage(
                    id: "big", kind: .mail, recipient: "a@b.fr", subject: nil,
                    body: String(repeating: "x", count: 100_000), expiresAt: testStart)
                try await engine.stores.outbox.enqueue(big, now: testStart)
            }
            for name in ["before"] + added {
                #expect(try await engine.stores.accounts.account(id: AccountID(name)) != nil)
            }
            try await engine.writes.write { db in
                try db.execute(sql: "PRAGMA max_page_count = 1073741823")
                return Written(())
            }
            try await engine.stores.accounts.add([(account("after"), nil)])
            #expect(try await engine.stores.accounts.account(id: AccountID("after")) != nil)
            await engine.close()
        }
    }

    @Test("A write that loses the transaction takes those that share it with it, and they are told")
    func lostTransaction() async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(folder)
            let results = try await sharingOneTransaction(
                engine,
                [
                    { try await engine.stores.accounts.add([(account("first"), nil)]) },
                    {
                        try await engine.writes.write { db in
                            try db.execute(sql: "ROLLBACK")
                            throw StoreError(.cannotWrite, "as a full disk does")
                        }
                    },
                    { try await engine.stores.accounts.add([(account("last"), nil)]) },
                ])
            #expect(results == [.cannotWrite, .cannotWrite, .cannotWrite])
            #expect(try await engine.stores.accounts.account(id: AccountID("first")) == nil)
            try await engine.stores.accounts.add([(account("first"), nil)])
            await engine.close()
        }
    }

    @Test("A failing COMMIT fails every write that shares it")
    func failingCommit() async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(folder)
            let results = try await sharingOneTransaction(
                engine,
                [
                    { try await engine.stores.accounts.add([(account("innocent"), nil)]) },
                    {
                        // A foreign key that is looked at only by COMMIT, and is broken.
                        try await engine.writes.write { db in
                            try db.execute(
                                sql: """
                                    PRAGMA defer_foreign_keys = ON;
                                    INSERT INTO code_redemptions (code, client, session, redeemed_at, remembered_until)
                                    VALUES ('c', 'x', 'none', 0, 0)
                                    """)
                            return Written((), [.everything])
                        }
                    },
                ])
            #expect(results == [.unexpected, .unexpected])
            #expect(try await engine.stores.accounts.account(id: AccountID("innocent")) == nil)
            try await engine.stores.accounts.add([(account("innocent"), nil)])
            await engine.close()
        }
    }

    /// Holds the queue while the writes gather, in this order, so that one transaction carries them all.
    private func sharingOneTransaction(
        _ engine: SQLiteStores, _ writes: [@Sendable () async throws -> Void]
    ) async throws -> [StoreError.Code?] {
        let gate = DispatchSemaphore(value: 0)
        let started = Mutex(false)
        let before = engine.writes.statistics
        let holder = Task {
            try await engine.writes.write { _ in
                started.withLock { $0 = true }
                gate.wait()
                return Written(())
            }
        }
        while !started.withLock({ $0 }) { await Task.yield() }
        var tasks: [Task<StoreError.Code?, any Error>] = []
        for write in writes {
            let waiting = engine.writes.statistics.operations
            tasks.append(
                Task {
                    do {
                        try await write()
                        return nil
                    } catch let error as StoreError {
                        return error.code
                    }
                })
            while engine.writes.statistics.operations == waiting { await Task.yield() }
        }
        gate.signal()
        try await holder.value
        var results: [StoreError.Code?] = []
        for task in tasks { results.append(try await task.value) }
        #expect(engine.writes.statistics.transactions - before.transactions == 2)
        return results
    }

    @Test("A file that is no database, or is damaged, is told as such")
    func corrupted() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/loge.sqlite"
            try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: path))
            await #expect(throws: StoreError(.corrupted, "")) { try await open(folder) }
        }
        try await withTemporaryFolder { folder in
            let engine = try await open(folder)
            for index in 0..<200 { try await engine.stores.accounts.add([(account("a-\(index)"), nil)]) }
            await engine.close()
            // Every page but the first (header and schema) is overwritten.
            let url = URL(fileURLWithPath: folder + "/loge.sqlite")
            var bytes = try Data(contentsOf: url)
            bytes.replaceSubrange(4096..., with: Data(repeating: 0xFF, count: bytes.count - 4096))
            try bytes.write(to: url)
            await #expect(throws: StoreError(.corrupted, "")) {
                let damaged = try await open(folder)
                _ = try await damaged.stores.accounts.accounts(after: nil, limit: 500, school: nil, query: nil)
            }
        }
    }

    @Test("A row that Loge never writes is told by column and key, never by value")
    func foreignRow() async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(folder)
            try await engine.stores.accounts.add([(account("a"), nil)])
            try await engine.writes.write { db in
                try db.execute(sql: "UPDATE accounts SET profile = 'SECRET-VALUE'")
                return Written(())
            }
            do {
                _ = try await engine.stores.accounts.account(id: AccountID("a"))
                Issue.record("the row was taken")
            } catch let error as StoreError {
                #expect(error.code == .corrupted)
                #expect(error.reason.contains("profile of the row id = a"))
                #expect(!error.reason.contains("SECRET-VALUE"))
            }
            await engine.close()
        }
    }

    @Test(
        "The schema holds the invariants by itself",
        arguments: [
            "UPDATE accounts SET stage = 'awaiting'",
            "UPDATE accounts SET password_hash = NULL",
            "UPDATE accounts SET locked_at = 1",
            "UPDATE accounts SET mail_verified = 1",
            "UPDATE accounts SET revision = 'text'",
            "UPDATE accounts SET id = ''",
            "INSERT INTO sessions SELECT 's', 'nobody', 1, 1, 1, '', '', '', 1, '', NULL",
            "INSERT INTO attempts VALUES (x'00', 1, 1, 1)",
            "INSERT INTO mailed_links VALUES ('a', 'other', zeroblob(32), '', 1)",
            "INSERT INTO outbox (id, kind, state, recipient, created_at, due_at, expires_at) VALUES ('m', 'mail', 'waiting', '', 1, 1, 1)",
        ])
    func invariants(_ sql: String) async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(folder)
            try await engine.stores.accounts.add([(account("a"), nil)])
            await #expect(throws: StoreError(.unexpected, "")) {
                try await engine.writes.write { db in
                    try db.execute(sql: sql)
                    return Written(())
                }
            }
            await engine.close()
        }
    }

    @Test("A folder that is not there, and a file that cannot be written, are told plainly")
    func cannotOpen() async throws {
        await #expect(throws: StoreError(.unavailable, "")) {
            try await SQLiteStores.open(path: "/nonexistent/loge.sqlite", clock: ManualClock(testStart))
        }
    }
}
