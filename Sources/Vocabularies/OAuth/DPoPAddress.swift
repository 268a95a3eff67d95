/// The address of a request without query and fragment, in the one spelling in which `htu` is compared: "syntax-based
/// normalization (Section 6.2.2 of [RFC3986]) and scheme-based normalization (Section 6.2.3)" (RFC 9449 §4.3).
struct DPoPAddress: Hashable {
    /// The longest address, in bytes.
    static let maximumLength = 2048

    let text: String

    /// Reads an absolute http or https address.
    ///
    /// - Returns: `nil` for everything else, for a user name, and for characters that RFC 3986 has no place for.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.maximumLength, bytes.allSatisfy({ (0x21...0x7E).contains($0) }),
            !bytes.contains(where: { "\"<>\\^`{|}".utf8.contains($0) })
        else { return nil }
        let address = text.prefix { $0 != "?" && $0 != "#" }
        guard let colon = address.firstIndex(of: ":") else { return nil }
        let scheme = address[..<colon].lowercased()
        let afterScheme = address[address.index(after: colon)...]
        guard scheme == "https" || scheme == "http", afterScheme.hasPrefix("//") else { return nil }
        let rest = afterScheme.dropFirst(2)
        let end = rest.firstIndex(of: "/") ?? rest.endIndex
        guard let authority = Self.authority(rest[..<end], scheme), let path = Self.path(rest[end...]) else {
            return nil
        }
        self.text = scheme + "://" + authority + path
    }

    /// Host and port: letters small, no port where it is that of the scheme.
    private static func authority(_ text: Substring, _ scheme: String) -> String? {
        guard !text.isEmpty, !text.contains("@"), !text.contains("%") else { return nil }
        let lowered = text.lowercased()
        // The last colon outside of an IPv6 address.
        let hostEnd = lowered.lastIndex(of: "]") ?? lowered.startIndex
        guard let colon = lowered[hostEnd...].lastIndex(of: ":") else { return lowered }
        let port = lowered[lowered.index(after: colon)...]
        guard colon != lowered.startIndex, port.allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
        let isDefault = port.isEmpty || port == (scheme == "https" ? "443" : "80")
        return isDefault ? String(lowered[..<colon]) : lowered
    }

    /// The path: escapes in capitals and only where they are needed, no dot segments, `/` for the empty one.
    private static func path(_ text: Substring) -> String? {
        guard let unescaped = unescaped(Array(text.utf8)) else { return nil }
        var segments: [Substring] = []
        let parts = unescaped.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            // RFC 3986 §5.2.4.
            let isLast = index == parts.count - 1
            switch part {
            case ".", "..":
                if part == "..", !segments.isEmpty { segments.removeLast() }
                if isLast { segments.append("") }
            default: segments.append(part)
            }
        }
        return "/" + segments.joined(separator: "/")
    }

    /// RFC 3986 §6.2.2.1 and §6.2.2.2.
    private static func unescaped(_ bytes: [UInt8]) -> String? {
        var output: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard bytes[index] == 0x25 else {
                output.append(bytes[index])
                index += 1
                continue
            }
            guard index + 2 < bytes.count, let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2]) else {
                return nil
            }
            let byte = high << 4 | low
            if isUnreserved(byte) {
                output.append(byte)
            } else {
                output += [0x25, hexadecimal(high), hexadecimal(low)]
            }
            index += 3
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    private static func hexadecimal(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
        default: false
        }
    }
}
