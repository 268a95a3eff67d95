internal import Clocks
internal import Stores

/// The shared files of the relying parties, in SQL.
struct SQLRelyingPartyStore: RelyingPartyStore {
    let engine: any SQLEngine

    func revision() async throws -> Int64 {
        try await engine.read { db in try db.row(.partiesRevision)?.number("revision") ?? 0 }
    }

    func files() async throws -> [RelyingPartyFile] {
        try await engine.read { db in
            try db.rows(.partyFiles).map { row in
                RelyingPartyFile(
                    name: try row.text("name"), content: try row.text("content"),
                    changedAt: try row.instant("changed_at"))
            }
        }
    }

    func put(_ name: String, content: String, now: Instant) async throws {
        try await engine.write { db in
            try db.putParty(name, content, now: now)
            return Written((), [.relyingParties])
        }
    }

    func remove(_ name: String) async throws -> Bool {
        try await engine.write { db in
            guard try db.change(.removeParty, ["name": .text(name)]) == 1 else { return Written(false) }
            try db.change(.nextPartiesRevision)
            return Written(true, [.relyingParties])
        }
    }
}

extension SQLSession {
    /// Adds the file, or replaces the one of that name.
    func putParty(_ name: String, _ content: String, now: Instant) throws {
        try change(.putParty, ["name": .text(name), "content": .text(content), "now": .instant(now)])
        try change(.nextPartiesRevision)
    }
}

extension SQLStatement {
    fileprivate static let partiesRevision = SQLStatement(
        "SELECT revision FROM revisions WHERE subject = 'relying-parties'")

    fileprivate static let nextPartiesRevision = SQLStatement(
        """
        INSERT INTO revisions (subject, revision) VALUES ('relying-parties', 1)
        ON CONFLICT (subject) DO UPDATE SET revision = revisions.revision + 1
        """)

    fileprivate static let partyFiles = SQLStatement(
        "SELECT name, content, changed_at FROM relying_parties ORDER BY name")

    fileprivate static let putParty = SQLStatement(
        """
        INSERT INTO relying_parties (name, content, changed_at) VALUES (:name, :content, :now)
        ON CONFLICT (name) DO UPDATE SET content = excluded.content, changed_at = excluded.changed_at
        """)

    fileprivate static let removeParty = SQLStatement("DELETE FROM relying_parties WHERE name = :name")
}
