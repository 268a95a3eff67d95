import Clocks
import Foundation
import School
import Stores
import StoresSQL
import Testing

@testable import StoresSQLite

/// What operators do with a whole database file.
@Suite("Stores in SQLite: the file in an operator's hands", .timeLimit(.minutes(2)))
struct SQLiteFileTests {
    private func account(_ name: String) -> Account {
        Account(
            id: AccountID("id-" + name), login: Login(canonical: name),
            person: Person(givenName: "A", familyName: "B", profile: .pupil),
            stage: .active(PasswordRecord(hash: "x", changedAt: testStart)), createdAt: testStart)
    }

    private func open(_ path: String) async throws -> SQLiteStores {
        try await SQLiteStores.open(path: path, clock: ManualClock(testStart))
    }

    private func count(_ path: String) async throws -> Int64 {
        try await SQLiteFile.reading(path) { try CarriedTable.counts(in: $0)[0].rows }
    }

    @Test("A copy is of one moment while writes go on, is one file, and only its owner may read it")
    func copy() async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(folder + "/loge.sqlite")
            try await engine.stores.accounts.add((0..<8000).map { (account("before-\($0)"), nil) })
            let target = folder + "/copy.sqlite"
            let steps = try await SQLiteFile.reading(folder + "/loge.sqlite") { file in
                try file.copy(to: target) { done, all in
                    // In the middle of the copy somebody else writes, and is answered.
                    guard done < all else { return }
                    let answered = DispatchSemaphore(value: 0)
                    Task {
                        try await engine.stores.accounts.add([(account("after-\(done)"), nil)])
                        answered.signal()
                    }
                    answered.wait()
                }
            }
            #expect(steps == Migration.all.count)
            #expect(try await count(target) == 8000)
            #expect(try await count(folder + "/loge.sqlite") > 8000, "somebody did write meanwhile")
            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(files.filter { $0.hasPrefix("copy") } == ["copy.sqlite"])
            #expect(try FileManager.default.attributesOfItem(atPath: target)[.posixPermissions] as? Int == 0o600)
            await engine.close()
        }
    }

    @Test("A damaged file, and one of another program, are not copied")
    func damaged() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/loge.sqlite"
            let engine = try await open(path)
            try await engine.stores.accounts.add((0..<2000).map { (account("\($0)"), nil) })
            await engine.close()
            var bytes = Array(try #require(FileManager.default.contents(atPath: path)))
            let sound = bytes
            for place in 40960..<45056 { bytes[place] = 0xA5 }
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            for (name, isSound) in [("a", false), ("b", true)] {
                if isSound { try Data(sound).write(to: URL(fileURLWithPath: path)) }
                let code = await self.code {
                    _ = try await SQLiteFile.reading(path) { try $0.copy(to: folder + "/" + name) { _, _ in } }
                }
                #expect(code == (isSound ? nil : .corrupted))
            }
            try Data("ceci n'est pas une base".utf8).write(to: URL(fileURLWithPath: path))
            #expect(await code { _ = try await SQLiteFile.reading(path) { try $0.plan() } } == .corrupted)
        }
    }

    private func code(_ body: () async throws -> Void) async -> StoreError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? StoreError)?.code ?? .unexpected
        }
    }

    @Test("Many work with a database at once; who replaces it is alone with it")
    func lock() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/loge.sqlite"
            let first = try await open(path)
            let second = try await open(path)
            #expect(await code { _ = try DatabaseLock(path: path, .alone) } == .unavailable)
            await first.close()
            #expect(await code { _ = try DatabaseLock(path: path, .alone) } == .unavailable)
            await second.close()
            let alone = try DatabaseLock(path: path, .alone)
            #expect(await code { _ = try await open(path) } == .unavailable)
            #expect(await code { _ = try DatabaseLock(path: path, .shared) } == .unavailable)
            alone.release()
            let third = try await open(path)
            await third.close()
        }
    }

    @Test("A prepared file has every step of the schema and no side file")
    func prepare() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/loge.sqlite"
            let old = try await SQLiteStores.open(
                path: path, clock: ManualClock(testStart), migrations: Array(Migration.all.prefix(1)))
            await old.close()
            let missing = try await SQLiteFile.reading(path) { try $0.plan() }.missing
            #expect(missing.map(\.number) == Array(2...Migration.all.count))
            let rows = try await SQLiteFile.prepare(path, now: testStart) { try CarriedTable.counts(in: $0)[0].rows }
            #expect(rows == 0)
            #expect(try await SQLiteFile.reading(path) { try $0.plan() }.missing.isEmpty)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(names.sorted() == ["loge.sqlite", "loge.sqlite.lock"])
        }
    }
}
