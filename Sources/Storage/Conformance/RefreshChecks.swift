import Clocks
import Stores

/// Refresh tokens: the families that used codes are.
extension ConformanceCheck {
    private static func family(
        _ name: String, on stores: StoreSet, until: Instant? = start + .hours(12)
    ) async throws -> (Account, Session) {
        let (account, session) = try await stores.signedIn(name)
        let redemption = CodeRedemption(
            code: name, client: "ent", session: session.id, rememberedUntil: start + .minutes(10),
            refreshableUntil: until)
        try expect(await stores.codes.redeem(redemption, now: start), is: .redeemed, "the family begins")
        return (account, session)
    }

    private static func refresh(
        _ name: String, _ number: Int, client: String = "ent", on stores: StoreSet, at now: Instant
    ) async throws -> RefreshOutcome {
        try await stores.codes.refresh(
            GrantRefresh(
                code: name, client: client, number: number, grace: .seconds(30), rememberedUntil: now + .minutes(10)),
            now: now)
    }

    static let refreshChecks: [ConformanceCheck] = [
        ConformanceCheck("a refresh token is used once, by whichever door, and its successor after it") { stores in
            let (_, session) = try await family("a", on: stores.one)
            let later = start + .minutes(20)
            try expect(await !stores.one.codes.isLive(code: "a", session: session.id, now: later), "tokens run out")
            try expect(await refresh("a", 0, on: stores.other, at: later), is: .refreshed, "number 0")
            try expect(await stores.one.codes.isLive(code: "a", session: session.id, now: later), "fresh tokens")
            try expect(
                await stores.one.codes.isRefreshable(code: "a", client: "ent", number: 1, now: later),
                "number 1 is live")
            try expect(
                await !stores.one.codes.isRefreshable(code: "a", client: "ent", number: 0, now: later), "0 is not")
            try expect(await refresh("a", 1, on: stores.one, at: later), is: .refreshed, "number 1")
            try expect(await refresh("a", 3, on: stores.one, at: later), is: .ended, "a number that was never given")
            try expect(await refresh("a", 2, client: "other", on: stores.one, at: later), is: .ended, "another client")
            try expect(await refresh("b", 0, on: stores.one, at: later), is: .ended, "another code")
            try expect(await refresh("a", 2, on: stores.one, at: later), is: .refreshed, "none of that harmed it")
        },
        ConformanceCheck("OA-13: a token comes again within the grace, and not when its successor was used") { stores in
            _ = try await family("a", on: stores.one)
            try expect(await refresh("a", 0, on: stores.one, at: start), is: .refreshed, "number 0")
            let end = start + .seconds(30)
            try expect(await refresh("a", 0, on: stores.other, at: end), is: .repeated, "within the grace")
            try expect(await refresh("a", 1, on: stores.one, at: end), is: .refreshed, "its successor")
            try expect(await refresh("a", 0, on: stores.other, at: end), is: .reused, "the successor was used")
            try expect(await refresh("a", 2, on: stores.one, at: end), is: .ended, "the family is revoked")
        },
        ConformanceCheck("OA-13: reuse after the grace revokes the family, access tokens too, for good") { stores in
            let (_, session) = try await family("a", on: stores.one)
            try expect(await refresh("a", 0, on: stores.one, at: start), is: .refreshed, "number 0")
            let late = start + .seconds(30) + .milliseconds(1)
            try expect(await stores.one.codes.isLive(code: "a", session: session.id, now: late), "tokens live")
            try expect(await refresh("a", 0, on: stores.other, at: late), is: .reused, "after the grace")
            try expect(await !stores.one.codes.isLive(code: "a", session: session.id, now: late), "tokens are revoked")
            try expect(await refresh("a", 1, on: stores.one, at: late), is: .ended, "the live number is not any more")
            try expect(await refresh("a", 0, on: stores.one, at: late), is: .reused, "still reuse")
        },
        ConformanceCheck("OA-13: end of session, lock, another password, absolute end: nothing is refreshed") {
            stores in
            let (_, ended) = try await family("ended", on: stores.one)
            _ = try await stores.other.sessions.end(ended.id, now: start)
            try expect(await refresh("ended", 0, on: stores.one, at: start), is: .ended, "the session has ended")

            let (locked, _) = try await family("locked", on: stores.one)
            try expect(await stores.other.accounts.lock(locked.id, reason: "essai", now: start), "locked")
            try expect(await refresh("locked", 0, on: stores.one, at: start), is: .ended, "the account is locked")

            let (changed, _) = try await family("changed", on: stores.one)
            let later = start + .seconds(1)
            try expect(
                await stores.other.accounts.changePassword(
                    of: changed.id, from: "hash-changed", to: "new", now: later), "changed")
            try expect(await refresh("changed", 0, on: stores.one, at: later), is: .ended, "another password")

            _ = try await family("short", on: stores.one, until: start + .minutes(1))
            try expect(
                await refresh("short", 0, on: stores.one, at: start + .minutes(1) - .milliseconds(1)), is: .refreshed,
                "the last moment")
            try expect(await refresh("short", 1, on: stores.one, at: start + .minutes(1)), is: .ended, "too late")

            _ = try await family("none", on: stores.one, until: nil)
            try expect(await refresh("none", 0, on: stores.one, at: start), is: .ended, "no refresh token was given")

            _ = try await family("session", on: stores.one, until: start + .days(9))
            try expect(await refresh("session", 0, on: stores.one, at: start + .hours(8)), is: .ended, "no session")
        },
        ConformanceCheck("RFC 7009: what was revoked stays revoked, and another client revokes nothing") { stores in
            let (_, session) = try await family("a", on: stores.one)
            try expect(await !stores.one.codes.revoke(code: "a", client: "other", now: start), "another client's")
            try expect(await stores.one.codes.isLive(code: "a", session: session.id, now: start), "lives")
            try expect(await stores.other.codes.revoke(code: "a", client: "ent", now: start), "its own")
            try expect(await !stores.one.codes.revoke(code: "a", client: "ent", now: start), "only once")
            try expect(await !stores.one.codes.isLive(code: "a", session: session.id, now: start), "access tokens")
            try expect(await refresh("a", 0, on: stores.one, at: start), is: .ended, "refresh tokens")
        },
        ConformanceCheck("a replayed code takes its refresh tokens along") { stores in
            let (_, session) = try await family("a", on: stores.one)
            try expect(
                await stores.other.codes.redeem(Sample.redemption("a", in: session), now: start), is: .replayed,
                "replay")
            try expect(await refresh("a", 0, on: stores.one, at: start), is: .ended, "revoked")
        },
        ConformanceCheck("of 64 who use one refresh token at once, one moves it on and 63 get the same successor") {
            stores in
            _ = try await family("a", on: stores.one)
            let outcomes = try await inParallel(64, on: stores) { _, set in
                try await refresh("a", 0, on: set, at: start)
            }
            try expect(outcomes.filter { $0 == .refreshed }.count, is: 1, "one winner")
            try expect(outcomes.filter { $0 == .repeated }.count, is: 63, "the others have its answer again")
            try expect(await refresh("a", 1, on: stores.one, at: start), is: .refreshed, "one number further")
        },
        ConformanceCheck("of 64 who bring a stale refresh token while one uses the live one, none wins") { stores in
            _ = try await family("a", on: stores.one)
            try expect(await refresh("a", 0, on: stores.one, at: start), is: .refreshed, "number 0")
            let late = start + .minutes(1)
            let outcomes = try await inParallel(65, on: stores) { index, set in
                (index, try await refresh("a", index == 32 ? 1 : 0, on: set, at: late))
            }
            try expect(outcomes.filter { $0.1 == .reused }.count, is: 64, "reuse, each time")
            // Before the first of them or after it: either way the family ends.
            let live = outcomes.first { $0.0 == 32 }?.1
            try expect(live == .refreshed || live == .ended, "the live one")
            try expect(await refresh("a", 1, on: stores.one, at: late) != .refreshed, "the family is revoked")
            try expect(await refresh("a", 2, on: stores.one, at: late), is: .ended, "whatever the number")
        },
    ]
}
