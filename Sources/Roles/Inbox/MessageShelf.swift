public import Clocks
internal import Foundation
internal import Synchronization

/// The last messages that arrived, in memory and, when there is a folder, as one `.eml` file each.
public final class MessageShelf: Sendable {
    /// How many messages are kept; older ones are forgotten.
    public static let limit = 500

    private struct State {
        var messages: [ReceivedMessage] = []
        var nextID = 1
    }

    private let folder: String?
    private let clock: any WallClock
    private let state = Mutex(State())

    /// The shelf over `folder`, which is made when it is not there; what it already holds is shown again.
    ///
    /// - Throws: when the folder cannot be made or read.
    public init(folder: String?, clock: any WallClock) throws {
        self.folder = folder
        self.clock = clock
        guard let folder else { return }
        // Codes and links: nobody else's business, even in a demo.
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".eml") }
        var messages: [ReceivedMessage] = []
        for name in names {
            guard let id = Int(name.dropLast(4)), id > 0,
                let data = FileManager.default.contents(atPath: folder + "/" + name),
                let message = StoredMail.read(Array(data), id: id)
            else { continue }
            messages.append(message)
        }
        messages.sort { $0.id < $1.id }
        state.withLock { [messages] in
            $0.messages = messages.suffix(Self.limit)
            $0.nextID = (messages.last?.id ?? 0) + 1
        }
    }

    /// The messages, the newest first.
    public var messages: [ReceivedMessage] { state.withLock { $0.messages.reversed() } }

    /// The message with that number; `nil` when it is unknown or forgotten.
    public func message(_ id: Int) -> ReceivedMessage? {
        state.withLock { $0.messages.first { $0.id == id } }
    }

    /// Keeps a mail. Writes a file, so it may block for a moment: not for an event loop.
    ///
    /// - Throws: when there is no room on the disk.
    @discardableResult
    func keep(_ envelope: SMTPEnvelope) throws -> ReceivedMessage {
        let text = MIMEText(envelope.message)
        let id = state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
        let message = ReceivedMessage(
            id: id, kind: .mail, from: envelope.from, to: envelope.to, subject: text.subject, body: text.body,
            receivedAt: clock.now().wholeSecond)
        if let folder {
            let file = URL(filePath: "\(folder)/\(id).eml")
            try Data(StoredMail.bytes(message, envelope.message)).write(to: file, options: .atomic)
        }
        let forgotten = state.withLock { state -> [Int] in
            // Two mails that arrive together may be written in either order.
            let place = state.messages.lastIndex { $0.id < id }.map { $0 + 1 } ?? 0
            state.messages.insert(message, at: place)
            let surplus = state.messages.prefix(max(0, state.messages.count - Self.limit)).map(\.id)
            state.messages.removeFirst(surplus.count)
            return surplus
        }
        if let folder {
            for id in forgotten { try? FileManager.default.removeItem(atPath: "\(folder)/\(id).eml") }
        }
        return message
    }
}

/// A mail as a file: three fields of ours, then the mail as it travelled. Mail programs open it.
private enum StoredMail {
    static func bytes(_ message: ReceivedMessage, _ mail: [UInt8]) -> [UInt8] {
        let fields = [
            "X-Loge-Received: \(message.receivedAt.rfc3339)", "X-Loge-From: \(message.from)",
            "X-Loge-To: \(message.to.joined(separator: ", "))", "",
        ]
        return Array(fields.joined(separator: "\r\n").utf8) + mail
    }

    static func read(_ bytes: [UInt8], id: Int) -> ReceivedMessage? {
        var fields: [String] = []
        var rest = bytes[...]
        for name in ["X-Loge-Received: ", "X-Loge-From: ", "X-Loge-To: "] {
            guard let end = rest.firstIndex(of: 0x0D), rest[end...].starts(with: [0x0D, 0x0A]) else { return nil }
            let line = String(decoding: rest[..<end], as: UTF8.self)
            guard line.hasPrefix(name) else { return nil }
            fields.append(String(line.dropFirst(name.count)))
            rest = rest[(end + 2)...]
        }
        guard let receivedAt = Instant(rfc3339: fields[0]) else { return nil }
        let text = MIMEText(Array(rest))
        return ReceivedMessage(
            id: id, kind: .mail, from: fields[1], to: fields[2].split(separator: ", ").map(String.init),
            subject: text.subject, body: text.body, receivedAt: receivedAt)
    }
}
