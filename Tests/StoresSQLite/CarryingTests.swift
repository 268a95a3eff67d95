import Clocks
import School
import Stores
@testable import StoresSQL
import Testing

@testable import StoresSQLite

/// Carrying a whole database into another one; SQLite stands in for both sides.
@Suite("Stores in SQLite: carrying everything to another database", .timeLimit(.minutes(2)))
struct CarryingTests {
    private static let keys = StoredKeys(
        revision: 1, manifest: [1, 2], files: ["session-a.pem": [3], "sealing-b.pem": []])
    private static let party = RelyingPartyFile(
        name: "ent.yaml", content: "client_id: ent\n", changedAt: testStart)

    /// Rows of every table, with and without what may be absent, more of one than a page holds.
    private func fill(_ stores: StoreSet) async throws {
        let people = (0..<1300).map { index in
            Account(
                id: AccountID("id-\(index)"), login: Login(canonical: "login-\(index)"),
                person: Person(
                    givenName: "Zoé", familyName: "D'Été", profile: .pupil,
                    className: index.isMultiple(of: 3) ? "6e B" : nil),
                stage: index.isMultiple(of: 2)
                    ? .active(PasswordRecord(hash: "h-\(index)", changedAt: testStart))
                    : .awaitingActivation(expires: testStart + .days(30)),
                lock: index.isMultiple(of: 100) ? AccountLock(since: testStart, reason: "raison") : nil,
                mail: index.isMultiple(of: 7) ? "a\(index)@exemple.fr" : nil, createdAt: testStart)
        }
        try await stores.accounts.add(
            people.enumerated().map { ($1, $0.isMultiple(of: 2) ? nil : SecretHash(of: "code-\($0)")) })
        for index in [2, 4, 6, 8] {
            let session = Session(
                id: SessionID("s-\(index)"), account: AccountID("id-\(index)"), createdAt: testStart,
                authenticatedAt: testStart, acr: "eidas1", amr: ["pwd"], door: "ent", expiresAt: testStart + .hours(8),
                device: "Firefox")
            #expect(try await stores.sessions.begin(session))
            let redeemed = try await stores.codes.redeem(
                CodeRedemption(
                    code: "code-\(index)", client: "ent", session: session.id, rememberedUntil: testStart + .hours(1)),
                now: testStart)
            #expect(redeemed == .redeemed)
        }
        #expect(try await stores.sessions.end(SessionID("s-8"), now: testStart)?.count == 1)
        let policy = AttemptPolicy(free: 1, firstPause: .seconds(1), longestPause: .seconds(1), daily: 9)
        for key in ["a", "b", "b"] {
            _ = try await stores.attempts.reserve(SecretHash(of: key), policy: policy, now: testStart)
        }
        _ = try await stores.keySetReaders.note([
            KeySetSighting(reader: "place", client: "ent", at: testStart),
            KeySetSighting(reader: "place", client: nil, at: testStart),
        ])
        _ = try await stores.singleUses.use(
            SecretHash(of: "jti"), as: .clientAssertion, rememberedUntil: testStart + .minutes(5))
        for purpose in LinkPurpose.allCases {
            let message = OutboxMessage(
                id: purpose.rawValue, kind: .mail, recipient: "a@exemple.fr", subject: nil, body: "Texte",
                expiresAt: testStart + .hours(1))
            try await stores.links.issue(
                MailedLink(
                    token: SecretHash(of: purpose.rawValue), account: AccountID("id-2"), purpose: purpose,
                    mail: "a@exemple.fr", expiresAt: testStart + .hours(1)), message: message, now: testStart)
        }
    }

