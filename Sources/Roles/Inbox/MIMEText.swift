internal import Foundation

/// The readable part of a mail as it travelled: subject and plain text, decoded (RFC 5322, RFC 2045-2047).
///
/// For showing only. What cannot be decoded is shown as it came: a mailbox for demos hides nothing.
struct MIMEText {
    /// The decoded subject; empty when there is none.
    let subject: String
    /// The decoded plain text, with `\n` between lines.
    let body: String

    /// Reads `message`, whose lines end with CRLF.
    init(_ message: [UInt8]) {
        let part = Part(message[...])
        subject = EncodedWords.decode(part.field("subject") ?? "")
        var body = Self.text(of: part, depth: 0) ?? ""
        if body.hasSuffix("\n") { body.removeLast() }
        self.body = body
    }

    /// The first plain text in `part`; a mail of many parts is searched three levels deep.
    private static func text(of part: Part, depth: Int) -> String? {
        let type = part.field("content-type") ?? "text/plain"
        let mediaType = type.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        if mediaType.hasPrefix("multipart/"), depth < 3, let boundary = parameter("boundary", of: type) {
            let parts = part.parts(boundary: boundary)
            let texts = parts.lazy.compactMap { text(of: $0, depth: depth + 1) }
            return texts.first
        }
        // A mail of one part is shown whatever it is.
        let isOnlyPart = depth == 0 && !mediaType.hasPrefix("multipart/")
        guard mediaType.hasPrefix("text/plain") || isOnlyPart else { return nil }
        let bytes =
            switch part.field("content-transfer-encoding")?.lowercased().filter({ $0 != " " }) {
            case "quoted-printable": QuotedPrintableText.decode(part.body)
            case "base64": Base64Text.decode(part.body) ?? Array(part.body)
            default: Array(part.body)
            }
        return decode(bytes, charset: parameter("charset", of: type)).replacing("\r\n", with: "\n")
    }

    /// The bytes as text: ISO 8859-1 when they say so, else UTF-8.
    static func decode(_ bytes: [UInt8], charset: String?) -> String {
        if ["iso-8859-1", "latin1"].contains(charset?.lowercased()) {
            return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func parameter(_ name: String, of field: String) -> String? {
        for piece in field.split(separator: ";").dropFirst() {
            let pair = piece.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].lowercased().filter({ !$0.isWhitespace }) == name else { continue }
            return pair[1].trimmingCharacters(in: CharacterSet(charactersIn: "\" \t"))
        }
        return nil
    }
}

/// Header fields and the bytes after the empty line.
private struct Part {
    private var fields: [(name: String, value: String)] = []
    let body: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while let end = rest.crlf {
            let line = rest[..<end]
            rest = rest[(end + 2)...]
            if line.isEmpty { break }
            let text = String(decoding: line, as: UTF8.self)
            if text.first == " " || text.first == "\t", !fields.isEmpty {
                // RFC 5322 §2.2.3: a line that begins with a blank goes on with the field before.
                fields[fields.count - 1].value += text
            } else if let colon = text.firstIndex(of: ":") {
                let value = text[text.index(after: colon)...].drop { $0 == " " }
                fields.append((text[..<colon].lowercased(), String(value)))
            }
        }
        body = rest
    }

    func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// The parts between the lines `--boundary` (RFC 2046 §5.1.1); the last one may lack its end.
    func parts(boundary: String) -> [Part] {
        let delimiter = Array("--\(boundary)".utf8)
        var parts: [Part] = []
        var start: Int?
        var rest = body
        while !rest.isEmpty {
            let end = rest.crlf ?? rest.endIndex
            let next = min(end + 2, rest.endIndex)
            if rest[..<end].starts(with: delimiter) {
                // The CRLF before the delimiter belongs to it.
                if let start { parts.append(Part(body[start..<max(start, rest.startIndex - 2)])) }
                start = rest[..<end].dropFirst(delimiter.count).starts(with: "--".utf8) ? nil : next
            }
            rest = rest[next...]
        }
        if let start { parts.append(Part(body[start...])) }
        return parts
    }
}

extension ArraySlice<UInt8> {
    /// Where the first CRLF begins.
    fileprivate var crlf: Int? {
        var from = startIndex
        while let index = self[from...].firstIndex(of: 0x0D) {
            if index + 1 < endIndex, self[index + 1] == 0x0A { return index }
            from = index + 1
        }
        return nil
    }
}

/// RFC 2045 §6.7, read leniently.
enum QuotedPrintableText {
    /// The bytes that `text` stands for; a lone `=` stays what it is.
    static func decode(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            let next = text[(index + 1)...].prefix(2)
            if byte == UInt8(ascii: "="), next.elementsEqual([0x0D, 0x0A]) {
                index += 3
            } else if byte == UInt8(ascii: "="), next.count == 2, let value = hexadecimal(next) {
                bytes.append(value)
                index += 3
            } else {
                bytes.append(byte)
                index += 1
            }
        }
        return bytes
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt8? {
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        return UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}

/// RFC 2045 §6.8.
enum Base64Text {
    /// The bytes that `text` stands for, line ends ignored.
    static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        Data(base64Encoded: Data(text), options: .ignoreUnknownCharacters).map(Array.init)
    }
}

/// The encoded words of RFC 2047.
enum EncodedWords {
    /// `text` with its encoded words decoded; blanks between two of them are dropped (§6.2).
    static func decode(_ text: String) -> String {
        var result = ""
        var blanks = ""
        var followsWord = false
        for (index, piece) in text.split(omittingEmptySubsequences: false, whereSeparator: isBlank).enumerated() {
            // An empty piece stands between two blanks.
            if index > 0 { blanks += " " }
            if piece.isEmpty { continue }
            if let word = word(piece) {
                result += (followsWord ? "" : blanks) + word
                (blanks, followsWord) = ("", true)
            } else {
                result += blanks + piece
                (blanks, followsWord) = ("", false)
            }
        }
        return result + blanks
    }

    private static func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }

    /// `=?charset?B?text?=` or `=?charset?Q?text?=`.
    private static func word(_ text: Substring) -> String? {
        guard text.hasPrefix("=?"), text.hasSuffix("?=") else { return nil }
        let parts = text.dropFirst(2).dropLast(2).split(separator: "?", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        let bytes: [UInt8]?
        switch parts[1] {
        case "B", "b": bytes = Base64Text.decode(parts[2].utf8)
        // §4.2: an underscore is a blank.
        case "Q", "q":
            bytes = QuotedPrintableText.decode(Array(parts[2].utf8.map { $0 == UInt8(ascii: "_") ? 0x20 : $0 })[...])
        default: bytes = nil
        }
        return bytes.map { MIMEText.decode($0, charset: String(parts[0])) }
    }
}
