import Clocks
import Stores

/// What happens when many come at once, through two doors. Each has exactly the winners that the contract allows.
extension ConformanceCheck {
    static let raceChecks: [ConformanceCheck] = [
        ConformanceCheck("OA-04: of 64 who redeem one code at once, one wins and 63 replay") { stores in
            let (_, session) = try await stores.one.signedIn("a")
            let outcomes = try await inParallel(64, on: stores) { _, set in
                try await set.codes.redeem(Sample.redemption("code", in: session), now: start)
            }
            try expect(outcomes.filter { $0 == .redeemed }.count, is: 1, "one winner")
            try expect(outcomes.filter { $0 == .replayed }.count, is: 63, "the others replay")
            try expect(await !stores.one.codes.isLive(code: "code", session: session.id, now: start), "all is revoked")
            try expect(await stores.one.sessions.participants(of: session.id).count, is: 1, "one participant")
        },
        ConformanceCheck("of 64 who use one mailed link at once, one wins") { stores in
            let account = Sample.active("a", mail: "a@exemple.fr")
            try await stores.one.add(account)
            try await stores.one.links.issue(Sample.link("t", of: account), message: Sample.message("m"), now: start)
            let winners = try await inParallel(64, on: stores) { index, set in
                try await set.links.resetPassword(with: Sample.hash("t"), to: "hash-\(index)", now: start) == nil
                    ? nil : index
            }.compactMap { $0 }
            try expect(winners.count, is: 1, "one winner")
            try expect(
                await stores.one.accounts.account(id: account.id)?.stage,
                is: .active(PasswordRecord(hash: "hash-\(winners[0])", changedAt: start)), "whose password it is")
        },
        ConformanceCheck("ACT-01: of 64 who use one activation code at once, one wins") { stores in
            let account = Sample.awaiting("a")
            try await stores.one.accounts.add([(account, Sample.hash("code"))])
            let winners = try await inParallel(64, on: stores) { index, set in
                let activation = Activation(
                    passwordHash: "hash-\(index)", mail: nil, mobile: nil, charterVersion: nil)
                return try await set.accounts.activate(account.id, with: Sample.hash("code"), activation, now: start)
                    ? index : nil
            }.compactMap { $0 }
            try expect(winners.count, is: 1, "one winner")
            let stored = try await stores.one.accounts.account(id: account.id)
            try expect(
                stored?.stage, is: .active(PasswordRecord(hash: "hash-\(winners[0])", changedAt: start)),
                "whose password it is")
            try expect(stored?.revision, is: account.revision + 1, "one change")
        },
        ConformanceCheck("PW-02: of 200 tries at once, never more are evaluated than the policy allows") { stores in
            let policy = AttemptPolicy(free: 5, firstPause: .seconds(60), longestPause: .minutes(15), daily: 25)
            let decisions = try await inParallel(200, on: stores) { _, set in
                try await set.attempts.reserve(Sample.hash("k"), policy: policy, now: start)
            }
            try expect(decisions.filter { $0 == .allowed }.count, is: 5, "five, not one more and not one fewer")
            try expect(decisions.filter { $0 == .wait(.seconds(60)) }.count, is: 195, "the others wait")
        },
        ConformanceCheck("of 64 who move a session on at once, one wins") { stores in
            let (_, session) = try await stores.one.signedIn("a")
            let moved = try await inParallel(64, on: stores) { index, set in
                try await set.sessions.reauthenticate(
                    session.id, from: 1, acr: "acr-\(index)", amr: ["pwd"], now: start)
            }.compactMap { $0 }
            try expect(moved.count, is: 1, "one winner")
            try expect(await stores.one.sessions.session(session.id, now: start), is: moved[0], "whose session it is")
        },
        ConformanceCheck("of 64 who end a session at once, one is told who took part") { stores in
            let (_, session) = try await stores.one.signedIn("a")
            let told = try await inParallel(64, on: stores) { _, set in
                try await set.sessions.end(session.id, now: start)
            }.compactMap { $0 }
            try expect(told.count, is: 1, "one")
        },
        ConformanceCheck("of 64 who add one login at once, one wins and the others have a conflict") { stores in
            let results = try await inParallel(64, on: stores) { index, set in
                let account = Account(
                    id: AccountID("id-\(index)"), login: Login(canonical: "same"), person: Sample.person(),
                    stage: .active(PasswordRecord(hash: "x", changedAt: start)), createdAt: start)
                do {
                    try await set.accounts.add([(account, nil)])
                    return StoreError.Code?.none
                } catch let error as StoreError {
                    return error.code
                }
            }
            try expect(results.filter { $0 == nil }.count, is: 1, "one winner")
            try expect(results.filter { $0 == .conflict }.count, is: 63, "the others conflict")
        },
        ConformanceCheck("8 senders who take at once share the messages without taking one twice") { stores in
            for index in 0..<40 { try await stores.one.outbox.enqueue(Sample.message("m\(index)"), now: start) }
            let taken = try await inParallel(8, on: stores) { _, set in
                try await set.outbox.take(limit: 10, lease: .minutes(1), now: start)
            }.flatMap { $0 }
            try expect(taken.count, is: 40, "all")
            try expect(Set(taken.map(\.id)).count, is: 40, "each once")
        },
        ConformanceCheck("of 40 tries given back at once, each is one") { stores in
            let policy = AttemptPolicy(free: 50, firstPause: .seconds(60), longestPause: .minutes(15), daily: 50)
            let key = Sample.hash("address")
            for _ in 0..<50 { _ = try await stores.one.attempts.reserve(key, policy: policy, now: start) }
            _ = try await inParallel(40, on: stores) { _, set in try await set.attempts.release(key) }
            var free = 0
            while try await stores.one.attempts.reserve(key, policy: policy, now: start) == .allowed { free += 1 }
            try expect(free, is: 40, "forty are free again")
        },
        ConformanceCheck("whoever ends a session while codes are redeemed in it is told of every client that succeeded")
        {
            stores in
            for round in 0..<8 {
                let (_, session) = try await stores.one.signedIn("round-\(round)")
                let results = try await inParallel(17, on: stores) { index, set -> (String?, [String]?) in
                    guard index != 8 else {
                        return (nil, try await set.sessions.end(session.id, now: start)?.map(\.client))
                    }
                    let client = "client-\(index)"
                    let outcome = try await set.codes.redeem(
                        Sample.redemption("code-\(round)-\(index)", in: session, client: client), now: start)
                    return (outcome == .redeemed ? client : nil, nil)
                }
                let told = Set(results.compactMap(\.1).flatMap { $0 })
                try expect(told, is: Set(results.compactMap(\.0)), "exactly those")
            }
        },
        ConformanceCheck("a lock that comes while a link is used leaves the account locked and without a live session")
        {
            stores in
            for round in 0..<8 {
                let account = Sample.active("round-\(round)", mail: "a@exemple.fr")
                try await stores.one.add(account)
                let token = "t-\(round)"
                try await stores.one.links.issue(
                    Sample.link(token, of: account), message: Sample.message(token), now: start)
                _ = try await inParallel(6, on: stores) { index, set -> Bool in
                    switch index {
                    case 0: return try await set.accounts.lock(account.id, reason: "x", now: start)
                    case 1:
                        return try await set.links.resetPassword(with: Sample.hash(token), to: "new", now: start) != nil
                    default: return try await set.sessions.begin(Sample.session("\(round)-\(index)", of: account))
                    }
                }
                try expect(await stores.one.accounts.account(id: account.id)?.lock != nil, "locked")
                try expect(await stores.one.sessions.sessions(of: account.id, now: start), is: [], "none")
            }
        },
        ConformanceCheck("of 64 who put one file of a relying party at once, each gives it a number of its own") {
            stores in
            let before = try await stores.one.relyingParties.revision()
            _ = try await inParallel(64, on: stores) { index, set in
                try await set.relyingParties.put("a.yaml", content: "\(index)", now: start)
            }
            try expect(await stores.one.relyingParties.revision(), is: before + 64, "sixty-four changes")
        },
        ConformanceCheck("a lock that comes while sessions begin leaves none alive") { stores in
            let account = Sample.active("a")
            try await stores.one.add(account)
            _ = try await inParallel(33, on: stores) { index, set in
                guard index != 16 else { return try await set.accounts.lock(account.id, reason: "x", now: start) }
                return try await set.sessions.begin(Sample.session("s\(index)", of: account))
            }
            try expect(await stores.one.sessions.sessions(of: account.id, now: start), is: [], "none")
        },
    ]
}
