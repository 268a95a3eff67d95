import PostgreSQLTesting
import Stores
import StoresSQL
import Testing

@testable import StoresPostgreSQL

extension PostgreSQLTests {
    @Suite("Statements")
    struct Statements {
        @Test("Texts, numbers, bytes and NULL come back as they went")
        func roundTrip() async throws {
            try await withStores { stores in
                try await Things.make(stores)
                let values: [[SQLValue]] = [
                    [.text(""), .number(0), .bytes([])],
                    [.text("é 𝒳 \u{1F469}\u{200D}\u{1F4BB} '\"\\$1"), .number(.max), .bytes(Array(0...255))],
                    [.text("long" + String(repeating: "x", count: 100_000)), .number(1 << 32), .null],
                    [.text("z"), .null, .bytes([UInt8](repeating: 0, count: 70_000))],
                ]
                for row in values {
                    let changed = try await stores.engine.writeOne { try $0.change(Things.insert, ordered: row) }
                    #expect(changed == 1)
                }
                let rows = try await stores.engine.read { try $0.rows(Things.all) }
                #expect(Set(rows.map(\.values)) == Set(values))
                #expect(rows.first?.columns.names == ["name", "amount", "data"])
            }
        }

        @Test("Every whole number type and truth are numbers, negative ones too")
        func numbers() async throws {
            let statement = SQLStatement(
                """
                SELECT CAST(-2 AS SMALLINT) AS a, CAST(-3 AS INTEGER) AS b, -9223372036854775807 - 1 AS c, true AS d,
                    false AS e, CAST('n' AS NAME) AS f, CAST('v' AS VARCHAR) AS g
                """)
            try await withStores { stores in
                let row = try await stores.engine.read { try $0.row(statement) }
                #expect(
                    row?.values == [
                        .number(-2), .number(-3), .number(.min), .number(1), .number(0), .text("n"), .text("v"),
                    ])
            }
        }

        @Test("Another type is refused by name, not guessed at")
        func otherTypes() async throws {
            try await withStores { stores in
                let sum = SQLStatement("SELECT CAST(1.5 AS NUMERIC) AS amount")
                let error = await expect(.unexpected) { try await stores.engine.read { try $0.rows(sum) } }
                #expect(error?.reason.contains("amount has the type 1700") == true)
            }
        }

        @Test("A text that PostgreSQL cannot hold is refused before it is sent, and spoils nothing")
        func zeroByte() async throws {
            try await withStores { stores in
                try await Things.make(stores)
                let error = await expect(.unexpected) {
                    try await stores.engine.writeOne { try Things.add("a\0b", $0) }
                }
                #expect(error?.reason.contains("U+0000") == true)
                _ = try await stores.engine.writeOne { try Things.add("ab", $0) }
            }
        }

        @Test("A statement is prepared once a connection, whether its arguments are NULL or not")
        func preparedOnce() async throws {
            try await withStores(connections: 1) { stores in
                try await Things.make(stores)
                let names = SQLStatement("SELECT statement AS text FROM pg_prepared_statements")
                for turn in 0..<4 {
                    try await stores.engine.write { session in
                        try session.change(
                            Things.insert,
                            [
                                "name": .text("t\(turn)"), "amount": .number(1),
                                "data": turn.isMultiple(of: 2) ? .bytes([1]) : .null,
                            ])
                        return Written(())
                    }
                }
                let texts = try await stores.engine.read { try $0.rows(names).map { try $0.text("text") } }
                #expect(texts.filter { $0.hasPrefix("INSERT") }.count == 1)
            }
        }

        @Test("An argument that was NULL at first has its type once another call tells it")
        func typesAreLearnt() async throws {
            try await withStores(connections: 1) { stores in
                try await Things.make(stores)
                let arguments: [[SQLValue]] = [
                    [.text("a"), .null, .null], [.text("b"), .number(1), .null], [.text("c"), .null, .bytes([1])],
                    [.text("d"), .number(2), .bytes([2])], [.text("e"), .null, .null],
                ]
                for row in arguments {
                    _ = try await stores.engine.writeOne { try $0.change(Things.insert, ordered: row) }
                }
                let rows = try await stores.engine.read { try $0.rows(Things.all) }
                #expect(rows.map(\.values) == arguments)
                let count = SQLStatement(
                    "SELECT COUNT(*) AS count FROM pg_prepared_statements WHERE statement LIKE 'INSERT%'")
                // Untyped, (number), (number, bytes): every other call found one of them.
                #expect(try await stores.engine.read { try $0.row(count)?.number("count") } == 3)
            }
        }

        @Test("More statements than a connection keeps are carried out all the same")
        func manyStatements() async throws {
            try await withStores(connections: 1) { stores in
                try await stores.engine.write { session in
                    for number in 0..<600 {
                        let statement = SQLStatement("SELECT \(number) AS number")
                        for _ in 0..<2 {
                            guard try session.row(statement)?.number("number") == Int64(number) else {
                                throw StoreError(.corrupted, "\(number)")
                            }
                        }
                    }
                    return Written(())
                }
            }
        }

        @Test("A schema that changes under a prepared statement is noticed, and the statement prepared anew")
        func changedSchema() async throws {
            try await withStores(connections: 1) { stores in
                try await Things.make(stores)
                let star = SQLStatement("SELECT * FROM things")
                #expect(try await stores.engine.read { try $0.rows(star) }.isEmpty)
                let alter = SQLStatement("ALTER TABLE things ADD COLUMN more TEXT")
                _ = try await stores.engine.writeOne { try $0.change(alter) }
                _ = try await stores.engine.writeOne { try Things.add("a", $0) }
                let names = try await stores.engine.read { try $0.row(star)?.columns.names }
                #expect(names == ["name", "amount", "data", "more"])
            }
        }

        @Test("What is counted: reads, writes, commits, waits")
        func statistics() async throws {
            try await withStores(connections: 1) { stores in
                try await Things.make(stores)
                let before = stores.stores.statistics()
                _ = try await stores.engine.read { try $0.rows(Things.all) }
                try await stores.engine.write { session in
                    try Things.add("a", session)
                    try Things.add("b", session)
                    _ = try session.rows(Things.all)
                    return Written((), [.keys])
                }
                let after = stores.stores.statistics()
                #expect(after.reads - before.reads == 2)
                #expect(after.writes - before.writes == 2)
                #expect(after.commits - before.commits == 1)
                #expect(after.connections == 1)
                #expect(after.waits.reduce(0, +) - before.waits.reduce(0, +) == 2)
            }
        }
    }
}
