import Clocks
import Cryptography
import PostgreSQLTesting
import Stores
import StoresSQL
import Testing

@testable import StoresPostgreSQL

extension PostgreSQLTests {
    @Suite("The schema")
    struct Schema {
        private static let first = Migration(
            number: 1, title: "a first step",
            sql: "CREATE TABLE first (\n    id TEXT NOT NULL PRIMARY KEY\n);\nCREATE INDEX first_by_id ON first (id);\n"
        )
        private static let second = Migration(
            number: 2, title: "a second step", sql: "CREATE TABLE second (\n    id BIGINT NOT NULL PRIMARY KEY\n);\n")
        private static let broken = Migration(
            number: 2, title: "a broken step", sql: "CREATE TABLE second (\n    id BIGINT\n);\nSELECT 1 / 0;\n")

        private func steps(_ database: String) async throws -> String {
            try await server().sql(
                "SELECT string_agg(number::text, ',' ORDER BY number) FROM schema_migrations", in: database)
        }

        private func open(_ database: String, _ migrations: [Migration]) async throws {
            try await withStores(settings(server().url(database)), migrations: migrations) { _ in }
        }

        @Test("The real steps apply, and their texts are compared byte by byte")
        func real() async throws {
            let database = try await server().makeDatabase()
            try await open(database, Migration.all)
            #expect(try await steps(database) == Migration.all.map { "\($0.number)" }.joined(separator: ","))
            let others = try await server().sql(
                """
                SELECT table_name, column_name FROM information_schema.columns
                WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'
                """, in: database)
            #expect(others == "")
        }

        @Test("A missing step is applied, once")
        func upgrade() async throws {
            let database = try await server().makeDatabase()
            try await open(database, [Self.first])
            #expect(try await steps(database) == "1")
            for _ in 0..<2 {
                try await open(database, [Self.first, Self.second])
                #expect(try await steps(database) == "1,2")
            }
        }

        @Test("Of nodes that start at once, one applies the steps")
        func together() async throws {
            let database = try await server().makeDatabase()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try await open(database, [Self.first, Self.second]) } }
                try await group.waitForAll()
            }
            #expect(try await steps(database) == "1,2")
        }

        @Test("A step that fails leaves nothing, and the next start goes on from there")
        func failing() async throws {
            let database = try await server().makeDatabase()
            let error = await expect(.unexpected) { try await open(database, [Self.first, Self.broken]) }
            #expect(error?.reason.contains("22012") == true)
            #expect(try await steps(database) == "1")
            try await open(database, [Self.first, Self.second])
            #expect(try await steps(database) == "1,2")
        }

        @Test("A node older than the schema refuses, and so does one whose steps were edited")
        func newerAndEdited() async throws {
            let database = try await server().makeDatabase()
            try await open(database, [Self.first, Self.second])
            let newer = await expect(.newerSchema) { try await open(database, [Self.first]) }
            #expect(newer?.reason.contains("has schema step 2 and this version of Loge knows 1") == true)
            let edited = Migration(number: 2, title: "", sql: Self.second.sql + " ")
            let error = await expect(.corrupted) { try await open(database, [Self.first, edited]) }
            #expect(error?.reason.contains("was edited") == true)
            await expect(.newerSchema) {
                try await PostgreSQLStores.plan(settings(server().url(database)), migrations: [Self.first])
            }
        }

        @Test("What would be applied is told, and nothing is changed")
        func plan() async throws {
            let database = try await server().makeDatabase()
            let settings = try settings(server().url(database))
            let plan = try await PostgreSQLStores.plan(settings, migrations: [Self.first, Self.second])
            #expect(plan.missing.map(\.number) == [1, 2])
            #expect(
                try await server().sql("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'", in: database)
                    == "0")
            try await open(database, [Self.first])
            let rest = try await PostgreSQLStores.plan(settings, migrations: [Self.first, Self.second])
            #expect(rest.missing.map(\.number) == [2])
        }

        @Test(
            "A database of another program is refused and left alone",
            arguments: [
                "CREATE TABLE schema_migrations (version TEXT)", "CREATE TABLE pupils (id INT)",
                "CREATE VIEW v AS SELECT 1",
            ])
        func foreign(_ sql: String) async throws {
            let database = try await server().makeDatabase()
            try await server().sql(sql, in: database)
            let error = await expect(.corrupted) { try await open(database, [Self.first]) }
            #expect(error?.reason.contains("of another program") == true)
            let count = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'public'"
            #expect(try await server().sql(count, in: database) == "1")
        }

        @Test("What an extension brought is not of another program, and another schema is none of our business")
        func extensions() async throws {
            let database = try await server().makeDatabase()
            try await server().sql(
                "CREATE EXTENSION pg_stat_statements; CREATE SCHEMA other; CREATE TABLE other.t (id INT)", in: database)
            try await open(database, [Self.first])
            #expect(try await steps(database) == "1")
        }

        @Test("A database that cannot hold every name is refused")
        func encoding() async throws {
            let options = "ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0"
            let database = try await server().makeDatabase(options)
            let error = await expect(.unexpected) { try await open(database, [Self.first]) }
            #expect(error?.reason.contains("LATIN1") == true)
        }
    }
}
