public import Clocks
public import HTTPTypes
public import HummingbirdTesting
import NIOCore
import Synchronization
import Web

/// What a browser shows after it followed the redirects of the portal.
public struct Page: Sendable {
    /// The status of the last answer.
    public let status: Int
    /// Its headers.
    public let headers: HTTPFields
    /// Its body.
    public let body: String
    /// The path and query of the last request.
    public let address: String
    /// The address outside of the portal that the last answer leads to.
    public let outside: String?
    /// Every address on the way, the first one first.
    public let hops: [String]

    /// The page taken apart.
    ///
    /// - Throws: ``HTMLScan/Failure``.
    public func scan() throws -> HTMLScan { try HTMLScan(body) }

    /// The form that holds a control of this name.
    ///
    /// - Throws: ``MissingPart`` when there is none.
    public func form(with name: String) throws -> HTMLForm {
        let form = try scan().forms.first { form in
            form.controls.contains(name) || form.choices.contains { $0.name == name } || form[name] != nil
        }
        guard let form else { throw MissingPart(description: "no form with \(name) on the page \(address): \(status)") }
        return form
    }

    /// The address of the first link that holds these words.
    ///
    /// - Throws: ``MissingPart`` when there is none.
    public func link(_ words: String) throws -> String {
        guard let link = try scan().links.first(where: { $0.words.contains(words) }) else {
            throw MissingPart(description: "no link \"\(words)\" on the page \(address)")
        }
        return link.address
    }

    /// The value of a header.
    public func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
}

/// Something that a test counts on is not on the page.
public struct MissingPart: Error, CustomStringConvertible {
    /// What is missing.
    public let description: String
    /// Something is missing.
    public init(description: String) { self.description = description }
}

/// Where a navigation comes from, as browsers say it in `Sec-Fetch-Site`.
public enum FetchSite: String, Sendable {
    /// Typed, or a bookmark.
    case none
    /// A link or form of the portal's own pages.
    case sameOrigin = "same-origin"
    /// Another site.
    case crossSite = "cross-site"
    /// A page of a neighbouring host.
    case sameSite = "same-site"
    /// A browser too old to say.
    case unsaid = ""
}

/// A browser: keeps cookies, follows redirects within the portal, stops at other origins.
public final class TestBrowser: Sendable {
    private let client: any TestClientProtocol
    private let origin: String
    private let clock: any WallClock
    private let jar = Mutex(CookieJar())
    private let language: String

    /// A fresh browser at the site of `origin`.
    ///
    /// - Parameter language: `Accept-Language`.
    public init(client: any TestClientProtocol, origin: String, clock: any WallClock, language: String = "fr") {
        self.client = client
        self.origin = origin
        self.clock = clock
        self.language = language
    }

    /// A second browser with a copy of the cookies: the thief's.
    public func copy() -> TestBrowser {
        let other = TestBrowser(client: client, origin: origin, clock: clock, language: language)
        let cookies = jar.withLock { $0 }
        other.jar.withLock { $0 = cookies }
        return other
    }

    /// The same browser before another server of the same site.
    public func moved(to client: any TestClientProtocol) -> TestBrowser {
        let other = TestBrowser(client: client, origin: origin, clock: clock, language: language)
        let cookies = jar.withLock { $0 }
        other.jar.withLock { $0 = cookies }
        return other
    }

    /// The cookie whose name ends so.
    public subscript(cookie suffix: String) -> String? {
        get { jar.withLock { jar in jar.cookies.first { $0.key.hasSuffix(suffix) }?.value.value } }
        set {
            jar.withLock { jar in
                for name in jar.cookies.keys where name.hasSuffix(suffix) { jar[name] = newValue }
            }
        }
    }

    /// The names of the cookies held.
    public var cookieNames: [String] { jar.withLock { $0.cookies.keys.sorted() } }

    /// What a browser would have refused to store.
    public var refusedCookies: [String] { jar.withLock { $0.refused } }

    /// Puts a cookie in by force.
    public func plant(_ name: String, _ value: String) { jar.withLock { $0[name] = value } }

    /// Forgets every cookie.
    public func forgetEverything() { jar.withLock { $0 = CookieJar() } }

    /// Opens an address of the portal.
    public func open(
        _ address: String, from site: FetchSite = .none, headers: [String: String] = [:], follows: Bool = true
    ) async throws -> Page {
        try await request(.get, address, body: nil, site, headers, follows: follows)
    }

    /// Sends a form.
    public func post(
        _ address: String, _ fields: [(String, String)], from site: FetchSite = .sameOrigin,
        headers: [String: String] = [:], follows: Bool = true
    ) async throws -> Page {
        try await request(.post, address, body: FormFields.encode(fields), site, headers, follows: follows)
    }

    /// Fills a form in and sends it.
    public func submit(
        _ form: HTMLForm, _ values: [String: String] = [:], from site: FetchSite = .sameOrigin, follows: Bool = true
    ) async throws -> Page {
        let pairs = form.filled(values)
        if form.method == "get" {
            return try await open(form.action + "?" + FormFields.encode(pairs), from: site, follows: follows)
        }
        return try await post(form.action, pairs, from: site, follows: follows)
    }

    private func request(
        _ method: HTTPRequest.Method, _ address: String, body: String?, _ site: FetchSite, _ extra: [String: String],
        follows: Bool
    ) async throws -> Page {
        var (method, address, body) = (method, local(address) ?? address, body)
        var hops: [String] = []
        while true {
            hops.append(address)
            guard hops.count <= 20 else { throw MissingPart(description: "redirects without end: \(hops)") }
            let response = try await client.executeRequest(
                uri: address, method: method, headers: headers(method, site, extra),
                body: body.map { ByteBuffer(string: $0) })
            let now = clock.now()
            jar.withLock { jar in
                for header in response.headers[values: .setCookie] {
                    jar.take(header, isSecureOrigin: origin.hasPrefix("https:"), now: now)
                }
            }
            let location = response.headers[.location]
            if follows, let location, (300..<400).contains(response.status.code), let next = local(location) {
                if response.status.code != 307, response.status.code != 308 { (method, body) = (.get, nil) }
                address = next
                continue
            }
            return Page(
                status: response.status.code, headers: response.headers, body: String(buffer: response.body),
                address: address, outside: location.flatMap { local($0) == nil ? $0 : nil }, hops: hops)
        }
    }

    /// The path of an address of the portal; `nil` for another origin.
    private func local(_ address: String) -> String? {
        if address.hasPrefix(origin + "/") { return String(address.dropFirst(origin.count)) }
        return address.hasPrefix("/") && !address.hasPrefix("//") ? address : nil
    }

    private func headers(
        _ method: HTTPRequest.Method, _ site: FetchSite, _ extra: [String: String]
    ) -> HTTPFields {
        var headers: HTTPFields = [.acceptLanguage: language, .userAgent: "Mozilla/5.0 (X11; Linux) Firefox/140.0"]
        let isCrossSite = site == .crossSite
        let cookies = jar.withLock { jar in
            jar.header(isCrossSitePost: isCrossSite && method == .post, isCrossSite: isCrossSite, now: clock.now())
        }
        if let cookies { headers[.cookie] = cookies }
        if site != .unsaid, let name = HTTPField.Name("Sec-Fetch-Site") { headers[name] = site.rawValue }
        if method == .post {
            headers[.contentType] = "application/x-www-form-urlencoded"
            if site == .sameOrigin { headers[.origin] = origin }
        }
        for (name, value) in extra {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return headers
    }
}
