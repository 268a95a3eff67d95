import Clocks
import Foundation
import GRDB
import Stores
import StoresSQL
import Testing

@testable import StoresSQLite

@Suite("Stores in SQLite: the schema", .timeLimit(.minutes(2)))
struct SchemaTests {
    private static let further = Migration(
        number: Migration.all.count + 1, title: "a further step",
        sql: "CREATE TABLE further (\n    id BIGINT NOT NULL PRIMARY KEY\n);\n")
    private static let present = Array(1...Migration.all.count)

    private func open(_ folder: String, _ migrations: [Migration] = Migration.all) async throws -> SQLiteStores {
        try await SQLiteStores.open(
            path: folder + "/loge.sqlite", clock: ManualClock(testStart), migrations: migrations)
    }

    private func steps(_ engine: SQLiteStores) async throws -> [Int] {
        try await engine.writes.write { db in
            Written(try Int.fetchAll(db, sql: "SELECT number FROM schema_migrations ORDER BY number"))
        }
    }

    @Test("Steps are numbered from 1 without a gap, and keep the checksums they were released with")
    func list() {
        #expect(Migration.all.map(\.number) == Array(1...Migration.all.count))
        // A failure here means that a released step was edited: append a new one instead.
        let released: [String] = [
            "1ca1b435a4b556a9de57645ede8923d64a50919b08e32d4ff160230e47ef9f71",
            "06ca555c7ad4a11e24824b6d34b3e52109c73f54e201bb7d512cb383d28a79d3",
            "ba520aa8f12e211a9814eac0ca00bc7abd70c36ce0dcf998ff0aad29431a9a76",
            "3b9266d556fc5f67b3b9b4254b873146e285e844e5b57bcc9df56886fe4b4ed8",
            "020eeed1dde8bccfda7e89cf7d044956cc5d2b243d22001b5f3fb287bd8083a7",
            "bae9e137ab4a5e64acba8deb54379bd2539e23a9a46a4a14d1d94926aba04e8f",
            "83e7c592ac58bc96425973b517f9da66ff1dd538a98b04c04004f8782b9aea9b",
        ]
        #expect(Migration.all.prefix(released.count).map(\.checksum) == released)
    }

    @Test("A schema that is up to date is opened while another process writes")
    func opensBesideWriter() async throws {
        try await withTemporaryFolder { folder in
            let first = try await open(folder)
            var configuration = Configuration()
            configuration.allowsUnsafeTransactions = true
            let writer = try DatabaseQueue(path: folder + "/loge.sqlite", configuration: configuration)
            try await writer.writeWithoutTransaction { db in try db.execute(sql: "BEGIN IMMEDIATE") }
            let opened = try await SQLiteStores.open(
                path: folder + "/loge.sqlite", clock: ManualClock(testStart), busyTimeout: .milliseconds(20))
            #expect(try await opened.stores.relyingParties.files().isEmpty)
            await opened.close()
            try await writer.writeWithoutTransaction { db in try db.execute(sql: "ROLLBACK") }
            await first.close()
        }
    }

