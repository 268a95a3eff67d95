import Clocks
import School
import Stores

extension ConformanceCheck {
    static let keyChecks: [ConformanceCheck] = [
        ConformanceCheck("keys are put, read and replaced as one, and who has seen an older state changes nothing") {
            stores in
            let keys = stores.one.keys
            try expect(await keys.revision(), is: nil, "none yet")
            try expect(await keys.keys(), is: nil, "none yet")
            try expect(
                await keys.replace(1, manifest: [1], adding: [:], removing: []), is: nil, "nothing to replace")
            try expect(
                await keys.replace(nil, manifest: [1, 0, 255], adding: ["a": [1], "b": [0, 2]], removing: []), is: 1,
                "made")
            try expect(
                await stores.other.keys.keys(),
                is: StoredKeys(revision: 1, manifest: [1, 0, 255], files: ["a": [1], "b": [0, 2]]), "as it was made")
            try expect(
                await keys.replace(nil, manifest: [9], adding: ["z": [9]], removing: []), is: nil, "made already")
            try expect(
                await stores.other.keys.replace(1, manifest: [2], adding: ["c": [3]], removing: ["a"]), is: 2,
                "replaced")
            try expect(
                await keys.replace(1, manifest: [9], adding: ["z": [9]], removing: ["b"]), is: nil, "seen too long ago")
            try expect(await keys.revision(), is: 2, "its number")
            try expect(
                await keys.keys(), is: StoredKeys(revision: 2, manifest: [2], files: ["b": [0, 2], "c": [3]]),
                "nothing of what was refused")
        },
        ConformanceCheck("of 64 who decide on the keys at once, one wins") { stores in
            _ = try await stores.one.keys.replace(nil, manifest: [0], adding: [:], removing: [])
            let winners = try await inParallel(64, on: stores) { index, set in
                try await set.keys.replace(
                    1, manifest: [UInt8(index)], adding: ["key-\(index)": [UInt8(index)]], removing: []) == nil
                    ? nil : index
            }.compactMap { $0 }
            try expect(winners.count, is: 1, "one winner")
            let winner = UInt8(winners[0])
            try expect(
                await stores.one.keys.keys(),
                is: StoredKeys(revision: 2, manifest: [winner], files: ["key-\(winner)": [winner]]),
                "whose keys they are")
        },
        ConformanceCheck("of 16 nodes that make the first keys at once, one does") { stores in
            let made = try await inParallel(16, on: stores) { index, set in
                try await set.keys.replace(nil, manifest: [UInt8(index)], adding: [:], removing: [])
            }.compactMap { $0 }
            try expect(made, is: [1], "one")
        },
    ]

    static let relyingPartyChecks: [ConformanceCheck] = [
        ConformanceCheck("files of relying parties are put, replaced and removed; each change has a greater number") {
            stores in
            let parties = stores.one.relyingParties
            try expect(await parties.files(), is: [], "none yet")
            let first = try await parties.revision()
            try await parties.put("b.yaml", content: "client_id: b\n", now: start)
            try await parties.put("a.yaml", content: "client_id: a\n", now: start)
            let second = try await stores.other.relyingParties.revision()
            try expect(second > first, "a greater number")
            try await stores.other.relyingParties.put("b.yaml", content: "client_id: é\n", now: start + .seconds(1))
            try expect(
                await parties.files(),
                is: [
                    RelyingPartyFile(name: "a.yaml", content: "client_id: a\n", changedAt: start),
                    RelyingPartyFile(name: "b.yaml", content: "client_id: é\n", changedAt: start + .seconds(1)),
                ], "in the order of their names")
            let third = try await parties.revision()
            try expect(third > second, "a greater number")
            try expect(await parties.remove("a.yaml"), "removed")
            try expect(await parties.revision() > third, "a greater number")
            try expect(await !parties.remove("a.yaml"), "not there any more")
            try expect(await parties.files().map(\.name), is: ["b.yaml"], "one is left")
        }
    ]

    static let textChecks: [ConformanceCheck] = [
        ConformanceCheck("logins are ordered byte by byte, whatever the language of the machine") { stores in
            let names = ["a", "B", "b", "Z", "é", "e", "_", "-", "10", "9"]
            for name in names { try await stores.one.add(Sample.active(name)) }
            let page = try await stores.one.accounts.accounts(after: nil, limit: 20, school: nil, query: nil)
            try expect(
                page.map(\.login.description),
                is: names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) },
                "in the order of their bytes")
        },
        ConformanceCheck("texts come back as they were: letters of every script, quotes, backslashes, signs of SQL") {
            stores in
            let text = "É’\\'\"%_:now $1 ?1 ; -- ل 𝄞 e\u{301}"
            let message = OutboxMessage(
                id: "m", kind: .mail, recipient: "a@exemple.fr", subject: text,
                body: text, expiresAt: start + .hours(1))
            try await stores.one.outbox.enqueue(message, now: start)
            let taken = try await stores.other.outbox.take(limit: 1, lease: .minutes(1), now: start)
            try expect(taken.map(\.body), is: [message.body], "the body")
            try expect(taken.map(\.subject), is: [message.subject], "the subject")
        },
        ConformanceCheck("an account whose every text is empty or absent comes back as it was") { stores in
            let account = Account(
                id: AccountID("x"), login: Login(canonical: "x"),
                person: Person(givenName: "", familyName: "", profile: .pupil),
                stage: .active(PasswordRecord(hash: "", changedAt: start)), createdAt: start)
            try await stores.one.add(account)
            try expect(await stores.other.accounts.account(id: account.id), is: account, "the same")
        },
    ]
}
