import Clocks
import Stores

extension ConformanceCheck {
    static let keySetReaderChecks: [ConformanceCheck] = [
        ConformanceCheck("the key set is read where a client proves itself; what strangers read is not kept") {
            stores in
            let later = start + .hours(1)
            let stranger = KeySetSighting(reader: "c", client: nil, at: start)
            let left = try await stores.one.keySetReaders.note([
                KeySetSighting(reader: "a", client: nil, at: start),
                KeySetSighting(reader: "a", client: "ent", at: start),
                KeySetSighting(reader: "b", client: "ent", at: later),
                KeySetSighting(reader: "b", client: "x", at: start),
                stranger,
            ])
            try expect(left, is: [stranger], "the stranger's reading")
            try expect(
                await stores.other.keySetReaders.readings(),
                is: [
                    KeySetReading(client: "ent", askedAt: later, readAt: start),
                    KeySetReading(client: "x", askedAt: start, readAt: nil),
                ], "what is known")
            // By the other door, later; what is earlier changes nothing.
            _ = try await stores.other.keySetReaders.note([
                KeySetSighting(reader: "b", client: nil, at: later),
                KeySetSighting(reader: "a", client: nil, at: start),
                KeySetSighting(reader: "b", client: "ent", at: start),
            ])
            try expect(
                await stores.one.keySetReaders.readings(),
                is: [
                    KeySetReading(client: "ent", askedAt: later, readAt: later),
                    KeySetReading(client: "x", askedAt: start, readAt: later),
                ], "the latest")
        },
        ConformanceCheck("sightings are forgotten after 90 days; 16 nodes may note at once") { stores in
            _ = try await inParallel(16, on: stores) { index, set in
                try await set.keySetReaders.note([
                    KeySetSighting(reader: "a", client: "ent", at: start + .seconds(Int64(index))),
                    KeySetSighting(reader: "a", client: nil, at: start + .seconds(Int64(index))),
                ])
            }
            let last = start + .seconds(15)
            try expect(
                await stores.one.keySetReaders.readings(),
                is: [KeySetReading(client: "ent", askedAt: last, readAt: last)], "one of each, the latest")
            try expect(
                await stores.one.maintenance.purge(limit: 10, now: last + .days(90) - .milliseconds(1)), is: 0, "kept")
            try expect(await stores.one.maintenance.purge(limit: 10, now: last + .days(90)), is: 2, "forgotten")
        },
    ]
}