    /// Rows of the pupil base: one that ended and one that holds, and what stands beside them.
    private static let base = [
        "INSERT INTO base_registers VALUES (1, 'AAF 2D', '09')",
        "INSERT INTO base_imports VALUES (1, 5, 6, 0, 1, '{}'), (2, 7, NULL, 1, 0, '{}')",
        "INSERT INTO base_exports VALUES (2, 1, 'complete', '2025-09-15', 2407)",
        "INSERT INTO base_schools VALUES (1, '900001', '0599901S', 'CLG', 'COLLEGE', '59000', 'LILLE', 0, 2, 0)",
        "INSERT INTO base_classes VALUES (1, '900001', 'class', '5A', '5EME A', 2, 0)",
        """
        INSERT INTO base_people VALUES
            (1, 'responsible', '1', 'DEMO', '', 'Camille', '', 'F', '', '', '', '', '', '', '', '', 'DEMO CAMILLE', '', 0, 1, 2),
            (1, 'responsible', '1', 'DEMO', '', 'Camille', '', 'F', '', '', '', '', '', '', '', '', 'DEMO CAMILLE', '', 9, 2, 0)
        """,
        "INSERT INTO base_mobiles VALUES (1, '1', 33639980001, 3, 2, 0)",
        "INSERT INTO base_places VALUES (1, '2', '900001', '5A', 2, 0)",
        "INSERT INTO base_functions VALUES (1, '3', '900001', 'ENS', '', '', 2, 0)",
        "INSERT INTO base_links VALUES (1, '2', '1', '10', 'respLegal', '1', 0, 0, 2, 0)",
        "INSERT INTO base_joins VALUES (2, 'pupil', '9', 1, '2', 'ine', 2, 0)",
        "INSERT INTO base_doubles VALUES (1, 'pupil', '2', 1, '4', 'same-register', 2, 0)",
        "INSERT INTO base_accounts VALUES ('id-2', 1, 'responsible', '1', 0)",
    ].map(SQLStatement.init)

    private func dump(_ database: any SQLSession) throws -> [[SQLValue]] {
        try CarriedTable.all.flatMap { table in
            try database.rows(SQLStatement("SELECT * FROM \(table.name) ORDER BY \(table.key.joined(separator: ", "))"))
                .map { [.text(table.name)] + $0.values }
        }
    }

