import Clocks
import Stores

extension ConformanceCheck {
    static let changeChecks: [ConformanceCheck] = [
        ConformanceCheck("the feed of the door that wrote names what changed, as soon as the write is answered") {
            stores in
            var feed = stores.one.changes().makeAsyncIterator()
            let (account, session) = try await stores.one.signedIn("a", mail: "a@exemple.fr")
            try await expectChanges([.account(account.id)], &feed, "added")
            _ = try await stores.one.sessions.reauthenticate(session.id, from: 1, acr: "x", amr: [], now: start)
            try await expectChanges([.session(session.id)], &feed, "moved on")
            _ = try await stores.one.sessions.end(session.id, now: start)
            try await expectChanges([.session(session.id)], &feed, "ended")
            try await stores.one.accounts.setContact(account.id, mail: nil, mobile: nil)
            try await expectChanges([.account(account.id)], &feed, "contact")
            let second = Sample.session("second", of: account)
            try await stores.one.sessions.begin(second)
            _ = try await stores.one.accounts.lock(account.id, reason: "x", now: start)
            try await expectChanges([.account(account.id), .session(second.id)], &feed, "locked")
            _ = try await stores.one.accounts.unlock(account.id)
            try await expectChanges([.account(account.id)], &feed, "unlocked")
        },
        ConformanceCheck("what was refused is not told") { stores in
            let (account, session) = try await stores.one.signedIn("a")
            var feed = stores.one.changes().makeAsyncIterator()
            _ = try await stores.one.accounts.changePassword(of: account.id, from: "wrong", to: "x", now: start)
            _ = try await stores.one.sessions.reauthenticate(session.id, from: 7, acr: "x", amr: [], now: start)
            try? await stores.one.add(Sample.active("b"), Sample.active("a"))
            _ = try await stores.one.sessions.end(session.id, now: start)
            try await expectChanges([.session(session.id)], &feed, "only the end of the session")
        },
        ConformanceCheck("a write through one door is told at the other") { stores in
            let (_, session) = try await stores.one.signedIn("a")
            // The two doors may be one: then the exact change comes, else that something changed.
            let feed = stores.other.changes()
            let ender = Task {
                // Written again and again, because the other door has to have looked once before.
                var generation = 1
                while !Task.isCancelled {
                    try await Task.sleep(for: .milliseconds(50))
                    _ = try await stores.one.sessions.reauthenticate(
                        session.id, from: generation, acr: "x", amr: [], now: start)
                    generation += 1
                }
            }
            defer { ender.cancel() }
            // What was written before may be told now.
            for await change in feed where change == .everything || change == .session(session.id) { return }
            try expect(false, "the feed ended")
        },
    ]
}

/// Fails unless the feed's next changes are these, in any order, `.everything` aside: an engine may always say that.
private func expectChanges(
    _ wanted: Set<StoreChange>, _ feed: inout AsyncStream<StoreChange>.AsyncIterator, _ what: String,
    file: StaticString = #fileID, line: UInt = #line, isolation: isolated (any Actor)? = #isolation
) async throws {
    var seen: Set<StoreChange> = []
    while seen.count < wanted.count {
        guard let change = await feed.next(isolation: isolation) else {
            throw ConformanceFailure(description: "\(file):\(line): \(what): the feed ended")
        }
        if change != .everything { seen.insert(change) }
    }
    try expect(seen, is: wanted, what, file: file, line: line)
}
