import Clocks
import Cryptography
import Foundation
import InboxRole
import Logging
import Messaging
import ServiceLifecycle
import Stores
import StoresSQLite
import Synchronization
import Testing

/// A gateway that says what it was told to say, then takes everything.
final class ScriptedGateway: MailGateway {
    private let script: Mutex<[DeliveryError]>
    private let taken = Mutex<[String]>([])

    init(_ script: [DeliveryError] = []) { self.script = Mutex(script) }

    var subjects: [String] { taken.withLock { $0 } }

    func send(_ mail: Mail) async throws(DeliveryError) {
        let error = script.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        if let error { throw error }
        taken.withLock { $0.append(mail.subject) }
    }
}

/// The real outbox, with a look at the reasons of failure and a way to break it.
final class WatchedOutbox: OutboxStore {
    let store: any OutboxStore
    let reasons = Mutex<[String]>([])
    let isBroken = Mutex(false)

    init(_ store: any OutboxStore) { self.store = store }

    func enqueue(_ message: OutboxMessage, now: Instant) async throws { try await store.enqueue(message, now: now) }

    func take(limit: Int, lease: Duration, now: Instant) async throws -> [OutboxMessage] {
        if isBroken.withLock({ $0 }) { throw StoreError(.unavailable, "broken by the test") }
        return try await store.take(limit: limit, lease: lease, now: now)
    }

    func sent(_ id: String, now: Instant) async throws { try await store.sent(id, now: now) }

    func failed(_ id: String, reason: String, retryAt: Instant?) async throws {
        reasons.withLock { $0.append("\(reason) | \(retryAt.map { "\(($0 - start).wholeSeconds)" } ?? "dead")") }
        try await store.failed(id, reason: reason, retryAt: retryAt)
    }

    func counts(now: Instant) async throws -> (waiting: Int, dead: Int) { try await store.counts(now: now) }
}

/// Always the lowest draw: waits are exactly half of the doubled wait.
struct LowestDraw: RandomSource {
    func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
}

/// A sender over a real store.
struct Post {
    let outbox: WatchedOutbox
    let clock: ManualClock
    let sender: OutboxSender
    let lines: LogLines

    func enqueue(
        _ id: String, kind: MessageKind = .mail, to recipient: String = "zoe@b.fr", subject: String? = "Bonjour",
        life: Duration = .hours(24)
    ) async throws {
        let message = OutboxMessage(
            id: id, kind: kind, recipient: recipient, subject: subject, body: "Code 123456",
            expiresAt: clock.now() + life)
        try await outbox.enqueue(message, now: clock.now())
    }

    func counts() async throws -> [Int] {
        let counts = try await outbox.counts(now: clock.now())
        return [counts.waiting, counts.dead]
    }
}

/// Everything that was logged, as text.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])
    var text: String { lines.withLock { $0.joined(separator: "\n") } }
    func append(_ line: String) { lines.withLock { $0.append(line) } }
}

private struct KeepingLogHandler: LogHandler {
    let lines: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        lines.append("\(event.level) \(event.message) \(all)")
    }
}

/// Lends a sender over a fresh SQLite file.
func withPost(
    _ mail: (any MailGateway)?, retry: RetryPolicy = RetryPolicy(), batch: Int = 8,
    _ body: (Post) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "loge-outbox-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let clock = ManualClock(start)
    let engine = try await SQLiteStores.open(path: folder.appending(path: "a.db").path(), clock: clock)
    let outbox = WatchedOutbox(engine.stores.outbox)
    let lines = LogLines()
    let sender = OutboxSender(
        outbox: outbox, mail: mail, clock: clock, random: LowestDraw(), retry: retry, batch: batch,
        idle: .seconds(3600), logger: Logger(label: "test", factory: { _ in KeepingLogHandler(lines: lines) }))
    try await body(Post(outbox: outbox, clock: clock, sender: sender, lines: lines))
    await engine.close()
}

@Suite("The outbox and its sender")
struct OutboxSenderTests {
    private static let later = DeliveryError(.unavailable, "server is down")

    @Test("what is queued is handed over once and forgotten")
    func once() async throws {
        let gateway = ScriptedGateway()
        try await withPost(gateway) { post in
            try await post.enqueue("1")
            #expect(await post.sender.deliverDue() == 1)
            #expect(await post.sender.deliverDue() == 0)
            #expect(gateway.subjects == ["Bonjour"])
            #expect(try await post.counts() == [0, 0])
        }
    }

    @Test("a failure waits, each time twice as long, then succeeds")
    func backOff() async throws {
        let gateway = ScriptedGateway([Self.later, Self.later, Self.later])
        try await withPost(gateway, retry: RetryPolicy(first: .seconds(10), longest: .seconds(30))) { post in
            try await post.enqueue("1")
            // 10 s, 20 s, then the cap of 30 s; the lowest draw takes half of each.
            for wait in [5, 10, 15] {
                #expect(await post.sender.deliverDue() == 1)
                post.clock.advance(by: .seconds(wait) - .milliseconds(1))
                #expect(await post.sender.deliverDue() == 0)
                post.clock.advance(by: .milliseconds(1))
            }
            #expect(await post.sender.deliverDue() == 1)
            #expect(gateway.subjects == ["Bonjour"])
            let reasons = post.outbox.reasons.withLock { $0 }
            #expect(reasons == ["server is down | 5", "server is down | 15", "server is down | 30"])
        }
    }

