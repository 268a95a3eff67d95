import Clocks
import Stores

extension ConformanceCheck {
    static let maintenanceChecks: [ConformanceCheck] = [
        ConformanceCheck("a probe answers and leaves nothing behind") { stores in
            try await stores.one.maintenance.probe()
            try await stores.other.maintenance.probe()
            let counts = try await stores.one.outbox.counts(now: start)
            try expect(counts.waiting == 0 && counts.dead == 0, "nothing is left")
        },
        ConformanceCheck("purging removes what is over, a bounded number at a time, and nothing that lives") { stores in
            let (account, session) = try await stores.one.signedIn("a", mail: "a@exemple.fr")
            for index in 0..<5 {
                try await stores.one.sessions.begin(
                    Sample.session("brief-\(index)", of: account, life: .seconds(1)))
            }
            _ = try await stores.one.codes.redeem(Sample.redemption("code", in: session), now: start)
            let policy = AttemptPolicy(
                free: 9, firstPause: .seconds(1), longestPause: .seconds(1), daily: 9, window: .minutes(1))
            _ = try await stores.one.attempts.reserve(Sample.hash("k"), policy: policy, now: start)
            try await stores.one.links.issue(Sample.link("t", of: account), message: Sample.message("m"), now: start)

            try expect(await stores.one.maintenance.purge(limit: 100, now: start), is: 0, "everything lives")
            let tomorrow = start + .days(1) + .seconds(1)
            try expect(
                await stores.one.sessions.session(session.id, now: tomorrow - .days(1)), is: session,
                "the session lives")
            // Five sessions (two and two and one), one try, one link, one message; the used code goes with its session.
            try expect(await stores.one.maintenance.purge(limit: 2, now: tomorrow), is: 5, "first round")
            try expect(await stores.one.maintenance.purge(limit: 2, now: tomorrow), is: 2, "second round")
            try expect(await stores.one.maintenance.purge(limit: 2, now: tomorrow), is: 1, "third round")
            try expect(await stores.one.maintenance.purge(limit: 2, now: tomorrow), is: 0, "nothing is left")
            try expect(await stores.one.accounts.account(id: account.id) != nil, "the account stays")
            try expect(
                await stores.one.sessions.participants(of: session.id).count, is: 1,
                "who took part is known for a day after the end")
            try expect(
                await stores.one.maintenance.purge(limit: 2, now: session.expiresAt + .days(1)), is: 1,
                "then the session goes, with them")
            try expect(await stores.one.sessions.participants(of: session.id), is: [], "forgotten")
        },
        ConformanceCheck("who took part in a session that was ended is known for a day, then purged") { stores in
            let (_, session) = try await stores.one.signedIn("a")
            _ = try await stores.one.codes.redeem(Sample.redemption("code", in: session), now: start)
            _ = try await stores.one.sessions.end(session.id, now: start)
            let almost = start + .days(1) - .milliseconds(1)
            try expect(await stores.one.maintenance.purge(limit: 9, now: almost), is: 0, "not the session yet")
            try expect(await stores.one.sessions.participants(of: session.id).count, is: 1, "still known")
            try expect(await stores.one.maintenance.purge(limit: 9, now: start + .days(1)), is: 1, "the session")
            try expect(await stores.one.sessions.participants(of: session.id), is: [], "forgotten")
        },
        ConformanceCheck("sent messages are purged, dead letters a week after they make no sense") { stores in
            try await stores.one.outbox.enqueue(Sample.message("sent"), now: start)
            try await stores.one.outbox.enqueue(Sample.message("dead"), now: start)
            try await stores.one.outbox.sent("sent", now: start)
            try await stores.one.outbox.failed("dead", reason: "550", retryAt: nil)
            try expect(await stores.one.maintenance.purge(limit: 9, now: start), is: 1, "the sent one")
            try expect(await stores.one.maintenance.purge(limit: 9, now: start + .days(7)), is: 0, "not yet")
            try expect(
                await stores.one.maintenance.purge(limit: 9, now: start + .days(7) + .hours(1)), is: 1, "the dead one")
        },
    ]
}
