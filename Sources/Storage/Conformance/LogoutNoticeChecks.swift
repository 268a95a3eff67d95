import Clocks
import Stores

extension StoreSet {
    /// A session in which these applications took part.
    fileprivate func visited(_ name: String, _ clients: [String]) async throws -> (Account, Session) {
        let (account, session) = try await signedIn(name, mail: "\(name)@exemple.fr")
        for client in clients {
            let outcome = try await codes.redeem(
                Sample.redemption("\(name)-\(client)", in: session, client: client), now: start)
            try expect(outcome, is: .redeemed, "took part")
        }
        return (account, session)
    }

    /// Takes what is due.
    fileprivate func takeNotices(
        _ limit: Int = 99, share: Int = 99, now: Instant = start
    ) async throws -> [LogoutNotice] {
        try await logoutNotices.take(limit: limit, share: share, lease: .minutes(1), now: now)
    }
}

extension ConformanceCheck {
    static let logoutNoticeChecks: [ConformanceCheck] = [
        ConformanceCheck("the end of a session leaves one notice for each application, however many codes it redeemed")
        {
            stores in
            let (account, session) = try await stores.one.visited("a", ["pronote", "ent"])
            _ = try await stores.one.codes.redeem(Sample.redemption("again", in: session, client: "ent"), now: start)
            _ = try await stores.one.visited("b", ["ent"])
            try expect(await stores.one.takeNotices(), is: [], "nothing while it lives")
            let later = start + .minutes(5)
            _ = try await stores.one.sessions.end(session.id, now: later)
            let taken = try await stores.other.takeNotices(now: later)
            try expect(taken.map(\.client).sorted(), is: ["ent", "pronote"], "both")
            try expect(taken.map(\.session), is: [session.id, session.id], "of the session")
            try expect(taken.map(\.account), is: [account.id, account.id], "and the person")
            try expect(
                taken.allSatisfy { $0.createdAt == later && $0.expiresAt == later + LogoutNotice.lifetime }, "times")
            try expect(taken.map(\.tries), is: [1, 1], "the first try")
            _ = try await stores.one.sessions.end(session.id, now: later)
            try expect(await stores.one.logoutNotices.counts().waiting, is: 2, "no more at a second end")
        },
        ConformanceCheck("every way that ends sessions leaves their notices: all of a person, a lock, a link, a reset")
        {
            stores in
            for way in ["all", "lock", "link", "reset"] {
                let (account, session) = try await stores.one.visited(way, ["ent"])
                switch way {
                case "all": _ = try await stores.one.sessions.endAll(of: account.id, except: nil, now: start)
                case "lock": _ = try await stores.one.accounts.lock(account.id, reason: "x", now: start)
                case "link":
                    try await stores.one.links.issue(
                        Sample.link("t", of: account), message: Sample.message("m"), now: start)
                    _ = try await stores.one.links.resetPassword(with: Sample.hash("t"), to: "new", now: start)
                default:
                    _ = try await stores.one.accounts.reset(
                        account.id, activationCode: Sample.hash("c"), expires: start + .days(1), now: start)
                }
                let reports = try await stores.one.logoutNotices.notices(of: session.id)
                try expect(reports.map(\.state), is: [.waiting], "by \(way)")
            }
        },
        ConformanceCheck("the session that is kept, and another person's, leave no notice") { stores in
            let (account, kept) = try await stores.one.visited("a", ["ent"])
            let (_, stranger) = try await stores.one.visited("b", ["ent"])
            let other = Sample.session("other", of: account)
            try await stores.one.sessions.begin(other)
            _ = try await stores.one.codes.redeem(Sample.redemption("o", in: other), now: start)
            _ = try await stores.one.sessions.endAll(of: account.id, except: kept.id, now: start)
            try expect(await stores.one.takeNotices().map(\.session), is: [other.id], "only the one that ended")
            for session in [kept, stranger] {
                try expect(await stores.one.logoutNotices.notices(of: session.id), is: [], "none")
            }
        },
        ConformanceCheck("a notice is hidden while leased, comes back when told, and ends once") { stores in
            let (_, session) = try await stores.one.visited("a", ["ent"])
            _ = try await stores.one.sessions.end(session.id, now: start)
            let first = try require(try await stores.one.takeNotices().first, "taken")
            try expect(await stores.other.takeNotices(now: start + .seconds(59)), is: [], "leased")
            try await stores.one.logoutNotices.failed(
                first, reason: "answered 503", retryAt: start + .minutes(2), now: start)
            try expect(await stores.one.takeNotices(now: start + .seconds(119)), is: [], "not yet")
            let second = try require(try await stores.other.takeNotices(now: start + .minutes(2)).first, "again")
            try expect(second.tries, is: 2, "counted")
            try await stores.one.logoutNotices.failed(
                first, reason: "late", retryAt: start + .minutes(2), now: start + .minutes(2))
            try expect(
                await stores.one.takeNotices(now: start + .minutes(2)), is: [],
                "what a sender says whose lease has passed on frees nothing")
            let done = start + .minutes(3)
            try await stores.one.logoutNotices.ended(second, as: .delivered, now: done)
            let report = try require(try await stores.one.logoutNotices.notices(of: session.id).first, "reported")
            try expect(report.state, is: .delivered, "delivered")
            try expect(report.doneAt, is: done, "when")
            try expect(report.lastFailure, is: "answered 503", "and why not at first")
            try await stores.one.logoutNotices.failed(second, reason: "late", retryAt: nil, now: done)
            try expect(
                await stores.one.logoutNotices.notices(of: session.id).map(\.state), is: [.delivered], "for good")
            try expect(await stores.one.takeNotices(now: start + .minutes(30)), is: [], "never taken again")
        },
        ConformanceCheck("a dead sender's notice is free again after its lease; nobody takes an expired one") {
            stores in
            let (_, session) = try await stores.one.visited("a", ["ent"])
            _ = try await stores.one.sessions.end(session.id, now: start)
            try expect(await stores.one.takeNotices().count, is: 1, "taken")
            try expect(await stores.other.takeNotices(now: start + .minutes(1)).map(\.tries), is: [2], "free again")
            try expect(await stores.other.takeNotices(now: start + LogoutNotice.lifetime), is: [], "expired")
            _ = try await stores.one.maintenance.purge(limit: 9, now: start + LogoutNotice.lifetime)
            let dead = try await stores.one.logoutNotices.notices(in: .dead, limit: 9)
            try expect(dead.map(\.lastFailure), is: ["no sender was running"], "given up, and it is told")
        },
        ConformanceCheck("no more than its share of one application's notices is under way, by all senders together") {
            stores in
            for index in 0..<6 {
                let (_, session) = try await stores.one.visited("p-\(index)", index < 5 ? ["dead"] : ["dead", "ent"])
                _ = try await stores.one.sessions.end(session.id, now: start + .seconds(Int64(index)))
            }
            let now = start + .seconds(10)
            let first = try await stores.one.takeNotices(3, share: 2, now: now)
            try expect(first.map(\.client).sorted(), is: ["dead", "dead", "ent"], "two of one, and the other's one")
            try expect(await stores.other.takeNotices(share: 2, now: now), is: [], "the share is taken up")
            try await stores.one.logoutNotices.failed(
                try require(first.first { $0.client == "dead" }, "one"), reason: "x", retryAt: now + .minutes(9),
                now: now)
            try expect(await stores.other.takeNotices(share: 2, now: now).map(\.client), is: ["dead"], "one came free")
            try await stores.one.logoutNotices.postpone("dead", until: now + .minutes(5), now: now)
            try expect(await stores.one.takeNotices(now: now + .seconds(59)), is: [], "the others wait with it")
            let then = try await stores.one.takeNotices(now: now + .minutes(5)).filter { $0.client == "dead" }
            try expect(then.count, is: 5, "until then, but for the one delayed")
        },
        ConformanceCheck("what was given up is listed with its reason, tried again on demand, and purged after a week")
        {
            stores in
            let (_, session) = try await stores.one.visited("a", ["ent", "pronote", "cdi"])
            _ = try await stores.one.sessions.end(session.id, now: start)
            for notice in try await stores.one.takeNotices() {
                guard notice.client != "cdi" else {
                    try await stores.one.logoutNotices.ended(notice, as: .noChannel, now: start)
                    continue
                }
                try await stores.one.logoutNotices.failed(notice, reason: "answered 400", retryAt: nil, now: start)
            }
            var counts = try await stores.one.logoutNotices.counts()
            try expect(counts.waiting == 0 && counts.dead == 2, "two are dead, and no channel is no failure")
            let dead = try await stores.other.logoutNotices.notices(in: .dead, limit: 9)
            try expect(dead.map(\.notice.client).sorted(), is: ["ent", "pronote"], "both")
            try expect(dead.map(\.lastFailure), is: ["answered 400", "answered 400"], "why")
            try expect(await stores.one.logoutNotices.notices(in: .dead, limit: 1).count, is: 1, "bounded")
            let later = start + .seconds(2)
            try expect(await stores.one.logoutNotices.retry(client: "ent", now: later), is: 1, "one")
            let again = try await stores.one.takeNotices(now: later)
            try expect(again.map(\.client), is: ["ent"], "is due at once")
            try expect(again.map(\.tries), is: [1], "from the beginning")
            try expect(again.map(\.expiresAt), is: [later + LogoutNotice.lifetime], "for as long as a new one")
            try expect(await stores.one.logoutNotices.retry(client: nil, now: later), is: 1, "not what is under way")
            counts = try await stores.one.logoutNotices.counts()
            try expect(counts.waiting == 2 && counts.dead == 0, "all wait")
            for notice in again + (try await stores.one.takeNotices(now: later)) {
                try await stores.one.logoutNotices.failed(notice, reason: "x", retryAt: nil, now: later)
            }
            // The session and the notice that had no channel go after a day.
            try expect(await stores.one.maintenance.purge(limit: 9, now: start + .days(1)), is: 2, "a day")
            try expect(await stores.one.maintenance.purge(limit: 9, now: start + .days(7)), is: 0, "not yet")
            try expect(await stores.one.maintenance.purge(limit: 9, now: later + .days(7)), is: 2, "a week")
        },
    ]

