import Clocks
import Stores

extension ConformanceCheck {
    static let outboxChecks: [ConformanceCheck] = [
        ConformanceCheck("messages are taken oldest first, bounded, and hidden while leased") { stores in
            for index in 0..<3 {
                try await stores.one.outbox.enqueue(
                    Sample.message("m\(index)"), now: start + .seconds(Int64(index)))
            }
            let later = start + .seconds(10)
            try expect(
                await stores.one.outbox.take(limit: 2, lease: .minutes(1), now: later),
                is: [Sample.message("m0", tries: 1), Sample.message("m1", tries: 1)], "two")
            try expect(
                await stores.other.outbox.take(limit: 2, lease: .minutes(1), now: later),
                is: [Sample.message("m2", tries: 1)], "the rest, by another sender")
            try expect(await stores.one.outbox.take(limit: 2, lease: .minutes(1), now: later), is: [], "none")
            let taken = try await stores.one.outbox.take(limit: 9, lease: .minutes(1), now: later + .minutes(1))
            try expect(taken.map(\.id), is: ["m0", "m1", "m2"], "the lease of a dead sender ends")
            try expect(taken.map(\.tries), is: [2, 2, 2], "each take is counted")
        },
        ConformanceCheck("a message with a text message's kind and no subject comes back so") { stores in
            func sms(tries: Int) -> OutboxMessage {
                OutboxMessage(
                    id: "s", kind: .sms, recipient: "+33612345678", subject: nil, body: "123456",
                    expiresAt: start + .minutes(5), tries: tries)
            }
            try await stores.one.outbox.enqueue(sms(tries: 0), now: start)
            try expect(
                await stores.one.outbox.take(limit: 1, lease: .minutes(1), now: start), is: [sms(tries: 1)], "the same")
        },
        ConformanceCheck("a sent message is never taken again; an expired one never at all") { stores in
            try await stores.one.outbox.enqueue(Sample.message("sent"), now: start)
            try await stores.one.outbox.enqueue(Sample.message("late", expires: start + .seconds(1)), now: start)
            try expect(await stores.one.outbox.counts(now: start).waiting, is: 2, "both wait")
            try await stores.one.outbox.sent("sent", now: start)
            let later = start + .seconds(1)
            try expect(await stores.one.outbox.take(limit: 9, lease: .minutes(1), now: later), is: [], "none")
            let counts = try await stores.one.outbox.counts(now: later)
            try expect(counts.waiting == 0 && counts.dead == 0, "nothing waits, nothing is dead")
            try await stores.one.outbox.failed("sent", reason: "late answer", retryAt: later)
            try expect(
                await stores.one.outbox.take(limit: 9, lease: .minutes(1), now: later), is: [],
                "a late failure does not send it twice")
        },
        ConformanceCheck("a failed message comes back when told, or is a dead letter") { stores in
            try await stores.one.outbox.enqueue(Sample.message("m"), now: start)
            _ = try await stores.one.outbox.take(limit: 1, lease: .minutes(9), now: start)
            try await stores.one.outbox.failed("m", reason: "451", retryAt: start + .seconds(30))
            try expect(
                await stores.one.outbox.take(limit: 1, lease: .minutes(9), now: start + .seconds(29)), is: [], "not yet"
            )
            let again = try await stores.one.outbox.take(limit: 1, lease: .minutes(9), now: start + .seconds(30))
            try expect(again, is: [Sample.message("m", tries: 2)], "now")
            try await stores.one.outbox.failed("m", reason: "550", retryAt: nil)
            let counts = try await stores.one.outbox.counts(now: start + .seconds(30))
            try expect(counts.waiting == 0 && counts.dead == 1, "dead")
            try expect(
                await stores.one.outbox.take(limit: 1, lease: .minutes(1), now: start + .minutes(30)), is: [],
                "never taken again")
        },
    ]
}
