import Clocks
import Foundation
import Testing

@Suite("Instants and durations")
struct InstantTests {
    @Test("Seconds are rounded down on both sides of the epoch")
    func wholeSeconds() {
        #expect(Instant(millisecondsSinceEpoch: 1999).secondsSinceEpoch == 1)
        #expect(Instant(millisecondsSinceEpoch: 0).secondsSinceEpoch == 0)
        #expect(Instant(millisecondsSinceEpoch: -1).secondsSinceEpoch == -1)
        #expect(Instant(millisecondsSinceEpoch: -1000).secondsSinceEpoch == -1)
        #expect(Instant(millisecondsSinceEpoch: -1001).secondsSinceEpoch == -2)
        #expect(Instant(millisecondsSinceEpoch: 1999).wholeSecond == Instant(secondsSinceEpoch: 1))
    }

    @Test("Adding, taking away and comparing")
    func arithmetic() {
        let start = Instant(secondsSinceEpoch: 1000)
        #expect(start + .milliseconds(1) > start)
        #expect(start + .hours(1) == Instant(secondsSinceEpoch: 4600))
        #expect(start - .minutes(1) == Instant(secondsSinceEpoch: 940))
        #expect((start + .days(1)) - start == .days(1))
        #expect(start - (start + .seconds(5)) == .seconds(-5))
        #expect(Duration.milliseconds(-1500).wholeMilliseconds == -1500)
        #expect(Duration.nanoseconds(1_999_999).wholeMilliseconds == 1)
        #expect(Duration.milliseconds(1999).wholeSeconds == 1)
    }

    @Test(
        "RFC 3339 text, there and back",
        arguments: [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_788_244_200, "2026-09-01T06:30:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (-2_208_988_800, "1900-01-01T00:00:00Z"),
        ] as [(Int64, String)])
    func text(seconds: Int64, text: String) {
        #expect(Instant(secondsSinceEpoch: seconds).rfc3339 == text)
        #expect(Instant(rfc3339: text) == Instant(secondsSinceEpoch: seconds))
    }

    @Test(
        "What is no RFC 3339 text in UTC with seconds is refused",
        arguments: [
            "", "2026-09-01", "2026-09-01T06:30:00", "2026-09-01T06:30:00z", "2026-09-01 06:30:00Z",
            "2026-09-01T06:30:00+02:00", "2026-09-01T06:30:00.5Z", "2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
            "2100-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "+026-01-01T00:00:00Z",
            "2026-1 -01T00:00:00Z", "٢٠٢٦-09-01T06:30:00Z", "2026-09-01T06:30:00Z ",
        ])
    func refusedText(text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }

    @Test("Every day of four centuries comes back from its text")
    func calendar() throws {
        var previous = ""
        for day in stride(from: Int64(-25567), to: 120_529, by: 1) {
            let instant = Instant(secondsSinceEpoch: day * 86400 + 43200)
            let text = instant.rfc3339
            #expect(text > previous)
            previous = text
            guard Instant(rfc3339: text) == instant else {
                Issue.record("\(text) does not come back")
                return
            }
        }
    }

    @Test("The calendar agrees with Foundation's")
    func foundation() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        for seconds in stride(from: Int64(-12_000_000_000), to: 12_000_000_000, by: 98_765_431) {
            let date = Date(timeIntervalSince1970: Double(seconds))
            let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
            let ours = CivilDateTime(utc: Instant(secondsSinceEpoch: seconds))
            guard seconds > -12_219_292_800 else { continue }
            #expect(parts.year == ours.year)
            #expect(parts.month == ours.month)
            #expect(parts.day == ours.day)
            #expect(parts.hour == ours.hour)
            #expect(parts.minute == ours.minute)
            #expect(parts.second == ours.second)
        }
    }

    @Test("Instants are RFC 3339 text in JSON, and nothing else")
    func json() throws {
        let instant = Instant(millisecondsSinceEpoch: 1_788_244_200_123)
        let text = try JSONEncoder().encode([instant])
        #expect(String(decoding: text, as: UTF8.self) == "[\"2026-09-01T06:30:00Z\"]")
        #expect(try JSONDecoder().decode([Instant].self, from: text) == [instant.wholeSecond])
        for wrong in ["[\"2026-09-01\"]", "[1788244200]", "[null]"] {
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode([Instant].self, from: Data(wrong.utf8))
            }
        }
    }
}

@Suite("Clocks")
struct WallClockTests {
    @Test("A manual clock stands still until it is moved, and moves both ways")
    func manualClock() {
        let start = Instant(secondsSinceEpoch: 1_788_244_200)
        let clock = ManualClock(start)
        #expect(clock.now() == start)
        #expect(clock.now() == start)
        clock.advance(by: .milliseconds(1500))
        #expect(clock.now() == start + .milliseconds(1500))
        clock.advance(by: .seconds(-10))
        #expect(clock.now() == start - .milliseconds(8500))
    }

    @Test("The system's clock tells the machine's time")
    func systemClock() {
        let before = Instant(millisecondsSinceEpoch: Int64(Date().timeIntervalSince1970 * 1000) - 1)
        let now = SystemClock().now()
        let after = Instant(millisecondsSinceEpoch: Int64(Date().timeIntervalSince1970 * 1000) + 1)
        #expect(before <= now && now <= after)
    }
}