    private func inFolders(
        _ body: (_ source: String, _ target: SQLiteStores) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let old = try await SQLiteStores.open(path: folder + "/old.sqlite", clock: ManualClock(testStart))
            try await fill(old.stores)
            try await old.tables.write { db in
                for statement in Self.base { try db.change(statement) }
                return Written(())
            }
            await old.close()
            let new = try await SQLiteStores.open(path: folder + "/new.sqlite", clock: ManualClock(testStart))
            try await body(folder + "/old.sqlite", new)
            await new.close()
        }
    }

    @Test("Every table of the schema is among those that are carried")
    func tables() async throws {
        try await withTemporaryFolder { folder in
            let engine = try await SQLiteStores.open(path: folder + "/a.sqlite", clock: ManualClock(testStart))
            let names = try await engine.tables.read { db in
                try db.rows(
                    SQLStatement(
                        """
                        SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name
                        """)
                ).map { try $0.text("name") }
            }
            #expect(names == (CarriedTable.all.map(\.name) + ["schema_migrations"]).sorted())
            await engine.close()
        }
    }

    @Test("Every row of every table arrives as it was, with the keys and the relying parties")
    func everything() async throws {
        try await inFolders { path, new in
            let source = try SQLiteFile(path: path)
            defer { source.close() }
            let carrying = Carrying(from: source, keys: Self.keys, relyingParties: [Self.party])
            let outcome = try await carrying.perform(on: new.tables) { _, done, all in #expect(done <= all) }
            guard case .carried(let counts) = outcome else {
                Issue.record("not carried: \(outcome)")
                return
            }
            let rows = Dictionary(uniqueKeysWithValues: counts.map { ($0.table, $0.rows) })
            #expect(
                rows == [
                    "accounts": 1300, "sessions": 4, "code_redemptions": 4, "attempts": 2, "mailed_links": 2,
                    "outbox": 2, "keyring": 1, "key_files": 2, "relying_parties": 1, "revisions": 1,
                    "key_set_readers": 2,
                    "single_uses": 1, "logout_notices": 1, "base_registers": 1, "base_imports": 2, "base_exports": 1,
                    "base_schools": 1, "base_classes": 1, "base_people": 2, "base_mobiles": 1, "base_places": 1,
                    "base_functions": 1, "base_links": 1, "base_joins": 1, "base_doubles": 1, "base_accounts": 1,
                ])
            let beside = ["keyring", "key_files", "relying_parties", "revisions"].map(SQLValue.text)
            let there = try await new.tables.read { try dump($0) }.filter { !beside.contains($0[0]) }
            #expect(try there == dump(source))
            #expect(try await new.stores.keys.keys() == Self.keys)
            #expect(try await new.stores.relyingParties.files() == [Self.party])
        }
    }

    @Test("A database that holds something is left as it is, and says what it holds")
    func occupied() async throws {
        try await inFolders { path, new in
            try await new.stores.relyingParties.put("a.yaml", content: "client_id: a\n", now: testStart)
            let before = try await new.tables.read { try dump($0) }
            let source = try SQLiteFile(path: path)
            defer { source.close() }
            let outcome = try await Carrying(from: source, keys: Self.keys, relyingParties: [])
                .perform(on: new.tables) { _, _, _ in }
            let one = ["relying_parties", "revisions"].map { TableCount(table: $0, rows: 1) }
            #expect(outcome == .occupied(one))
            #expect(try await new.tables.read { try dump($0) } == before)
        }
    }

    @Test("What cannot be carried whole leaves nothing behind")
    func wholeOrNothing() async throws {
        try await inFolders { path, new in
            let source = LosingRows(file: try SQLiteFile(path: path))
            defer { source.file.close() }
            let error = await #expect(throws: StoreError.self) {
                try await Carrying(from: source, keys: Self.keys, relyingParties: [Self.party])
                    .perform(on: new.tables) { _, _, _ in }
            }
            #expect(error?.reason.contains("3 rows of sessions arrived and 4 were there") == true, "\(error as Any)")
            let counts = try await new.tables.read { try CarriedTable.counts(in: $0) }
            #expect(counts.allSatisfy { $0.rows == 0 })
        }
    }

    @Test("A column whose name Loge never made is no part of a statement")
    func columns() throws {
        let table = try #require(CarriedTable.all.first)
        #expect(throws: StoreError.self) { try table.insertion(of: 1, columns: ["id", "a) VALUES (1); --"]) }
        #expect(try table.insertion(of: 2, columns: ["id", "login"]).parameters.count == 4)
    }

    @Test("What was open is closed, and what is not stays")
    func whatWasOpen() async throws {
        try await inFolders { path, _ in
            let closed = try await SQLiteFile.prepare(path, now: testStart + .minutes(1)) { db in
                try WhatWasOpen.close(in: db, activationCodes: true, now: testStart + .minutes(1))
            }
            #expect(closed == WhatWasOpen(sessions: 3, links: 2, messages: 2, activationCodes: 650, notices: 4))
            let again = try await SQLiteStores.open(path: path, clock: ManualClock(testStart))
            let now = testStart + .minutes(2)
            #expect(try await again.stores.sessions.session(SessionID("s-2"), now: now) == nil)
            #expect(
                try await again.stores.links.link(
                    SecretHash(of: "reset-password"), purpose: .resetPassword, now: now) == nil)
            #expect(try await again.stores.outbox.take(limit: 9, lease: .seconds(1), now: now).isEmpty)
            #expect(
                try await again.stores.logoutNotices.take(limit: 9, share: 9, lease: .seconds(1), now: now).isEmpty,
                "an exercise signs nobody out")
            #expect(try await again.stores.logoutNotices.retry(client: nil, now: now) == 4)
            let code = SecretHash(of: "code-1")
            #expect(try await !again.stores.accounts.isActivationCode(code, of: AccountID("id-1"), now: now))
            #expect(try await again.stores.accounts.account(id: AccountID("id-1")) != nil)
            await again.close()
        }
    }
}

/// A source that forgets a row of the sessions: a mistake that the counts must find.
private struct LosingRows: SQLSession, Sendable {
    let file: SQLiteFile

    func change(_ statement: SQLStatement, ordered arguments: [SQLValue]) throws -> Int { 0 }

    func rows(_ statement: SQLStatement, ordered arguments: [SQLValue]) throws -> [SQLRow] {
        let rows = try file.rows(statement, ordered: arguments)
        if statement.sqlite.contains("COUNT") { return rows }
        if statement.sqlite.contains("FROM code_redemptions") { return [] }
        return statement.sqlite.contains("FROM sessions") ? Array(rows.dropLast()) : rows
    }
}
