import Clocks
public import HTTPTypes
public import Hummingbird

/// The choice of language: a link that sets a cookie and leads back to the page it stood on.
struct LanguageChoice {
    static let route = Route("/langue")

    let site: RoleSite
    private let cookie: RoleCookie

    init(site: RoleSite) {
        self.site = site
        cookie = RoleCookie("langue", at: site)
    }

    func choose(_ request: Request) -> Response {
        let fields = request.uri.query.flatMap { try? FormFields(parsing: $0) }
        var headers = HTTPFields()
        if let language = fields?["code"].flatMap(Language.init(rawValue:)) {
            cookie.set(language.rawValue, maximumAge: .days(365), in: &headers)
        }
        return .redirectWithin(fields?["retour"] ?? "/", headers: headers)
    }
}

extension Response {
    /// Sends the browser to a path of this role by GET (303, never 307: a password must not travel on, OA-11). Anything
    /// that is not a plain local path leads to `/` (OA-03).
    public static func redirectWithin(_ path: String, headers extra: HTTPFields = HTTPFields()) -> Response {
        var headers = extra
        headers[.location] = LocalPath.isSafe(path) ? path : "/"
        headers[.cacheControl] = "no-store"
        // OA-12: a request or a carried sign-on stands in the address that the browser comes from.
        if let name = HTTPField.Name("Referrer-Policy") { headers[name] = "no-referrer" }
        return Response(status: .seeOther, headers: headers)
    }

    /// Sends the browser to an address that was validated against configuration, by GET.
    public static func redirect(toValidated address: String, headers extra: HTTPFields = HTTPFields()) -> Response {
        var headers = extra
        headers[.location] = address
        headers[.cacheControl] = "no-store"
        headers[.pragma] = "no-cache"
        if let name = HTTPField.Name("Referrer-Policy") { headers[name] = "no-referrer" }
        return Response(status: .seeOther, headers: headers)
    }
}

extension HTTPField.Name {
    static var pragma: HTTPField.Name { HTTPField.Name("Pragma") ?? .cacheControl }
}

/// Paths of our own that a field may name.
public enum LocalPath {
    /// Whether `path` can only lead to this role: one slash first, printable ASCII, no backslash.
    public static func isSafe(_ path: String) -> Bool {
        let bytes = Array(path.utf8)
        guard bytes.first == 0x2F, bytes.count <= 8192 else { return false }
        if bytes.count > 1, bytes[1] == 0x2F { return false }
        return bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x5C }
    }
}
