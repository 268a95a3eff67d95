internal import Clocks
internal import Cryptography

/// A mail in the Internet Message Format (RFC 5322, MIME RFC 2045-2047): plain UTF-8 text to one recipient.
struct InternetMessage {
    /// The sender.
    let from: Mailbox
    /// The sender's name for people.
    let fromName: String?
    /// What is sent.
    let mail: Mail
    /// The instant of the `Date` field.
    let date: Instant

    /// The longest subject accepted, in UTF-8 bytes.
    static let subjectLimit = 400
    /// The longest body accepted, in UTF-8 bytes.
    static let bodyLimit = 256 * 1024

    /// The message as it travels, with CRLF line ends, before the dot-stuffing of SMTP.
    ///
    /// - Throws: ``DeliveryError`` `unsendable` when the subject or the name could begin another header line (MAIL-02),
    ///   or the text is too long or holds control characters.
    func bytes() throws(DeliveryError) -> [UInt8] {
        guard !mail.subject.isEmpty, mail.subject.utf8.count <= Self.subjectLimit, mail.subject.isOneLine else {
            throw DeliveryError(.unsendable, "the subject is empty, too long, or holds a line end or control character")
        }
        if let fromName, fromName.utf8.count > 120 || !fromName.isOneLine {
            throw DeliveryError(.unsendable, "the sender's name is too long or holds a line end or control character")
        }
        guard !mail.body.isEmpty, mail.body.utf8.count <= Self.bodyLimit, mail.body.isText else {
            throw DeliveryError(.unsendable, "the text is empty, too long, or holds a control character")
        }
        let lines = [
            "Date: \(date.internetMessageDate)",
            "From: \(sender)",
            "To: \(mail.recipient.address)",
            "Subject: \(EncodedWord.unstructured(mail.subject, after: "Subject: ".utf8.count))",
            "Message-ID: <\(messageID)@\(from.domain)>",
            // RFC 3834 §5: nobody's holiday notice answers us, so no loop begins.
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
            "", "",
        ]
        return Array(lines.joined(separator: "\r\n").utf8) + QuotedPrintable.encode(mail.body)
    }

    private var sender: String {
        guard let fromName, !fromName.isEmpty else { return from.address }
        return "\(EncodedWord.phrase(fromName, after: "From: ".utf8.count)) <\(from.address)>"
    }

    /// The same for every try of one mail, so that a receiver can see a second copy for what it is; the key itself stays
    /// ours.
    private var messageID: String { Base64URL.encode(SHA256.hash("Message-ID:" + mail.id).prefix(18)) }
}

extension String {
    /// No line end and no control character of any kind: it cannot begin another line wherever it stands.
    fileprivate var isOneLine: Bool {
        unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029: false
            default: true
            }
        }
    }

    /// No control character but line ends and tabs.
    fileprivate var isText: Bool {
        unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0x09, 0x0A, 0x0D: true
            case 0..<0x20, 0x7F...0x9F: false
            default: true
            }
        }
    }
}

extension Instant {
    /// The `date-time` of RFC 5322 §3.3 in UTC, such as `Tue, 01 Sep 2026 06:30:00 +0000`.
    var internetMessageDate: String {
        let civil = CivilDateTime(utc: self)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let days = Int((Double(secondsSinceEpoch) / 86400).rounded(.down))
        // 1 January 1970 was a Thursday.
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][((days % 7) + 7) % 7]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return "\(weekday), \(two(civil.day)) \(months[civil.month - 1]) \(civil.year) "
            + "\(two(civil.hour)):\(two(civil.minute)):\(two(civil.second)) +0000"
    }
}
