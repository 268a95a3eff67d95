import ArgumentParser
import Clocks
import JOSE
import Stores

/// `loge logouts`: which applications were not told that a session has ended.
struct Logouts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the applications that were not told that a session has ended, and tell them again.",
        discussion: """
            When a session ends, every application that took part in it and has a backchannel_logout_uri is told, again and \
            again for a day. What is still waiting, or was given up, is shown here.
            """,
        subcommands: [List.self, Retry.self])

    /// Lends the notices to `body`.
    static func lend<Value>(
        _ installation: InstallationOptions, _ body: (any LogoutNoticeStore) async throws -> Value
    ) async throws -> Value {
        let opened = try await Machine.stores(try installation.load())
        let result = await Result { try await body(opened.stores.logoutNotices) }
        await opened.close()
        return try result.get()
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what waits and what was given up, oldest first, with the reason; nobody is named.")
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions
        @Option(name: .long, help: "How many of each at most.") var limit = 100

        func validate() throws {
            guard (1...100_000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 100000.") }
        }

        func run() async throws {
            let limit = limit
            let (counts, reports) = try await Logouts.lend(installation) { notices in
                (
                    try await notices.counts(),
                    try await notices.notices(in: .waiting, limit: limit)
                        + notices.notices(in: .dead, limit: limit)
                )
            }
            let now = Machine.clock.now()
            if output.json {
                let document: JSONValue = [
                    "waiting": .integer(Int64(counts.waiting)), "dead": .integer(Int64(counts.dead)),
                    "notices": .array(reports.map { Self.json($0, now: now) }),
                ]
                return Console.print(document.text)
            }
            Console.print("\(counts.waiting) waiting, \(counts.dead) given up")
            for report in reports { Console.print(Self.line(report, now: now)) }
        }

        private static func json(_ report: LogoutNoticeReport, now: Instant) -> JSONValue {
            var members: [String: JSONValue] = [
                "client_id": .string(report.notice.client), "state": .string(report.state.rawValue),
                "ended_at": .string(report.notice.createdAt.rfc3339),
                "age_seconds": .integer((now - report.notice.createdAt).wholeSeconds),
                "tries": .integer(Int64(report.notice.tries)),
            ]
            if let reason = report.lastFailure { members["reason"] = .string(reason) }
            if report.state == .waiting { members["next_try_at"] = .string(report.dueAt.rfc3339) }
            return .object(members)
        }

        private static func line(_ report: LogoutNoticeReport, now: Instant) -> String {
            let age = (now - report.notice.createdAt).wholeSeconds
            let next = report.state == .waiting ? ", next \(report.dueAt.rfc3339)" : ""
            return
                "\(report.state.rawValue)  \(report.notice.client)  \(age / 60) min ago, \(report.notice.tries) tries"
                + next + "  " + (report.lastFailure ?? "not tried yet")
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let what waits or was given up be tried again now, for another day.",
            discussion: "A running server sends within seconds. What is under way at this moment is left alone.")
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions
        @Option(name: .long, help: "The client_id of one application; without it, all of them.") var client: String?

        func run() async throws {
            let client = client
            let count = try await Logouts.lend(installation) { notices in
                try await notices.retry(client: client, now: Machine.clock.now())
            }
            if output.json { return Console.print(JSONValue.object(["retried": .integer(Int64(count))]).text) }
            Console.print("\(count) notices are due again")
        }
    }
}
