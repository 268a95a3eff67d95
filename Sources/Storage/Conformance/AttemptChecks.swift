import Clocks
import Stores

/// Three free tries, then one minute doubling to four, never more than eight in a day.
private let policy = AttemptPolicy(free: 3, firstPause: .seconds(60), longestPause: .seconds(240), daily: 8)

extension ConformanceCheck {
    static let attemptChecks: [ConformanceCheck] = [
        ConformanceCheck("PW-02: tries are free, then cost pauses that double, then a day") { stores in
            let key = Sample.hash("login")
            func reserve(_ seconds: Int64) async throws -> AttemptDecision {
                try await stores.one.attempts.reserve(key, policy: policy, now: start + .seconds(seconds))
            }
            for _ in 0..<3 { try expect(await reserve(0), is: .allowed, "free") }
            try expect(await reserve(0), is: .wait(.seconds(60)), "the first pause")
            try expect(await reserve(59), is: .wait(.seconds(1)), "its last second; asking has not made it longer")
            try expect(await reserve(60), is: .allowed, "4th")
            try expect(await reserve(60), is: .wait(.seconds(120)), "doubled")
            try expect(await reserve(180), is: .allowed, "5th")
            try expect(await reserve(180), is: .wait(.seconds(240)), "doubled again")
            try expect(await reserve(420), is: .allowed, "6th")
            try expect(await reserve(420), is: .wait(.seconds(240)), "never longer than the longest")
            try expect(await reserve(660), is: .allowed, "7th")
            try expect(await reserve(900), is: .allowed, "8th")
            try expect(await reserve(1140), is: .wait(.seconds(86400 - 1140)), "no ninth before the first is a day old")
            try expect(await reserve(86399), is: .wait(.seconds(1)), "not yet")
            try expect(await reserve(86400), is: .allowed, "the three first left the window together")
        },
        ConformanceCheck("the window slides: no span of its length holds more than its tries") { stores in
            let sliding = AttemptPolicy(
                free: 100, firstPause: .seconds(1), longestPause: .seconds(1), daily: 4, window: .seconds(100))
            var evaluated: [Int64] = []
            for second in Int64(0)..<400 {
                let decision = try await stores.one.attempts.reserve(
                    Sample.hash("k"), policy: sliding, now: start + .seconds(second))
                if decision == .allowed { evaluated.append(second) }
            }
            for second in evaluated {
                try expect(evaluated.filter { (second..<second + 100).contains($0) }.count <= 4, "at most four")
            }
            try expect(evaluated.count, is: 16, "and not fewer than it allows")
        },
        ConformanceCheck("a success forgets the tries of its key and of no other") { stores in
            for _ in 0..<3 {
                for key in ["a", "b"] {
                    _ = try await stores.one.attempts.reserve(Sample.hash(key), policy: policy, now: start)
                }
            }
            try await stores.one.attempts.clear(Sample.hash("a"))
            try expect(
                await stores.other.attempts.reserve(Sample.hash("a"), policy: policy, now: start), is: .allowed,
                "cleared")
            try expect(
                await stores.other.attempts.reserve(Sample.hash("b"), policy: policy, now: start),
                is: .wait(.seconds(60)), "the other")
            try await stores.one.attempts.clear(Sample.hash("nobody"))
        },
        ConformanceCheck("a try that is given back is one more, and no more than one") { stores in
            let key = Sample.hash("a")
            for _ in 0..<3 { _ = try await stores.one.attempts.reserve(key, policy: policy, now: start) }
            try await stores.one.attempts.release(key)
            try expect(await stores.one.attempts.reserve(key, policy: policy, now: start), is: .allowed, "given back")
            try expect(
                await stores.one.attempts.reserve(key, policy: policy, now: start), is: .wait(.seconds(60)), "only one")
            try await stores.one.attempts.release(Sample.hash("nobody"))
            try expect(
                await stores.one.attempts.reserve(Sample.hash("nobody"), policy: policy, now: start), is: .allowed,
                "nothing to give back does no harm")
        },
        ConformanceCheck("a policy of no tries allows none") { stores in
            let none = AttemptPolicy(free: 0, firstPause: .seconds(1), longestPause: .seconds(1), daily: 0)
            let decision = try await stores.one.attempts.reserve(Sample.hash("a"), policy: none, now: start)
            try expect(decision != .allowed, "refused")
        },
    ]
}
