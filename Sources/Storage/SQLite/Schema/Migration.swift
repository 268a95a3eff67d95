internal import Cryptography

/// One step of the schema. Steps are numbered from 1, appended only, and never edited once released: the database keeps
/// the checksum of each step that made it.
struct Migration: Sendable {
    /// Its place in the list, from 1.
    let number: Int
    /// What it brings, in a few words.
    let title: String
    /// The SQL that both engines run, in the words of PostgreSQL: `TEXT`, `BIGINT`, `BYTEA`, and nothing that only one of
    /// them knows. Statements end with `;` at the end of a line.
    let sql: String

    /// The SHA-256 of the text, in hexadecimal.
    var checksum: String {
        SHA256.hash(sql).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// The text in SQLite's words: its two types, and STRICT tables so that they are enforced.
    var sqlite: String {
        sql.replacing("BIGINT", with: "INTEGER").replacing("BYTEA", with: "BLOB").replacing("\n);", with: "\n) STRICT;")
    }

    /// Every step, in order.
    static let all: [Migration] = [.foundations]
}