    @Test("Every table is STRICT")
    func strict() async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(folder)
            let loose = try await engine.writes.write { db in
                Written(
                    try String.fetchAll(
                        db,
                        sql: "SELECT name FROM pragma_table_list WHERE schema = 'main' "
                            + "AND name NOT LIKE 'sqlite_%' AND NOT strict"))
            }
            #expect(loose == [])
            await engine.close()
        }
    }

    @Test("A missing step is applied, once, and what was there stays")
    func upgrade() async throws {
        try await withTemporaryFolder { folder in
            let old = try await open(folder)
            _ = try await old.stores.attempts.reserve(
                SecretHash(of: "k"),
                policy: AttemptPolicy(free: 1, firstPause: .seconds(1), longestPause: .seconds(1), daily: 9),
                now: testStart)
            await old.close()
            for _ in 0..<2 {
                let new = try await open(folder, Migration.all + [Self.further])
                #expect(try await steps(new) == Self.present + [Self.further.number])
                let kept = try await new.writes.write { db in
                    Written(try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM attempts"))
                }
                #expect(kept == 1)
                await new.close()
            }
        }
    }

    @Test("Step 2 keeps the used codes and who took part")
    func participants() async throws {
        try await withTemporaryFolder { folder in
            let old = try await open(folder, Array(Migration.all.prefix(1)))
            try await old.writes.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO accounts (id, login, given_name, family_name, profile, stage, password_hash,
                            password_changed_at, created_at, revision, search)
                        VALUES ('a', 'a', 'A', 'B', 'National_ELV', 'active', 'x', 1, 1, 1, '');
                        INSERT INTO sessions VALUES ('s', 'a', 1, 1, 1, '', '', '', \(Int64.max), '', NULL);
                        INSERT INTO session_participants VALUES ('s', 'ent', 5, 1), ('s', 'pronote', 7, 2);
                        INSERT INTO code_redemptions VALUES
                            ('used', 'ent', 's', 5, \(Int64.max), NULL), ('orphan', 'ent', 'gone', 5, 9, NULL);
                        """)
                return Written(())
            }
            await old.close()
            let new = try await open(folder)
            let participants = try await new.stores.sessions.participants(of: SessionID("s"))
            #expect(participants.map(\.client) == ["ent", "pronote"])
            #expect(participants.map(\.since.millisecondsSinceEpoch) == [5, 7])
            let used = CodeRedemption(
                code: "used", client: "ent", session: SessionID("s"), rememberedUntil: testStart)
            #expect(try await new.stores.codes.redeem(used, now: testStart) == .replayed)
            await new.close()
        }
    }

    @Test("Two processes that start at once apply each step once")
    func together() async throws {
        try await withTemporaryFolder { folder in
            let engines = try await withThrowingTaskGroup(of: SQLiteStores.self) { group in
                for _ in 0..<6 { group.addTask { try await open(folder, Migration.all + [Self.further]) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for engine in engines {
                #expect(try await steps(engine) == Self.present + [Self.further.number])
                await engine.close()
            }
        }
    }

    @Test("A schema of a newer version is refused in one sentence, and is not touched")
    func newer() async throws {
        try await withTemporaryFolder { folder in
            await (try open(folder, Migration.all + [Self.further])).close()
            await refusal(.newerSchema, saying: "newer") { try await open(folder) }
            let again = try await open(folder, Migration.all + [Self.further])
            #expect(try await steps(again) == Self.present + [Self.further.number])
            await again.close()
        }
    }

    @Test("A released step that was edited is refused in one sentence")
    func edited() async throws {
        try await withTemporaryFolder { folder in
            await (try open(folder)).close()
            let original = try #require(Migration.all.first)
            let edited = Migration(number: 1, title: original.title, sql: original.sql + "-- one more word\n")
            await refusal(.corrupted, saying: "edited") { try await open(folder, [edited]) }
            await (try open(folder)).close()
        }
    }

    @Test("A step that fails leaves the schema as it was")
    func failing() async throws {
        try await withTemporaryFolder { folder in
            let broken = Migration(
                number: Migration.all.count + 1, title: "broken",
                sql: "CREATE TABLE half (\n    id BIGINT NOT NULL\n);\nCREATE TABLE half (id);\n")
            await refusal(.unexpected, saying: "half") { try await open(folder, Migration.all + [broken]) }
            let engine = try await open(folder)
            #expect(try await steps(engine) == Self.present)
            await engine.close()
        }
    }

    @Test("The database of another program is refused and not touched")
    func foreign() async throws {
        try await withTemporaryFolder { folder in
            let queue = try DatabaseQueue(path: folder + "/loge.sqlite")
            try await queue.write { db in try db.execute(sql: "CREATE TABLE bookmarks (id INTEGER PRIMARY KEY)") }
            try queue.close()
            await refusal(.corrupted, saying: "another program") { try await open(folder) }
            let tables = try await DatabaseQueue(path: folder + "/loge.sqlite").read { db in
                try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'")
            }
            #expect(tables == ["bookmarks"])
        }
    }

    private func refusal(
        _ code: StoreError.Code, saying words: String, _ body: () async throws -> SQLiteStores
    ) async {
        do {
            await (try await body()).close()
            Issue.record("nothing was refused")
        } catch let error as StoreError {
            #expect(error.code == code, "\(error)")
            #expect(error.reason.contains(words), "\(error)")
            #expect(!error.reason.contains("\n"))
        } catch {
            Issue.record(error)
        }
    }
}
