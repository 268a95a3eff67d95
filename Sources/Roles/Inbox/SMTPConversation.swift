/// What a mail came with: the envelope of RFC 5321 §2.3.1.
struct SMTPEnvelope: Equatable {
    /// The address of `MAIL FROM`; empty for the null path of a bounce.
    var from: String
    /// The addresses of `RCPT TO`.
    var to: [String] = []
    /// The message, dots removed, CRLF line ends.
    var message: [UInt8] = []
}

/// The server's side of one SMTP connection (RFC 5321), without any socket: bytes in, actions out.
struct SMTPConversation {
    /// What the connection has to do next, in order.
    enum Action: Equatable {
        /// Send this line.
        case reply(String)
        /// Keep this mail, then answer 250, or 452 when it cannot be kept.
        case keep(SMTPEnvelope)
        /// Close after what was said.
        case close
    }

    /// What one client may ask for.
    struct Limits {
        /// The largest message, in bytes.
        var message = 1 << 20
        /// The most recipients of one mail.
        var recipients = 20
        /// The longest line, in bytes, with its CRLF (RFC 5321 §4.5.3.1.6).
        var line = 1000
        /// The most commands that one connection may send before `QUIT`.
        var commands = 10_000
    }

    private enum Stage {
        case connected
        case greeted
        case sender(SMTPEnvelope)
        case recipients(SMTPEnvelope)
        case data(SMTPEnvelope)
        case closed
    }

    private let limits: Limits
    private var stage = Stage.connected
    private var line: [UInt8] = []
    private var commands = 0
    private var isTooLarge = false
    private var dropped = 0

    /// A fresh connection.
    init(limits: Limits = Limits()) { self.limits = limits }

    /// The first words of the server.
    var greeting: Action { .reply("220 localhost the demonstration's mailbox") }

    /// Takes what the client sent, in pieces of any size.
    mutating func receive(_ bytes: some Sequence<UInt8>) -> [Action] {
        var actions: [Action] = []
        for byte in bytes {
            if case .closed = stage { break }
            let followsCR = line.last == 0x0D
            // Only CRLF ends a line. A lone CR or LF that one server takes for a line end and the next does not is how a
            // second mail is smuggled into the first (RFC 5321 §2.3.8).
            guard (byte == 0x0A) == followsCR else {
                actions += hangUp("500 5.5.2 a line must end with CR LF and hold neither alone")
                break
            }
            if byte == 0x0A {
                line.removeLast()
                let complete = line
                line = []
                actions += isInData ? take(data: complete) : take(command: complete)
            } else {
                line.append(byte)
                // The LF is still to come.
                if line.count >= limits.line { actions += hangUp("500 5.5.2 the line is too long") }
            }
        }
        return actions
    }

    private var isInData: Bool {
        if case .data = stage { true } else { false }
    }

    private mutating func hangUp(_ reply: String) -> [Action] {
        stage = .closed
        return [.reply(reply), .close]
    }

    // MARK: Commands

    private mutating func take(command bytes: [UInt8]) -> [Action] {
        commands += 1
        guard commands <= limits.commands else { return hangUp("421 4.7.0 too many commands") }
        guard bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            return [.reply("500 5.5.2 a command is printable ASCII")]
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let verb = text.prefix { $0 != " " }.uppercased()
        let rest = text.dropFirst(verb.count + 1)
        switch verb {
        case "EHLO": return greet(rest, extended: true)
        case "HELO": return greet(rest, extended: false)
        case "MAIL": return mail(rest)
        case "RCPT": return recipient(rest)
        case "DATA": return rest.isEmpty ? data() : [.reply("501 5.5.4 DATA takes nothing after it")]
        case "RSET":
            if case .connected = stage {} else { stage = .greeted }
            return [.reply("250 2.0.0 forgotten")]
        case "NOOP": return [.reply("250 2.0.0 still here")]
        case "QUIT": return hangUp("221 2.0.0 goodbye")
        case "VRFY": return [.reply("252 2.1.5 send it and see")]
        default: return [.reply("502 5.5.1 the command is not known here")]
        }
    }

