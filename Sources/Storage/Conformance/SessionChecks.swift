import Clocks
import Stores

extension ConformanceCheck {
    static let sessionChecks: [ConformanceCheck] = [
        ConformanceCheck("a session and whose it is come in one reading, as long as it lives") { stores in
            let (account, session) = try await stores.one.signedIn("a", mail: "a@exemple.fr")
            let found = try require(
                try await stores.other.sessions.sessionWithAccount(session.id, now: start), "while it lives")
            try expect(found.session, is: session, "the session")
            try expect(found.account, is: account, "the account")
            try expect(
                await stores.one.sessions.sessionWithAccount(session.id, now: session.expiresAt) == nil, "expired")
            _ = try await stores.one.sessions.end(session.id, now: start)
            try expect(await stores.one.sessions.sessionWithAccount(session.id, now: start) == nil, "ended")
            try expect(await stores.one.sessions.sessionWithAccount(SessionID("none"), now: start) == nil, "never was")
        },
        ConformanceCheck("a session comes back as it began, until it expires") { stores in
            let (_, session) = try await stores.one.signedIn("a")
            try expect(await stores.other.sessions.session(session.id, now: start), is: session, "as it began")
            let last = session.expiresAt - .milliseconds(1)
            try expect(await stores.one.sessions.session(session.id, now: last), is: session, "the last moment")
            try expect(await stores.one.sessions.session(session.id, now: session.expiresAt), is: nil, "expired")
            try expect(await stores.one.sessions.session(SessionID("nobody"), now: start), is: nil, "unknown")
        },
        ConformanceCheck("a session begins only on an active, unlocked account whose password has not changed since") {
            stores in
            let account = Sample.active("a")
            let waiting = Sample.awaiting("w")
            try await stores.one.accounts.add([(account, nil), (waiting, Sample.hash("code"))])
            try expect(await !stores.one.sessions.begin(Sample.session("w", of: waiting)), "awaiting activation")
            try expect(await !stores.one.sessions.begin(Sample.session("n", of: Sample.active("nobody"))), "no account")
            _ = try await stores.one.accounts.changePassword(
                of: account.id, from: "hash-a", to: "new", now: start + .seconds(5))
            try expect(
                await !stores.one.sessions.begin(Sample.session("old", of: account, at: start + .seconds(4))),
                "proved with the old password")
            try expect(
                await stores.one.sessions.begin(Sample.session("new", of: account, at: start + .seconds(5))),
                "proved with the new one")
            try expect(
                await stores.one.sessions.sessions(of: account.id, now: start + .seconds(5)).map(\.id.description),
                is: ["session-new"], "only that one")
        },
        ConformanceCheck("PW-04: a link that would choose a new password dies when somebody signs in") { stores in
            let account = Sample.active("a", mail: "a@exemple.fr")
            try await stores.one.add(account)
            for purpose in LinkPurpose.allCases {
                try await stores.one.links.issue(
                    Sample.link(purpose.rawValue, of: account, purpose: purpose),
                    message: Sample.message(purpose.rawValue), now: start)
            }
            try await stores.one.sessions.begin(Sample.session("s", of: account))
            func lives(_ purpose: LinkPurpose) async throws -> Bool {
                try await stores.one.links.link(Sample.hash(purpose.rawValue), purpose: purpose, now: start) != nil
            }
            try expect(await !lives(.resetPassword), "dead")
            try expect(await lives(.verifyMail), "the one that proves a mail lives on")
        },
        ConformanceCheck("a person's sessions are listed newest first, others' not at all") { stores in
            let (account, _) = try await stores.one.signedIn("a")
            _ = try await stores.one.signedIn("b")
            let newer = Sample.session("newer", of: account, at: start + .seconds(1))
            let brief = Sample.session("brief", of: account, at: start + .seconds(2), life: .seconds(1))
            try await stores.one.sessions.begin(newer)
            try await stores.one.sessions.begin(brief)
            func ids(_ now: Instant) async throws -> [String] {
                try await stores.one.sessions.sessions(of: account.id, now: now).map(\.id.description)
            }
            try expect(
                await ids(start + .seconds(2)), is: ["session-brief", "session-newer", "session-a"], "all three")
            try expect(await ids(start + .seconds(3)), is: ["session-newer", "session-a"], "without the expired one")
        },
        ConformanceCheck("a new proof moves to the next generation, once") { stores in
            let (_, session) = try await stores.one.signedIn("a")
            let later = start + .minutes(5)
            let moved = try await stores.one.sessions.reauthenticate(
                session.id, from: 1, acr: "eidas2", amr: ["otp"], now: later)
            var wanted = session
            wanted.generation = 2
            wanted.authenticatedAt = later
            wanted.acr = "eidas2"
            wanted.amr = ["otp"]
            try expect(moved, is: wanted, "moved")
            try expect(await stores.other.sessions.session(session.id, now: later), is: wanted, "and stored")
            try expect(
                await stores.one.sessions.reauthenticate(session.id, from: 1, acr: "x", amr: [], now: later), is: nil,
                "the old generation is gone")
            try expect(
                await stores.one.sessions.reauthenticate(
                    session.id, from: 2, acr: "x", amr: [], now: session.expiresAt),
                is: nil, "an expired session does not move")
            _ = try await stores.one.sessions.end(session.id, now: later)
            try expect(
                await stores.one.sessions.reauthenticate(session.id, from: 2, acr: "x", amr: [], now: later), is: nil,
                "an ended session does not move")
        },
        ConformanceCheck("an ended session is gone, tells who took part, and ends once") { stores in
            let (_, session) = try await stores.one.signedIn("a")
            for (index, client) in ["ent", "pronote", "ent"].enumerated() {
                _ = try await stores.one.codes.redeem(
                    Sample.redemption("code-\(index)", in: session, client: client),
                    now: start + .seconds(Int64(index)))
            }
            let wanted = [
                SessionParticipant(client: "ent", since: start),
                SessionParticipant(client: "pronote", since: start + .seconds(1)),
            ]
            try expect(await stores.one.sessions.participants(of: session.id), is: wanted, "in the order they came")
            let later = start + .seconds(9)
            try expect(await stores.one.sessions.end(session.id, now: later), is: wanted, "ended")
            try expect(await stores.one.sessions.end(session.id, now: later), is: nil, "only once")
            try expect(await stores.one.sessions.session(session.id, now: later), is: nil, "gone")
            try expect(await stores.other.sessions.participants(of: session.id), is: wanted, "still known for log-out")
            try expect(await stores.one.sessions.end(SessionID("nobody"), now: later), is: nil, "unknown")
        },
        ConformanceCheck("all sessions of a person end but the one kept") { stores in
            let (account, first) = try await stores.one.signedIn("a")
            let (_, stranger) = try await stores.one.signedIn("b")
            let second = Sample.session("second", of: account)
            let brief = Sample.session("brief", of: account, life: .seconds(1))
            try await stores.one.sessions.begin(second)
            try await stores.one.sessions.begin(brief)
            let later = start + .seconds(1)
            try expect(
                await stores.one.sessions.endAll(of: account.id, except: second.id, now: later), is: [first.id],
                "only what was alive and not kept")
            try expect(await stores.one.sessions.session(second.id, now: later), is: second, "kept")
            try expect(await stores.one.sessions.session(stranger.id, now: later), is: stranger, "the stranger's")
            try expect(
                await stores.one.sessions.endAll(of: account.id, except: nil, now: later), is: [second.id], "then all")
            try expect(
                await stores.one.sessions.endAll(of: account.id, except: nil, now: later), is: [], "none is left")
        },
    ]
}
