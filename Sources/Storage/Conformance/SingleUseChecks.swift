import Clocks
import Stores

extension ConformanceCheck {
    static let singleUseChecks: [ConformanceCheck] = [
        ConformanceCheck("a value is used once, by whichever door; others are apart from it") { stores in
            let until = start + .minutes(5)
            func use(_ set: StoreSet, _ word: String, until instant: Instant) async throws -> Bool {
                try await set.singleUses.use(Sample.hash(word), as: .clientAssertion, rememberedUntil: instant)
            }
            try expect(await use(stores.one, "a", until: until), is: true, "first use")
            try expect(await use(stores.one, "a", until: until), is: false, "second use")
            try expect(await use(stores.other, "a", until: until), is: false, "by the other door")
            try expect(await use(stores.other, "a", until: until + .days(1)), is: false, "until another instant")
            try expect(await use(stores.other, "b", until: until), is: true, "another value")
        },
        ConformanceCheck("a use is remembered until its instant, then purged a bounded number at a time") { stores in
            let until = start + .minutes(5)
            for index in 0..<3 {
                let isFirst = try await stores.one.singleUses.use(
                    Sample.hash("\(index)"), as: .clientAssertion, rememberedUntil: until)
                try expect(isFirst, "use \(index)")
            }
            try expect(await stores.one.maintenance.purge(limit: 2, now: until - .milliseconds(1)), is: 0, "too early")
            try expect(
                await stores.one.singleUses.use(Sample.hash("0"), as: .clientAssertion, rememberedUntil: until),
                is: false, "remembered")
            try expect(await stores.other.maintenance.purge(limit: 2, now: until), is: 2, "two of three")
            try expect(await stores.other.maintenance.purge(limit: 2, now: until), is: 1, "the third")
            try expect(
                await stores.one.singleUses.use(Sample.hash("0"), as: .clientAssertion, rememberedUntil: until),
                is: true, "forgotten")
        },
        ConformanceCheck("of 64 who use one value at once, one wins") { stores in
            let uses = try await inParallel(64, on: stores) { _, set in
                try await set.singleUses.use(
                    Sample.hash("value"), as: .clientAssertion, rememberedUntil: start + .minutes(5))
            }
            try expect(uses.filter { $0 }.count, is: 1, "one winner")
        },
    ]
}
