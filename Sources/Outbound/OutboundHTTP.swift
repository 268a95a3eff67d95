/// Calls other servers. The one implementation that reaches the network is ``GuardedHTTPClient``; tests pass a peer of
/// their own, as hostile as they like.
public protocol OutboundHTTP: Sendable {
    /// Sends the request and waits for the whole answer, whatever its status; redirects are answers like others.
    ///
    /// - Throws: ``OutboundError``.
    func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse
}

/// A request. Never printed: its headers and its body carry secrets.
public struct OutboundRequest: Sendable, CustomStringConvertible, CustomReflectable {
    /// What is done at the address.
    public enum Method: Sendable, Hashable {
        /// Read.
        case get
        /// Submit a form.
        case post(form: [UInt8])
    }

    /// The method, with its body.
    public let method: Method
    /// Where to.
    public let url: OutboundURL
    /// The media types that we take, for `Accept`.
    public let accept: String
    /// The value of `Authorization`.
    public let authorization: String?

    /// A request.
    public init(_ method: Method, _ url: OutboundURL, accept: String, authorization: String? = nil) {
        self.method = method
        self.url = url
        self.accept = accept
        self.authorization = authorization
    }

    /// The origin only.
    public var description: String { "(request to \(url.origin))" }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// An answer, complete. Never printed: its body may carry tokens.
public struct OutboundResponse: Sendable, CustomStringConvertible, CustomReflectable {
    /// The status code.
    public let status: Int
    /// The values of `Content-Type`; more than one is nobody's intention.
    private let contentTypes: [String]
    /// The body.
    public let body: [UInt8]

    /// An answer.
    public init(status: Int, contentTypes: [String], body: [UInt8]) {
        self.status = status
        self.contentTypes = contentTypes
        self.body = body
    }

    /// The media type in lower case without its parameters; `nil` when there is none or more than one.
    public var mediaType: String? {
        guard contentTypes.count == 1, let essence = contentTypes[0].split(separator: ";").first else { return nil }
        let trimmed = essence.drop { $0 == " " || $0 == "\t" }
        let end = trimmed.lastIndex { $0 != " " && $0 != "\t" }
        return end.map { trimmed[...$0].lowercased() }
    }

    /// The body, once it is known to be of a media type that the caller reads.
    ///
    /// - Throws: ``OutboundError`` `.wrongContentType`.
    public func body(ofType types: String...) throws(OutboundError) -> [UInt8] {
        guard let mediaType, types.contains(mediaType) else { throw .wrongContentType }
        return body
    }

    /// The status only.
    public var description: String { "(answer \(status))" }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