    private mutating func greet(_ name: Substring, extended: Bool) -> [Action] {
        guard !name.isEmpty, !name.contains(" ") else { return [.reply("501 5.5.4 say who you are")] }
        stage = .greeted
        guard extended else { return [.reply("250 localhost")] }
        return [
            .reply("250-localhost"), .reply("250-SIZE \(limits.message)"), .reply("250-8BITMIME"),
            .reply("250-PIPELINING"), .reply("250 ENHANCEDSTATUSCODES"),
        ]
    }

    private mutating func mail(_ rest: Substring) -> [Action] {
        guard case .greeted = stage else { return [.reply("503 5.5.1 say EHLO first, and one MAIL at a time")] }
        guard let (path, parameters) = Self.path(rest, after: "FROM:"), path.isEmpty || Self.isAddress(path) else {
            return [.reply("501 5.1.7 the sender must be <address>")]
        }
        for parameter in parameters {
            let words = parameter.uppercased().split(separator: "=", maxSplits: 1)
            switch words.first {
            case "SIZE":
                guard words.count == 2, let size = Int(words[1]), size >= 0 else {
                    return [.reply("501 5.5.4 SIZE is a number of bytes")]
                }
                // RFC 1870 §6.1: refused before a byte of it travels.
                guard size <= limits.message else { return [.reply("552 5.3.4 the message is too large")] }
            case "BODY" where words.count == 2 && ["7BIT", "8BITMIME"].contains(words[1]): break
            default: return [.reply("555 5.5.4 the parameter is not known here")]
            }
        }
        stage = .sender(SMTPEnvelope(from: path))
        return [.reply("250 2.1.0 sender noted")]
    }

    private mutating func recipient(_ rest: Substring) -> [Action] {
        var envelope: SMTPEnvelope
        switch stage {
        case .sender(let noted), .recipients(let noted): envelope = noted
        default: return [.reply("503 5.5.1 say MAIL first")]
        }
        guard let (path, parameters) = Self.path(rest, after: "TO:"), Self.isAddress(path) else {
            return [.reply("501 5.1.3 the recipient must be <address>")]
        }
        guard parameters.isEmpty else { return [.reply("555 5.5.4 the parameter is not known here")] }
        guard envelope.to.count < limits.recipients else { return [.reply("452 4.5.3 too many recipients")] }
        envelope.to.append(path)
        stage = .recipients(envelope)
        return [.reply("250 2.1.5 recipient noted")]
    }

    private mutating func data() -> [Action] {
        guard case .recipients(let envelope) = stage else { return [.reply("503 5.5.1 say MAIL and RCPT first")] }
        stage = .data(envelope)
        isTooLarge = false
        dropped = 0
        return [.reply("354 end with a line that is one dot")]
    }

    // MARK: The message

    private mutating func take(data bytes: [UInt8]) -> [Action] {
        guard case .data(var envelope) = stage else { return [] }
        if bytes == [UInt8(ascii: ".")] {
            stage = .greeted
            return isTooLarge ? [.reply("552 5.3.4 the message is too large")] : [.keep(envelope)]
        }
        // RFC 5321 §4.5.2: the dot that the client put before a line that began with one.
        let text = bytes.first == UInt8(ascii: ".") ? bytes.dropFirst() : bytes[...]
        if isTooLarge || envelope.message.count + text.count + 2 > limits.message {
            isTooLarge = true
            dropped += text.count + 2
            envelope.message = []
            stage = .data(envelope)
            return dropped > limits.message * 16 ? hangUp("552 5.3.4 the message is far too large") : []
        }
        // The old value is let go first, so that the bytes are appended in place.
        stage = .connected
        envelope.message += text
        envelope.message += [0x0D, 0x0A]
        stage = .data(envelope)
        return []
    }

    // MARK: Arguments

    /// `FROM:<path> KEY=value …`.
    private static func path(_ text: Substring, after word: String) -> (String, [Substring])? {
        guard text.prefix(word.count).uppercased() == word else { return nil }
        let rest = text.dropFirst(word.count).drop { $0 == " " }
        guard rest.first == "<", let end = rest.firstIndex(of: ">") else { return nil }
        let after = rest[rest.index(after: end)...]
        guard after.isEmpty || after.first == " " else { return nil }
        return (String(rest[rest.index(after: rest.startIndex)..<end]), after.split(separator: " "))
    }

    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return text.utf8.count <= 254 && parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty
            && text.allSatisfy { !" <>,;:\"\\()[]".contains($0) }
    }
}