    static let logoutNoticeRaceChecks: [ConformanceCheck] = [
        ConformanceCheck("8 senders who take at once share the notices without taking one twice") { stores in
            for index in 0..<40 {
                let (_, session) = try await stores.one.visited("p-\(index)", ["app-\(index % 5)"])
                _ = try await stores.one.sessions.end(session.id, now: start)
            }
            let taken = try await inParallel(8, on: stores) { _, set in
                try await set.takeNotices(10, share: 40)
            }.flatMap { $0 }
            // Who met only rows that another was taking comes back for the rest.
            let rest = try await stores.one.takeNotices()
            try expect(Set((taken + rest).map(\.id)).count, is: 40, "all")
            try expect(taken.count + rest.count, is: 40, "each once")
        },
        ConformanceCheck(
            "whoever ends a session while codes are redeemed leaves a notice for every client that succeeded"
        ) {
            stores in
            for round in 0..<8 {
                let (account, session) = try await stores.one.signedIn("round-\(round)")
                let redeemed = try await inParallel(17, on: stores) { index, set -> String? in
                    guard index != 8 else {
                        switch round % 3 {
                        case 0: _ = try await set.sessions.end(session.id, now: start)
                        case 1: _ = try await set.sessions.endAll(of: account.id, except: nil, now: start)
                        default: _ = try await set.accounts.lock(account.id, reason: "x", now: start)
                        }
                        return nil
                    }
                    let client = "client-\(index)"
                    let outcome = try await set.codes.redeem(
                        Sample.redemption("code-\(round)-\(index)", in: session, client: client), now: start)
                    return outcome == .redeemed ? client : nil
                }
                let reports = try await stores.one.logoutNotices.notices(of: session.id)
                try expect(Set(reports.map(\.notice.client)), is: Set(redeemed.compactMap(\.self)), "exactly those")
            }
        },
    ]
}
