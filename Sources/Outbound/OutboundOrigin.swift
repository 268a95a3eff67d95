/// An origin (RFC 6454): scheme, host and port, compared exactly.
public struct OutboundOrigin: Sendable, Hashable, CustomStringConvertible {
    /// The two schemes that this house calls.
    public enum Scheme: String, Sendable, Hashable {
        /// With TLS.
        case https
        /// Without, for the loopback only.
        case http

        var defaultPort: UInt16 {
            switch self {
            case .https: 443
            case .http: 80
            }
        }
    }

    /// The scheme.
    public let scheme: Scheme
    /// The host in lower case: a name, four decimal numbers, or `[::1]`.
    public let host: String
    /// The port, also when the text left it out.
    public let port: UInt16

    /// Reads an origin such as `https://idp.example` or `http://127.0.0.1:8400`, with nothing behind it.
    ///
    /// - Throws: ``OutboundError`` `.addressMalformed`.
    public init(parsing text: String) throws(OutboundError) {
        let url = try OutboundURL(parsing: text)
        guard url.target.isEmpty else { throw .addressMalformed }
        self = url.origin
    }

    init(scheme: Scheme, host: String, port: UInt16?) {
        self.scheme = scheme
        self.host = host
        self.port = port ?? scheme.defaultPort
    }

    /// Whether the host names this machine, whatever the network says.
    public var isLoopback: Bool { ["127.0.0.1", "[::1]", "localhost"].contains(host) }

    /// The origin as text, without a port that goes without saying.
    public var description: String {
        scheme.rawValue + "://" + host + (port == scheme.defaultPort ? "" : ":\(port)")
    }
}