    @Test("after the last try it is a dead letter, with its reason")
    func deadAfterLimit() async throws {
        let gateway = ScriptedGateway([Self.later, Self.later, Self.later])
        try await withPost(gateway, retry: RetryPolicy(limit: 3)) { post in
            try await post.enqueue("1")
            for _ in 1...3 {
                #expect(await post.sender.deliverDue() == 1)
                post.clock.advance(by: .minutes(20))
            }
            #expect(await post.sender.deliverDue() == 0)
            #expect(gateway.subjects.isEmpty)
            #expect(try await post.counts() == [0, 1])
            #expect(post.outbox.reasons.withLock { $0.last } == "server is down | dead")
        }
    }

    @Test("a retry that would come after the expiry is a dead letter at once")
    func deadAfterExpiry() async throws {
        try await withPost(ScriptedGateway([Self.later])) { post in
            try await post.enqueue("1", life: .seconds(4))
            await post.sender.deliverDue()
            #expect(try await post.counts() == [0, 1])
        }
        let gateway = ScriptedGateway()
        try await withPost(gateway) { post in
            try await post.enqueue("1", life: .seconds(4))
            post.clock.advance(by: .seconds(4))
            #expect(await post.sender.deliverDue() == 0)
            #expect(gateway.subjects.isEmpty)
        }
    }

    @Test(
        "what can never travel is a dead letter at the first try",
        arguments: [
            (MessageKind.mail, "zoe@b.fr", "a\r\nBcc: x@y.fr", "server said never"),
            (.mail, "zoe@b.fr\r\nRCPT TO:<x@y.fr>", "Bonjour", "the recipient is no mail address"),
            (.mail, "zoe", "Bonjour", "the recipient is no mail address"),
            (.sms, "+33612345678", "Bonjour", "no SMS gateway is configured"),
        ])
    func neverTravels(_ kind: MessageKind, _ recipient: String, _ subject: String, _ reason: String) async throws {
        let gateway = ScriptedGateway([DeliveryError(.unsendable, "server said never")])
        try await withPost(gateway) { post in
            try await post.enqueue("1", kind: kind, to: recipient, subject: subject)
            #expect(await post.sender.deliverDue() == 1)
            #expect(post.outbox.reasons.withLock { $0 } == ["\(reason) | dead"])
            #expect(try await post.counts() == [0, 1])
        }
    }

    @Test("without a mail server a mail is a dead letter that says so")
    func noGateway() async throws {
        try await withPost(nil) { post in
            try await post.enqueue("1")
            await post.sender.deliverDue()
            #expect(post.outbox.reasons.withLock { $0 } == ["no mail server is configured | dead"])
        }
    }

    @Test("one bad mail does not hold up the others")
    func others() async throws {
        let gateway = ScriptedGateway()
        try await withPost(gateway) { post in
            try await post.enqueue("1", to: "nobody", subject: "A")
            try await post.enqueue("2", subject: "B")
            #expect(await post.sender.deliverDue() == 2)
            #expect(gateway.subjects == ["B"])
        }
    }

    @Test("a log line has neither address nor text")
    func quietLog() async throws {
        try await withPost(ScriptedGateway([Self.later])) { post in
            try await post.enqueue("1")
            try await post.enqueue("2")
            await post.sender.deliverDue()
            let text = post.lines.text
            #expect(text.contains("message handed over") && text.contains("tried again"))
            #expect(text.contains("recipient"))
            for secret in ["zoe", "b.fr", "123456", "Bonjour"] { #expect(!text.contains(secret)) }
        }
    }

    @Test("the service wakes when told, empties more than one batch, outlives a broken store, and stops when asked")
    func service() async throws {
        let gateway = ScriptedGateway()
        try await withPost(gateway, batch: 2) { post in
            let group = ServiceGroup(
                services: [post.sender], gracefulShutdownSignals: [], logger: Logger(label: "group"))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                post.outbox.isBroken.withLock { $0 = true }
                post.sender.wake()
                while !post.lines.text.contains("cannot be read") { try await Task.sleep(for: .milliseconds(5)) }
                post.outbox.isBroken.withLock { $0 = false }
                for number in 1...5 { try await post.enqueue("\(number)", subject: "\(number)") }
                // The idle wait is an hour: only the wake can bring them.
                post.sender.wake()
                while gateway.subjects.count < 5 { try await Task.sleep(for: .milliseconds(5)) }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
            #expect(Set(gateway.subjects) == ["1", "2", "3", "4", "5"])
            #expect(try await post.counts() == [0, 0])
        }
    }

    @Test("over real SMTP: the server is down, comes back, and the mail arrives once")
    func overSMTP() async throws {
        let port = try await freePort()
        try await withPost(try gateway(port: port)) { post in
            try await post.enqueue("1", subject: "Élève")
            await post.sender.deliverDue()
            #expect(try await post.counts() == [1, 0])
            post.clock.advance(by: .minutes(1))
            let sender = post.sender
            let subjects = try await withInbox(port: port) { _, shelf in
                await sender.deliverDue()
                await sender.deliverDue()
                return shelf.messages.map(\.subject)
            }
            #expect(subjects == ["Élève"])
            #expect(try await post.counts() == [0, 0])
        }
    }
}

@Suite("Retry policy")
struct RetryPolicyTests {
    @Test("every wait lies between half and the whole of the doubled wait, capped, and never overflows")
    func bounds() {
        let policy = RetryPolicy(first: .seconds(10), longest: .minutes(15))
        for tries in [1, 2, 3, 7, 8, 50, Int.max] {
            let whole = min(Duration.seconds(10 * (1 << min(tries - 1, 10))), .minutes(15))
            for _ in 0..<50 {
                let delay = policy.delay(after: tries, random: SystemRandom())
                #expect(delay >= whole / 2 && delay <= whole)
            }
        }
        #expect(policy.delay(after: 1, random: LowestDraw()) == .seconds(5))
    }
}
