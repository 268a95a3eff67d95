import Clocks
import Foundation
import School
import Stores
import StoresSQL
import Testing

@testable import StoresSQLite

/// Two processes on one file.
@Suite("Stores in SQLite: other processes", .timeLimit(.minutes(2)))
struct ForeignWriteTests {
    private func open(_ folder: String) async throws -> SQLiteStores {
        try await SQLiteStores.open(
            path: folder + "/loge.sqlite", clock: ManualClock(testStart), watchInterval: .milliseconds(20))
    }

    private func account(_ name: String) -> Account {
        Account(
            id: AccountID(name), login: Login(canonical: name),
            person: Person(givenName: "A", familyName: "B", profile: .pupil),
            stage: .active(PasswordRecord(hash: "x", changedAt: testStart)), createdAt: testStart)
    }

    /// Runs a Python program with the file as its argument; `nil` where there is no Python with SQLite.
    static func python(_ program: String, _ file: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", program, file]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    static let hasPython = FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")

    @Test("Our own writes are told exactly and never as somebody else's")
    func own() async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(folder)
            let feed = engine.stores.changes()
            for index in 0..<40 {
                try await engine.stores.accounts.add([(account("a-\(index)"), nil)])
                // Reads on the pool's other connections and several looks of the watch come in between.
                _ = try await engine.stores.accounts.account(id: AccountID("a-\(index)"))
                try await Task.sleep(for: .milliseconds(5))
            }
            try await Task.sleep(for: .milliseconds(100))
            await engine.close()
            var seen: [StoreChange] = []
            for await change in feed { seen.append(change) }
            #expect(seen == (0..<40).map { .account(AccountID("a-\($0)")) })
        }
    }

    @Test("A write of another process is noticed, and its rows are read", .enabled(if: hasPython))
    func foreign() async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(folder)
            try await engine.stores.accounts.add([(account("a"), nil)])
            let feed = engine.stores.changes()
            let program = """
                import sqlite3, sys
                db = sqlite3.connect(sys.argv[1], timeout=10)
                db.execute("UPDATE accounts SET mobile = '0612345678', revision = revision + 1 WHERE id = 'a'")
                db.commit()
                print(db.total_changes)
                """
            #expect(try Self.python(program, folder + "/loge.sqlite") == "1")
            var iterator = feed.makeAsyncIterator()
            #expect(await iterator.next() == .everything)
            #expect(try await engine.stores.accounts.account(id: AccountID("a"))?.mobile == "0612345678")
            await engine.close()
        }
    }

    @Test("A probe is not a change: nobody's copies are dropped for it")
    func probe() async throws {
        try await withTemporaryFolder { folder in
            let one = try await open(folder)
            let other = try await open(folder)
            let feed = other.stores.changes()
            for _ in 0..<5 {
                try await one.stores.maintenance.probe()
                try await Task.sleep(for: .milliseconds(30))
            }
            // Control: a real write is told, as the first and only news.
            try await one.stores.accounts.add([(account("a"), nil)])
            var iterator = feed.makeAsyncIterator()
            #expect(await iterator.next() == .everything)
            await other.close()
            #expect(await iterator.next() == nil)
            await one.close()
        }
    }

    @Test(
        "While another process holds the file, writes wait, then are refused as unavailable; reads go on",
        .enabled(if: hasPython))
    func held() async throws {
        try await withTemporaryFolder { folder in
            let engine = try await SQLiteStores.open(
                path: folder + "/loge.sqlite", clock: ManualClock(testStart), busyTimeout: .milliseconds(50))
            try await engine.stores.accounts.add([(account("a"), nil)])
            let holder = Process()
            holder.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
            holder.arguments = [
                "-c",
                """
                import sqlite3, sys
                db = sqlite3.connect(sys.argv[1], isolation_level=None)
                db.execute("BEGIN IMMEDIATE")
                print("held", flush=True)
                sys.stdin.read()
                """, folder + "/loge.sqlite",
            ]
            let input = Pipe()
            let output = Pipe()
            holder.standardInput = input
            holder.standardOutput = output
            try holder.run()
            _ = output.fileHandleForReading.availableData
            await #expect(throws: StoreError(.unavailable, "")) {
                try await engine.stores.accounts.add([(account("b"), nil)])
            }
            #expect(try await engine.stores.accounts.account(id: AccountID("a")) != nil)
            try input.fileHandleForWriting.close()
            holder.waitUntilExit()
            try await engine.stores.accounts.add([(account("b"), nil)])
            await engine.close()
        }
    }

    @Test("A listener that falls behind is told everything once it has room")
    func slowListener() async throws {
        let feed = ChangeFeed(capacity: 2)
        var slow = feed.listen().makeAsyncIterator()
        for index in 0..<5 { feed.publish([.session(SessionID("\(index)"))]) }
        #expect(await slow.next() == .session(SessionID("0")))
        #expect(await slow.next() == .session(SessionID("1")))
        feed.catchUp()
        #expect(await slow.next() == .everything)
        feed.publish([.session(SessionID("6"))])
        #expect(await slow.next() == .session(SessionID("6")))
        feed.finish()
        #expect(await slow.next() == nil)
    }
}
