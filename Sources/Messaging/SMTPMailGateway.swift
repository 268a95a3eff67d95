public import Clocks
internal import CCurl
internal import Dispatch
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
        // AUTH) speaks of the connection and not of the mail: another try may fare better.
        if code == CURLE_SEND_ERROR, (500..<600).contains(reply) {
            return DeliveryError(.refused, "the mail server refused the mail (SMTP \(reply))")
        }
        let said = reply == 0 ? "" : " (SMTP \(reply))"
        return DeliveryError(.unavailable, "the mail was not handed over: \(words)\(said)")
    }
}

/// A few threads that may block, each with a session of its own while it works.
private final class Sessions: Sendable {
    private struct Idle: ~Copyable {
        var sessions: [Lent] = []
    }

    /// A session on its way between threads.
    // Unchecked: a session is either in the list of the idle or with the one block that took it out under the lock.
    private struct Lent: @unchecked Sendable {
        let session: SMTPSession
    }

    private let idle = Mutex(Idle())
    private let room: DispatchSemaphore
    private let queue = DispatchQueue(label: "loge.smtp", attributes: .concurrent)
    // One gate block at a time waits for room, so that a crowd of mails holds one waiting thread, not one each.
    private let gate = DispatchQueue(label: "loge.smtp.gate")

    init(limit: Int) { room = DispatchSemaphore(value: limit) }

    func run<Value: Sendable>(_ body: @escaping @Sendable (SMTPSession?) -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            gate.async { [self] in
                room.wait()
                queue.async { [self] in
                    defer { room.signal() }
                    let session = idle.withLock { $0.sessions.popLast() }?.session ?? SMTPSession()
                    let value = body(session)
                    if let session {
                        let lent = Lent(session: session)
                        idle.withLock { $0.sessions.append(lent) }
                    }
                    continuation.resume(returning: value)
                }
            }
        }
    }
}
