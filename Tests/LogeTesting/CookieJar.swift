import Clocks

/// The cookies of one browser for one host (RFC 6265bis), as strict as browsers are about `__Host-`.
struct CookieJar: Sendable {
    struct Cookie: Sendable, Hashable {
        let value: String
        let sameSite: String
        let expiresAt: Instant?
    }

    private(set) var cookies: [String: Cookie] = [:]
    /// What a browser would have refused to store; tests want none.
    private(set) var refused: [String] = []

    mutating func take(_ header: String, isSecureOrigin: Bool, now: Instant) {
        let parts = header.split(separator: ";").map { $0.drop { $0 == " " } }
        guard let pair = parts.first, let equals = pair.firstIndex(of: "=") else { return refused.append(header) }
        let name = String(pair[..<equals])
        let value = String(pair[pair.index(after: equals)...])
        var attributes: [String: String] = [:]
        for part in parts.dropFirst() {
            let halves = part.split(separator: "=", maxSplits: 1)
            attributes[halves[0].lowercased()] = halves.count == 2 ? String(halves[1]) : ""
        }
        let isSecure = attributes["secure"] != nil
        let isHostOnly = attributes["domain"] == nil && attributes["path"] == "/"
        if isSecure && !isSecureOrigin || name.hasPrefix("__Host-") && !(isSecure && isHostOnly)
            || name.utf8.count + value.utf8.count > 4096 || attributes["httponly"] == nil
        {
            return refused.append(header)
        }
        var expiresAt: Instant?
        if let age = attributes["max-age"].flatMap({ Int64($0) }) {
            guard age > 0 else { return cookies[name] = nil }
            expiresAt = now + .seconds(age)
        }
        cookies[name] = Cookie(value: value, sameSite: attributes["samesite"] ?? "Lax", expiresAt: expiresAt)
    }

    /// The header for a request; cookies with `SameSite` stay at home when another site posts.
    func header(isCrossSitePost: Bool, isCrossSite: Bool, now: Instant) -> String? {
        let sent = cookies.filter { _, cookie in
            if let expiresAt = cookie.expiresAt, now >= expiresAt { return false }
            return !isCrossSitePost && !(isCrossSite && cookie.sameSite == "Strict")
        }
        guard !sent.isEmpty else { return nil }
        return sent.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.value)" }.joined(separator: "; ")
    }

    subscript(_ name: String) -> String? {
        get { cookies[name]?.value }
        set { cookies[name] = newValue.map { Cookie(value: $0, sameSite: "Lax", expiresAt: nil) } }
    }
}
