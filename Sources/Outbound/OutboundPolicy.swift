/// Whom this process may call, and how long and how much it listens.
///
/// The allow-list is configuration: an address that arrived in a message (a discovery document, a key set) leads nowhere
/// unless its origin stands here, so that nobody can make the server call its own network (OA-23).
public struct OutboundPolicy: Sendable {
    /// How long and how much one call may take.
    public struct Limits: Sendable, Hashable {
        /// Time to connect, TLS included.
        public let connect: Duration
        /// Time from the first step to the last byte of the answer.
        public let whole: Duration
        /// The longest answer, in bytes.
        public let answerBytes: Int

        /// Limits of one call.
        public init(connect: Duration = .seconds(3), whole: Duration = .seconds(8), answerBytes: Int = 262_144) {
            self.connect = connect
            self.whole = whole
            self.answerBytes = answerBytes
        }
    }

    /// The origins that may be called, as the configuration has them now.
    public var origins: Set<OutboundOrigin> { present() }
    /// The limits of every call.
    public let limits: Limits
    private let present: @Sendable () -> Set<OutboundOrigin>

    /// A policy.
    ///
    /// - Parameters:
    ///   - origins: https origins, such as `https://idp.example`.
    ///   - insecurePlainLoopback: http origins on this machine, such as `http://127.0.0.1:8400`: for the demo only.
    /// - Throws: ``OutboundError`` `.addressMalformed`, or `.insecureOrigin` for an http origin in the first list or an
    ///   origin elsewhere in the second.
    public init(
        origins: [String], insecurePlainLoopback: [String] = [], limits: Limits = Limits()
    ) throws(OutboundError) {
        var allowed: Set<OutboundOrigin> = []
        for text in origins {
            let origin = try OutboundOrigin(parsing: text)
            guard origin.scheme == .https else { throw .insecureOrigin(origin) }
            allowed.insert(origin)
        }
        for text in insecurePlainLoopback {
            let origin = try OutboundOrigin(parsing: text)
            guard origin.isLoopback else { throw .insecureOrigin(origin) }
            allowed.insert(origin)
        }
        let origins = allowed
        present = { origins }
        self.limits = limits
    }

    /// A policy whose allow-list is read anew at each call: the addresses of registered clients come and go while the
    /// server runs.
    ///
    /// - Parameter present: what the configuration allows now; plain http counts on this machine only, whatever it says.
    public init(limits: Limits = Limits(), present: @escaping @Sendable () -> Set<OutboundOrigin>) {
        self.present = { present().filter { $0.scheme == .https || $0.isLoopback } }
        self.limits = limits
    }

    /// Lets the address pass, or refuses it.
    ///
    /// - Throws: ``OutboundError`` `.insecureOrigin` or `.originNotAllowed`.
    public func check(_ url: OutboundURL) throws(OutboundError) {
        guard origins.contains(url.origin) else {
            throw url.origin.scheme == .http ? .insecureOrigin(url.origin) : .originNotAllowed(url.origin)
        }
    }
}
