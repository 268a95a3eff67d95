/// An absolute http or https address, read so strictly that no two readers can understand it differently: ASCII, lower-case
/// host, canonical port, no user name, no fragment, no backslash, nothing that another parser would repair.
public struct OutboundURL: Sendable, Hashable, CustomStringConvertible {
    /// The longest address, in bytes.
    public static let maximumLength = 2048

    /// The address as it was given.
    public let text: String
    /// Where it leads.
    public let origin: OutboundOrigin
    /// What follows the authority: path and query, perhaps empty.
    let target: String

    /// Reads an address.
    ///
    /// - Throws: ``OutboundError`` `.addressMalformed`.
    public init(parsing text: String) throws(OutboundError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.maximumLength, bytes.allSatisfy(Self.isAllowed), Self.escapesAreComplete(bytes) else {
            throw .addressMalformed
        }
        let scheme: OutboundOrigin.Scheme
        let rest: Substring
        if text.utf8.starts(with: "https://".utf8) {
            (scheme, rest) = (.https, text.dropFirst(8))
        } else if text.utf8.starts(with: "http://".utf8) {
            (scheme, rest) = (.http, text.dropFirst(7))
        } else {
            throw .addressMalformed
        }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard let (host, port) = Self.authority(rest[..<end]) else { throw .addressMalformed }
        self.text = text
        origin = OutboundOrigin(scheme: scheme, host: host, port: port)
        target = String(rest[end...])
    }

    /// The address.
    public var description: String { text }

    /// Visible ASCII without the characters that RFC 3986 leaves out, and without `#`: a fragment is never sent.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        guard (0x21...0x7E).contains(byte) else { return false }
        return !"\"#<>\\^`{|}".utf8.contains(byte)
    }

    private static func escapesAreComplete(_ bytes: [UInt8]) -> Bool {
        for (index, byte) in bytes.enumerated() where byte == 0x25 {
            guard index + 2 < bytes.count, isHexadecimal(bytes[index + 1]), isHexadecimal(bytes[index + 2]) else {
                return false
            }
        }
        return true
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }

    private static func authority(_ text: Substring) -> (host: String, port: UInt16?)? {
        let host: Substring
        let rest: Substring
        if text.hasPrefix("[::1]") {
            (host, rest) = (text.prefix(5), text.dropFirst(5))
        } else {
            let end = text.firstIndex(of: ":") ?? text.endIndex
            (host, rest) = (text[..<end], text[end...])
            guard isHostName(host) else { return nil }
        }
        if rest.isEmpty { return (String(host), nil) }
        let digits = rest.dropFirst()
        guard rest.first == ":", digits.first != "0", digits.allSatisfy(isDigit), let port = UInt16(digits) else {
            return nil
        }
        return (String(host), port)
    }

    private static func isHostName(_ host: Substring) -> Bool {
        guard host.utf8.count <= 253 else { return false }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        let areLabels = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
        }
        guard areLabels, let last = labels.last else { return false }
        // `127.1`, `0x7f.1` and `2130706433` are the loopback to some resolvers and a name to others.
        guard let first = last.first, isDigit(first) else { return true }
        return labels.count == 4
            && labels.allSatisfy { label in
                label.allSatisfy(isDigit) && UInt8(label) != nil && (label.count == 1 || label.first != "0")
            }
    }

    private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }
}
