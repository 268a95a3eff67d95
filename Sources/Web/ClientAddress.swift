public import HTTPTypes

/// The address that tries are counted under.
public struct ClientAddress: Sendable {
    private let trustedProxies: Set<String>

    /// - Parameter trustedProxies: the addresses of the proxies in front of us; only they are believed about the client.
    public init(trustedProxies: Set<String> = []) { self.trustedProxies = trustedProxies }

    /// The range of the client: an IPv4 address, or the /64 of an IPv6 one, which is what one home or school has.
    ///
    /// `X-Forwarded-For` counts only when the peer is a trusted proxy, and then from the right: what is left of the first
    /// untrusted address was written by the client. What cannot be read counts as the proxy itself (OA-24).
    public func range(peer: String?, headers: HTTPFields) -> String? {
        guard let peer else { return nil }
        guard trustedProxies.contains(peer), let name = HTTPField.Name("X-Forwarded-For"),
            let header = headers[name], header.utf8.count <= 2048
        else { return Self.range(of: peer) }
        for part in header.split(separator: ",").reversed() {
            let address = String(part.filter { $0 != " " })
            if trustedProxies.contains(address) { continue }
            return Self.range(of: address) ?? Self.range(of: peer)
        }
        return Self.range(of: peer)
    }

    private static func range(of address: String) -> String? {
        if isIPv4(address.utf8) { return address }
        let text = address.lowercased()
        guard text.contains(":"), text.allSatisfy("0123456789abcdef:.".contains) else { return nil }
        if let last = text.split(separator: ":").last, last.contains("."), text.hasPrefix("::ffff:") {
            return isIPv4(last.utf8) ? String(last) : nil
        }
        return text.prefix64
    }

    /// Four numbers from 0 to 255 with dots between. Looked at for every request of some endpoints: no copies.
    private static func isIPv4(_ bytes: some Collection<UInt8>) -> Bool {
        var (numbers, value, digits) = (1, 0, 0)
        for byte in bytes {
            switch byte {
            case 0x30...0x39:
                value = value * 10 + Int(byte - 0x30)
                digits += 1
                guard digits <= 3, value <= 255 else { return false }
            case 0x2E:
                guard digits > 0 else { return false }
                (numbers, value, digits) = (numbers + 1, 0, 0)
            default: return false
            }
        }
        return numbers == 4 && digits > 0
    }
}

extension String {
    /// The first four groups of an IPv6 address, `::` spelled out.
    fileprivate var prefix64: String? {
        let halves = components(separatedByDoubleColon: self)
        guard halves.count <= 2, let head = halves.first else { return nil }
        var groups = head
        if halves.count == 2 {
            let missing = 8 - head.count - halves[1].count
            guard missing >= 0 else { return nil }
            groups += Array(repeating: "0", count: missing) + halves[1]
        }
        guard groups.count == 8, groups.allSatisfy({ UInt16($0, radix: 16) != nil }) else { return nil }
        return groups.prefix(4).map { String(UInt16($0, radix: 16) ?? 0, radix: 16) }.joined(separator: ":") + "::/64"
    }

    private func components(separatedByDoubleColon text: String) -> [[String]] {
        guard let range = text.firstRange(of: "::") else { return [text.split(separator: ":").map(String.init)] }
        return [
            text[..<range.lowerBound].split(separator: ":").map(String.init),
            text[range.upperBound...].split(separator: ":").map(String.init),
        ]
    }
}
