internal import Cryptography

/// One step of the schema. Steps are numbered from 1, appended only, and never edited once released: the database keeps
/// the checksum of each step that made it.
public struct Migration: Sendable {
    /// Its place in the list, from 1.
    public let number: Int
    /// What it brings, in a few words.
    public let title: String
    /// The SQL that both engines run, in the words of PostgreSQL: `TEXT`, `BIGINT`, `BYTEA`, and nothing that only one of
    /// them knows. Statements end with `;` at the end of a line.
    public let sql: String

    /// A step.
    public init(number: Int, title: String, sql: String) {
        self.number = number
        self.title = title
        self.sql = sql
    }

    /// The SHA-256 of the text, in hexadecimal.
    public var checksum: String {
        SHA256.hash(sql).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// The text in SQLite's words: its two types, and STRICT tables so that they are enforced.
    public var sqlite: String {
        sql.replacing("BIGINT", with: "INTEGER").replacing("BYTEA", with: "BLOB").replacing("\n);", with: "\n) STRICT;")
    }

    /// The text in PostgreSQL's words: texts are compared byte by byte, as SQLite does, whatever the database's locale.
    public var postgresql: String { sql.replacing(" TEXT", with: " TEXT COLLATE \"C\"") }

    /// Every step, in order.
    public static let all: [Migration] = [
        .foundations, .manyNodes, .singleUses, .refreshing, .logoutNotices, .keySetReaders, .pupilBase,
    ]
}
