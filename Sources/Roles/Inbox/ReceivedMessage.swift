public import Clocks

/// A message that the demo sent and this mailbox caught.
public struct ReceivedMessage: Sendable, Hashable {
    /// How it travelled.
    public enum Kind: String, Sendable, Hashable, Codable {
        /// Over SMTP.
        case mail
        /// As a text message.
        case sms
    }

    /// Its number, counted from 1 as they arrive.
    public let id: Int
    /// How it travelled.
    public let kind: Kind
    /// The sender's address; empty when there is none.
    public let from: String
    /// The recipients' addresses, or the number.
    public let to: [String]
    /// The subject, decoded; empty for a text message.
    public let subject: String
    /// The text, decoded, with `\n` between lines.
    public let body: String
    /// When it arrived.
    public let receivedAt: Instant

    /// The addresses of pages in the text, in order, each once.
    public var links: [String] {
        var links: [String] = []
        for word in body.split(whereSeparator: { $0.isWhitespace || "<>\"«»".contains($0) }) {
            guard let start = word.firstRange(of: "http://") ?? word.firstRange(of: "https://") else { continue }
            var link = word[start.lowerBound...]
            while let last = link.last, ".,;:!?)'’".contains(last) { link.removeLast() }
            guard link.count > start.count(in: word), !links.contains(String(link)) else { continue }
            links.append(String(link))
        }
        return links
    }
}

extension Range<Substring.Index> {
    fileprivate func count(in text: Substring) -> Int { text.distance(from: lowerBound, to: upperBound) }
}
