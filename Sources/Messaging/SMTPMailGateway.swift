public import Clocks
internal import CCurl
internal import Dispatch
internal import Foundation
internal import Synchronization

/// Hands mails over by SMTP (RFC 5321) through libcurl, on threads of its own: nothing here blocks the cooperative pool.
public struct SMTPMailGateway: MailGateway {
    private let settings: SMTPSettings
    private let clock: any WallClock
    private let sessions: Sessions

    /// The gateway to the server of `settings`. It connects when the first mail goes out.
    public init(settings: SMTPSettings, clock: any WallClock) {
        self.settings = settings
        self.clock = clock
        self.sessions = Sessions(limit: settings.connections)
    }

    /// Hands `mail` over, within the time-out of the settings.
    ///
    /// - Throws: ``DeliveryError``: `unsendable` before anything is sent, `refused` and `unavailable` by the server's word.
    public func send(_ mail: Mail) async throws(DeliveryError) {
        let message = InternetMessage(from: settings.from, fromName: settings.fromName, mail: mail, date: clock.now())
        let bytes = try message.bytes()
        let result = await sessions.run { [settings] session -> Result<Void, DeliveryError> in
            guard let session else { return .failure(DeliveryError(.unavailable, "libcurl gave no handle")) }
            let outcome = session.deliver(bytes, to: mail.recipient, settings)
            return outcome.error.map(Result.failure) ?? .success(())
        }
        try result.get()
    }
}

extension SMTPSession.Outcome {
    /// What the outcome means for the mail; `nil` when it was handed over.
    fileprivate var error: DeliveryError? {
        if code == CURLE_OK { return nil }
        let words = unsafe String(cString: curl_easy_strerror(code))
        // libcurl answers CURLE_SEND_ERROR when MAIL, RCPT or DATA is refused. A 5yz anywhere else (greeting, STARTTLS,
        // AUTH) speaks of the connection and not of the mail, as do those that ask for STARTTLS or AUTH at MAIL (RFC 3207
        // §4, RFC 4954 §6): once the settings are mended, another try fares better.
        let asksForSignIn = [530, 534, 535, 538].contains(reply)
        if code == CURLE_SEND_ERROR, (500..<600).contains(reply), !asksForSignIn {
            return DeliveryError(.refused, "the mail server refused the mail (SMTP \(reply))")
        }
        let said = reply == 0 ? "" : " (SMTP \(reply))"
        return DeliveryError(.unavailable, "the mail was not handed over: \(words)\(said)")
    }
}

/// A few threads that may block, each with a session of its own. A concurrent dispatch queue would not do: on Linux its
/// threads are those of the cooperative pool.
private final class Sessions: Sendable {
    private typealias Job = @Sendable (SMTPSession?) -> Void

    private final class Queue: Sendable {
        private let jobs = Mutex<[Job?]>([])
        private let bell = DispatchSemaphore(value: 0)

        /// Queues `job`; `nil` ends one thread.
        func put(_ job: Job?) {
            jobs.withLock { $0.append(job) }
            bell.signal()
        }

        func work() {
            let session = SMTPSession()
            while true {
                bell.wait()
                guard let job = jobs.withLock({ $0.removeFirst() }) else { return }
                job(session)
            }
        }
    }

    private let queue = Queue()
    private let limit: Int
    private let isStarted = Mutex(false)

    init(limit: Int) { self.limit = limit }

    deinit {
        // The threads hold the queue, not us: what is queued is done, then they end.
        for _ in 0..<limit { queue.put(nil) }
    }

    func run<Value: Sendable>(_ body: @escaping @Sendable (SMTPSession?) -> Value) async -> Value {
        startOnce()
        return await withCheckedContinuation { continuation in
            queue.put { continuation.resume(returning: body($0)) }
        }
    }

    private func startOnce() {
        let isFirst = isStarted.withLock { isStarted in
            defer { isStarted = true }
            return !isStarted
        }
        guard isFirst else { return }
        for number in 1...limit {
            let thread = Thread { [queue] in queue.work() }
            thread.name = "loge.smtp.\(number)"
            thread.start()
        }
    }
}
