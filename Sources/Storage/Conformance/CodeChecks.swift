import Clocks
import Stores

extension ConformanceCheck {
    static let codeChecks: [ConformanceCheck] = [
        ConformanceCheck("OA-04: a code is used once; a replay revokes what the first use got") { stores in
            let (_, session) = try await stores.one.signedIn("a")
            let redemption = Sample.redemption("code", in: session)
            try expect(await !stores.one.codes.isLive(code: "code", session: session.id, now: start), "not used yet")
            try expect(await stores.one.codes.redeem(redemption, now: start), is: .redeemed, "first use")
            try expect(
                await stores.other.codes.isLive(code: "code", session: session.id, now: start), "its tokens live")
            try expect(await stores.other.codes.redeem(redemption, now: start), is: .replayed, "second use")
            try expect(await !stores.one.codes.isLive(code: "code", session: session.id, now: start), "its tokens died")
            try expect(await stores.one.codes.redeem(redemption, now: start), is: .replayed, "third use")
        },
        ConformanceCheck("OA-04: a code that comes too late revokes what its use got; never used, it leaves nothing") {
            stores in
            let (_, session) = try await stores.one.signedIn("a")
            _ = try await stores.one.codes.redeem(Sample.redemption("used", in: session), now: start)
            try await stores.other.codes.replay(code: "other", now: start)
            try expect(await stores.one.codes.isLive(code: "used", session: session.id, now: start), "its tokens live")
            try await stores.other.codes.replay(code: "used", now: start)
            try expect(await !stores.one.codes.isLive(code: "used", session: session.id, now: start), "its tokens died")
            try expect(
                await stores.one.codes.redeem(Sample.redemption("other", in: session), now: start), is: .redeemed,
                "never used, it is not used up")
        },
        ConformanceCheck("codes are apart from each other, and from other sessions") { stores in
            let (_, session) = try await stores.one.signedIn("a")
            let (_, stranger) = try await stores.one.signedIn("b")
            _ = try await stores.one.codes.redeem(Sample.redemption("one", in: session), now: start)
            _ = try await stores.one.codes.redeem(Sample.redemption("two", in: session), now: start)
            _ = try await stores.one.codes.redeem(Sample.redemption("one", in: session), now: start)
            try expect(await stores.one.codes.isLive(code: "two", session: session.id, now: start), "the other code's")
            try expect(
                await !stores.one.codes.isLive(code: "two", session: stranger.id, now: start), "in another's session")
            try expect(
                await stores.one.codes.redeem(Sample.redemption("two", in: stranger), now: start), is: .replayed,
                "replayed by way of another session")
            try expect(
                await !stores.one.codes.isLive(code: "two", session: session.id, now: start),
                "which revokes all the same")
        },
        ConformanceCheck("no code is redeemed in a session that ended, expired or never was; tokens end with it") {
            stores in
            let (account, session) = try await stores.one.signedIn("a")
            _ = try await stores.one.codes.redeem(Sample.redemption("early", in: session), now: start)
            try expect(
                await stores.one.codes.redeem(Sample.redemption("late", in: session), now: session.expiresAt),
                is: .sessionEnded, "expired")
            _ = try await stores.one.sessions.end(session.id, now: start)
            try expect(await !stores.one.codes.isLive(code: "early", session: session.id, now: start), "tokens died")
            try expect(
                await stores.one.codes.redeem(Sample.redemption("late", in: session), now: start), is: .sessionEnded,
                "ended")
            try expect(
                await stores.one.codes.redeem(Sample.redemption("early", in: session), now: start), is: .replayed,
                "a replay is told as one even then")
            let ghost = Sample.session("ghost", of: account)
            try expect(
                await stores.one.codes.redeem(Sample.redemption("late", in: ghost), now: start), is: .sessionEnded,
                "never was")
            try expect(await stores.one.sessions.participants(of: ghost.id), is: [], "nobody took part")
        },
        ConformanceCheck("BR-07: nothing is redeemed on a locked account; a refused code is not used up") { stores in
            let (account, _) = try await stores.one.signedIn("a")
            _ = try await stores.one.accounts.lock(account.id, reason: "x", now: start)
            _ = try await stores.one.accounts.unlock(account.id)
            let session = Sample.session("new", of: account)
            try await stores.one.sessions.begin(session)
            _ = try await stores.one.codes.redeem(Sample.redemption("first", in: session), now: start)
            _ = try await stores.one.accounts.lock(account.id, reason: "x", now: start)
            try expect(
                await stores.one.codes.redeem(Sample.redemption("code", in: session), now: start), is: .sessionEnded,
                "locked")
            try expect(
                await !stores.one.codes.isLive(code: "first", session: session.id, now: start), "its tokens died")
        },
        ConformanceCheck("a redemption is forgotten when its time is over") { stores in
            let (_, session) = try await stores.one.signedIn("a")
            let redemption = Sample.redemption("code", in: session)
            _ = try await stores.one.codes.redeem(redemption, now: start)
            try expect(
                await !stores.one.codes.isLive(code: "code", session: session.id, now: redemption.rememberedUntil),
                "no token outlives it")
        },
    ]
}
