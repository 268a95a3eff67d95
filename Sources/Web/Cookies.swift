public import HTTPTypes

/// One cookie of one role, by name and life; its value is always a sealed or signed text.
public struct RoleCookie: Sendable {
    /// The full name: `__Host-loge-portal-session`, or without the prefix on the plain-http loopback, where browsers refuse
    /// `__Host-`.
    public let name: String
    private let isSecure: Bool
    private let sameSite: String

    /// How far a cookie travels.
    public enum SameSite: String, Sendable {
        /// Also when another site sends the browser here by a link or a redirect: sign-ons begin that way.
        case lax = "Lax"
        /// From our own pages only.
        case strict = "Strict"
    }

    /// The cookie called `name` of the role at `site`.
    public init(_ name: String, at site: RoleSite, sameSite: SameSite = .lax) {
        self.name = (site.isSecure ? "__Host-" : "") + "loge-\(site.role)-\(name)"
        isSecure = site.isSecure
        self.sameSite = sameSite.rawValue
    }

    /// The value that the browser sent; `nil` when it sent none, two different ones, or more than 4096 bytes.
    public func value(in headers: HTTPFields) -> String? {
        var found: String?
        for header in headers[values: .cookie] {
            guard header.utf8.count <= 16384 else { return nil }
            for part in header.split(separator: ";") {
                let pair = part.drop(while: { $0 == " " })
                guard let equals = pair.firstIndex(of: "="), pair[..<equals] == name else { continue }
                let value = String(pair[pair.index(after: equals)...])
                guard value.utf8.count <= 4096 else { return nil }
                // Two cookies of one name: somebody tossed one in from a neighbouring host. Believe neither.
                if let found, found != value { return nil }
                found = value
            }
        }
        return found
    }

    /// Sets the cookie. `maximumAge` `nil` ends it with the browser.
    public func set(_ value: String, maximumAge: Duration? = nil, in headers: inout HTTPFields) {
        var text = "\(name)=\(value); Path=/; HttpOnly; SameSite=\(sameSite)"
        if let maximumAge { text += "; Max-Age=\(maximumAge.components.seconds)" }
        if isSecure { text += "; Secure" }
        headers.append(HTTPField(name: .setCookie, value: text))
    }

    /// Makes the browser forget the cookie.
    public func erase(in headers: inout HTTPFields) {
        var text = "\(name)=; Path=/; HttpOnly; SameSite=\(sameSite); Max-Age=0"
        if isSecure { text += "; Secure" }
        headers.append(HTTPField(name: .setCookie, value: text))
    }
}
