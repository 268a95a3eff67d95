/// Where a role stands on the web: its name and the origin that people see, which is configuration and never read from
/// `Host`, `Forwarded` or `X-Forwarded-*` (OA-24).
public struct RoleSite: Sendable {
    /// The name of the role (`portal`), part of the names of its cookies: browsers share cookies between ports of one host.
    public let role: String
    /// Scheme, host and port, without a slash at the end.
    public let origin: String
    /// Whether the origin is https. Plain http is for the loopback demo only.
    public let isSecure: Bool

    /// A role at an origin.
    ///
    /// - Returns: `nil` unless `publicURL` is an `https` origin, or an `http` origin on the loopback; a slash at its end
    ///   and nothing else may follow the host.
    public init?(role: String, publicURL: String) {
        let origin = publicURL.hasSuffix("/") ? String(publicURL.dropLast()) : publicURL
        guard let parts = Origin(parsing: origin) else { return nil }
        guard parts.scheme == "https" || parts.isLoopback else { return nil }
        self.role = role
        self.origin = origin
        isSecure = parts.scheme == "https"
    }

    /// The absolute address of a path of this role.
    public func url(_ path: String) -> String { origin + path }
}

/// Scheme, host and port of an absolute `http` or `https` address.
public struct Origin: Sendable, Hashable, CustomStringConvertible {
    /// `http` or `https`.
    public let scheme: String
    /// The host as written, brackets around IPv6 kept.
    public let host: String
    /// The port, when it is written.
    public let port: Int?

    /// Reads `scheme://host[:port]` with nothing after it, in lower case.
    public init?(parsing text: String) {
        let scheme: String
        if text.hasPrefix("https://") {
            scheme = "https"
        } else if text.hasPrefix("http://") {
            scheme = "http"
        } else {
            return nil
        }
        let rest = text.dropFirst(scheme.count + 3)
        let host: Substring
        var port: Int?
        if let colon = rest.lastIndex(of: ":"), !rest.hasSuffix("]") {
            host = rest[..<colon]
            let digits = rest[rest.index(after: colon)...]
            // One spelling only: no sign, no leading zero.
            guard let number = Int(digits), (1...65535).contains(number), digits == String(number) else { return nil }
            port = number
        } else {
            host = rest
        }
        let allowed = "abcdefghijklmnopqrstuvwxyz0123456789.-"
        let isName = !host.isEmpty && host.allSatisfy(allowed.contains)
        let isSix =
            host.hasPrefix("[") && host.hasSuffix("]")
            && host.dropFirst().dropLast().allSatisfy("0123456789abcdef:".contains)
        guard isName || isSix else { return nil }
        self.scheme = scheme
        self.host = String(host)
        self.port = port
    }

    /// The origin of an absolute address, whatever its path; `nil` for other schemes and for userinfo.
    public init?(of address: String) {
        guard let slashes = address.firstRange(of: "://") else { return nil }
        let end = address[slashes.upperBound...].firstIndex(where: { "/?#".contains($0) }) ?? address.endIndex
        self.init(parsing: String(address[..<end]))
    }

    /// Whether the host is this machine.
    public var isLoopback: Bool { host == "localhost" || host == "127.0.0.1" || host == "[::1]" }

    /// The origin as text.
    public var description: String { "\(scheme)://\(host)" + (port.map { ":\($0)" } ?? "") }
}
